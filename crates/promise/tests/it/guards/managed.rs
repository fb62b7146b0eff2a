//! The managed platform: its ways in, its changes, and what both parties must have done first.

use promise::{History, follow::follows, guard::allow};

use crate::story::{Deal, MANAGED, act, proposed};

const CHANGE: &str = "mon 10:00 fact change.proposed change=C-1 kind=upgrade starts_at=2026-03-07T02:00:00Z planned_in_stages=true by eva";

const APPROVED: &str = "tue 10:00 fact change.approved change=C-1 backup_confirmed=true by poc";

#[test]
fn mp_slo_10_requests_come_in_through_the_ticketing_system() {
    act(MANAGED, "mon 10:00 request T-1 kind service urgency low channel api by poc", "allowed");
    act(
        MANAGED,
        "mon 10:00 request T-1 kind service urgency low channel pigeon by poc",
        "`pigeon` is no way in under this agreement: use api, email, phone, portal [MP-SCOPE-03, MP-SLO-10, MP-SLO-11]",
    );
}

#[test]
fn mp_scope_03_the_portal_is_the_channel_of_record() {
    let request = "mon 10:00 request T-1 kind service urgency low by poc";
    act(MANAGED, request, "allowed");
    let (head, tail) = MANAGED.text.split_once("[channel.portal]\n").unwrap();
    let without = format!("{head}{}", &tail[tail.find("\n[").unwrap()..]);
    act(
        Deal { text: without.leak(), ..MANAGED },
        request,
        "`portal` is no way in under this agreement: use api, email, phone [MP-SCOPE-03, MP-SLO-10, MP-SLO-11]",
    );
}

#[test]
fn mp_slo_06_urgencies_are_a_closed_list_with_other_names() {
    act(MANAGED, "mon 10:00 request T-1 kind service urgency Medium by poc", "allowed");
    act(
        MANAGED,
        "mon 10:00 request T-1 kind service urgency asap by poc",
        "the urgency `asap` is not in the agreement: use critical, high, normal, low [MP-SLO-06]",
    );
    act(
        MANAGED,
        "mon 10:00 request T-1 kind outage urgency low by poc; mon 10:10 reprioritise T-1 urgency high saying \"x\" by poc",
        "only the provider changes an urgency once a request is sent: escalate it instead [MP-SLO-06]",
    );
}

#[test]
fn mp_upd_04_an_update_is_promised_ahead_and_not_too_far() {
    let critical = "sat 03:00 request T-1 kind outage urgency critical by poc";
    act(MANAGED, &format!("{critical}; sat 03:10 reply T-1 next sat 09:00 by eva"), "allowed");
    act(
        MANAGED,
        &format!("{critical}; sat 03:10 reply T-1 next sun 03:11 by eva"),
        "the next update may be promised for Sun 8 Mar 03:10 at the latest [MP-UPD-04]",
    );
    act(
        MANAGED,
        &format!("{critical}; sat 03:10 reply T-1 next sat 03:10 by eva"),
        "the next update was promised for Sat 7 Mar 03:10, which is not later than the message [MP-UPD-04]",
    );
    // Only Critical has a limit.
    let high = critical.replace("critical", "high");
    act(MANAGED, &format!("{high}; sat 03:10 reply T-1 next 03-12 03:11 by eva"), "allowed");
}

#[test]
fn mp_upd_05_nothing_is_resolved_without_a_summary() {
    let request = "mon 10:00 request T-1 kind service urgency low by poc";
    act(MANAGED, &format!("{request}; mon 11:00 resolve T-1 saying \"renewed\" by eva"), "allowed");
    act(
        MANAGED,
        &format!("{request}; mon 11:00 resolve T-1 saying \"\" by eva"),
        "write a summary of what was wrong and what was done, for the client to read [MP-UPD-05]",
    );
}

#[test]
fn mp_upd_03_a_changed_status_is_told_to_the_client() {
    let status = |urgency: &str| {
        let story = format!(
            "mon 10:00 request T-1 kind outage urgency {urgency} by poc; mon 11:00 fact request.status_changed ticket=T-1 status=fixing by eva"
        );
        let (facts, act) = proposed(&story);
        follows(&MANAGED.versions(), &History::new(&facts), &act).len()
    };
    assert_eq!((status("normal"), status("critical")), (1, 0), "critical incidents have their own cadence");
}

