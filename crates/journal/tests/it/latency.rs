//! Response times by the hour, on both engines.

use facts::{ClientId, Sketch};
use journal::{
    Error, Journal,
    latency::{Timed, hour_of},
};
use spans::{Instant, Length, Span};

use crate::store::both;

fn client(name: &str) -> ClientId {
    name.parse().unwrap()
}

fn at(second: i64) -> Instant {
    Instant::from_second(1_700_000_400 + second)
}

fn time(seq: u64, vantage: &str, second: i64, micros: u64) -> Timed {
    let (instance, check) = ("wiki".parse().unwrap(), "web".parse().unwrap());
    Timed { seq, instance, check, vantage: vantage.parse().unwrap(), at: at(second), micros }
}

fn gather(journal: &Journal, of: &str, seq: u64, times: &[Timed]) {
    let (of, times) = (client(of), times.to_vec());
    journal.write::<_, Error>(move |tx| tx.gather(&of, seq, &times)).unwrap();
}

/// By vantage point and hour from the first: how many, and the middle one.
fn hours(journal: &Journal, of: &str, within: Span) -> Vec<(String, i64, u64, Option<u64>)> {
    let read =
        journal.read::<_, Error>(|tx| tx.latency(&client(of), &"wiki".parse().unwrap(), within)).unwrap();
    let line = |hour: journal::latency::Hour| {
        let since = (hour.start - hour_of(at(0))).as_micros() / Length::HOUR.as_micros();
        (hour.vantage.to_string(), since, hour.sketch.count(), hour.sketch.percentile(50))
    };
    read.into_iter().map(line).collect()
}

fn ever() -> Span {
    Span { start: Instant::from_second(0), end: at(1_000_000) }
}

#[test]
fn hours_are_gathered_once_by_whoever_reads_the_entries() {
    both(|store| {
        let journal = &store.open();
        let first = [time(1, "ams", 0, 20), time(1, "ams", 5, 40), time(2, "lon", 10, 30)];
        gather(journal, "acme", 2, &first);
        // Another process read the same entries, and two more.
        let again: Vec<Timed> =
            first.iter().cloned().chain([time(3, "ams", 20, 10), time(4, "ams", 3_600, 50)]).collect();
        gather(journal, "acme", 4, &again);
        gather(journal, "acme", 3, &again);
        let lines = hours(journal, "acme", ever());
        assert_eq!(
            lines,
            [
                ("ams".to_owned(), 0, 3, Some(20)),
                ("ams".to_owned(), 1, 1, Some(50)),
                ("lon".to_owned(), 0, 1, Some(30))
            ]
        );
        assert_eq!(hours(journal, "beta", ever()), []);
        let marks = |of: &str| journal.read::<_, Error>(|tx| tx.gathered(&client(of))).unwrap();
        assert_eq!((marks("acme"), marks("beta")), (4, 0));
    });
}

#[test]
fn a_span_holds_the_hours_that_begin_in_it_and_old_ones_are_forgotten() {
    both(|store| {
        let journal = &store.open();
        let times: Vec<Timed> = (0..5).map(|hour| time(1, "ams", hour * 3_600, 7)).collect();
        gather(journal, "acme", 1, &times);
        gather(journal, "beta", 1, &times);
        let from = |hour: i64| hour_of(at(hour * 3_600));
        let within = |first, last| hours(journal, "acme", Span { start: from(first), end: from(last) }).len();
        assert_eq!((within(0, 5), within(1, 3), within(5, 9)), (5, 2, 0));
        let (of, before) = (client("acme"), from(3));
        journal.write::<_, Error>(move |tx| tx.forget_latency(&of, before)).unwrap();
        assert_eq!((within(0, 5), hours(journal, "beta", ever()).len()), (2, 5));
    });
}

#[test]
fn parts_gathered_in_any_order_of_clients_are_the_whole() {
    both(|store| {
        let journal = &store.open();
        let micros = |n: u64| n * n * 37 % 90_000;
        let mut whole = Sketch::default();
        for seq in 1..=50 {
            gather(journal, "acme", seq, &[time(seq, "ams", 0, micros(seq))]);
            whole.add(micros(seq));
        }
        let read =
            journal.read::<_, Error>(|tx| tx.latency(&client("acme"), &"wiki".parse().unwrap(), ever()));
        assert_eq!(read.unwrap()[0].sketch, whole);
    });
}
