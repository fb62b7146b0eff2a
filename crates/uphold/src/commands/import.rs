//! `uphold import`: real histories become facts in a journal.

use std::{io::Write, path::PathBuf};

use agreement::Terms;
use anyhow::Context;
use clap::{Args, Subcommand};
use control::{
    cadence,
    import::{self, Import, Refused, Under},
};
use facts::ClientId;
use journal::{Added, Journal, Location};
use serde_json::json;
use spans::Instant;

use crate::{commands::agreement::Loaded, files, output::Output, trouble::Trouble, wall};

#[derive(Subcommand)]
pub(crate) enum ImportCommand {
    /// A check history: ts_utc,slug,name,state,http_code,response_ms, one row per change of state and about one a day.
    Checks(Asked),
    /// An incident history: JSON lines with the time and status of every update. Also says how often the agreement's cadences of
    /// updates were kept, and how often they would have been had every incident been so urgent.
    Incidents(Asked),
}

#[derive(Args)]
pub(crate) struct Asked {
    /// The history.
    file: PathBuf,
    /// The agreement it is imported under: its client gets the facts, its term must cover them.
    #[arg(long, value_name = "FILE")]
    agreement: PathBuf,
    /// The journal: a file's path, or postgres://USER@HOST/NAME. It is made when there is none.
    #[arg(long, value_name = "PLACE", required_unless_present = "dry_run")]
    store: Option<Location>,
    /// Only report what the file holds and what would become of it.
    #[arg(long, conflicts_with = "store")]
    dry_run: bool,
    /// When we learned it; now when left out.
    #[arg(long, value_name = "INSTANT")]
    recorded_at: Option<Instant>,
    /// The report as JSON, with every line it speaks of.
    #[arg(long)]
    json: bool,
}

type Reader = fn(&[u8], &Under) -> Result<Import, Refused>;

impl ImportCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        match self {
            ImportCommand::Checks(asked) => asked.run(import::checks::read, |_, _, _| None, out),
            ImportCommand::Incidents(asked) => asked.run(
                import::incidents::read,
                |terms, import, at| Some(cadence::report(terms, &import.facts, at)),
                out,
            ),
        }
    }
}

impl Asked {
    fn run(
        &self,
        read: Reader,
        cadences: fn(&Terms, &Import, Instant) -> Option<cadence::Report>,
        out: &mut Output,
    ) -> Result<(), Trouble> {
        let terms = Loaded::read(&self.agreement)?.terms(None)?;
        let under = Under {
            client: terms.agreement().agreement.client_id.clone(),
            term: terms.term(),
            recorded_at: self.recorded_at.unwrap_or_else(wall::now),
        };
        let file = files::read(&self.file, import::BYTES_MAX)?;
        let import = read(&file, &under).with_context(|| self.file.display().to_string())?;
        let stored = match &self.store {
            // A file of which nothing becomes a fact makes no journal.
            Some(_) if import.facts.is_empty() => Some(Added::default()),
            Some(store) => Some(import.append(&Journal::open(store)?, &under.client)?),
            None => None,
        };
        let cadences = cadences(&terms, &import, under.recorded_at);
        if self.json {
            let stored = stored.map(|stored| json!({ "added": stored.added, "present": stored.present }));
            let (client, report) = (&under.client, &import.report);
            let told = json!({ "client": client, "report": report, "cadences": cadences, "stored": stored });
            return Ok(writeln!(out, "{told}")?);
        }
        write!(out, "{}: {}", self.file.display(), import.report)?;
        cadences.map_or(Ok(()), |cadences| write!(out, "{cadences}"))?;
        Ok(writeln!(out, "{}", closing(&under.client, stored))?)
    }
}

fn closing(client: &ClientId, stored: Option<Added>) -> String {
    match stored {
        Some(Added { added, present }) => {
            format!("Client {client}: facts added {added}, already there {present}.")
        }
        None => format!("A dry run for client {client}: nothing was stored."),
    }
}
