//! What people wait for: a month from raw results, a statement run over every client, and a year under another tier.
//!
//! Sketch, one core:
//! - One instance-month from a million results: 24 MB read once in order, ~1 ns of branching per result plus memory at 5 GB/s or
//!   more, so ~5 ms; the spans it leaves are few. Budget 20 ms.
//! - 100,000 instance-months from stored spans: a few binary searches each, ~20 runs, and a derivation of ~60 short texts at
//!   ~50 ns: ~5 µs, so 1 s. Budget 10 s.
//! - A year of one client, four instances seen from two places every 20 s: 12.6 million results, 300 MB: copied and read, ~150
//!   ms, once per tier. Budget 1 s for the replay.
//! - The calculator: two derivations and some integers. Budget 50 µs.

use std::{hint::black_box, time::Duration};

use agreement::{Agreement, Terms};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use facts::{
    Actor, Body, CheckObserved, Currency, Environment, Fact, FactId, InstanceAdded, InstanceCharged,
    InstanceId, Money, Observation, Outcome,
};
use promise::{
    Exclusion, Ledger, Reach, Standing, Timeline, Versions, Why, credit_for, evaluate, instance_months,
    replay,
};
use spans::{Instant, Length, Month, Span, Spans};

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(5));
    targets = month_of_a_million_results, stored_spans, year_of_a_client, calculator
}
criterion_main!(benches);

/// June 2026 of one instance, asked every 20 s from eight places: 1,036,800 results, an hour of them in each fact.
fn month_of_a_million_results(criterion: &mut Criterion) {
    let (terms, june) = (terms("premium"), "2026-06".parse::<Month>().expect("a month"));
    let period = june.span(&spans::Zone::UTC);
    let mut group = criterion.benchmark_group("one instance-month from a million results");
    group.throughput(Throughput::Elements(1_036_800));
    for (name, hours) in [("hourly facts", 1), ("one fact for each place", 24 * 30)] {
        let facts = watched(1, 8, period, hours);
        group.bench_function(name, |bencher| {
            bencher.iter(|| instance_months(&terms, black_box(&facts), period.end));
        });
    }
    let mut resent = watched(1, 8, period, 1);
    resent.extend(watched(1, 8, period, 1).into_iter().step_by(10).map(later));
    resent.reverse();
    group.bench_function("hourly facts, backwards, a tenth of them twice", |bencher| {
        bencher.iter(|| instance_months(&terms, black_box(&resent), period.end));
    });
}

/// A year of 8,334 instances, each month with some twenty runs, two silences, maintenance and a disputed claim; with the why.
fn stored_spans(criterion: &mut Criterion) {
    const INSTANCES: usize = 8_334;
    let terms = terms("premium");
    let stored = stored_year(&terms);
    let mut group = criterion.benchmark_group("from stored spans");
    group.throughput(Throughput::Elements(INSTANCES as u64 * 12));
    group.bench_function("100,000 instance-months", |bencher| {
        bencher.iter(|| {
            let months = (0..INSTANCES).map(|_| {
                let (promised, timeline, exclusions, why) = black_box(&stored).clone();
                let ledger = Ledger::new(instance(0), promised, timeline, exclusions, why);
                ledger.months(&terms, terms.term().end).len()
            });
            assert_eq!(months.sum::<usize>(), INSTANCES * 12);
        });
    });
}

type Stored = (Spans, Timeline, Vec<Exclusion>, Why);

fn stored_year(terms: &Terms) -> Stored {
    let term = terms.term();
    let every = |first: Length, step: Length, length: Length| {
        let starts = std::iter::successors(Some(term.start + first), move |start| Some(*start + step));
        starts
            .take_while(move |start| *start + length < term.end)
            .map(move |start| Span { start, end: start + length })
    };
    let promised = Spans::one(term);
    let short = every(Length::HOUR * 7, Length::HOUR * 37, Length::from_secs(50));
    let long = every(Length::HOUR * 5, Length::DAY * 10, Length::from_secs(500));
    let timeline = Timeline {
        covered: promised.clone(),
        down: short.chain(long).collect(),
        unknown: every(Length::HOUR * 9, Length::DAY * 15, Length::HOUR).collect(),
    };
    let maintenance = every(Length::HOUR * 4, Length::DAY * 30, Length::HOUR * 4);
    let claims = every(Length::HOUR * 4, Length::DAY * 90, Length::HOUR * 4);
    let by_rule = maintenance.map(|span| (span, Standing::ByRule));
    let disputed = claims.map(|span| (span, Standing::Disputed { at: span.end }));
    let exclusions = by_rule.chain(disputed).map(|(span, standing)| Exclusion {
        record: "M-1".to_owned(),
        cause: "maintenance".to_owned(),
        reach: Reach::Inside(span),
        standing,
        why: Why::new("maintenance", "M-1", "takes out downtime that began inside it")
            .given("from", span.start)
            .given("declared end", span.end),
    });
    let why = Why::new("covered time", "i-0", "the time that the term and the instance have in common");
    (promised, timeline, exclusions.collect(), why.given("term", term))
}

