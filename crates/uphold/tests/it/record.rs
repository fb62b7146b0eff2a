//! What `uphold record` takes and what it refuses, all of it at once and with nothing stored.

use crate::{
    folder::Folder,
    run::{Ran, uphold_in},
    serve::{Site, watched_wiki},
};

fn record(folder: &Folder, file: &str) -> Ran {
    record_with(folder, file, &[])
}

fn record_with(folder: &Folder, file: &str, more: &[&str]) -> Ran {
    let who = ["--client", "digital-editions", "--by", "anna", "--role", "manager"];
    let at = ["--store", "j.db", "--agreement", "a.toml"];
    uphold_in(&folder.path(""), &[&["record", file][..], &at, &who, more].concat())
}

fn export(folder: &Folder) -> String {
    uphold_in(&folder.path(""), &["journal", "export", "--store", "j.db"]).ok()
}

#[test]
fn the_same_file_is_not_recorded_twice() {
    let folder = Folder::new();
    watched_wiki(&folder, &Site::new());
    let before = export(&folder);
    let said = record(&folder, "facts.jsonl").refused(1);
    assert!(said.contains("facts.jsonl:1: the journal adds the instance wiki already: "), "{said}");
    assert!(said.contains("facts.jsonl:2: the journal says the same for "), "{said}");
    assert!(said.ends_with("nothing was recorded\n"), "{said}");
    assert_eq!(export(&folder), before);
}

fn up_to(line: &str, end: &str) -> String {
    line.split(end).next().unwrap_or(line).to_owned()
}

#[test]
fn what_would_be_passed_over_is_refused_line_by_line_and_nothing_is_stored() {
    let folder = Folder::new();
    watched_wiki(&folder, &Site::new());
    let before = export(&folder);
    folder.file("new.jsonl", MISFITS);
    let said = record(&folder, "new.jsonl").refused(1);
    // What follows is the day's: the term, the instant.
    let timeless =
        |line: &str| [", from ", " from 2", " for 2"].iter().fold(line.to_owned(), |l, end| up_to(&l, end));
    let shown: Vec<String> = said.lines().map(timeless).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    uphold: new.jsonl:1: there is no instance wkii: add it first (`instance.added`), or name another
    new.jsonl:2: 1990-06 lies outside the term
    new.jsonl:3: the amounts of the agreement are in EUR, and this is USD 480.00: charge it in EUR
    new.jsonl:4: there is no instance wkii: add it first (`instance.added`), or name another
    new.jsonl:5: there is no instance wkii: add it first (`instance.added`), or name another
    new.jsonl:6: there is no instance wkii: add it first (`instance.added`), or name another
    new.jsonl:7: there is no request T-9 before: have it received first (`request.received`), or name another
    new.jsonl:8: there is no request T-9 before: have it received first (`request.received`), or name another
    new.jsonl:9: the instance old would never be covered: the term is
    new.jsonl:11: line 10 adds the instance shop already: give this one another id, or let that one end first (`instance.ended`)
    nothing was recorded
    ");
    assert_eq!(export(&folder), before);
}

#[test]
fn an_instance_that_ended_comes_back_and_what_fits_is_recorded() {
    let folder = Folder::new();
    watched_wiki(&folder, &Site::new());
    folder.file("new.jsonl", FITTING);
    assert!(record_with(&folder, "new.jsonl", &["--confirm"]).ok().starts_with("4 recorded"));
    let said = record(&folder, "new.jsonl").refused(1);
    assert!(said.contains("new.jsonl:3: the journal holds request T-1 already"), "{said}");
    assert!(said.contains("new.jsonl:4: the journal says the same for "), "{said}");
}

#[test]
fn every_line_that_cannot_be_read_is_named() {
    let folder = Folder::new();
    watched_wiki(&folder, &Site::new());
    folder.file("new.jsonl", "hello\n\n{\"event\": \"instance.sung\", \"data\": {}}\n");
    let said = record(&folder, "new.jsonl").refused(1);
    assert!(said.contains("new.jsonl:1: ") && said.contains("\nnew.jsonl:3: unknown variant"), "{said}");
}

