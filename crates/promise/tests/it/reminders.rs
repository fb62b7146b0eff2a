//! Reminders fall where people work, around weekends, holidays and the change of the clocks, and before it is due.

use agreement::Agreement;
use promise::send_at;

use crate::story::{Deal, ENTERPRISE, MANAGED, PREMIUM, STANDARD, instant, show, standing};

/// When people are reminded of the one obligation of a rule.
fn reminders(deal: Deal, story: &str, rule: &str) -> Vec<String> {
    let found = standing(deal, story, rule);
    found[0].reminders.iter().map(|reminder| format!("{} {}", reminder.rule, show(reminder.at))).collect()
}

#[test]
fn sh_slo_06_what_runs_round_the_clock_is_told_round_the_clock() {
    let night = "sat 03:00 request T-1 priority P1 by jan; now sat 03:00";
    assert_eq!(
        reminders(ENTERPRISE, night, "first-response"),
        ["50% Sat 7 Mar 04:00", "80% Sat 7 Mar 04:36", "due-15m Sat 7 Mar 04:45"]
    );
}

#[test]
fn sh_slo_06_what_runs_at_night_is_told_at_night() {
    // Premium runs from Sunday 17:00: three of its four hours are left then.
    let sunday = "fri 16:00 request T-1 priority P1 by jan; now fri 16:00";
    assert_eq!(
        reminders(PREMIUM, sunday, "first-response"),
        ["50% Sun 8 Mar 18:00", "80% Sun 8 Mar 19:12", "due-15m Sun 8 Mar 19:45"]
    );
}

#[test]
fn sh_ack_01_a_question_is_asked_after_when_the_office_is_open() {
    // A day after Friday 18:00 is Saturday; three days after it is Monday evening.
    let asked = "mon 10:00 request T-1 by jan; fri 18:00 ask T-1 by anna; now fri 18:00";
    assert_eq!(reminders(STANDARD, asked, "diagnostics"), ["1d Mon 9 Mar 09:00", "3d Tue 10 Mar 09:00"]);
}

#[test]
fn mp_cli_05_three_days_of_silence_remind_on_a_business_day() {
    // Three days after Tuesday 31 March 10:00 is Good Friday; the next business day is Tuesday, 09:00 in Zurich.
    let asked = "03-30 10:00 request T-1 kind service urgency low by poc; 03-31 10:00 ask T-1 by eva; now 03-31 10:00";
    assert_eq!(reminders(MANAGED, asked, "answers"), ["3d Tue 7 Apr 07:00"]);
    // In October the clocks go back: Saturday 24 October 12:00 moves to Monday, 09:00 in Zurich, which is 08:00 UTC then.
    let asked = "10-20 10:00 request T-1 kind service urgency low by poc; 10-21 12:00 ask T-1 by eva; now 10-21 12:00";
    assert_eq!(reminders(MANAGED, asked, "answers"), ["3d Mon 26 Oct 08:00"]);
}

#[test]
fn mp_esc_11_an_escalation_is_told_of_at_any_hour() {
    let raised = "sat 02:00 request T-1 kind outage urgency critical by poc; \
                  sat 03:00 fact escalation.raised escalation=E-1 ticket=T-1 by poc; now sat 03:00";
    assert_eq!(reminders(MANAGED, raised, "escalation-answer"), ["30m Sat 7 Mar 03:30"]);
}

#[test]
fn a_reminder_before_something_on_a_holiday_comes_before_the_holiday() {
    // Due on Easter Monday 12:00; a day before is Easter Sunday, and the office closes on Thursday 2 April, 15:00 UTC.
    let expiring =
        "mon 00:00 fact certificate.expiring certificate=C-1 expires_at=2026-04-06T12:00:00Z; now mon 00:00";
    let told = reminders(MANAGED, expiring, "certificate");
    assert_eq!(told.last().map(String::as_str), Some("due-1d Thu 2 Apr 15:00"));
}

#[test]
fn of_several_at_one_instant_the_most_pressing_is_told_and_none_once_it_is_due() {
    // Both the seventh day before and the first lie in closed hours around Easter.
    let text = MANAGED.text.replace(
        "remind    = [\"due-30d\", \"due-14d\", \"due-7d\", \"due-1d\"]",
        "remind    = [\"due-30h\", \"due-24h\"]",
    );
    assert!(text != MANAGED.text);
    let close = Deal { text: text.leak(), ..MANAGED };
    let expiring =
        "mon 00:00 fact certificate.expiring certificate=C-1 expires_at=2026-04-06T12:00:00Z; now mon 00:00";
    assert_eq!(reminders(close, expiring, "certificate"), ["due-24h Thu 2 Apr 15:00"]);
    // Known on Saturday and due on Sunday: nobody is there in between.
    let late =
        "sat 00:00 fact certificate.expiring certificate=C-1 expires_at=2026-03-08T12:00:00Z; now sat 00:00";
    assert_eq!(reminders(close, late, "certificate"), [] as [&str; 0]);
}

#[test]
fn without_hours_for_it_people_are_told_at_any_hour() {
    let section = STANDARD.text.find("[reminders]").and_then(|from| {
        let until = STANDARD.text[from..].find("\n\n")?;
        Some(&STANDARD.text[from..from + until])
    });
    let text = STANDARD.text.replace(section.expect("the file has hours"), "");
    let any = Deal { text: text.leak(), ..STANDARD };
    let asked = "mon 10:00 request T-1 by jan; fri 18:00 ask T-1 by anna; now fri 18:00";
    assert_eq!(reminders(any, asked, "diagnostics"), ["1d Sat 7 Mar 18:00", "3d Mon 9 Mar 18:00"]);
}

#[test]
fn a_notice_that_can_wait_goes_out_in_the_hours_for_it() {
    let sent = |at: &str| show(send_at(&STANDARD.terms(), instant(at)));
    assert_eq!(sent("mon 10:00"), "Mon 2 Mar 10:00");
    assert_eq!(sent("fri 17:00"), "Fri 6 Mar 17:00");
    assert_eq!(sent("fri 17:01"), "Mon 9 Mar 09:00");
    assert_eq!(sent("04-03 18:00"), "Tue 7 Apr 09:00", "Easter Monday is closed");
}

#[test]
fn reminders_name_a_calendar_that_exists() {
    let text = STANDARD.text.replace(
        "calendar  = \"bh\"\n\n# ---------------------------------------------------------------- roles",
        "calendar  = \"office\"\n\n# ---------------------------------------------------------------- roles",
    );
    assert!(text != STANDARD.text);
    let agreement = Agreement::read(&text).0.expect("it can be read");
    let found: Vec<String> = agreement.lint().iter().map(|finding| finding.message.clone()).collect();
    assert!(found.contains(&"there is no calendar `office`".to_owned()), "{found:?}");
}
