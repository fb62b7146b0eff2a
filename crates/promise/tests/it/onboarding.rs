//! Onboarding: its tasks, whose turn they are, and when it is done.

use promise::{
    History,
    onboarding::{Onboarding, onboarding},
};

use crate::story::{MANAGED, show, tell};

const ACTIVATED: &str = "mon 00:00 fact service.activated service=main";

fn onboarded(story: &str) -> Onboarding {
    let (facts, now) = tell(story);
    let mut found = onboarding(&MANAGED.versions(), &History::new(&facts), now);
    assert_eq!(found.len(), 1);
    found.remove(0)
}

/// How one task stands.
#[track_caller]
fn task(story: &str, id: &str, expected: &str) {
    let tasks = onboarded(story).tasks;
    let found = tasks.iter().find(|task| task.duty.id == format!("onboarding.{id}"));
    assert_eq!(found.map_or("none", |task| task.state.name()), expected, "\n{story}");
}

#[test]
fn mp_onb_01_an_activated_service_has_its_tasks() {
    let found = onboarded(&format!("{ACTIVATED}; now mon 00:00"));
    let ids: Vec<&str> =
        found.tasks.iter().map(|task| task.duty.id.trim_start_matches("onboarding.")).collect();
    let provider = ["kickoff", "portal", "inventory", "intake", "rules", "outcomes", "rules-template"];
    assert_eq!(ids, [&provider[..], &["access", "governance"]].concat(), "no VPN, so no document of it");
    assert!(found.tasks.iter().all(|task| task.state.name() == "running"));
}

#[test]
fn mp_onb_02_the_kickoff_is_held_and_the_ladder_acknowledged() {
    let held =
        format!("{ACTIVATED}; tue 10:00 fact meeting.recorded service=main attendees=all notes=fine by eva");
    task(&format!("{held}; now wed 00:00"), "kickoff", "running");
    task(
        &format!("{held}; tue 11:00 fact escalation_path.acknowledged service=main by poc; now wed 00:00"),
        "kickoff",
        "met",
    );
}

#[test]
fn mp_onb_03_every_named_contact_signed_in_once() {
    let two = format!(
        "{ACTIVATED}; tue 10:00 fact contact.invited service=main contact=poc; tue 10:00 fact contact.invited service=main contact=rik; \
         wed 10:00 fact contact.signed_in service=main contact=poc by poc"
    );
    task(&format!("{ACTIVATED}; now wed 00:00"), "portal", "running");
    task(&format!("{two}; now thu 00:00"), "portal", "running");
    task(
        &format!("{two}; thu 10:00 fact contact.signed_in service=main contact=rik by rik; now fri 00:00"),
        "portal",
        "met",
    );
}

#[test]
fn mp_onb_04_an_empty_inventory_is_none() {
    let recorded = |systems: u32| {
        format!(
            "{ACTIVATED}; tue 10:00 fact environment.recorded service=main systems={systems} by eva; now wed 00:00"
        )
    };
    task(&recorded(0), "inventory", "running");
    task(&recorded(3), "inventory", "met");
}

#[test]
fn mp_onb_05_a_walkthrough() {
    task(
        &format!(
            "{ACTIVATED}; tue 10:00 fact walkthrough.recorded service=main notes=here by eva; now wed 00:00"
        ),
        "intake",
        "met",
    );
}

#[test]
fn mp_onb_06_rules_approved_by_both() {
    let one = format!("{ACTIVATED}; tue 10:00 fact sop_set.approved service=main side=provider by eva");
    task(&format!("{one}; now wed 00:00"), "rules", "running");
    task(
        &format!("{one}; tue 11:00 fact sop_set.approved service=main side=client by poc; now wed 00:00"),
        "rules",
        "met",
    );
}

#[test]
fn mp_onb_07_outcomes() {
    task(
        &format!(
            "{ACTIVATED}; tue 10:00 fact outcomes.recorded service=main outcomes=2 by eva; now wed 00:00"
        ),
        "outcomes",
        "met",
    );
}

#[test]
fn mp_sop_03_the_template_is_handed_over() {
    task(
        &format!("{ACTIVATED}; tue 10:00 fact sop_template.shared service=main by eva; now wed 00:00"),
        "rules-template",
        "met",
    );
}

#[test]
fn mp_cli_01_the_client_gives_access() {
    task(
        &format!("{ACTIVATED}; tue 10:00 fact access_checks.passed service=main; now wed 00:00"),
        "access",
        "met",
    );
}

#[test]
fn mp_cli_07_the_client_states_its_governance_in_four_parts() {
    let three = ["access", "approvals", "security"]
        .map(|category| format!("tue 10:00 fact governance.recorded service=main category={category} by poc"))
        .join("; ");
    task(&format!("{ACTIVATED}; {three}; now wed 00:00"), "governance", "running");
    let fourth = "tue 11:00 fact governance.recorded service=main category=data-protection by poc";
    task(&format!("{ACTIVATED}; {three}; {fourth}; now wed 00:00"), "governance", "met");
}

#[test]
fn mp_onb_08_two_weeks_split_by_whose_turn_it_was() {
    let story = "mon 00:00 fact service.activated service=main; \
                 03-10 00:00 fact onboarding.waiting service=main side=client; \
                 03-13 00:00 fact onboarding.waiting service=main side=provider; \
                 03-15 00:00 fact onboarding.waiting service=main side=client; now 03-18 00:00";
    let found = onboarded(story);
    assert_eq!(found.due.map(show).unwrap(), "Mon 16 Mar 00:00");
    assert_eq!((found.client_turn, found.provider_turn), (spans::Length::DAY * 6, spans::Length::DAY * 10));
    assert_eq!(found.late_on_client, spans::Length::DAY * 2);
    assert_eq!(found.waits_for, Some(facts::Side::Client));
    assert_eq!(found.tasks[0].duty.miss, "longer than usual", "a norm, without remedy");
    let earlier = onboarded(&story.replace("now 03-18 00:00", "now 03-13 00:00"));
    assert_eq!(earlier.client_turn, spans::Length::DAY * 3);
}

#[test]
fn mp_vpn_01_the_client_documents_its_vpn_before_the_start() {
    let activated = "2026-02-20 00:00 fact service.activated service=main vpn_required=true";
    let found = onboarded(&format!("{activated}; now 2026-02-21 00:00"));
    let task = found.tasks.iter().find(|task| task.duty.id == "onboarding.vpn-document").unwrap();
    assert_eq!(
        (task.due.map(show).unwrap().as_str(), task.duty.turn),
        ("Mon 2 Mar 00:00", Some(facts::Side::Client))
    );
    let late = onboarded(&format!("{activated}; now tue 00:00"));
    let task = late.tasks.iter().find(|task| task.duty.id == "onboarding.vpn-document").unwrap();
    assert!(task.open && task.state.name() == "missed", "the blocker stays visible");
}