#[test]
fn nobody_writes_down_what_was_seen() {
    let folder = Folder::new();
    watched_wiki(&folder, &Site::new());
    let before = export(&folder);
    let seen = r#"{"event": "check.observed", "data": {"instance": "wiki", "check": "http", "vantage": "control", "observations": []}}"#;
    folder.file("new.jsonl", &format!("{}\n{seen}\n", FITTING.lines().next().unwrap()));
    let said = record(&folder, "new.jsonl").refused(1);
    assert!(said.contains("new.jsonl:2: observations come from vantage points"), "{said}");
    assert_eq!(export(&folder), before);
}

const MISFITS: &str = r#"{"event": "instance.charged", "data": {"instance": "wkii", "month": "2026-06", "amount": "EUR 480.00"}}
{"event": "instance.charged", "data": {"instance": "wiki", "month": "1990-06", "amount": "EUR 480.00"}}
{"event": "instance.charged", "data": {"instance": "wiki", "month": "2026-06", "amount": "USD 480.00"}}
{"event": "check.defined", "data": {"instance": "wkii", "check": "http", "every_s": 60, "url": "https://wkii.example/"}}
{"event": "instance.restarted", "data": {"instance": "wkii"}}
{"event": "request.received", "data": {"ticket": "T-1", "channel": "portal", "instance": "wkii"}}
{"event": "request.replied", "data": {"ticket": "T-9"}}
{"event": "request.resolved", "data": {"ticket": "T-9", "summary": "Done"}}
{"event": "instance.added", "data": {"instance": "old", "name": "Old", "environment": "production", "from": "1990-01-01T00:00:00Z", "until": "1991-01-01T00:00:00Z"}}
{"event": "instance.added", "data": {"instance": "shop", "name": "Shop", "environment": "production", "from": "2021-01-01T00:00:00Z"}}
{"event": "instance.added", "data": {"instance": "shop", "name": "Shop", "environment": "production", "from": "2021-01-01T00:00:00Z"}}
"#;

const FITTING: &str = r#"{"event": "instance.ended", "data": {"instance": "wiki", "until": "2022-01-01T00:00:00Z"}}
{"event": "instance.added", "data": {"instance": "wiki", "name": "Wiki", "environment": "production", "from": "2023-01-01T00:00:00Z"}}
{"event": "request.received", "data": {"ticket": "T-1", "channel": "portal", "instance": "wiki"}}
{"event": "instance.charged", "data": {"instance": "wiki", "month": "2026-06", "amount": "EUR 480.00"}}
"#;

#[test]
fn what_cannot_follow_is_refused_and_an_end_that_has_passed_is_taken_upon_oneself() {
    let folder = Folder::new();
    watched_wiki(&folder, &Site::new());
    let refused = |line: &str, why: &str| {
        folder.file("new.jsonl", line);
        let said = record(&folder, "new.jsonl").refused(1);
        assert!(said.contains(why), "{said}");
    };
    let end = r#"{"event": "instance.ended", "data": {"instance": "wiki", "until": "2026-06-01T00:00:00Z"}}"#;
    refused(end, "what was covered stays covered");
    let received = r#"{"event": "request.received", "data": {"ticket": "T-1", "channel": "portal"}}"#;
    folder.file("new.jsonl", received);
    record(&folder, "new.jsonl").ok();
    let resolved = |summary: &str| {
        format!(r#"{{"event": "request.resolved", "data": {{"ticket": "T-1", "summary": "{summary}"}}}}"#)
    };
    refused(&resolved(""), "`summary` is empty");
    folder.file("new.jsonl", &resolved("Done."));
    record(&folder, "new.jsonl").ok();
    refused(&resolved("Again."), "it is closed already");
}
