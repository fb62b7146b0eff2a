//! One line of the page each: what is due, what was missed, an open incident, an instance.

use control::live::{
    Call,
    query::{Condition, Line, Missed, Next},
};
use facts::ClientId;
use promise::obligation;
use spans::{Instant, Span, Spans};

use super::{Found, STRIP, Seen, ticket_in};
use crate::{
    part::{Mark, Minutes, State, badge, clauses},
    server::{
        instance::Figures,
        moment::{away, due as due_html, encode, path, time, title},
    },
};

/// Stretches in one strip on this page; an instance that flaps more is drawn on its own page.
const STRETCHES_MAX: usize = 60;

/// Something that comes.
pub(super) struct Due {
    pub(super) client: String,
    pub(super) when: String,
    pub(super) what: String,
    pub(super) about: String,
    pub(super) link: Option<String>,
    pub(super) costs: String,
    pub(super) money: bool,
    pub(super) unless: String,
    pub(super) clauses: String,
    /// Where its derivation is; none for those to whom money is not shown.
    pub(super) why: Option<String>,
}

/// Something that was missed.
pub(super) struct Gone {
    pub(super) client: String,
    pub(super) when: String,
    pub(super) what: String,
    pub(super) about: String,
    pub(super) link: Option<String>,
    pub(super) state: String,
    pub(super) done: String,
    pub(super) clauses: String,
    pub(super) why: String,
}

/// A call that nobody has seen yet.
pub(crate) struct Calling {
    pub(crate) client: String,
    pub(crate) ticket: String,
    pub(crate) link: String,
    /// Where one says that it was seen.
    pub(crate) seen_at: String,
    pub(crate) since: String,
    /// Nobody is left who could be called.
    pub(crate) unanswered: bool,
}

pub(crate) fn calling(client: &ClientId, call: &Call, now: Instant) -> Calling {
    let link = path(client, &["tickets", call.ticket.as_str()]);
    let since = call.called.first().map(|(_, at)| *at).or(call.unanswered);
    Calling {
        client: client.to_string(),
        ticket: call.ticket.to_string(),
        seen_at: format!("{link}/calls/{}/seen", encode(call.page.as_str())),
        link,
        since: since.map(|at| format!("{}, {}", time(at, now), away(at, now))).unwrap_or_default(),
        unanswered: call.unanswered.is_some(),
    }
}

/// An incident that is open.
pub(super) struct Open {
    pub(super) client: String,
    pub(super) link: String,
    pub(super) title: String,
    pub(super) since: String,
    pub(super) next: String,
    pub(super) state: String,
}

/// An instance.
pub(super) struct Standing {
    pub(super) client: String,
    pub(super) link: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) since: String,
    pub(super) strip: String,
}

/// A forecast's words as a heading and what it is about: `first-response: ticket T-1`.
pub(super) fn name(what: &str) -> (String, String) {
    match what.split_once(": ") {
        Some((duty, about)) => (title(duty), about.to_owned()),
        None => (title(what), String::new()),
    }
}

pub(super) fn due(found: &Found, next: &Next, now: Instant) -> Due {
    let (client, forecast) = (&next.client, &next.forecast);
    let (what, about) = name(&forecast.what);
    let (link, about) = subject(found, client, &about);
    Due {
        client: client.to_string(),
        when: due_html(forecast.when, now),
        what,
        about,
        link,
        money: found.money && forecast.is_money(),
        costs: if found.money { forecast.costs.clone() } else { forecast.clone().without_money().costs },
        unless: unless(&forecast.unless),
        clauses: clauses(&forecast.clauses),
        why: (found.money || !forecast.is_money())
            .then(|| format!("{}?next={}", path(client, &["why"]), encode(&forecast.what))),
    }
}

pub(super) fn gone(found: &Found, missed: &Missed, now: Instant) -> Gone {
    let (client, owed) = (&missed.client, &missed.obligation);
    let (link, about) = subject(found, client, &owed.subject.to_string());
    let done = match &owed.state {
        obligation::State::Missed { late: Some(act), .. } => {
            format!("done late, {} by {}", crate::server::moment::minute(act.at), act.by)
        }
        _ => "not done yet".to_owned(),
    };
    Gone {
        client: client.to_string(),
        when: due_html(missed.since, now),
        what: title(&owed.duty.id),
        about,
        link,
        state: badge(State::Missed, &owed.duty.miss),
        done,
        clauses: clauses(owed.clauses()),
        why: format!("{}?missed={}", path(client, &["why"]), encode(&owed.key())),
    }
}

/// Where a subject is shown, and its words with the title that a person gave it.
fn subject(found: &Found, client: &ClientId, about: &str) -> (Option<String>, String) {
    if let Some(ticket) = ticket_in(about) {
        let link = path(client, &["tickets", ticket.as_str()]);
        // What monitoring opened is known by its words, not by its number.
        let words = found.title(client, ticket.as_str()).map(|title| match ticket.as_str() {
            id if id.starts_with("T-") => format!("{id}, {title}"),
            _ => title.clone(),
        });
        return (Some(link), words.unwrap_or_else(|| ticket.to_string()));
    }
    let link = about.strip_prefix("maintenance ").map(|id| path(client, &["maintenance", id]));
    (link, about.to_owned())
}

