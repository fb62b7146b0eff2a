//! Requests of the hosted service: clocks, classes, priorities, turns.

use facts::Noun;
use promise::obligation::obligations;

use crate::story::{ENTERPRISE, MANAGED, PREMIUM, STANDARD, check, show, standing, tell};

#[test]
fn sh_tier_01_one_request_three_due_times() {
    let request = "tue 10:00 request T-1 priority P3 by jan; now tue 10:00";
    check(STANDARD, request, "first-response", "T-1 running due Thu 5 Mar 10:00");
    check(PREMIUM, request, "first-response", "T-1 running due Wed 4 Mar 10:00");
    check(ENTERPRISE, request, "first-response", "T-1 running due Tue 3 Mar 18:00");
}

#[test]
fn sh_sup_01_the_tier_picks_the_calendar() {
    let request = "fri 18:00 request T-1 priority P1 by jan; now fri 18:00";
    check(STANDARD, request, "first-response", "T-1 running due Mon 9 Mar 17:00");
    check(PREMIUM, request, "first-response", "T-1 running due Sun 8 Mar 21:00");
    check(ENTERPRISE, request, "first-response", "T-1 running due Fri 6 Mar 20:00");
}

#[test]
fn sh_slo_01_a_request_without_a_priority_is_p3() {
    let request = "tue 10:00 request T-1 by jan; now tue 10:00";
    check(STANDARD, request, "first-response", "T-1 running due Thu 5 Mar 10:00");
}

#[test]
fn sh_slo_02_the_headline_and_the_row_are_one_obligation() {
    let found =
        standing(STANDARD, "fri 18:00 request T-1 priority P1 by jan; now fri 18:00", "first-response");
    let clauses = found[0].clauses();
    assert!(clauses.iter().any(|c| c == "SH-SLO-02") && clauses.iter().any(|c| c == "SH-SLO-06"));
    assert!(!clauses.iter().any(|c| c == "SH-SLO-07"), "another row's: {clauses:?}");
    assert_eq!(found.len(), 1);
}

#[test]
fn what_is_due_by_a_row_of_a_matrix_cites_that_row() {
    let cited = |story: &str, rule: &str| standing(STANDARD, story, rule)[0].clauses().join(" ");
    let request = |priority: &str| format!("fri 18:00 request T-1 priority {priority} by jan; now fri 18:00");
    let own = "SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02";
    assert_eq!(cited(&request("P2"), "first-response"), format!("{own} SH-SLO-07"));
    assert_eq!(cited(&request("P4"), "first-response"), format!("{own} SH-SLO-09"));
    // What is due with another takes that one's row over.
    assert_eq!(cited(&request("P2"), "classify"), "SH-CHAR-02 SH-SLO-07");
    // A changed priority is another row.
    let raised = "fri 18:00 request T-1 priority P4 by jan; \
                  fri 19:00 reprioritise T-1 to P2 saying \"worse\" by anna; now fri 20:00";
    assert_eq!(cited(raised, "first-response"), format!("{own} SH-SLO-07"));
    let managed = "sat 03:00 request T-1 urgency high by poc; now sat 03:00";
    let waiting = standing(MANAGED, managed, "first-response");
    assert_eq!(waiting[0].clauses(), ["MP-SLO-01", "MP-SC-INC-01"], "no row before the kind is said");
}

#[test]
fn sh_slo_03_the_hours_of_the_tier_go_before_the_hours_of_operation() {
    // Friday 16:30 is inside the Hours of Operation for half an hour; Enterprise does not care that they end.
    let request = "fri 16:30 request T-1 priority P1 by jan; now fri 16:30";
    check(ENTERPRISE, request, "first-response", "T-1 running due Fri 6 Mar 18:30");
    check(PREMIUM, request, "first-response", "T-1 running due Sun 8 Mar 20:30");
}

#[test]
fn sh_slo_04_closed_time_is_logged_at_once_and_counted_from_the_next_opening() {
    let request = "sat 12:00 request T-1 priority P1 by jan; now sat 12:00";
    check(PREMIUM, request, "first-response", "T-1 running due Sun 8 Mar 21:00");
    check(STANDARD, request, "first-response", "T-1 running due Mon 9 Mar 17:00");
}