/// A year of four instances seen from two places: its twelve statements on Premium, and the same replayed on Enterprise.
fn year_of_a_client(criterion: &mut Criterion) {
    let (premium, enterprise) = (Versions::single(terms("premium")), terms("enterprise"));
    let term = enterprise.term();
    let months: Vec<Month> = months(term).collect();
    let mut facts = watched(4, 2, term, 24);
    facts.extend(charges(4, term));
    let mut group = criterion.benchmark_group("a year of one client");
    group.bench_function("evaluated", |bencher| {
        bencher.iter(|| evaluate(&premium, black_box(&facts), term.end));
    });
    let was = evaluate(&premium, &facts, term.end);
    group.bench_function("replayed under another tier", |bencher| {
        bencher.iter(|| assert_eq!(replay(black_box(&was), &enterprise, &months).len(), 12));
    });
}

fn calculator(criterion: &mut Criterion) {
    let terms = terms("premium");
    let (june, price) =
        ("2026-06".parse().expect("a month"), Money { minor: 400_000, currency: Currency::EUR });
    criterion.bench_function("uphold agreement credit", |bencher| {
        bencher.iter(|| credit_for(&terms, black_box(june), black_box(25), Some(price)));
    });
}

fn terms(tier: &str) -> Terms {
    let (agreement, findings) = Agreement::read(include_str!("../../../agreements/stellar-hosted.toml"));
    let agreement = agreement.unwrap_or_else(|| panic!("{findings:?}"));
    let terms = Terms::compile(agreement, "0".repeat(64)).expect("the shipped agreement compiles");
    terms.under(tier).expect("a tier of it")
}

fn instance(number: usize) -> InstanceId {
    format!("i-{number}").parse().expect("an id")
}

/// Instances asked every 20 s from so many places, `hours` of results in each fact. Each fails for five minutes every third
/// day, as seen from everywhere, and one place fails alone for a minute every hour.
fn watched(instances: usize, places: usize, period: Span, hours: i64) -> Vec<Fact> {
    let every = Length::from_secs(20);
    let mut facts = Vec::new();
    for number in 0..instances {
        let added = InstanceAdded {
            instance: instance(number),
            name: "Wiki".to_owned(),
            url: None,
            environment: Environment::Production,
            software: None,
            from: period.start,
            until: None,
        };
        facts.push(fact(facts.len(), period.start, added.into()));
        for place in 0..places {
            let mut start = period.start;
            while start < period.end {
                let end = period.end.min(start + Length::HOUR * hours);
                let sent =
                    std::iter::successors(Some(start), |at| Some(*at + every)).take_while(|at| *at < end);
                let observed = CheckObserved {
                    instance: instance(number),
                    check: "http".parse().expect("an id"),
                    vantage: format!("v-{place}").parse().expect("an id"),
                    observations: sent
                        .map(|at| Observation::new(at, outcome(at - period.start, place)))
                        .collect(),
                    certificate_ends: None,
                    signed: None,
                };
                facts.push(fact(facts.len(), end, observed.into()));
                start = end;
            }
        }
    }
    facts
}

fn outcome(since: Length, place: usize) -> Outcome {
    let minutes = since.whole_minutes();
    let everywhere = minutes % (3 * 24 * 60) < 5;
    let here = place == 0 && minutes % 60 == 30;
    if everywhere || here { Outcome::Down } else { Outcome::Up }
}

fn months(term: Span) -> impl Iterator<Item = Month> {
    std::iter::successors(Some(Month::of(term.start, &spans::Zone::UTC)), |month| Some(month.next())).take(12)
}

fn charges(instances: usize, term: Span) -> Vec<Fact> {
    let each = months(term).flat_map(|month| (0..instances).map(move |number| (month, number)));
    let body = |(month, number)| InstanceCharged {
        instance: instance(number),
        month,
        amount: Money { minor: 48_000, currency: Currency::EUR },
    };
    let facts = each.map(body).enumerate();
    facts.map(|(number, body)| fact(1_000_000 + number, term.start, body.into())).collect()
}

fn fact(number: usize, at: Instant, body: Body) -> Fact {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&(number as u64).to_be_bytes());
    let client = "example".parse().expect("an id");
    Fact { id: FactId::v7(at, random), client, at, recorded_at: at, actor: Actor::automaton("probe"), body }
}

fn later(fact: Fact) -> Fact {
    Fact { recorded_at: fact.recorded_at + Length::HOUR, ..fact }
}
