//! What most questions need: an agreement, and the facts of its client.

use std::path::PathBuf;

use agreement::Terms;
use clap::Args;
use facts::Fact;
use journal::{Journal, Location};
use spans::Instant;

use crate::{commands::agreement::Loaded, trouble::Trouble, wall};

/// An agreement and a store.
#[derive(Args)]
pub(crate) struct History {
    /// The agreement file.
    #[arg(long, value_name = "FILE")]
    agreement: PathBuf,
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE")]
    store: Location,
    /// The tier, where it is not the signed one.
    #[arg(long)]
    tier: Option<String>,
    /// Look at it as it stood at this instant; now when left out.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Instant>,
}

/// The same, read.
pub(crate) struct Known {
    pub(crate) terms: Terms,
    pub(crate) facts: Vec<Fact>,
    pub(crate) at: Instant,
}

impl History {
    pub(crate) fn read(&self) -> Result<Known, Trouble> {
        let terms = Loaded::read(&self.agreement)?.terms(self.tier.as_deref())?;
        let journal = Journal::open_existing(&self.store)?;
        let facts = journal.sound_facts(&terms.agreement().agreement.client_id)?;
        Ok(Known { terms, facts, at: self.at.unwrap_or_else(wall::now) })
    }
}
