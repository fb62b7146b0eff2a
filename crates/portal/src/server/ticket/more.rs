//! What is done with a ticket beside answering it: who has it, what it is called and belongs to; and what one side asks and the
//! other decides. Each a form of its page, as those of `act.rs`.

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use control::live::{
    Control, NotDone,
    command::{Arrangement, By, Motion},
};
use desk::policy::Action;
use facts::{Link, TicketId};
use spans::Instant;

use super::one::{At, Said, show};
use crate::server::{
    App, Problem, Route, Shell, Viewer,
    form::{Refused, Sent},
    moment::path,
    undo::Step,
};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Take,
    Give,
    Tag,
    Watch,
    Unwatch,
    Link,
    Unlink,
    Merge,
    Part,
    Split,
    Withdraw,
    Appeal,
    Decide,
    Escalate,
    Answer,
    Pause,
    Resume,
    Claim,
    Settle,
    Cause,
}

macro_rules! verbs {
    ($($name:ident $Verb:ident $path:literal $Action:ident)+) => {
        $(
            async fn $name(
                app: State<App>, headers: HeaderMap, shell: Shell, viewer: Viewer, at: Path<At>, sent: Sent,
            ) -> Result<Response, Problem> {
                record((&app.0, &headers), shell, &viewer, at.0, Verb::$Verb, sent).await
            }
        )+

        impl Verb {
            fn name(self) -> &'static str {
                match self { $(Verb::$Verb => $path,)+ }
            }
        }

        pub(super) fn routes() -> Vec<Route> {
            vec![$(Route::post(concat!("/clients/{client}/tickets/{ticket}/", $path), Action::$Action, $name),)+]
        }
    };
}
verbs! {
    take Take "take" Assign
    give Give "give" Assign
    tag Tag "tag" Tag
    watch Watch "watch" Watch
    unwatch Unwatch "unwatch" Watch
    link Link "link" Link
    unlink Unlink "unlink" Link
    merge Merge "merge" Merge
    part Part "part" Merge
    split Split "split" Merge
    withdraw Withdraw "withdraw" OpenTicket
    appeal Appeal "appeal" Appeal
    decide Decide "decide" DecideAppeal
    escalate Escalate "escalate" Escalate
    answer Answer "answer" AnswerEscalation
    pause Pause "pause" ClaimPause
    resume Resume "resume" ClaimPause
    claim Claim "claim-pause" ClaimPause
    settle Settle "settle-pause" AnswerPause
    cause Cause "cause" PublishRca
}

/// Done, the page again; refused, the page with why beside the form and what was typed in it.
async fn record(
    (app, headers): (&App, &HeaderMap),
    shell: Shell,
    viewer: &Viewer,
    at: At,
    verb: Verb,
    sent: Sent,
) -> Result<Response, Problem> {
    let by = By {
        key: Some(sent.key(verb.name())?),
        confirmed: sent.given("confirm").is_some(),
        ..By::new(viewer.actor())
    };
    let asked = ask(verb, viewer, &sent);
    let refused = match asked {
        Err(refused) => refused,
        Ok(asked) => {
            let of = at.clone();
            match app.attempt(move |control, now| asked.record(control, &of, by, now)).await? {
                Err(refused) => refused,
                Ok((to, step)) => {
                    let to = path(&at.client, &["tickets", to.as_str()]);
                    return app.done_at(headers, viewer, &to, step.into_iter().collect()).await;
                }
            }
        }
    };
    show(app, shell, viewer, at, Some(Said { verb: verb.name(), refused, sent })).await
}

/// What a form asks for.
enum Asked {
    Arrange(Arrangement),
    Move(Motion, Option<String>),
    Split { title: String, text: String },
}

impl Asked {
    /// Does it; the ticket to look at afterwards, and what takes it back.
    fn record(
        self,
        control: &Control,
        at: &At,
        by: By,
        now: Instant,
    ) -> Result<(TicketId, Option<Step>), NotDone> {
        let At { client, ticket } = at;
        match self {
            Asked::Arrange(how) => {
                let arranged = control.arrange(client, ticket, how.clone(), by, now)?;
                Ok((ticket.clone(), Step::of(client, ticket, &how, arranged.undo)))
            }
            Asked::Move(motion, text) => {
                control.move_about(client, ticket, motion, text, by, now)?;
                Ok((ticket.clone(), None))
            }
            Asked::Split { title, text } => {
                control.split(client, ticket, &title, text, by, now).map(|(part, _)| (part, None))
            }
        }
    }
}

