//! What cannot stand beside what is on record, though each fact can be read: what the engine would pass over without a word.
//!
//! Here stands what needs the other facts or the agreement; the words of the agreement are asked for by the guards of the engine.
//! The lines of a scenario and the lines that a person records are judged alike.

use std::{collections::BTreeMap, fmt};

use agreement::Terms;
use facts::{
    Body, Currency, Event, Fact, FactId, InstanceAdded, InstanceCharged, InstanceId, Money, Noun,
    RequestReceived, Slug,
};
use spans::{Instant, Month, Span};

use crate::{
    Versions,
    guard::{self, Reason, Refusal},
    history::History,
    ticket::linked_ticket,
};

/// A line whose fact does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct Misfit {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub problem: Problem,
}

/// Why a fact would be passed over, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum Problem {
    #[error("{by} says the same for {at} already: leave it out")]
    SaidAlready { by: Place, at: Instant },
    #[error(
        "{by} adds the instance {instance} already: give this one another id, or let that one end first (`instance.ended`)"
    )]
    AddedTwice { by: Place, instance: InstanceId },
    #[error(
        "{by} holds request {ticket} already: give this one another id, or reply to it (`request.replied`)"
    )]
    ReceivedTwice { by: Place, ticket: Slug },
    #[error("there is no instance {instance}: add it first (`instance.added`), or name another")]
    NoInstance { instance: InstanceId },
    #[error(
        "there is no request {ticket} before: have it received first (`request.received`), or name another"
    )]
    NoRequest { ticket: Slug },
    #[error("the request lies outside the term, from {} to {}: choose an instant inside it", term.start, term.end)]
    RequestOutside { term: Span },
    #[error("{month} lies outside the term, from {} to {}: charge a month inside it", term.start, term.end)]
    ChargeOutside { month: Month, term: Span },
    #[error(
        "the instance {instance} would never be covered: the term is from {} to {}; choose a `from` inside it", term.start, term.end
    )]
    NeverCovered { instance: InstanceId, term: Span },
    #[error("the amounts of the agreement are in {ours}, and this is {amount}: charge it in {ours}")]
    OtherCurrency { amount: Money, ours: Currency },
    #[error("a charge is not below zero, and this is {amount}: say what is charged in the month")]
    BelowZero { amount: Money },
    #[error(transparent)]
    Word(Refusal),
}

/// Where a fact stands: in the journal, or in a line, from 1, of what is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "said above")]
pub enum Place {
    Journal,
    Line(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Journal => f.write_str("the journal"),
            Place::Line(line) => write!(f, "line {line}"),
        }
    }
}

/// Every fact among those told that would be passed over beside the others and those on record, by line. `told`: each with its
/// line; several may share one.
pub fn misfits<'f>(
    versions: &Versions,
    on_record: impl IntoIterator<Item = &'f Fact>,
    told: impl IntoIterator<Item = (usize, &'f Fact)>,
) -> Vec<Misfit> {
    let on_record = on_record.into_iter().map(|fact| (Place::Journal, fact));
    let all: Vec<Placed<'_>> =
        on_record.chain(told.into_iter().map(|(line, fact)| (Place::Line(line), fact))).collect();
    let known = Known::new(versions, &all);
    let misfit = |&(place, fact): &Placed<'_>| match place {
        Place::Journal => None,
        Place::Line(line) => Some(Misfit { line, problem: known.problem(place, fact)? }),
    };
    let mut misfits: Vec<Misfit> = all.iter().filter_map(misfit).collect();
    misfits.sort_by_key(|misfit| misfit.line);
    // A line may stand for thousands of facts.
    misfits.dedup();
    misfits
}

type Placed<'f> = (Place, &'f Fact);

/// The facts by what the rules ask for.
struct Known<'f> {
    versions: &'f Versions,
    history: History<'f>,
    added: BTreeMap<&'f InstanceId, Vec<(Place, &'f Fact, &'f InstanceAdded)>>,
    received: BTreeMap<&'f Slug, Vec<Placed<'f>>>,
    /// Those of one instant, event and subject.
    alike: BTreeMap<(Instant, Event, &'f Slug), Vec<Placed<'f>>>,
}