#[test]
fn mp_sc_app_03_a_change_is_not_closed_without_validation() {
    let started = format!("{CHANGE}; {APPROVED}; sat 02:00 fact change.started change=C-1 by eva");
    act(
        MANAGED,
        &format!("{started}; sat 04:00 fact change.closed change=C-1 validation=passed by eva"),
        "allowed",
    );
    act(
        MANAGED,
        &format!("{started}; sat 04:00 fact change.closed change=C-1 by eva"),
        "record how the start-up was validated [MP-SC-APP-03]",
    );
    let other = started.replace("kind=upgrade", "kind=review");
    act(MANAGED, &format!("{other}; sat 04:00 fact change.closed change=C-1 by eva"), "allowed");
}

#[test]
fn mp_sc_app_04_an_upgrade_is_planned_in_stages() {
    let unplanned = CHANGE.replace("planned_in_stages=true", "planned_in_stages=false");
    act(
        MANAGED,
        &format!("{unplanned}; {APPROVED}; sat 02:00 fact change.started change=C-1 by eva"),
        "plan it in stages, with a way back and checks afterwards: propose it again so [MP-SC-APP-04]",
    );
}

#[test]
fn mp_cli_11_a_change_without_approval_does_not_start() {
    let start = "sat 02:00 fact change.started change=C-1 by eva";
    act(MANAGED, &format!("{CHANGE}; {APPROVED}; {start}"), "allowed");
    let unapproved = CHANGE.replace("kind=upgrade", "kind=review");
    act(
        MANAGED,
        &format!("{unapproved}; {start}"),
        "the client has not approved change C-1: it cannot start; ask somebody of the client who is poc [MP-CLI-11]",
    );
    act(MANAGED, start, "change C-1 was never proposed: propose it with its start [MP-CLI-11]");
    act(
        MANAGED,
        &format!("{CHANGE}; {}", APPROVED.replace("by poc", "by rik")),
        "rik may not do this: ask somebody of the client who is poc [MP-CLI-04]",
    );
}

#[test]
fn mp_cli_11_a_change_is_decided_once_by_its_start_and_begins_in_its_window() {
    let window = CHANGE.replace(" planned_in_stages", " ends_at=2026-03-07T04:00:00Z planned_in_stages");
    let at = |start: &str| format!("{window}; {APPROVED}; {start} fact change.started change=C-1 by eva");
    act(MANAGED, &at("sat 03:59"), "allowed");
    let outside = "the client approved it from Sat 7 Mar 02:00 to Sat 7 Mar 04:00: begin it then, or propose it again for another time [MP-CLI-11]";
    act(MANAGED, &at("sat 01:59"), outside);
    act(MANAGED, &at("sat 04:00"), outside);
    let refused = "tue 10:00 fact change.refused change=C-1 reason=no by poc";
    act(MANAGED, &format!("{CHANGE}; {refused}"), "allowed");
    act(
        MANAGED,
        &format!("{CHANGE}; {refused}; {}", APPROVED.replace("tue", "wed")),
        "change C-1 is refused: propose another [MP-CLI-11]",
    );
    act(
        MANAGED,
        &format!("{CHANGE}; {}", refused.replace("by poc", "by rik")),
        "rik may not do this: ask somebody of the client who is poc [MP-CLI-04]",
    );
    act(
        MANAGED,
        &format!("{CHANGE}; {}", refused.replace("reason=no", "reason=\"\"")),
        "say why it is refused [MP-CLI-11]",
    );
    act(MANAGED, APPROVED, "change C-1 was never proposed: propose it with its start [MP-CLI-11]");
    act(
        MANAGED,
        &format!("{CHANGE}; {}", APPROVED.replace("tue 10:00", "sat 02:01")),
        "change C-1 is not approved in time: propose another [MP-CLI-11]",
    );
    let off = refused.replace("by poc", "by eva").replace("tue", "wed");
    act(MANAGED, &format!("{CHANGE}; {APPROVED}; {off}"), "allowed");
    act(
        MANAGED,
        &format!("{CHANGE}; {APPROVED}; {off}; sat 02:00 fact change.started change=C-1 by eva"),
        "change C-1 is called off: propose another [MP-CLI-11]",
    );
}

