//! Incidents that monitoring opens, merges and closes by itself (SH-MON-01, MP-SC-INC-01, MP-SC-INC-02). They are tickets like any
//! other: their clocks run, and only a person's answer meets them. What monitoring writes answers nobody.

use facts::{
    Actor, Body, Event, Fact, InstanceId, Outcome, RequestReceived, RequestReopened, RequestResolved,
    Resolution, Slug, TicketId,
};
use journal::Key;
use promise::ledger_seen;
use spans::{Instant, Length, Span};

use super::{Act, Book, Control, NotDone};

/// The way in of what monitoring opens.
pub const CHANNEL: &str = "monitoring";
/// Who writes it.
pub const ACTOR: &str = "monitoring";
/// An instance that fails again so soon after it recovered is the same incident.
pub const MERGE_WITHIN: Length = Length::from_minutes(15);
/// How long an instance must answer until its incident is closed.
pub const SETTLED_AFTER: Length = Length::from_minutes(3);

/// What monitoring does about an instance.
#[derive(Debug, PartialEq, Eq)]
enum Deed {
    Open(Span),
    /// After it was closed at this instant.
    Reopen(TicketId, Instant),
    Close(TicketId, Span),
}

impl Control {
    /// Looks at instances that were just looked at, and does about them what is due.
    pub(super) fn attend(
        &self,
        book: &mut Book,
        instances: &[InstanceId],
        now: Instant,
    ) -> journal::Result<()> {
        for instance in instances {
            let Some(deed) = decide(book, instance, now) else { continue };
            let (body, name): (Body, String) = match deed {
                Deed::Open(run) => {
                    (received(book, instance, run).into(), format!("open/{instance}/{}", run.start))
                }
                Deed::Reopen(ticket, closed) => {
                    let name = format!("reopen/{ticket}/{closed}");
                    (RequestReopened { ticket }.into(), name)
                }
                Deed::Close(ticket, run) => {
                    let name = format!("close/{ticket}/{}", run.end);
                    (resolved(ticket, run).into(), name)
                }
            };
            let key = Key::new(&format!("incident/{name}"))?;
            let act = Act { key: Some(key), ..Act::new(book.client(), Actor::automaton(ACTOR), body) };
            match self.note(book, &act, now) {
                Ok(_) => {}
                Err(NotDone::Journal(error)) => return Err(error),
                Err(other) => unreachable!("monitoring asks no guard: {other}"),
            }
        }
        Ok(())
    }
}

fn decide(book: &Book, instance: &InstanceId, now: Instant) -> Option<Deed> {
    let ticket = newest(book, instance);
    let glimpses = book.glimpses(instance);
    let failing =
        glimpses.iter().any(|glimpse| glimpse.last.outcome == Outcome::Down && now < glimpse.holds_until);
    let open = ticket.as_ref().filter(|ticket| ticket.closed.is_none());
    if !failing && open.is_none() {
        return None;
    }
    let runs = down(book, instance, now);
    let last = runs.last().copied();
    let current = last.filter(|run| run.contains(now - Length::from_micros(1)));
    match (current, open, &ticket) {
        (Some(_), Some(_), _) => None,
        (Some(run), None, _) if !is_confirmed(&glimpses, run, now) => None,
        (Some(run), None, before) => {
            let closed = before.as_ref().and_then(|before| Some((before, before.closed?)));
            match closed.filter(|(_, at)| run.start - *at <= MERGE_WITHIN) {
                // Each closing is answered: an incident that is resolved while the instance is down does not stay so.
                Some((before, at)) => Some(Deed::Reopen(before.id.clone(), at)),
                None => Some(Deed::Open(run)),
            }
        }
        (None, Some(open), _) => {
            let run = last.unwrap_or(Span { start: open.opened, end: open.opened });
            let answers = |from: Instant| {
                glimpses.iter().any(|glimpse| glimpse.last.outcome == Outcome::Up && from <= glimpse.last.at)
            };
            let settled = SETTLED_AFTER <= now - run.end && answers(run.end) && !failing;
            settled.then(|| Deed::Close(open.id.clone(), run))
        }
        (None, None, _) => None,
    }
}

