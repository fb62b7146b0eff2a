//! A random history as the engine reads it: the shipped agreement under its rules, and its facts.

use agreement::{
    Agreement, Amount, Cents, Keyed, Percent, Terms, Unit,
    availability::{Count, Denominator, NoData},
    credit::Below,
    exclusion::Auto,
    party::{Allocation, PartialMonth, SurchargePer, SurchargeRule},
};
use facts::{
    Actor, Body, CheckDefined, CheckObserved, Currency, Environment, ExclusionClaimed, ExclusionDisputed,
    ExclusionSettled, Fact, FactId, Impact, InstanceAdded, InstanceCharged, InstanceEnded, InstanceRestarted,
    MaintenanceCancelled, MaintenanceEnded, MaintenanceKind, MaintenancePlanned, Money, Observation, Outcome,
    QuotaHit,
};
use spans::{Instant, Month};
use testkit::oracle_availability::{Answer, Combine, Dice, History, Micros, Rules, Told};

/// The shipped agreement with everything left out that neither counts minutes nor costs money.
pub(super) fn base() -> Agreement {
    let (agreement, findings) =
        Agreement::read(include_str!("../../../../../agreements/stellar-hosted.toml"));
    let mut agreement = agreement.unwrap_or_else(|| panic!("{findings:?}"));
    agreement.calendar.retain(|name, _| name == "civil");
    agreement.window = None;
    agreement.obligation.clear();
    agreement
}

pub(super) fn terms(base: &Agreement, rules: &Rules) -> Terms {
    let mut agreement = base.clone();
    agreement.agreement.term.start = Instant::from_micros(rules.term.0);
    agreement.agreement.term.end = Instant::from_micros(rules.term.1);
    let availability = agreement.availability.as_mut().expect("the shipped agreement has one");
    availability.tz = rules.zone.parse().expect("a zone");
    availability.objective = Keyed::One(percent(rules.objective));
    availability.denominator =
        if rules.whole_months { Denominator::MonthMinutes } else { Denominator::CoveredMinutes };
    let down = &mut availability.down;
    down.min_run = seconds(rules.min_run);
    down.count = if rules.aligned { Count::AlignedMinutes } else { Count::WholeMinutesOfRun };
    let (provider, client) = rules.evidence;
    let kinds = [(provider, "provider-probe"), (client, "client-probe")];
    down.evidence = kinds.iter().filter(|(counts, _)| *counts).map(|(_, kind)| (*kind).to_owned()).collect();
    down.no_data = if rules.bridge.is_some() { NoData::UnknownUnlessBracketed } else { NoData::Unknown };
    down.bridge_max = seconds(rules.bridge.unwrap_or(0));
    down.least_coverage = rules.least_coverage.map(percent);
    agreement.probe.as_mut().expect("it has one").every = seconds(rules.every);
    let exclusions = agreement.exclusions.as_mut().expect("it has them");
    (exclusions.calendar, exclusions.dispute_within) = ("civil".to_owned(), seconds(rules.dispute_within));
    agreement.exclusion.retain(|rule| match rule.auto {
        None => rules.causes.contains(&rule.cause.as_str()),
        Some(Auto::QuotaOverlaps) => rules.quota,
        Some(Auto::ClientRestart) => rules.grace.is_some(),
    });
    for rule in agreement.exclusion.iter_mut().filter(|rule| rule.auto == Some(Auto::ClientRestart)) {
        rule.grace = rules.grace.map(seconds);
    }
    prices(&mut agreement, rules);
    Terms::compile(agreement, "0".repeat(64)).expect("one plain calendar")
}

