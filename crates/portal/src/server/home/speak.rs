//! Sentences for people of a client: is it up, what is being done, what waits for you, and when somebody answers.

use agreement::Party;
use control::live::query::Condition;
use spans::Instant;

use super::Found;
use crate::{
    part::escape,
    server::{
        hours,
        moment::{path, time, title},
    },
};

/// As HTML, in that order.
pub(super) fn sentences(found: &Found, now: Instant) -> Vec<String> {
    let hours: Vec<String> = found.support.iter().map(|support| hours::sentence(support, now)).collect();
    let hours = (!hours.is_empty()).then(|| hours.join(" "));
    [up(found, now), doing(found, now), yours(found, now)].into_iter().chain(hours).collect()
}

fn up(found: &Found, now: Instant) -> String {
    let of = |wanted: Condition| -> Vec<(&str, Option<Instant>)> {
        let seen = found.instances.iter().filter_map(|(_, seen)| Some((seen, seen.now.as_ref()?)));
        let ours = seen.filter(|(_, now)| now.condition == Some(wanted));
        ours.map(|(seen, now)| (seen.name.as_str(), now.since)).collect()
    };
    let (down, unknown, fine) = (of(Condition::Down), of(Condition::Unknown), of(Condition::Up));
    let excluded = of(Condition::Excluded);
    let mut parts: Vec<String> = Vec::new();
    let since = |at: Option<Instant>| at.map_or(String::new(), |at| format!(" since {}", time(at, now)));
    parts.extend(
        down.iter().map(|(name, at)| format!("<b>{} does not answer</b>{}.", escape(name), since(*at))),
    );
    parts.extend(
        unknown.iter().map(|(name, at)| format!("Nobody has looked at {}{}.", escape(name), since(*at))),
    );
    parts.extend(excluded.iter().map(|(name, at)| {
        format!("{} does not answer{}; the agreement takes that out.", escape(name), since(*at))
    }));
    match fine.as_slice() {
        [] => {}
        [(name, _)] => parts.push(format!("{} answers.", escape(name))),
        all if parts.is_empty() => parts.push(format!("All {} instances answer.", all.len())),
        all => parts.push(format!("{} others answer.", all.len())),
    }
    if parts.is_empty() { "Nothing is watched yet.".to_owned() } else { parts.join(" ") }
}

fn doing(found: &Found, now: Instant) -> String {
    let ours: Vec<_> = found
        .tickets
        .iter()
        .filter(|(_, line)| matches!(line.turn, Some(Party::Provider | Party::Both)))
        .collect();
    let mut parts = match ours.len() {
        0 => vec!["No request waits for us.".to_owned()],
        1 => vec!["One request is with us.".to_owned()],
        n => vec![format!("{n} requests are with us.")],
    };
    let soonest = ours
        .iter()
        .filter_map(|(client, line)| Some((line.next.as_ref()?, client, line)))
        .min_by_key(|(next, ..)| next.0);
    parts.extend(soonest.map(|((due, what), client, line)| {
        let link = path(client, &["tickets", line.ticket.as_str()]);
        let name = line.title.as_deref().unwrap_or(line.ticket.as_str());
        let what = title(what).to_lowercase();
        format!("Next on <a href=\"{link}\">{}</a>: {what}, due {}.", escape(name), time(*due, now))
    }));
    let next = found.maintenance.iter().min_by_key(|(_, record)| record.planned.starts_at);
    parts.extend(next.map(|(client, record)| {
        let link = path(client, &["maintenance", record.planned.maintenance.as_str()]);
        let (start, word) = (record.planned.starts_at, record.word(now));
        match word {
            "planned" if now < start => {
                format!("<a href=\"{link}\">Maintenance</a> begins {}.", time(start, now))
            }
            "overrun" => format!(
                "<a href=\"{link}\">Maintenance</a> was to end {} and goes on.",
                time(record.planned.ends_at, now)
            ),
            _ => format!(
                "<a href=\"{link}\">Maintenance</a> lasts until {}.",
                time(record.planned.ends_at, now)
            ),
        }
    }));
    parts.join(" ")
}

/// What nobody but the reader can answer, and nothing else: whoever reads that nothing waits may close the page.
fn yours(found: &Found, now: Instant) -> String {
    let mut parts = Vec::new();
    parts.extend(answers(found));
    for (client, waiting) in &found.waiting {
        let link = |parts: &[&str], name: &str| format!("<a href=\"{}\">{name}</a>", path(client, parts));
        parts.extend(waiting.pauses.iter().map(|ticket| {
            let ticket = ticket.as_str();
            format!(
                "We say that the clocks of {} stood still: do you agree?",
                link(&["tickets", ticket], ticket)
            )
        }));
        parts.extend(waiting.proposals.iter().map(|proposal| {
            let name = format!("proposal {}", escape(proposal.as_str()));
            format!("Your approval is asked for {}.", link(&["maintenance", "agreed"], &name))
        }));
        parts.extend(waiting.changes.iter().map(|change| {
            let name = format!("change {}", escape(change.id.as_str()));
            let start = time(change.proposed.starts_at, now);
            format!("Your approval is asked for {}, which is to begin {start}.", link(&["changes"], &name))
        }));
        parts.extend(waiting.claims.iter().map(|(claim, until)| {
            let name = format!("claim {}", escape(claim.as_str()));
            let until = until.map_or(String::new(), |until| format!(" until {}", time(until, now)));
            format!("You can dispute {}{until}.", link(&["exclusions", claim.as_str()], &name))
        }));
        let held = (0 < waiting.held).then(|| {
            let name = match waiting.held {
                1 => "a message of somebody who is no contact".to_owned(),
                held => format!("{held} messages of people who are no contacts"),
            };
            format!("Say what becomes of {}.", link(&["tickets", "held"], &name))
        });
        parts.extend(held);
    }
    if parts.is_empty() { "Nothing waits for you.".to_owned() } else { parts.join(" ") }
}

fn answers(found: &Found) -> Option<String> {
    let waiting = found.tickets.iter().filter(|(_, line)| line.turn == Some(Party::Client));
    let links: Vec<String> = waiting
        .map(|(client, line)| {
            let name = line.title.as_deref().unwrap_or(line.ticket.as_str());
            format!("<a href=\"{}\">{}</a>", path(client, &["tickets", line.ticket.as_str()]), escape(name))
        })
        .collect();
    match links.len() {
        0 => None,
        1 => Some(format!("Your answer is awaited on {}.", links.join(""))),
        n => Some(format!("Your answer is awaited on {n} requests: {}.", links.join(", "))),
    }
}
