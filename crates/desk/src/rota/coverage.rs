//! What agreements promise of people, and where the rota leaves nobody to keep it (MP-SC-INC-01, SH-SLO-06, L-10).

use std::collections::BTreeMap;

use agreement::{Clearance, Coverage, Keyed, MetActor, ObligationRule, Party, Terms, Within};
use facts::{Body, Event, Fact};
use spans::{Instant, Span, Spans};

use super::Rota;

/// Hours in which somebody has to be there to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promised {
    /// The rule of the agreement.
    pub rule: String,
    /// The clauses it names.
    pub clauses: Vec<String>,
    /// When, inside the term.
    pub spans: Spans,
    /// Whether only a qualified person's answer counts (MP-SLO-01, A-37).
    pub qualified: bool,
    /// Whether there is no hour without it.
    pub around_the_clock: bool,
}

/// Who may answer for one client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pool {
    /// The skill that makes a person qualified, where the agreement names one.
    pub skill: Option<String>,
    /// When the client lets only people work for it whom it has cleared (MP-COB-03).
    pub restricted: Spans,
    /// The provider's people who may sign in, by id.
    pub people: BTreeMap<String, Colleague>,
}

/// What decides whether somebody may answer for a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Colleague {
    /// Skills held.
    pub skills: Vec<String>,
    /// Whether this client has cleared the person.
    pub cleared: bool,
}

/// The hours in which an agreement promises a person's first answer, as far as they lie in a period: around the clock where it says so
/// ([`Coverage::QualifiedAroundTheClock`]), else whenever the clock of a first response runs, for the tier of the terms.
pub fn promised(terms: &Terms, within: Span) -> Vec<Promised> {
    let Some(within) = within.intersect(terms.term()) else { return Vec::new() };
    let rules = &terms.agreement().obligation;
    rules.iter().filter_map(|rule| promise(terms, rule, within)).collect()
}

fn promise(terms: &Terms, rule: &ObligationRule, within: Span) -> Option<Promised> {
    let who = rule.met_by.as_ref().and_then(|met_by| met_by.actor)?;
    let answers = [MetActor::Person, MetActor::Qualified].contains(&who)
        && rule.party == Party::Provider
        && rule.on.event == Event::RequestReceived
        && matches!(rule.within, Some(Within::Matrix(_)));
    if !answers {
        return None;
    }
    let spans = match rule.coverage {
        Some(Coverage::QualifiedAroundTheClock) => Spans::one(within),
        None => open(terms, rule, within),
    };
    let around_the_clock = Spans::one(within).subtract(&spans).is_empty();
    let qualified = who == MetActor::Qualified;
    let (rule, clauses) = (rule.id.clone(), rule.clause.ids.clone());
    Some(Promised { rule, clauses, spans, qualified, around_the_clock })
}

/// When the clocks of a rule run: in the calendar of the tier, or in those of every kind.
fn open(terms: &Terms, rule: &ObligationRule, within: Span) -> Spans {
    let names: Vec<&str> = match &rule.calendar {
        None => return Spans::one(within),
        Some(Keyed::One(name)) => vec![name],
        Some(by) => match by.of(terms.tier()) {
            Some(name) => vec![name],
            None => by.iter().map(|(_, name)| name.as_str()).collect(),
        },
    };
    let tables = names.into_iter().filter_map(|name| terms.hours(name));
    tables.fold(Spans::empty(), |all, hours| all.union(&hours.table.spans())).clip(within)
}

impl Pool {
    /// Who may answer for a client by its terms and its own facts.
    pub fn of<'f>(
        terms: &Terms,
        facts: impl IntoIterator<Item = &'f Fact>,
        people: BTreeMap<String, Colleague>,
    ) -> Pool {
        let role = terms.agreement().role.get("qualified");
        let skill = role.and_then(|role| role.skill.clone());
        let per_client = role.is_some_and(|role| role.clearance == Some(Clearance::PerClient));
        let restricted = if per_client { restricted(facts) } else { Spans::empty() };
        Pool { skill, restricted, people }
    }

    /// When somebody may answer, inside a period. `qualified`: only with the skill, and cleared where that is asked.
    pub fn may_answer(&self, person: &str, qualified: bool, within: Span) -> Spans {
        let Some(colleague) = self.people.get(person) else { return Spans::empty() };
        if !qualified {
            return Spans::one(within);
        }
        let skilled = self.skill.as_ref().is_none_or(|skill| colleague.skills.contains(skill));
        match (skilled, colleague.cleared) {
            (false, _) => Spans::empty(),
            (true, true) => Spans::one(within),
            (true, false) => self.restricted.complement(within),
        }
    }

    /// Whether somebody may answer as a qualified person now.
    pub fn fits(&self, person: &str, at: Instant) -> bool {
        let moment = Span { start: at, end: at + spans::Length::from_micros(1) };
        !self.may_answer(person, true, moment).is_empty()
    }
}

/// From each `pool.restricted` to the `pool.opened` after it.
fn restricted<'f>(facts: impl IntoIterator<Item = &'f Fact>) -> Spans {
    let mut since: Option<Instant> = None;
    let mut found = Vec::new();
    for fact in facts {
        match fact.event() {
            Event::PoolRestricted => since = since.or(Some(fact.at)),
            Event::PoolOpened => found.extend(since.take().and_then(|start| Span::new(start, fact.at))),
            _ => {}
        }
    }
    found.extend(since.map(|start| Span { start, end: Instant::MAX }));
    Spans::from_unsorted(found)
}

impl Rota {
    /// MP-SC-INC-01: where a promise has nobody to keep it, inside a period: no layer has anybody on call who may answer for the client,
    /// and no shift is planned for the client itself (`shift.planned` of a qualified person). A warning, not a miss.
    pub fn gaps<'f>(
        &self,
        promised: &Promised,
        pool: &Pool,
        facts: impl IntoIterator<Item = &'f Fact>,
        within: Span,
    ) -> Spans {
        let shifts = facts.into_iter().filter_map(|fact| match &fact.body {
            Body::ShiftPlanned(shift) if shift.qualified || !promised.qualified => {
                Span::new(shift.from, shift.until)
            }
            _ => None,
        });
        let mut covered: Vec<Span> = shifts.collect();
        for turn in self.turns(within) {
            if let Some(person) = &turn.person {
                covered.extend(pool.may_answer(person, promised.qualified, turn.span).iter());
            }
        }
        promised.spans.clip(within).subtract(&Spans::from_unsorted(covered))
    }
}