/// One failing look may be a stray: a second one, from there or elsewhere, confirms it.
fn is_confirmed(glimpses: &[promise::Glimpse<'_>], run: Span, now: Instant) -> bool {
    let failing = glimpses.iter().filter(|g| g.last.outcome == Outcome::Down && now < g.holds_until);
    let (count, newest) =
        failing.fold((0, run.start), |(count, newest), g| (count + 1, newest.max(g.last.at)));
    1 < count || run.start < newest
}

/// The instance's downtime that nothing excludes, so that maintenance opens no incident.
pub(super) fn down(book: &Book, instance: &InstanceId, now: Instant) -> Vec<Span> {
    let Some(versions) = book.versions() else { return Vec::new() };
    let terms = versions.latest().terms();
    if terms.agreement().availability.is_none() {
        let down = book.evidence(instance, terms).down().clip(Span { start: Instant::MIN, end: now });
        return down.iter().collect();
    }
    let ledger = ledger_seen(terms, book.facts(), instance, &|instance| book.evidence(instance, terms), now);
    ledger.map_or_else(Vec::new, |ledger| ledger.down().iter().collect())
}

/// The newest incident that monitoring opened for an instance.
struct Incident {
    id: TicketId,
    opened: Instant,
    closed: Option<Instant>,
}

fn newest(book: &Book, instance: &InstanceId) -> Option<Incident> {
    let (id, facts) = book.last_incident(instance)?;
    incident(id, facts, instance)
}

fn incident(id: &Slug, facts: &[Fact], instance: &InstanceId) -> Option<Incident> {
    let opened = facts.iter().find(|fact| match &fact.body {
        Body::RequestReceived(request) => {
            request.channel == CHANNEL && request.instance.as_ref() == Some(instance)
        }
        _ => false,
    })?;
    let last = facts.iter().rev().find_map(|fact| match fact.event() {
        Event::RequestResolved | Event::RequestWithdrawn => Some(Some(fact.at)),
        Event::RequestReopened => Some(None),
        _ => None,
    });
    Some(Incident { id: TicketId(id.clone()), opened: opened.at, closed: last.flatten() })
}

fn received(book: &Book, instance: &InstanceId, run: Span) -> RequestReceived {
    let name = book.facts().iter().rev().find_map(|fact| match &fact.body {
        Body::InstanceAdded(added) if added.instance == *instance => Some(added.name.clone()),
        _ => None,
    });
    let name = name.unwrap_or_else(|| instance.to_string());
    let stamp: String = run.start.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    let short: String = instance.as_str().chars().take(80).collect();
    let ticket = format!("i-{short}-{stamp}").parse().expect("the letters of an id and digits are an id");
    RequestReceived {
        ticket,
        channel: CHANNEL.to_owned(),
        title: Some(format!("{name} does not answer since {}", to_the_second(run.start))),
        instance: Some(instance.clone()),
        priority: None,
        class: None,
        kind: Some("outage".to_owned()),
        urgency: None,
        text: None,
        split_from: None,
        about: None,
    }
}

fn resolved(ticket: TicketId, run: Span) -> RequestResolved {
    RequestResolved { ticket, summary: summary(run), outcome: Resolution::Solved }
}

fn summary(run: Span) -> String {
    format!(
        "It failed from {} to {} and has answered since. Monitoring closed this by itself.",
        to_the_second(run.start),
        to_the_second(run.end)
    )
}

/// `2026-06-10 10:00:20 UTC`, for people.
pub(super) fn to_the_second(at: Instant) -> String {
    let text = at.to_string();
    format!("{} UTC", text.get(..19).unwrap_or(&text).replace('T', " "))
}
