//! The set algebra, enumerated whole: every way two intervals meet, and every pair of sets of eight cells.

use std::collections::BTreeSet;

use spans::{Instant, Length, Month, Span, Spans, Zone};

const CELLS: i64 = 8;

/// Cell `n` is the second `[n, n + 1)`, so that half of one is still exact.
fn at(cell: i64) -> Instant {
    Instant::from_second(cell)
}

fn span(start: i64, end: i64) -> Span {
    Span { start: at(start), end: at(end) }
}

/// The cells whose bit is set, as spans, in an order that is not theirs.
fn set(bits: u16) -> Spans {
    let cells = (0..CELLS).rev().filter(|cell| bits & (1 << cell) != 0);
    Spans::from_unsorted(cells.map(|cell| span(cell, cell + 1)))
}

/// Back to bits, cell by cell, by asking only `contains`.
fn bits(spans: &Spans) -> u16 {
    (0..CELLS).filter(|cell| spans.contains(at(*cell))).map(|cell| 1 << cell).sum()
}

#[track_caller]
fn assert_tidy(spans: &Spans) {
    assert!(spans.iter().all(|span| span.start < span.end), "{spans:?}");
    assert!(spans.as_slice().windows(2).all(|pair| pair[0].end < pair[1].start), "{spans:?}");
}

/// Allen's thirteen relations, each met by at least one pair, and every operation on every pair checked cell by cell.
#[test]
fn the_thirteen_ways_two_intervals_meet() {
    let intervals: Vec<Span> =
        (0..5).flat_map(|start| (start + 1..=5).map(move |end| span(start, end))).collect();
    let mut ways = BTreeSet::new();
    for &a in &intervals {
        for &b in &intervals {
            ways.insert([a.start.cmp(&b.start), a.start.cmp(&b.end), a.end.cmp(&b.start), a.end.cmp(&b.end)]);
            let (first, second) = (Spans::one(a), Spans::one(b));
            let cell_by_cell = |rule: fn(bool, bool) -> bool| {
                (0..CELLS)
                    .filter(|cell| rule(a.contains(at(*cell)), b.contains(at(*cell))))
                    .map(|cell| 1 << cell)
                    .sum::<u16>()
            };
            for (result, expected) in [
                (first.union(&second), cell_by_cell(|a, b| a || b)),
                (first.intersect(&second), cell_by_cell(|a, b| a && b)),
                (first.subtract(&second), cell_by_cell(|a, b| a && !b)),
                (first.complement(b), cell_by_cell(|a, b| b && !a)),
                (first.clip(b), cell_by_cell(|a, b| a && b)),
                (a.intersect(b).into_iter().collect(), cell_by_cell(|a, b| a && b)),
                ([b, a].into_iter().collect(), cell_by_cell(|a, b| a || b)),
            ] {
                assert_tidy(&result);
                assert_eq!(bits(&result), expected, "{a} and {b} gave {result:?}");
            }
            assert_eq!(first.measure(b.start, b.end), first.intersect(&second).total());
        }
    }
    assert_eq!(ways.len(), 13);
}

#[test]
fn every_pair_of_sets_of_eight_cells() {
    let sets: Vec<Spans> = (0..1 << CELLS).map(set).collect();
    for (a, first) in sets.iter().enumerate() {
        assert_tidy(first);
        assert_eq!(bits(first), a as u16);
        assert_eq!(first.complement(span(0, CELLS)), sets[!a & 0xff]);
        for (b, second) in sets.iter().enumerate() {
            assert_eq!(first.union(second), sets[a | b]);
            assert_eq!(first.intersect(second), sets[a & b]);
            assert_eq!(first.subtract(second), sets[a & !b]);
        }
    }
}