#[test]
fn sh_slo_05_the_target_depends_on_the_level() {
    // Of every priority, in the hours of the level: 12 hours from Monday 09:00, say, are half of Tuesday on Standard.
    for (priority, [standard, premium, enterprise]) in [
        ("P1", ["Mon 2 Mar 17:00", "Mon 2 Mar 13:00", "Mon 2 Mar 11:00"]),
        ("P2", ["Tue 3 Mar 13:00", "Mon 2 Mar 17:00", "Mon 2 Mar 13:00"]),
        ("P3", ["Tue 3 Mar 17:00", "Tue 3 Mar 09:00", "Mon 2 Mar 17:00"]),
        ("P4", ["Tue 10 Mar 17:00", "Thu 5 Mar 09:00", "Tue 3 Mar 09:00"]),
    ] {
        let request = format!("mon 09:00 request T-1 priority {priority} by jan; now mon 09:00");
        for (deal, due) in [(STANDARD, standard), (PREMIUM, premium), (ENTERPRISE, enterprise)] {
            check(deal, &request, "first-response", &format!("T-1 running due {due}"));
        }
    }
}

#[test]
fn sh_slo_06_p1() {
    let standard = "fri 18:00 request T-1 priority P1 by jan; now fri 18:00";
    let premium = "fri 16:00 request T-1 priority P1 by jan; now fri 16:00";
    let enterprise = "sat 03:00 request T-1 priority P1 by jan; now sat 03:00";
    check(STANDARD, standard, "first-response", "T-1 running due Mon 9 Mar 17:00");
    check(PREMIUM, premium, "first-response", "T-1 running due Sun 8 Mar 20:00");
    check(ENTERPRISE, enterprise, "first-response", "T-1 running due Sat 7 Mar 05:00");
}

#[test]
fn sh_slo_06_people_are_reminded_at_half_at_four_fifths_and_a_quarter_of_an_hour_before() {
    let found =
        standing(STANDARD, "fri 18:00 request T-1 priority P1 by jan; now fri 18:00", "first-response");
    let at: Vec<String> = found[0].reminders.iter().map(|r| format!("{} {}", r.rule, show(r.at))).collect();
    assert_eq!(at, ["50% Mon 9 Mar 13:00", "80% Mon 9 Mar 15:24", "due-15m Mon 9 Mar 16:45"]);
    let met = "fri 18:00 request T-1 priority P1 by jan; 03-09 14:00 reply T-1 by anna; now 03-10 18:00";
    assert_eq!(standing(STANDARD, met, "first-response")[0].reminders.len(), 1, "none after the answer");
}

#[test]
fn sh_slo_07_p2() {
    let standard = "mon 12:00 request T-1 priority P2 by jan; now mon 12:00";
    let premium = "sat 12:00 request T-1 priority P2 by jan; now sat 12:00";
    check(STANDARD, standard, "first-response", "T-1 running due Tue 3 Mar 16:00");
    check(PREMIUM, premium, "first-response", "T-1 running due Mon 9 Mar 01:00");
    check(ENTERPRISE, standard, "first-response", "T-1 running due Mon 2 Mar 16:00");
}

#[test]
fn sh_slo_08_p3() {
    let standard = "fri 18:00 request T-1 priority P3 by jan; now fri 18:00";
    let premium = "fri 16:00 request T-1 priority P3 by jan; now fri 16:00";
    check(STANDARD, standard, "first-response", "T-1 running due Tue 10 Mar 17:00");
    check(PREMIUM, premium, "first-response", "T-1 running due Mon 9 Mar 16:00");
    check(ENTERPRISE, standard, "first-response", "T-1 running due Sat 7 Mar 02:00");
}

