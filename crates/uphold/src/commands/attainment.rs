//! `uphold attainment`: how promises about requests were kept in a month, by cell.

use std::io::Write;

use clap::Args;
use promise::{Attainment, NoStatement, Versions, attainment, obligation::obligations};
use spans::Month;

use crate::{commands::history::History, output::Output, trouble::Trouble};

#[derive(Args)]
pub(crate) struct AttainmentCommand {
    #[command(flatten)]
    history: History,
    /// The month, such as 2026-06; one that is not over is shown as it stands.
    #[arg(long)]
    month: Month,
    /// As JSON, with every ticket that is counted, and derivations.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// As comma-separated values: a line for each cell of a matrix and each other promise.
    #[arg(long)]
    csv: bool,
}

impl AttainmentCommand {
    pub(crate) fn run(&self, out: &mut Output) -> Result<(), Trouble> {
        let attained = self.attained()?;
        if self.json {
            return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&attained)?)?);
        }
        if self.csv {
            return Ok(write!(out, "{}{}", Attainment::csv_head(), attained.to_csv())?);
        }
        Ok(write!(out, "{}", attained.to_text())?)
    }

    fn attained(&self) -> Result<Attainment, Trouble> {
        let known = self.history.read()?;
        let agreement = known.terms.agreement();
        let (client, term) = (agreement.agreement.client_id.clone(), known.terms.term());
        if self.month.span(&agreement.months_in()).intersect(term).is_none() {
            let outside = NoStatement::OutsideTerm { month: self.month, term };
            return Err(Trouble::usage(outside.to_string()));
        }
        let versions = Versions::single(known.terms);
        let all = obligations(&versions, &known.facts, known.at);
        Ok(attainment(client, &versions, &all, self.month, known.at))
    }
}