fn prices(agreement: &mut Agreement, rules: &Rules) {
    let prices = &rules.prices;
    let price = agreement.price.as_mut().and_then(|price| price.surcharge.as_mut()).expect("it has one");
    price.rule = match prices.combine {
        Combine::Greater => SurchargeRule::GreaterOf,
        Combine::Lesser => SurchargeRule::LesserOf,
        Combine::Percent => SurchargeRule::Percent,
        Combine::Amount => SurchargeRule::Amount,
    };
    price.per = if prices.per_instance { SurchargePer::InstanceMonth } else { SurchargePer::AgreementMonth };
    price.percent = Keyed::One(percent(prices.percent));
    price.amount = Keyed::One(Cents(prices.amount));
    price.allocate = if prices.equal { Allocation::Equal } else { Allocation::ProRataByInstancePrice };
    price.partial_month =
        if prices.whole_amount { PartialMonth::Whole } else { PartialMonth::ProRataCoveredMinutes };
    let credit = agreement.credit.as_mut().expect("it has one");
    credit.includes_surcharge = prices.base_with_surcharge;
    credit.band.truncate(prices.bands.len());
    for (band, (lower, upper, credited)) in credit.band.iter_mut().zip(&prices.bands) {
        band.at_least = lower.map(percent);
        band.below = upper.map_or(Below::Objective, |upper| Below::Percent(percent(upper)));
        band.percent = Keyed::One(percent(*credited));
    }
    match prices.cap {
        Some(cap) => credit.cap.as_mut().expect("it has one").percent = Keyed::One(percent(cap)),
        None => credit.cap = None,
    }
}

fn percent(millionths: i64) -> Percent {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000).parse().expect("a percentage")
}

fn seconds(length: Micros) -> Amount {
    Amount { count: u32::try_from(length / 1_000_000).expect("not negative"), unit: Unit::Seconds }
}

/// The history as facts, some of them twice, in no order.
pub(super) fn facts(history: &History, seed: u64) -> Vec<Fact> {
    let mut facts = Vec::new();
    let instance = |index: usize| history.instances[index].name.parse().expect("an id");
    for (index, it) in history.instances.iter().enumerate() {
        instance_facts(&mut facts, history, index);
        for (told, until) in &it.quotas {
            let body = QuotaHit { instance: instance(index), quota: "api".to_owned(), until: at(*until) };
            facts.push(fact(told, Actor::automaton("quota"), body.into()));
        }
        for (told, by_client) in &it.restarts {
            let actor = if *by_client { Actor::client("jan") } else { Actor::provider("anna") };
            facts.push(fact(told, actor, InstanceRestarted { instance: instance(index) }.into()));
        }
    }
    for plan in &history.plans {
        let body = MaintenancePlanned {
            maintenance: format!("M-{}", plan.record).parse().expect("an id"),
            kind: MaintenanceKind::Scheduled,
            cause: "upgrade".to_owned(),
            expected_impact: Impact::Down,
            instances: plan.instances.iter().map(|index| instance(*index)).collect(),
            starts_at: at(plan.from),
            ends_at: at(plan.until),
            cve: None,
            outside_slot: None,
            series: None,
        };
        facts.push(fact(&plan.told, Actor::provider("anna"), body.into()));
    }
    for (told, record) in &history.cancelled {
        let maintenance = format!("M-{record}").parse().expect("an id");
        // Called off or over: neither is a cover any more.
        let body: Body = match record % 2 {
            0 => MaintenanceEnded { maintenance }.into(),
            _ => MaintenanceCancelled { maintenance }.into(),
        };
        facts.push(fact(told, Actor::provider("anna"), body));
    }
    claim_facts(&mut facts, history);
    let mut dice = Dice::new(seed);
    let again: Vec<Fact> = facts.iter().filter(|_| dice.percent(5)).cloned().collect();
    facts.extend(again);
    dice.shuffle(&mut facts);
    facts
}

