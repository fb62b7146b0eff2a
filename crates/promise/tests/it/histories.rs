//! Random histories against an oracle written apart from the engine: 0 minutes and 0 cents difference.
//!
//! `HISTORIES=1000000 cargo test -p promise --test it histories` runs longer, `SEED=42 …` one history alone.

use std::collections::{BTreeMap, BTreeSet};

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
use promise::{
    ClientMonth, InstanceMonth, Sight, Standing, Verdict, client_months, instance_months, ledgers,
    ledgers_seen,
};
use spans::{Instant, Month};
use testkit::oracle_availability::{
    Answer, Combine, Dice, History, Micros, MoneyAnswer, MonthAnswer, Rules, Told, YearMonth, money,
};

/// As many as the promise asks for; each takes the engine, the oracle, and the generator a few milliseconds.
const HISTORIES: u64 = 20_000;

#[test]
fn twenty_thousand_histories_differ_by_no_minute_and_no_cent() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("HISTORIES").unwrap_or(HISTORIES),
    };
    let base = base();
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let (base, seeds) = (&base, seeds.clone());
            scope.spawn(move || {
                for seed in seeds.filter(|seed| seed % workers == worker) {
                    if let Err(difference) = compare(base, seed) {
                        panic!("seed {seed}: {difference}");
                    }
                }
            });
        }
    });
}

/// What is kept up as results come in, in whatever order they are told, is what all facts at once say.
#[test]
fn sight_kept_up_sees_what_all_facts_at_once_say() {
    let base = base();
    let (mut torn, mut whole) = (0, 0);
    for seed in 0..2_000 {
        let history = History::random(seed);
        let (terms, mut facts) = (terms(&base, &history.rules), facts(&history, seed));
        match seed % 3 {
            0 => facts.sort_by_key(|fact| (first_seen(fact), fact.recorded_at, fact.id)),
            1 => facts.reverse(),
            _ => {}
        }
        let at = Instant::from_micros(history.now);
        let mut sight = Sight::default();
        facts.iter().for_each(|fact| sight.read(fact, &terms));
        let instances: BTreeSet<_> = facts
            .iter()
            .filter_map(|fact| match &fact.body {
                Body::CheckObserved(seen) => Some(seen.instance.clone()),
                _ => None,
            })
            .collect();
        for instance in &instances {
            if sight.is_torn(instance) {
                torn += 1;
                sight.reread(instance, &facts, &terms);
                assert!(!sight.is_torn(instance), "seed {seed}");
            } else {
                whole += 1;
            }
        }
        let kept = ledgers_seen(&terms, &facts, &|instance| sight.evidence(instance, &terms), at);
        let read = ledgers(&terms, &facts, at);
        for (kept, read) in kept.iter().zip(&read) {
            assert_eq!(kept.timeline(), read.timeline(), "seed {seed}, {}", read.instance());
        }
        assert_eq!(kept.len(), read.len());
    }
    assert!(torn > 100 && whole > 100, "{torn} torn, {whole} whole");
}

fn first_seen(fact: &Fact) -> Instant {
    match &fact.body {
        Body::CheckObserved(seen) => seen.observations.first().map_or(fact.at, |first| first.at),
        _ => fact.at,
    }
}

