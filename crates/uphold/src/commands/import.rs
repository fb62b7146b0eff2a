//! `uphold import`: real histories become facts in a journal.

use std::{io::Write, path::PathBuf};

use agreement::Terms;
use anyhow::Context;
use clap::{Args, Subcommand};
use control::{
    cadence,
    import::{self, Import, Refused, Stored, Under},
};
use facts::ClientId;
use journal::{Journal, Location};
use serde_json::json;
use spans::Instant;

use crate::{commands::agreement::Loaded, files, output::Output, progress, trouble::Trouble, wall};

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
    /// Only report what the file holds and what would become of it; with --store, what would be added there.
    #[arg(long)]
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
        let import = progress::during("reading", || read(&file, &under))
            .with_context(|| self.file.display().to_string())?;
        let stored = self.stored(&import, &under.client)?;
        let cadences = cadences(&terms, &import, under.recorded_at);
        if self.json {
            let key = if self.dry_run { "would_store" } else { "stored" };
            let (client, report) = (&under.client, &import.report);
            let told = json!({ "client": client, "report": report, "cadences": cadences, key: stored });
            return Ok(writeln!(out, "{told}")?);
        }
        write!(out, "{}: {}", self.file.display(), import.report)?;
        for note in stored.iter().flat_map(|stored| &stored.differing) {
            writeln!(out, "{note}")?;
        }
        cadences.map_or(Ok(()), |cadences| write!(out, "{cadences}"))?;
        Ok(writeln!(out, "{}", self.closing(&under.client, stored.as_ref()))?)
    }

    /// What the journal made of it, or would make of it; nothing without a journal.
    fn stored(&self, import: &Import, client: &ClientId) -> Result<Option<Stored>, Trouble> {
        let Some(store) = &self.store else { return Ok(None) };
        // A file of which nothing becomes a fact makes no journal.
        if import.facts.is_empty() {
            return Ok(Some(Stored::default()));
        }
        if !self.dry_run {
            return append(import, store, client).map(Some);
        }
        match Journal::open_to_read(store) {
            Ok(journal) => Ok(Some(import.compare(&journal)?)),
            // It would be made.
            Err(journal::Error::Missing { .. }) => {
                Ok(Some(Stored { added: import.facts.len(), ..Stored::default() }))
            }
            Err(why) => Err(why.into()),
        }
    }

    fn closing(&self, client: &ClientId, stored: Option<&Stored>) -> String {
        match stored {
            Some(Stored { added, present, .. }) if self.dry_run => format!(
                "A dry run for client {client}: {added} facts would be added, {present} are already there; nothing was stored."
            ),
            Some(Stored { added, present, .. }) => {
                format!("Client {client}: facts added {added}, already there {present}.")
            }
            None => format!("A dry run for client {client}: nothing was stored."),
        }
    }
}

/// Stores it. A journal that was made for it, and got nothing, is removed again.
fn append(import: &Import, store: &Location, client: &ClientId) -> Result<Stored, Trouble> {
    let journal = Journal::open(store)?;
    let steps = import.facts.len();
    match progress::counting("storing", steps, |told| import.append(&journal, client, told)) {
        Ok(stored) => Ok(stored),
        Err(why) => {
            journal.close_unused();
            Err(why.into())
        }
    }
}