#[test]
fn sh_slo_09_p4() {
    let standard = "mon 09:00 request T-1 priority P4 by jan; now mon 09:00";
    let enterprise = "sat 03:00 request T-1 priority P4 by jan; now sat 03:00";
    check(STANDARD, standard, "first-response", "T-1 running due Tue 10 Mar 17:00");
    check(PREMIUM, standard, "first-response", "T-1 running due Thu 5 Mar 09:00");
    check(ENTERPRISE, enterprise, "first-response", "T-1 running due Sun 8 Mar 03:00");
}

#[test]
fn sh_cal_01_hours_of_operation_from_sunday_to_friday() {
    let request = "fri 16:00 request T-1 priority P1 by jan; now fri 16:00";
    check(PREMIUM, request, "first-response", "T-1 running due Sun 8 Mar 20:00");
}

#[test]
fn sh_cal_02_a_holiday_in_amsterdam_is_closed_from_its_own_midnight() {
    let request = "04-26 21:00 request T-1 priority P1 by jan; now 04-26 21:00";
    check(PREMIUM, request, "first-response", "T-1 running due Tue 28 Apr 01:00");
}

#[test]
fn sh_cal_04_a_day_is_a_business_day() {
    let request = "fri 18:00 request T-1 priority P3 by jan; now fri 18:00";
    check(STANDARD, request, "first-response", "T-1 running due Tue 10 Mar 17:00");
}

#[test]
fn sh_cal_05_business_hours_are_nine_to_five_in_utc() {
    let request = "tue 16:30 request T-1 priority P1 by jan; now tue 16:30";
    check(STANDARD, request, "first-response", "T-1 running due Wed 4 Mar 16:30");
    // Also in summer, when Amsterdam is two hours ahead.
    let summer = "06-09 16:30 request T-1 priority P1 by jan; now 06-09 16:30";
    check(STANDARD, summer, "first-response", "T-1 running due Wed 10 Jun 16:30");
}

#[test]
fn sh_def_04_outside_the_term_nothing_starts() {
    check(ENTERPRISE, "02-28 23:59 request T-1 priority P1 by jan; now mon 00:00", "*", "");
    check(ENTERPRISE, "2027-03-01 00:00 request T-1 priority P1 by jan; now 2027-03-02 00:00", "*", "");
    let first = "2026-03-01 00:00 request T-1 priority P1 by jan; now 2026-03-01 00:00";
    check(ENTERPRISE, first, "first-response", "T-1 running due Sun 1 Mar 02:00");
}

#[test]
fn sh_def_16_the_priority_picks_the_row() {
    for (priority, due) in [
        ("P1", "Tue 3 Mar 12:00"),
        ("P2", "Tue 3 Mar 14:00"),
        ("P3", "Tue 3 Mar 18:00"),
        ("P4", "Wed 4 Mar 10:00"),
    ] {
        let request = format!("tue 10:00 request T-1 priority {priority} by jan; now tue 10:00");
        check(ENTERPRISE, &request, "first-response", &format!("T-1 running due {due}"));
    }
}

#[test]
fn sh_req_03_every_way_in_gives_the_same_due_time() {
    for channel in ["email", "portal", "chat", "phone"] {
        let request = format!("tue 10:00 request T-1 priority P1 channel {channel} by jan; now tue 10:00");
        check(STANDARD, &request, "first-response", "T-1 running due Wed 4 Mar 10:00");
    }
}

#[test]
fn sh_ack_02_a_person_acknowledges_an_automaton_does_not() {
    let automatic = "tue 10:00 request T-1 priority P1 by jan; tue 10:00 reply T-1 by auto; now tue 11:00";
    check(ENTERPRISE, automatic, "first-response", "T-1 running due Tue 3 Mar 12:00");
    let person = "tue 10:00 request T-1 priority P1 by jan; tue 11:00 reply T-1 by anna; now tue 11:00";
    check(ENTERPRISE, person, "first-response", "T-1 met Tue 3 Mar 11:00 by anna");
    // Nor does the client answer for the provider.
    let client = "tue 10:00 request T-1 priority P1 by jan; tue 11:00 reply T-1 by jan; now tue 11:00";
    check(ENTERPRISE, client, "first-response", "T-1 running due Tue 3 Mar 12:00");
}

