//! A client at a glance: how it stands, what of its support was agreed, and whom it asks about what.

use std::collections::BTreeMap;

use agreement::{
    Agreement, Party, Terms,
    section::{
        onboarding::{ContactTopic, Escalation},
        party::Channel,
    },
};
use facts::ClientId;
use journal::people::{Membership, Person, Standing as Side};
use spans::{Instant, Length, Month, Span};

use super::{AgreementView, Condition, Line, MonthAttained, SupportHours};
use crate::live::{Book, Control, Recall, RotaView, Uncovered};

/// How a client's instances, tickets and promises stand now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stands {
    /// Instances by how they are: up, down or excluded, unknown.
    pub up: usize,
    /// Those that fail.
    pub down: usize,
    /// Those at which nobody looked.
    pub unknown: usize,
    /// Open tickets that wait for the provider.
    pub ours: usize,
    /// Those that wait for the client.
    pub theirs: usize,
    /// Those of which something was missed.
    pub missed: usize,
    /// What falls due next about one of them: when, what, and the ticket.
    pub next: Option<(Instant, String, String)>,
    /// How promises about requests were kept this month; none before one is in force.
    pub month: Option<MonthAttained>,
}

/// A way in that a client's tier has (SH-SUP-02, A-27).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Its name in the agreement, such as `email`.
    pub name: String,
    /// The clauses that give it.
    pub clauses: Vec<String>,
    /// The mail address or telephone number, where there is one.
    pub at: Option<String>,
    /// Whether response objectives hold for it (MP-SLO-11).
    pub objectives: bool,
}

/// Whom to ask about what (MP-ESC-08..10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// About what.
    pub topic: String,
    /// The role to ask.
    pub role: String,
    /// Names of those who hold it.
    pub people: Vec<String>,
    /// The clauses that say so.
    pub clauses: Vec<String>,
}

/// How a client gets further when it is stuck (MP-ESC-03).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// Level and person or role, lowest first.
    pub rungs: Vec<(u32, String)>,
    /// Reasons to escalate.
    pub reasons: Vec<String>,
    /// The clauses that say so.
    pub clauses: Vec<String>,
}

/// What of a client's support was agreed.
#[derive(Debug, Clone, Default)]
pub struct Care {
    /// The agreement in force, or the first file at hand.
    pub agreement: Option<AgreementView>,
    /// When somebody answers.
    pub hours: Vec<SupportHours>,
    /// The ways in that the tier has.
    pub ways: Vec<Way>,
    /// Whom to ask about what.
    pub topics: Vec<Topic>,
    /// How to get further.
    pub ladder: Option<Ladder>,
}

impl Control {
    /// How a client stands now, with every ticket of this month.
    ///
    /// # Errors
    /// The journal's.
    pub fn stands(&self, client: &ClientId, now: Instant) -> journal::Result<Stands> {
        let recall = |book: &Book| match book.this_month(now) {
            Some(month) => Recall::Month(month),
            None => Recall::Tickets(Vec::new()),
        };
        Ok(self.read_recalling(client, now, recall, |book| book.glance(now))?.unwrap_or_default())
    }

    /// What of a client's support was agreed, with the people who hold the roles that it names.
    ///
    /// # Errors
    /// The journal's.
    pub fn care(&self, client: &ClientId, now: Instant) -> journal::Result<Care> {
        let Some(view) = self.agreement(client, now)? else { return Ok(Care::default()) };
        let staff = self.journal().glance(|tx| tx.staff())?;
        let agreement = view.terms.agreement();
        Ok(Care {
            hours: self.read(client, now, |book| book.support_hours(now))?.unwrap_or_default(),
            ways: ways(&view.terms),
            topics: agreement.contact_topic.iter().map(|rule| topic(rule, &staff, now)).collect(),
            ladder: agreement.escalation.as_ref().map(ladder),
            agreement: Some(view),
        })
    }

    /// Where the promises of clients have nobody on call who may answer, from now on for so long.
    ///
    /// # Errors
    /// The journal's.
    pub fn gaps(&self, ahead: Length, now: Instant) -> journal::Result<Vec<Uncovered>> {
        let RotaView { uncovered, .. } = self.rota_view(Span { start: now, end: now + ahead }, now)?;
        Ok(uncovered)
    }

