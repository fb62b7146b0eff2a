//! Maintenance: what is put on file, when it may be, and what it may become.

use facts::Body;
use promise::{
    History,
    guard::{allow, earliest_start, slots, stored_as},
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
         [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]",
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
    approved [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]";

#[test]
fn sh_maint_01_a_planner_is_offered_the_slots_of_the_tier() {
    let week = Span::new(instant("mon 00:00"), instant("03-09 00:00")).unwrap();
    let shown = |deal: Deal| {
        let slots = slots(deal.versions().latest(), facts::MaintenanceKind::Scheduled, week);
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
        "it began at Fri 6 Mar 09:00: what is under way is changed by both parties together, or cancelled \
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
