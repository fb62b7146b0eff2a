//! A made-up past becomes facts: what a story tells, and the statements that were published about it, with what came of them.
//!
//! Only the story is made up. Each statement's figure is what the engine finds in the story's own facts.

use agreement::seal::Identity;
use facts::{
    Actor, AgreementActivated, Body, CheckObserved, ClaimSubmitted, ClientId, CreditApplied, Fact, FactId,
    Money, Observation, Outcome, StatementId, StatementPublished, Took,
};
use journal::Journal;
use promise::{Scenario, Versions, evaluate};
use spans::{Instant, Length, Month, Zone};

use super::{
    paper::{Fitted, MONTHS_PAST},
    relative::{this_month, told},
    sites::Sites,
};
use crate::trouble::Trouble;

/// Answers in one fact of the past: half a day, one each minute.
const OBSERVATIONS_PER_FACT: usize = 720;
/// Facts appended at once.
const FACTS_AT_ONCE: usize = 2_000;
/// When a statement is published after its month.
const PUBLISHED_AFTER: Length = Length::from_secs(2 * 86_400 + 9 * 3_600);
/// When the client claims what it is entitled to.
const CLAIMED_AFTER: Length = Length::from_secs(6 * 86_400);
/// When a claimed credit is on an invoice.
const APPLIED_AFTER: Length = Length::from_secs(27 * 86_400);

/// Tells a client's story up to `now` and keeps it in the journal.
pub(super) fn live_through(
    journal: &Journal,
    fitted: &Fitted,
    sites: &Sites,
    now: Instant,
) -> Result<(), Trouble> {
    let client = fitted.terms.agreement().agreement.client_id.clone();
    let mut past = Past { client: client.clone(), facts: Vec::new(), drawn: 0 };
    past.begin(fitted);
    past.tell(fitted.past, sites, now)?;
    past.publish(fitted, now);
    past.facts.sort_by_key(|fact| fact.recorded_at);
    for facts in past.facts.chunks(FACTS_AT_ONCE) {
        journal.append(&client, facts, None)?;
    }
    Ok(())
}

struct Past {
    client: ClientId,
    facts: Vec<Fact>,
    /// Ids drawn so far: the past is the same whenever it is told at the same instant.
    drawn: u64,
}

impl Past {
    fn add(&mut self, at: Instant, actor: Actor, body: impl Into<Body>) {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.drawn.to_be_bytes());
        self.drawn += 1;
        let (id, client) = (FactId::v7(at, random), self.client.clone());
        self.facts.push(Fact { id, client, at, recorded_at: at, actor, body: body.into() });
    }

    /// The agreement comes into force with its term.
    fn begin(&mut self, fitted: &Fitted) {
        let terms = &fitted.terms;
        let agreement = terms.agreement().agreement.id.parse().expect("an agreement has an id");
        let sha256 = Identity::of(fitted.text.as_bytes()).to_string();
        let body = AgreementActivated { agreement, sha256, tier: terms.tier().map(str::to_owned) };
        self.add(terms.term().start, Actor::provider("Max").role("manager"), body);
    }

    fn tell(&mut self, story: &str, sites: &Sites, now: Instant) -> Result<(), Trouble> {
        let text = told(story, now, MONTHS_PAST).map_err(Trouble::failed)?;
        let scenario = Scenario::read(&text, &self.client).map_err(|errors| {
            Trouble::failed(format_args!("a story that ships with the demo cannot be told: {errors:?}"))
        })?;
        for fact in scenario.facts {
            match fact.body {
                Body::CheckObserved(seen) => self.look(fact.actor, &seen),
                Body::InstanceAdded(mut added) => {
                    added.url = sites.url(&added.instance);
                    self.add(fact.at, fact.actor, added);
                }
                body => self.add(fact.at, fact.actor, body),
            }
        }
        Ok(())
    }

    /// A year of answers, cut into facts of half a day.
    fn look(&mut self, actor: Actor, seen: &CheckObserved) {
        for observations in seen.observations.chunks(OBSERVATIONS_PER_FACT) {
            let last = observations[observations.len() - 1].at;
            self.add(
                last,
                actor.clone(),
                CheckObserved { observations: observations.iter().map(answered).collect(), ..seen.clone() },
            );
        }
    }

    /// The statement of every month that is over (SH-CRED-07). The first credit is never claimed (SH-CRED-11), the others are
    /// (SH-CRED-10), and those whose time has come are on an invoice (SH-CRED-13).
    fn publish(&mut self, fitted: &Fitted, now: Instant) {
        let versions = Versions::single(fitted.terms.clone());
        let evaluation = evaluate(&versions, &self.facts, now);
        let first = Month::of(fitted.terms.term().start, &Zone::UTC);
        let months = std::iter::successors(Some(first), |month| Some(month.next()));
        let stated: Vec<(Month, Option<Money>)> = months
            .take_while(|month| *month < this_month(now))
            .filter_map(|month| Some((month, entitlement(&evaluation.statement(month).ok()?))))
            .collect();
        let mut credits = 0;
        for (month, entitlement) in stated {
            let published = month.span(&Zone::UTC).end + PUBLISHED_AFTER;
            let statement: StatementId = format!("S-{month}").parse().expect("a month makes an id");
            if now < published || fitted.terms.agreement().credit.is_none() {
                continue;
            }
            let body = StatementPublished { statement: statement.clone(), month, entitlement };
            self.add(published, Actor::provider("Max").role("manager"), body);
            let Some(amount) = entitlement else { continue };
            credits += 1;
            if credits > 1 {
                self.claim(&statement, amount, published, now);
            }
        }
    }

    fn claim(&mut self, statement: &StatementId, amount: Money, published: Instant, now: Instant) {
        let (claimed, applied) = (published + CLAIMED_AFTER, published + APPLIED_AFTER);
        if claimed <= now {
            let body = ClaimSubmitted { statement: statement.clone(), via: "portal".to_owned() };
            self.add(claimed, Actor::client("Petra").role("approver"), body);
        }
        if applied <= now {
            let invoice = format!("INV-{}", &statement.to_string()[2..]);
            let body = CreditApplied { statement: statement.clone(), amount, invoice };
            self.add(applied, Actor::provider("Max").role("manager"), body);
        }
    }
}

/// With a status and a time: slower towards noon, and never quite the same.
fn answered(observation: &Observation) -> Observation {
    let minute = observation.at.as_micros().div_euclid(60_000_000);
    let busy = 12 - (12 - minute.div_euclid(60).rem_euclid(24)).abs();
    let unrest = minute.wrapping_mul(2_654_435_761).rem_euclid(8_191).rem_euclid(23);
    let (code, took) = match observation.outcome {
        Outcome::Up => (200, 35 + 4 * busy + unrest),
        _ => (503, 12 + unrest),
    };
    Observation { code: Some(code), took: u32::try_from(took).ok().map(Took::millis), ..*observation }
}

/// What a month's statement credits, where it credits anything.
fn entitlement(statement: &promise::Statement) -> Option<Money> {
    statement.credit.as_ref()?.credit.filter(|credit| credit.minor > 0)
}
