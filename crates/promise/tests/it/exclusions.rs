//! What does not count, by clause id: maintenance on file, quotas and restarts, claims and disputes.

use promise::{InstanceMonth, Refusal, Standing, Verdict};

use crate::{
    june::{MAINTENANCE, june, minutes, runs},
    story::{PREMIUM, instant},
};

#[test]
fn sh_avail_10_maintenance_is_excluded_and_its_overrun_counts() {
    let month = june(
        PREMIUM,
        &format!("06-08 09:00 {MAINTENANCE}; 06-17 10:30 ams sees wiki down until 06-17 11:20"),
    );
    assert_eq!((minutes(month.excluded), runs(&month)), (30, "11:00:00-11:20:00 20".to_owned()));
    assert_eq!(
        (month.exclusions[0].record.as_str(), &month.exclusions[0].standing),
        ("M-1", &Standing::ByRule)
    );
}

/// `(excluded, counted)` minutes of an outage of the 17th around maintenance filed and told of in a line.
fn around_maintenance(story: &str) -> (i64, i64) {
    let month = june(PREMIUM, story);
    (minutes(month.excluded), month.counted)
}

#[test]
fn sh_avail_10_a_record_filed_after_the_downtime_began_excludes_nothing() {
    let outage = "06-17 10:30 ams sees wiki down until 06-17 10:50";
    assert_eq!(around_maintenance(&format!("06-17 10:29:59 {MAINTENANCE}; {outage}")), (20, 0));
    assert_eq!(around_maintenance(&format!("06-17 10:30 {MAINTENANCE}; {outage}")), (0, 20));
    let late = format!("06-17 10:00 {MAINTENANCE} (recorded 2026-06-17 10:40); {outage}");
    assert_eq!(around_maintenance(&late), (0, 20));
}

#[test]
fn sh_avail_10_a_run_already_going_at_the_start_counts_whole() {
    let before = "06-17 09:59:40 ams sees wiki down until 06-17 10:20:40";
    assert_eq!(around_maintenance(&format!("06-08 09:00 {MAINTENANCE}; {before}")), (0, 21));
    let at_start = "06-17 10:00 ams sees wiki down until 06-17 10:20";
    assert_eq!(around_maintenance(&format!("06-08 09:00 {MAINTENANCE}; {at_start}")), (20, 0));
    let at_end = "06-17 11:00 ams sees wiki down until 06-17 11:20";
    assert_eq!(around_maintenance(&format!("06-08 09:00 {MAINTENANCE}; {at_end}")), (0, 20));
}

#[test]
fn sh_avail_10_cancelled_maintenance_excludes_nothing_from_then_on() {
    let outage = "06-17 10:30 ams sees wiki down until 06-17 10:50";
    let filed = format!("06-08 09:00 {MAINTENANCE}");
    assert_eq!(around_maintenance(&format!("{filed}; 06-17 10:30 cancel M-1; {outage}")), (0, 20));
    assert_eq!(around_maintenance(&format!("{filed}; 06-17 10:40 cancel M-1; {outage}")), (10, 10));
}

/// Maintenance that was declared over is no cover for what fails in the rest of its window.
#[test]
fn sh_avail_10_maintenance_that_ended_early_excludes_nothing_from_then_on() {
    let outage = "06-17 10:30 ams sees wiki down until 06-17 10:50";
    let filed = format!("06-08 09:00 {MAINTENANCE}");
    assert_eq!(around_maintenance(&format!("{filed}; 06-17 10:20 end M-1; {outage}")), (0, 20));
    assert_eq!(around_maintenance(&format!("{filed}; 06-17 10:40 end M-1; {outage}")), (10, 10));
    assert_eq!(around_maintenance(&format!("{filed}; {outage}; 06-17 11:30 end M-1")), (20, 0));
    let learned_late = format!("{filed}; {outage}; 06-17 10:40 end M-1 (recorded 2026-06-18 09:00)");
    assert_eq!(around_maintenance(&learned_late), (10, 10));
}

#[test]
fn sh_avail_10_two_windows_that_overlap_exclude_once() {
    let second = "maintenance M-2 emergency network on wiki from 2026-06-17 10:40 to 2026-06-17 11:30 impact down by anna";
    let story = format!(
        "06-08 09:00 {MAINTENANCE}; 06-08 09:00 {second}; 06-17 10:45 ams sees wiki down until 06-17 11:15"
    );
    assert_eq!(around_maintenance(&story), (30, 0));
    let began_before_both = format!(
        "06-08 09:00 {MAINTENANCE}; 06-08 09:00 {second}; 06-17 10:30 ams sees wiki down until 06-17 11:15"
    );
    assert_eq!(around_maintenance(&began_before_both), (30, 15));
}

