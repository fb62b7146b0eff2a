//! Each availability clause of the hosted agreement, by its id, from facts to figures.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

use agreement::availability::{Count, Denominator, NoData};
use facts::{Body, Observation, Outcome};
use promise::{InstanceMonth, Verdict, Versions, client_months, credit_for, evaluate, instance_months};
use spans::{Length, Span, Zone};

use crate::{
    june::{JUNE, altered, june, june_under, minutes, month_of, runs},
    story::{Deal, ENTERPRISE, PREMIUM, STANDARD, instant, tell},
};

#[test]
fn sh_avail_01_standard_allows_40_43_and_44_minutes() {
    assert_eq!(june(STANDARD, "06-10 10:00 ams sees wiki down until 06-10 10:43").verdict, Verdict::Met);
    let missed = june(STANDARD, "06-10 10:00 ams sees wiki down until 06-10 10:44");
    assert_eq!((missed.verdict, missed.counted, missed.budget.left), (Verdict::Missed, 44, -1));
    allows(STANDARD, [("2027-02", 40), ("2026-06", 43), ("2026-07", 44)]);
}

#[test]
fn sh_avail_02_premium_allows_20_21_and_22_minutes() {
    assert_eq!(june(PREMIUM, "06-10 10:00 ams sees wiki down until 06-10 10:21").verdict, Verdict::Met);
    assert_eq!(june(PREMIUM, "06-10 10:00 ams sees wiki down until 06-10 10:22").verdict, Verdict::Missed);
    allows(PREMIUM, [("2027-02", 20), ("2026-06", 21), ("2026-07", 22)]);
}

#[test]
fn sh_avail_03_enterprise_allows_4_minutes_and_warns_at_the_third() {
    let down = |end: &str| june(ENTERPRISE, &format!("06-10 10:00 ams sees wiki down until 06-10 {end}"));
    let warned = |end| down(end).budget.is_nearly_spent();
    assert_eq!((down("10:04").verdict, down("10:05").verdict), (Verdict::Met, Verdict::Missed));
    assert_eq!((warned("10:02"), warned("10:03"), warned("10:05")), (false, true, true));
    allows(ENTERPRISE, [("2027-02", 4), ("2026-06", 4), ("2026-07", 4)]);
}

/// In the words of the month, wherever it is shown, while something can still be done.
#[test]
fn sh_avail_03_a_running_month_says_that_its_minutes_are_nearly_spent() {
    let (facts, _) =
        tell(&format!("{JUNE}; 06-10 10:00 ams sees wiki down until 06-10 10:03; now 07-02 09:00"));
    let terms = ENTERPRISE.terms();
    let at = |now: &str| month_of(&terms, &facts, instant(now), "2026-06").verdict_shown();
    assert_eq!(at("06-10 10:02"), "not over");
    assert_eq!(at("06-20 00:00"), "not over, three quarters or more of the allowed minutes are spent");
}

/// A run is cited down to the result that failed first and the next good one.
#[test]
fn sh_avail_05_a_run_that_counts_cites_the_facts_of_its_edges() {
    let month = june(ENTERPRISE, "06-10 10:00 ams sees wiki down until 06-10 10:25");
    let why = month.why.to_text(|_| None);
    for (at, what) in [("10:00", "no good answer"), ("10:25", "a good answer")] {
        let cited = format!("- 2026-06-10T{at}:00Z {what} to ");
        assert!(why.contains(&cited), "{cited} is missing in\n{why}");
    }
}

#[track_caller]
fn allows(deal: Deal, months: [(&str, i64); 3]) {
    for (month, allowed) in months {
        let verdict =
            |minutes| credit_for(&deal.terms(), month.parse().unwrap(), minutes, None).unwrap().verdict;
        assert_eq!((verdict(allowed), verdict(allowed + 1)), (Verdict::Met, Verdict::Missed), "{month}");
    }
}

#[test]
fn sh_avail_04_one_good_answer_in_fifty_is_no_downtime() {
    let one_in_fifty = |second: i64| if second % 50 == 49 { Outcome::Up } else { Outcome::Down };
    let month = observed(Length::from_secs(1), 600, one_in_fifty);
    assert_eq!((month.counted, month.verdict), (0, Verdict::Met));
    assert!(month.runs.iter().all(|run| run.is_seen_only()), "{}", runs(&month));
}

