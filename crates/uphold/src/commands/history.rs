//! What most questions need: an agreement, and the facts of its client.

use std::path::{Path, PathBuf};

use agreement::Terms;
use clap::Args;
use control::statement::{Ask, Stated, Unstated, state};
use facts::{Currency, Fact, Money};
use journal::{Journal, Location};
use promise::NoStatement;
use spans::Instant;

use crate::{commands::agreement::Loaded, files, progress, trouble::Trouble, wall};

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
    /// Look at what happened up to this instant, with all that is on record of it by now, also what was recorded later; now when
    /// left out.
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
        let journal = Journal::open_to_read(&self.store)?;
        let client = &terms.agreement().agreement.client_id;
        let facts = progress::during("reading the journal", || journal.sound_facts(client))?;
        Ok(Known { terms, facts, at: self.at.unwrap_or_else(wall::now) })
    }

    /// Whether a file is one of those that answers are computed from, by whatever path.
    pub(crate) fn reads(&self, path: &Path) -> bool {
        let mut read = vec![self.agreement.clone()];
        if let Location::Sqlite(store) = &self.store {
            read.extend(["", "-wal", "-shm"].map(|suffix| files::beside(store, suffix)));
        }
        let is = |other: PathBuf| {
            other.canonicalize().is_ok_and(|other| path.canonicalize().is_ok_and(|path| path == other))
        };
        read.into_iter().any(is)
    }
}

impl Known {
    /// A month of it. One outside the term cannot be meant; one that is not over, or of which nothing is known, failed.
    pub(crate) fn state(&self, ask: &Ask) -> Result<Stated, Trouble> {
        state(&self.terms, &self.facts, ask).map_err(|wrong| match wrong {
            Unstated::NoStatement(NoStatement::OutsideTerm { .. }) => Trouble::usage(wrong.to_string()),
            wrong => wrong.into(),
        })
    }

    /// The price asked about, in the agreement's currency.
    pub(crate) fn price(&self, price: &Price) -> Result<Option<Money>, Trouble> {
        price.in_currency(self.terms.agreement().agreement.currency)
    }
}

/// A price that no charge on file says.
#[derive(Args)]
pub(crate) struct Price {
    /// What each instance is taken to have cost in a month where no charge is on file, such as 480.00; printed as assumed.
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    price: Option<String>,
}

impl Price {
    fn in_currency(&self, currency: Currency) -> Result<Option<Money>, Trouble> {
        self.price.as_deref().map(|price| amount(price, currency)).transpose()
    }
}

/// An amount of money, 0 or more.
pub(crate) fn amount(text: &str, currency: Currency) -> Result<Money, Trouble> {
    let money = Money::amount(text, currency).map_err(|wrong| Trouble::usage(format!("--price: {wrong}")))?;
    if money.minor < 0 {
        return Err(Trouble::usage(format!(
            "--price: {text} is below zero: name what was paid, such as 480.00"
        )));
    }
    Ok(money)
}
