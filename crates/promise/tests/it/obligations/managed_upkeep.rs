//! Upkeep of the managed platform: alerts, vulnerabilities, certificates, changes, and what the client owes.

use crate::story::{MANAGED, check, show, standing};

#[test]
fn mp_sc_inc_02_people_are_told_of_a_crossed_limit_at_once() {
    let crossed = "mon 10:00 fact threshold.crossed alert=A-1 instance=jira measure=disk";
    let told = format!("{crossed}; mon 10:00 fact alert.sent alert=A-1; now mon 11:00");
    check(MANAGED, &told, "alert", "A-1 met Mon 2 Mar 10:00 by scenario");
    let asks = format!("{:?}", standing(MANAGED, &told, "alert")[0].consequences());
    assert_eq!(asks, "[Then(OpenIncident, None)]");
    let late = format!("{crossed}; mon 10:01 fact alert.sent alert=A-1; now mon 11:00");
    check(MANAGED, &late, "alert", "A-1 missed Mon 2 Mar 10:00, done Mon 2 Mar 10:01 by scenario");
}

#[test]
fn mp_pro_01_monitoring_is_excused_while_access_is_missing() {
    let blind = "mon 09:00 instance jira production \"Jira\" from mon 09:00; \
                 mon 09:00 ams watches jira every 20s until mon 09:30; \
                 mon 09:10 ams misses jira until mon 09:20; \
                 mon 09:10 fact access.missing system=jira; mon 09:15 fact access.granted system=jira; now mon 09:30";
    check(
        MANAGED,
        blind,
        "monitor",
        "jira excused Mon 2 Mar 09:10:40 access.missing since Mon 2 Mar 09:10;
         jira missed Mon 2 Mar 09:15:40;
         jira running due Mon 2 Mar 09:30:40",
    );
}

#[test]
fn mp_pro_02_an_operation_under_rules_passes_its_check_in_the_same_act() {
    let started = "mon 10:00 fact action.started action=X-1 sensitive=false by eva";
    let passed =
        format!("{started}; mon 10:00 fact sop.check_passed action=X-1 sop=access-v3; now mon 11:00");
    check(MANAGED, &passed, "governance", "X-1 met Mon 2 Mar 10:00 by scenario");
    check(MANAGED, &format!("{started}; now mon 11:00"), "governance", "X-1 missed Mon 2 Mar 10:00");
}

#[test]
fn mp_sop_04_an_operation_shows_the_rule_it_followed() {
    let story = "mon 10:00 fact action.started action=X-1 sensitive=true sop=P-1 by eva; \
                 mon 10:00 fact sop.check_passed action=X-1 sop=access-v3 by eva; now mon 11:00";
    let found = &standing(MANAGED, story, "governance")[0];
    assert!(found.duty.clauses.iter().any(|clause| clause == "MP-SOP-04"));
    assert!(found.why.to_text(|_| None).contains("sop: access-v3"));
}

const JIRA: &str = "mon 00:00 instance jira production \"Jira\" software jira from mon 00:00; \
                    mon 00:00 version jira tomcat 9.0.0; mon 00:00 version jira debian 12";

#[test]
fn mp_sc_sec_01_a_score_of_nine_opens_an_item_and_eight_nine_does_not() {
    let cve = |id, software, score| {
        format!(
            "tue 00:00 fact cve.published cve={id} software={software} layer=application score=\"{score}\""
        )
    };
    let (grave, high, elsewhere) = (
        cve("CVE-2026-1111", "jira", "9.0"),
        cve("CVE-2026-2222", "jira", "8.9"),
        cve("CVE-2026-3333", "x", "9.9"),
    );
    let published = format!("{JIRA}; {grave}; {high}; {elsewhere}");
    check(
        MANAGED,
        &format!("{published}; now tue 00:00"),
        "cve-watch",
        "CVE-2026-1111 waiting: the text gives no time",
    );
    let opened =
        format!("{published}; tue 09:00 fact cve.item_opened cve=CVE-2026-1111 by eva; now tue 10:00");
    check(MANAGED, &opened, "cve-watch", "CVE-2026-1111 met Tue 3 Mar 09:00 by eva");
}