#[test]
fn sh_avail_04_while_one_vantage_point_gets_answers_it_is_up() {
    let month = june(
        ENTERPRISE,
        "06-01 00:00 fra watches wiki every 20s until 07-01 00:00; \
         06-10 10:00 ams sees wiki down until 06-10 11:00; 06-10 10:54 fra sees wiki down until 06-10 11:00",
    );
    assert_eq!((runs(&month), minutes(month.down)), ("10:54:00-11:00:00 6".to_owned(), 6));
}

#[test]
fn sh_avail_04_only_the_named_kinds_of_vantage_point_are_evidence() {
    let story = "06-01 00:00 client-office watches wiki every 20s until 07-01 00:00; \
                 06-10 10:00 ams sees wiki down until 06-10 10:30; 06-20 10:00 client-office sees wiki down until 06-20 10:30";
    let counted = |kinds: &[&str]| {
        let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        june_under(&altered(PREMIUM, |a| a.availability.as_mut().unwrap().down.evidence = kinds), story)
            .counted
    };
    assert_eq!(counted(&["provider-probe", "client-probe"]), 0);
    assert_eq!((counted(&["provider-probe"]), counted(&["client-probe"]), counted(&[])), (30, 30, 0));
}

#[test]
fn sh_avail_05_a_run_of_119_seconds_is_one_minute() {
    for (seconds, counted) in [(59, 0), (60, 1), (119, 1), (120, 2)] {
        let down = move |second: i64| {
            if (100..100 + seconds).contains(&second) { Outcome::Down } else { Outcome::Up }
        };
        let month = observed(Length::from_secs(1), 600, down);
        assert_eq!((month.counted, month.down), (counted, Length::from_secs(seconds)), "{seconds} s");
    }
}

/// June of an instance asked once each `every` from 10:00:30 on the 10th, `count` times.
fn observed(every: Length, count: i64, outcome: impl Fn(i64) -> Outcome) -> InstanceMonth {
    let (mut facts, now) = tell(
        "03-01 00:00 instance wiki production \"Wiki\" from 2026-03-01 00:00; 06-10 10:00 ams watches wiki every 1h until 06-10 11:00; now 07-02 09:00",
    );
    let start = instant("06-10 10:00:30");
    for fact in &mut facts {
        if let Body::CheckObserved(seen) = &mut fact.body {
            seen.observations = (0..count).map(|n| Observation::new(start + every * n, outcome(n))).collect();
        }
    }
    month_of(&STANDARD.terms(), &facts, now, "2026-06")
}

#[test]
fn sh_avail_05_a_minute_is_60_seconds_wherever_it_starts_unless_the_file_says_aligned() {
    let half_past = "06-10 10:00:40 ams sees wiki down until 06-10 10:01:40";
    assert_eq!(june(PREMIUM, half_past).counted, 1);
    let aligned = altered(PREMIUM, |a| a.availability.as_mut().unwrap().down.count = Count::AlignedMinutes);
    assert_eq!(june_under(&aligned, half_past).counted, 0);
    assert_eq!(june_under(&aligned, "06-10 10:00:40 ams sees wiki down until 06-10 10:03").counted, 2);
}

#[test]
fn sh_avail_06_the_share_is_an_exact_fraction_rounded_down_for_display() {
    let month = june(PREMIUM, "06-10 10:00 ams sees wiki down until 06-10 10:44");
    assert_eq!(month.shown(), "99.898% (43156/43200 min)");
}

#[test]
fn sh_avail_06_excluded_minutes_stay_below_the_line() {
    let month = june(
        PREMIUM,
        "06-08 09:00 maintenance M-1 scheduled upgrade on wiki from 2026-06-17 10:00 to 2026-06-17 14:00 impact down by anna; \
         06-17 10:00 ams sees wiki down until 06-17 14:00; 06-20 10:00 ams sees wiki down until 06-20 11:00",
    );
    assert_eq!((minutes(month.excluded), month.shown()), (240, "99.861% (43140/43200 min)".to_owned()));
}

#[test]
fn sh_avail_07_what_no_valid_request_saw_is_no_evidence() {
    let void = |second: i64| if (100..400).contains(&second) { Outcome::Void } else { Outcome::Up };
    let month = observed(Length::from_secs(1), 600, void);
    let unseen = Span { start: instant("06-10 10:02:10"), end: instant("06-10 10:07:10") };
    assert_eq!(month.down, Length::ZERO);
    assert!(month.unknown_spans.iter().any(|span| span == unseen), "{:?}", month.unknown_spans);
}

