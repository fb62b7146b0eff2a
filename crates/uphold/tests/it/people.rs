//! Who may come in, as the command line keeps it.

use crate::{folder::Folder, run::uphold_in};

#[test]
fn people_are_listed_given_other_roles_shut_out_and_let_in_again() {
    let folder = Folder::new();
    let here = folder.path("");
    let run = |args: &[&str]| uphold_in(&here, &[&["people"], args, &["--store", "j.db"]].concat());
    assert!(run(&["list"]).refused(1).contains("no journal"));
    run(&["invite", "ann", "--name", "Ann", "--role", "administrator"]).ok();
    let bo = run(&[
        "invite",
        "bo",
        "--name",
        "Bo",
        "--client",
        "acme",
        "--role",
        "contact",
        "--role",
        "administrator",
    ])
    .ok();
    assert!(bo.contains("counts at once and is not on record for acme"), "{bo}");
    let listed = run(&["list"]).ok();
    assert!(listed.contains("ann") && listed.contains("acme") && listed.contains("contact"), "{listed}");

    // Somebody of a client does not look after the portal, whatever they are called.
    for last in
        [&["disable", "ann"][..], &["roles", "ann", "--role", "manager"], &["roles", "ann", "--no-roles"]]
    {
        let said = run(last).refused(1);
        assert!(said.contains("last administrator"), "{said}");
    }
    let said = run(&["roles", "bo", "--role", "manager", "--skill", "atlassian-dc"]).ok();
    assert!(said.contains("manager, atlassian-dc") && !said.contains("contact"), "{said}");
    run(&["invite", "cy", "--name", "Cy", "--role", "administrator"]).ok();
    assert!(run(&["disable", "Ann"]).ok().contains("have ended"));
    assert!(run(&["list"]).ok().contains("disabled 20"));
    assert!(run(&["secret", "ann"]).refused(1).contains("people enable"));
    assert!(run(&["disable", "cy"]).refused(1).contains("last administrator"));
    run(&["enable", "ann"]).ok();
    run(&["disable", "cy"]).ok();
    assert!(run(&["enable", "dora"]).refused(1).contains("nobody has the login"));
    assert_eq!(run(&["roles", "ann"]).status, 2, "no role said is no wish to take them all");
}
