//! Alerts: the provider's own monitoring says that a resource of an instance crossed its limit (MP-SC-INC-02). It is recorded, opens
//! an incident at once, and people are told by what the outbox holds from that very transaction on.

use facts::{
    Actor, ActorKind, Body, ClientId, Fact, InstanceId, RequestReceived, Side, ThresholdCrossed, TicketId,
};
use promise::guard::is_word;
use spans::Instant;

use super::{By, ticket::number};
use crate::live::{Book, Control, Done, NotDone, query::is_closed};

/// The way in of what an alert opens.
pub const ALERT_CHANNEL: &str = "alert";
/// Characters of a resource's name and of a unit.
const NAME_CHARS_MAX: usize = 80;
/// Characters of what shows it.
const EVIDENCE_CHARS_MAX: usize = 4_000;
/// What kind of incident it is, where the agreement has the word.
const KIND: &str = "performance";

/// A resource of an instance that crossed its limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// Of which instance.
    pub instance: InstanceId,
    /// What is running out, such as `disk`.
    pub resource: String,
    /// What was measured, in `unit`.
    pub value: u64,
    /// Its limit, in `unit`.
    pub limit: u64,
    /// The unit of both, such as `%`; may be empty.
    pub unit: String,
    /// What shows it: a line of a log, the name of a graph.
    pub evidence: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alerted {
    /// The incident.
    pub ticket: TicketId,
    /// What was recorded; none where as much was known of the open incident.
    pub done: Option<Done>,
}

impl Control {
    /// A resource crossed its limit: an incident is opened for it, or what is worse than before is recorded on the one that is
    /// open for this instance and resource. What is no worse is known already, and nothing is recorded.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Wrong`] for an instance that is not covered, a value below its limit, a word that
    /// is missing or too long.
    pub fn cross(
        &self,
        client: &ClientId,
        crossing: Crossing,
        by: By,
        now: Instant,
    ) -> Result<Alerted, NotDone> {
        let crossing = crossing.checked()?;
        // A machine says it, with somebody's token: as any machine's word it answers nobody.
        let machine =
            Actor { kind: ActorKind::Automaton, side: Side::Outside, ..Actor::automaton(&by.actor.id) };
        let act = By { actor: machine, ..by }.act(client, crossing.as_fact(number(0), 1)?, None);
        let mut known = None;
        let done = self.found(act, now, |book, act| {
            book.covers(&crossing.instance, now)?;
            let open = book.open_alert(&crossing);
            if let Some((ticket, worst, count)) = open {
                if crossing.value <= worst {
                    known = Some(ticket);
                    return Err(NotDone::Changed);
                }
                act.bodies = vec![crossing.as_fact(ticket, count + 1)?.into()];
                return Ok(());
            }
            let ticket = number(book.highest_number().saturating_add(1));
            act.bodies = vec![
                crossing.as_fact(ticket.clone(), 1)?.into(),
                book.incident_of(&crossing, ticket, now).into(),
            ];
            Ok(())
        });
        match (known, done) {
            (Some(ticket), Err(_)) => Ok(Alerted { ticket, done: None }),
            (_, done) => self.alerted(client, done?),
        }
    }

    /// The incident that an act is about, also where it was sent again under its key.
    fn alerted(&self, client: &ClientId, done: Done) -> Result<Alerted, NotDone> {
        let found = self.journal().tail(client, done.first_seq.saturating_sub(1), 1)?;
        let ticket = found.into_iter().find_map(|entry| match entry.fact.body {
            Body::ThresholdCrossed(crossed) => crossed.ticket,
            _ => None,
        });
        let ticket = ticket.ok_or_else(|| NotDone::UnknownClient { client: client.clone() })?;
        Ok(Alerted { ticket, done: Some(done) })
    }
}

