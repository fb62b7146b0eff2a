//! `uphold import`: histories in, facts stored once, and every way in which a file, a place or a time can be wrong.

use std::fs;

use crate::{
    folder::Folder,
    run::{Ran, on_a_full_disk, on_a_small_disk, starved, uphold, uphold_with},
};

pub(crate) const SITES: &str = "agreements/observed-history.toml";
const INCIDENTS: &str = "agreements/observed-incidents.toml";

pub(crate) const ROWS: &str = "ts_utc,slug,name,state,http_code,response_ms,commit
2026-02-01T00:00:00Z,wiki,The wiki,up,200,120,a1
2026-02-01T12:00:00Z,wiki,The wiki,down,503,30,a2
2026-02-01T12:25:30Z,wiki,The wiki,up,200,110,a3
2026-02-01T12:25:30Z,wiki,The wiki,up,200,111,a4
";

const STORY: &str = r#"{"id":"1","impact":"critical","components":["Git"],"updates":[{"at":"2026-05-03T10:00:00Z","status":"Investigating"},{"at":"2026-05-03T10:20:00Z","status":"Update"},{"at":"2026-05-03T11:40:00Z","status":"Resolved"}]}
{"id":"2","impact":"maintenance","components":null,"updates":[{"at":"2026-05-04T10:00:00Z","status":"Scheduled"}]}
"#;

pub(crate) fn import(what: &str, agreement: &str, file: &str, more: &[&str]) -> Ran {
    let args = ["import", what, file, "--agreement", agreement];
    uphold(&[&args, more].concat())
}

