//! Jobs: once a day, by one of many, under a lease; and what looking through the journal finds.

use std::cell::Cell;

use control::live::JOB_LEASE;
use journal::Error;
use spans::{Instant, Length};

use crate::house::{House, instant};

fn noon() -> Instant {
    instant("2026-06-10T12:00:00Z")
}

#[test]
fn a_days_job_is_there_once_is_done_once_and_not_before_it_is_due() {
    let (house, _) = House::hosted("premium");
    let (ours, theirs) = (&house.control, house.neighbour(noon(), || ()));
    let early = instant("2026-06-10T01:59:59Z");
    assert!(ours.plan_jobs(early).unwrap());
    assert!(!theirs.plan_jobs(noon()).unwrap(), "the same day's is there");
    assert_eq!(ours.work(&|| early).unwrap(), None);
    let worked = theirs.work(&noon).unwrap().unwrap();
    assert_eq!((worked.id.as_str(), worked.due), ("verify/2026-06-10", instant("2026-06-10T02:00:00Z")));
    assert_eq!(ours.work(&noon).unwrap(), None);
    assert!(ours.plan_jobs(noon() + Length::DAY).unwrap(), "tomorrow has its own");
    let verified = theirs.verified().unwrap();
    assert_eq!((verified.entries, verified.found, verified.at), (3, 0, noon()));
    assert_eq!(ours.verified(), None);
}

#[test]
fn rule_24_who_slept_through_the_lease_is_told_and_its_result_is_dropped() {
    let (house, _) = House::hosted("premium");
    let (slow, quick) = (&house.control, house.neighbour(noon(), || ()));
    slow.plan_jobs(noon()).unwrap();
    let asked = Cell::new(0);
    let after = noon() + JOB_LEASE + Length::MINUTE;
    let clock = || {
        asked.set(asked.get() + 1);
        if asked.get() == 1 {
            return noon();
        }
        assert_eq!(quick.work(&|| noon() + Length::MINUTE).unwrap(), None, "the lease holds");
        assert!(quick.work(&|| after).unwrap().is_some(), "the lease has ended");
        after
    };
    let told = slow.work(&clock);
    assert!(matches!(told, Err(Error::Fenced { .. })), "{told:?}");
    assert_eq!((slow.verified(), quick.verified().unwrap().at), (None, after));
    assert_eq!(slow.work(&|| after + JOB_LEASE * 3).unwrap(), None, "it stays done");
}

#[test]
fn an_entry_that_was_altered_and_a_tail_that_was_cut_off_are_found() {
    let (house, _) = House::hosted("premium");
    let found_on = |day: i64, sql: &str| {
        tamper(&house, sql);
        let now = noon() + Length::DAY * day;
        house.control.plan_jobs(now).unwrap();
        house.control.work(&|| now).unwrap().unwrap();
        house.control.verified().unwrap().findings
    };
    assert_eq!(found_on(0, ""), Vec::<String>::new());
    let found = found_on(1, "UPDATE entry SET body = replace(body, 'Wiki', 'Wika') WHERE seq = 2");
    assert!(found.iter().any(|line| line.contains("its hash is not that of its contents")), "{found:?}");
    let back = "UPDATE entry SET body = replace(body, 'Wika', 'Wiki') WHERE seq = 2";
    assert_eq!(found_on(2, back), Vec::<String>::new());
    let cut = "DELETE FROM entry WHERE seq = 3; UPDATE head SET seq = 2,
        hash = (SELECT hash FROM entry WHERE seq = 2)";
    let found = found_on(3, cut);
    assert!(found.iter().any(|line| line.contains("handed out")), "{found:?}");
}

/// Alters the store behind everybody's back, and leaves no other trace than that.
fn tamper(house: &House, sql: &str) {
    let store = rusqlite::Connection::open(house.place()).unwrap();
    let read = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'";
    let of = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let triggers: Vec<(String, String)> =
        store.prepare(read).unwrap().query_map([], of).unwrap().map(Result::unwrap).collect();
    let down = triggers.iter().map(|(name, _)| format!("DROP TRIGGER {name};"));
    let up = triggers.iter().map(|(_, text)| format!("{text};"));
    let all: String = down.chain([format!("{sql};")]).chain(up).collect();
    store.execute_batch(&all).unwrap();
}