#[test]
fn mp_sc_sec_02_an_item_is_open_with_its_age_until_it_is_remedied() {
    let opened = "tue 09:00 fact cve.item_opened cve=CVE-2026-1111 by eva";
    check(
        MANAGED,
        &format!("{opened}; now fri 10:00"),
        "cve-remediate",
        "CVE-2026-1111 waiting: the text gives no time",
    );
    let remedied = format!(
        "{opened}; thu 09:00 fact cve.remediated cve=CVE-2026-1111 method=isolation by eva; now fri 10:00"
    );
    check(MANAGED, &remedied, "cve-remediate", "CVE-2026-1111 met Thu 5 Mar 09:00 by eva");
}

#[test]
fn mp_ex_inf_07_a_vulnerability_of_the_operating_system_is_the_clients() {
    let os = format!(
        "{JIRA}; tue 00:00 fact cve.published cve=CVE-2026-4444 software=debian layer=os score=\"9.8\"; now tue 00:00"
    );
    check(MANAGED, &os, "cve-on-os", "CVE-2026-4444 waiting: the text gives no time");
    assert_eq!(standing(MANAGED, &os, "cve-on-os")[0].duty.turn, Some(facts::Side::Client));
    check(MANAGED, &os, "cve-watch", "");
}

#[test]
fn mp_sc_mw_03_a_certificate_is_asked_for_in_good_time() {
    let expiring = "mon 00:00 fact certificate.expiring certificate=C-1 expires_at=2026-04-01T00:00:00Z";
    check(MANAGED, &format!("{expiring}; now mon 00:00"), "certificate", "C-1 running due Wed 1 Apr 00:00");
    let reminders = &standing(MANAGED, &format!("{expiring}; now mon 00:00"), "certificate")[0].reminders;
    assert_eq!(
        reminders.iter().map(|r| show(r.at)).collect::<Vec<_>>(),
        ["Wed 18 Mar 08:00", "Wed 25 Mar 08:00", "Tue 31 Mar 07:00"],
        "thirty days before was before it was known"
    );
}

#[test]
fn mp_cli_10_a_supplied_certificate_becomes_a_task_of_the_provider() {
    let supplied = "mon 00:00 fact certificate.expiring certificate=C-1 expires_at=2026-04-01T00:00:00Z; \
                    03-20 00:00 fact certificate.supplied certificate=C-1 by poc; now 03-21 00:00";
    check(MANAGED, supplied, "certificate", "C-1 met Fri 20 Mar 00:00 by poc");
    let asks = format!("{:?}", standing(MANAGED, supplied, "certificate")[0].consequences());
    assert_eq!(asks, "[Then(OpenRequest, Some(\"mw.tls\"))]");
}

#[test]
fn mp_cli_02_a_licence_is_renewed_before_it_expires() {
    let expiring = "mon 00:00 fact licence.expiring licence=L-1 expires_at=2026-04-01T00:00:00Z";
    let renewed = format!("{expiring}; 03-31 00:00 fact licence.renewed licence=L-1 by poc; now 04-10 00:00");
    check(MANAGED, &renewed, "licences", "L-1 met Tue 31 Mar 00:00 by poc");
    check(MANAGED, &format!("{expiring}; now 04-01 00:00:01"), "licences", "L-1 missed Wed 1 Apr 00:00");
    let reminders = &standing(MANAGED, &format!("{expiring}; now mon 00:00"), "licences")[0].reminders;
    assert_eq!(show(reminders[0].at), "Wed 18 Mar 08:00");
    // The next year's licence is another one.
    let next = format!(
        "{expiring}; 03-31 00:00 fact licence.renewed licence=L-1 by poc; \
                        2027-01-05 00:00 fact licence.expiring licence=L-1 expires_at=2027-02-01T00:00:00Z; now 2027-01-05 00:00"
    );
    check(
        MANAGED,
        &next,
        "licences",
        "L-1 met Tue 31 Mar 00:00 by poc; L-1 running due Mon 1 Feb 2027 00:00",
    );
}

