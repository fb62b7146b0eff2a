//! Requests of the managed platform: aspirational objectives, updates, turns, escalations.

use promise::obligation::obligations;

use crate::story::{MANAGED, check, instant, show, standing, tell};

fn response(kind: &str, urgency: &str, when: &str, due: &str) {
    let story = format!("{when} request T-1 kind {kind} urgency {urgency} by poc; now {when}");
    check(MANAGED, &story, "first-response", &format!("T-1 running due {due}"));
}

#[test]
fn mp_slo_01_a_qualified_person_answers_and_a_dispatcher_does_not() {
    let outage = "sat 03:00 request T-1 kind outage urgency high by poc";
    let by = |who| format!("{outage}; sat 03:10 reply T-1 by {who}; now sat 03:20");
    check(MANAGED, &by("auto"), "first-response", "T-1 running due Sat 7 Mar 03:30");
    check(MANAGED, &by("dirk"), "first-response", "T-1 running due Sat 7 Mar 03:30");
    check(MANAGED, &by("eva"), "first-response", "T-1 met Sat 7 Mar 03:10 by eva");
    // where the client restricts who may work for it, only the cleared are qualified.
    let restricted = |who| format!("fri 00:00 fact pool.restricted service=main; {}", by(who));
    check(MANAGED, &restricted("eva"), "first-response", "T-1 running due Sat 7 Mar 03:30");
    check(MANAGED, &restricted("kim"), "first-response", "T-1 met Sat 7 Mar 03:10 by kim");
    let opened = by("eva").replace(
        "sat 03:00",
        "fri 00:00 fact pool.restricted service=main; fri 12:00 fact pool.opened service=main; sat 03:00",
    );
    check(MANAGED, &opened, "first-response", "T-1 met Sat 7 Mar 03:10 by eva");
}

#[test]
fn mp_slo_03_a_miss_is_called_a_missed_objective() {
    let missed = "sat 03:00 request T-1 kind outage urgency high by poc; now sat 04:00";
    let found = standing(MANAGED, missed, "first-response");
    assert_eq!(found[0].duty.miss, "missed objective");
    let why = found[0].why.to_text(|_| None).to_lowercase();
    for never in ["breach", "violation", "penalty"] {
        assert!(!why.contains(never), "{why}");
    }
}

#[test]
fn mp_slo_04_a_miss_brings_no_remedy() {
    let missed = "sat 03:00 request T-1 kind outage urgency high by poc; now sat 04:00";
    let found = standing(MANAGED, missed, "first-response");
    let asks = format!("{:?}", found[0].consequences());
    assert_eq!(asks, "[Missed(SuggestEscalation), Missed(Statement)]");
}

#[test]
fn mp_slo_06_urgency_with_its_other_names() {
    response("outage", "Medium", "sat 03:00", "Sat 7 Mar 04:00");
    response("outage", "NORMAL", "sat 03:00", "Sat 7 Mar 04:00");
    // The guide calls urgency priority too.
    let priority = "sat 03:00 request T-1 kind outage priority High by poc; now sat 03:00";
    check(MANAGED, priority, "first-response", "T-1 running due Sat 7 Mar 03:30");
    let unsaid = "sat 03:00 request T-1 kind outage by poc; now sat 05:00";
    check(MANAGED, unsaid, "first-response", "T-1 waiting: no urgency yet");
    let said =
        "sat 03:00 request T-1 urgency high by poc; sat 03:20 classify T-1 kind outage by eva; now sat 03:20";
    check(MANAGED, said, "first-response", "T-1 running due Sat 7 Mar 03:30");
}

#[test]
fn mp_slo_07_an_outage() {
    response("outage", "critical", "sat 03:00", "Sat 7 Mar 03:30");
    response("outage", "high", "sat 03:00", "Sat 7 Mar 03:30");
    response("outage", "normal", "sat 03:00", "Sat 7 Mar 04:00");
    response("outage", "low", "sat 03:00", "Sat 7 Mar 11:00");
}

#[test]
fn mp_slo_08_a_performance_incident() {
    response("performance", "critical", "sat 03:00", "Sat 7 Mar 03:30");
    response("performance", "high", "sat 03:00", "Sat 7 Mar 04:00");
    response("performance", "normal", "sat 03:00", "Sat 7 Mar 11:00");
    response("performance", "low", "sat 03:00", "Sun 8 Mar 03:00");
}

#[test]
fn mp_slo_09_a_service_request_in_the_business_hours_of_the_order() {
    // 15:00 in Zurich is 14:00 UTC in March: two hours on Friday, eight a day, six on Wednesday.
    response("service", "normal", "fri 14:00", "Wed 11 Mar 14:00");
    response("service", "low", "fri 14:00", "Wed 11 Mar 14:00");
    response("service", "high", "fri 14:00", "Mon 9 Mar 14:00");
    response("service", "critical", "fri 15:30", "Mon 9 Mar 08:30");
}

