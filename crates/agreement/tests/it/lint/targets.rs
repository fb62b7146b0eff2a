//! Matrices, ladders, notices and who is on call.

use super::check_change;
use crate::shipped::{HOSTED, ISOLATED};

#[test]
fn l_04_a_matrix_with_a_hole() {
    check_change(
        HOSTED,
        &[(
            "{ standard = \"7d\", premium = \"3d\", enterprise = \"1d\" }",
            "{ standard = \"7d\", enterprise = \"1d\" }",
        )],
        r#"
        error L-04 at `{ standard = "7d", enterprise = "1d" }` (SH-SLO-09): row `P4` has no time for premium
          give every cell a time
        "#,
    );
    check_change(
        HOSTED,
        &[(
            "[matrix.response.row.P4]\nclause = [\"SH-SLO-09\"]\nwithin = { standard = \"7d\", premium = \"3d\", enterprise = \"1d\" }\n",
            "",
        )],
        r#"
        warning L-14 at `["SH-DEF-01", "SH-DEF-02", "SH-DEF-05"]` (SH-SLO-09): SH-SLO-09 of SH has no entry
          add an entry for each, or agree in writing that it does not apply
        error L-04 at `[matrix.response]` (SH-SLO-05): matrix `response` has no row `P4`
          add [matrix.response.row.P4]
        note L-05 at `"matrix.response"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-01 SH-SLO-08): the longest wait is 5d by the clock on the wall: P3, standard (2d) begun 2026-04-02T17:00:00Z is due 2026-04-07T17:00:00Z
          read the table of worst-case waits before you sign
        "#,
    );
    check_change(
        HOSTED,
        &[
            ("{ standard = \"7d\", premium = \"3d\"", "{ gold = \"1h\", standard = \"7d\", premium = \"3d\""),
            (
                "[matrix.response.row.P3]",
                "[matrix.response.row.P5]\nclause = [\"SH-SLO-05\"]\nwithin = { standard = \"9d\" }\n\n[matrix.response.row.P3]",
            ),
        ],
        r#"
        error L-04 at `[matrix.response.row.P5]` (SH-SLO-05): `P5` is no priority
          did you mean "P1"?
        error L-04 at `gold = "1h"` (SH-SLO-09): `gold` is no tier
          write one of: standard, premium, enterprise
        "#,
    );
}

/// A row that is more severe and yet due later, in one calendar.
#[test]
fn l_04_a_row_out_of_order() {
    check_change(
        HOSTED,
        &[("{ standard = \"12h\"", "{ standard = \"17h\"")],
        r#"
        error L-04 at `standard = "17h"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-07): P2, standard (17h) is due later than P3, standard (2d): what begins 2026-03-01T00:00:00Z is due 2026-03-04T10:00:00Z against 2026-03-03T17:00:00Z
          give the more severe one the shorter time or the wider hours
        "#,
    );
}

/// Nine hours of the longer calendar end before eight of the shorter one, except in the middle of a week: only walking
/// through the term shows it.
#[test]
fn l_04_a_higher_tier_that_is_slower_on_some_days_only() {
    check_change(
        HOSTED,
        &[("{ standard = \"8h\", premium = \"4h\"", "{ standard = \"8h\", premium = \"9h\"")],
        r#"
        error L-04 at `premium = "9h"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-02 SH-SLO-06): P1, premium (9h) is due later than P2, premium (8h): what begins 2026-03-01T00:00:00Z is due 2026-03-02T02:00:00Z against 2026-03-02T01:00:00Z
          give the more severe one the shorter time or the wider hours
        error L-04 at `premium = "9h"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-02 SH-SLO-06): P1, premium (9h) is due later than P1, standard (8h): what begins 2026-03-02T09:00:00Z is due 2026-03-02T18:00:00Z against 2026-03-02T17:00:00Z
          give the higher tier the shorter time or the wider hours
        "#,
    );
    check_change(
        ISOLATED,
        &[("{ critical = \"1h\", high = \"8h\"", "{ critical = \"9h\", high = \"8h\"")],
        r#"
        error L-04 at `critical = "9h"` (MP-SLO-01 MP-SC-INC-01 MP-SLO-09): service, critical (9h) is due later than service, high (8h): what begins 2026-03-02T00:00:00Z is due 2026-03-03T09:00:00Z against 2026-03-02T16:00:00Z
          give the more severe one the shorter time or the wider hours
        "#,
    );
}