#[test]
fn sh_ack_02_an_act_at_the_due_instant_is_in_time_and_a_second_later_is_late() {
    let request = "fri 18:00 request T-1 priority P1 by jan";
    let at_due = format!("{request}; 03-09 17:00 reply T-1 by anna; now 03-10 09:00");
    check(STANDARD, &at_due, "first-response", "T-1 met Mon 9 Mar 17:00 by anna");
    let late = format!("{request}; 03-09 17:00:01 reply T-1 by anna; now 03-10 09:00");
    check(STANDARD, &late, "first-response", "T-1 missed Mon 9 Mar 17:00, done Mon 9 Mar 17:00:01 by anna");
    check(
        STANDARD,
        &format!("{request}; now 03-09 17:00"),
        "first-response",
        "T-1 running due Mon 9 Mar 17:00",
    );
    check(
        STANDARD,
        &format!("{request}; now 03-09 17:00:01"),
        "first-response",
        "T-1 missed Mon 9 Mar 17:00",
    );
}

#[test]
fn sh_def_15_a_feature_request_has_no_clock() {
    let classified = "tue 10:00 request T-1 by jan; tue 12:00 classify T-1 as feature by anna; now tue 13:00";
    check(STANDARD, classified, "first-response", "T-1 cancelled Tue 3 Mar 12:00 request.classified");
    let at_once = "tue 10:00 request T-1 class feature by jan; now tue 13:00";
    check(STANDARD, at_once, "first-response", "");
    // What was missed before somebody called it a feature stays missed.
    let late =
        "tue 10:00 request T-1 priority P1 by jan; thu 12:00 classify T-1 as feature by anna; now fri 13:00";
    check(STANDARD, late, "first-response", "T-1 missed Wed 4 Mar 10:00");
}

#[test]
fn sh_ack_05_nothing_is_owed_for_a_feature_request() {
    let wish = "tue 10:00 request T-1 by jan; tue 12:00 classify T-1 as feature by anna; \
                tue 12:00 fact wish.logged ticket=T-1 by anna; now 04-20 12:00";
    check(
        STANDARD,
        wish,
        "*",
        "best-efforts T-1 cancelled Tue 3 Mar 12:00 wish.logged;
         classify T-1 met Tue 3 Mar 12:00 by anna;
         first-response T-1 cancelled Tue 3 Mar 12:00 request.classified",
    );
}

#[test]
fn sh_char_02_the_class_is_due_with_the_first_response() {
    let request = "fri 18:00 request T-1 priority P1 by jan";
    check(STANDARD, &format!("{request}; now fri 18:00"), "classify", "T-1 running due Mon 9 Mar 17:00");
    let done = format!("{request}; 03-09 10:00 classify T-1 as unusable by anna; now 03-10 10:00");
    check(STANDARD, &done, "classify", "T-1 met Mon 9 Mar 10:00 by anna");
}

#[test]
fn sh_char_04_a_changed_priority_keeps_the_receipt_time() {
    let changed = "fri 18:00 request T-1 priority P1 by jan; \
                   03-09 10:00 reprioritise T-1 to P3 saying \"one user is affected\" by anna";
    check(
        STANDARD,
        &format!("{changed}; now 03-09 10:00"),
        "first-response",
        "T-1 running due Tue 10 Mar 17:00",
    );
    // Judged by the priority in force at the response (A-30).
    let answered = format!("{changed}; 03-10 12:00 reply T-1 by anna; now 03-12 10:00");
    check(STANDARD, &answered, "first-response", "T-1 met Tue 10 Mar 12:00 by anna");
}

#[test]
fn sh_char_04_a_raised_priority_can_be_missed_already() {
    let raised = "mon 09:00 request T-1 priority P4 by jan; \
                  thu 09:00 reprioritise T-1 to P1 saying \"worse than we thought\" by anna; now thu 09:00";
    check(STANDARD, raised, "first-response", "T-1 missed Mon 2 Mar 17:00");
}