/// A window that is stretched while it overruns would be an exclusion afterwards by one side.
#[test]
fn sh_maint_04_a_record_changed_during_the_downtime_does_not_reach_back() {
    let longer = MAINTENANCE.replace("11:00", "13:00");
    let outage = "06-17 10:30 ams sees wiki down until 06-17 11:20";
    assert_eq!(
        around_maintenance(&format!("06-08 09:00 {MAINTENANCE}; 06-17 10:50 {longer}; {outage}")),
        (30, 20)
    );
    assert_eq!(
        around_maintenance(&format!("06-08 09:00 {MAINTENANCE}; 06-17 10:30 {longer}; {outage}")),
        (30, 20)
    );
    assert_eq!(
        around_maintenance(&format!("06-08 09:00 {MAINTENANCE}; 06-17 09:50 {longer}; {outage}")),
        (50, 0)
    );
}

#[test]
fn sh_maint_12_an_emergency_record_excludes_what_begins_after_it_was_filed() {
    let emergency = "maintenance M-1 emergency software on wiki from 2026-06-17 10:00 to 2026-06-17 11:00 impact down by anna";
    let story = format!(
        "06-17 10:05 {emergency}; 06-17 10:01 ams sees wiki down until 06-17 10:04; 06-17 10:10 ams sees wiki down until 06-17 10:20"
    );
    assert_eq!(around_maintenance(&story), (10, 3));
}

const OUTAGE: &str = "06-10 10:00 ams sees wiki down until 06-10 10:30";

fn claimed(cause: &str, more: &str) -> InstanceMonth {
    june(
        PREMIUM,
        &format!(
            "{OUTAGE}; 06-11 09:00 exclude E-1 wiki from 2026-06-10 10:00 to 2026-06-10 10:30 because {cause} proof \"carrier ticket 4711\" by mia; {more}"
        ),
    )
}

#[test]
fn sh_excl_01_an_instance_out_of_the_agreement_has_no_verdict() {
    let whole = "06-11 09:00 exclude E-1 wiki from 2026-03-01 00:00 to 2026-07-01 00:00 because pre-ga proof \"release notes\" by mia";
    let month = june(PREMIUM, &format!("{OUTAGE}; {whole}"));
    assert_eq!((month.verdict, month.counted), (Verdict::NothingCovered, 0));
    assert_eq!(claimed("pre-ga", "06-12 09:00 ams misses wiki until 06-12 10:00").verdict, Verdict::Met);
}

#[test]
fn sh_excl_02_a_documented_exclusion_takes_its_downtime_out() {
    let month = claimed("documented-exclusion", "06-20 10:00 ams sees wiki down until 06-20 10:10");
    assert_eq!((minutes(month.excluded), month.counted), (30, 10));
}

#[test]
fn sh_excl_03_deprecated_counts_before_its_date_and_not_after() {
    let from = "06-11 09:00 exclude E-1 wiki from 2026-06-10 10:10 to 2026-07-01 00:00 because deprecated proof \"notice of 1 March\" by mia";
    let month = june(PREMIUM, &format!("{OUTAGE}; {from}"));
    assert_eq!((minutes(month.excluded), runs(&month)), (20, "10:00:00-10:10:00 10".to_owned()));
}

#[test]
fn sh_excl_04_a_claim_without_evidence_excludes_nothing() {
    let month = june(
        PREMIUM,
        &format!(
            "{OUTAGE}; 06-11 09:00 exclude E-1 wiki from 2026-06-10 10:00 to 2026-06-10 10:30 because beyond-control proof \" \" by mia"
        ),
    );
    assert_eq!(month.exclusions[0].standing, Standing::Refused { reason: Refusal::NoEvidence });
    assert_eq!((month.counted, month.verdict), (30, Verdict::Missed));
}

#[test]
fn sh_excl_04_an_undisputed_claim_excludes_and_says_until_when_it_may_be_disputed() {
    let month = claimed("beyond-control", "06-20 10:00 ams sees wiki down until 06-20 10:01");
    let until = instant("06-24 17:00");
    assert_eq!(month.exclusions[0].standing, Standing::Claimed { disputable_until: Some(until) });
    assert_eq!((minutes(month.excluded), month.counted, month.alternative), (30, 1, None));
}