#[test]
fn l_04_a_higher_tier_with_more_time() {
    check_change(
        HOSTED,
        &[(
            "within = { standard = \"2w\", premium = \"1w\", enterprise = \"1w\" }",
            "within = { standard = \"2w\", premium = \"3w\", enterprise = \"1w\" }",
        )],
        r#"
        warning L-12 at `{ standard = "2w", premium = "3w", enterprise = "1w" }` (SH-SEC-01 SH-MAINT-11): `security-patch` leaves no time after the notice of 7d (`maintenance-notice`), for enterprise (1w)
          agree which of the two stands back, or that both stand and the notice is best effort (A-25)
        error L-04 at `premium = "3w"` (SH-SEC-01): premium (3w) is due later than standard (2w): what begins 2026-03-01T00:00:00Z is due 2026-03-22T00:00:00Z against 2026-03-15T00:00:00Z
          give the higher tier the shorter time or the wider hours
        "#,
    );
}

#[test]
fn l_05_a_target_that_its_calendar_cannot_hold() {
    check_change(
        HOSTED,
        &[("{ standard = \"7d\", premium = \"3d\"", "{ standard = \"700d\", premium = \"3d\"")],
        r#"
        error L-05 at `standard = "700d"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-09): 700d (P4, standard) does not fit into calendar `bh` before a year after the term
          name a shorter time, or wider hours
        note L-05 at `"matrix.response"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-09): the longest wait is 6d 5h by the clock on the wall: P4, premium (3d) begun 2026-04-03T17:00:00Z is due 2026-04-09T22:00:00Z
          read the table of worst-case waits before you sign
        "#,
    );
}

#[test]
fn l_06_a_ladder_with_a_gap_an_overlap_and_a_wrong_order() {
    check_change(
        HOSTED,
        &[("below = \"99.0\"", "below = \"98.0\"")],
        r#"
        error L-06 at `"98.0"` (SH-CRED-05): the band leaves a gap to the one above it
          write below = "99"
        "#,
    );
    check_change(
        HOSTED,
        &[("below = \"99.0\"", "below = \"99.5\"")],
        r#"
        error L-06 at `"99.5"` (SH-CRED-05): the band overlaps with the one above it
          write below = "99"
        "#,
    );
    check_change(
        HOSTED,
        &[("below = \"objective\"", "below = \"99.9\"")],
        r#"
        error L-06 at `"99.9"` (SH-CRED-04): the band does not begin at the objective
          write below = "objective"
        "#,
    );
    check_change(
        HOSTED,
        &[("at_least = \"95.0\"", "at_least = \"99.5\"")],
        r#"
        error L-06 at `"99.5"` (SH-CRED-05): the band ends at 99.5%, not below where it begins (99%)
          list the bands from the best uptime to the worst
        error L-06 at `"95.0"` (SH-CRED-06): the band leaves a gap to the one above it
          write below = "99.5"
        "#,
    );
    check_change(
        HOSTED,
        &[("below = \"95.0\"\n", "at_least = \"90.0\"\nbelow = \"95.0\"\n")],
        r#"
        error L-06 at `"90.0"` (SH-CRED-06): nothing is credited below 90%
          leave `at_least` out of the last band
        "#,
    );
    check_change(
        HOSTED,
        &[("at_least = \"99.0\"", "at_least = \"99.9\""), ("below = \"99.0\"", "below = \"99.9\"")],
        r#"
        error L-06 at `"99.9"` (SH-CRED-04): the first band of standard is empty: its objective is 99.9%
          let the band begin below every objective
        "#,
    );
    check_change(
        HOSTED,
        &[(
            "percent = { standard = \"25\", premium = \"50\", enterprise = \"75\" }",
            "percent = { standard = \"25\", premium = \"20\", enterprise = \"75\" }",
        )],
        r#"
        error L-06 at `premium = "20"` (SH-CRED-05): worse uptime earns less: 20% after 25%, for premium
          let the credit grow from band to band
        "#,
    );
}