#[test]
fn sh_char_06_an_upheld_appeal_restores_the_target_and_judges_by_it() {
    let changed = "fri 18:00 request T-1 priority P1 by jan; \
                   03-09 10:00 reprioritise T-1 to P3 saying \"one user is affected\" by anna; \
                   03-09 11:00 fact appeal.opened appeal=A-1 ticket=T-1 by jan";
    let upheld = "fact appeal.decided appeal=A-1 ticket=T-1 upheld=true by mia";
    let in_time = format!("{changed}; 03-09 12:00 {upheld}; now 03-09 12:00");
    check(STANDARD, &in_time, "first-response", "T-1 running due Mon 9 Mar 17:00");
    // Decided after the answer: the answer was late by the restored target.
    let after = format!("{changed}; 03-10 09:00 reply T-1 by anna; 03-10 12:00 {upheld}; now 03-11 12:00");
    check(STANDARD, &after, "first-response", "T-1 missed Mon 9 Mar 17:00, done Tue 10 Mar 09:00 by anna");
    let rejected = after.replace("upheld=true", "upheld=false");
    check(STANDARD, &rejected, "first-response", "T-1 met Tue 10 Mar 09:00 by anna");
}

#[test]
fn sh_char_06_only_a_manager_decides_an_appeal() {
    let opened = "tue 10:00 fact appeal.opened appeal=A-1 ticket=T-1 by jan";
    let decided = |who| {
        format!(
            "{opened}; tue 15:00 fact appeal.decided appeal=A-1 ticket=T-1 upheld=true by {who}; now wed 10:00"
        )
    };
    check(STANDARD, &decided("anna"), "decide-appeal", "A-1 waiting: the text gives no time");
    check(STANDARD, &decided("mia"), "decide-appeal", "A-1 met Tue 3 Mar 15:00 by mia");
    let waiting = &standing(STANDARD, &format!("{opened}; now tue 10:00"), "decide-appeal")[0];
    assert_eq!(waiting.reminders.iter().map(|r| show(r.at)).collect::<Vec<_>>(), ["Tue 3 Mar 14:00"]);
}

#[test]
fn sh_ack_01_a_question_makes_it_the_clients_turn_and_never_stops_the_clock() {
    let asked = "tue 10:00 request T-1 priority P1 by jan; tue 10:30 ask T-1 by anna; now tue 11:00";
    check(ENTERPRISE, asked, "diagnostics", "T-1 waiting: the text gives no time");
    check(ENTERPRISE, asked, "first-response", "T-1 running due Tue 3 Mar 12:00");
    let diagnostics = &standing(ENTERPRISE, asked, "diagnostics")[0];
    assert_eq!(diagnostics.duty.turn, Some(facts::Side::Client));
    let answered = asked.replace("; now tue 11:00", "; wed 09:00 answer T-1 by jan; now fri 11:00");
    check(ENTERPRISE, &answered, "diagnostics", "T-1 met Wed 4 Mar 09:00 by jan");
    let withdrawn = asked.replace("; now tue 11:00", "; wed 09:00 withdraw T-1 by jan; now fri 11:00");
    check(ENTERPRISE, &withdrawn, "diagnostics", "T-1 cancelled Wed 4 Mar 09:00 request.withdrawn");
}

#[test]
fn sh_res_02_five_silent_days_are_a_nudge_to_ones_own_people() {
    let silent = "mon 09:00 request T-1 by jan; mon 10:00 reply T-1 by anna; now 03-09 11:00";
    // Five business days of eight hours after the last answer: Monday 10:00.
    check(
        STANDARD,
        silent,
        "best-efforts",
        "T-1 met Mon 2 Mar 10:00 by anna;
         T-1 missed Mon 9 Mar 10:00;
         T-1 running due Mon 16 Mar 10:00",
    );
    let nudge = &standing(STANDARD, silent, "best-efforts")[1];
    assert_eq!(nudge.duty.binding, agreement::Binding::Internal);
    assert!(nudge.consequences().is_empty(), "on no statement");
}

