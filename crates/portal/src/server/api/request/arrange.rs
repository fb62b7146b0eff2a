//! What is done with a request beside answering it, and what one side asks and the other decides: the same as on its page, by the
//! same people.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use control::live::command::{Arrangement, Motion};
use desk::policy::Action;
use facts::{Link, TicketId};
use serde::Deserialize;
use spans::Instant;
use utoipa::ToSchema;

use super::{
    Place,
    act::{Nothing, recorded},
};
use crate::server::{
    Problem, Route,
    api::{head::Write, operation::Operation, receipt::Receipt, shape::at},
};

/// What a body asks for.
pub(super) enum Asked {
    Arrange(Arrangement),
    Move(Motion, Option<String>),
}

macro_rules! asks {
    ($($name:ident $path:literal $Action:ident $Body:ty: $summary:literal => $ask:expr;)+) => {
        $(
            async fn $name(
                Write { app, viewer, place, sent }: Write<Place, $Body>,
            ) -> Result<Json<Receipt>, Problem> {
                let ask: fn(&$Body) -> Asked = $ask;
                let (asked, confirm) = (ask(&sent.body), sent.body.confirm);
                recorded(&app, &viewer, place, sent, confirm, asked).await
            }
        )+

        fn told<B: ToSchema>(id: &'static str, summary: &'static str) -> Operation {
            Operation::act::<B, Receipt>("Requests", id, summary).matched()
        }

        fn asked_by_body() -> Vec<Route> {
            vec![$(
                Route::post(concat!("/api/v1/clients/{client}/requests/{ticket}/", $path), Action::$Action, $name)
                    .told(told::<$Body>(stringify!($name), $summary)),
            )+]
        }
    };
}
asks! {
    assign_request "assign" Assign Assign: "Who of the provider's people has it." =>
        |said| Asked::Arrange(Arrangement::Assign(said.to.clone()));
    tag_request "tags" Tag Tags: "The provider's own words on it." =>
        |said| Asked::Arrange(Arrangement::Tag { add: said.add.clone(), remove: said.remove.clone() });
    link_request "link" Link LinkTo: "It has to do with another request." =>
        |said| Asked::Arrange(Arrangement::Link(said.to.clone(), said.link.into()));
    unlink_request "unlink" Link Other: "It has nothing to do with another request after all." =>
        |said| Asked::Arrange(Arrangement::Unlink(said.to.clone()));
    merge_request "merge" Merge Other: "It goes on in another request." =>
        |said| Asked::Arrange(Arrangement::Merge(said.to.clone()));
    part_request "part" Merge Nothing: "It stands by itself again." => |_| Asked::Arrange(Arrangement::Part);
    withdraw_request "withdraw" OpenTicket Nothing: "The client takes it back." =>
        |_| Asked::Arrange(Arrangement::Withdraw);
    appeal "appeal" Appeal Words: "The client finds the changed priority wrong." =>
        |said| Asked::Move(Motion::Appeal, Some(said.text.clone()));
    decide_appeal "decide" DecideAppeal Decision: "A manager decides the appeal that is open." =>
        |said| Asked::Move(Motion::DecideAppeal { upheld: said.upheld }, Some(said.text.clone()));
    escalate "escalate" Escalate EscalateTo: "The client calls up the ladder." =>
        |said| Asked::Move(Motion::Escalate { level: said.level, reason: said.reason.clone() }, said.text.clone());
    answer_escalation "answer" AnswerEscalation Words: "A person answers the escalation that is open." =>
        |said| Asked::Move(Motion::AnswerEscalation, Some(said.text.clone()));
    pause_clocks "pause" ClaimPause PauseFor: "The clocks stand still from now on, where the agreement allows it." =>
        |said| Asked::Move(Motion::Pause { reason: said.reason.clone(), evidence: said.evidence.clone() }, None);
    resume_clocks "resume" ClaimPause Nothing: "The clocks run again." => |_| Asked::Move(Motion::Resume, None);
    claim_pause "claim-pause" ClaimPause Claimed: "The clocks stood still, one side says afterwards." =>
        |said| Asked::Move(Motion::ClaimPause {
            from: said.from, until: said.until, reason: said.reason.clone(), evidence: said.evidence.clone(),
        }, None);
    settle_pause "settle-pause" AnswerPause Settled: "The other side agrees to a claimed pause, or does not." =>
        |said| Asked::Move(Motion::SettlePause {
            pause: said.pause.clone(), because: said.refused_because.clone(),
        }, None);
    publish_cause "cause" PublishRca Words: "The root cause analysis." =>
        |said| Asked::Move(Motion::PublishCause, Some(said.text.clone()));
}

pub(super) fn routes() -> Vec<Route> {
    let split = Operation::act::<Part, Receipt>(
        "Requests",
        "split_request",
        "Makes a request of its own from a part of it; its clocks run from the receipt of the whole.",
    );
    let own =
        vec![
            Route::post("/api/v1/clients/{client}/requests/{ticket}/watch", Action::Watch, watch)
                .told(told::<Nothing>("watch_request", "You are told of everything about it.")),
            Route::post("/api/v1/clients/{client}/requests/{ticket}/unwatch", Action::Watch, unwatch)
                .told(told::<Nothing>("unwatch_request", "You are no longer told.")),
            Route::post("/api/v1/clients/{client}/requests/{ticket}/split", Action::Merge, split_off)
                .told(split.creates()),
        ];
    asked_by_body().into_iter().chain(own).collect()
}