#[test]
fn a_check_history_is_stored_once_however_often_it_is_imported() {
    let folder = Folder::new();
    let (file, store) = (folder.file("checks.csv", ROWS), folder.path("journal.db"));
    let first = import("checks", SITES, &file, &["--store", &store]).ok();
    insta::assert_snapshot!(folder.without(&first), @r#"
    checks.csv: 4 check rows, 1 site, 2026-02-01T00:00:00Z to 2026-02-01T12:25:30Z
    Facts: 5
            1  check.defined
            3  check.observed
            1  instance.added
    1 × second row of a site and instant; the first was taken: line 5
    Read as: a row is written when the state changes and about once a day, so it holds until the next row of its site and for 48 hours at most; after that nobody knows.
    Read as: a site is watched from its first row on; no row says that it ceased to be, so it stays under the agreement.
    Read as: every site is in production.
    Client digital-editions: facts added 5, already there 0.
    "#);
    let second = import("checks", SITES, &file, &["--store", &store]).ok();
    assert!(second.ends_with("Client digital-editions: facts added 0, already there 5.\n"), "{second}");
    assert!(uphold(&["journal", "verify", "--store", &store]).ok().contains("sound, 5 entries of 1 client"));
}

#[test]
fn an_incident_history_is_stored_once_however_often_it_is_imported() {
    let folder = Folder::new();
    let (file, store) = (folder.file("incidents.jsonl", STORY), folder.path("journal.db"));
    let first = import("incidents", INCIDENTS, &file, &["--store", &store]).ok();
    insta::assert_snapshot!(folder.without(&first), @r#"
    incidents.jsonl: 2 incidents, 1 ticket, 2026-05-03T10:00:00Z to 2026-05-04T10:00:00Z
    Facts: 5
            1  request.received
            2  request.replied
            1  request.resolved
            1  request.status_changed
    1 × maintenance, which is no request; skipped: line 2
    Read as: the request was received, and first answered, at its first update: the file does not say who noticed it before, so it says nothing about response times.
    Read as: every update was written by a person of the provider and was public.
    Read as: impact critical is urgency critical, major is high, minor is normal, none is low; every incident is an outage.
    Read as: the texts were left out of the file, so the summary of a resolution says just that.
    Updates, as the incidents were
      updates-critical: 1 of 2 updates in time, 0 of 1 incidents without a late one; every 30m [MP-UPD-01], 2 periods missed, longest wait 1h 20m
    Updates, as if every incident had been as urgent
      critical, updates-critical: 1 of 2 updates in time, 0 of 1 incidents without a late one; every 30m [MP-UPD-01], 2 periods missed, longest wait 1h 20m
      high, updates-high: 2 of 2 updates in time, 1 of 1 incidents without a late one; every 2h [MP-UPD-02], 0 periods missed, longest wait 1h 20m
    Client code-host: facts added 5, already there 0.
    "#);
    let second = import("incidents", INCIDENTS, &file, &["--store", &store]).ok();
    assert!(second.ends_with("Client code-host: facts added 0, already there 5.\n"), "{second}");
}

#[test]
fn a_dry_run_reports_and_stores_nothing() {
    let folder = Folder::new();
    let file = folder.file("checks.csv", ROWS);
    let report = import("checks", SITES, &file, &["--dry-run"]).ok();
    assert!(report.ends_with("A dry run for client digital-editions: nothing was stored.\n"), "{report}");
    let json = import("checks", SITES, &file, &["--dry-run", "--json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["report"]["facts"]["check.observed"], 3);
    assert_eq!(json["report"]["notes"][0]["lines"], serde_json::json!([5]));
    assert_eq!(json["would_store"], serde_json::Value::Null);
}

#[test]
fn a_later_file_that_says_otherwise_changes_nothing_and_is_told_by_line_and_site() {
    let folder = Folder::new();
    let (file, store) = (folder.file("checks.csv", ROWS), folder.path("journal.db"));
    import("checks", SITES, &file, &["--store", &store]).ok();
    let other = "2026-02-03T00:00:00Z,wiki,The wiki,degraded,200,9,b3
2026-02-02T00:00:00Z,wiki,The wiki,degraded,200,9,b2
2026-02-01T12:00:00Z,wiki,The wiki,up,200,30,b1
2026-02-01T00:00:00Z,wiki,Our wiki,up,200,120,b0
";
    let header = ROWS.lines().next().unwrap();
    let later = folder.file("later.csv", &format!("{header}\n{other}"));
    let tried = import("checks", SITES, &later, &["--store", &store, "--dry-run"]).ok();
    let first = import("checks", SITES, &later, &["--store", &store]).ok();
    insta::assert_snapshot!(folder.without(&first), @r#"
    later.csv: 4 check rows, 1 site, 2026-02-01T00:00:00Z to 2026-02-03T00:00:00Z
    Facts: 6
            1  check.defined
            4  check.observed
            1  instance.added
    2 × row says degraded: it answered, so it counts as up: lines 2, 3
    1 × the site `wiki` was renamed; its first name was taken: line 4
    Read as: a row is written when the state changes and about once a day, so it holds until the next row of its site and for 48 hours at most; after that nobody knows.
    Read as: a site is watched from its first row on; no row says that it ceased to be, so it stays under the agreement.
    Read as: every site is in production.
    1 × check.observed of `wiki` that SAYS OTHERWISE than what is stored; the stored one was kept: line 4
    1 × instance.added of `wiki` that SAYS OTHERWISE than what is stored; the stored one was kept: line 5
    Client digital-editions: facts added 2, already there 2.
    "#);
    let (tried, first) = (tried.rsplit_once("A dry run").unwrap(), first.rsplit_once("Client").unwrap());
    assert_eq!(tried.0, first.0);
    let said =
        " for client digital-editions: 2 facts would be added, 2 are already there; nothing was stored.\n";
    assert_eq!(tried.1, said);
    // What stood, stands.
    let again = import("checks", SITES, &file, &["--store", &store, "--json"]).ok();
    let again: serde_json::Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["stored"], serde_json::json!({ "added": 0, "present": 5, "differing": [] }));
}

#[test]
fn a_dry_run_beside_a_store_that_is_not_there_makes_none() {
    let folder = Folder::new();
    let (file, store) = (folder.file("checks.csv", ROWS), folder.path("journal.db"));
    let json = import("checks", SITES, &file, &["--dry-run", "--store", &store, "--json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["would_store"], serde_json::json!({ "added": 5, "present": 0, "differing": [] }));
    assert!(!folder.has("journal.db"));
}

#[test]
fn without_a_store_the_command_line_is_refused() {
    let said = import("checks", SITES, "checks.csv", &[]).refused(2);
    assert!(said.contains("--store <PLACE>"), "{said}");
    let said = import("checks", SITES, "checks.csv", &["--dry-run", "--recorded-at", "now"]).refused(2);
    assert!(said.contains("`now` is not an instant"), "{said}");
}

#[test]
fn a_wrong_file_leaves_no_journal_behind() {
    let folder = Folder::new();
    let store = folder.path("journal.db");
    let mut said = String::new();
    let mut refused = |what: &str, agreement: &str, file: &str| {
        let message = import(what, agreement, file, &["--store", &store]).refused(1);
        said += &folder.without(&message);
    };
    refused("checks", SITES, &folder.path("nowhere.csv"));
    refused("checks", SITES, &folder.path(""));
    refused("checks", SITES, &folder.file("incidents.jsonl", STORY));
    refused("incidents", INCIDENTS, &folder.file("checks.csv", ROWS));
    refused("checks", SITES, &folder.file("late.csv", &ROWS.replace("2026-02-01T12:00", "2027-02-01T12:00")));
    refused("incidents", INCIDENTS, &folder.file("empty.jsonl", "\n \n"));
    refused("incidents", INCIDENTS, &folder.file("twice.jsonl", &format!("{STORY}{STORY}")));
    refused("checks", &folder.path("nowhere.toml"), &folder.file("checks.csv", ROWS));
    refused("checks", &folder.file("broken.toml", "format = \"agreement/2\"\n"), &folder.path("checks.csv"));
    insta::assert_snapshot!(said, @r#"
    uphold: nowhere.csv cannot be read: there is no such file or folder; check the path
    uphold:  cannot be read: it is a folder; name a file in it
    uphold: incidents.jsonl: nothing was imported, because 1 thing is wrong:
      line 1: this is no check history: its first line must name ts_utc,slug,name,state,http_code,response_ms
    uphold: checks.csv: nothing was imported, because 5 things are wrong:
      line 1: this is no JSON: expected ident
      line 2: invalid type: integer `2026`, expected an incident as a JSON object
      line 3: invalid type: integer `2026`, expected an incident as a JSON object
      line 4: invalid type: integer `2026`, expected an incident as a JSON object
      line 5: invalid type: integer `2026`, expected an incident as a JSON object
    uphold: late.csv: nothing was imported, because 1 thing is wrong:
      line 3: 2027-02-01T12:00:00Z lies outside the agreement's term, 2026-01-20T00:00:00Z to 2026-09-01T00:00:00Z: name an agreement whose term covers it
    uphold: empty.jsonl: nothing was imported, because 1 thing is wrong:
      line 1: this is no incident history: no line holds an incident; is it the file you mean?
    uphold: twice.jsonl: nothing was imported, because 2 things are wrong:
      line 3: GH-1 stands on line 1 already: take one of them out
      line 4: GH-2 stands on line 2 already: take one of them out
    uphold: nowhere.toml cannot be read: there is no such file or folder; check the path
    uphold: broken.toml is no readable agreement

    error[read]: `agreement/2` is not known here
     --> broken.toml:1:10
      |
    1 | format = "agreement/2"
      |          ^^^^^^^^^^^^^
      |
      = help: did you mean "agreement/1"?

    error[read]: `agreement` is missing
     --> broken.toml:1:1
      |
    1 | format = "agreement/2"
      | ^
      |
      = help: add `agreement = …`

    2 errors, 0 warnings, 0 notes
    "#);
    assert!(!folder.has("journal.db"));
}

#[test]
fn a_place_that_is_no_journal_is_said_and_left_alone() {
    let folder = Folder::new();
    let file = folder.file("checks.csv", ROWS);
    let place = folder
        .file("letter.txt", "Dear all, this is no journal but a letter, long enough to be taken for one.\n");
    let said = import("checks", SITES, &file, &["--store", &place]).refused(1);
    insta::assert_snapshot!(folder.without(&said), @r#"uphold: letter.txt is not a journal: it is no SQLite database, or an encrypted one; name the journal's own file or database"#);
    assert!(folder.read("letter.txt").starts_with("Dear all"));
    let said = uphold(&["journal", "verify", "--store", &folder.path("nowhere.db")]).refused(1);
    insta::assert_snapshot!(folder.without(&said), @r#"uphold: there is no journal at nowhere.db: check the path, or start one with an import"#);
    assert!(!folder.has("nowhere.db"));
}

#[test]
fn a_journal_of_a_newer_uphold_is_left_alone() {
    let folder = Folder::new();
    let (file, store) = (folder.file("checks.csv", ROWS), folder.path("journal.db"));
    import("checks", SITES, &file, &["--store", &store]).ok();
    let newer =
        "INSERT INTO migration (number, checksum) SELECT 99, checksum FROM migration WHERE number = 1";
    rusqlite::Connection::open(&store).unwrap().execute(newer, []).unwrap();
    let said = import("checks", SITES, &file, &["--store", &store]).refused(1);
    let newer =
        "uphold: the journal at journal.db was written by a newer uphold (schema 99, this one knows up to ";
    assert!(folder.without(&said).starts_with(newer), "{said}");
}

#[test]
fn a_locked_journal_is_said_to_be_locked() {
    let folder = Folder::new();
    let (file, store) = (folder.file("checks.csv", ROWS), folder.path("journal.db"));
    import("checks", SITES, &file, &["--store", &store]).ok();
    let other = rusqlite::Connection::open(&store).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let longer = folder.file("longer.csv", &format!("{ROWS}2026-02-03T00:00:00Z,wiki,The wiki,up,200,1,b\n"));
    let said = import("checks", SITES, &longer, &["--store", &store]).refused(1);
    insta::assert_snapshot!(folder.without(&said), @r#"uphold: the journal at journal.db is locked by another process: wait for it or end it, then run this again; nothing was written"#);
    other.execute_batch("ROLLBACK").unwrap();
    let said = import("checks", SITES, &longer, &["--store", &store]).ok();
    assert!(said.ends_with("Client digital-editions: facts added 1, already there 5.\n"), "{said}");
}

#[test]
fn a_full_disk_is_told_and_nothing_is_half_written() {
    let folder = Folder::new();
    let (file, store) = (folder.file("checks.csv", ROWS), folder.path("journal.db"));
    import("checks", SITES, &file, &["--store", &store]).ok();
    let rows = (0..4_000).map(|n| {
        format!("2026-03-{:02}T{:02}:{:02}:00Z,wiki,The wiki,up,200,1,b\n", 1 + n / 1440, n / 60 % 24, n % 60)
    });
    let many = folder.file("many.csv", &format!("{ROWS}{}", rows.collect::<String>()));
    let args = ["import", "checks", &many, "--agreement", SITES, "--store", &store];
    let said = starved(&args, 512).refused(1);
    assert!(
        said.contains("journal.db") && (said.contains("no space is left") || said.contains("disk")),
        "{said}"
    );
    assert!(uphold(&["journal", "verify", "--store", &store]).ok().contains("sound, 5 entries"));
    let said = uphold(&args).ok();
    assert!(said.ends_with("Client digital-editions: facts added 4000, already there 5.\n"), "{said}");
}

#[test]
fn a_journal_that_finds_no_space_is_not_left_behind_empty() {
    let folder = Folder::new();
    let disk = folder.path("disk");
    fs::create_dir(&disk).unwrap();
    let store = format!("{disk}/journal.db");
    let import = ["import", "checks", "demo/site_checks.csv", "--agreement", SITES, "--store", &store];
    for args in [&import[..], &["demo", "histories", "--into", &format!("{disk}/new")]] {
        let said = on_a_small_disk(&disk, args).refused(1);
        assert!(said.contains("journal.db"), "{said}");
        // Where the disk itself could not be small, it is a failed disk, of which nobody can say what it kept.
        assert!(said.contains("no space is left for") != said.contains("unknown"), "{said}");
        assert_eq!(fs::read_dir(&disk).unwrap().count(), 0);
    }
}

/// A folder to mount a full disk at, a journal elsewhere, its export, and where it lies on that disk.
fn full() -> (Folder, [String; 5]) {
    let folder = Folder::new();
    let (file, store, export) =
        (folder.file("checks.csv", ROWS), folder.path("journal.db"), folder.path("export.jsonl"));
    import("checks", SITES, &file, &["--store", &store]).ok();
    uphold(&["journal", "export", "--store", &store, &export]).ok();
    let disk = folder.path("disk");
    fs::create_dir(&disk).unwrap();
    let there = format!("{disk}/journal.db");
    (folder, [disk, file, store, export, there])
}

#[test]
fn a_full_disk_gets_no_empty_journal_and_no_part_of_an_export() {
    let (folder, [disk, file, store, export, there]) = full();
    let (part, new) = (format!("{disk}/export.jsonl"), format!("{disk}/new"));
    let commands: [(&[&str], &str); 4] = [
        (
            &["import", "checks", &file, "--agreement", SITES, "--store", &there],
            "no space is left for the journal at",
        ),
        (&["journal", "import", "--store", &there, &export], "no space is left for the journal at"),
        (
            &["journal", "export", "--store", &store, &part],
            "disk/export.jsonl cannot be written: no space is left; free",
        ),
        // Its folder goes too.
        (&["demo", "histories", "--into", &new], "no space is left for the journal at"),
    ];
    for (args, says) in commands {
        let Some(ran) = on_a_full_disk(&disk, None, args) else { return };
        let said = ran.refused(1);
        assert!(folder.without(&said).contains(says), "{args:?}: {said}");
    }
}

#[test]
fn a_journal_on_a_full_disk_is_said_to_lack_space() {
    let (_folder, [disk, file, store, _, there]) = full();
    let about = ["--agreement", SITES, "--store", &there];
    let commands: [&[&str]; 4] = [
        &["journal", "verify", "--store", &there],
        &["journal", "rebuild", "--store", &there],
        &[&["import", "checks", &file], &about[..]].concat(),
        &[&["statement"], &about[..], &["--month", "2026-02"]].concat(),
    ];
    for args in commands {
        let Some(ran) = on_a_full_disk(&disk, Some(&store), args) else { return };
        // SQLite may leave its two files beside it, empty: the next one to open it takes them up.
        assert!(ran.status == 1 && ran.out.starts_with("journal.db\n"), "{args:?}: {}", ran.out);
        assert!(ran.err.contains("no space is left for the journal at"), "{args:?}: {}", ran.err);
    }
}

#[test]
fn a_journal_that_was_tampered_with_does_not_verify() {
    let folder = Folder::new();
    let (file, store) = (folder.file("checks.csv", ROWS), folder.path("journal.db"));
    import("checks", SITES, &file, &["--store", &store, "--recorded-at", "2026-09-01T00:00:00Z"]).ok();
    let head = uphold(&["journal", "verify", "--store", &store]).ok();
    let head = head.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(":");
    uphold(&["journal", "verify", "--store", &store, "--head", &head]).ok();
    let bytes = fs::read(&store).unwrap();
    let at = bytes.windows(8).position(|eight| eight == b"\"code\":5").unwrap();
    let mut altered = bytes.clone();
    altered[at + 7] = b'2';
    fs::write(&store, altered).unwrap();
    let ran = uphold(&["journal", "verify", "--store", &store]);
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    insta::assert_snapshot!(folder.without(&ran.out), @r#"
    journal.db: NOT SOUND, 5 entries of 1 client
      digital-editions 5 e375121c80229a3fe1f31c1f85d67ce062861eb62c819d07bce68613cd45a5e7
      ! entry digital-editions 4: its hash is not that of its contents
    "#);
    fs::write(&store, bytes).unwrap();
    let rewritten = uphold(&["journal", "verify", "--store", &store, "--head", &head.replace(":5:", ":4:")]);
    assert_eq!(rewritten.status, 1);
    assert!(rewritten.out.contains("history was rewritten"), "{}", rewritten.out);
    let said = uphold(&["journal", "verify", "--store", &store, "--head", "x"]).refused(2);
    assert!(said.contains("CLIENT:NUMBER:HASH"), "{said}");
}

#[test]
fn an_export_becomes_the_same_journal_elsewhere() {
    let folder = Folder::new();
    let (file, store, other) = (folder.file("checks.csv", ROWS), folder.path("a.db"), folder.path("b.db"));
    import("checks", SITES, &file, &["--store", &store]).ok();
    let lines = uphold(&["journal", "export", "--store", &store]).ok();
    let export = folder.path("export.jsonl");
    let said = uphold(&["journal", "export", "--store", &store, &export]).ok();
    assert!(said.contains("exported 5 entries of 1 client"), "{said}");
    assert_eq!(folder.read("export.jsonl"), lines);
    let said = uphold(&["journal", "export", "--store", &store, &export]).refused(1);
    assert!(said.contains("export.jsonl cannot be written"), "{said}");
    let said = uphold(&["journal", "import", "--store", &other, &export]).ok();
    assert_eq!(said, "imported 5 entries; 0 there already\n");
    assert_eq!(uphold(&["journal", "export", "--store", &other]).ok(), lines);
    let said = uphold(&["journal", "rebuild", "--store", &other]).ok();
    assert!(said.contains("every row is as it was"), "{said}");
    let cut = folder.file("cut.jsonl", lines.rsplit_once("{\"entries\"").unwrap().0);
    let said = uphold(&["journal", "import", "--store", &folder.path("c.db"), &cut]).refused(1);
    assert!(said.contains("cut.jsonl") && said.contains("it was cut off"), "{said}");
    assert!(!folder.has("c.db"), "a bad export leaves no new store behind");
    let store = folder.path("d.db");
    let said = uphold_with(&["journal", "import", "--store", &store], "no export\n").refused(1);
    assert!(said.contains("stdin: line 1 of the export: this is no export of a journal"), "{said}");
    assert!(!folder.has("d.db"));
    let piped = uphold_with(&["journal", "import", "--store", &store], &lines).ok();
    assert_eq!(piped, "imported 5 entries; 0 there already\n");
}

#[test]
fn both_engines_hold_the_same_chain() {
    let folder = Folder::new();
    let file = folder.file("checks.csv", ROWS);
    let stores = [folder.path("journal.db"), testkit::postgres::shared().fresh_schema()];
    let exports = stores.map(|store| {
        let when = ["--store", &store, "--recorded-at", "2026-09-01T00:00:00Z"];
        import("checks", SITES, &file, &when).ok();
        let again = import("checks", SITES, &file, &when).ok();
        assert!(again.ends_with("Client digital-editions: facts added 0, already there 5.\n"), "{again}");
        assert!(uphold(&["journal", "verify", "--store", &store]).ok().contains("sound, 5 entries"));
        uphold(&["journal", "export", "--store", &store]).ok()
    });
    assert_eq!(exports[0], exports[1]);
}

#[test]
fn line_numbers_are_the_same_with_and_without_carriage_returns() {
    let folder = Folder::new();
    let rows = format!("{ROWS}2026-02-02T00:00:00Z,wiki,The wiki,sideways,200,1,a5\n");
    let unix = import("checks", SITES, &folder.file("unix.csv", &rows), &["--dry-run"]).ok();
    let windows = folder.file("windows.csv", &rows.replace('\n', "\r\n"));
    let windows = import("checks", SITES, &windows, &["--dry-run"]).ok();
    assert!(unix.contains("line 6"), "{unix}");
    assert_eq!(windows.replace("windows.csv", "unix.csv"), unix);
}

#[test]
fn a_history_of_which_nothing_becomes_a_fact_makes_no_journal() {
    let folder = Folder::new();
    let maintenance = STORY.lines().nth(1).unwrap();
    let (file, store) = (folder.file("maintenance.jsonl", maintenance), folder.path("journal.db"));
    let said = import("incidents", INCIDENTS, &file, &["--store", &store]).ok();
    assert!(
        said.contains("1 × maintenance") && said.ends_with("facts added 0, already there 0.\n"),
        "{said}"
    );
    assert!(!folder.has("journal.db"));
}

#[test]
fn a_place_that_cannot_be_written_or_read_is_said_in_words() {
    let folder = Folder::new();
    let (file, store) = (folder.file("checks.csv", ROWS), folder.path("journal.db"));
    import("checks", SITES, &file, &["--store", &store]).ok();
    let mut said = String::new();
    let mut refused = |args: &[&str]| said += &folder.without(&uphold(args).refused(1));
    for place in ["", "nowhere/export.jsonl", "checks.csv/export.jsonl", "checks.csv"] {
        refused(&["journal", "export", "--store", &store, &folder.path(place)]);
    }
    refused(&["journal", "import", "--store", &folder.path("new.db"), &folder.path("")]);
    refused(&["journal", "import", "--store", &folder.path("new.db"), &folder.path("nowhere.jsonl")]);
    refused(&["demo", "histories", "--into", &file]);
    refused(&["demo", "histories", "--into", &folder.path("checks.csv/demo")]);
    insta::assert_snapshot!(said, @r#"
    uphold:  cannot be written: it is a folder; name a file in it
    uphold: nowhere/export.jsonl cannot be written: there is no such file or folder; check the path
    uphold: checks.csv/export.jsonl cannot be written: a part of its path is a file; check the path
    uphold: checks.csv cannot be written: it is there already; take another name, or move it away
    uphold:  cannot be read: it is a folder; name a file in it
    uphold: nowhere.jsonl cannot be read: there is no such file or folder; check the path
    uphold: the folder checks.csv cannot be made: it is a file; name a folder, or one to be made
    uphold: the folder checks.csv/demo cannot be made: a part of its path is a file; name another place
    "#);
    assert!(!folder.has("new.db") && folder.read("checks.csv") == ROWS);
}

#[test]
fn the_demo_writes_into_no_folder_of_somebody_else() {
    let folder = Folder::new();
    folder.file("index.html", "mine");
    let said = uphold(&["demo", "histories", "--into", &folder.path("")]).refused(1);
    assert!(said.contains("holds something else"), "{said}");
    assert_eq!(folder.read("index.html"), "mine");
}

#[test]
fn a_site_whose_name_steers_a_terminal_steers_none() {
    let folder = Folder::new();
    let rows = "ts_utc,slug,name,state,http_code,response_ms,commit\n\
                2026-03-01T00:00:00Z,bad,\"Bad\u{1b}[2K\nFake  100.000%  met\",up,200,9,a\n\
                2026-03-02T00:00:00Z,bad,\"Bad\u{1b}[2K\nFake  100.000%  met\",down,0,0,b\n";
    let (file, store) = (folder.file("rows.csv", rows), folder.path("j.db"));
    uphold(&["import", "checks", &file, "--agreement", SITES, "--store", &store]).ok();
    let said = uphold(&["statement", "--agreement", SITES, "--store", &store, "--month", "2026-03"]).ok();
    assert!(!said.contains('\u{1b}') && !said.lines().any(|line| line.starts_with("Fake")), "{said}");
}
