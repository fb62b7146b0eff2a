//! Upkeep of the hosted service: patches, upgrades, notices, backups, watching, claims.

use crate::story::{ENTERPRISE, PREMIUM, STANDARD, check, instant, show, standing, tell};
use promise::{History, obligation::restore_points};

const WIKI: &str = "2026-03-01 00:00 instance wiki production \"Wiki\" software confluence from 2026-03-01 00:00; \
                    2026-03-01 00:00 version wiki confluence 9.0.0";

#[test]
fn sh_sec_01_a_fix_is_applied_in_two_weeks_on_standard() {
    let fix = format!("{WIKI}; 2026-03-01 00:00 fix F-1 CVE-2026-1234 confluence 9.0.1 score 5.0");
    check(
        STANDARD,
        &format!("{fix}; now mon 00:00"),
        "security-patch",
        "F-1 wiki running due Sun 15 Mar 00:00",
    );
    check(
        PREMIUM,
        &format!("{fix}; now mon 00:00"),
        "security-patch",
        "F-1 wiki running due Sun 8 Mar 00:00",
    );
    let patched = format!("{fix}; 03-14 00:00 version wiki confluence 9.0.1; now 03-20 00:00");
    check(STANDARD, &patched, "security-patch", "F-1 wiki met Sat 14 Mar 00:00 by scenario");
    let late = format!("{fix}; 03-16 00:00 version wiki confluence 9.1.0; now 03-20 00:00");
    check(
        STANDARD,
        &late,
        "security-patch",
        "F-1 wiki missed Sun 15 Mar 00:00, done Mon 16 Mar 00:00 by scenario",
    );
}

#[test]
fn sh_sec_01_each_instance_that_runs_an_older_version_has_its_own() {
    let fleet = format!(
        "{WIKI}; mon 00:00 instance docs test \"Docs\" software confluence from mon 00:00; \
         mon 00:00 version docs confluence 9.2.0; \
         mon 00:00 instance chat production \"Chat\" software zulip from mon 00:00; \
         mon 00:00 instance new production \"New\" software confluence from mon 00:00"
    );
    let fix = format!("{fleet}; tue 00:00 fix F-1 CVE-2026-1234 confluence 9.0.1 score 5.0");
    // Nobody has seen what `new` runs; `docs` runs a newer version, `chat` something else.
    check(
        PREMIUM,
        &format!("{fix}; now tue 00:00"),
        "security-patch",
        "F-1 new waiting: nobody has seen which version it runs; F-1 wiki running due Tue 10 Mar 00:00",
    );
    let seen = format!("{fix}; wed 00:00 version new confluence 8.9.0; now wed 00:00");
    check(
        PREMIUM,
        &seen,
        "security-patch",
        "F-1 new running due Tue 10 Mar 00:00; F-1 wiki running due Tue 10 Mar 00:00",
    );
    let current = seen.replace("8.9.0", "9.0.1");
    check(PREMIUM, &current, "security-patch", "F-1 wiki running due Tue 10 Mar 00:00");
}

#[test]
fn sh_sec_01_a_score_of_nothing_starts_nothing() {
    let fix = format!("{WIKI}; mon 00:00 fix F-1 CVE-2026-1234 confluence 9.0.1 score 0.0; now mon 00:00");
    check(STANDARD, &fix, "security-patch", "");
}

#[test]
fn sh_sec_01_what_leaves_the_agreement_needs_no_patch() {
    let fix = format!("{WIKI}; mon 00:00 fix F-1 CVE-2026-1234 confluence 9.0.1 score 5.0");
    let left = format!("{fix}; tue 00:00 ended wiki wed 00:00; now fri 00:00");
    check(PREMIUM, &left, "security-patch", "F-1 wiki cancelled Wed 4 Mar 00:00 what it was about ended");
}

#[test]
fn sh_maint_02_an_upgrade_in_two_weeks_on_premium() {
    let release = format!("{WIKI}; mon 00:00 release R-1 confluence 9.1.0");
    check(PREMIUM, &format!("{release}; now mon 00:00"), "upgrade", "R-1 wiki running due Mon 16 Mar 00:00");
    let newer = format!("{release}; 03-10 00:00 version wiki confluence 9.2.0; now 03-20 00:00");
    check(PREMIUM, &newer, "upgrade", "R-1 wiki met Tue 10 Mar 00:00 by scenario");
    let preview = format!("{WIKI}; mon 00:00 release R-1 confluence 9.1.0 preview; now mon 00:00");
    check(PREMIUM, &preview, "upgrade", "");
}

