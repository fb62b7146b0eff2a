//! What cannot be read: every mistake at once, each where it stands.

use super::{check_change, found};
use crate::shipped::HOSTED;

#[test]
fn unknown_keys_events_and_words() {
    check_change(
        HOSTED,
        &[("timeout = \"10s\"", "time_out = \"10s\"")],
        r"
        error read at `time_out`: `time_out` is no key of this table
          did you mean `timeout`?
        error read at `[probe]`: `timeout` is missing
          add `timeout = …`
        ",
    );
    check_change(
        HOSTED,
        &[("on = \"appeal.opened\"", "on = \"appeal.open\"")],
        r#"
        error read at `"appeal.open"`: `appeal.open` is no event
          did you mean "appeal.opened"?
        "#,
    );
    check_change(
        HOSTED,
        &[("compare = \"exact\"", "compare = \"rounded\"")],
        r#"
        error read at `"rounded"`: `rounded` is not known here
          write one of: exact
        "#,
    );
    check_change(
        HOSTED,
        &[("format = \"agreement/1\"", "format = \"agreement/2\"")],
        r#"
        error read at `"agreement/2"`: `agreement/2` is not known here
          did you mean "agreement/1"?
        "#,
    );
}

#[test]
fn lengths_zones_numbers_dates_and_instants() {
    check_change(
        HOSTED,
        &[("within = \"60d\"", "within = \"60 days\"")],
        r#"
        error read at `"60 days"`: a time was expected, not `60 days`
          write "8h", "matrix.NAME", "with:OBLIGATION", "same-action", "unset", or one per tier
        "#,
    );
    check_change(
        HOSTED,
        &[("tz = \"Europe/Amsterdam\"", "tz = \"Europe/Amsterdm\"")],
        r#"
        error read at `"Europe/Amsterdm"`: a time zone was expected, not `Europe/Amsterdm`
          write a name of the tz database, such as "Europe/Amsterdam" or "UTC"
        "#,
    );
    check_change(
        HOSTED,
        &[("premium = \"99.95\", enterprise = \"99.99\"", "premium = 99.95, enterprise = \"199.99\"")],
        r#"
        error read at `"199.99"`: a percentage in quotes was expected, not `199.99`
          write a number from "0" to "100" with at most six decimals, such as "99.95"
        error read at `99.95`: a percentage in quotes was expected, not a float
          write a number from "0" to "100" with at most six decimals, such as "99.95"
        "#,
    );
    check_change(
        HOSTED,
        &[("premium = \"500.00\"", "premium = \"500,00\"")],
        r#"
        error read at `"500,00"`: an amount of money in quotes was expected, not `500,00`
          write digits with two decimals, such as "500.00"
        "#,
    );
    check_change(
        HOSTED,
        &[("\"2026-04-27\", \"2026-05-14\"", "\"2026-02-30\", \"2026-05-14\"")],
        r#"
        error read at `"2026-02-30"`: a date was expected, not `2026-02-30`
          write 2026-12-25
        "#,
    );
    check_change(
        HOSTED,
        &[("start = 2026-03-01T00:00:00Z", "start = 2026-03-01")],
        r"
        error read at `2026-03-01`: an instant with its offset was expected, not a datetime
          write 2026-03-01T00:00:00Z, without quotes
        ",
    );
    check_change(
        HOSTED,
        &[("max = \"10.0\"", "max = \"10.1\"")],
        r#"
        error read at `"10.1"`: a CVSS score in quotes was expected, not `10.1`
          write "0.0" to "10.0"
        "#,
    );
}

#[test]
fn one_typo_never_hides_the_next() {
    let text = HOSTED
        .replace("= \"provider\"\nbinding", "= \"supplier\"\nbinding")
        .replace("\"request.", "\"requst.");
    let wrong = found(&text);
    assert!(wrong.len() > 20, "{wrong:?}");
    assert!(wrong.iter().all(|f| f.rule == "read"));
}