/// What would prevent a miss, said to people.
fn unless(words: &str) -> String {
    let (event, by) = words.split_once(" by a ").map_or((words, None), |(event, by)| (event, Some(by)));
    let done = match event {
        "request.replied" => "replies",
        "request.classified" => "says what kind of request it is",
        "request.client_replied" => "of the client answers",
        "request.resolved" => "resolves it",
        "appeal.decided" => "decides it",
        "notice.delivered" => return "the notice is delivered before".to_owned(),
        "instance.version_seen" => return "the new version runs before".to_owned(),
        "backup.taken" => return "a backup that can be restored is taken".to_owned(),
        "check.observed" => return "somebody looks at it".to_owned(),
        event if event.contains('.') && !event.contains(' ') => {
            let by = by.map_or(String::new(), |by| format!(" by a {by}"));
            return format!("{} is on file{by}", event.replace(['.', '_'], " "));
        }
        _ => return words.to_owned(),
    };
    match by {
        Some("person") | None => format!("a person {done}"),
        Some(by) => format!("a {by} {done}"),
    }
}

pub(super) fn open(client: &ClientId, line: &Line, now: Instant) -> Open {
    let next = line.next.as_ref().map(|(due, what)| format!("{} due {}", title(what), time(*due, now)));
    Open {
        client: client.to_string(),
        link: path(client, &["tickets", line.ticket.as_str()]),
        title: line.title.clone().unwrap_or_else(|| line.ticket.to_string()),
        since: time(line.received, now),
        next: next.unwrap_or_default(),
        state: if line.missed { badge(State::Missed, "missed") } else { badge(State::Risk, "open") },
    }
}

/// Of one client every instance; across clients those that are down or that nobody looks at.
pub(super) fn standing(found: &Found, all: bool, now: Instant) -> Vec<Standing> {
    let wanted =
        |seen: &Seen| all || seen.now.as_ref().is_none_or(|now| now.condition != Some(Condition::Up));
    let ours = found.instances.iter().filter(|(_, seen)| wanted(seen));
    ours.map(|(client, seen)| stand(client, seen, now)).collect()
}

fn stand(client: &ClientId, seen: &Seen, now: Instant) -> Standing {
    let known = seen.now.as_ref();
    let since = known.and_then(|known| known.since);
    Standing {
        client: client.to_string(),
        link: path(client, &["instances", &seen.id]),
        name: seen.name.clone(),
        state: condition(known.and_then(|known| known.condition)),
        since: since
            .map_or(String::new(), |since| format!("since {}, {}", time(since, now), away(since, now))),
        strip: known.map_or(String::new(), |known| strip(&seen.name, &known.strip, now)),
    }
}

/// An instance's month: what the agreement promises of it, and what is left.
pub(super) struct Left {
    pub(super) name: String,
    pub(super) link: String,
    pub(super) figures: Figures,
}

/// Of every instance that has an objective.
pub(super) fn months(found: &Found) -> Vec<Left> {
    let with = |(client, seen): &(ClientId, Seen)| {
        let month = seen.now.as_ref()?.month.as_ref()?;
        let link = path(client, &["instances", &seen.id]);
        Some(Left { name: seen.name.clone(), link, figures: Figures::of(client, month) })
    };
    found.instances.iter().filter_map(with).collect()
}

pub(crate) fn condition(condition: Option<Condition>) -> String {
    match condition {
        Some(Condition::Up) => badge(State::Kept, "up"),
        Some(Condition::Down) => badge(State::Missed, "down"),
        Some(Condition::Excluded) => badge(State::Excluded, "down, excluded"),
        Some(Condition::Unknown) => badge(State::Unknown, "nobody looks"),
        None => badge(State::Unknown, "not watched yet"),
    }
}

/// The last day of an instance as a strip; nothing where it flapped too much to be drawn small, or was not covered.
pub(crate) fn strip(name: &str, stretches: &[control::live::query::Stretch], now: Instant) -> String {
    if stretches.is_empty() || stretches.len() > STRETCHES_MAX {
        return String::new();
    }
    let of = |wanted: Condition| {
        Spans::from_unsorted(stretches.iter().filter(|s| s.condition == wanted).map(|s| s.span))
    };
    Minutes::over(Span { start: now - STRIP, end: now })
        .layer(Mark::Up, &of(Condition::Up))
        .layer(Mark::Unknown, &of(Condition::Unknown))
        .layer(Mark::Excluded, &of(Condition::Excluded))
        .layer(Mark::Down, &of(Condition::Down))
        .strip(&format!("{name}, the last 24 hours"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_prevent_a_miss_is_said_to_people() {
        assert_eq!(unless("request.replied by a person"), "a person replies");
        assert_eq!(unless("appeal.decided by a manager"), "a manager decides it");
        assert_eq!(unless("statement.published"), "statement published is on file");
        assert_eq!(unless("wiki answers before"), "wiki answers before");
    }

    #[test]
    fn a_line_has_a_name_and_what_it_is_about() {
        assert_eq!(
            name("first-response: ticket T-1"),
            ("First response".to_owned(), "ticket T-1".to_owned())
        );
        assert_eq!(ticket_in("ticket T-1 on wiki").map(|t| t.to_string()), Some("T-1".to_owned()));
        assert_eq!(ticket_in("maintenance M-1"), None);
    }
}