    /// The people of a client who may come in, in order of their logins.
    ///
    /// # Errors
    /// The journal's.
    pub fn contacts(&self, client: &ClientId, now: Instant) -> journal::Result<Vec<Person>> {
        let mut people = self.journal().glance(|tx| tx.people_of(client))?;
        people.retain(|person| person.membership(now) != Membership::Disabled);
        Ok(people)
    }
}

impl Book {
    /// When each place that looks was last heard.
    pub fn heard(&self, now: Instant) -> BTreeMap<String, Instant> {
        let mut heard = BTreeMap::new();
        for seen in self.instances(now, Length::MINUTE).into_iter().flat_map(|instance| instance.seen) {
            let last = heard.entry(seen.vantage).or_insert(seen.last.at);
            *last = seen.last.at.max(*last);
        }
        heard
    }

    fn glance(&self, now: Instant) -> Stands {
        let lines = self.open_ticket_lines(now);
        let open = || lines.iter().filter(|line| line.merged_into.is_none());
        let is_theirs = |line: &&Line| line.turn == Some(Party::Client);
        let due = |line: &Line| {
            let (at, what) = line.next.clone()?;
            Some((at, what, line.ticket.to_string()))
        };
        let mut stands = Stands {
            ours: open().filter(|line| !is_theirs(line)).count(),
            theirs: open().filter(is_theirs).count(),
            missed: open().filter(|line| line.missed).count(),
            next: open().filter_map(due).min(),
            month: self.month_so_far(now),
            ..Stands::default()
        };
        for instance in self.instances(now, Length::MINUTE) {
            match instance.condition {
                Some(Condition::Up) => stands.up += 1,
                Some(Condition::Down | Condition::Excluded) => stands.down += 1,
                Some(Condition::Unknown) | None => stands.unknown += 1,
            }
        }
        stands
    }

    fn this_month(&self, now: Instant) -> Option<Month> {
        let zone = self.versions()?.latest().agreement().months_in();
        Some(Month::of(now, &zone))
    }

    fn month_so_far(&self, now: Instant) -> Option<MonthAttained> {
        self.attainment(self.this_month(now)?, now).map(|found| MonthAttained::of(&found))
    }
}

/// SH-SUP-02, A-27: a channel is there for the tiers that it names, and for all where it names none.
fn ways(terms: &Terms) -> Vec<Way> {
    let agreement: &Agreement = terms.agreement();
    let has = |tiers: &[String]| {
        tiers.is_empty() || terms.tier().is_some_and(|tier| tiers.iter().any(|has| has == tier))
    };
    let written =
        |name: &String| agreement.channels.as_ref().is_some_and(|rule| rule.agreed_in_writing.contains(name));
    let theirs = agreement.channel.iter().filter(|(_, channel)| has(&channel.tiers));
    let way = |(name, channel): (&String, &Channel)| Way {
        name: name.clone(),
        clauses: channel.clause.ids.clone(),
        at: channel.address.clone().or_else(|| channel.number.clone()),
        // MP-SLO-11, A-41: where a channel is agreed in writing its objectives hold.
        objectives: channel.slo != Some(false) || written(name),
    };
    theirs.map(way).collect()
}

/// MP-ESC-08, MP-ESC-09, MP-ESC-10: the role that the agreement names, and who of the provider's people holds it.
fn topic(rule: &ContactTopic, staff: &[Person], now: Instant) -> Topic {
    let holds = |person: &&Person| {
        person.standing == Side::Staff
            && person.has_role(&rule.who)
            && matches!(person.membership(now), Membership::Effective | Membership::Leaving)
    };
    Topic {
        topic: rule.topic.clone(),
        role: rule.who.clone(),
        people: staff.iter().filter(holds).map(|person| person.name.clone()).collect(),
        clauses: rule.clause.ids.clone(),
    }
}

fn ladder(rule: &Escalation) -> Ladder {
    Ladder {
        rungs: rule.path.iter().map(|rung| (rung.level, rung.who.clone())).collect(),
        reasons: rule.reason.iter().map(|reason| reason.id.clone()).collect(),
        clauses: rule.clause.ids.clone(),
    }
}
