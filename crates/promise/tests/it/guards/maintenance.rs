//! Maintenance: what is put on file, when it may be, and what it may become.

use facts::Body;
use promise::{
    History,
    guard::{allow, announce_by, earliest_start, slots, stored_as},
};
use spans::Span;

use crate::story::{Deal, ENTERPRISE, PREMIUM, STANDARD, act, instant, proposed, show};

fn plan(kind: &str, from: &str, to: &str, rest: &str) -> String {
    format!("fri 10:00 maintenance M-1 {kind} upgrade on wiki from {from} to {to} impact down {rest}")
}

#[test]
fn sh_maint_01_planned_work_lies_in_the_slot_of_the_tier() {
    let in_hours = plan("scheduled", "03-09 10:00", "03-09 12:00", "");
    for deal in [STANDARD, PREMIUM] {
        act(deal, &in_hours, "allowed");
    }
    act(
        ENTERPRISE,
        &in_hours,
        "it lies outside `window`: move it into the slot, or name in the reason a proposal that the client approved \
         for that time and those instances, and that no other record names [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]",
    );
    act(ENTERPRISE, &plan("scheduled", "sun 02:00", "sun 06:00", ""), "allowed");
    act(
        ENTERPRISE,
        &plan("scheduled", "sun 02:00", "sun 06:01", "because \"it takes long\""),
        OUTSIDE_WINDOW,
    );
    let approved = "thu 10:00 fact proposal.made proposal=P-1 kind=window side=provider by anna; \
                    thu 11:00 fact proposal.approved proposal=P-1 side=client by piet";
    let with = plan("scheduled", "sun 02:00", "sun 06:01", "because \"the client agreed in P-1.\"");
    act(ENTERPRISE, &format!("{approved}; {with}"), "allowed");
    let not_yet = approved.split("; ").next().unwrap();
    act(ENTERPRISE, &format!("{not_yet}; {with}"), OUTSIDE_WINDOW);
}

const OUTSIDE_WINDOW: &str = "it lies outside `window`: move it into the slot, or name in the reason a proposal that the client \
    approved for that time and those instances, and that no other record names [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]";

#[test]
fn sh_maint_01_a_planner_is_offered_the_slots_of_the_tier() {
    let week = Span::new(instant("mon 00:00"), instant("03-09 00:00")).unwrap();
    let shown = |deal: Deal| {
        let slots = slots(
            deal.versions().latest(),
            &History::new([]),
            facts::MaintenanceKind::Scheduled,
            week,
            week.start,
        );
        slots.iter().map(|s| format!("{} - {}", show(s.start), show(s.end))).collect::<Vec<_>>()
    };
    assert_eq!(shown(ENTERPRISE), ["Sun 8 Mar 02:00 - Sun 8 Mar 06:00"]);
    assert_eq!(shown(PREMIUM), ["Mon 2 Mar 00:00 - Fri 6 Mar 17:00", "Sun 8 Mar 17:00 - Mon 9 Mar 00:00"]);
    assert_eq!(shown(STANDARD).len(), 5);
}

#[test]
fn sh_maint_03_a_record_names_its_cause() {
    let record = plan("scheduled", "03-09 10:00", "03-09 12:00", "");
    act(
        STANDARD,
        &record.replace("upgrade on", "\" \" on"),
        "say what causes the maintenance: network, hardware, software, upgrade \
         [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]",
    );
}

#[test]
fn sh_maint_04_what_was_filed_after_its_start_is_an_emergency() {
    let story = plan("scheduled", "fri 09:00", "fri 12:00", "");
    act(
        STANDARD,
        &story,
        "scheduled maintenance is put on file before it starts: this is an emergency from Fri 6 Mar 10:00 on \
         [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]",
    );
    let (facts, act) = proposed(&story);
    let stored = stored_as(&act).unwrap();
    let Body::MaintenancePlanned(planned) = &stored.body else { panic!("maintenance") };
    assert_eq!((planned.kind.name(), planned.starts_at), ("emergency", instant("fri 10:00")));
    assert_eq!(allow(&STANDARD.versions(), &History::new(&facts), &stored), Ok(()));
    let (_, in_time) = proposed(&plan("scheduled", "fri 10:01", "fri 12:00", ""));
    assert_eq!(stored_as(&in_time), None);
    let (_, over) = proposed(&plan("scheduled", "fri 08:00", "fri 09:00", ""));
    assert_eq!(stored_as(&over), None, "nothing of it is left");
}

