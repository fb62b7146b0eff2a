//! Random histories against an oracle written apart from the engine: 0 minutes and 0 cents difference.
//!
//! `HISTORIES=1000000 cargo test -p promise --test it histories` runs longer, `SEED=42 …` one history alone.

mod told;

use std::collections::{BTreeMap, BTreeSet};

use agreement::Agreement;
use facts::{Body, Fact, Money};
use promise::{
    ClientMonth, InstanceMonth, Sight, Standing, Verdict, client_months, instance_months, ledgers,
    ledgers_seen,
};
use spans::{Instant, Month};
use testkit::oracle_availability::{History, MoneyAnswer, MonthAnswer, YearMonth, money};

use self::told::{base, facts, terms};

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
