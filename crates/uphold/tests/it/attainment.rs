//! `uphold attainment`: a month of a real history, for people, programs and tables.

use crate::{
    folder::Folder,
    run::{Ran, uphold},
};

const INCIDENTS: &str = "agreements/observed-incidents.toml";

fn ask(store: &str, month: &str, more: &[&str]) -> Ran {
    let at = ["--at", "2026-09-01T00:00:00Z", "--month", month];
    uphold(&[&["attainment", "--agreement", INCIDENTS, "--store", store], &at[..], more].concat())
}

#[test]
fn mp_slo_05_a_month_is_told_as_text_json_and_csv() {
    let folder = Folder::new();
    let store = folder.path("journal.db");
    uphold(&["import", "incidents", "demo/incidents.jsonl", "--agreement", INCIDENTS, "--store", &store])
        .ok();
    let text = ask(&store, "2026-05", &[]).ok();
    assert!(text.starts_with("Attainment of 2026-05\n") && text.contains("told by MP-SLO-05"), "{text}");
    let csv = ask(&store, "2026-05", &["--csv"]).ok();
    let (head, first) = csv.split_once("\r\n").unwrap();
    assert_eq!(head.split(',').count(), first.lines().next().unwrap().split(',').count(), "{csv}");
    let json: serde_json::Value = serde_json::from_str(&ask(&store, "2026-05", &["--json"]).ok()).unwrap();
    let line = json["lines"].as_array().unwrap().iter().find(|line| line["due"] != 0).unwrap();
    assert!(line["tickets"][0]["key"].is_string() && line["why"]["value"].is_string(), "{line:#}");
}

#[test]
fn a_month_outside_the_term_cannot_be_meant() {
    let folder = Folder::new();
    let store = folder.path("journal.db");
    uphold(&["import", "incidents", "demo/incidents.jsonl", "--agreement", INCIDENTS, "--store", &store])
        .ok();
    let refused = ask(&store, "1999-01", &[]);
    assert!(refused.refused(2).contains("lies outside the term"));
}