#[test]
fn measure_clip_and_total_agree_on_every_set_and_window() {
    for bits in 0..1 << CELLS {
        let spans = set(bits);
        assert_eq!(spans.total(), spans.measure(at(-1), at(CELLS + 1)));
        for (from, to) in (-1..=CELLS).flat_map(|from| (-1..=CELLS + 1).map(move |to| (from, to))) {
            let cells = (from..to).filter(|cell| spans.contains(at(*cell))).count();
            assert_eq!(spans.measure(at(from), at(to)), Length::from_secs(cells as i64));
            assert_eq!(spans.clip(span(from, to)).total(), spans.measure(at(from), at(to)));
            assert_tidy(&spans.clip(span(from, to)));
        }
    }
}

/// Half a cell at a time, from every half cell: `advance` gives the earliest end that measures the amount, `retreat` the
/// latest start, and each is the other in a mirror.
#[test]
fn advance_and_retreat_on_every_set_start_and_amount() {
    const HALF: Length = Length::from_micros(500_000);
    let half = |n: i64| at(0) + HALF * n;
    let mirror = |spans: &Spans| -> Spans {
        spans
            .iter()
            .map(|s| Span { start: at(CELLS) - (s.end - at(0)), end: at(CELLS) - (s.start - at(0)) })
            .collect()
    };
    for bits in 0..1 << CELLS {
        let spans = set(bits);
        let mirrored = mirror(&spans);
        for from in -2..=2 * CELLS + 2 {
            for amount in 0..=2 * CELLS + 1 {
                let (start, amount) = (half(from), HALF * amount);
                let ends = (from..=2 * CELLS + 2).map(half);
                let expected = ends.clone().find(|end| spans.measure(start, *end) == amount);
                assert_eq!(spans.advance(start, amount), expected, "{spans:?} from {start} by {amount}");
                let seen = mirrored.retreat(at(CELLS) - (start - at(0)), amount);
                assert_eq!(seen.map(|end| at(CELLS) - (end - at(0))), expected);
            }
        }
    }
}

#[test]
fn a_negative_amount_is_spent_at_once_and_a_backward_span_is_empty() {
    let spans = set(0b1111);
    assert_eq!(spans.advance(at(2), Length::from_secs(-1)), Some(at(2)));
    assert_eq!(spans.retreat(at(2), Length::from_secs(-1)), Some(at(2)));
    assert_eq!(Spans::one(span(3, 1)), Spans::empty());
    assert_eq!(spans.measure(at(3), at(1)), Length::ZERO);
    assert!(spans.clip(span(3, 1)).is_empty());
}

#[test]
fn json_is_a_list_that_may_be_written_in_any_order() {
    let spans = set(0b1011);
    let json = serde_json::to_string(&spans).unwrap();
    assert_eq!(serde_json::from_str::<Spans>(&json).unwrap(), spans);
    let backwards: Vec<Span> = spans.iter().rev().collect();
    let json = serde_json::to_string(&backwards).unwrap();
    assert_eq!(serde_json::from_str::<Spans>(&json).unwrap(), spans);
}

#[test]
fn months_cut_at_local_midnight_and_put_together_are_the_whole() {
    let amsterdam: Zone = "Europe/Amsterdam".parse().unwrap();
    let day = |text: &str| -> Instant { format!("2026-{text}:00Z").parse().unwrap() };
    let spans = Spans::from_unsorted([
        Span { start: day("05-31T21:00"), end: day("05-31T21:30") },
        Span { start: day("05-31T21:45"), end: day("08-15T12:00") },
        Span { start: day("11-30T23:00"), end: day("12-01T01:00") },
    ]);
    let months = spans.cut_by_month(&amsterdam);
    let names: Vec<String> = months.iter().map(|(month, _)| month.to_string()).collect();
    assert_eq!(names, ["2026-05", "2026-06", "2026-07", "2026-08", "2026-12"]);
    assert_eq!(months[0].1.total(), Length::from_minutes(45));
    assert_eq!(months[2].1.total(), Length::DAY * 31);
    let whole = months.iter().fold(Spans::empty(), |whole, (_, part)| whole.union(part));
    assert_eq!(whole, spans);
    for (month, part) in &months {
        assert!(part.iter().all(|span| Month::of(span.start, &amsterdam) == *month));
    }
}