#[test]
fn sh_maint_05_the_window_is_changed_by_both_parties() {
    let proposal = "mon 10:00 fact proposal.made proposal=P-1 kind=window side=provider by anna";
    act(ENTERPRISE, proposal, "allowed");
    let plan = ENTERPRISE.versions();
    let (facts, _) = crate::story::tell(&format!("{proposal}; now 03-20 00:00"));
    let state = |facts: &[facts::Fact]| {
        promise::approval::proposal(
            plan.latest(),
            &History::new(facts),
            &"P-1".parse().unwrap(),
            instant("03-20 00:00"),
        )
        .unwrap()
        .state
        .name()
    };
    assert_eq!(state(&facts), "pending", "the provider alone changes nothing");
    let both = format!("{proposal}; tue 10:00 fact proposal.approved proposal=P-1 side=client by piet");
    act(ENTERPRISE, &both, "allowed");
    assert_eq!(state(&crate::story::tell(&format!("{both}; now 03-20 00:00")).0), "approved");
    act(
        ENTERPRISE,
        &both.replace("by piet", "by jan"),
        "jan may not do this: ask somebody of the client who is approver [SH-DEF-12]",
    );
}

#[test]
fn sh_maint_08_a_critical_patch_goes_in_at_any_hour() {
    let patch = |score: &str| {
        format!(
            "thu 10:00 fact cve.published cve=CVE-2026-1234 software=wiki layer=application score=\"{score}\"; {}",
            plan("critical-patch", "sun 03:00", "sun 04:00", "cve CVE-2026-1234")
        )
    };
    act(STANDARD, &patch("9.1"), "allowed");
    act(STANDARD, &patch("9.0"), "allowed");
    act(
        STANDARD,
        &patch("8.9"),
        "a critical patch names a vulnerability of at least 9.0: CVE-2026-1234 has 8.9; \
         plan it as scheduled, with a reason if outside the slot [SH-MAINT-08]",
    );
    act(
        STANDARD,
        &plan("critical-patch", "sun 03:00", "sun 04:00", ""),
        "a critical patch names a vulnerability of at least 9.0: it names none; \
         plan it as scheduled, with a reason if outside the slot [SH-MAINT-08]",
    );
    // 8.9 in the night takes the reason that any scheduled work takes.
    act(
        STANDARD,
        &plan("scheduled", "sun 03:00", "sun 04:00", "because \"CVE-2026-1234 has 8.9\""),
        "allowed",
    );
}

#[test]
fn sh_maint_09_outside_the_slot_takes_a_reason() {
    act(
        STANDARD,
        &plan("scheduled", "03-09 20:00", "03-09 22:00", ""),
        "it lies outside `bh`: move it into the slot, or say why it cannot be \
         [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]",
    );
    act(
        STANDARD,
        &plan("scheduled", "03-09 20:00", "03-09 22:00", "because \"nobody works then\""),
        "allowed",
    );
}

#[test]
fn sh_maint_12_an_emergency_cannot_be_backdated() {
    act(STANDARD, &plan("emergency", "fri 10:00", "fri 12:00", ""), "allowed");
    act(
        STANDARD,
        &plan("emergency", "fri 09:59", "fri 12:00", ""),
        "an emergency starts when it is recorded at the earliest, at Fri 6 Mar 10:00: it cannot be backdated \
         [SH-MAINT-03, SH-MAINT-12]",
    );
    // Nor by recording it late.
    let late = plan("emergency", "fri 10:00", "fri 12:00", "") + " (recorded 2026-03-06 11:00)";
    act(
        STANDARD,
        &late,
        "an emergency starts when it is recorded at the earliest, at Fri 6 Mar 11:00: it cannot be backdated \
         [SH-MAINT-03, SH-MAINT-12]",
    );
}

#[test]
fn sh_avail_10_what_is_under_way_is_not_stretched_by_one_party() {
    let planned =
        "thu 09:00 maintenance M-1 scheduled upgrade on wiki from fri 09:00 to fri 11:00 impact down";
    act(
        STANDARD,
        &format!("{planned}; {}", plan("scheduled", "fri 11:00", "fri 16:00", "")),
        "it began at Fri 6 Mar 09:00: what is under way is changed by both parties together, or ended \
         [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]",
    );
}

