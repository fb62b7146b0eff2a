//! What people wait for is a page of due times and a month of clocks; both are made of these two questions.
//!
//! Sketch: ten years of office hours are 2,545 openings: 41 kB of rows and two indexes of 20 to 40 kB, more than a
//! first-level cache holds. A look-up is a subtraction, a shift, two loads from the index and two from the rows, of which
//! a few come from the second level (~4 ns each) and none hangs on a guessed branch. Elapsed time is two independent
//! look-ups, a deadline two dependent ones: ~10 ns while the questions themselves are independent, so 100 million a
//! second. Budget: 15 million deadlines and 20 million elapsed questions per core.
//! Compiling: 2,600 pieces of week, shifted, merged and cut three times at ~5 ns each: ~50 µs. Budget: 2 ms.
//!
//! Questions are spread evenly over the whole ten years, in random order from a fixed seed. The peer is the usual
//! way: the same openings with running totals and two plain binary searches.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use spans::clock::{self, Pause};
use spans::{Calendar, DayHours, Holiday, Instant, Length, Span, Timetable, Weekly, Zone, weekday};

const QUESTIONS: usize = 1 << 16;

criterion_group!(benches, compile, deadline, elapsed, clocks, one_off, never);
criterion_main!(benches);

fn compile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile ten years");
    for calendar in calendars() {
        group.bench_function(&calendar.name, |bencher| {
            bencher.iter(|| black_box(&calendar).compile(ten_years()).expect("ten years are few enough"));
        });
    }
}

fn deadline(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("deadline");
    group.throughput(Throughput::Elements(QUESTIONS as u64));
    let questions = Random(1).questions();
    for hours in calendars().map(compiled) {
        group.bench_function(&hours.calendar().name, |bencher| {
            bencher.iter(|| {
                let due = |&(start, budget, _): &Question| {
                    hours.advance(start, budget).expect("filled").as_micros()
                };
                questions.iter().map(due).fold(0, i64::wrapping_add)
            });
        });
        let peer = BinarySearch::new(&hours);
        group.bench_function(format!("{}, plain binary search", hours.calendar().name), |bencher| {
            bencher.iter(|| {
                let due = |&(start, budget, _): &Question| peer.advance(start, budget).as_micros();
                questions.iter().map(due).fold(0, i64::wrapping_add)
            });
        });
    }
}

fn elapsed(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("elapsed");
    group.throughput(Throughput::Elements(QUESTIONS as u64));
    let questions = Random(2).questions();
    for hours in calendars().map(compiled) {
        group.bench_function(&hours.calendar().name, |bencher| {
            bencher.iter(|| {
                let open = |&(start, _, end): &Question| hours.measure(start, end).as_micros();
                questions.iter().map(open).fold(0, i64::wrapping_add)
            });
        });
        let peer = BinarySearch::new(&hours);
        group.bench_function(format!("{}, plain binary search", hours.calendar().name), |bencher| {
            bencher.iter(|| {
                let open =
                    |&(start, _, end): &Question| (peer.total_at(end) - peer.total_at(start)).as_micros();
                questions.iter().map(open).fold(0, i64::wrapping_add)
            });
        });
    }
}

/// A ticket's clock with two pauses, read whole: due, elapsed, breached.
fn clocks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("clock with two pauses");
    group.throughput(Throughput::Elements(QUESTIONS as u64));
    let questions = Random(3).questions();
    for hours in calendars().map(compiled) {
        group.bench_function(&hours.calendar().name, |bencher| {
            bencher.iter(|| {
                questions.iter().filter(|&&(start, budget, now)| read(&hours, start, budget, now)).count()
            });
        });
    }
}

fn read(hours: &Timetable, start: Instant, budget: Length, now: Instant) -> bool {
    let pause = |from: i64, to: i64| Pause {
        from: start + Length::from_hours(from),
        to: Some(start + Length::from_hours(to)),
    };
    clock::read(hours, start, budget, &[pause(2, 9), pause(30, 55)], now).expect("filled").breached
}