async fn watch(Write { app, viewer, place, sent }: Write<Place, Nothing>) -> Result<Json<Receipt>, Problem> {
    let (me, confirm) = (viewer.person.id.clone(), sent.body.confirm);
    recorded(&app, &viewer, place, sent, confirm, Asked::Arrange(Arrangement::Watch(me))).await
}

async fn unwatch(
    Write { app, viewer, place, sent }: Write<Place, Nothing>,
) -> Result<Json<Receipt>, Problem> {
    let (me, confirm) = (viewer.person.id.clone(), sent.body.confirm);
    recorded(&app, &viewer, place, sent, confirm, Asked::Arrange(Arrangement::Unwatch(me))).await
}

/// A part of a request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    /// What the part is about.
    title: String,
    /// What it asks.
    text: String,
}

async fn split_off(Write { app, viewer, place, sent }: Write<Place, Part>) -> Result<Response, Problem> {
    let (by, Place { client, ticket }) = (sent.by(&viewer, false)?, place);
    let Part { title, text } = sent.body;
    let receipt = app
        .ask_control(move |control, now| {
            let (part, done) = control.split(&client, &ticket, title.trim(), text, by, now)?;
            Receipt::of(control, &client, at(&client, &["requests", part.as_str()]), part.as_str(), &done)
        })
        .await?;
    let href = [(header::LOCATION, receipt.href().to_owned())];
    Ok((StatusCode::CREATED, href, receipt.answer()).into_response())
}

/// What one request is to another.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LinkKind {
    /// They are about the same matter.
    Relates,
    /// The first is the cause of the second.
    Causes,
    /// The second waits for the first.
    Blocks,
}

impl From<LinkKind> for Link {
    fn from(kind: LinkKind) -> Link {
        match kind {
            LinkKind::Relates => Link::Relates,
            LinkKind::Causes => Link::Causes,
            LinkKind::Blocks => Link::Blocks,
        }
    }
}

macro_rules! body {
    ($(#[doc = $about:literal])+ $Name:ident { $(
        $(#[doc = $field_about:literal])+ $(#[serde($serde:ident)])? $(#[schema($($schema:tt)*)])? $field:ident: $kind:ty,
    )* }) => {
        $(#[doc = $about])+
        #[derive(Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $Name {
            $($(#[doc = $field_about])+ $(#[serde($serde)])? $(#[schema($($schema)*)])? $field: $kind,)*
            /// That you take upon yourself what may be confirmed.
            #[serde(default)]
            confirm: bool,
        }
    };
}

body! {
    /// Who has it.
    Assign {
        /// The person's id; null or absent: nobody.
        #[serde(default)]
        to: Option<String>,
    }
}
body! {
    /// Tags.
    Tags {
        /// Those put on.
        #[serde(default)]
        add: Vec<String>,
        /// Those taken off.
        #[serde(default)]
        remove: Vec<String>,
    }
}
body! {
    /// Another request.
    Other {
        /// Its name.
        #[schema(value_type = String)]
        to: TicketId,
    }
}
body! {
    /// Another request, and what this one is to it.
    LinkTo {
        /// Its name.
        #[schema(value_type = String)]
        to: TicketId,
        /// What this one is to it.
        link: LinkKind,
    }
}
body! {
    /// Something said.
    Words {
        /// What.
        text: String,
    }
}
body! {
    /// What a manager decided.
    Decision {
        /// Whether the client was right: then the former priority holds again.
        upheld: bool,
        /// Why; the client reads it.
        text: String,
    }
}
body! {
    /// A call up the ladder.
    EscalateTo {
        /// The rung; absent: the next one.
        #[serde(default)]
        level: Option<u16>,
        /// Why, from the agreement's list.
        #[serde(default)]
        reason: Option<String>,
        /// What is needed.
        #[serde(default)]
        text: Option<String>,
    }
}
body! {
    /// Why the clocks stand still.
    PauseFor {
        /// From the agreement's list.
        reason: String,
        /// What shows it.
        #[serde(default)]
        evidence: Option<String>,
    }
}
body! {
    /// When the clocks stood still, and why.
    Claimed {
        /// From when.
        #[schema(value_type = String, format = DateTime)]
        from: Instant,
        /// Until when; absent where it goes on.
        #[serde(default)]
        #[schema(value_type = Option<String>, format = DateTime)]
        until: Option<Instant>,
        /// From the agreement's list.
        reason: String,
        /// What shows it.
        #[serde(default)]
        evidence: Option<String>,
    }
}
body! {
    /// An answer to a claimed pause.
    Settled {
        /// The pause that you read about, as the request's facts name it; absent: the one that is open.
        #[serde(default)]
        pause: Option<String>,
        /// Why it is refused; absent: it is agreed to.
        #[serde(default)]
        refused_because: Option<String>,
    }
}