#[test]
fn sh_maint_02_a_newer_release_takes_the_place_of_the_older() {
    let two =
        format!("{WIKI}; mon 00:00 release R-1 confluence 9.1.0; 03-09 00:00 release R-2 confluence 9.1.1");
    check(
        PREMIUM,
        &format!("{two}; now 03-20 00:00"),
        "upgrade",
        "R-1 wiki cancelled Mon 9 Mar 00:00 a newer one took its place; R-2 wiki running due Mon 23 Mar 00:00",
    );
    // One that came after the miss undoes nothing, and a preview or an older branch takes no place.
    let late =
        format!("{WIKI}; mon 00:00 release R-1 confluence 9.1.0; 03-17 00:00 release R-2 confluence 9.1.1");
    check(
        PREMIUM,
        &format!("{late}; now 03-20 00:00"),
        "upgrade",
        "R-1 wiki missed Mon 16 Mar 00:00; R-2 wiki running due Tue 31 Mar 00:00",
    );
    let branch =
        format!("{WIKI}; mon 00:00 release R-1 confluence 9.1.0; 03-09 00:00 release R-2 confluence 8.5.9");
    check(PREMIUM, &format!("{branch}; now 03-10 00:00"), "upgrade", "R-1 wiki running due Mon 16 Mar 00:00");
}

#[test]
fn sh_maint_10_two_weeks_are_a_reminder_on_standard_and_four_the_target() {
    let release = format!("{WIKI}; mon 00:00 release R-1 confluence 9.1.0; now mon 00:00");
    check(STANDARD, &release, "upgrade", "R-1 wiki running due Mon 30 Mar 00:00");
    let reminders = &standing(STANDARD, &release, "upgrade")[0].reminders;
    let at: Vec<String> = reminders.iter().map(|r| format!("{} {}", r.rule, show(r.at))).collect();
    assert_eq!(at, ["2w Mon 16 Mar 09:00", "due-3d Thu 26 Mar 17:00"]);
    let missed = release.replace("now mon 00:00", "now 03-30 00:00:01");
    check(STANDARD, &missed, "upgrade", "R-1 wiki missed Mon 30 Mar 00:00");
}

#[test]
fn sh_maint_11_notice_seven_days_before_work_that_hurts() {
    let planned = |start| {
        format!(
            "mon 10:00 maintenance M-1 scheduled upgrade on wiki from {start} to 03-09 12:00 impact down; \
             mon 10:00 notice M-1 to contact; now 03-10 00:00"
        )
    };
    check(STANDARD, &planned("03-09 10:00"), "maintenance-notice", "M-1 met Mon 2 Mar 10:00 by scenario");
    let late = "M-1 missed Mon 2 Mar 10:00, done Mon 2 Mar 10:00 by scenario";
    check(STANDARD, &planned("03-09 09:59"), "maintenance-notice", late);
    let found = standing(STANDARD, &planned("03-09 09:59"), "maintenance-notice");
    assert_eq!(found[0].due, Some(instant("mon 09:59")), "due before it was planned");
    assert_eq!(found[0].duty.miss, "missed effort");
    check(STANDARD, &planned("03-09 10:00").replace("impact down", "impact none"), "maintenance-notice", "");
}

#[test]
fn sh_maint_11_a_plan_that_is_moved_is_judged_by_the_later_plan() {
    let moved = "mon 10:00 maintenance M-1 scheduled upgrade on wiki from sun 02:00 to sun 04:00 impact down; \
                 tue 10:00 maintenance M-1 scheduled upgrade on wiki from 03-15 02:00 to 03-15 04:00 impact down; \
                 wed 10:00 notice M-1 to contact; now 03-16 00:00";
    check(ENTERPRISE, moved, "maintenance-notice", "M-1 met Wed 4 Mar 10:00 by scenario");
    let cancelled = moved.replace("wed 10:00 notice M-1 to contact", "wed 10:00 cancel M-1");
    check(
        ENTERPRISE,
        &cancelled,
        "maintenance-notice",
        "M-1 cancelled Wed 4 Mar 10:00 maintenance.cancelled",
    );
}

#[test]
fn sh_maint_13_an_emergency_is_announced_before_it_begins() {
    let emergency =
        "tue 10:00 maintenance M-1 emergency hardware on wiki from tue 11:00 to tue 12:00 impact down";
    check(STANDARD, &format!("{emergency}; now wed 00:00"), "emergency-notice", "M-1 missed Tue 3 Mar 11:00");
    let announced = format!("{emergency}; tue 10:05 notice M-1 to contact; now wed 00:00");
    check(STANDARD, &announced, "emergency-notice", "M-1 met Tue 3 Mar 10:05 by scenario");
    // No lead at all is shown honestly: announced at the very start is in time.
    let at_once = "tue 10:00 maintenance M-1 emergency hardware on wiki from tue 10:00 to tue 12:00 impact down; \
                   tue 10:00 notice M-1 to contact; now wed 00:00";
    check(STANDARD, at_once, "emergency-notice", "M-1 met Tue 3 Mar 10:00 by scenario");
}

