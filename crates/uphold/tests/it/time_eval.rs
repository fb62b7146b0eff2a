//! `uphold time eval`: questions as people write them, answers to the letter. The rules themselves are tested in `spans`
//! against an oracle; here stands that the words of a question reach them.

use crate::run::uphold_with;

const OFFICE: &str = r#""hours":{"mon":[["09:00","17:00"]],"tue":[["09:00","17:00"]],"wed":[["09:00","17:00"]],"thu":[["09:00","17:00"]],"fri":[["09:00","17:00"]]}"#;
const DAILY: &str = r#""hours":{"mon":[["09:00","17:00"]],"tue":[["09:00","17:00"]],"wed":[["09:00","17:00"]],"thu":[["09:00","17:00"]],"fri":[["09:00","17:00"]],"sat":[["09:00","17:00"]],"sun":[["09:00","17:00"]]}"#;

/// Each question is written without its braces and name; its answer likewise.
#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let questions =
        cases.iter().enumerate().map(|(i, (question, _))| format!("{{\"name\":\"{i}\",{question}}}\n"));
    let answers = uphold_with(&["time", "eval"], &questions.collect::<String>()).ok();
    assert_eq!(answers.lines().count(), cases.len());
    for (i, (answer, (question, expected))) in answers.lines().zip(cases).enumerate() {
        assert_eq!(answer, format!("{{\"name\":\"{i}\",{expected}}}"), "{question}");
    }
}

/// The same with a calendar in front of each.
#[track_caller]
fn check_in(calendar: &str, cases: &[(&str, &str)]) {
    let full: Vec<String> = cases.iter().map(|(question, _)| format!("{calendar},{question}")).collect();
    let cases: Vec<(&str, &str)> =
        full.iter().map(String::as_str).zip(cases.iter().map(|(_, a)| *a)).collect();
    check(&cases);
}

