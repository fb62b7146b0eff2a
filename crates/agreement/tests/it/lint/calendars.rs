//! Calendars, holidays, probes, windows and months.

use agreement::Agreement;

use super::{check_change, found, told};
use crate::shipped::{HOSTED, ISOLATED};

#[test]
fn r_03_an_unknown_calendar() {
    check_change(
        HOSTED,
        &[("inside = \"hop\"", "inside = \"hops\"")],
        r#"
        error R-03 at `"hops"` (SH-CAL-04 SH-CAL-05): there is no calendar `hops`
          did you mean "hop"?
        note L-05 at `"matrix.response"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-09): the longest wait is 6d 5h by the clock on the wall: P4, premium (3d) begun 2026-04-03T17:00:00Z is due 2026-04-09T22:00:00Z
          read the table of worst-case waits before you sign
        "#,
    );
    check_change(
        HOSTED,
        &[("except = [\"holidays.amsterdam\"]", "except = [\"holidays.utrecht\"]")],
        r#"
        error R-03 at `"holidays.utrecht"` (SH-CAL-01 SH-CAL-02 SH-CAL-04): there is no list `holidays.utrecht`
          write one of: holidays.amsterdam
        note L-05 at `"matrix.response"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-09): the longest wait is 1d by the clock on the wall: P4, enterprise (1d) begun 2026-03-01T00:00:00Z is due 2026-03-02T00:00:00Z
          read the table of worst-case waits before you sign
        "#,
    );
    check_change(
        HOSTED,
        &[("timeout = \"10s\"\ncalendar = \"always\"", "timeout = \"10s\"\ncalendar = \"alway\"")],
        r#"
        error R-03 at `"alway"` (SH-AVAIL-07 SH-MON-01): there is no calendar `alway`
          did you mean "always"?
        "#,
    );
    check_change(
        HOSTED,
        &[(
            "slot = { standard = \"bh\", premium = \"hop\", enterprise = \"window\" }",
            "slot = { standard = \"bh\", premium = \"hop\", enterprise = \"windows\" }",
        )],
        r#"
        error R-03 at `enterprise = "windows"` (SH-MAINT-01 SH-MAINT-03 SH-MAINT-04 SH-MAINT-06 SH-MAINT-07 SH-MAINT-09): there is no calendar `windows`
          write one of: always, bh, civil, hop
        "#,
    );
    check_change(
        HOSTED,
        &[(
            "calendar = { standard = \"bh\", premium = \"hop\", enterprise = \"always\" }\n\n[reminders]",
            "calendar = { standard = \"bh\", premium = \"pop\", enterprise = \"always\" }\n\n[reminders]",
        )],
        r#"
        error R-03 at `premium = "pop"` (SH-SUP-01 SH-REQ-02): there is no calendar `pop`
          did you mean "hop"?
        "#,
    );
    check_change(
        ISOLATED,
        &[(
            "on = \"instance.added\"\nevery = \"1m\"\ncalendar = \"always\"",
            "on = \"instance.added\"\nevery = \"1m\"\ncalendar = \"window\"",
        )],
        r#"
        error R-03 at `"window"` (MP-PRO-01): there is no calendar `window`
          write one of: always, business, civil
        "#,
    );
}

