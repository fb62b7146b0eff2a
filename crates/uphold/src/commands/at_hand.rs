//! A journal and the agreements that judge what is put into it, for commands that act beside the server.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use control::live::{Control, Shelf};
use journal::{Journal, Location};

use super::serve::paper;
use crate::{service, trouble::Trouble, wall};

#[derive(Args)]
pub(super) struct AtHand {
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
    /// The agreement files of the client; say it once for each.
    #[arg(
        long = "agreement",
        value_name = "FILE",
        env = "UPHOLD_AGREEMENTS",
        value_delimiter = ',',
        required = true
    )]
    agreements: Vec<PathBuf>,
}

impl AtHand {
    /// Opens both. Nothing is made that is not there.
    pub(super) fn open(&self) -> Result<Control, Trouble> {
        let papers = self.agreements.iter().map(|path| paper(path)).collect::<Result<Vec<_>, _>>()?;
        let journal = Arc::new(Journal::open_existing(&self.store)?);
        Ok(Control::open(journal, Shelf::new(papers), service::random()?, wall::now())?)
    }
}