#[test]
fn sh_avail_08_each_month_of_the_term_has_a_verdict() {
    let (facts, _) =
        tell("03-01 00:00 instance wiki production \"Wiki\" from 2026-03-01 00:00; now 07-02 09:00");
    let months = instance_months(&STANDARD.terms(), &facts, "2028-01-01T00:00:00Z".parse().unwrap());
    let (first, last) = (&months[0], &months[months.len() - 1]);
    assert_eq!(
        (months.len(), first.month.to_string(), last.month.to_string()),
        (12, "2026-03".to_owned(), "2027-02".to_owned())
    );
    let unseen =
        |m: &InstanceMonth| m.unknown == m.covered && m.verdict == Verdict::Provisional { met: true };
    assert!(months.iter().all(unseen), "nobody looked, so a person decides");
}

/// The agreement sets no least coverage, and still nobody's word makes a month of silence one that was met.
#[test]
fn sh_avail_07_a_month_that_nobody_looked_at_waits_for_a_person_in_the_same_words_everywhere() {
    let without = altered(STANDARD, |a| a.availability.as_mut().unwrap().down.least_coverage = None);
    let (facts, now) = tell(
        "03-01 00:00 instance wiki production \"Wiki\" from 2026-03-01 00:00; \
         06-01 00:00 charge wiki 2026-06 EUR 100.00; now 07-02 09:00",
    );
    let month = month_of(&without, &facts, now, "2026-06");
    assert_eq!(month.verdict, Verdict::Provisional { met: true });
    let money = client_months(&without, &facts, std::slice::from_ref(&month)).remove(0);
    let words = "not known: nobody looked, so a person decides";
    assert_eq!(format!("{}: {}", month.shown(), month.verdict_shown()), words);
    for why in [&month.why, &money.credits[0].why] {
        assert!(why.to_text(|_| None).contains(words), "{}", why.to_text(|_| None));
    }
}

#[test]
fn sh_avail_08_a_month_is_judged_by_the_version_in_force_at_its_first_covered_instant() {
    let activated = |when: &str, tier: &str| {
        format!(
            "{when} fact agreement.activated agreement=SH-2026-0001 sha256={} tier={tier}",
            "0f".repeat(32)
        )
    };
    let (facts, now) = tell(&format!(
        "{}; {}; 03-01 00:00 instance wiki production \"Wiki\" from 2026-03-01 00:00; 06-01 00:00 ams watches wiki every 20s until 08-01 00:00; \
         06-20 10:00 ams sees wiki down until 06-20 10:25; 07-20 10:00 ams sees wiki down until 07-20 10:25; now 08-02 09:00",
        activated("03-01 00:00", "premium"),
        activated("06-15 00:00", "standard"),
    ));
    let versions = Versions::activated([PREMIUM.terms()], &facts).unwrap();
    let evaluation = evaluate(&versions, &facts, now);
    let judged = |month: &str| {
        let line = evaluation.statement(month.parse().unwrap()).unwrap().instances.remove(0);
        (line.month.tier.unwrap(), line.month.verdict)
    };
    assert_eq!(
        judged("2026-06"),
        ("premium".to_owned(), Verdict::Missed),
        "changed halfway, judged as it began"
    );
    assert_eq!(judged("2026-07"), ("standard".to_owned(), Verdict::Met));
}

#[test]
fn sh_avail_09_ten_outages_of_50_seconds_are_listed_and_not_counted() {
    let story: Vec<String> =
        (10..20).map(|hour| format!("06-10 {hour}:00 ams sees wiki down until 06-10 {hour}:00:50")).collect();
    let month = june_every(10, &story.join("; "));
    assert_eq!((month.counted, month.runs.len(), month.down), (0, 10, Length::from_secs(500)));
    assert!(month.runs.iter().all(|run| run.is_seen_only()));
}

fn june_every(seconds: i64, story: &str) -> InstanceMonth {
    let (facts, now) = tell(&format!(
        "03-01 00:00 instance wiki production \"Wiki\" from 2026-03-01 00:00; \
         06-01 00:00 ams watches wiki every {seconds}s until 2026-07-01 00:00; {story}; now 07-02 09:00"
    ));
    month_of(&PREMIUM.terms(), &facts, now, "2026-06")
}

#[test]
fn sh_avail_09_alternating_answers_are_never_a_down_minute() {
    let month =
        observed(Length::from_secs(20), 180, |n| if n % 2 == 0 { Outcome::Down } else { Outcome::Up });
    assert_eq!((month.counted, month.runs.len()), (0, 90));
}