/// One question, one answer, nothing compiled before: what a calculator on the command line does.
fn one_off(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one-off deadline");
    let questions = Random(4).questions();
    for calendar in calendars() {
        let mut next = questions.iter().cycle();
        group.bench_function(&calendar.name, |bencher| {
            bencher.iter(|| {
                let &(start, budget, _) = next.next().expect("cycles");
                calendar.deadline(start, budget)
            });
        });
    }
}

/// The worst question: a budget that is never filled, searched for up to the year 9999 before the error.
fn never(criterion: &mut Criterion) {
    let [office, _] = calendars();
    let saturday = Weekly::never().and_on(weekday("Sat").expect("day"), DayHours::ALL);
    let never = Calendar { inside: Some(Box::new(Calendar::new("Saturday", Zone::UTC, saturday))), ..office };
    criterion.bench_function("a budget never filled", |bencher| {
        bencher.iter(|| {
            never.deadline(ten_years().start, Length::from_hours(8)).expect_err("weekdays are not Saturday")
        });
    });
}

fn calendars() -> [Calendar; 2] {
    let nine_to_five =
        DayHours::new("09:00".parse().expect("time"), "17:00".parse().expect("time")).expect("hours");
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri"].map(|day| weekday(day).expect("day"));
    let office = days.into_iter().fold(Weekly::never(), |week, day| week.and_on(day, nine_to_five));
    let around =
        Weekly::never().and_from("Sun 17:00".parse().expect("moment"), "Fri 17:00".parse().expect("moment"));
    let amsterdam: Zone = "Europe/Amsterdam".parse().expect("zone");
    let calendar =
        |name, zone, week| Calendar { holidays: holidays(&amsterdam), ..Calendar::new(name, zone, week) };
    [
        calendar("Mon-Fri 09:00-17:00", amsterdam.clone(), office),
        calendar("Sun 17:00-Fri 17:00", Zone::UTC, around.expect("hours")),
    ]
}

/// 66 dates spread over the ten years, 55 days apart.
fn holidays(zone: &Zone) -> Vec<Holiday> {
    let first = jiff::civil::date(2026, 1, 1);
    (0..66)
        .map(|n| Holiday { date: first.saturating_add(jiff::Span::new().days(55 * n)), zone: zone.clone() })
        .collect()
}

fn ten_years() -> Span {
    Span {
        start: "2026-01-01T00:00:00Z".parse().expect("instant"),
        end: "2036-01-01T00:00:00Z".parse().expect("instant"),
    }
}

fn compiled(calendar: Calendar) -> Timetable {
    calendar.compile(ten_years()).expect("ten years are few enough")
}

/// A start, a budget of at most two weeks of office hours, and a later instant.
type Question = (Instant, Length, Instant);

/// SplitMix64: small, and the same questions in every run.
struct Random(u64);

impl Random {
    fn questions(&mut self) -> Vec<Question> {
        let years = ten_years();
        // The last month is left free, so that every budget is filled inside the ten years.
        let last = years.length().as_micros() - 31 * Length::DAY.as_micros();
        let question = |_| {
            let (a, b) = (self.below(last), self.below(last));
            let at = |offset| years.start + Length::from_micros(offset);
            (
                at(a.min(b)),
                Length::from_micros(1 + self.below(Length::from_hours(80).as_micros())),
                at(a.max(b)),
            )
        };
        (0..QUESTIONS).map(question).collect()
    }

    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as i64
    }
}

/// The peer: openings with running totals, searched by halving.
struct BinarySearch {
    openings: Vec<(Span, Length)>,
}

impl BinarySearch {
    fn new(hours: &Timetable) -> BinarySearch {
        let mut total = Length::ZERO;
        let with_total = |span: Span| {
            total += span.length();
            (span, total - span.length())
        };
        BinarySearch { openings: hours.spans().iter().map(with_total).collect() }
    }

    fn total_at(&self, at: Instant) -> Length {
        match self.openings.partition_point(|(span, _)| span.start <= at) {
            0 => Length::ZERO,
            after => {
                let (span, before) = self.openings[after - 1];
                before + (at.min(span.end) - span.start)
            }
        }
    }

    fn advance(&self, from: Instant, budget: Length) -> Instant {
        let target = self.total_at(from) + budget;
        let (span, before) = self.openings[self.openings.partition_point(|(_, before)| *before < target) - 1];
        span.start + (target - before)
    }
}