#[test]
fn sh_bak_01_a_backup_every_day_and_a_missing_one_is_a_miss() {
    let wiki = "mon 00:00 instance wiki production \"Wiki\" from mon 00:00";
    let gap = format!("{wiki}; mon 01:00 backup wiki B-1; thu 01:00 backup wiki B-2; now thu 02:00");
    check(
        ENTERPRISE,
        &gap,
        "backup",
        "wiki met Mon 2 Mar 01:00 by scenario;
         wiki missed Tue 3 Mar 01:00, done Thu 5 Mar 01:00 by scenario;
         wiki missed Wed 4 Mar 01:00, done Thu 5 Mar 01:00 by scenario;
         wiki met Thu 5 Mar 01:00 by scenario;
         wiki running due Fri 6 Mar 01:00",
    );
    let unproved = format!("{wiki}; mon 01:00 backup wiki B-1 unproved; now tue 00:00:01");
    check(ENTERPRISE, &unproved, "backup", "wiki missed Tue 3 Mar 00:00; wiki running due Wed 4 Mar 00:00");
}

#[test]
fn sh_bak_01_each_backup_is_kept_as_long_as_the_level_says() {
    let taken = "mon 01:00 backup wiki B-1; now mon 02:00";
    check(STANDARD, taken, "backup-retention", "wiki running due Mon 9 Mar 01:00");
    check(PREMIUM, taken, "backup-retention", "wiki running due Mon 16 Mar 01:00");
    check(ENTERPRISE, taken, "backup-retention", "wiki running due Wed 1 Apr 01:00");
    let early = "mon 01:00 backup wiki B-1; 03-31 01:00 delete wiki B-1; now 04-10 00:00";
    check(
        ENTERPRISE,
        early,
        "backup-retention",
        "wiki missed Tue 31 Mar 01:00, done Tue 31 Mar 01:00 by scenario",
    );
    let after = early.replace("03-31 01:00 delete", "04-01 01:00 delete");
    check(ENTERPRISE, &after, "backup-retention", "wiki met Wed 1 Apr 01:00");
}

#[test]
fn sh_bak_01_the_days_one_can_go_back_to_show_the_gap() {
    let story = "mon 00:00 instance wiki production \"Wiki\" from mon 00:00; mon 01:00 backup wiki B-1; \
                 tue 01:00 backup wiki B-2; thu 01:00 backup wiki B-4; thu 12:00 delete wiki B-2; now fri 12:00";
    let (facts, now) = tell(story);
    let wiki = "wiki".parse().unwrap();
    let points = restore_points(&STANDARD.versions(), &History::new(&facts), &wiki, now);
    let days: Vec<String> = points
        .iter()
        .map(|p| format!("{} {}", show(p.day), p.backup.as_ref().map_or("-", |b| b.as_str())))
        .collect();
    assert_eq!(
        days,
        ["Thu 5 Mar 00:00 B-4", "Wed 4 Mar 00:00 -", "Tue 3 Mar 00:00 -", "Mon 2 Mar 00:00 B-1"]
    );
}

#[test]
fn sh_mon_01_a_silence_is_one_miss_with_its_minutes() {
    let silent = "mon 09:59 instance wiki production \"Wiki\" from mon 09:59; \
                  mon 09:59 ams watches wiki every 20s until mon 10:11; \
                  mon 10:00:20 ams misses wiki until mon 10:10:40; now mon 10:11:30";
    // The last look at 10:00:00, the next at 10:10:40: ten minutes passed without one.
    check(STANDARD, silent, "observe", "wiki missed Mon 2 Mar 10:01; wiki running due Mon 2 Mar 10:11:40");
    let silence = &standing(STANDARD, silent, "observe")[0];
    assert!(silence.occurrence.to_string().ends_with("+10"), "{}", silence.occurrence);
    assert!(silence.duty.on_miss.contains(&agreement::OnMiss::Statement));
}

#[test]
fn sh_cred_07_a_statement_for_each_month_that_has_ended() {
    let active = "2026-03-01 00:00 fact agreement.activated agreement=SH-2026-0001 sha256=0f";
    let story = format!("{active}; 04-04 12:00 statement S-3 2026-03; now 05-06 00:00:01");
    check(
        STANDARD,
        &story,
        "publish-statement",
        "SH-2026-0001 met Sat 4 Apr 12:00 by scenario; SH-2026-0001 missed Wed 6 May 00:00",
    );
}