#[test]
fn sh_mon_01_ten_minutes_without_evidence_are_exactly_ten() {
    let silence = june(PREMIUM, "06-10 10:00:20 ams misses wiki until 06-10 10:10:40");
    let unseen = Span { start: instant("06-10 10:00:40"), end: instant("06-10 10:10:40") };
    assert_eq!(silence.unknown_spans.as_slice(), [unseen]);
    assert_eq!((minutes(silence.unknown), silence.counted), (10, 0));
    assert_eq!(silence.coverage.unwrap().to_string(), "43190/43200 min");
}

#[test]
fn sh_mon_01_silence_between_two_failures_is_down_up_to_bridge_max() {
    let outage = "06-10 10:00 ams sees wiki down until 06-10 10:30";
    let silent_until = |end: &str| {
        let month = june(PREMIUM, &format!("{outage}; 06-10 10:05:20 ams misses wiki until 06-10 {end}"));
        (month.counted, month.unknown.as_micros() / 1_000_000)
    };
    assert_eq!(
        silent_until("10:15:40"),
        (30, 0),
        "from 10:05:40, where the hold ends, to 10:15:40 is exactly ten minutes"
    );
    assert_eq!(silent_until("10:16:00"), (5 + 14, 620));
    let never = altered(PREMIUM, |a| a.availability.as_mut().unwrap().down.no_data = NoData::Unknown);
    let story = format!("{outage}; 06-10 10:05:20 ams misses wiki until 06-10 10:06:20");
    assert_eq!((june_under(&never, &story).counted, june(PREMIUM, &story).counted), (5 + 23, 30));
}

#[test]
fn sh_mon_01_too_little_looked_at_waits_for_a_person() {
    let story =
        "06-02 00:00 ams misses wiki until 06-05 00:00; 06-10 10:00 ams sees wiki down until 06-10 11:00";
    let verdict = |least: &str| {
        let least = Some(least.parse().unwrap());
        june_under(&altered(PREMIUM, |a| a.availability.as_mut().unwrap().down.least_coverage = least), story)
            .verdict
    };
    assert_eq!((verdict("90"), verdict("90.1")), (Verdict::Missed, Verdict::Provisional { met: false }));
    let worst = june(PREMIUM, story).uptime_at_worst.unwrap();
    assert!(!worst.is_at_least("90".parse().unwrap()), "{worst}");
}

#[test]
fn sh_def_04_only_the_term_is_covered() {
    let (facts, now) = tell(
        "02-20 00:00 instance wiki production \"Wiki\" from 2026-02-20 00:00; 02-20 00:00 ams watches wiki every 20s until 04-01 00:00; \
         02-28 23:50 ams sees wiki down until 03-01 00:30; now 04-02 09:00",
    );
    let march = month_of(&STANDARD.terms(), &facts, now, "2026-03");
    assert_eq!((minutes(march.covered), runs(&march)), (31 * 1440, "00:00:00-00:30:00 30".to_owned()));
    assert_eq!(instance_months(&STANDARD.terms(), &facts, now).len(), 2, "no month before the term");
}

#[test]
fn sh_def_04_ten_covered_days_allow_fourteen_minutes() {
    let late = "06-21 00:00 instance shop production \"Shop\" from 2026-06-21 00:00; 06-21 00:00 ams watches shop every 20s until 07-01 00:00";
    let (facts, now) =
        tell(&format!("{late}; 06-25 08:00 ams sees shop down until 06-25 08:15; now 07-02 09:00"));
    let month = month_of(&STANDARD.terms(), &facts, now, "2026-06");
    assert_eq!((minutes(month.covered), month.budget.allowed, month.verdict), (14_400, 14, Verdict::Missed));
    let whole =
        altered(STANDARD, |a| a.availability.as_mut().unwrap().denominator = Denominator::MonthMinutes);
    assert_eq!(month_of(&whole, &facts, now, "2026-06").verdict, Verdict::Met);
}

#[test]
fn sh_def_04_an_instance_that_ends_is_covered_until_then() {
    let (facts, now) = tell(&format!(
        "{JUNE}; 06-10 09:00 ended wiki 2026-06-11 00:00; 06-20 10:00 ams sees wiki down until 06-20 11:00; now 07-02 09:00"
    ));
    let month = month_of(&STANDARD.terms(), &facts, now, "2026-06");
    assert_eq!((minutes(month.covered), month.counted), (10 * 1440, 0));
}

