//! How many promises of a month were kept, by cell: against a slow oracle that walks the office hours minute by minute.

use std::collections::BTreeMap;

use promise::{Attained, Attainment, Tally, Total, attainment, obligation::obligations};
use proptest::prelude::*;
use spans::{Instant, Length, Month};

use crate::story::{Deal, ENTERPRISE, MANAGED, STANDARD, instant, tell};

fn told(deal: Deal, story: &str, month: &str) -> Attainment {
    let (facts, now) = tell(story);
    let versions = deal.versions();
    let all = obligations(&versions, &facts, now);
    let month: Month = month.parse().expect("a month");
    attainment("example".parse().expect("a client"), &versions, &all, month, now)
}

fn line<'a>(attained: &'a Attainment, name: &str) -> &'a Attained {
    attained.lines.iter().find(|line| line.name() == name).expect("a line of that name")
}

#[test]
fn mp_slo_05_attainment_is_told_by_row_and_column() {
    let attained = told(
        MANAGED,
        "mon 03:00 request T-1 kind outage urgency critical by poc; mon 03:10 reply T-1 by eva; \
         tue 03:00 request T-2 kind outage urgency critical by poc; tue 04:00 reply T-2 by eva; \
         wed 03:00 request T-3 kind performance urgency low by poc; now 04-01 00:00",
        "2026-03",
    );
    let outage = line(&attained, "first-response outage critical");
    assert_eq!((outage.received, outage.due, outage.count.met, outage.count.missed), (2, 2, 1, 1));
    assert_eq!(outage.count.attained(), "1 of 2");
    assert_eq!(outage.clauses, ["MP-SLO-01", "MP-SC-INC-01", "MP-SLO-07"]);
    assert_eq!(outage.within.as_deref(), Some("30m"));
    assert_eq!(outage.miss, "missed objective");
    let [item] = outage.items.as_slice() else { panic!("{:?}", outage.items) };
    assert_eq!((item.key.as_str(), item.state), ("first-response/ticket/T-2/1", "missed"));
    assert_eq!(line(&attained, "first-response performance low").count.missed, 1);
    assert_eq!(line(&attained, "first-response service low").due, 0);
    let counted: Vec<_> = outage.tickets.iter().map(|one| (one.ticket.as_str(), one.state)).collect();
    assert_eq!(counted, [("T-1", "met"), ("T-2", "missed")], "every figure names what it counts");
    // Every cell is there, also where nothing happened: three kinds by four urgencies.
    assert_eq!(attained.lines.iter().filter(|line| line.rule == "first-response").count(), 12);
}

#[test]
fn mp_esc_01_what_was_agreed_is_told_with_and_without_what_has_a_remark() {
    let attained = told(
        MANAGED,
        "mon 03:00 request T-1 kind outage urgency critical by poc; mon 03:10 reply T-1 by eva; \
         tue 03:00 fact vpn.down system=vpn; tue 03:05 request T-2 kind outage urgency critical by poc; \
         tue 04:00 fact vpn.up system=vpn; tue 04:10 reply T-2 by eva; now 04-01 00:00",
        "2026-03",
    );
    let outage = line(&attained, "first-response outage critical");
    let without = outage.without_annotated.expect("one has a remark");
    assert_eq!((outage.count.attained(), without.attained()), ("1 of 2".to_owned(), "1 of 1".to_owned()));
    assert_eq!(outage.items[0].annotations.len(), 1);
    let (_, first_response) = attained.promises().swap_remove(0);
    let total = Total::of(first_response);
    let shares =
        [total.count, total.without_annotated.expect("one has a remark")].map(|count| count.percent(1));
    assert_eq!(shares.map(|share| share.expect("decided")), ["50.0%", "100.0%"]);
}

#[test]
fn mp_slo_05_a_share_is_rounded_once_and_never_up() {
    let share = |met, missed| Tally { met, missed, ..Tally::default() }.percent(1);
    assert_eq!(share(1999, 1).as_deref(), Some("99.9%"), "one missed is never shown as none");
    assert_eq!(share(2, 1).as_deref(), Some("66.6%"));
    assert_eq!((share(3, 0).as_deref(), share(0, 0)), (Some("100.0%"), None));
}

#[test]
fn a_promise_belongs_to_the_month_in_which_it_falls_due() {
    let story =
        "2026-03-31 16:00 request T-1 priority P1 by jan; 04-01 10:00 reply T-1 by anna; now 05-01 00:00";
    let march = told(STANDARD, story, "2026-03");
    let cell = line(&march, "first-response P1 standard");
    assert_eq!((cell.received, cell.due), (1, 0));
    let april = told(STANDARD, story, "2026-04");
    let cell = line(&april, "first-response P1 standard");
    assert_eq!((cell.received, cell.due, cell.count.met), (0, 1, 1));
    // Of the four priorities the signed tier's column alone; the nudge to one's own people nowhere (SH-RES-02).
    assert_eq!(april.lines.iter().filter(|line| line.rule == "first-response").count(), 4);
    assert!(april.lines.iter().all(|line| line.rule != "best-efforts" && line.rule != "diagnostics"));
}

