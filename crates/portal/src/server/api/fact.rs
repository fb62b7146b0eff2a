//! The client's journal in its order: what another program follows to know everything that is known here. For staff: it holds
//! notes that the client does not see, and a number that is missing would tell that there is one.

use axum::response::Response;
use desk::policy::Action;
use facts::{ClientId, Fact};
use serde::Serialize;
use utoipa::ToSchema;

use super::{head::Read, operation::Operation, page::LIMIT_MAX, shape::At};
use crate::server::{Problem, Route};

pub(super) fn routes() -> Vec<Route> {
    let list = Operation::read::<Facts>(
        "Facts",
        "list_facts",
        "Every fact of a client in the order of its journal. `cursor` is the number of the last one that you have.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/facts", Action::ReadFacts, facts_of).told(list.paged(LIMIT_MAX)),
    ]
}

/// Facts, in the order of the journal.
#[derive(Serialize, ToSchema)]
pub(crate) struct Facts {
    items: Vec<Entry>,
    /// Where the list goes on; null at its end. To follow the journal, ask again with `last` as `cursor`.
    next: Option<String>,
    /// The number of the last fact here; that of `cursor` where there is none.
    last: u64,
}

/// A fact as it is stored.
#[derive(Serialize, ToSchema)]
pub(crate) struct Entry {
    /// Its number: 1, 2, 3, without a gap.
    seq: u64,
    /// SHA-256 over it and all before it, in hex: what the journal's chain is made of.
    hash: String,
    #[schema(value_type = FactShape)]
    fact: Fact,
}

/// A fact. What each event carries is told in docs/facts.md.
#[derive(ToSchema)]
#[schema(as = Fact)]
#[expect(dead_code, reason = "the shape of facts::Fact, which writes itself")]
pub(crate) struct FactShape {
    id: String,
    client: String,
    /// When it happened.
    at: At,
    /// When it was recorded.
    recorded_at: At,
    actor: ActorShape,
    /// What happened.
    event: String,
    /// What the event carries.
    #[schema(value_type = Object)]
    data: String,
}

/// Who acted, as known then.
#[derive(ToSchema)]
#[schema(as = Actor)]
#[expect(dead_code, reason = "the shape of facts::Actor, which writes itself")]
pub(crate) struct ActorShape {
    /// `person` or `automaton`.
    kind: String,
    id: String,
    /// `provider`, `client` or `outside`.
    side: String,
    #[schema(required = false)]
    roles: Vec<String>,
    #[schema(required = false)]
    skills: Vec<String>,
    #[schema(required = false)]
    cleared: bool,
}

async fn facts_of(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let (limit, after) = asking.numbered(LIMIT_MAX)?;
    let found = app.ask_control(move |control, _| {
        let known = control.known_clients()?.contains(&client);
        Ok::<_, journal::Error>((known, control.journal().tail(&client, after, limit + 1)?))
    });
    let (there, mut entries) = found.await?;
    if !there {
        return Err(Problem::NotFound);
    }
    let more = entries.len() > limit;
    entries.truncate(limit);
    let last = entries.last().map_or(after, |entry| entry.seq);
    let item =
        |entry: journal::Entry| Entry { seq: entry.seq, hash: entry.hash.to_string(), fact: entry.fact };
    let next = more.then(|| asking.next(&last.to_string()));
    known.answer(&Facts { items: entries.into_iter().map(item).collect(), next, last })
}
