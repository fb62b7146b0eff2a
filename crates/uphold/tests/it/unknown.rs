//! A month that nobody looked at has no percentage, in whatever form it is stated; one that was looked at too little has a range.

use crate::{folder::Folder, run::uphold};

const SITES: &str = "agreements/observed-history.toml";

/// Seen on 1 February and around an hour of downtime in April; in May nobody looked.
const ROWS: &str = "ts_utc,slug,name,state,http_code,response_ms,commit
2026-02-01T00:00:00Z,wiki,The wiki,up,200,120,a1
2026-04-10T00:00:00Z,wiki,The wiki,down,503,120,a2
2026-04-10T01:00:00Z,wiki,The wiki,up,200,120,a3
";

fn stated(folder: &Folder, month: &str, format: &str) -> String {
    let store = folder.path("journal.db");
    if !folder.has("journal.db") {
        let file = folder.file("checks.csv", ROWS);
        uphold(&["import", "checks", &file, "--agreement", SITES, "--store", &store]).ok();
    }
    let about = ["--agreement", SITES, "--store", &store, "--at", "2026-09-01T00:00:00Z"];
    uphold(&[&["statement"], &about[..], &["--month", month, "--format", format]].concat()).ok()
}

#[test]
fn sh_mon_01_a_month_that_nobody_looked_at_has_no_percentage() {
    let folder = Folder::new();
    let text = stated(&folder, "2026-05", "text");
    assert!(
        text.contains(
            "The wiki  not known    0 min   44 min        0m     744h  nobody looked, so a person decides"
        ),
        "{text}"
    );
    let csv = stated(&folder, "2026-05", "csv");
    assert!(csv.contains(",not known,\"nobody looked, so a person decides\","), "{csv}");
    let page = stated(&folder, "2026-05", "html");
    assert!(page.contains(">not known<span class=\"clause\">nobody looked</span></td>"));
    assert!(page.contains("<p class=\"lead\">Of one too little was seen: a person decides.</p>"));
    // The derivation alone says what the unknown could have been, in so many words.
    let figures = page.replace("uptime if all of it was up: 100.000%", "");
    for form in [&text, &csv, &figures] {
        assert!(!form.contains("100.000%"), "{form}");
    }
}

#[test]
fn sh_mon_01_a_month_looked_at_too_little_shows_the_least_and_the_most() {
    let folder = Folder::new();
    let range = "6.666% to 99.861%";
    for format in ["text", "csv", "html"] {
        let said = stated(&folder, "2026-04", format);
        assert!(said.contains(range) && said.contains("a person decides"), "{said}");
    }
}