#[test]
fn attainment_reads_as_text_and_as_csv() {
    let attained = told(
        ENTERPRISE,
        "mon 10:00 request T-1 priority P1 by jan; mon 11:00 reply T-1 by anna; \
         tue 10:00 request T-2 priority P1 by jan; now 03-10 00:00",
        "2026-03",
    );
    let text = attained.to_text();
    assert!(
        text.starts_with(
            "Attainment of 2026-03 (the month is not over)\nExample BV, under SH-2026-0001, enterprise\n"
        ),
        "{text}"
    );
    assert!(
        text.contains(
            "first-response P1 enterprise      2h         2    2    1       1        0     0  1 of 2, 50.0%"
        ),
        "{text}"
    );
    assert!(
        text.contains("first-response ticket T-2: due 2026-03-03T12:00:00Z, missed 2026-03-03T12:00:00Z"),
        "{text}"
    );
    let csv = attained.to_csv();
    let row = csv.lines().next().expect("a row");
    assert!(
        row.starts_with(
            "2026-03,example,SH-2026-0001,enterprise,first-response,P1,enterprise,2h,2,2,1,1,0,0,1/2,50.0%,1,1,1/2,50.0%,"
        ),
        "{row}"
    );
    assert_eq!(Attainment::csv_head().split(',').count(), row.split(',').count());
}

/// One request of a random month: its priority, the minute of the month in which it came, and after how many minutes a person
/// answered, if one did.
type Request = (usize, u32, Option<u32>);

/// Office hours of the standard tier, by hand: Monday to Friday 09:00-17:00 UTC in April 2026, less Easter Monday and King's Day.
fn is_open(at: Instant) -> bool {
    let minutes = (at - instant("2026-03-02 00:00")).as_micros() / 60_000_000;
    let (day, minute) = (minutes / 1_440, minutes % 1_440);
    let holidays = [instant("2026-04-06 00:00"), instant("2026-04-27 00:00")];
    let is_holiday = holidays.iter().any(|start| *start <= at && at < *start + Length::DAY);
    day % 7 < 5 && (540..1_020).contains(&minute) && !is_holiday
}

/// The due instant, minute by minute.
fn due(received: Instant, hours: u32) -> Instant {
    let (mut at, mut left) = (received, hours * 60);
    while left > 0 {
        left -= u32::from(is_open(at));
        at += Length::MINUTE;
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The engine's cells are those of the oracle, for every priority of a random month.
    #[test]
    fn cells_are_those_of_a_slow_oracle(
        requests in prop::collection::vec((0usize..4, 0u32..30 * 1_440, prop::option::of(1u32..12 * 1_440)), 0..25),
    ) {
        let now = instant("2026-05-06 00:00");
        let mut story: Vec<String> = Vec::new();
        let mut expected: BTreeMap<usize, [u32; 4]> = BTreeMap::new();
        let minute = |minutes: u32| instant("2026-04-01 00:00") + Length::from_micros(i64::from(minutes) * 60_000_000);
        let words = |at: Instant| at.to_string().replace('T', " ").replace(":00Z", "");
        let all: Vec<Request> = requests;
        for (number, (priority, received, answered)) in all.iter().enumerate() {
            let at = minute(*received);
            story.push(format!("{} request T-{number} priority P{} by jan", words(at), priority + 1));
            let answer = answered.map(|after| minute(received + after)).filter(|answer| *answer <= now);
            story.extend(answer.map(|answer| format!("{} reply T-{number} by anna", words(answer))));
            let due = due(at, [8, 12, 16, 56][*priority]);
            let [received, met, missed, open] = expected.entry(*priority).or_default();
            *received += 1;
            if due < instant("2026-05-01 00:00") {
                match answer {
                    Some(answer) if answer <= due => *met += 1,
                    None if now <= due => *open += 1,
                    _ => *missed += 1,
                }
            }
        }
        story.push("now 2026-05-06 00:00".to_owned());
        let attained = told(STANDARD, &story.join("; "), "2026-04");
        for priority in 0..4 {
            let cell = line(&attained, &format!("first-response P{} standard", priority + 1));
            let told = [cell.received, cell.count.met, cell.count.missed, cell.count.open];
            prop_assert_eq!(told, expected.get(&priority).copied().unwrap_or_default(), "P{}", priority + 1);
        }
    }
}