#[test]
fn sh_excl_04_a_disputed_claim_is_shown_with_and_without_until_it_is_settled() {
    let month =
        claimed("beyond-control", "06-15 09:00 dispute E-1 saying \"The second carrier was up.\" by jan");
    let other = month.alternative.expect("both versions");
    assert_eq!(
        (month.verdict, month.counted, other.verdict, other.counted),
        (Verdict::Missed, 30, Verdict::Met, 0)
    );
    for (word, counted) in [("stands", 0), ("falls", 30)] {
        let month = claimed(
            "beyond-control",
            &format!("06-15 09:00 dispute E-1 saying \"No.\" by jan; 06-20 09:00 settle E-1 {word}"),
        );
        assert_eq!((month.counted, month.alternative), (counted, None), "{word}");
    }
}

#[test]
fn sh_excl_04_a_dispute_at_the_last_instant_is_in_time_and_a_later_one_is_not() {
    let disputed =
        |at: &str| claimed("beyond-control", &format!("{at} dispute E-1 saying \"No.\" by jan")).counted;
    assert_eq!((disputed("06-24 17:00"), disputed("06-24 17:00:01")), (30, 0));
}

#[test]
fn sh_excl_04_only_the_role_of_the_file_claims_and_only_the_client_disputes() {
    let claim =
        "exclude E-1 wiki from 2026-06-10 10:00 to 2026-06-10 10:30 because beyond-control proof \"ticket\"";
    let by_support = june(PREMIUM, &format!("{OUTAGE}; 06-11 09:00 {claim} by anna"));
    assert_eq!(by_support.exclusions[0].standing, Standing::Refused { reason: Refusal::NotTheirsToClaim });
    let own = june(
        PREMIUM,
        &format!("{OUTAGE}; 06-11 09:00 {claim} by mia; 06-12 09:00 dispute E-1 saying \"Hm.\" by anna"),
    );
    assert_eq!((own.counted, own.alternative), (0, None));
}

#[test]
fn sh_excl_05_a_claimed_violation_excludes_like_any_claim() {
    assert_eq!(
        minutes(claimed("client-violation", "06-20 10:00 ams sees wiki down until 06-20 10:01").excluded),
        30
    );
}

#[test]
fn sh_excl_06_failures_by_quota_do_not_count() {
    let quota = "06-10 10:00 quota wiki api until 2026-06-10 10:20";
    let month = june(PREMIUM, &format!("{OUTAGE}; {quota}"));
    assert_eq!((minutes(month.excluded), runs(&month)), (20, "10:20:00-10:30:00 10".to_owned()));
    let afterwards = june(PREMIUM, &format!("{OUTAGE}; {quota} (recorded 2026-06-10 10:20)"));
    assert_eq!(afterwards.exclusions[0].standing, Standing::Refused { reason: Refusal::RecordedLate });
    assert_eq!(afterwards.counted, 30);
}

#[test]
fn sh_excl_07_three_minutes_after_a_restart_by_the_client_are_excluded() {
    let outage = "06-10 10:00 ams sees wiki down until 06-10 10:03";
    let month = june(PREMIUM, &format!("{outage}; 06-10 10:00 restart wiki by jan"));
    assert_eq!((minutes(month.excluded), month.counted), (3, 0));
    assert_eq!(month.exclusions[0].cause, "client-restart");
    let longer = june(PREMIUM, &format!("{OUTAGE}; 06-10 10:00 restart wiki by jan"));
    assert_eq!((minutes(longer.excluded), longer.counted), (5, 25), "grace is five minutes");
    let by_provider = june(PREMIUM, &format!("{outage}; 06-10 10:00 restart wiki by anna"));
    assert_eq!((minutes(by_provider.excluded), by_provider.counted), (0, 3));
}

#[test]
fn sh_excl_08_a_cause_the_agreement_does_not_name_excludes_nothing() {
    assert_eq!(
        minutes(
            claimed("client-or-third-party", "06-20 10:00 ams sees wiki down until 06-20 10:01").excluded
        ),
        30
    );
    let unheard = claimed("bad-luck", "06-20 10:00 ams sees wiki down until 06-20 10:01");
    assert_eq!(unheard.exclusions[0].standing, Standing::Refused { reason: Refusal::UnknownCause });
    assert_eq!(unheard.counted, 31);
}
