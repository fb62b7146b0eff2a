//! `uphold simulate`: a month in the life of a client, from a file of plain lines.

use std::{io::Write, path::PathBuf};

use agreement::Agreement;
use clap::Args;
use facts::ClientId;
use promise::Scenario;

use crate::{files, output::Output, trouble::Trouble};

#[derive(Args)]
pub(crate) struct SimulateCommand {
    /// The scenario.
    file: PathBuf,
    /// The folder of the agreement files it names; `agreements` beside the scenario's folder when left out.
    #[arg(long, value_name = "FOLDER")]
    agreements: Option<PathBuf>,
    /// Print the page instead.
    #[arg(long)]
    html: bool,
}

/// The longest scenario that is read.
const BYTES_MAX: u64 = 1024 * 1024;

impl SimulateCommand {
    pub(crate) fn run(&self, out: &mut Output) -> Result<(), Trouble> {
        let text = files::read_text(&self.file, BYTES_MAX)?;
        let client: ClientId = "scenario".parse()?;
        let scenario = Scenario::read(&text, &client).map_err(|errors| {
            let said: Vec<String> = errors
                .iter()
                .map(|e| format!("  {}:{}: {}", self.file.display(), e.line, e.problem))
                .collect();
            Trouble::failed(format_args!("this scenario cannot be read:\n{}", said.join("\n")))
        })?;
        let beside =
            self.file.parent().and_then(|folder| folder.parent()).map(|above| above.join("agreements"));
        let folder = self.agreements.clone().or(beside).unwrap_or_else(|| PathBuf::from("agreements"));
        let agreement = files::read_text(&folder.join(&scenario.agreement), Agreement::BYTES_MAX as u64)?;
        let statement = scenario.statement(&agreement)?;
        if self.html {
            return Ok(out.write_all(portal::statement_page(&statement, &[], None).as_bytes())?);
        }
        writeln!(out, "{}\n", scenario.title)?;
        let said = statement.to_text();
        out.write_all(said.as_bytes())?;
        judge(&scenario, &said, out)
    }
}

/// Compares with what the file expects. The line with version and zone rules is no part of what a scenario shows.
fn judge(scenario: &Scenario, said: &str, out: &mut Output) -> Result<(), Trouble> {
    let shown = said.trim().lines().filter(|line| !line.starts_with("as of "));
    let shown = shown.collect::<Vec<_>>().join("\n");
    if scenario.expected.is_empty() {
        return Ok(writeln!(
            out,
            "\nThe file expects nothing yet: the lines above can follow its `-- statement`."
        )?);
    }
    if shown == scenario.expected {
        return Ok(writeln!(out, "\nThis is what the file expects.")?);
    }
    writeln!(out, "\nThe file expects something else:")?;
    let expected: Vec<&str> = scenario.expected.lines().collect();
    for line in shown.lines().filter(|line| !expected.contains(line)) {
        writeln!(out, "  + {line}")?;
    }
    let shown: Vec<&str> = shown.lines().collect();
    for line in expected.iter().filter(|line| !shown.contains(line)) {
        writeln!(out, "  - {line}")?;
    }
    Err(Trouble::Told)
}