fn ask(verb: Verb, viewer: &Viewer, sent: &Sent) -> Result<Asked, Refused> {
    let me = || viewer.person.id.clone();
    let word = |field: &str| sent.given(field).map(str::to_owned);
    let arrange = |how| Ok(Asked::Arrange(how));
    let moved = |motion| Ok(Asked::Move(motion, word("text")));
    match verb {
        Verb::Take => arrange(Arrangement::Assign(Some(me()))),
        Verb::Give => arrange(Arrangement::Assign(word("to"))),
        Verb::Tag => arrange(Arrangement::Tag {
            add: tags(sent.get("add")),
            remove: sent.all("remove").map(str::to_owned).collect(),
        }),
        Verb::Watch => arrange(Arrangement::Watch(me())),
        Verb::Unwatch => arrange(Arrangement::Unwatch(me())),
        Verb::Link => arrange(Arrangement::Link(other(sent)?, kind_of_link(sent)?)),
        Verb::Unlink => arrange(Arrangement::Unlink(other(sent)?)),
        Verb::Merge => arrange(Arrangement::Merge(other(sent)?)),
        Verb::Part => arrange(Arrangement::Part),
        Verb::Split => {
            Ok(Asked::Split { title: sent.get("title").to_owned(), text: sent.get("text").to_owned() })
        }
        Verb::Withdraw => arrange(Arrangement::Withdraw),
        Verb::Appeal => moved(Motion::Appeal),
        Verb::Decide => moved(Motion::DecideAppeal { upheld: chosen(sent, "upheld")? }),
        Verb::Escalate => moved(Motion::Escalate { level: None, reason: word("reason") }),
        Verb::Answer => moved(Motion::AnswerEscalation),
        Verb::Pause => {
            moved(Motion::Pause { reason: sent.get("reason").to_owned(), evidence: word("evidence") })
        }
        Verb::Resume => moved(Motion::Resume),
        Verb::Claim => moved(claimed(sent)?),
        Verb::Settle => {
            let refused = !chosen(sent, "agree")?;
            let because = refused.then(|| sent.get("reason").to_owned());
            moved(Motion::SettlePause { pause: word("pause"), because })
        }
        Verb::Cause => moved(Motion::PublishCause),
    }
}

/// Yes or no, as it was chosen: whoever chose nothing has decided nothing.
fn chosen(sent: &Sent, field: &str) -> Result<bool, Refused> {
    match sent.get(field) {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Refused::because("Choose one of the two: nothing was decided.")),
    }
}

fn claimed(sent: &Sent) -> Result<Motion, Refused> {
    let no_time = |field: &str| {
        Refused::because(&format!("`{}` is no time: write it as 2026-03-09T18:00.", sent.get(field)))
    };
    let from = sent.minute("from").ok_or_else(|| no_time("from"))?;
    let until = match sent.given("until") {
        None => None,
        Some(_) => Some(sent.minute("until").ok_or_else(|| no_time("until"))?),
    };
    let evidence = sent.given("evidence").map(str::to_owned);
    Ok(Motion::ClaimPause { from, until, reason: sent.get("reason").to_owned(), evidence })
}

fn other(sent: &Sent) -> Result<TicketId, Refused> {
    let typed = sent.get("other").trim_start_matches('#');
    let refuse = || Refused::because(&format!("`{typed}` is no ticket: write its name, such as T-12."));
    let numbered = typed.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("t-"));
    let name = if numbered { typed.to_uppercase() } else { typed.to_owned() };
    name.parse().map_err(|_| refuse())
}

fn kind_of_link(sent: &Sent) -> Result<Link, Refused> {
    let word = sent.given("link").unwrap_or("relates");
    Link::named(word)
        .ok_or_else(|| Refused::because(&format!("`{word}` is nothing that one ticket is to another.")))
}

/// Words between commas.
pub(crate) fn tags(typed: &str) -> Vec<String> {
    let words = typed.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    words.map(str::to_lowercase).collect()
}