#[test]
fn l_06_bands_of_severity() {
    check_change(
        HOSTED,
        &[("name = \"high\", min = \"7.0\"", "name = \"high\", min = \"6.9\"")],
        r#"
        error L-06 at `"6.9"` (SH-SEC-02 SH-SEC-03 SH-SEC-04 SH-SEC-05 SH-SEC-06): the band `high` overlaps with the one before it
          write min = "7.0"
        "#,
    );
    check_change(
        HOSTED,
        &[("name = \"high\", min = \"7.0\"", "name = \"high\", min = \"7.5\"")],
        r#"
        error L-06 at `"7.5"` (SH-SEC-02 SH-SEC-03 SH-SEC-04 SH-SEC-05 SH-SEC-06): the band `high` leaves a gap to the one before it
          write min = "7.0"
        "#,
    );
    check_change(
        HOSTED,
        &[("{ name = \"critical\", min = \"9.0\", max = \"10.0\" },\n", "")],
        r#"
        error L-06 at `[` (SH-SEC-02 SH-SEC-03 SH-SEC-04 SH-SEC-05 SH-SEC-06): no band holds scores from 9.0 to 10.0
          let the last band end at "10.0"
        "#,
    );
}

/// A-17: below the ladder's highest share the cap binds, and nothing is said for that tier.
#[test]
fn l_07_a_cap_that_binds_for_one_tier() {
    let (from, to) = (
        "percent = { standard = \"50\", premium = \"75\", enterprise = \"100\" }\nof",
        "percent = { standard = \"50\", premium = \"60\", enterprise = \"100\" }\nof",
    );
    check_change(
        HOSTED,
        &[(from, to)],
        r#"
        warning L-07 at `{ standard = "50", premium = "60", enterprise = "100" }` (SH-CRED-01 SH-CRED-08 SH-CRED-09): the cap never binds for standard and enterprise: the ladder cannot give more
          if the cap was meant as an amount or per instance, say so before you sign (A-17)
        "#,
    );
}

/// MP-SC-INC-01: around the clock somebody must be on call.
#[test]
fn l_10_who_is_on_call() {
    check_change(
        ISOLATED,
        &[("coverage = \"qualified-around-the-clock\"\n", "")],
        r#"
        warning L-10 at `{ outage = "always", performance = "always", service = "business" }` (MP-SLO-01 MP-SC-INC-01): a qualified person must answer round the clock for outage and performance, and nothing notices when nobody is on call
          add `coverage = "qualified-around-the-clock"`
        "#,
    );
    check_change(
        HOSTED,
        &[("chosen = \"premium\"", "chosen = \"enterprise\"")],
        r#"
        warning L-10 at `{ standard = "bh", premium = "hop", enterprise = "always" }` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02): a person must answer round the clock, and nothing notices when nobody is on call
          add `coverage = "qualified-around-the-clock"`
        "#,
    );
}

/// A-25: a notice of 14 days takes in every tier's time.
#[test]
fn l_12_a_longer_notice_than_any_target() {
    check_change(
        HOSTED,
        &[("by = \"7d\"", "by = \"14d\"")],
        r#"
        warning L-12 at `{ standard = "2w", premium = "1w", enterprise = "1w" }` (SH-SEC-01 SH-MAINT-11): `security-patch` leaves no time after the notice of 14d (`maintenance-notice`), for standard (2w), premium (1w) and enterprise (1w)
          agree which of the two stands back, or that both stand and the notice is best effort (A-25)
        warning L-12 at `{ standard = "4w", premium = "2w", enterprise = "1w" }` (SH-MAINT-02 SH-MAINT-10 SH-MAINT-11): `upgrade` leaves no time after the notice of 14d (`maintenance-notice`), for premium (2w) and enterprise (1w)
          agree which of the two stands back, or that both stand and the notice is best effort (A-25)
        "#,
    );
    check_change(HOSTED, &[("by = \"7d\"", "by = \"6d\"")], "");
}

#[test]
fn r_11_a_reminder_that_never_comes() {
    check_change(
        HOSTED,
        &[("premium = [\"due-3d\"]", "premium = [\"due-3d\", \"2w\", \"due-20d\"]")],
        r#"
        warning R-11 at `premium = ["due-3d", "2w", "due-20d"]` (SH-MAINT-02 SH-MAINT-10): the reminder "2w" never comes, for premium (2w)
          remind earlier, or by percent of the time: "50%"
        warning R-11 at `premium = ["due-3d", "2w", "due-20d"]` (SH-MAINT-02 SH-MAINT-10): the reminder "due-20d" never comes, for premium (2w)
          remind earlier, or by percent of the time: "50%"
        "#,
    );
}

#[test]
fn l_15_identical_cells() {
    check_change(
        HOSTED,
        &[("{ standard = \"8h\", premium = \"4h\"", "{ standard = \"8h\", premium = \"8h\"")],
        r#"
        warning L-15 at `premium = "8h"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-07): P1, premium and P2, premium are both 8h
          a slip? If it is meant, nothing is to do
        "#,
    );
}