#[test]
fn mp_cli_03_a_review_of_access() {
    let due = "mon 00:00 fact access.review_due review=Q1";
    check(MANAGED, &format!("{due}; now fri 00:00"), "access-review", "Q1 waiting: the text gives no time");
    let done = format!("{due}; thu 00:00 fact access.reviewed review=Q1 by poc; now fri 00:00");
    check(MANAGED, &done, "access-review", "Q1 met Thu 5 Mar 00:00 by poc");
}

#[test]
fn mp_cli_11_a_change_is_approved_before_it_starts_by_one_who_may() {
    let proposed = "mon 00:00 fact change.proposed change=C-1 kind=upgrade starts_at=2026-03-07T02:00:00Z";
    let by = |who| format!("{proposed}; tue 00:00 fact change.approved change=C-1 by {who}; now wed 00:00");
    check(MANAGED, &by("rik"), "approve-change", "C-1 running due Sat 7 Mar 02:00");
    check(MANAGED, &by("eva"), "approve-change", "C-1 running due Sat 7 Mar 02:00");
    check(MANAGED, &by("poc"), "approve-change", "C-1 met Tue 3 Mar 00:00 by poc");
    let missed = standing(MANAGED, &format!("{proposed}; now sat 02:01"), "approve-change");
    assert_eq!(format!("{:?}", missed[0].consequences()), "[Missed(BlockChange)]");
}

#[test]
fn mp_cli_12_support_that_ends_is_the_clients() {
    let nearing = "mon 00:00 fact support_end.nearing item=jira-8 ends_at=2026-06-01T00:00:00Z";
    check(
        MANAGED,
        &format!("{nearing}; now tue 00:00"),
        "supported-state",
        "jira-8 running due Mon 1 Jun 00:00",
    );
    let averted =
        format!("{nearing}; 05-01 00:00 fact support_end.averted item=jira-8 by poc; now 06-10 00:00");
    check(MANAGED, &averted, "supported-state", "jira-8 met Fri 1 May 00:00 by poc");
}

#[test]
fn mp_cli_14_the_client_announces_its_own_changes() {
    let planned = "mon 00:00 fact client_change.planned change=N-1 starts_at=2026-03-06T00:00:00Z by poc";
    check(MANAGED, &format!("{planned}; now sat 00:00"), "announce-changes", "N-1 missed Fri 6 Mar 00:00");
    let told = format!("{planned}; thu 00:00 fact client_change.announced change=N-1 by poc; now sat 00:00");
    check(MANAGED, &told, "announce-changes", "N-1 met Thu 5 Mar 00:00 by poc");
}

#[test]
fn mp_vpn_02_the_client_keeps_its_vpn_up_and_answers_are_annotated_meanwhile() {
    let down = "sat 02:00 fact vpn.down system=vpn; sat 03:00 request T-1 kind outage urgency high by poc; \
                sat 03:20 reply T-1 by eva; sat 05:00 fact vpn.up system=vpn; now sun 00:00";
    check(MANAGED, down, "vpn-upkeep", "vpn met Sat 7 Mar 05:00 by scenario");
    let response = &standing(MANAGED, down, "first-response")[0];
    assert_eq!(response.annotations.len(), 1, "measured, and remarked upon");
    let after = down.replace("sat 05:00 fact vpn.up", "sat 02:30 fact vpn.up");
    assert!(standing(MANAGED, &after, "first-response")[0].annotations.is_empty());
}

#[test]
fn mp_cob_04_the_client_tells_of_a_changed_programme() {
    let changed = "mon 00:00 fact programme.changed programme=P-1";
    check(
        MANAGED,
        &format!("{changed}; now fri 00:00"),
        "onboarding-programme",
        "P-1 waiting: the text gives no time",
    );
    let told = format!("{changed}; thu 00:00 fact programme.announced programme=P-1 by poc; now fri 00:00");
    check(MANAGED, &told, "onboarding-programme", "P-1 met Thu 5 Mar 00:00 by poc");
}
