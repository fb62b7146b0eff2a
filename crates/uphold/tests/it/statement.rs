//! From imported facts to statements, whys, forecasts and replays.

use crate::{
    folder::Folder,
    run::{uphold, uphold_in},
};

const SITES: &str = "agreements/observed-history.toml";
const AFTER: &str = "2026-09-01T00:00:00Z";

/// A store with the shipped slice of the check history.
fn imported(folder: &Folder) -> String {
    let store = folder.path("journal.db");
    uphold(&["import", "checks", "demo/site_checks.csv", "--agreement", SITES, "--store", &store]).ok();
    store
}

fn ask(command: &str, store: &str, more: &[&str]) -> String {
    let args = [command, "--agreement", SITES, "--store", store, "--at", AFTER];
    uphold(&[&args, more].concat()).ok()
}

/// Worked out from the rows in docs/real-history.md: covered, up, down and unknown seconds, and counted minutes.
const BY_HAND: [(&str, &str, [i64; 4], i64); 10] = [
    ("wikipedia", "2026-01", [959_481, 0, 177_731, 781_750], 2_962),
    ("re-use-of-editions-and-text-collections", "2026-01", [959_478, 954_161, 5_317, 0], 88),
    ("gossembrot-bibliothek", "2026-02", [2_215_921, 1_466_727, 749_194, 0], 12_486),
    ("arcipelago-ceresa", "2026-03", [2_678_400, 2_676_353, 2_047, 0], 34),
    ("brandans-meerfahrt", "2026-03", [2_678_400, 2_677_040, 1_360, 0], 22),
    ("parzival-redirect-to-parzival-unibe-ch", "2026-03", [2_678_400, 2_675_764, 2_636, 0], 42),
    (
        "parzival-rappoltstein-redirect-to-rappoltstein-parzival-unibe-ch",
        "2026-04",
        [2_592_000, 1_810_463, 3_523, 778_014],
        58,
    ),
    (
        "parzival-rappoltstein-redirect-to-rappoltstein-parzival-unibe-ch",
        "2026-05",
        [2_678_400, 2_676_155, 2_245, 0],
        37,
    ),
    ("digital-editions-university-of-bern", "2026-04", [2_592_000, 1_813_983, 0, 778_017], 0),
    ("wellcome-schreiber", "2026-05", [2_678_400, 2_678_400, 0, 0], 0),
];

#[test]
fn ten_site_months_by_hand() {
    let folder = Folder::new();
    let store = imported(&folder);
    for (site, month, seconds, counted) in BY_HAND {
        let csv = ask("statement", &store, &["--month", month, "--format", "csv"]);
        let line = csv.lines().find(|line| line.contains(&format!(",standard,{site},"))).unwrap();
        let cells: Vec<&str> = line.split(',').collect();
        let us = |column: usize| cells[column].parse::<i64>().unwrap();
        // covered, up, down, unknown; the name before them holds no comma in these ten.
        assert_eq!([us(6), us(7), us(8), us(10)], seconds.map(|s| s * 1_000_000), "{site} {month}");
        assert_eq!(us(11), counted, "{site} {month}");
    }
}

#[test]
fn the_why_of_a_credit_leads_from_the_money_to_the_rows() {
    let folder = Folder::new();
    let store = imported(&folder);
    let figure = "credit/parzival-rappoltstein-redirect-to-rappoltstein-parzival-unibe-ch";
    let why = ask("why", &store, &[figure, "--month", "2026-03", "--price", "100.00"]);
    for part in ["EUR 10.00", "SH-CRED-04", "read as A-10", "2026-03-07T10:00:24Z/2026-03-07T10:24:48Z", "91"]
    {
        assert!(why.contains(part), "{part} is missing in\n{why}");
    }
    let page = ask("why", &store, &[figure, "--month", "2026-03", "--price", "100.00", "--format", "html"]);
    assert!(page.starts_with("<!doctype html>") && page.contains("EUR 10.00"));
    for part in ["The readers of the sites", "March 2026", "OBSERVED-SITES-2026"] {
        let head = page.split("</header>").next().unwrap();
        assert!(head.contains(part), "{part} is missing in\n{head}");
    }
}