fn instance_facts(facts: &mut Vec<Fact>, history: &History, index: usize) {
    let it = &history.instances[index];
    let instance: facts::InstanceId = it.name.parse().expect("an id");
    let machine = || Actor::automaton("probe");
    for (told, from, until) in &it.added {
        let body = InstanceAdded {
            instance: instance.clone(),
            name: "Wiki".to_owned(),
            url: None,
            environment: Environment::Production,
            software: None,
            from: at(*from),
            until: until.map(at),
        };
        facts.push(fact(told, machine(), body.into()));
    }
    for (told, until) in &it.ended {
        facts.push(fact(
            told,
            machine(),
            InstanceEnded { instance: instance.clone(), until: at(*until) }.into(),
        ));
    }
    for (told, check, every) in &it.checks {
        let body = CheckDefined {
            instance: instance.clone(),
            check: check.parse().expect("an id"),
            every_s: u32::try_from(every / 1_000_000).expect("not negative"),
            method: None,
            url: None,
            expect: Vec::new(),
            timeout_ms: None,
            what: None,
            grace_s: None,
            again: None,
            objectives: Vec::new(),
        };
        facts.push(fact(told, machine(), body.into()));
    }
    for batch in &it.batches {
        let observations = batch.results.iter().map(|(asked, answer)| {
            let outcome = match answer {
                Answer::Good => Outcome::Up,
                Answer::Bad => Outcome::Down,
                Answer::Void => Outcome::Void,
            };
            Observation::new(at(*asked), outcome)
        });
        let body = CheckObserved {
            instance: instance.clone(),
            check: batch.check.parse().expect("an id"),
            vantage: batch.vantage.parse().expect("an id"),
            observations: observations.collect(),
            certificate_ends: None,
            signed: None,
        };
        facts.push(fact(&batch.told, machine(), body.into()));
    }
    for (told, (year, month), cents) in &it.charges {
        let body = InstanceCharged {
            instance: instance.clone(),
            month: Month::new(*year, *month).expect("a month"),
            amount: Money { minor: *cents, currency: Currency::EUR },
        };
        facts.push(fact(told, machine(), body.clone().into()));
        // What is no charge, though it was recorded last: of an instance nobody added, and in another currency.
        let last = Told { recorded: told.recorded + 1, serial: told.serial + NO_CHARGE, ..*told };
        let ghost = InstanceCharged { instance: "ghost".parse().expect("an id"), ..body.clone() };
        let foreign = Money { minor: 7_700_000, currency: "USD".parse().expect("a currency") };
        facts.push(fact(&last, machine(), ghost.into()));
        let last = Told { serial: last.serial + NO_CHARGE, ..last };
        facts.push(fact(&last, machine(), InstanceCharged { amount: foreign, ..body }.into()));
    }
}

/// Apart from the serial of any other fact.
const NO_CHARGE: u64 = 1 << 40;

fn claim_facts(facts: &mut Vec<Fact>, history: &History) {
    let exclusion = |id: u32| format!("E-{id}").parse().expect("an id");
    for claim in &history.claims {
        let manager = Actor::provider("maria");
        let body = ExclusionClaimed {
            exclusion: exclusion(claim.id),
            instance: history.instances[claim.instance].name.parse().expect("an id"),
            cause: claim.cause.to_owned(),
            from: at(claim.from),
            until: at(claim.until),
            evidence: if claim.evidence { "carrier ticket 4711" } else { " " }.to_owned(),
        };
        let actor = if claim.by_manager { manager.role("manager") } else { manager };
        facts.push(fact(&claim.told, actor, body.into()));
    }
    for (told, id, by_client) in &history.disputes {
        let actor = if *by_client { Actor::client("jan") } else { Actor::provider("anna") };
        facts.push(fact(told, actor, ExclusionDisputed { exclusion: exclusion(*id), reason: None }.into()));
    }
    for (told, id, stands) in &history.settlements {
        let body = ExclusionSettled { exclusion: exclusion(*id), stands: *stands };
        facts.push(fact(told, Actor::provider("maria"), body.into()));
    }
}

fn at(micros: Micros) -> Instant {
    Instant::from_micros(micros)
}

fn fact(told: &Told, actor: Actor, body: Body) -> Fact {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&told.serial.to_be_bytes());
    Fact {
        id: FactId::v7(at(told.at), random),
        client: "example".parse().expect("an id"),
        at: at(told.at),
        recorded_at: at(told.recorded),
        actor,
        body,
    }
}