impl<'f> Known<'f> {
    fn new(versions: &'f Versions, all: &[Placed<'f>]) -> Known<'f> {
        let history = History::new(all.iter().map(|(_, fact)| *fact));
        let (added, received, alike) = Default::default();
        let mut known = Known { versions, history, added, received, alike };
        for &(place, fact) in all {
            let id = fact.body.subject_id();
            known.alike.entry((fact.at, fact.event(), id)).or_default().push((place, fact));
            match &fact.body {
                Body::InstanceAdded(added) => {
                    known.added.entry(&added.instance).or_default().push((place, fact, added));
                }
                Body::RequestReceived(_) => known.received.entry(id).or_default().push((place, fact)),
                _ => {}
            }
        }
        known
    }

    fn problem(&self, place: Place, fact: &Fact) -> Option<Problem> {
        self.said_already(place, fact).or_else(|| match &fact.body {
            Body::InstanceAdded(added) => {
                self.added_twice(added, place, fact).or_else(|| self.covered(added))
            }
            Body::InstanceCharged(charge) => {
                self.no_instance(&charge.instance).or_else(|| self.charge(charge, fact.at))
            }
            Body::RequestReceived(request) => self.request(request, place, fact),
            Body::MaintenancePlanned(plan) => plan.instances.iter().find_map(|id| self.no_instance(id)),
            Body::ExclusionClaimed(claim) => self.no_instance(&claim.instance),
            Body::ThresholdCrossed(crossed) => {
                self.no_instance(&crossed.instance).or_else(|| self.no_request(fact))
            }
            _ if fact.event().noun() == Noun::Instance => {
                self.no_instance(&InstanceId(fact.body.subject_id().clone()))
            }
            _ => self.no_request(fact).or_else(|| self.word(fact)),
        })
    }

    /// Two people of one party who say the same of one instant say it once; of both parties each speaks for itself.
    fn said_already(&self, place: Place, fact: &Fact) -> Option<Problem> {
        let key = (fact.at, fact.event(), fact.body.subject_id());
        let is_same = |&&(other, said): &&Placed<'_>| {
            other < place && said.body == fact.body && said.actor.side == fact.actor.side
        };
        let same = self.alike.get(&key)?.iter().find(is_same).copied();
        let (by, said) = same.or_else(|| self.in_force(place, fact))?;
        Some(Problem::SaidAlready { by, at: said.at })
    }

    /// A check, a charge or an end that is on record and stands as it is said again.
    fn in_force(&self, place: Place, fact: &Fact) -> Option<Placed<'f>> {
        let standing = match &fact.body {
            Body::CheckDefined(_)
            | Body::CheckEnded(_)
            | Body::InstanceCharged(_)
            | Body::InstanceEnded(_) => self.history.about(&fact.body.subject()),
            _ => return None,
        };
        let is_of = |other: &&&Fact| match (&other.body, &fact.body) {
            (Body::CheckDefined(other), Body::CheckDefined(check)) => other.check == check.check,
            (Body::CheckDefined(other), Body::CheckEnded(ended)) => other.check == ended.check,
            (Body::CheckEnded(ended), Body::CheckDefined(check)) => ended.check == check.check,
            (Body::CheckEnded(other), Body::CheckEnded(ended)) => other.check == ended.check,
            (Body::InstanceCharged(other), Body::InstanceCharged(charge)) => other.month == charge.month,
            (Body::InstanceEnded(_), Body::InstanceEnded(_)) => true,
            _ => false,
        };
        let earlier =
            standing.iter().filter(|other| other.id != fact.id && other.at <= fact.at).filter(is_of);
        let last = earlier.max_by_key(|other| order(other)).copied()?;
        let key = (last.at, last.event(), last.body.subject_id());
        let by = self.alike.get(&key)?.iter().find(|(_, other)| other.id == last.id)?.0;
        (by < place && last.body == fact.body).then_some((by, last))
    }

    /// An instance may leave and come back, but is not added while it is there.
    fn added_twice(&self, added: &InstanceAdded, place: Place, fact: &Fact) -> Option<Problem> {
        let instance = &added.instance;
        let about = self.history.of(Noun::Instance, &instance.0);
        // As in `availability::covered`: an end cuts what was added before it.
        let ends = |other: &Fact, until: Option<Instant>| {
            let between = about.iter().filter(|end| order(other) < order(end) && order(end) < order(fact));
            between.filter_map(|end| ended(end)).chain(until).min()
        };
        let is_covered = |at: &Fact, other: &InstanceAdded| {
            ends(at, other.until).is_none_or(|end| added.from < end)
                && added.until.is_none_or(|end| other.from < end)
        };
        let mut earlier = self.added.get(instance)?.iter();
        let (by, ..) = earlier
            .rfind(|(by, at, other)| comes_first((*by, at), (place, fact)) && is_covered(at, other))?;
        Some(Problem::AddedTwice { by: *by, instance: instance.clone() })
    }

    /// What is covered lies in the term of some version.
    fn covered(&self, added: &InstanceAdded) -> Option<Problem> {
        let is_in = |term: Span| added.from < term.end && added.until.is_none_or(|until| term.start < until);
        let covered = self.versions.iter().any(|(_, plan)| is_in(plan.terms().term()));
        (!covered).then(|| Problem::NeverCovered {
            instance: added.instance.clone(),
            term: self.terms(added.from).term(),
        })
    }

    fn charge(&self, charge: &InstanceCharged, at: Instant) -> Option<Problem> {
        let (amount, month) = (charge.amount, charge.month);
        let in_term = |terms: &Terms| {
            month.span(&terms.agreement().months_in()).intersect(terms.term()).is_some_and(|s| !s.is_empty())
        };
        if !self.versions.iter().any(|(_, plan)| in_term(plan.terms())) {
            return Some(Problem::ChargeOutside { month, term: self.terms(at).term() });
        }
        let ours = self.terms(at).agreement().agreement.currency;
        match amount {
            _ if amount.currency != ours => Some(Problem::OtherCurrency { amount, ours }),
            _ if amount.minor < 0 => Some(Problem::BelowZero { amount }),
            _ => None,
        }
    }

    fn request(&self, request: &RequestReceived, place: Place, fact: &Fact) -> Option<Problem> {
        let ticket = &request.ticket.0;
        let mut received = self.received.get(ticket)?.iter();
        if let Some((by, _)) = received.find(|other| comes_first(**other, (place, fact))) {
            return Some(Problem::ReceivedTwice { by: *by, ticket: ticket.clone() });
        }
        let term = self.terms(fact.at).term();
        if !term.contains(fact.at) {
            return Some(Problem::RequestOutside { term });
        }
        let about = request.instance.as_ref();
        about.and_then(|id| self.no_instance_at(id, fact.at)).or_else(|| self.word(fact))
    }

    fn no_instance(&self, instance: &InstanceId) -> Option<Problem> {
        let is_known = self.added.contains_key(instance);
        (!is_known).then(|| Problem::NoInstance { instance: instance.clone() })
    }

    /// As [`Known::no_instance`], for what needs it at once: said, or covered, by then.
    fn no_instance_at(&self, instance: &InstanceId, at: Instant) -> Option<Problem> {
        let mut added = self.added.get(instance).into_iter().flatten();
        let is_known = added.any(|(_, fact, added)| fact.at <= at || added.from <= at);
        (!is_known).then(|| Problem::NoInstance { instance: instance.clone() })
    }

    /// For whatever is said of a ticket, or links to one.
    fn no_request(&self, fact: &Fact) -> Option<Problem> {
        let of_ticket = (fact.event().noun() == Noun::Ticket).then(|| fact.body.subject_id());
        let ticket = of_ticket.or_else(|| linked_ticket(fact))?;
        let is_known = self.received.get(ticket).into_iter().flatten().any(|(_, other)| other.at <= fact.at);
        (!is_known).then(|| Problem::NoRequest { ticket: ticket.clone() })
    }

    /// The words of a request that the agreement does not know.
    fn word(&self, fact: &Fact) -> Option<Problem> {
        if fact.event().noun() != Noun::Ticket {
            return None;
        }
        let refusal = guard::request_in_words(self.versions, &self.history, fact).err()?;
        let of_words = matches!(refusal.reason, Reason::UnknownWord { .. } | Reason::UnknownChannel { .. });
        of_words.then_some(Problem::Word(refusal))
    }

    fn terms(&self, at: Instant) -> &Terms {
        self.versions.at(at).unwrap_or_else(|| self.versions.first()).terms()
    }
}

/// What is on record comes before whatever is told, whenever it happened.
fn comes_first((a, first): Placed<'_>, (b, then): Placed<'_>) -> bool {
    match (a, b) {
        (Place::Journal, Place::Line(_)) => true,
        _ => (first.at, a) < (then.at, b),
    }
}

/// The engine's order.
fn order(fact: &Fact) -> (Instant, Instant, FactId) {
    (fact.at, fact.recorded_at, fact.id)
}

fn ended(fact: &Fact) -> Option<Instant> {
    match &fact.body {
        Body::InstanceEnded(ended) => Some(ended.until),
        _ => None,
    }
}