#[test]
fn mp_cli_13_an_upgrade_takes_the_clients_backup_or_somebody_who_goes_on_without() {
    let story = format!(
        "{CHANGE}; {}; sat 02:00 fact change.started change=C-1 by eva",
        APPROVED.replace("backup_confirmed=true", "backup_confirmed=false")
    );
    act(
        MANAGED,
        &story,
        "the client has not confirmed its backup for change C-1: ask for it, or confirm to go on without [MP-CLI-13]",
    );
    let (facts, start) = proposed(&story);
    assert!(allow(&MANAGED.versions(), &History::new(&facts), &start).unwrap_err().may_be_confirmed());
}

#[test]
fn mp_cli_08_a_sensitive_operation_follows_an_approved_rule() {
    let action = "fri 10:00 fact action.started action=X-1 sensitive=true sop=P-1 by eva";
    let rule = "mon 10:00 fact proposal.made proposal=P-1 kind=sop side=client by poc";
    let approved = "tue 10:00 fact proposal.approved proposal=P-1 side=provider by eva";
    act(MANAGED, &format!("{rule}; {approved}; {action}"), "allowed");
    let no = "a sensitive operation follows a rule that both parties approved: name one [MP-CLI-08]";
    act(MANAGED, &format!("{rule}; {action}"), no);
    act(MANAGED, "fri 10:00 fact action.started action=X-1 sensitive=true by eva", no);
    act(MANAGED, "fri 10:00 fact action.started action=X-1 sensitive=false by eva", "allowed");
}

#[test]
fn mp_cli_04_the_last_point_of_contact_stays() {
    let one = "mon 10:00 fact contact.invited service=main contact=poc";
    let remove = "tue 10:00 fact contact.change_requested contact=poc change=remove by poc";
    act(
        MANAGED,
        &format!("{one}; {remove}"),
        "0 would be left, and at least 1 must be named: name another contact first [MP-CLI-04]",
    );
    let two = format!("{one}; mon 11:00 fact contact.invited service=main contact=pia");
    act(MANAGED, &format!("{two}; {remove}"), "allowed");
}

/// SH-REQ-06: who was named and does not count yet stands in for nobody.
#[test]
fn mp_cli_04_who_is_announced_does_not_stand_in_for_the_last() {
    let noticed = format!(
        "{}\n[[obligation]]\nid = \"contact-change\"\nclause = [\"MP-CLI-04\"]\nparty = \"client\"\nbinding = \"condition\"\n\
         on = \"contact.change_requested\"\neffective_after = \"5d\"\ncalendar = \"business\"\nimmediate = {{ change = \"remove\" }}\n",
        MANAGED.text
    );
    let deal = Deal { text: noticed.leak(), ..MANAGED };
    let named = "mon 10:00 fact contact.invited service=main contact=poc; \
                 mon 11:00 fact contact.change_requested contact=pia change=add by poc";
    let remove =
        |when: &str| format!("{when} fact contact.change_requested contact=poc change=remove by poc");
    let last = "0 would be left, and at least 1 must be named: name another contact first [MP-CLI-04]";
    act(deal, &format!("{named}; {}", remove("tue 10:00")), last);
    act(
        deal,
        &format!(
            "{named}; tue 10:00 fact contact.change_applied contact=pia by eva; {}",
            remove("tue 11:00")
        ),
        "allowed",
    );
    act(deal, &format!("{named}; {}", remove("03-10 10:00")), "allowed");
}

#[test]
fn mp_cob_01_undisclosed_onboarding_stops_the_activation() {
    let activate = "mon 10:00 fact agreement.activated agreement=MP-2026-0001 sha256=0f";
    act(MANAGED, activate, "allowed");
    let silent = MANAGED.text.replace("onboarding_disclosed = \"none\"", "onboarding_disclosed = \"\"");
    assert!(silent != MANAGED.text);
    act(
        Deal { text: silent.leak(), ..MANAGED },
        activate,
        "state in `onboarding_disclosed` what engineers must go through, or `none`, before anybody signs [MP-COB-01]",
    );
}

#[test]
fn mp_esc_03_the_kickoff_shares_a_ladder() {
    let kickoff = "mon 10:00 fact meeting.recorded service=main attendees=all notes=fine by eva";
    act(MANAGED, kickoff, "allowed");
    let (head, tail) = MANAGED.text.split_once("path       = [").unwrap();
    let rest = tail.split_once("]\n").unwrap().1;
    let without = format!("{head}path       = []\n{rest}");
    act(
        Deal { text: without.leak(), ..MANAGED },
        kickoff,
        "fill `[escalation] path`: the kickoff shares it [MP-ESC-03]",
    );
}