#[test]
fn sh_req_06_a_contact_counts_from_the_fifth_business_day_and_is_gone_at_once() {
    let added = "wed 12:00 fact contact.change_requested contact=ben change=add by jan; now wed 12:00";
    check(STANDARD, added, "contact-change", "ben running due Wed 11 Mar 12:00");
    let later = added.replace("now wed 12:00", "now 03-11 12:00");
    check(STANDARD, &later, "contact-change", "ben met Wed 11 Mar 12:00");
    let removed = added.replace("change=add", "change=remove");
    check(STANDARD, &removed, "contact-change", "ben met Wed 4 Mar 12:00");
}

#[test]
fn sh_excl_01_a_request_about_a_preview_instance_is_excused_while_the_claim_is_undisputed() {
    let late = "mon 00:00 instance beta production \"Beta\" from mon 00:00; \
                tue 10:00 request T-1 priority P1 about beta by jan; tue 18:00 reply T-1 by anna; \
                wed 10:00 exclude E-1 beta from mon 00:00 to fri 00:00 because pre-ga proof \"docs/beta\" by mia";
    check(
        ENTERPRISE,
        &format!("{late}; now fri 10:00"),
        "first-response",
        "T-1 excused Tue 3 Mar 12:00 exclusion E-1",
    );
    let disputed = format!("{late}; thu 10:00 dispute E-1 saying \"it was released\" by piet; now fri 10:00");
    let missed = "T-1 missed Tue 3 Mar 12:00, done Tue 3 Mar 18:00 by anna";
    check(ENTERPRISE, &disputed, "first-response", missed);
    assert_eq!(
        standing(ENTERPRISE, &disputed, "first-response")[0].annotations.len(),
        1,
        "both versions are shown"
    );
    // A cause that only takes out availability excuses no answer.
    let other = late.replace("because pre-ga", "because quota");
    check(ENTERPRISE, &format!("{other}; now fri 10:00"), "first-response", missed);
}

#[test]
fn a_late_recorded_answer_counts_from_when_it_was_given_and_the_why_shows_both() {
    let story = "tue 10:00 request T-1 priority P1 by jan; \
                 tue 11:00 reply T-1 by anna (recorded 2026-03-05 09:00); now fri 09:00";
    check(ENTERPRISE, story, "first-response", "T-1 met Tue 3 Mar 11:00 by anna");
    let why = standing(ENTERPRISE, story, "first-response")[0].why.to_text(|_| None);
    assert!(why.contains("recorded: 2026-03-05T09:00:00Z"), "{why}");
}

#[test]
fn the_why_of_a_first_response() {
    let story = "fri 18:00 request T-1 priority P1 by jan; 03-09 10:00 reply T-1 by anna; now 03-09 10:00";
    let why = standing(STANDARD, story, "first-response")[0].why.to_text(|_| None);
    let why = why.replace(spans::tzdata(), "<tzdata>");
    insta::assert_snapshot!(why, @r"
    first-response of ticket T-1: met 2026-03-09T10:00:00Z by anna
      an act that counts came at or before the due instant [SH-SLO-03, SH-SLO-04, SH-SLO-05, SH-ACK-02, SH-SLO-02, SH-SLO-06]
      - 2026-03-06T18:00:00Z ticket T-1 request.received by jan
      due: 2026-03-09T17:00:00Z
        so much of the calendar's open time after it was set off
        read as A-01
        read as A-02
        read as A-22
        - target: 8h (P1, standard)
        - calendar: bh
        - time zones: <tzdata>
      - 2026-03-09T10:00:00Z ticket T-1 request.replied by anna
      - agreement: 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f
    ");
}

#[test]
fn sh_res_01_nothing_is_ever_due_for_resolving() {
    let story = "tue 10:00 request T-1 priority P1 by jan; tue 11:00 reply T-1 by anna; \
                 tue 11:00 classify T-1 as standard by anna; now 03-20 10:00";
    let (facts, now) = tell(story);
    let open: Vec<String> = obligations(&STANDARD.versions(), &facts, now)
        .iter()
        .filter(|owed| owed.open && owed.subject.noun == Noun::Ticket)
        .map(|owed| owed.duty.id.clone())
        .collect();
    // What is left is a nudge to one's own people (SH-RES-02).
    assert_eq!(open, ["best-efforts"]);
}