/// A difference between two answers can be traced to the time zone rules only where both say which they used.
#[test]
fn every_answer_says_which_time_zone_rules_it_was_computed_with() {
    let folder = Folder::new();
    let store = imported(&folder);
    let tzdata = |text: &str| {
        serde_json::from_str::<serde_json::Value>(text).unwrap()["tzdata"].as_str().map(str::to_owned)
    };
    let month = ["--month", "2026-03"];
    let why = [&["credit"], &month[..], &["--format"]].concat();
    let json = [
        ask("forecast", &store, &["--json"]),
        ask("replay", &store, &["--from", "2026-03", "--as-tier", "premium", "--json"]),
        ask("why", &store, &[&why[..], &["json"]].concat()),
        uphold(&[&["agreement", "credit", SITES, "--down-minutes", "50", "--json"], &month[..]].concat())
            .ok(),
        uphold(&["agreement", "check", SITES, "--json"]).ok(),
    ];
    for answer in &json {
        assert_eq!(tzdata(answer).as_deref(), Some(spans::tzdata()), "{answer}");
    }
    let text = ask("why", &store, &[&why[..], &["text"]].concat());
    assert!(text.ends_with(&format!(", tzdata {}\n", spans::tzdata())), "{text}");
    let csv = ask("statement", &store, &[&month[..], &["--format", "csv"]].concat());
    let mut lines = csv.lines();
    assert!(lines.next().unwrap().ends_with(",tzdata"), "{csv}");
    assert!(lines.all(|line| line.ends_with(&format!(",{}", spans::tzdata()))), "{csv}");
}

#[test]
fn a_statement_is_the_same_in_every_form() {
    let folder = Folder::new();
    let store = imported(&folder);
    let month = ["--month", "2026-06", "--price", "480.00"];
    let text = ask("statement", &store, &month);
    let json: serde_json::Value =
        serde_json::from_str(&ask("statement", &store, &[&month[..], &["--format", "json"]].concat()))
            .unwrap();
    let page = ask("statement", &store, &[&month[..], &["--format", "html"]].concat());
    let credit = json["statement"]["credit"]["credit"].as_str().unwrap();
    assert!(text.contains(&format!("credit of the month: {credit}")), "{text}");
    assert!(page.contains(credit));
    assert!(text.contains("Assumed, not charged: EUR 480.00"));
    for instance in json["statement"]["instances"].as_array().unwrap() {
        let us = |key: &str| instance[key].as_str().unwrap().parse::<spans::Length>().unwrap();
        assert_eq!(us("up") + us("down") + us("excluded") + us("unknown"), us("covered"));
    }
}

#[test]
fn a_month_that_is_not_over_or_not_covered_is_refused_with_a_way_out() {
    let folder = Folder::new();
    let store = imported(&folder);
    let args = ["statement", "--agreement", SITES, "--store", &store];
    let early =
        uphold(&[&args[..], &["--month", "2026-06", "--at", "2026-06-15T00:00:00Z"]].concat()).refused(1);
    insta::assert_snapshot!(early, @"uphold: 2026-06 is not over at 2026-06-15T00:00:00Z: its statement can be made from 2026-07-01T00:00:00Z on; `--preview` shows how it stands");
    let outside = uphold(&[&args[..], &["--month", "2025-06"]].concat()).refused(2);
    insta::assert_snapshot!(outside, @"uphold: 2025-06 lies outside the term 2026-01-20T00:00:00Z/2026-09-01T00:00:00Z: choose a month inside it");
    let elsewhere = uphold(&[
        "statement",
        "--agreement",
        SITES,
        "--store",
        &folder.path("none.db"),
        "--month",
        "2026-06",
    ]);
    assert!(elsewhere.refused(1).contains("none.db"));
    let figure =
        uphold(&[&["why", "credit/nobody"], &args[1..], &["--month", "2026-06", "--at", AFTER]].concat());
    assert!(figure.refused(2).contains("`credit/nobody` has no why"));
}

/// An answer without its last line, which says what it was computed from: the file's identity changes with every comment.
fn without_stamp(said: &str) -> &str {
    let (answer, stamp) = said.rsplit_once("\n\n").unwrap();
    let rules = format!(", tzdata {}\n", spans::tzdata());
    assert!(stamp.starts_with("as of 2026-") && stamp.ends_with(&rules), "{said}");
    answer
}