#[test]
fn mp_slo_11_a_converted_request_runs_from_its_conversion() {
    let phone = "sat 09:00 request T-1 kind outage urgency high channel phone by dirk; now sat 09:00";
    check(MANAGED, phone, "first-response", "T-1 running due Sat 7 Mar 09:30");
    let why = standing(MANAGED, phone, "first-response")[0].why.to_text(|_| None);
    assert!(why.contains("read as A-41"), "{why}");
}

#[test]
fn mp_slo_12_incidents_are_handled_around_the_clock() {
    response("outage", "normal", "sun 23:30", "Mon 9 Mar 00:30");
}

#[test]
fn mp_slo_06_a_changed_urgency_keeps_the_receipt_time() {
    let story = "sat 03:00 request T-1 kind outage urgency low by poc; \
                 sat 03:20 reprioritise T-1 urgency critical saying \"the whole site is down\" by eva; now sat 03:20";
    check(MANAGED, story, "first-response", "T-1 running due Sat 7 Mar 03:30");
}

const CRITICAL: &str =
    "sat 03:00 request T-1 kind outage urgency critical by poc; sat 03:10 reply T-1 by eva";

#[test]
fn mp_upd_01_a_critical_incident_every_half_hour() {
    check(
        MANAGED,
        &format!("{CRITICAL}; now sat 03:10"),
        "updates-critical",
        "T-1 running due Sat 7 Mar 03:40",
    );
    check(
        MANAGED,
        &format!("{CRITICAL}; sat 03:25 reply T-1 by dirk; now sat 03:25"),
        "updates-critical",
        "T-1 met Sat 7 Mar 03:25 by dirk; T-1 running due Sat 7 Mar 03:55",
    );
    // An automatic message is no update.
    let auto = format!("{CRITICAL}; sat 03:25 reply T-1 by auto; now sat 03:25");
    check(MANAGED, &auto, "updates-critical", "T-1 running due Sat 7 Mar 03:40");
}

#[test]
fn mp_upd_01_each_half_hour_of_silence_is_missed_once() {
    check(
        MANAGED,
        &format!("{CRITICAL}; sat 04:15 reply T-1 by eva; now sat 04:20"),
        "updates-critical",
        "T-1 missed Sat 7 Mar 03:40, done Sat 7 Mar 04:15 by eva;
         T-1 missed Sat 7 Mar 04:10, done Sat 7 Mar 04:15 by eva;
         T-1 met Sat 7 Mar 04:15 by eva;
         T-1 running due Sat 7 Mar 04:45",
    );
    check(
        MANAGED,
        &format!("{CRITICAL}; now sat 04:20"),
        "updates-critical",
        "T-1 missed Sat 7 Mar 03:40; T-1 missed Sat 7 Mar 04:10; T-1 running due Sat 7 Mar 04:40",
    );
}

#[test]
fn mp_upd_01_updates_end_with_the_incident() {
    check(
        MANAGED,
        &format!("{CRITICAL}; sat 03:30 resolve T-1 saying \"restarted\" by eva; now sat 06:00"),
        "updates-critical",
        "T-1 cancelled Sat 7 Mar 03:30 request.resolved",
    );
    check(
        MANAGED,
        &format!(
            "{CRITICAL}; sat 03:30 resolve T-1 saying \"restarted\" by eva; sat 05:00 reply T-1 by eva; \
             sat 06:00 fact request.reopened ticket=T-1 by poc; now sat 06:00"
        ),
        "updates-critical",
        "T-1 cancelled Sat 7 Mar 03:30 request.resolved; T-1 running due Sat 7 Mar 06:30",
    );
}

#[test]
fn mp_upd_02_a_high_incident_every_two_hours() {
    let high = "sat 03:00 request T-1 kind performance urgency high by poc; sat 03:10 reply T-1 by eva; now sat 03:10";
    check(MANAGED, high, "updates-high", "T-1 running due Sat 7 Mar 05:10");
    check(MANAGED, high, "updates-critical", "");
    // A change of urgency is told to the client, so the new cadence runs from it.
    let lowered = format!(
        "{CRITICAL}; sat 03:20 reprioritise T-1 urgency high saying \"half is back\" by eva; now sat 03:20"
    );
    check(MANAGED, &lowered, "updates-critical", "T-1 cancelled Sat 7 Mar 03:20 it no longer applies");
    check(MANAGED, &lowered, "updates-high", "T-1 running due Sat 7 Mar 05:20");
}

