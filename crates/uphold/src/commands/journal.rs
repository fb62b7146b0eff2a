//! `uphold journal`: look after the store.

use std::{
    env,
    fs::{self, File},
    io::{self, BufReader, Seek, Write},
    path::{Path, PathBuf},
    process,
};

use anyhow::Context;
use clap::{Args, Subcommand};
use journal::{Head, Journal, Location};

use crate::{files, output::Output, progress, trouble::Trouble};

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
    /// To look after it.
    fn open(&self) -> Result<Journal, Trouble> {
        Ok(Journal::open_existing(&self.store)?)
    }

    /// To look at it: it may be somebody else's, or on a disk that may only be read.
    fn open_to_read(&self) -> Result<Journal, Trouble> {
        Ok(Journal::open_to_read(&self.store)?)
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
                let journal = store.open_to_read()?;
                let report = progress::during("looking through every entry", || journal.verify(&heads))?;
                write!(out, "{report}")?;
                if report.is_sound() { Ok(()) } else { Err(Trouble::Told) }
            }
            JournalCommand::Rebuild { store } => {
                let journal = store.open()?;
                let rebuilt = progress::during("reading every entry again", || journal.rebuild())?;
                Ok(write!(out, "{rebuilt}")?)
            }
            JournalCommand::Export { store, file } => export(&store.open_to_read()?, file, out),
            JournalCommand::Import { store, file } => import(&store.store, file, out),
        }
    }
}

fn export(journal: &Journal, file: Option<PathBuf>, out: &mut Output) -> Result<(), Trouble> {
    let Some(path) = file else { return Ok(journal.export(out).map(drop)?) };
    let export = || files::create_with(&path, |file| Ok(journal.export(file)?));
    let exported = progress::during("writing every entry", export)?;
    Ok(write!(out, "{}: {exported}", path.display())?)
}

/// The export is read through before the store is opened, so that a bad one leaves no new store behind; nor does one that
/// finds no space there.
fn import(store: &Location, file: Option<PathBuf>, out: &mut Output) -> Result<(), Trouble> {
    let name = file.as_ref().map_or_else(|| "stdin".to_owned(), |path| path.display().to_string());
    let mut export = twice(file.as_deref())?;
    let check = || journal::check_export(&mut BufReader::new(&export));
    progress::during("checking the export", check).with_context(|| name.clone())?;
    export.rewind()?;
    let journal = Journal::open(store)?;
    match progress::during("storing every entry", || journal.import(&mut BufReader::new(&export))) {
        Ok(imported) => Ok(write!(out, "{imported}")?),
        Err(why) => {
            journal.close_unused();
            Err(anyhow::Error::from(why).context(name).into())
        }
    }
}

/// An export that can be read twice: the file, or what stdin or a pipe holds, put aside in a file without a name.
fn twice(path: Option<&Path>) -> Result<File, Trouble> {
    let mut once: Box<dyn io::Read> = match path {
        None => Box::new(io::stdin().lock()),
        Some(path) => match files::open(path)? {
            file if file.metadata()?.is_file() => return Ok(file),
            pipe => Box::new(pipe),
        },
    };
    let aside = env::temp_dir().join(format!("uphold-import-{}", process::id()));
    let said = || format!("{} cannot be written: what is imported is put aside there", aside.display());
    let mut options = File::options();
    let mut file = options.read(true).write(true).create_new(true).open(&aside).with_context(said)?;
    fs::remove_file(&aside).with_context(said)?;
    io::copy(&mut once, &mut file).with_context(said)?;
    file.rewind()?;
    Ok(file)
}