#[test]
fn deadlines_in_office_hours() {
    check_in(
        &format!(r#""zone":"UTC",{OFFICE}"#),
        &[
            // 6 March 2026 is a Friday. Spent exactly at closing: due at closing.
            (
                r#""op":"deadline","start":"2026-03-06T18:00:00Z","amount_minutes":480"#,
                r#""due":"2026-03-09T17:00:00Z""#,
            ),
            (
                r#""op":"deadline","start":"2026-03-06T16:30:00Z","amount_minutes":30"#,
                r#""due":"2026-03-06T17:00:00Z""#,
            ),
            (
                r#""op":"deadline","start":"2026-03-06T16:30:00Z","amount_minutes":31"#,
                r#""due":"2026-03-09T09:01:00Z""#,
            ),
            (
                r#""op":"deadline","start":"2026-03-06T17:30:00+01:00","amount_minutes":31"#,
                r#""due":"2026-03-09T09:01:00Z""#,
            ),
            (
                r#""op":"deadline","start":"2026-03-06T16:59:59.5Z","amount_minutes":1"#,
                r#""due":"2026-03-09T09:00:59.5Z""#,
            ),
            // Nothing to wait for: due at once, open or closed.
            (
                r#""op":"deadline","start":"2026-03-07T12:00:00Z","amount_minutes":0"#,
                r#""due":"2026-03-07T12:00:00Z""#,
            ),
            // A year of office hours: 261 working days.
            (
                r#""op":"deadline","start":"2026-01-01T00:00:00Z","amount_minutes":125280"#,
                r#""due":"2026-12-31T17:00:00Z""#,
            ),
        ],
    );
}

#[test]
fn elapsed_time_is_a_decimal_number() {
    check_in(
        &format!(r#""zone":"UTC",{OFFICE}"#),
        &[
            (
                r#""op":"elapsed","start":"2026-03-06T16:00:00Z","end":"2026-03-09T10:00:00Z""#,
                r#""elapsed_minutes":120"#,
            ),
            (
                r#""op":"elapsed","start":"2026-03-09T09:00:00Z","end":"2026-03-09T10:30:30Z""#,
                r#""elapsed_minutes":90.5"#,
            ),
            (
                r#""op":"elapsed","start":"2026-03-09T09:00:00Z","end":"2026-03-09T09:00:01Z""#,
                r#""elapsed_minutes":0.016666667"#,
            ),
            (
                r#""op":"elapsed","start":"2026-03-07T00:00:00Z","end":"2026-03-08T00:00:00Z""#,
                r#""elapsed_minutes":0"#,
            ),
            (
                r#""op":"elapsed","start":"2026-03-09T10:00:00Z","end":"2026-03-09T10:00:00Z""#,
                r#""elapsed_minutes":0"#,
            ),
            (
                r#""op":"elapsed","start":"2026-03-09T10:00:00Z","end":"2026-03-09T09:00:00Z""#,
                r#""error":"`end`, 2026-03-09T09:00:00Z, lies before `start`, 2026-03-09T10:00:00Z: write the earlier instant as `start`""#,
            ),
        ],
    );
}

#[test]
fn clock_changes_are_asked_of_the_wall_clock() {
    check(&[
        // Amsterdam, 29 March 2026: 02:00 to 03:00 does not exist.
        (
            r#""zone":"Europe/Amsterdam","hours":{"sun":[["01:00","04:00"]]},"op":"elapsed","start":"2026-03-28T12:00:00Z","end":"2026-03-30T00:00:00Z""#,
            r#""elapsed_minutes":120"#,
        ),
        (
            r#""zone":"Europe/Amsterdam","hours":{"sun":[["02:15","02:45"]]},"op":"elapsed","start":"2026-03-28T12:00:00Z","end":"2026-03-30T00:00:00Z""#,
            r#""elapsed_minutes":0"#,
        ),
        // And 25 October has it twice.
        (
            r#""zone":"Europe/Amsterdam","hours":{"sun":[["02:00","03:00"]]},"op":"elapsed","start":"2026-10-24T12:00:00Z","end":"2026-10-26T00:00:00Z""#,
            r#""elapsed_minutes":120"#,
        ),
        (
            r#""zone":"Europe/Amsterdam","hours":{"sun":[["02:00","03:00"]]},"op":"deadline","start":"2026-10-24T12:00:00Z","amount_minutes":90"#,
            r#""due":"2026-10-25T01:30:00Z""#,
        ),
        // Lord Howe turns its clocks by half an hour: 01:30 to 02:00 came twice on 5 April 2026.
        (
            r#""zone":"Australia/Lord_Howe","hours":{"sun":[["01:00","02:00"]]},"op":"elapsed","start":"2026-04-04T00:00:00Z","end":"2026-04-06T00:00:00Z""#,
            r#""elapsed_minutes":90"#,
        ),
        // Samoa had no 30 December 2011, so its hours never came and a holiday on it closes nothing.
        (
            &format!(
                r#""zone":"Pacific/Apia",{DAILY},"op":"elapsed","start":"2011-12-29T10:00:00Z","end":"2011-12-31T10:00:00Z""#
            ),
            r#""elapsed_minutes":960"#,
        ),
        (
            &format!(
                r#""zone":"Pacific/Apia",{DAILY},"holidays":[{{"date":"2011-12-30"}}],"op":"elapsed","start":"2011-12-29T10:00:00Z","end":"2011-12-31T10:00:00Z""#
            ),
            r#""elapsed_minutes":960"#,
        ),
        (
            &format!(
                r#""zone":"Pacific/Apia",{DAILY},"op":"deadline","start":"2011-12-29T19:00:00Z","amount_minutes":481"#
            ),
            r#""due":"2011-12-30T19:01:00Z""#,
        ),
    ]);
}

#[test]
fn holidays_breaks_special_days_and_night_hours() {
    check(&[
        // SH-CAL-02: Hours of Operation in UTC, King's Day in Amsterdam from Sunday 22:00Z to Monday 22:00Z.
        (
            r#""zone":"UTC","hours":{"sun":[["17:00","24:00"]],"mon":[["00:00","24:00"]],"tue":[["00:00","24:00"]]},"holidays":[{"date":"2026-04-27","zone":"Europe/Amsterdam"}],"op":"deadline","start":"2026-04-26T21:00:00Z","amount_minutes":240"#,
            r#""due":"2026-04-28T01:00:00Z""#,
        ),
        // The calendar's own zone where a holiday names none.
        (
            &format!(
                r#""zone":"Europe/Amsterdam",{OFFICE},"holidays":[{{"date":"2026-04-27"}}],"op":"deadline","start":"2026-04-27T08:00:00Z","amount_minutes":1"#
            ),
            r#""due":"2026-04-28T07:01:00Z""#,
        ),
        (
            &format!(
                r#""zone":"UTC",{OFFICE},"breaks":[{{"date":"2026-03-09","start":"12:00","end":"13:00"}}],"op":"deadline","start":"2026-03-09T11:30:00Z","amount_minutes":31"#
            ),
            r#""due":"2026-03-09T13:01:00Z""#,
        ),
        (
            &format!(
                r#""zone":"UTC",{OFFICE},"special_days":{{"2026-12-24":[["09:00","12:00"]],"2026-12-25":[]}},"op":"elapsed","start":"2026-12-24T00:00:00Z","end":"2026-12-26T00:00:00Z""#
            ),
            r#""elapsed_minutes":180"#,
        ),
        (
            &format!(
                r#""zone":"UTC",{OFFICE},"special_days":{{"2026-12-25":[["10:00","11:00"]]}},"holidays":[{{"date":"2026-12-25"}}],"op":"elapsed","start":"2026-12-25T00:00:00Z","end":"2026-12-26T00:00:00Z""#
            ),
            r#""elapsed_minutes":60"#,
        ),
        // Night hours are cut at midnight: Tuesday's holiday closes their second part.
        (
            r#""zone":"UTC","hours":{"mon":[["22:00","06:00"]]},"op":"elapsed","start":"2026-03-09T00:00:00Z","end":"2026-03-11T00:00:00Z""#,
            r#""elapsed_minutes":480"#,
        ),
        (
            r#""zone":"UTC","hours":{"mon":[["22:00","06:00"]]},"holidays":[{"date":"2026-03-10"}],"op":"elapsed","start":"2026-03-09T00:00:00Z","end":"2026-03-11T00:00:00Z""#,
            r#""elapsed_minutes":120"#,
        ),
        // Overlapping and touching hours are open once.
        (
            r#""zone":"UTC","hours":{"mon":[["09:00","12:00"],["11:00","13:00"],["13:00","14:00"]]},"op":"elapsed","start":"2026-03-09T00:00:00Z","end":"2026-03-10T00:00:00Z""#,
            r#""elapsed_minutes":300"#,
        ),
    ]);
}

#[test]
fn clocks_with_pauses() {
    check_in(
        &format!(r#""zone":"UTC",{OFFICE},"op":"clock","start":"2026-03-06T15:00:00Z""#),
        &[
            (
                r#""budget_minutes":240,"now":"2026-03-09T11:00:00Z""#,
                r#""due":"2026-03-09T11:00:00Z","elapsed_minutes":240,"breached":false"#,
            ),
            (
                r#""budget_minutes":240,"pauses":[],"now":"2026-03-09T11:00:00.000001Z""#,
                r#""due":"2026-03-09T11:00:00Z","elapsed_minutes":240.000000017,"breached":true"#,
            ),
            (
                r#""budget_minutes":240,"pauses":[["2026-03-06T16:00:00Z","2026-03-09T10:00:00Z"]],"now":"2026-03-09T11:00:00Z""#,
                r#""due":"2026-03-09T13:00:00Z","elapsed_minutes":120,"breached":false"#,
            ),
            // Overlapping pauses count once; what lies before the start is none of the clock's.
            (
                r#""budget_minutes":240,"pauses":[["2026-03-09T09:30:00Z","2026-03-09T10:00:00Z"],["2026-03-01T00:00:00Z","2026-03-06T16:00:00Z"],["2026-03-06T15:30:00Z","2026-03-09T09:45:00Z"]],"now":"2026-03-09T11:00:00Z""#,
                r#""due":"2026-03-09T14:00:00Z","elapsed_minutes":60,"breached":false"#,
            ),
            // An open pause hides the due time, unless the budget was spent before it.
            (
                r#""budget_minutes":240,"pauses":[["2026-03-06T16:00:00Z",null]],"now":"2026-03-20T00:00:00Z""#,
                r#""due":null,"elapsed_minutes":60,"breached":false"#,
            ),
            (
                r#""budget_minutes":60,"pauses":[["2026-03-06T16:00:00Z",null]],"now":"2026-03-20T00:00:00Z""#,
                r#""due":"2026-03-06T16:00:00Z","elapsed_minutes":60,"breached":true"#,
            ),
            (
                r#""budget_minutes":0,"now":"2026-03-06T15:00:00Z""#,
                r#""due":"2026-03-06T15:00:00Z","elapsed_minutes":0,"breached":false"#,
            ),
            // Late on Saturday, though no open minute passed since.
            (
                r#""budget_minutes":120,"now":"2026-03-07T12:00:00Z""#,
                r#""due":"2026-03-06T17:00:00Z","elapsed_minutes":120,"breached":true"#,
            ),
        ],
    );
}

#[test]
fn a_budget_that_never_comes_is_an_error_and_ends_nothing() {
    check(&[
        (
            r#""zone":"Europe/Amsterdam","hours":{},"op":"deadline","start":"2026-03-06T18:00:00Z","amount_minutes":1"#,
            r#""error":"calendar `0` does not have 1m of open time between 2026-03-06T18:00:00Z and 9999-12-30T22:00:00Z, as far as time is told here: are its hours and dates as meant?""#,
        ),
        (
            r#""zone":"UTC","hours":{},"special_days":{"2026-03-10":[["09:00","10:00"]]},"op":"deadline","start":"2026-03-06T18:00:00Z","amount_minutes":61"#,
            r#""error":"calendar `1` does not have 1h 1m of open time between 2026-03-06T18:00:00Z and 9999-12-30T22:00:00Z, as far as time is told here: are its hours and dates as meant?""#,
        ),
        (
            r#""zone":"UTC","hours":{},"special_days":{"2026-03-10":[["09:00","10:00"]]},"op":"deadline","start":"2026-03-06T18:00:00Z","amount_minutes":60"#,
            r#""due":"2026-03-10T10:00:00Z""#,
        ),
        (
            r#""zone":"UTC","hours":{},"op":"clock","start":"2026-03-06T18:00:00Z","budget_minutes":1,"now":"2026-03-06T18:00:00Z""#,
            r#""error":"calendar `3` does not have 1m of open time between 2026-03-06T18:00:00Z and 9999-12-30T22:00:00Z, as far as time is told here: are its hours and dates as meant?""#,
        ),
        (
            r#""zone":"UTC","hours":{"mon":[["00:00","24:00"]]},"op":"deadline","start":"2026-03-06T18:00:00Z","amount_minutes":9000000000"#,
            r#""error":"calendar `4` does not have 150000000h of open time between 2026-03-06T18:00:00Z and 9999-12-30T22:00:00Z, as far as time is told here: are its hours and dates as meant?""#,
        ),
    ]);
}

#[test]
fn a_wrong_question_says_what_is_wrong_and_the_next_one_is_answered() {
    let questions = [
        "not json",
        r#"{"name":"cut off","zone":"UTC""#,
        "[1]",
        "",
        r#"{"name":"zone","zone":"Mars","hours":{},"op":"deadline"}"#,
        r#"{"name":"time","zone":"UTC","hours":{"mon":[["9:00","17:00"]]},"op":"deadline"}"#,
        r#"{"name":"empty hours","zone":"UTC","hours":{"mon":[["09:00","09:00"]]},"op":"deadline","start":"2026-03-06T18:00:00Z","amount_minutes":1}"#,
        r#"{"name":"day","zone":"UTC","hours":{"monday":[]},"op":"deadline"}"#,
        r#"{"name":"doubled","zone":"UTC","hours":{"mon":[],"mon":[]},"op":"deadline"}"#,
        r#"{"name":"special","zone":"UTC","hours":{},"special_days":{"2026-12-24":[],"2026-12-24":[]},"op":"deadline"}"#,
        r#"{"name":"date","zone":"UTC","hours":{},"holidays":[{"date":"2026-02-30"}],"op":"deadline"}"#,
        r#"{"name":"no offset","zone":"UTC","hours":{},"op":"deadline","start":"2026-03-06T18:00:00"}"#,
        r#"{"name":"fraction","zone":"UTC","hours":{},"op":"deadline","amount_minutes":1.5}"#,
        r#"{"name":"negative","zone":"UTC","hours":{},"op":"deadline","amount_minutes":-1}"#,
        r#"{"name":"unknown","zone":"UTC","hours":{},"op":"deadline","colour":"red"}"#,
        r#"{"name":"op","zone":"UTC","hours":{},"op":"due"}"#,
        r#"{"name":"missing","zone":"UTC","hours":{},"op":"deadline","start":"2026-03-06T18:00:00Z"}"#,
        r#"{"name":"stray","zone":"UTC","hours":{},"op":"elapsed","start":"2026-03-06T18:00:00Z","end":"2026-03-06T18:00:00Z","pauses":[["2026-03-06T18:00:00Z",null]]}"#,
        r#"{"name":{"any":["thing"]},"zone":"UTC","hours":{},"op":"elapsed","start":"2026-03-06T18:00:00Z","end":"2026-03-06T18:00:00Z"}"#,
    ];
    let answers = uphold_with(&["time", "eval"], &questions.join("\n")).ok();
    insta::assert_snapshot!(answers.replace(spans::tzdata(), "TZDATA"), @r#"
    {"name":null,"error":"this line is not JSON: expected ident (column 2)"}
    {"name":null,"error":"this line is not JSON: EOF while parsing an object (column 30)"}
    {"name":null,"error":"a question is a JSON object, not a list"}
    {"name":"zone","error":"`Mars` is not a zone of the tz database (TZDATA): write a name such as Europe/Amsterdam or UTC (column 28)"}
    {"name":"time","error":"`9:00` is not a time on the wall: write 00:00 to 24:00, two digits each (column 51)"}
    {"name":"empty hours","error":"hours from 09:00 to 09:00 hold no time: write 00:00 to 24:00 for a whole day, `always` for a whole week"}
    {"name":"day","error":"unknown field `monday`, expected one of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun` (column 44)"}
    {"name":"doubled","error":"duplicate field `mon` (column 54)"}
    {"name":"special","error":"special day 2026-12-24 stands twice (column 90)"}
    {"name":"date","error":"`2026-02-30` is not a date: write year, month and day, such as 2026-12-25 (column 72)"}
    {"name":"no offset","error":"`2026-03-06T18:00:00` is not an instant: write a date, a time and an offset, such as 2026-03-09T17:00:00Z or …+01:00 (column 89)"}
    {"name":"fraction","error":"found floating point `1.5`, expected a whole number of minutes, 0 or more (column 79)"}
    {"name":"negative","error":"found integer `-1`, expected a whole number of minutes, 0 or more (column 78)"}
    {"name":"unknown","error":"unknown field `colour`, expected one of `name`, `zone`, `hours`, `holidays`, `breaks`, `special_days`, `op`, `start`, `end`, `amount_minutes`, `budget_minutes`, `pauses`, `now` (column 66)"}
    {"name":"op","error":"unknown variant `due`, expected one of `deadline`, `elapsed`, `clock` (column 47)"}
    {"name":"missing","error":"`amount_minutes` is missing"}
    {"name":"stray","error":"`pauses` belongs to op `clock`: leave it out here"}
    {"name":{"any":["thing"]},"elapsed_minutes":0}
    "#);
}

#[test]
fn a_question_as_long_as_a_book_is_refused_and_the_next_one_is_answered() {
    let next = r#"{"name":"next","zone":"UTC","hours":{},"op":"elapsed","start":"2026-03-06T18:00:00Z","end":"2026-03-06T18:00:00Z"}"#;
    let questions = format!("{}\n{next}\n", "x".repeat(3 << 20));
    let answers = uphold_with(&["time", "eval"], &questions).ok();
    insta::assert_snapshot!(answers, @r#"
    {"name":null,"error":"the question is longer than 1048576 bytes"}
    {"name":"next","elapsed_minutes":0}
    "#);
}

#[test]
fn a_byte_order_mark_at_the_start_is_no_part_of_the_question() {
    let question = format!(
        r#"{{"name":"a","zone":"UTC",{OFFICE},"op":"elapsed","start":"2026-03-09T09:00:00Z","end":"2026-03-09T10:00:00Z"}}"#
    );
    let answers = uphold_with(&["time", "eval"], &format!("\u{feff}{question}\n{question}\n")).ok();
    assert_eq!(answers, "{\"name\":\"a\",\"elapsed_minutes\":60}\n".repeat(2));
}

#[test]
fn a_pause_that_ends_before_it_begins_is_an_error() {
    let clock =
        r#""op":"clock","start":"2026-03-09T09:00:00Z","budget_minutes":60,"now":"2026-03-09T12:00:00Z""#;
    let pause = |from: &str, to: &str| {
        format!(r#"{clock},"pauses":[["2026-03-09T{from}:00Z","2026-03-09T{to}:00Z"]]"#)
    };
    check_in(
        &format!(r#""zone":"UTC",{OFFICE}"#),
        &[
            (
                &pause("11:00", "10:00"),
                r#""error":"a pause ends before it begins, from 2026-03-09T11:00:00Z to 2026-03-09T10:00:00Z: write the earlier instant first""#,
            ),
            (
                &pause("11:00", "11:00"),
                r#""due":"2026-03-09T10:00:00Z","elapsed_minutes":180,"breached":true"#,
            ),
        ],
    );
}

#[test]
fn what_is_no_question_is_said_in_words() {
    let said = uphold_with(
        &["time", "eval"],
        "\"x\"\n{\"zone\":\"UTC\"}\n{\"hours\":{\"mon\":[[\"09:00\"]]}}\n{\"pauses\":5}\n{\"hours\":5}\n",
    )
    .ok();
    insta::assert_snapshot!(said, @r#"
    {"name":null,"error":"found string \"x\", expected a question as a JSON object (column 3)"}
    {"name":null,"error":"`hours` is missing (column 14)"}
    {"name":null,"error":"only one value, expected two values, a start and an end (column 26)"}
    {"name":null,"error":"found integer `5`, expected a list (column 11)"}
    {"name":null,"error":"found integer `5`, expected days with their hours, such as {\"mon\": [[\"09:00\", \"17:00\"]]} (column 10)"}
    "#);
}

#[test]
fn the_help_says_that_a_special_day_beats_a_holiday_as_it_does() {
    let help = uphold_with(&["time", "eval", "--help"], "").ok();
    assert!(help.contains(
        "A special day beats a holiday, a holiday beats the week's hours, and a break beats all of them."
    ));
    let monday = r#""op":"elapsed","start":"2026-03-09T00:00:00Z","end":"2026-03-10T00:00:00Z""#;
    let (holiday, special) =
        (r#""holidays":[{"date":"2026-03-09"}]"#, r#""special_days":{"2026-03-09":[["09:00","12:00"]]}"#);
    let lunch = r#""breaks":[{"date":"2026-03-09","start":"11:00","end":"11:30"}]"#;
    check_in(
        &format!(r#""zone":"UTC",{OFFICE}"#),
        &[
            (&format!("{holiday},{monday}"), r#""elapsed_minutes":0"#),
            (&format!("{holiday},{special},{monday}"), r#""elapsed_minutes":180"#),
            (&format!("{holiday},{special},{lunch},{monday}"), r#""elapsed_minutes":150"#),
        ],
    );
}
