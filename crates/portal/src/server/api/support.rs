//! What of a client's support was agreed: its hours, the channels of its tier, whom to ask about what, and how to get further.

use axum::response::Response;
use control::live::query::{Care, Support, SupportHours, Way};
use desk::policy::Action;
use facts::ClientId;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    head::Read,
    operation::Operation,
    shape::{At, at},
};
use crate::server::{Problem, Route};

pub(super) fn routes() -> Vec<Route> {
    let told = Operation::read::<SupportOf>(
        "Clients",
        "get_support",
        "What of a client's support was agreed: hours, channels of its tier, whom to ask about what, and the escalation ladder.",
    );
    vec![Route::get("/api/v1/clients/{client}/support", Action::ReadClient, support).told(told)]
}

/// What of a client's support was agreed.
#[derive(Serialize, ToSchema)]
struct SupportOf {
    /// The tier, where there are tiers.
    tier: Option<String>,
    /// Where the agreement is; null where none is at hand.
    agreement: Option<String>,
    /// When somebody answers; empty where the agreement promises no answer.
    hours: Vec<Hours>,
    channels: Vec<ChannelOf>,
    topics: Vec<TopicOf>,
    /// Null where the agreement has none.
    ladder: Option<LadderOf>,
}

/// Hours in which somebody answers.
#[derive(Serialize, ToSchema)]
struct Hours {
    /// The kinds of request that they are for; empty where they are for all.
    kinds: Vec<String>,
    /// What the agreement calls them.
    calendar: String,
    /// `always`, `open` or `closed`.
    state: &'static str,
    /// When that changes.
    until: Option<At>,
    clauses: Vec<String>,
}

/// A way in that the tier has.
#[derive(Serialize, ToSchema)]
struct ChannelOf {
    /// Its name in the agreement, such as `email`.
    channel: String,
    /// The mail address or telephone number, where there is one.
    at: Option<String>,
    /// Whether response objectives hold for it.
    objectives: bool,
    clauses: Vec<String>,
}

/// Whom to ask about what.
#[derive(Serialize, ToSchema)]
struct TopicOf {
    topic: String,
    /// The role of the provider's people to ask.
    role: String,
    /// Names of those who hold it.
    people: Vec<String>,
    clauses: Vec<String>,
}

/// How to get further.
#[derive(Serialize, ToSchema)]
struct LadderOf {
    /// The lowest first.
    rungs: Vec<RungOf>,
    /// Reasons to escalate, as `escalate` takes them.
    reasons: Vec<String>,
    clauses: Vec<String>,
}

/// A level of it.
#[derive(Serialize, ToSchema)]
struct RungOf {
    level: u32,
    who: String,
}

async fn support(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let of = client.clone();
    let found = app.ask_control(move |control, now| {
        let known = control.known_clients()?.contains(&of);
        Ok::<_, journal::Error>((known, control.care(&of, now)?))
    });
    let (is_known, care) = found.await?;
    if !is_known {
        return Err(Problem::NotFound);
    }
    known.answer(&told(&client, care))
}

fn told(client: &ClientId, care: Care) -> SupportOf {
    let topics = care.topics.into_iter().map(|topic| TopicOf {
        topic: topic.topic,
        role: topic.role,
        people: topic.people,
        clauses: topic.clauses,
    });
    let ladder = care.ladder.map(|ladder| LadderOf {
        rungs: ladder.rungs.into_iter().map(|(level, who)| RungOf { level, who }).collect(),
        reasons: ladder.reasons,
        clauses: ladder.clauses,
    });
    SupportOf {
        tier: care.agreement.as_ref().and_then(|view| view.terms.tier()).map(str::to_owned),
        agreement: care.agreement.as_ref().map(|_| at(client, &["agreement"])),
        hours: care.hours.into_iter().map(hours).collect(),
        channels: care.ways.into_iter().map(channel).collect(),
        topics: topics.collect(),
        ladder,
    }
}

fn hours(told: SupportHours) -> Hours {
    let (state, until) = match told.support {
        Support::Always => ("always", None),
        Support::OpenUntil(at) => ("open", Some(at.into())),
        Support::OpensAt(at) => ("closed", Some(at.into())),
    };
    Hours { kinds: told.kinds, calendar: told.calendar, state, until, clauses: told.clauses }
}

fn channel(way: Way) -> ChannelOf {
    ChannelOf { channel: way.name, at: way.at, objectives: way.objectives, clauses: way.clauses }
}
