//! `uphold import`: real histories become facts in a journal.

use std::{io::Write, path::PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use control::import::{self, Import, Refused, Under};
use journal::{Added, Journal, Location};
use serde_json::json;
use spans::Instant;

use crate::{commands::agreement::Loaded, files, output::Output, trouble::Trouble, wall};

#[derive(Subcommand)]
pub(crate) enum ImportCommand {
    /// A check history: ts_utc,slug,name,state,http_code,response_ms, one row per change of state and about one a day.
    Checks(Asked),
    /// An incident history: JSON lines with the time and status of every update.
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
            ImportCommand::Checks(asked) => asked.run(import::checks::read, out),
            ImportCommand::Incidents(asked) => asked.run(import::incidents::read, out),
        }
    }
}

impl Asked {
    fn run(&self, read: Reader, out: &mut Output) -> Result<(), Trouble> {
        let under = self.under()?;
        let file = files::read(&self.file, import::BYTES_MAX)?;
        let import = read(&file, &under).with_context(|| self.file.display().to_string())?;
        let stored = match &self.store {
            Some(store) => Some(import.append(&Journal::open(store)?, &under.client)?),
            None => None,
        };
        self.tell(&import, &under, stored, out)
    }

    fn under(&self) -> Result<Under, Trouble> {
        let Loaded { agreement, .. } = Loaded::read(&self.agreement)?;
        let header = agreement.agreement;
        Ok(Under {
            client: header.client_id,
            term: header.term.span(),
            recorded_at: self.recorded_at.unwrap_or_else(wall::now),
        })
    }

    fn tell(
        &self,
        import: &Import,
        under: &Under,
        stored: Option<Added>,
        out: &mut Output,
    ) -> Result<(), Trouble> {
        if self.json {
            let stored = stored.map(|stored| json!({ "added": stored.added, "present": stored.present }));
            let told = json!({ "client": under.client, "report": import.report, "stored": stored });
            return Ok(writeln!(out, "{told}")?);
        }
        write!(out, "{}: {}", self.file.display(), import.report)?;
        let client = &under.client;
        match stored {
            Some(Added { added, present }) => {
                writeln!(out, "Client {client}: facts added {added}, already there {present}.")?;
            }
            None => writeln!(out, "A dry run for client {client}: nothing was stored.")?,
        }
        Ok(())
    }
}