/// A comparison proves nothing of what the histories never contain.
#[test]
fn the_histories_reach_every_corner() {
    let mut corners: BTreeMap<String, u32> = BTreeMap::new();
    let mut reach = |corner: String| *corners.entry(corner).or_default() += 1;
    let base = base();
    for seed in 0..1_000 {
        let history = History::random(seed);
        let (terms, facts) = (terms(&base, &history.rules), facts(&history, seed));
        let months = instance_months(&terms, &facts, Instant::from_micros(history.now));
        for month in &months {
            reach(month.verdict.text().to_owned());
            month.alternative.iter().for_each(|_| reach("both versions".to_owned()));
            for run in &month.runs {
                let over_midnight = run.counted < run.minutes;
                reach(
                    if run.is_seen_only() {
                        "seen only"
                    } else if over_midnight {
                        "over midnight"
                    } else {
                        "counted"
                    }
                    .to_owned(),
                );
            }
            for excluded in &month.exclusions {
                let automatic = excluded.standing == Standing::ByRule;
                reach(if automatic { excluded.cause.clone() } else { kind(&excluded.standing) });
            }
        }
        for client in client_months(&terms, &facts, &months) {
            reach(format!("cap binds {:?}", client.cap.map(|cap| cap.binds)));
            reach(format!("credit {:?}", client.credit.map(|credit| credit.minor > 0)));
        }
    }
    for corner in CORNERS {
        let times = corners.get(*corner).copied().unwrap_or(0);
        assert!(times >= 10, "{corner}: only {times} times, of {corners:#?}");
    }
}

const CORNERS: &[&str] = &[
    "met",
    "missed",
    "not over",
    "not over, and can no longer be met",
    "nothing covered",
    "both versions",
    "counted",
    "seen only",
    "over midnight",
    "maintenance",
    "quota",
    "client-restart",
    "claimed",
    "disputed",
    "disputed late",
    "settled: stands",
    "settled: falls",
    "UnknownCause",
    "NoEvidence",
    "NotTheirsToClaim",
    "RecordedLate",
    "NotByTheClient",
    "cap binds Some(true)",
    "cap binds Some(false)",
    "cap binds None",
    "credit Some(true)",
    "credit Some(false)",
    "credit None",
];

fn kind(standing: &Standing) -> String {
    match standing {
        Standing::ByRule => "by rule".to_owned(),
        Standing::Claimed { .. } => "claimed".to_owned(),
        Standing::Disputed { .. } => "disputed".to_owned(),
        Standing::DisputedLate { .. } => "disputed late".to_owned(),
        Standing::Settled { stands, .. } => format!("settled: {}", if *stands { "stands" } else { "falls" }),
        Standing::Refused { reason } => format!("{reason:?}"),
    }
}

/// Each instance's months, by the oracle: as they stand, and as if every disputed claim stood.
type Answers = Vec<[BTreeMap<YearMonth, MonthAnswer>; 2]>;

fn compare(base: &Agreement, seed: u64) -> Result<(), String> {
    let history = History::random(seed);
    let (terms, facts) = (terms(base, &history.rules), facts(&history, seed));
    let months = instance_months(&terms, &facts, Instant::from_micros(history.now));
    let every = 0..history.instances.len();
    let answers: Answers = every.map(|i| [history.months(i, false), history.months(i, true)]).collect();
    for (instance, [plain, disputed]) in history.instances.iter().zip(&answers) {
        let mine: Vec<&InstanceMonth> =
            months.iter().filter(|m| m.instance.as_str() == instance.name).collect();
        same(
            "months",
            &mine.iter().map(|m| key(m.month)).collect(),
            &plain.keys().copied().collect::<Vec<_>>(),
        )?;
        for month in mine {
            compare_month(month, &plain[&key(month.month)], &disputed[&key(month.month)])?;
        }
    }
    let settled = client_months(&terms, &facts, &months);
    let covered: BTreeSet<Month> = months.iter().map(|month| month.month).collect();
    same("money of months", &settled.iter().map(|m| m.month).collect(), &covered)?;
    settled.iter().try_for_each(|client| compare_money(client, &history, &answers))
}

fn compare_month(month: &InstanceMonth, plain: &MonthAnswer, disputed: &MonthAnswer) -> Result<(), String> {
    let place = format!("{} {}", month.instance, month.month);
    whole(month)?;
    same(&place, &answer(month), plain)?;
    match &month.alternative {
        Some(other) => same(&format!("{place} disputed"), &answer(other), disputed),
        None => {
            let told = |answer: &MonthAnswer| (answer.excluded, answer.counted, answer.verdict);
            same(&format!("{place} without dispute"), &told(&answer(month)), &told(disputed))
        }
    }
}