#[test]
fn mp_onb_02_a_kickoff_is_recorded_with_who_was_there() {
    act(
        MANAGED,
        "mon 10:00 fact meeting.recorded service=main attendees= notes=fine by eva",
        "record who was there and what was said [MP-ONB-02, MP-ESC-03]",
    );
}

#[test]
fn mp_esc_07_the_ladder_goes_rung_by_rung() {
    let ticket = "sat 03:00 request T-1 kind outage urgency high by poc";
    let raise = |at: &str, id: u8, level: u8| {
        format!(
            "{at} fact escalation.raised escalation=E-{id} ticket=T-1 level={level} reason=response-missed by poc"
        )
    };
    act(MANAGED, &format!("{ticket}; {}", raise("sat 04:00", 1, 1)), "allowed");
    let skipped = "the ladder goes rung by rung: escalate to level 1 \
                   [MP-ESC-01, MP-ESC-02, MP-ESC-03, MP-ESC-07, MP-ESC-11]";
    act(MANAGED, &format!("{ticket}; {}", raise("sat 04:00", 1, 2)), skipped);
    act(MANAGED, &format!("{ticket}; {}; {}", raise("sat 04:00", 1, 1), raise("sat 05:00", 2, 2)), "allowed");
    act(
        MANAGED,
        &format!("{ticket}; {}", raise("sat 04:00", 1, 1).replace("response-missed", "bored")),
        "`bored` is no reason to escalate under this agreement: use urgency-misclassified, response-missed, \
         resolution-slow [MP-ESC-01, MP-ESC-02, MP-ESC-03, MP-ESC-07, MP-ESC-11]",
    );
}

#[test]
fn mp_meta_01_a_guide_without_an_order_binds_nobody() {
    let activate = "mon 10:00 fact agreement.activated agreement=MP-2026-0001 sha256=0f";
    act(MANAGED, activate, "allowed");
    let (head, tail) = MANAGED.text.split_once("incorporated_by ").unwrap();
    let alone = format!("{head}{}", tail.split_once('\n').unwrap().1);
    act(
        Deal { text: alone.leak(), ..MANAGED },
        activate,
        "name in `incorporated_by` the order that takes the guide in: without one it binds nobody \
         [MP-META-01, MP-META-03, MP-VER-01]",
    );
}

#[test]
fn mp_esc_02_a_client_may_escalate_every_open_ticket() {
    let ticket = "sat 03:00 request T-1 kind outage urgency low by poc";
    let raised = "sat 03:01 fact escalation.raised escalation=E-1 ticket=T-1 by poc";
    act(MANAGED, &format!("{ticket}; {raised}"), "allowed");
    let versions = MANAGED.versions();
    let first = promise::escalation::rung(versions.latest().agreement(), 1).map(|rung| rung.who.as_str());
    assert_eq!(first, Some("service desk lead"));
}

#[test]
fn mp_esc_04_a_wrong_urgency_is_escalated() {
    let lowered = "sat 03:00 request T-1 kind outage urgency high by poc; \
                   sat 03:05 reprioritise T-1 urgency low saying \"one user\" by eva";
    act(
        MANAGED,
        &format!("{lowered}; sat 03:06 reprioritise T-1 urgency high saying \"all of us\" by poc"),
        "only the provider changes an urgency once a request is sent: escalate it instead [MP-SLO-06]",
    );
    let escalated = format!(
        "{lowered}; sat 03:06 fact escalation.raised escalation=E-1 ticket=T-1 reason=urgency-misclassified by poc"
    );
    act(MANAGED, &escalated, "allowed");
    // It is a reason because the file says so.
    let entry = "[[escalation.reason]]\nclause    = [\"MP-ESC-04\"]\nid        = \"urgency-misclassified\"\n";
    let without = MANAGED.text.replacen(entry, "", 1);
    assert!(without != MANAGED.text);
    act(
        Deal { text: without.leak(), ..MANAGED },
        &escalated,
        "`urgency-misclassified` is no reason to escalate under this agreement: use response-missed, \
         resolution-slow [MP-ESC-01, MP-ESC-02, MP-ESC-03, MP-ESC-07, MP-ESC-11]",
    );
}