#[test]
fn a_replay_says_what_another_tier_would_have_meant() {
    let folder = Folder::new();
    let store = imported(&folder);
    let replay = ask("replay", &store, &["--from", "2026-03", "--to", "2026-04", "--as-tier", "enterprise"]);
    insta::assert_snapshot!(without_stamp(&replay), @"
    What these facts would have meant; not a forecast.
    2026-03
      was:   3 instances missed, 0 promises met, 0 missed; charged -, credit -, to pay -
      would: 6 instances missed, 0 promises met, 0 missed; charged -, credit -, to pay -
    2026-04
      was:   4 instances missed, 0 promises met, 0 missed; charged -, credit -, to pay -
      would: 4 instances missed, 0 promises met, 0 missed; charged -, credit -, to pay -
    ");
}

#[test]
fn an_outage_that_goes_on_is_forecast_to_the_minute_and_the_cent() {
    let folder = Folder::new();
    let store = imported(&folder);
    // In the middle of the 22 minutes of 24 March: 34 are down in the end, 44 allowed.
    let at = "2026-03-24T01:00:00Z";
    let args = ["forecast", "--agreement", SITES, "--store", &store, "--at", at, "--tier", "premium"];
    let forecast = uphold(&args).ok();
    assert!(without_stamp(&forecast).contains("costs: "), "{forecast}");
    let why = ask("why", &store, &["--month", "2026-03"]);
    assert!(without_stamp(&why).contains("availability/"), "{why}");
    let next =
        forecast.lines().find(|line| line.contains("arcipelago-ceresa: 23 min down, 22 allowed")).unwrap();
    assert!(next.starts_with("2026-03-24T01:09:32Z"), "{forecast}");
}

#[test]
fn a_scenario_is_judged_by_what_it_expects() {
    let folder = Folder::new();
    let said = uphold(&["simulate", "scenarios/04-the-forty-fourth-minute.txt"]).ok();
    assert!(said.ends_with("This is what the file expects.\n"), "{said}");
    let text = std::fs::read_to_string("../../scenarios/04-the-forty-fourth-minute.txt").unwrap();
    let wrong = folder.file("wrong.txt", &text.replace("EUR 48.00", "EUR 49.00"));
    let ran = uphold(&["simulate", &wrong, "--agreements", "agreements"]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("+   credit of the month: EUR 48.00"), "{}", ran.out);
    let broken = folder.file("broken.txt", "title: x\nhello\n");
    assert!(uphold(&["simulate", &broken]).refused(1).contains("broken.txt:2: "));
}

#[test]
fn what_the_demo_says_to_ask_on_can_be_pasted_from_any_folder() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("it's here")).unwrap();
    let said = uphold_in(&folder.path("it's here"), &["demo", "histories", "--into", "a demo"]).ok();
    let (_, commands) = said.split_once("Ask on, for example:\n").unwrap();
    assert_eq!(commands.lines().count(), 2);
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_uphold")).parent().unwrap().to_str().unwrap();
    for command in commands.lines() {
        let mut shell = std::process::Command::new("sh");
        shell
            .args(["-c", &format!("PATH='{program}':$PATH; {command}")])
            .current_dir(folder.path("it's here"));
        let ran = shell.output().unwrap();
        assert!(ran.status.success(), "{command}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    let index = folder.read("it's here/a demo/index.html");
    assert!(index.contains("<h1>The readers of the sites</h1>"), "{index}");
    assert_eq!(index.matches(">Statements<").count(), 1);
}

#[test]
fn the_demo_runs_twice_and_adds_nothing_the_second_time() {
    let folder = Folder::new();
    let into = folder.path("demo");
    let first = uphold(&["demo", "histories", "--into", &into]).ok();
    assert!(first.contains("Client digital-editions: facts added 2834, already there 0."), "{first}");
    assert!(first.contains("MP-UPD-01") && first.contains("Statement of 2026-03"));
    let second = uphold(&["demo", "histories", "--into", &into]).ok();
    assert!(second.contains("Client digital-editions: facts added 0, already there 2834."));
    let page = folder.read("demo/statement-2026-03.html");
    assert!(page.contains("Under each tier") && !page.contains("<script"));
}

#[test]
fn an_altered_journal_gives_no_statement() {
    let folder = Folder::new();
    let store = imported(&folder);
    let sql = "UPDATE entry SET body = replace(body, '\"down\"', '\"up\"') WHERE seq = (SELECT min(seq) FROM entry WHERE body LIKE '%\"down\"%')";
    let connection = rusqlite::Connection::open(&store).unwrap();
    for name in triggers(&connection) {
        connection.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    connection.execute_batch(sql).unwrap();
    drop(connection);
    let args = ["statement", "--agreement", SITES, "--store", &store, "--month", "2026-02", "--at", AFTER];
    let said = uphold(&args).refused(1);
    assert!(
        said.contains("its hash is not that of its contents") && said.contains("journal verify"),
        "{said}"
    );
}

fn triggers(connection: &rusqlite::Connection) -> Vec<String> {
    let mut names = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").unwrap();
    let names = names.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

#[cfg(unix)]
#[test]
fn an_output_file_keeps_its_link_and_its_mode_and_a_device_stays_one() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    let folder = Folder::new();
    let store = imported(&folder);
    let real = folder.file("real.txt", "old");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    folder.file("real.txt.new", "somebody else's");
    let link = folder.path("link.txt");
    symlink(&real, &link).unwrap();
    let history = ["statement", "--agreement", SITES, "--store", &store, "--month", "2026-06"];
    let said = uphold(&[&history[..], &["--out", &link]].concat()).refused(1);
    assert!(said.contains("add --replace") && folder.read("real.txt") == "old", "{said}");
    ask("statement", &store, &["--month", "2026-06", "--replace", "--out", &link]);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(folder.read("real.txt").starts_with("Statement of 2026-06"));
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(folder.read("real.txt.new"), "somebody else's");
    ask("statement", &store, &["--month", "2026-06", "--out", "/dev/null"]);
    assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

/// One slip of the hand must not cost the record of what happened.
#[test]
fn a_statement_never_takes_the_place_of_what_it_is_computed_from() {
    let folder = Folder::new();
    let store = imported(&folder);
    let agreement = folder.file("a.toml", &std::fs::read_to_string(format!("../../{SITES}")).unwrap());
    for out in [&store, &agreement] {
        let args =
            ["statement", "--agreement", &agreement, "--store", &store, "--month", "2026-06", "--replace"];
        let said = uphold(&[&args[..], &["--out", out]].concat()).refused(2);
        assert!(said.contains("computed from"), "{said}");
    }
    assert!(uphold(&["journal", "verify", "--store", &store]).ok().contains("sound"));
}

/// main.rs: what lies outside the term is a wrong argument, whichever command it is said to.
#[test]
fn a_month_or_instant_outside_the_term_is_a_wrong_command_line() {
    let folder = Folder::new();
    let store = imported(&folder);
    let history = ["--agreement", SITES, "--store", &store];
    let commands: [&[&str]; 5] = [
        &["agreement", "credit", SITES, "--month", "2025-06", "--down-minutes", "1"],
        &["agreement", "due", SITES, "--event", "request.received", "--at", "2025-06-01T00:00:00Z"],
        &[&["statement"], &history[..], &["--month", "2025-06"]].concat(),
        &[&["why"], &history[..], &["--month", "2025-06"]].concat(),
        &[&["replay"], &history[..], &["--from", "2026-08", "--to", "2026-09", "--as-tier", "premium"]]
            .concat(),
    ];
    for command in commands {
        let said = uphold(command).refused(2);
        assert!(said.contains("outside the") && said.contains("term"), "{command:?}: {said}");
    }
}

#[test]
fn a_price_below_zero_is_refused_by_name() {
    let folder = Folder::new();
    let store = imported(&folder);
    let history = ["--agreement", SITES, "--store", &store, "--price", "-4"];
    let commands: [&[&str]; 4] = [
        &["agreement", "credit", SITES, "--month", "2026-06", "--down-minutes", "1", "--price", "-4"],
        &[&["statement"], &history[..], &["--month", "2026-06"]].concat(),
        &[&["why"], &history[..], &["--month", "2026-06"]].concat(),
        &[&["replay"], &history[..], &["--from", "2026-06", "--as-tier", "premium"]].concat(),
    ];
    for command in commands {
        let said = uphold(command).refused(2);
        assert_eq!(
            said, "uphold: --price: -4 is below zero: name what was paid, such as 480.00\n",
            "{command:?}"
        );
    }
}

#[test]
fn a_replay_in_money_says_what_was_assumed() {
    let folder = Folder::new();
    let store = imported(&folder);
    let asked = ["--from", "2026-03", "--to", "2026-04", "--as-tier", "premium", "--price", "100.00"];
    insta::assert_snapshot!(without_stamp(&ask("replay", &store, &asked)), @"
    What these facts would have meant; not a forecast.
    2026-03
      was:   3 instances missed, 0 promises met, 0 missed; charged EUR 1400.00, credit EUR 60.00, to pay EUR 1340.00
      would: 5 instances missed, 0 promises met, 0 missed; charged EUR 1900.00, credit EUR 237.51, to pay EUR 1662.49
    2026-04
      was:   4 instances missed, 0 promises met, 0 missed; charged EUR 1400.00, credit EUR 40.00, to pay EUR 1360.00
      would: 4 instances missed, 0 promises met, 0 missed; charged EUR 1900.00, credit EUR 135.72, to pay EUR 1764.28
    Assumed, not charged: EUR 100.00 for each instance and month.
    ");
    let json = ask("replay", &store, &[&asked[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["assumed_price"], "EUR 100.00");
    assert_eq!(json["months"][1]["was"]["credit"], "EUR 40.00");
    let args = ["replay", "--agreement", SITES, "--store", &store, "--from", "2026-03", "--as-tier", "gold"];
    let said = uphold(&args).refused(2);
    assert_eq!(said, "uphold: `gold` is no tier of this agreement: choose standard, premium, enterprise\n");
}