#[test]
fn sh_def_06_each_instance_is_judged_by_itself() {
    let (facts, now) = tell(&format!(
        "{JUNE}; 03-01 00:00 instance shop production \"Shop\" from 2026-03-01 00:00; 06-01 00:00 ams watches shop every 20s until 07-01 00:00; \
         06-10 10:00 ams sees wiki down until 06-10 11:00; now 07-02 09:00"
    ));
    let mut months = instance_months(&PREMIUM.terms(), &facts, now);
    months.retain(|month| month.month.to_string() == "2026-06");
    let verdicts: Vec<_> = months.iter().map(|m| (m.instance.as_str(), m.verdict)).collect();
    assert_eq!(verdicts, [("shop", Verdict::Met), ("wiki", Verdict::Missed)]);
}

#[test]
fn sh_def_07_the_objective_is_the_tiers() {
    let objective =
        |deal| june(deal, "06-10 10:00 ams sees wiki down until 06-10 10:01").objective.to_string();
    assert_eq!([STANDARD, PREMIUM, ENTERPRISE].map(objective), ["99.9%", "99.95%", "99.99%"]);
}

/// one run over midnight, whose minutes are laid from its start.
#[test]
fn a_run_over_midnight_is_one_run_and_its_minutes_belong_where_they_begin() {
    let (facts, now) = tell(
        "03-01 00:00 instance wiki production \"Wiki\" from 2026-03-01 00:00; 06-01 00:00 ams watches wiki every 20s until 07-02 00:00; \
         06-30 23:49:40 ams sees wiki down until 07-01 00:10; now 08-02 09:00",
    );
    let (june, july) = ("2026-06", "2026-07");
    let counted = |month| month_of(&PREMIUM.terms(), &facts, now, month).counted;
    assert_eq!((counted(june), counted(july)), (11, 9), "20 minutes and 20 seconds are 20 minutes");
}

/// the months are the zone's, with the hours that its clock changes skip and repeat.
#[test]
fn months_of_another_zone_have_the_minutes_of_their_clock() {
    let amsterdam: Zone = "Europe/Amsterdam".parse().unwrap();
    let terms = altered(STANDARD, |a| a.availability.as_mut().unwrap().tz = amsterdam);
    let (facts, _) =
        tell("02-01 00:00 instance wiki production \"Wiki\" from 2026-02-01 00:00; now 07-02 09:00");
    let months = instance_months(&terms, &facts, "2026-12-01T00:00:00Z".parse().unwrap());
    let hours: Vec<_> =
        months.iter().map(|m| (m.month.to_string(), m.covered.as_micros() / 3_600_000_000)).collect();
    assert!(hours.contains(&("2026-10".to_owned(), 745)), "{hours:?}");
    assert_eq!(
        hours[0],
        ("2026-03".to_owned(), 742),
        "the term begins an hour into Amsterdam's March, which skips one"
    );
}

#[test]
fn a_month_that_is_not_over_has_a_budget_and_no_verdict() {
    let (facts, now) =
        tell(&format!("{JUNE}; 06-10 10:00 ams sees wiki down until 06-10 10:05; now 06-10 12:00"));
    let month = month_of(&ENTERPRISE.terms(), &facts, now, "2026-06");
    assert_eq!((month.verdict, month.budget.left), (Verdict::NotOver { lost: true }, -1));
    assert_eq!((minutes(month.covered), minutes(month.ahead)), (9 * 1440 + 720, 20 * 1440 + 720));
    let month = month_of(&PREMIUM.terms(), &facts, now, "2026-06");
    assert_eq!(
        (month.verdict, month.budget.allowed, month.budget.left),
        (Verdict::NotOver { lost: false }, 21, 16)
    );
}

/// Rule 3: while what nobody saw could have lost the month, no page says that it is on course.
#[test]
fn a_month_that_is_not_over_and_was_hardly_seen_shows_both_ends() {
    let (facts, now) = tell(
        "03-01 00:00 instance wiki production \"Wiki\" from 2026-03-01 00:00; \
         06-01 00:00 ams watches wiki every 20s until 06-01 06:00; now 06-02 00:00",
    );
    let month = month_of(&PREMIUM.terms(), &facts, now, "2026-06");
    assert_eq!(month.verdict, Verdict::NotOver { lost: false });
    assert!(month.is_in_doubt());
    let shown = (month.percent_shown(), month.verdict_shown());
    assert_eq!(shown, ("25.069% to 100.000%".to_owned(), "not over, and too little was seen so far"));
    let (facts, now) =
        tell(&format!("{JUNE}; 06-10 10:00 ams sees wiki down until 06-10 10:05; now 06-10 12:00"));
    assert!(!month_of(&PREMIUM.terms(), &facts, now, "2026-06").is_in_doubt());
}
