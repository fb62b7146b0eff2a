//! What will be missed next, when, what it costs, and what would prevent it.
//!
//! A view of what the engine already computed: nothing is extrapolated. An outage that goes on is followed to the minute in
//! which the objective is lost and to each minute in which the credit grows; everything else is a due time that is known.

use agreement::{Agreement, Binding, ObligationRule, OnMiss};
use facts::{Body, Fact, InstanceId, Money};
use serde::Serialize;
use spans::{Instant, Length, Month};

use crate::{
    Evaluation, InstanceMonth, Ledger, Versions, Why, credit_for,
    obligation::{Obligation, Plan, State},
};

/// Something that will be missed unless somebody acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// The instant from which it is missed: later than `at`.
    pub when: Instant,
    /// What.
    pub what: String,
    /// The clauses.
    pub clauses: Vec<String>,
    /// What follows: money, a forfeited right, a line on the statement.
    pub costs: String,
    /// What would prevent it.
    pub unless: String,
    /// Why.
    pub why: Why,
    /// Whether it is a nudge among the provider's own people, which the client is not owed (SH-RES-02).
    #[serde(skip)]
    pub internal: bool,
}

/// How the costs of an outage begin where the amount is known.
const CREDIT_OF: &str = "a credit of ";
/// What an outage costs where it is not.
const A_CREDIT: &str = "a credit";

impl Forecast {
    /// That an obligation will be missed; nothing where time alone does not make it so.
    pub fn of(versions: &Versions, obligation: &Obligation) -> Option<Forecast> {
        due(versions, obligation)
    }

    /// Soonest first.
    pub fn sort(list: &mut [Forecast]) {
        list.sort_by(|a, b| (a.when, &a.what).cmp(&(b.when, &b.what)));
    }

    /// Whether it says an amount of money.
    pub fn is_money(&self) -> bool {
        self.costs.starts_with(CREDIT_OF)
    }

    /// For those to whom statements are not shown: that it costs a credit, not which, and nothing of how it is computed.
    #[must_use]
    pub fn without_money(self) -> Forecast {
        if !self.is_money() {
            return self;
        }
        Forecast { costs: A_CREDIT.to_owned(), ..self }
    }
}

/// Everything with a known instant of being missed, soonest first.
pub(crate) fn forecast(evaluation: &Evaluation<'_>) -> Vec<Forecast> {
    let due = evaluation.obligations().iter().filter_map(|obligation| due(evaluation.versions(), obligation));
    let mut list: Vec<Forecast> = due.chain(outages(evaluation)).collect();
    Forecast::sort(&mut list);
    list
}

fn due(versions: &Versions, obligation: &Obligation) -> Option<Forecast> {
    let State::Running { due } = obligation.state else { return None };
    let plan = versions.at(obligation.started).unwrap_or_else(|| versions.latest());
    let rule = plan.agreement().obligation.iter().find(|rule| rule.id == obligation.duty.id);
    // What is to be kept is missed by an act, never by waiting: its due instant is the end of it (SH-BAK-01).
    if rule.is_some_and(|rule| rule.keep.is_some()) {
        return None;
    }
    let instance = obligation.instance.as_ref().map_or(String::new(), |instance| format!(" on {instance}"));
    Some(Forecast {
        when: due,
        what: format!("{}: {}{instance}", obligation.duty.id, obligation.subject),
        clauses: obligation.clauses().to_vec(),
        costs: costs(&obligation.duty.on_miss),
        unless: rule.map_or_else(|| "it is done".to_owned(), unless),
        why: obligation.why.clone(),
        internal: obligation.duty.binding == Binding::Internal,
    })
}

/// What a miss brings, in words.
fn costs(on_miss: &[OnMiss]) -> String {
    let words: Vec<&str> = on_miss
        .iter()
        .map(|what| match what {
            OnMiss::Statement => "a line on the statement",
            OnMiss::NotifyManager => "the managers see it on the Now page",
            OnMiss::SuggestEscalation => "the client is offered to escalate",
            OnMiss::ForfeitCredit => "the credit is forfeited",
            OnMiss::BlockChange => "the change cannot start",
            OnMiss::BlockAction => "the operation needs approval",
        })
        .collect();
    if words.is_empty() { "a miss on record".to_owned() } else { words.join(", ") }
}

/// What would meet it, in words.
fn unless(rule: &ObligationRule) -> String {
    let Some(met_by) = &rule.met_by else { return "it is done".to_owned() };
    let actor = met_by.actor.map_or(String::new(), |actor| format!(" by a {} person", actor.name()));
    format!("{}{}", met_by.event.name(), actor.replace("a person person", "a person"))
}

/// Outages that are going on: the minutes in which they cost something new.
fn outages(evaluation: &Evaluation<'_>) -> Vec<Forecast> {
    let at = evaluation.at();
    let month = Month::of(at, &evaluation.versions().latest().agreement().months_in());
    let Ok((plan, ledgers)) = evaluation.judging(month) else { return Vec::new() };
    ledgers.iter().flat_map(|ledger| outage(plan, evaluation.facts(), ledger, month, at)).collect()
}

fn outage(plan: &Plan, facts: &[Fact], ledger: &Ledger, month: Month, at: Instant) -> Vec<Forecast> {
    let now = at - Length::from_micros(1);
    let Some(run) = ledger.down().iter().find(|run| run.contains(now)) else { return Vec::new() };
    let Some(figures) = ledger.month(plan.terms(), month, at) else { return Vec::new() };
    let price = charged(facts, ledger.instance(), month);
    let mut steps = Vec::new();
    let mut paid = None;
    for more in 1..=MINUTES_AHEAD_MAX {
        let minutes = figures.counted + more;
        let Ok(sheet) = credit_for(plan.terms(), month, minutes, price) else { break };
        let band = sheet.band.as_ref().map(|rung| rung.percent);
        if band.is_some() && band != paid {
            paid = band;
            // The run's own whole minutes so far are already counted; the next one is complete a minute later, and so on.
            let begun = Length::from_minutes((now - run.start).whole_minutes() + more);
            steps.push(step(plan.agreement(), &figures, run.start + begun, minutes, sheet.credit, sheet.why));
        }
    }
    steps.retain(|step| at < step.when);
    steps
}

/// How far an outage is followed: a month of minutes reaches the last band of any ladder.
const MINUTES_AHEAD_MAX: i64 = 31 * 24 * 60;

fn step(
    agreement: &Agreement,
    month: &InstanceMonth,
    when: Instant,
    minutes: i64,
    credit: Option<Money>,
    why: Why,
) -> Forecast {
    let clauses = agreement.availability.as_ref().map(|availability| availability.clause.ids.clone());
    Forecast {
        when,
        what: format!(
            "availability of {}: {minutes} min down, {} allowed",
            month.instance, month.budget.allowed
        ),
        clauses: clauses.unwrap_or_default(),
        costs: credit.map_or_else(|| A_CREDIT.to_owned(), |credit| format!("{CREDIT_OF}{credit}")),
        unless: format!("{} answers before", month.instance),
        why,
        internal: false,
    }
}

fn charged(facts: &[Fact], instance: &InstanceId, month: Month) -> Option<Money> {
    facts.iter().rev().find_map(|fact| match &fact.body {
        Body::InstanceCharged(charge) if charge.instance == *instance && charge.month == month => {
            Some(charge.amount)
        }
        _ => None,
    })
}