#[test]
fn r_03_a_calendar_inside_itself() {
    check_change(
        HOSTED,
        &[("except = [\"holidays.amsterdam\"]\n", "except = [\"holidays.amsterdam\"]\ninside = \"bh\"\n")],
        r#"
        error R-03 at `"bh"` (SH-CAL-01 SH-CAL-02 SH-CAL-04): calendar `hop` lies inside itself
          take the `inside` of one of its calendars out, or `hop` is never open
        error R-03 at `"hop"` (SH-CAL-04 SH-CAL-05): calendar `bh` lies inside itself
          take the `inside` of one of its calendars out, or `bh` is never open
        note L-05 at `"matrix.response"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-09): the longest wait is 1d by the clock on the wall: P4, enterprise (1d) begun 2026-03-01T00:00:00Z is due 2026-03-02T00:00:00Z
          read the table of worst-case waits before you sign
        "#,
    );
}

#[test]
fn r_03_hours_and_days_that_are_none() {
    check_change(
        HOSTED,
        &[("from = \"Sun 17:00\", to = \"Fri 17:00\"", "from = \"Sun 17:00\", to = \"17:00\"")],
        r#"
        error R-03 at `[{ from = "Sun 17:00", to = "17:00" }]` (SH-CAL-01 SH-CAL-02 SH-CAL-04): the open hours do not fit: name the days either in `days` or in both `from` and `to`
          write { days = ["Mon"], from = "09:00", to = "17:00" } or { from = "Sun 17:00", to = "Fri 17:00" }
        note L-05 at `"matrix.response"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-09): the longest wait is 1d by the clock on the wall: P4, enterprise (1d) begun 2026-03-01T00:00:00Z is due 2026-03-02T00:00:00Z
          read the table of worst-case waits before you sign
        "#,
    );
    check_change(
        ISOLATED,
        &[("from = \"09:00\", to = \"17:00\"", "from = \"09:00\", to = \"09:00\"")],
        r#"
        error R-03 at `[{ days = ["Mon", "Tue", "Wed", "Thu", "Fri"], from = "09:00", to = "09:00" }]` (MP-SLO-13): the open hours do not fit: hours from 09:00 to 09:00 hold no time: write 00:00 to 24:00 for a whole day, `always` for a whole week
          write { days = ["Mon"], from = "09:00", to = "17:00" } or { from = "Sun 17:00", to = "Fri 17:00" }
        note L-05 at `"matrix.response"` (MP-SLO-01 MP-SC-INC-01 MP-SLO-08): the longest wait is 1d by the clock on the wall: performance, low (24h) begun 2026-03-02T00:00:00Z is due 2026-03-03T00:00:00Z
          read the table of worst-case waits before you sign
        note L-10 at `"qualified-around-the-clock"` (MP-SLO-01 MP-SC-INC-01): a qualified person must answer round the clock
          put people on the rota, or plan shifts (`shift.planned`), for every instant of the term
        "#,
    );
    check_change(
        HOSTED,
        &[("day = \"8h\"", "day = \"0h\"")],
        r#"
        error R-03 at `"0h"` (SH-CAL-04 SH-CAL-05): a day of 0h is none
          write how much open time one `d` is, such as "8h"
        note L-05 at `"matrix.response"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-09): the longest wait is 6d 5h by the clock on the wall: P4, premium (3d) begun 2026-04-03T17:00:00Z is due 2026-04-09T22:00:00Z
          read the table of worst-case waits before you sign
        "#,
    );
    check_change(
        HOSTED,
        &[("rrule = \"FREQ=WEEKLY;BYDAY=SU\"", "rrule = \"FREQ=WEEKLY;BYDAY=MO\"")],
        r#"
        error R-03 at `"FREQ=WEEKLY;BYDAY=MO"` (SH-MAINT-05): the first start, 2026-03-01T02:00:00, is not a start by the rule FREQ=WEEKLY;BYDAY=MO: move it to the first one that is
          write a rule of RFC 5545 that its first start follows, such as "FREQ=WEEKLY;BYDAY=SU"
        "#,
    );
    check_change(
        HOSTED,
        &[("rrule = \"FREQ=WEEKLY;BYDAY=SU\"", "rrule = \"FREQ=HOURLY\"")],
        r#"
        error R-03 at `"FREQ=HOURLY"` (SH-MAINT-05): `FREQ=HOURLY` is not understood: write DAILY, WEEKLY, MONTHLY or YEARLY
          write a rule of RFC 5545 that its first start follows, such as "FREQ=WEEKLY;BYDAY=SU"
        "#,
    );
}

/// SH-CAL-02, A-07: a year of the term without its dates would open days that nobody promised.
#[test]
fn l_03_sh_cal_02_a_missing_holiday_year_inside_the_term() {
    check_change(
        HOSTED,
        &[(
            "2027 = [\"2027-01-01\", \"2027-03-28\", \"2027-03-29\", \"2027-04-27\", \"2027-05-06\", \"2027-05-16\", \"2027-05-17\", \"2027-12-25\", \"2027-12-26\"]\n",
            "",
        )],
        r"
        error L-03 at `[holidays.amsterdam.year]` (SH-CAL-02): holidays.amsterdam has no dates for 2027, inside the term
          list the dates both parties agree on under [holidays.amsterdam.year]
        ",
    );
    check_change(
        HOSTED,
        &[("end = 2027-03-01T00:00:00Z", "end = 2029-03-01T00:00:00Z")],
        r"
        error L-03 at `[holidays.amsterdam.year]` (SH-CAL-02): holidays.amsterdam has no dates for 2028 and 2029, inside the term
          list the dates both parties agree on under [holidays.amsterdam.year]
        ",
    );
}

#[test]
fn l_03_a_year_that_only_the_last_deadline_reaches() {
    check_change(
        HOSTED,
        &[("end = 2027-03-01T00:00:00Z", "end = 2027-12-28T00:00:00Z")],
        r"
        note L-16 at `2027-12-28T00:00:00Z` (SH-DEF-04): the term ends inside a month of UTC
          that month is judged by its covered minutes alone (A-11)
        warning L-03 at `[holidays.amsterdam.year]` (SH-CAL-02): `first-response` begun on the last day of the term runs into 2028, and holidays.amsterdam has no dates for it
          list them too under [holidays.amsterdam.year]
        ",
    );
}

#[test]
fn l_03_each_date_lies_in_its_year_once() {
    check_change(
        HOSTED,
        &[("\"2027-12-26\"]", "\"2028-12-26\"]")],
        r#"
        error L-03 at `"2028-12-26"` (SH-CAL-02): 2028-12-26 does not lie in 2027
          list it under its own year
        "#,
    );
    check_change(
        HOSTED,
        &[("\"2027-12-26\"]", "\"2027-12-25\"]")],
        r#"
        error L-03 at `"2027-12-25"` (SH-CAL-02): 2027-12-25 is listed twice
          take one of the two out, or write the date that was meant
        "#,
    );
    check_change(
        HOSTED,
        &[("2027 = [\"2027-01-01\"", "27 = [\"2027-01-01\"")],
        r#"
        error L-03 at `[holidays.amsterdam.year]` (SH-CAL-02): holidays.amsterdam has no dates for 2027, inside the term
          list the dates both parties agree on under [holidays.amsterdam.year]
        error L-03 at `27 = ["2027-01-01", "2027-03-28", "2027-03-29", "2027-04-27", "2027-05-06", "2027-05-16", "2027-05-17", "2027-12-25", "2027-12-26"]` (SH-CAL-02): `27` is no year
          write four digits, such as 2027
        "#,
    );
}

/// A-14: every 20 seconds, or the rule of 60 seconds cannot be judged.
#[test]
fn l_08_a_probe_too_slow() {
    check_change(
        HOSTED,
        &[("every = \"20s\"", "every = \"21s\"")],
        r#"
        warning L-08 at `"21s"` (SH-AVAIL-07 SH-MON-01): asked every 21s, a run of 60s holds fewer than three requests and cannot be judged
          ask at least every 20s (A-14)
        "#,
    );
    check_change(
        HOSTED,
        &[("every = \"20s\"", "every = \"0s\"")],
        r#"
        error L-08 at `"0s"` (SH-AVAIL-07 SH-MON-01): what is asked without a pause is never judged
          write how often, such as "20s"
        "#,
    );
    check_change(
        HOSTED,
        &[("timeout = \"10s\"", "timeout = \"61s\"")],
        r#"
        warning L-08 at `"61s"` (SH-AVAIL-07 SH-MON-01): an answer may take 61s, longer than the shortest run that counts
          wait at most 60s for an answer
        "#,
    );
}

/// SH-MAINT-05: a 4-hour slot, exactly.
#[test]
fn l_09_sh_maint_05_a_window_of_five_hours() {
    check_change(
        HOSTED,
        &[("length = \"4h\"", "length = \"5h\"")],
        r#"
        error L-09 at `"5h"` (SH-MAINT-05): a maintenance window is 4 hours long, not 5h
          write length = "4h"
        "#,
    );
}

#[test]
fn l_09_a_monthly_window_is_rarer_than_a_week() {
    check_change(
        HOSTED,
        &[("rrule = \"FREQ=WEEKLY;BYDAY=SU\"", "rrule = \"FREQ=MONTHLY;BYDAY=1SU\"")],
        r#"
        warning L-09 at `"FREQ=MONTHLY;BYDAY=1SU"` (SH-MAINT-05): `security-patch` (enterprise) is due in 1w, and from 2027-01-03T06:00:00Z no window opens for 34d 20h
          let the window recur more often, or give the target more time
        warning L-09 at `"FREQ=MONTHLY;BYDAY=1SU"` (SH-MAINT-05): `upgrade` (enterprise) is due in 1w, and from 2027-01-03T06:00:00Z no window opens for 34d 20h
          let the window recur more often, or give the target more time
        "#,
    );
}

#[test]
fn l_09_a_slot_that_never_opens() {
    check_change(
        HOSTED,
        &[
            ("rrule = \"FREQ=WEEKLY;BYDAY=SU\"", "rrule = \"FREQ=WEEKLY;BYDAY=SU;UNTIL=20260302\""),
            ("start = 2026-03-01T00:00:00Z", "start = 2026-04-01T00:00:00Z"),
        ],
        r#"
        error L-09 at `enterprise = "window"` (SH-MAINT-01 SH-MAINT-03 SH-MAINT-04 SH-MAINT-06 SH-MAINT-07 SH-MAINT-09): the slot `window` is never open in the term
          name another slot, or give it hours
        warning L-09 at `"FREQ=WEEKLY;BYDAY=SU;UNTIL=20260302"` (SH-MAINT-05): `security-patch` (enterprise) is due in 1w, and from 2026-04-01T00:00:00Z no window opens for 334d
          let the window recur more often, or give the target more time
        warning L-09 at `"FREQ=WEEKLY;BYDAY=SU;UNTIL=20260302"` (SH-MAINT-05): `upgrade` (enterprise) is due in 1w, and from 2026-04-01T00:00:00Z no window opens for 334d
          let the window recur more often, or give the target more time
        "#,
    );
}

#[test]
fn l_16_months_of_two_zones() {
    check_change(
        HOSTED,
        &[(
            "period = \"calendar-month\"\ntz = \"UTC\"",
            "period = \"calendar-month\"\ntz = \"Europe/Amsterdam\"",
        )],
        r#"
        note L-16 at `2026-03-01T00:00:00Z` (SH-DEF-04): the term starts inside a month of Europe/Amsterdam
          that month is judged by its covered minutes alone (A-11)
        note L-16 at `2027-03-01T00:00:00Z` (SH-DEF-04): the term ends inside a month of Europe/Amsterdam
          that month is judged by its covered minutes alone (A-11)
        warning L-16 at `"Europe/Amsterdam"` (SH-AVAIL-01 SH-AVAIL-02 SH-AVAIL-03 SH-AVAIL-06 SH-AVAIL-08 SH-DEF-06 SH-DEF-07): objectives are judged by months of Europe/Amsterdam, invoices by months of UTC
          write tz = "UTC", or agree in a reading of A-12 that invoices follow this zone
        "#,
    );
    check_change(
        HOSTED,
        &[("start = 2026-03-01T00:00:00Z", "start = 2026-03-11T00:00:00Z")],
        r"
        note L-16 at `2026-03-11T00:00:00Z` (SH-DEF-04): the term starts inside a month of UTC
          that month is judged by its covered minutes alone (A-11)
        ",
    );
}

/// SH-AVAIL-08: each month is judged by the version in force at its first covered instant, so a later version starts with a
/// month. The first version may start on any day.
#[test]
fn l_16_sh_avail_08_a_version_that_takes_effect_inside_a_month() {
    let first = Agreement::read(HOSTED).0.unwrap();
    let starting = |start: &str| {
        let text = super::plain(HOSTED).replace("start = 2026-03-01T00:00:00Z", &format!("start = {start}"));
        let version = Agreement::read(&text).0.unwrap();
        told(&text, &version.lint_after(&first))
    };
    let told = starting("2026-09-15T00:00:00Z");
    assert!(told.starts_with("error L-16 at `2026-09-15T00:00:00Z` (SH-AVAIL-01 "), "{told}");
    assert!(told.contains("would take effect inside a month that the earlier one judges"), "{told}");
    assert_eq!(starting("2026-09-01T00:00:00Z"), "");
    assert_eq!(starting("2027-03-15T00:00:00Z"), "", "nothing is in force then any more");
    let partial =
        super::plain(HOSTED).replace("start = 2026-03-01T00:00:00Z", "start = 2026-03-11T00:00:00Z");
    assert!(found(&partial).iter().all(|f| f.weight > agreement::Weight::Error));
}