#[test]
fn sh_cred_10_a_credit_is_claimed_within_thirty_days_of_the_statement() {
    let statement = "04-02 00:00 statement S-3 2026-03 credit EUR 120.00";
    check(
        STANDARD,
        &format!("{statement}; now 04-02 00:00"),
        "claim-credit",
        "S-3 running due Sat 2 May 00:00",
    );
    let in_time = format!("{statement}; 05-01 23:59 claim S-3 via portal by jan; now 05-10 00:00");
    check(STANDARD, &in_time, "claim-credit", "S-3 met Fri 1 May 23:59 by jan");
    let reminders =
        &standing(STANDARD, &format!("{statement}; now 04-02 00:00"), "claim-credit")[0].reminders;
    assert_eq!(
        reminders.iter().map(|r| show(r.at)).collect::<Vec<_>>(),
        ["Wed 8 Apr 17:00", "Wed 22 Apr 17:00", "Wed 29 Apr 17:00"],
        "midnight is told at the nearest closing or opening"
    );
    check(STANDARD, "04-02 00:00 statement S-3 2026-03; now 04-03 00:00", "claim-credit", "");
}

#[test]
fn sh_cred_11_an_unclaimed_credit_is_forfeited_and_stays_visible() {
    let late = "04-02 00:00 statement S-3 2026-03 credit EUR 120.00; \
                05-02 00:01 claim S-3 via portal by jan; now 05-10 00:00";
    check(STANDARD, late, "claim-credit", "S-3 forfeited Sat 2 May 00:00");
    let never = "04-02 00:00 statement S-3 2026-03 credit EUR 120.00; now 05-02 00:00:01";
    check(STANDARD, never, "claim-credit", "S-3 forfeited Sat 2 May 00:00");
}

#[test]
fn sh_cred_13_a_claimed_credit_is_applied_in_sixty_days() {
    let claim = "04-01 00:00 claim S-3 via portal by jan";
    check(STANDARD, &format!("{claim}; now 04-01 00:00"), "apply-credit", "S-3 running due Sun 31 May 00:00");
    let applied = format!("{claim}; 05-31 00:00 apply S-3 EUR 120.00 on INV-7; now 06-10 00:00");
    check(STANDARD, &applied, "apply-credit", "S-3 met Sun 31 May 00:00 by scenario");
    check(STANDARD, &format!("{claim}; now 06-01 00:00"), "apply-credit", "S-3 missed Sun 31 May 00:00");
}

#[test]
fn sh_cred_12_a_credit_that_outlives_the_term_is_an_open_item() {
    let claim = "2027-02-15 00:00 claim S-3 via portal by jan";
    check(
        STANDARD,
        &format!("{claim}; now 2027-02-28 23:59"),
        "apply-credit",
        "S-3 running due Fri 16 Apr 2027 00:00",
    );
    let open = "S-3 waiting: the term ended first, an open item for the parties";
    let after = format!("{claim}; now 2027-05-01 00:00");
    let found: Vec<String> = standing(STANDARD, &after, "apply-credit")
        .iter()
        .map(|found| format!("{} {}", found.subject.id, found.state.to_string().replace(';', ",")))
        .collect();
    assert_eq!(found, [open]);
}

#[test]
fn an_instance_that_leaves_and_comes_back_is_watched_and_backed_up_again() {
    let story = "mon 00:00 instance wiki production \"Wiki\" from mon 00:00; mon 10:00 backup wiki B-1; \
                 mon 12:00 ended wiki mon 20:00; \
                 wed 00:00 instance wiki production \"Wiki\" from wed 00:00; wed 10:00 backup wiki B-2; now wed 12:00";
    check(
        STANDARD,
        story,
        "backup",
        "wiki met Mon 2 Mar 10:00 by scenario;
         wiki cancelled Mon 2 Mar 20:00 what it was about ended;
         wiki met Wed 4 Mar 10:00 by scenario;
         wiki running due Thu 5 Mar 10:00",
    );
    check(
        STANDARD,
        story,
        "observe",
        "wiki missed Mon 2 Mar 00:01; wiki missed Wed 4 Mar 00:01; wiki running due Wed 4 Mar 12:00",
    );
    let silences: Vec<String> =
        standing(STANDARD, story, "observe").iter().map(|o| o.occurrence.to_string()).collect();
    assert_eq!(silences, ["1+1199", "1201+719", "1920"]);
}