fn compare_money(client: &ClientMonth, history: &History, answers: &Answers) -> Result<(), String> {
    let month = key(client.month);
    let expected = |version: usize| {
        let of_month = answers.iter().enumerate();
        let of_month = of_month.filter_map(|(index, both)| Some((index, both[version].get(&month)?.clone())));
        money(history, month, &of_month.collect())
    };
    same(&format!("money {}", client.month), &cents(client), &expected(0))?;
    match &client.alternative {
        Some(other) => same(&format!("money {} disputed", client.month), &cents(other), &expected(1)),
        None => Ok(()),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, engine: &T, oracle: &T) -> Result<(), String> {
    if engine == oracle { Ok(()) } else { Err(format!("{what}\n engine {engine:?}\n oracle {oracle:?}")) }
}

/// The four states partition covered time, and no more is counted than was down.
fn whole(month: &InstanceMonth) -> Result<(), String> {
    same("partition", &(month.up + month.down + month.excluded + month.unknown), &month.covered)?;
    let listed: i64 = month.runs.iter().map(|run| run.counted).sum();
    same("runs", &listed, &month.counted)?;
    let bound = month.counted * 60_000_000 <= month.down.as_micros() + 59_999_999;
    if bound { Ok(()) } else { Err(format!("{} minutes counted of {}", month.counted, month.down)) }
}

fn key(month: Month) -> YearMonth {
    (month.year(), month.month())
}

/// The engine's month in the oracle's words.
fn answer(month: &InstanceMonth) -> MonthAnswer {
    MonthAnswer {
        covered: month.covered.as_micros(),
        ahead: month.ahead.as_micros(),
        up: month.up.as_micros(),
        down: month.down.as_micros(),
        excluded: month.excluded.as_micros(),
        unknown: month.unknown.as_micros(),
        counted: month.counted,
        kept: month.uptime.map(|uptime| (uptime.part().as_micros(), uptime.whole().as_micros())),
        kept_at_worst: month.uptime_at_worst.map(|uptime| uptime.part().as_micros()),
        verdict: match month.verdict {
            Verdict::Met => "met",
            Verdict::Missed => "missed",
            Verdict::Provisional { met: true } => "provisional met",
            Verdict::Provisional { met: false } => "provisional missed",
            Verdict::NotOver { lost: false } => "running",
            Verdict::NotOver { lost: true } => "lost",
            Verdict::NothingCovered => "nothing",
        },
    }
}

/// The engine's money in the oracle's words.
fn cents(client: &ClientMonth) -> MoneyAnswer {
    let minor = |money: Option<Money>| money.map(|money| money.minor);
    let missed = client.credits.iter().filter(|credit| credit.rung.is_some());
    MoneyAnswer {
        charged: minor(client.charged),
        surcharge: client.surcharge.as_ref().map(|surcharge| surcharge.total.minor),
        shares: client
            .surcharge
            .iter()
            .flat_map(|surcharge| &surcharge.shares)
            .map(|(id, money)| (id.to_string(), money.minor))
            .collect(),
        credits: missed.map(|c| (c.instance.to_string(), minor(c.earned).zip(minor(c.given)))).collect(),
        cap: client.cap.map(|cap| cap.amount.minor),
        credit: minor(client.credit),
        net: minor(client.net),
    }
}

/// The shipped agreement with everything left out that neither counts minutes nor costs money.
fn base() -> Agreement {
    let (agreement, findings) = Agreement::read(include_str!("../../../../agreements/stellar-hosted.toml"));
    let mut agreement = agreement.unwrap_or_else(|| panic!("{findings:?}"));
    agreement.calendar.retain(|name, _| name == "civil");
    agreement.window = None;
    agreement.obligation.clear();
    agreement
}

fn terms(base: &Agreement, rules: &Rules) -> Terms {
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
fn facts(history: &History, seed: u64) -> Vec<Fact> {
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
