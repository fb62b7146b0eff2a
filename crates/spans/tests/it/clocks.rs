//! Response clocks against the oracle that walks minutes and skips the paused ones.

use proptest::collection::vec;
use proptest::prelude::*;
use spans::clock::{self, Due, Pause};
use spans::{Instant, Length, Span};
use testkit::oracle_calendar::Written;

use crate::random::{calendar, calendars, places};

/// How far the oracle walks, and the latest that anything happens in these histories.
const WALK: Length = Length::from_hours(24 * 14);

/// A calendar, a start on a whole minute, a budget, pauses as minutes after the start (the last may be open), and now.
type History = (Written, Instant, Length, Vec<(i64, Option<i64>)>, i64);

fn histories() -> impl Strategy<Value = History> {
    let place = places().prop_flat_map(|(zone, around)| {
        let start =
            Instant::from_micros(around.as_micros().div_euclid(60_000_000) * 60_000_000) - Length::DAY;
        (calendars(zone, around, 10), Just(start))
    });
    let minute = || -3_000..12_000_i64;
    let pause = (minute(), prop_oneof![4 => minute().prop_map(Some), 1 => Just(None)]);
    (place, 0..4_000_i64, vec(pause, 0..5), minute()).prop_map(|((written, start), budget, pauses, now)| {
        (written, start, Length::from_minutes(budget), pauses, now)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_clock_reads_what_the_walk_counts((written, start, budget, pauses, now) in histories()) {
        let minute = |minute: i64| start + Length::from_minutes(minute);
        let end = start + WALK;
        let hours = calendar(&written).compile(Span { start, end }).unwrap();
        let given: Vec<Pause> = pauses.iter().map(|(from, to)| Pause { from: minute(*from), to: to.map(minute) }).collect();
        let stopped: Vec<(Instant, Instant)> = given.iter().map(|pause| (pause.from, pause.to.unwrap_or(end))).collect();

        let walked = written.due_outside(start, budget, &stopped, end);
        let due = clock::due(&hours, start, budget, &given);
        match (walked, given.iter().any(|pause| pause.to.is_none())) {
            (Some(walked), _) => prop_assert_eq!(due, Ok(Due::At(walked))),
            (None, true) => prop_assert_eq!(due, Ok(Due::Unknown)),
            (None, false) => prop_assert!(due.is_err() || due.is_ok_and(|due| due.known() > Some(end))),
        }

        let now = minute(now);
        let is_paused = |at: Instant| stopped.iter().any(|(from, to)| *from <= at && at < *to);
        let minutes = (0..).map(minute).take_while(|at| *at < now);
        let counted = minutes.filter(|at| written.is_open(*at) && !is_paused(*at)).count();
        let elapsed = clock::elapsed(&hours, start, &given, now);
        prop_assert_eq!(elapsed, Length::from_minutes(counted as i64));

        // The three answers agree: what has not elapsed is not breached, and what is breached has elapsed.
        if let Ok(reading) = clock::read(&hours, start, budget, &given, now) {
            prop_assert_eq!(reading.breached, reading.due.known().is_some_and(|due| due < now));
            prop_assert!(!reading.breached || reading.elapsed >= budget);
            prop_assert!(reading.breached || reading.elapsed <= budget);
        }
    }

    /// A pause never adds time: it can only make a clock due later.
    #[test]
    fn a_pause_never_brings_the_due_instant_nearer((written, start, budget, pauses, _) in histories()) {
        let hours = calendar(&written).compile(Span { start, end: start + WALK }).unwrap();
        let minute = |minute: i64| start + Length::from_minutes(minute);
        let given: Vec<Pause> =
            pauses.iter().map(|(from, to)| Pause { from: minute(*from), to: Some(minute(to.unwrap_or(*from))) }).collect();
        let (without, with) = (clock::due(&hours, start, budget, &[]), clock::due(&hours, start, budget, &given));
        if let (Ok(Due::At(without)), Ok(Due::At(with))) = (without, with) {
            prop_assert!(without <= with);
        }
    }
}
