//! What is kept of a person beside their door: what they began to write, how they look at the queue, who cleared them, the browsers
//! that are remembered, notices on their way to them. To be told when they ask what is kept, and erased with them.

use facts::ClientId;
use spans::Instant;

use super::credential::DEVICES_MAX;
use crate::{
    Error, Result, Tx,
    desk::VIEWS_MAX,
    value::{Row, args},
};

/// Drafts, clearances and notices of one person that are told.
pub const TRACES_MAX: u64 = 10_000;

const DRAFTS: &str = "SELECT client, ticket, body, saved_us FROM draft WHERE person = $1
    ORDER BY client, ticket LIMIT $2";
const VIEWS: &str = "SELECT name, query FROM kept_view WHERE person = $1 ORDER BY name LIMIT $2";
const CLEARANCES: &str = "SELECT client FROM clearance WHERE person = $1 ORDER BY client LIMIT $2";
const DEVICES: &str = "SELECT created_us FROM device WHERE person = $1 ORDER BY created_us LIMIT $2";
const NOTICES: &str =
    "SELECT way, body, due_us, fate FROM delivery WHERE person = $1 ORDER BY due_us, id LIMIT $2";
const DRAFTS_FORGET: &str = "DELETE FROM draft WHERE person = $1";
const VIEWS_FORGET: &str = "DELETE FROM kept_view WHERE person = $1";
const CLEARANCES_FORGET: &str = "DELETE FROM clearance WHERE person = $1";
pub(crate) const STATEMENTS: &[&str] =
    &[DRAFTS, VIEWS, CLEARANCES, DEVICES, NOTICES, DRAFTS_FORGET, VIEWS_FORGET, CLEARANCES_FORGET];

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces {
    /// What they began to write and did not send.
    pub drafts: Vec<Draft>,
    /// How they look at the queue: name and query.
    pub views: Vec<(String, String)>,
    /// The clients that let them work for them.
    pub cleared_by: Vec<ClientId>,
    /// Since when each of their browsers is remembered.
    pub devices: Vec<Instant>,
    /// What was sent to them, or will be.
    pub notices: Vec<Sent>,
}

/// Words that were not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// At which client.
    pub client: ClientId,
    /// About which ticket.
    pub ticket: String,
    /// The words.
    pub text: String,
    /// Since when they stand so.
    pub saved: Instant,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// `mail` or `push`.
    pub way: String,
    /// What it says, as JSON.
    pub body: String,
    /// Since when it was due.
    pub due: Instant,
    /// How it ended, where it has.
    pub fate: Option<String>,
}

impl Tx<'_> {
    /// What is kept of a person beside their door, up to [`TRACES_MAX`] of each kind.
    ///
    /// # Errors
    /// The journal's.
    pub fn traces(&mut self, person: &str) -> Result<Traces> {
        let views = self.rows(VIEWS, args![person, VIEWS_MAX])?.into_iter();
        let views = views.map(|mut row| Ok((row.text(0)?, row.text(1)?))).collect::<Result<_>>()?;
        let devices = self.rows(DEVICES, args![person, DEVICES_MAX])?.into_iter();
        let devices = devices.map(|row| row.instant(0)).collect::<Result<_>>()?;
        let cleared = self.rows(CLEARANCES, args![person, TRACES_MAX])?.into_iter();
        Ok(Traces {
            drafts: self
                .rows(DRAFTS, args![person, TRACES_MAX])?
                .into_iter()
                .map(read_draft)
                .collect::<Result<_>>()?,
            views,
            cleared_by: cleared.map(|mut row| client(&mut row)).collect::<Result<_>>()?,
            devices,
            notices: self
                .rows(NOTICES, args![person, TRACES_MAX])?
                .into_iter()
                .map(read_sent)
                .collect::<Result<_>>()?,
        })
    }

    /// Erases what stands at the desk of a person: drafts, views, clearance.
    pub(super) fn forget_desk(&mut self, person: &str) -> Result<()> {
        let gone = [DRAFTS_FORGET, VIEWS_FORGET, CLEARANCES_FORGET];
        gone.into_iter().try_for_each(|sql| self.run(sql, args![person]).map(drop))
    }
}

fn client(row: &mut Row) -> Result<ClientId> {
    row.text(0)?.parse().map_err(|_| Error::Shape { column: 0, expected: "a client id" })
}

fn read_draft(mut row: Row) -> Result<Draft> {
    Ok(Draft { client: client(&mut row)?, ticket: row.text(1)?, text: row.text(2)?, saved: row.instant(3)? })
}

fn read_sent(mut row: Row) -> Result<Sent> {
    Ok(Sent { way: row.text(0)?, body: row.text(1)?, due: row.instant(2)?, fate: row.text_or_null(3)? })
}
