//! `uphold journal`: look after the store.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Write},
    path::PathBuf,
};

use anyhow::Context;
use clap::{Args, Subcommand};
use journal::{Head, Journal, Location};

use crate::{output::Output, trouble::Trouble};

#[derive(Subcommand)]
pub(crate) enum JournalCommand {
    /// Recompute every hash, link and projection; exit status 1 when something is not as it was written.
    Verify {
        #[command(flatten)]
        store: Store,
        /// A head that was handed out earlier and must still be in its chain; may be given again.
        #[arg(long = "head", value_name = "CLIENT:NUMBER:HASH", value_parser = head)]
        heads: Vec<Head>,
    },
    /// Throw the projections away and read them off the entries again.
    Rebuild {
        #[command(flatten)]
        store: Store,
    },
    /// Write the whole journal as JSON lines, chain included.
    Export {
        #[command(flatten)]
        store: Store,
        /// Where to; stdout when left out.
        file: Option<PathBuf>,
    },
    /// Read an export, all of it or nothing; what is stored already must be the same.
    Import {
        #[command(flatten)]
        store: Store,
        /// The export; stdin when left out.
        file: Option<PathBuf>,
    },
}

/// Where the journal is.
#[derive(Args)]
pub(crate) struct Store {
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE")]
    pub(crate) store: Location,
}

impl Store {
    fn open(&self) -> Result<Journal, Trouble> {
        Ok(Journal::open_existing(&self.store)?)
    }
}

fn head(text: &str) -> Result<Head, String> {
    let mut parts = text.splitn(3, ':');
    let (Some(client), Some(seq), Some(hash)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("a head is written CLIENT:NUMBER:HASH, as `verify` prints it".to_owned());
    };
    let client = client.parse().map_err(|e: facts::IdError| e.to_string())?;
    let seq = seq.parse().map_err(|_| format!("`{seq}` is no entry's number"))?;
    let hash = hash.parse().map_err(|e: journal::NotAHash| e.to_string())?;
    Ok(Head { client, seq, hash })
}

impl JournalCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        match self {
            JournalCommand::Verify { store, heads } => {
                let report = store.open()?.verify(&heads)?;
                write!(out, "{report}")?;
                if report.is_sound() { Ok(()) } else { Err(Trouble::Told) }
            }
            JournalCommand::Rebuild { store } => Ok(write!(out, "{}", store.open()?.rebuild()?)?),
            JournalCommand::Export { store, file } => export(&store.open()?, file, out),
            JournalCommand::Import { store, file } => import(&Journal::open(&store.store)?, file, out),
        }
    }
}

fn export(journal: &Journal, file: Option<PathBuf>, out: &mut Output) -> Result<(), Trouble> {
    let Some(path) = file else { return Ok(journal.export(out).map(drop)?) };
    let cannot = || format!("{} cannot be written", path.display());
    let file = File::create_new(&path).with_context(cannot)?;
    let exported = journal.export(&mut BufWriter::new(&file))?;
    file.sync_all().with_context(cannot)?;
    Ok(write!(out, "{}: {exported}", path.display())?)
}

fn import(journal: &Journal, file: Option<PathBuf>, out: &mut Output) -> Result<(), Trouble> {
    let imported = match file {
        None => journal.import(&mut io::stdin().lock())?,
        Some(path) => {
            let file = File::open(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            journal.import(&mut BufReader::new(file)).with_context(|| path.display().to_string())?
        }
    };
    Ok(write!(out, "{imported}")?)
}
