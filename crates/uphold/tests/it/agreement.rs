//! `uphold agreement check | fmt | diff | due | credit`: what people ask of a file, and how it answers when they slip.

use std::fs;

use crate::{
    folder::Folder,
    run::{Ran, uphold, uphold_in},
};

const SH: &str = "agreements/stellar-hosted.toml";
const MP: &str = "agreements/isolated-platform.toml";

fn agreement(args: &[&str]) -> Ran {
    uphold(&[&["agreement"], args].concat())
}

fn due(file: &str, event: &str, more: &[&str]) -> Ran {
    agreement(&[&["due", file, "--event", event], more].concat())
}

/// The text of a shipped file with one thing replaced; it must be there.
fn altered(file: &str, from: &str, to: &str) -> String {
    let text = fs::read_to_string(format!("{}/../../{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

/// The file's identity changes with every comment.
fn without_identity(said: &str) -> String {
    let is_identity = |word: &str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = said.split_inclusive(['\n', ' ']).map(|word| match is_identity(word.trim_end()) {
        true => word.replace(word.trim_end(), "SHA256"),
        false => word.to_owned(),
    });
    words.collect::<String>().replace(spans::tzdata(), "TZDATA")
}

#[test]
fn the_shipped_files_have_no_error_and_are_tidy() {
    for file in [SH, MP, "agreements/observed-history.toml", "agreements/observed-incidents.toml"] {
        assert!(agreement(&["check", file]).ok().contains("0 errors, "), "{file}");
        agreement(&["fmt", "--check", file]).ok();
    }
}

#[test]
fn a_broken_file_is_told_all_at_once_with_place_clause_and_way_out() {
    let folder = Folder::new();
    let text =
        altered(SH, "met_by    = { event = \"request.replied\"", "met_by    = { event = \"request.repleid\"");
    let file = folder
        .file("a.toml", &text.replace("tz        = \"Europe/Amsterdam\"", "tz        = \"Europe/Amsterdm\""));
    let ran = agreement(&["check", &file]);
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    // What the rest of the file gives cause to say is said too; of it, nothing that is only about the holes.
    let said = folder.without(&ran.out);
    let grave: Vec<&str> = said.split("\n\n").filter(|block| block.starts_with("error")).collect();
    insta::assert_snapshot!(grave.join("\n\n"), @r#"
    error[read]: a time zone was expected, not `Europe/Amsterdm`
      --> a.toml:83:13
       |
    83 | tz        = "Europe/Amsterdm"                # closed 00:00-24:00 local time
       |             ^^^^^^^^^^^^^^^^^
       |
       = help: write a name of the tz database, such as "Europe/Amsterdam" or "UTC"

    error[read]: `request.repleid` is no event
       --> a.toml:327:23
        |
    327 | met_by    = { event = "request.repleid", actor = "person" }  # A-22
        |                       ^^^^^^^^^^^^^^^^^
        |
        = help: did you mean "request.replied"?

    error[read]: `request.repleid` is no event
       --> a.toml:530:23
        |
    530 | met_by    = { event = "request.repleid", actor = "person" }
        |                       ^^^^^^^^^^^^^^^^^
        |
        = help: did you mean "request.replied"?
    "#);
    let json: serde_json::Value = serde_json::from_str(&agreement(&["check", &file, "--json"]).out).unwrap();
    let errors = json["findings"].as_array().unwrap().iter().filter(|finding| finding["weight"] == "error");
    assert_eq!((&json["sound"], errors.count()), (&false.into(), 3));
    let said = due(&file, "request.received", &["--at", "2026-03-06T18:00:00Z"]).refused(1);
    assert!(said.contains("is no readable agreement") && said.contains("^^^"), "{said}");
}

#[test]
fn sh_avail_08_a_version_that_would_take_effect_inside_a_month_is_told_against_the_one_before() {
    let folder = Folder::new();
    let starting = |start: &str| {
        let text = altered(SH, "start             = 2026-03-01T00:00:00Z", &format!("start = {start}"));
        agreement(&["check", &folder.file("new.toml", &text), "--after", SH])
    };
    let inside = starting("2026-09-15T00:00:00Z");
    assert_eq!(inside.status, 1);
    assert!(inside.out.contains("take effect inside a month that the earlier one judges"), "{}", inside.out);
    assert!(!starting("2026-09-01T00:00:00Z").out.contains("that the earlier one judges"));
}

#[test]
fn a_file_that_is_no_agreement_is_refused_without_a_panic() {
    let folder = Folder::new();
    let ran = agreement(&["check", &folder.file("letter.txt", "Dear all,\nthis is a letter.\n")]);
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    fs::write(folder.path("picture.png"), [0x89, b'P', b'N', b'G', 0xff, 0x00]).unwrap();
    let said = agreement(&["check", &folder.path("picture.png")]).refused(1);
    insta::assert_snapshot!(folder.without(&said), @r#"uphold: picture.png is no text: byte 0 is not UTF-8; is it the file you mean?"#);
}

#[test]
fn fmt_tidies_in_place_and_leaves_a_signed_file_alone() {
    let folder = Folder::new();
    let (tidy, untidy) = ("format = \"agreement/1\"\n", "\n\nformat   =   \"agreement/1\"");
    let file = folder.file("a.toml", untidy);
    let ran = agreement(&["fmt", "--check", &file]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("a.toml is not tidy"), "{}", ran.out);
    assert!(agreement(&["fmt", &file]).ok().ends_with("a.toml: made tidy\n"));
    assert_eq!((folder.read("a.toml").as_str(), agreement(&["fmt", &file]).ok().as_str()), (tidy, ""));
    let file = folder.file("a.toml", untidy);
    folder.file("a.toml.sig", "# signed\n");
    assert!(agreement(&["fmt", &file]).refused(1).contains("the file is signed"));
    assert_eq!(folder.read("a.toml"), untidy);
    assert!(!folder.has("a.toml.new"));
}

#[test]
fn diff_says_what_changed_for_whom() {
    let folder = Folder::new();
    let new = altered(SH, "{ standard = \"8h\", premium", "{ standard = \"6h\", premium");
    let file = folder.file("new.toml", &format!("# Another comment.\n{new}"));
    insta::assert_snapshot!(agreement(&["diff", SH, &file]).ok(), @r#"
    matrix.response.row.P1.within.standard  [SH-SLO-02, SH-SLO-06]
      - 8h
      + 6h
      the client gains: the provider has less time

    1 change: 1 for the client, 0 for the provider, 0 for nobody, 0 to read.
    "#);
    assert_eq!(agreement(&["diff", SH, SH]).ok(), "Both say the same.\n");
    let json: serde_json::Value =
        serde_json::from_str(&agreement(&["diff", SH, &file, "--json"]).ok()).unwrap();
    assert_eq!(json["changes"][0]["gains"], "client");
}

/// The example of the README: eight Business Hours from Friday evening on end on Monday at closing.
#[test]
fn sh_slo_06_due_says_when_in_which_calendar_under_which_clause_and_why() {
    let friday = ["--tier", "standard", "--set", "priority=P1", "--at", "2026-03-06T18:00:00Z"];
    let said = due(SH, "request.received", &friday).ok();
    insta::assert_snapshot!(without_identity(&said), @r#"
    first-response: due 2026-03-09T17:00:00Z
      Mon 2026-03-09 17:00 UTC
      Mon 2026-03-09 18:00 Europe/Amsterdam
      calendar bh; owed by the provider as target; SH-SLO-03, SH-SLO-04, SH-SLO-05, SH-ACK-02, SH-SLO-02, SH-SLO-06
      first-response of ticket example: running, due 2026-03-09T17:00:00Z
        an act exactly at the due instant is still in time [SH-SLO-03, SH-SLO-04, SH-SLO-05, SH-ACK-02, SH-SLO-02, SH-SLO-06]
        - 2026-03-06T18:00:00Z ticket example request.received by an example person
        due: 2026-03-09T17:00:00Z
          so much of the calendar's open time after it was set off
          read as A-01: response clocks run in the support hours of the tier, P1 included
          read as A-02: every priority of a tier runs in the same calendar
          read as A-22: a person must answer; automatic replies never count
          - target: 8h (P1, standard)
          - calendar: bh
          - time zones: TZDATA
        - agreement: SHA256

    classify: due 2026-03-09T17:00:00Z
      Mon 2026-03-09 17:00 UTC
      Mon 2026-03-09 18:00 Europe/Amsterdam
      calendar bh; owed by the provider as duty; SH-CHAR-02, SH-SLO-02, SH-SLO-06
      classify of ticket example: running, due 2026-03-09T17:00:00Z
        an act exactly at the due instant is still in time [SH-CHAR-02, SH-SLO-02, SH-SLO-06]
        - 2026-03-06T18:00:00Z ticket example request.received by an example person
        due: 2026-03-09T17:00:00Z
          so much of the calendar's open time after it was set off
          read as A-01: response clocks run in the support hours of the tier, P1 included
          read as A-02: every priority of a tier runs in the same calendar
          read as A-29: P1 can be raised at once; the class is decided afterwards
          - target: 8h (P1, standard)
          - calendar: bh
          - time zones: TZDATA
        - agreement: SHA256

    best-efforts: due 2026-03-13T17:00:00Z
      Fri 2026-03-13 17:00 UTC
      Fri 2026-03-13 18:00 Europe/Amsterdam
      calendar bh; owed by the provider as internal; SH-RES-02
      best-efforts of ticket example: running, due 2026-03-13T17:00:00Z
        an act exactly at the due instant is still in time [SH-RES-02]
        - 2026-03-06T18:00:00Z ticket example request.received by an example person
        due: 2026-03-13T17:00:00Z
          so much of the calendar's open time after the last act, or after the last miss
          read as A-22: a person must answer; automatic replies never count
          read as A-03: one day is one calendar day-length of open time: bh 8h, hop 24h
          read as A-04: one day on Enterprise is 24 elapsed hours
          - target: 5d
          - calendar: bh
          - time zones: TZDATA
        - agreement: SHA256
    "#);
    let json = due(SH, "request.received", &[&friday[..], &["--json"]].concat()).ok();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let first = &json["obligations"][0];
    assert_eq!((&first["id"], &first["due"]), (&"first-response".into(), &"2026-03-09T17:00:00Z".into()));
    assert_eq!((&first["calendar"], &first["clauses"][5]), (&"bh".into(), &"SH-SLO-06".into()));
    assert_eq!(first["due_local"][1]["reads"], "Mon 2026-03-09 18:00 Europe/Amsterdam");
}

#[test]
fn due_answers_for_any_event_and_takes_what_a_ticket_was_given() {
    let critical = ["--set", "kind=outage", "--set", "urgency=critical", "--at", "2026-03-06T18:00:00Z"];
    assert!(
        due(MP, "request.replied", &critical)
            .ok()
            .starts_with("updates-critical: due 2026-03-06T18:30:00Z\n")
    );
    let normal = ["--set", "kind=outage", "--set", "urgency=normal", "--at", "2026-03-06T18:00:00Z"];
    insta::assert_snapshot!(due(MP, "request.replied", &normal).ok(), @r#"
    Nothing falls due: no obligation is set off so.
      updates-critical is, where kind is outage or performance and urgency is critical
      updates-high is, where kind is outage or performance and urgency is high
    "#);
    let planned = [
        "--set",
        "kind=scheduled",
        "--set",
        "cause=upgrade",
        "--set",
        "expected_impact=down",
        "--set",
        "instances=wiki",
        "--set",
        "starts_at=2026-05-20T09:00:00Z",
        "--set",
        "ends_at=2026-05-20T10:00:00Z",
        "--at",
        "2026-05-01T09:00:00Z",
    ];
    assert!(
        due(SH, "maintenance.planned", &planned)
            .ok()
            .starts_with("maintenance-notice: due 2026-05-13T09:00:00Z\n")
    );
}

#[test]
fn a_question_that_does_not_fit_the_agreement_names_the_choices() {
    let at = ["--at", "2026-03-06T18:00:00Z"];
    let mut said = String::new();
    let mut refused = |event: &str, more: &[&str]| said += &due(SH, event, &[more, &at].concat()).refused(2);
    refused("request.recieved", &[]);
    refused("request.received", &["--set", "colour=red"]);
    refused("request.received", &["--set", "priority=P9"]);
    refused("request.received", &["--set", "channel=pigeon"]);
    refused("request.received", &["--set", "kind=outage"]);
    refused("request.received", &["--tier", "gold"]);
    refused("maintenance.planned", &["--set", "kind=scheduled"]);
    refused("maintenance.planned", &["--set", "kind=sometimes", "--set", "expected_impact=down"]);
    said += &due(MP, "request.received", &["--tier", "gold", "--at", "2026-03-06T18:00:00Z"]).refused(2);
    said += &due(SH, "request.received", &["--at", "2031-03-06T18:00:00Z"]).refused(2);
    insta::assert_snapshot!(said, @r#"
    uphold: `request.recieved` is no event. Obligations of this agreement start at: agreement.activated, appeal.opened, backup.taken, claim.submitted, contact.change_requested, fix.released, instance.added, maintenance.planned, release.published, request.asked_client, request.classified, request.received, request.reprioritised, statement.published. `uphold facts reference` lists every event
    uphold: there is no field `colour`: request.received has ticket, channel, title, instance, priority, class, kind, urgency, text, split_from, about
    uphold: `P9` is no priority of this agreement: choose P1, P2, P3, P4
    uphold: `pigeon` is no channel of this agreement: choose chat, email, phone, portal
    uphold: this agreement knows no kind of a request: leave `kind` out
    uphold: `gold` is no tier of this agreement: choose standard, premium, enterprise
    uphold: maintenance.planned needs --set expected_impact=…, one of none, degraded, down
    uphold: `sometimes` is no kind of maintenance.planned: choose scheduled, critical-patch, emergency
    uphold: this agreement has no tiers: leave --tier out
    uphold: 2031-03-06T18:00:00Z lies outside the agreement's term, 2026-03-01T00:00:00Z/2027-03-01T00:00:00Z: ask about an instant in it
    "#);
    assert!(
        due(SH, "request.received", &["--set", "priority", at[0], at[1]]).refused(2).contains("FIELD=VALUE")
    );
}

#[test]
fn sh_cred_04_credit_goes_from_minutes_to_money_and_says_why() {
    let month = [
        "credit",
        SH,
        "--tier",
        "premium",
        "--month",
        "2026-06",
        "--down-minutes",
        "25",
        "--price",
        "4000.00",
    ];
    let said = agreement(&month).ok();
    let (sheet, why) = said.split_once("\n\n").unwrap();
    insta::assert_snapshot!(sheet, @r#"
    tier       premium
    month      2026-06
    down       25 minutes
    uptime     99.942% (43175/43200 min)
    objective  99.95%, missed
    price      EUR 4000.00
    surcharge  EUR 500.00
    base       EUR 4500.00
    band       99% to below 99.95% [SH-CRED-04]
    percent    25%
    cap        EUR 3375.00 (75% of EUR 4500.00)
    credit     EUR 1125.00
    net        EUR 3375.00
    "#);
    assert!(why.starts_with("credit of the month: EUR 1125.00\n"), "{why}");
    let told = [said.as_str(), &agreement(&["check", SH]).ok()].map(|said| {
        let last = said.lines().last().unwrap().to_owned();
        assert!(
            last.starts_with("agreement ") && last.ends_with(&format!(", tzdata {}", spans::tzdata())),
            "{last}"
        );
        last
    });
    assert_eq!(told[0], told[1]);
    let json: serde_json::Value =
        serde_json::from_str(&agreement(&[&month[..], &["--json"]].concat()).ok()).unwrap();
    assert_eq!((&json["credit"], &json["net"]), (&"EUR 1125.00".into(), &"EUR 3375.00".into()));
}

#[test]
fn a_credit_that_cannot_be_asked_for_is_refused() {
    let ask = |file: &str, month: &str, minutes: &str, price: &str| {
        agreement(&["credit", file, "--month", month, "--down-minutes", minutes, "--price", price]).refused(2)
    };
    let said = ask(MP, "2026-06", "1", "1.00")
        + &ask(SH, "2031-06", "1", "1.00")
        + &ask(SH, "2026-06", "43201", "1.00")
        + &ask(SH, "2026-06", "1", "a lot");
    insta::assert_snapshot!(said, @r#"
        uphold: the agreement promises no availability, so no credit follows from downtime
        uphold: 2031-06 lies outside the term, which runs from 2026-03-01T00:00:00Z to 2027-03-01T00:00:00Z
        uphold: 43201 minutes cannot have been down: 2026-06 has 43200 covered minutes
        uphold: --price: `a lot` is no amount: write digits with at most two decimals, such as 480.00
        "#);
    assert!(ask(SH, "June", "1", "1.00").contains("`June` is not a month"));
}

#[test]
fn show_tells_the_file_in_prose() {
    let said = agreement(&["show", SH, "--tier", "premium"]).ok();
    assert!(said.contains("Business Hours: Monday to Friday, 09:00 to 17:00 (UTC)"), "{said}");
    assert!(said.lines().any(|line| line.contains("[SH-CRED-04")), "{said}");
    assert!(agreement(&["show", MP, "--format", "markdown"]).ok().starts_with("# "));
    let json: serde_json::Value = serde_json::from_str(&agreement(&["show", SH, "--json"]).ok()).unwrap();
    assert!(json["sections"].as_array().unwrap().len() > 5);
    assert!(
        agreement(&["show", SH, "--tier", "gold"])
            .refused(2)
            .contains("choose standard, premium, enterprise")
    );
}

#[test]
fn due_names_the_words_of_a_field_as_a_file_writes_them() {
    let at = ["--at", "2026-03-06T18:00:00Z"];
    let due = |event: &str, set: &[&str]| due(SH, event, &[&at[..], set].concat()).refused(2);
    insta::assert_snapshot!(due("contact.change_requested", &[]), @"uphold: contact.change_requested needs --set change=…, one of add, remove");
    insta::assert_snapshot!(due("contact.change_requested", &["--set", "change=Add"]), @"uphold: `Add` is no change of contact.change_requested: choose add, remove");
    insta::assert_snapshot!(due("maintenance.planned", &["--set", "kind=Emergency"]), @"uphold: `Emergency` is no kind of maintenance.planned: choose scheduled, critical-patch, emergency");
}

#[test]
fn clauses_names_what_executes_each_clause_and_which_test_proves_it() {
    let ran = agreement(&["clauses", SH, MP]);
    let cap = ran.out.split_once("SH-CRED-08  ").unwrap().1;
    let cap: Vec<&str> = cap.lines().take(3).collect();
    assert!(cap[0].starts_with("engine: "), "{cap:?}");
    assert_eq!(cap[1], "    used by credit cap");
    assert!(cap[2].starts_with("    proved by sh_cred_08_"), "{cap:?}");
    let nowhere = agreement(&["clauses", "--tests", "no-such-folder"]).refused(2);
    assert!(nowhere.contains("--tests: no-such-folder is no folder here"), "{nowhere}");
    let folder = Folder::new();
    // An installed program has no sources beside it, and somebody else's sources say nothing of ours.
    let elsewhere = uphold_in(&folder.path(""), &["agreement", "clauses"]).ok();
    assert!(elsewhere.contains("cannot be seen from here: no test below crates is named by a clause"));
    folder.file("other.rs", "#[test]\nfn adds() {}\n");
    assert!(agreement(&["clauses", "--tests", &folder.path("")]).ok().contains("cannot be seen from here"));
    folder.file("one.rs", "#[test]\nfn sh_cred_08_the_cap() {}\n");
    let ran = agreement(&["clauses", "--json", "--tests", &folder.path("")]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(ran.status, 1, "164 of 165 have no test there");
    assert_eq!(json["unproved"].as_array().unwrap().len(), 164);
}