#[test]
fn sh_maint_11_the_planner_knows_the_earliest_start() {
    let versions = STANDARD.versions();
    let earliest = |kind, impact| show(earliest_start(versions.latest(), kind, impact, instant("mon 10:00")));
    use facts::{Impact, MaintenanceKind};
    assert_eq!(earliest(MaintenanceKind::Scheduled, Impact::Down), "Mon 9 Mar 10:00");
    assert_eq!(earliest(MaintenanceKind::Scheduled, Impact::None), "Mon 2 Mar 10:00");
    assert_eq!(earliest(MaintenanceKind::Emergency, Impact::Down), "Mon 2 Mar 10:00");
}

const WINDOW: &str = "sun 10:00 fact proposal.made proposal=P-1 kind=window side=provider \
     window={\"start\":\"2026-03-11T22:00:00\",\"rrule\":\"FREQ=WEEKLY;BYDAY=WE\",\"tz\":\"Europe/Amsterdam\",\"minutes\":240} by anna";

#[test]
fn sh_maint_05_a_window_of_another_length_is_refused() {
    let long = WINDOW.replace("240", "300");
    act(
        ENTERPRISE,
        &long,
        "a maintenance window is 4 h long, and this one 300 min: propose one of that length [SH-MAINT-05]",
    );
    let unread = WINDOW.replace("FREQ=WEEKLY;BYDAY=WE", "FREQ=HOURLY");
    act(
        ENTERPRISE,
        &unread,
        "the window cannot be read: `FREQ=HOURLY` is not understood: write DAILY, WEEKLY, MONTHLY or YEARLY [SH-MAINT-05]",
    );
    act(ENTERPRISE, WINDOW, "allowed");
}

#[test]
fn sh_maint_05_a_window_that_both_agreed_takes_the_place_of_the_signed_one() {
    // Wednesday 22:00 in Amsterdam is 21:00 UTC in winter.
    let wednesday =
        "03-09 10:00 maintenance M-1 scheduled upgrade on wiki from 03-18 21:00 to 03-19 01:00 impact down";
    let sunday =
        "03-09 10:00 maintenance M-1 scheduled upgrade on wiki from 03-22 02:00 to 03-22 06:00 impact down";
    act(ENTERPRISE, &format!("{WINDOW}; {wednesday}"), OUTSIDE_WINDOW);
    act(ENTERPRISE, &format!("{WINDOW}; {sunday}"), "allowed");
    let both = format!("{WINDOW}; sun 11:00 fact proposal.approved proposal=P-1 side=client by piet");
    act(ENTERPRISE, &format!("{both}; {wednesday}"), "allowed");
    act(ENTERPRISE, &format!("{both}; {sunday}"), OUTSIDE_WINDOW);
    // After the clocks are changed it is 20:00 UTC: the same time of day.
    let summer =
        "03-09 10:00 maintenance M-1 scheduled upgrade on wiki from 04-01 20:00 to 04-02 00:00 impact down";
    act(ENTERPRISE, &format!("{both}; {summer}"), "allowed");
    let refused =
        format!("{WINDOW}; sun 11:00 fact proposal.refused proposal=P-1 side=client reason=no by piet");
    act(ENTERPRISE, &format!("{refused}; {wednesday}"), OUTSIDE_WINDOW);
}

#[test]
fn sh_maint_11_the_last_moment_to_announce_is_a_week_before_the_start() {
    let versions = STANDARD.versions();
    let by = |kind, impact| {
        let found = announce_by(versions.latest(), kind, impact, instant("03-16 10:00"));
        found.map(|(by, clauses)| (show(by), clauses.join(" ")))
    };
    use facts::{Impact, MaintenanceKind};
    let week = Some(("Mon 9 Mar 10:00".to_owned(), "SH-MAINT-11".to_owned()));
    assert_eq!(by(MaintenanceKind::Scheduled, Impact::Down), week);
    assert_eq!(by(MaintenanceKind::Scheduled, Impact::Degraded), week);
    assert_eq!(by(MaintenanceKind::Scheduled, Impact::None), None, "nobody has to be told");
    let start = Some(("Mon 16 Mar 10:00".to_owned(), "SH-MAINT-13".to_owned()));
    assert_eq!(by(MaintenanceKind::Emergency, Impact::Down), start);
}

