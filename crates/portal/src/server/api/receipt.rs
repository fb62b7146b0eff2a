//! The answer to a write: what was recorded. It is read off the journal, so that a request that is sent again under its key gets
//! the same answer, byte for byte.

use axum::Json;
use control::live::{Control, Done};
use facts::ClientId;
use serde::Serialize;
use utoipa::ToSchema;

use super::shape::At;
use crate::server::Problem;

/// What was recorded.
#[derive(Serialize, ToSchema)]
pub(crate) struct Receipt {
    client: String,
    /// What it is about: the id of a request or of a maintenance record.
    id: String,
    /// Where that is.
    href: String,
    /// The facts, in order; none where as much was known already.
    recorded: Vec<Recorded>,
    /// What is not as it was asked, to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// A fact that was recorded.
#[derive(Serialize, ToSchema)]
pub(crate) struct Recorded {
    /// Its number in the client's journal.
    seq: u64,
    /// Its id.
    fact: String,
    /// What happened, in the vocabulary of facts.
    event: &'static str,
    /// When it happened.
    at: At,
    /// When it was recorded.
    recorded_at: At,
}

impl Receipt {
    pub(super) fn of(
        control: &Control,
        client: &ClientId,
        href: String,
        id: &str,
        done: &Done,
    ) -> Result<Receipt, Problem> {
        let count = usize::try_from(done.last_seq.saturating_sub(done.first_seq)).unwrap_or(0) + 1;
        let entries = control.journal().tail(client, done.first_seq.saturating_sub(1), count)?;
        let recorded = entries.into_iter().map(|entry| Recorded {
            seq: entry.seq,
            fact: entry.fact.id.to_string(),
            event: entry.fact.event().name(),
            at: entry.fact.at.into(),
            recorded_at: entry.fact.recorded_at.into(),
        });
        Ok(Receipt {
            client: client.to_string(),
            id: id.to_owned(),
            href,
            recorded: recorded.collect(),
            note: None,
        })
    }

    /// That all of it was known already, and nothing was recorded.
    pub(super) fn known(client: &ClientId, href: String, id: &str, note: String) -> Receipt {
        let (client, id) = (client.to_string(), id.to_owned());
        Receipt { client, id, href, recorded: Vec::new(), note: Some(note) }
    }

    pub(super) fn noted(self, note: Option<String>) -> Receipt {
        Receipt { note, ..self }
    }

    pub(super) fn href(&self) -> &str {
        &self.href
    }

    pub(super) fn answer(self) -> Json<Receipt> {
        Json(self)
    }
}
