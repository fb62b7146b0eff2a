//! What programs of the provider's say on the command line: an alert, and a check that is withdrawn.

use crate::{
    folder::Folder,
    run::{Ran, uphold_in},
    serve::{Site, watched_wiki},
};

const AT: [&str; 4] = ["--store", "j.db", "--agreement", "a.toml"];

fn run(folder: &Folder, what: &[&str]) -> Ran {
    uphold_in(&folder.path(""), &[what, &AT].concat())
}

fn export(folder: &Folder) -> String {
    uphold_in(&folder.path(""), &["journal", "export", "--store", "j.db"]).ok()
}

fn alert(folder: &Folder, instance: &str, value: &str) -> Ran {
    let of =
        ["alert", "digital-editions", instance, "disk", "--value", value, "--limit", "95", "--unit", "%"];
    run(folder, &[&of[..], &["--evidence", "df /var", "--by", "prometheus"]].concat())
}

#[test]
fn mp_sc_inc_02_an_alert_opens_one_incident_from_the_command_line_too() {
    let folder = Folder::new();
    watched_wiki(&folder, &Site::new());
    assert!(alert(&folder, "wiki", "95").ok().starts_with("recorded on T-1;"));
    assert_eq!(alert(&folder, "wiki", "95").ok(), "T-1 is open for it, and as much is on record there\n");
    let facts = export(&folder);
    assert_eq!(
        (facts.matches("threshold.crossed").count(), facts.matches("request.received").count()),
        (1, 1)
    );
    let said = alert(&folder, "wkii", "95").refused(1);
    assert!(said.contains("has no instance wkii that is covered: take an id"), "{said}");
    let said = alert(&folder, "wiki", "94").refused(1);
    assert!(said.contains("`value`: 94% is below the limit of 95% for disk on wiki"), "{said}");
    assert_eq!(export(&folder), facts);
}

#[test]
fn a_check_is_withdrawn_from_the_command_line_too() {
    let folder = Folder::new();
    watched_wiki(&folder, &Site::new());
    let end = |check: &str, more: &[&str]| {
        let of = ["check", "end", "digital-editions", "wiki", check, "--by", "anna", "--role", "manager"];
        run(&folder, &[&of[..], more].concat())
    };
    let before = export(&folder);
    assert!(end("none", &[]).refused(1).contains("`check` names none, which is not there"));
    assert!(end("http", &[]).refused(1).contains("the last check of wiki"));
    assert_eq!(export(&folder), before);
    assert_eq!(end("http", &["--confirm"]).ok(), "http of wiki is withdrawn; what it saw stays\n");
    assert!(export(&folder).contains("check.ended"));
}