fn freeze(who: &str) -> String {
    format!(
        "mon 10:00 fact freeze.set freeze=F-1 from=2026-03-09T00:00:00Z until=2026-03-14T00:00:00Z reason=accounts by {who}"
    )
}

#[test]
fn a_freeze_of_either_side_keeps_scheduled_work_out_and_nothing_that_cannot_wait() {
    let work = plan("scheduled", "03-09 10:00", "03-09 12:00", "");
    for (who, side) in [("anna", "provider"), ("piet", "client")] {
        let frozen = format!(
            "freeze F-1 of the {side} holds from Mon 9 Mar 00:00 to Sat 14 Mar 00:00: plan it outside, or ask them to lift it"
        );
        act(STANDARD, &freeze(who), "allowed");
        act(STANDARD, &format!("{}; {work}", freeze(who)), &frozen);
        let lifted = format!("{}; tue 10:00 fact freeze.lifted freeze=F-1 by {who}", freeze(who));
        act(STANDARD, &lifted, "allowed");
        act(STANDARD, &format!("{lifted}; {work}"), "allowed");
    }
    act(
        STANDARD,
        &format!("{}; tue 10:00 fact freeze.lifted freeze=F-1 by anna", freeze("piet")),
        "the client set it: ask them to lift it",
    );
    let emergency =
        "03-10 10:00 maintenance M-1 emergency upgrade on wiki from 03-10 10:00 to 03-10 11:00 impact down";
    act(STANDARD, &format!("{}; {emergency}", freeze("piet")), "allowed");
    let of_another = freeze("piet").replace("reason=", "instances=[\"forum\"] reason=");
    act(STANDARD, &format!("{of_another}; {work}"), "allowed");
    act(
        STANDARD,
        &freeze("piet").replace("until=2026-03-14", "until=2026-03-09"),
        "a freeze ends after it begins: this one runs from Mon 9 Mar 00:00 to Mon 9 Mar 00:00",
    );
}

#[test]
fn maintenance_of_one_instance_at_one_time_is_told_and_may_be_confirmed() {
    let first =
        "thu 10:00 maintenance M-1 scheduled upgrade on wiki from 03-09 11:00 to 03-09 13:00 impact down";
    let second = plan("scheduled", "03-09 12:00", "03-09 14:00", "").replace("M-1", "M-2");
    let met = "M-1 is on file for the same instance from Mon 9 Mar 11:00 to Mon 9 Mar 13:00: move one of them, or confirm \
               that both go on at once";
    act(STANDARD, &format!("{first}; {second}"), met);
    act(STANDARD, &format!("{}; {second}", first.replace("wiki", "forum")), "allowed");
    act(
        STANDARD,
        &format!("{first}; thu 11:00 fact maintenance.cancelled maintenance=M-1; {second}"),
        "allowed",
    );
    let after = second.replace("03-09 12:00", "03-09 13:00");
    act(STANDARD, &format!("{first}; {after}"), "allowed");
}

#[test]
fn sh_maint_11_a_late_notice_and_none_stand_on_the_statement() {
    let line = |story: &str| {
        let (facts, now) = crate::story::tell(&format!("{story}; now 04-02 00:00"));
        let versions = STANDARD.versions();
        let evaluation = promise::evaluate(&versions, &facts, now);
        let statement = evaluation.preview("2026-03".parse().unwrap()).unwrap();
        let line = &statement.maintenance[0];
        (
            line.is_notice_late(),
            line.notice_by.map(show),
            statement.to_text().contains(", late: it was due by"),
        )
    };
    let work =
        "mon 09:00 maintenance M-1 scheduled upgrade on wiki from 03-10 10:00 to 03-10 12:00 impact down";
    let by = Some("Tue 3 Mar 10:00".to_owned());
    assert_eq!(line(&format!("{work}; tue 10:00 notice M-1 to contact by anna")), (false, by.clone(), false));
    assert_eq!(line(&format!("{work}; tue 10:01 notice M-1 to contact by anna")), (true, by.clone(), true));
    assert_eq!(line(work), (true, by.clone(), true), "none given");
    let off = format!("{work}; thu 10:00 fact maintenance.cancelled maintenance=M-1");
    assert_eq!(line(&off), (false, by.clone(), false));
    let begun = format!("{work}; 03-10 10:00 fact maintenance.cancelled maintenance=M-1");
    assert_eq!(line(&begun), (true, by, true), "called off once it had begun");
}