impl Crossing {
    /// In words that can be kept, or what is wrong with them.
    fn checked(self) -> Result<Crossing, NotDone> {
        let trimmed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let resource = trimmed(&self.resource);
        let (unit, evidence) = (trimmed(&self.unit), self.evidence.trim().to_owned());
        let crossing = Crossing { resource, unit, evidence, ..self };
        for (field, text, max) in [
            ("resource", &crossing.resource, NAME_CHARS_MAX),
            ("unit", &crossing.unit, NAME_CHARS_MAX),
            ("evidence", &crossing.evidence, EVIDENCE_CHARS_MAX),
        ] {
            let found = text.chars().count();
            if max < found {
                return Err(wrong(field, format!("it has {found} characters: write {max} at most")));
            }
        }
        if crossing.resource.is_empty() {
            return Err(wrong("resource", "say what is running out, such as `disk`".to_owned()));
        }
        if crossing.evidence.is_empty() {
            let why = "say what shows it: a line of a log, the name of a graph";
            return Err(wrong("evidence", why.to_owned()));
        }
        if crossing.value < crossing.limit {
            let (value, limit) = (crossing.with_unit(crossing.value), crossing.with_unit(crossing.limit));
            let why = format!(
                "{value} is below the limit of {limit} for {} on {}: report what has reached its limit",
                crossing.resource, crossing.instance
            );
            return Err(wrong("value", why));
        }
        Ok(crossing)
    }

    /// `95%`, `1200 MiB`.
    fn with_unit(&self, value: u64) -> String {
        match self.unit.as_str() {
            "" => value.to_string(),
            "%" => format!("{value}%"),
            unit => format!("{value} {unit}"),
        }
    }

    fn measure(&self) -> String {
        format!("{} {}, limit {}", self.resource, self.with_unit(self.value), self.with_unit(self.limit))
    }

    /// As the `nth` of its incident. A ticket that came by an import may have an id as long as ids may be.
    fn as_fact(&self, ticket: TicketId, nth: usize) -> Result<ThresholdCrossed, NotDone> {
        let alert = format!("alert-{ticket}-{nth}").parse().map_err(|_| {
            let why = format!("its incident {ticket} has too long an id for one more alert: close it first");
            wrong("resource", why)
        })?;
        Ok(ThresholdCrossed {
            alert,
            instance: self.instance.clone(),
            measure: self.measure(),
            resource: Some(self.resource.clone()),
            value: Some(self.value),
            limit: Some(self.limit),
            unit: Some(self.unit.clone()).filter(|unit| !unit.is_empty()),
            evidence: Some(self.evidence.clone()),
            ticket: Some(ticket),
        })
    }

    /// Whether it is about the same instance and resource, however that is capitalised.
    fn is_same(&self, crossed: &ThresholdCrossed) -> bool {
        let resource = crossed.resource.as_deref().unwrap_or_default();
        crossed.instance == self.instance && resource.to_lowercase() == self.resource.to_lowercase()
    }
}

impl Book {
    /// That an instance is covered, said so that whoever set up the monitoring can mend it.
    fn covers(&self, instance: &InstanceId, now: Instant) -> Result<(), NotDone> {
        self.is_running(instance, now).map_err(|_| {
            let why = format!(
                "client {} has no instance {instance} that is covered: take an id of its list of instances",
                self.client()
            );
            wrong("instance", why)
        })
    }

    /// The open incident of this instance and resource, with the highest value and the number of alerts on it.
    fn open_alert(&self, crossing: &Crossing) -> Option<(TicketId, u64, usize)> {
        self.tickets().filter(|(_, facts)| !is_closed(facts)).find_map(|(ticket, facts)| {
            let alerts = crossings(facts).filter(|crossed| crossing.is_same(crossed));
            let worst = alerts.filter_map(|crossed| crossed.value).max()?;
            Some((TicketId(ticket.clone()), worst, crossings(facts).count()))
        })
    }

    fn incident_of(&self, crossing: &Crossing, ticket: TicketId, now: Instant) -> RequestReceived {
        let names = self.instance_names();
        let name = names.iter().find(|(id, _)| *id == crossing.instance).map(|(_, name)| name.as_str());
        let name = name.unwrap_or(crossing.instance.as_str());
        let plan = self.versions().map(|versions| versions.at(now).unwrap_or_else(|| versions.first()));
        let kind = plan.filter(|plan| is_word(plan, "kind", KIND)).map(|_| KIND.to_owned());
        RequestReceived {
            ticket,
            channel: ALERT_CHANNEL.to_owned(),
            title: Some(format!("{name}: {}", crossing.measure())),
            instance: Some(crossing.instance.clone()),
            priority: None,
            class: None,
            kind,
            urgency: None,
            text: None,
            split_from: None,
            about: None,
        }
    }
}

fn crossings(facts: &[Fact]) -> impl Iterator<Item = &ThresholdCrossed> {
    facts.iter().filter_map(|fact| match &fact.body {
        Body::ThresholdCrossed(crossed) => Some(crossed),
        _ => None,
    })
}

fn wrong(field: &str, why: String) -> NotDone {
    NotDone::Wrong { field: field.to_owned(), why }
}