#[test]
fn mp_upd_03_others_on_request() {
    let normal = "sat 03:00 request T-1 kind outage urgency normal by poc; sat 03:10 reply T-1 by eva";
    check(MANAGED, &format!("{normal}; now sun 03:10"), "updates-critical", "");
    let asked = format!("{normal}; sat 05:00 fact request.update_asked ticket=T-1 by poc");
    check(
        MANAGED,
        &format!("{asked}; now sat 06:00"),
        "updates-other",
        "T-1 waiting: the text gives no time",
    );
    let answered = format!("{asked}; sat 06:30 reply T-1 by dirk; now sat 07:00");
    check(MANAGED, &answered, "updates-other", "T-1 met Sat 7 Mar 06:30 by dirk");
}

#[test]
fn mp_upd_04_a_promised_time_replaces_the_cadence() {
    let promised = format!("{CRITICAL}; sat 03:40 reply T-1 next sat 09:00 by eva");
    check(
        MANAGED,
        &format!("{promised}; now sat 03:40"),
        "updates-critical",
        "T-1 met Sat 7 Mar 03:40 by eva; T-1 running due Sat 7 Mar 09:00",
    );
    // For one step; and at most a day ahead for Critical.
    let kept = format!("{promised}; sat 08:30 reply T-1 by eva; now sat 08:30");
    check(
        MANAGED,
        &kept,
        "updates-critical",
        "T-1 met Sat 7 Mar 03:40 by eva; T-1 met Sat 7 Mar 08:30 by eva; T-1 running due Sat 7 Mar 09:00",
    );
    let far = format!("{CRITICAL}; sat 03:40 reply T-1 next 03-12 09:00 by eva; now sat 03:40");
    check(
        MANAGED,
        &far,
        "updates-critical",
        "T-1 met Sat 7 Mar 03:40 by eva; T-1 running due Sun 8 Mar 03:40",
    );
}

#[test]
fn mp_cli_05_a_silent_client_is_reminded_and_not_blamed() {
    let asked =
        "tue 10:00 request T-1 kind service urgency low by poc; tue 11:00 ask T-1 by eva; now fri 11:00";
    check(MANAGED, asked, "answers", "T-1 waiting: the text gives no time");
    let answers = &standing(MANAGED, asked, "answers")[0];
    assert_eq!(show(answers.reminders[0].at), "Fri 6 Mar 11:00");
    assert_eq!(answers.duty.turn, Some(facts::Side::Client));
}

#[test]
fn mp_sc_inc_03_a_root_cause_for_grave_outages() {
    let resolved = format!("{CRITICAL}; sat 05:00 resolve T-1 saying \"restarted\" by eva");
    check(MANAGED, &format!("{resolved}; now sun 00:00"), "rca", "T-1 waiting: the text gives no time");
    let published = format!("{resolved}; 03-11 00:00 fact rca.published ticket=T-1 by eva; now 03-12 00:00");
    check(MANAGED, &published, "rca", "T-1 met Wed 11 Mar 00:00 by eva");
    check(MANAGED, &format!("{resolved}; now sun 00:00").replace("critical", "low"), "rca", "");
}

#[test]
fn mp_cob_03_a_restricted_pool_is_annotated_and_excuses_nothing() {
    let story = "fri 00:00 fact pool.restricted service=main; \
                 sat 03:00 request T-1 kind outage urgency high by poc; sat 04:00 reply T-1 by kim; now sun 00:00";
    check(MANAGED, story, "first-response", "T-1 missed Sat 7 Mar 03:30, done Sat 7 Mar 04:00 by kim");
    let remark = &standing(MANAGED, story, "first-response")[0].annotations;
    let expected = promise::obligation::Annotation::During {
        cause: agreement::AnnotationCause::RestrictedPool,
        from: instant("fri 00:00"),
        until: None,
    };
    assert_eq!(*remark, [expected]);
}

#[test]
fn mp_esc_11_a_person_answers_an_escalation() {
    let raised = "sat 03:00 request T-1 kind outage urgency high by poc; \
                  sat 04:00 fact escalation.raised escalation=E-1 ticket=T-1 reason=response-missed by poc";
    check(
        MANAGED,
        &format!("{raised}; now sat 04:10"),
        "escalation-answer",
        "E-1 waiting: the text gives no time",
    );
    let reminders = &standing(MANAGED, &format!("{raised}; now sat 04:10"), "escalation-answer")[0].reminders;
    assert_eq!(show(reminders[0].at), "Sat 7 Mar 04:30");
    let answered =
        format!("{raised}; sat 04:20 fact escalation.answered escalation=E-1 by dirk; now sat 04:30");
    check(MANAGED, &answered, "escalation-answer", "E-1 met Sat 7 Mar 04:20 by dirk");
}

#[test]
fn mp_slo_02_nothing_is_ever_due_for_resolving() {
    let story = "tue 10:00 request T-1 kind service urgency critical by poc; tue 10:10 reply T-1 by eva; now 03-20 10:00";
    let (facts, now) = tell(story);
    let all = obligations(&MANAGED.versions(), &facts, now);
    assert!(all.iter().all(|owed| !owed.open), "{:?}", crate::story::shown(&all, "*"));
}
