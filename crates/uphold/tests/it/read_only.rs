//! Whoever asks a journal leaves it as it is, and may be somebody who cannot write it.

use std::fs;

use crate::{
    folder::Folder,
    import::{ROWS, SITES, import},
    run::{uphold, uphold_as_nobody},
};

#[test]
fn an_empty_file_is_no_journal_and_stays_empty() {
    let folder = Folder::new();
    let store = folder.file("journal.db", "");
    for command in ["verify", "rebuild", "export"] {
        let said = uphold(&["journal", command, "--store", &store]).refused(1);
        assert!(
            said.contains("there is no journal at") && said.contains("start one with an import"),
            "{said}"
        );
        assert_eq!(folder.read("journal.db"), "", "{command}");
    }
}

#[cfg(unix)]
#[test]
fn whoever_may_only_read_a_journal_can_ask_it_everything() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let (file, store) = (folder.file("checks.csv", ROWS), folder.path("journal.db"));
    import("checks", SITES, &file, &["--store", &store]).ok();
    let mode = |path: &str, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let nobody = |args: &[&str]| {
        mode(&store, 0o444);
        let ran = uphold_as_nobody(&folder.path(""), args);
        let left: Vec<_> =
            ["-wal", "-shm"].into_iter().filter(|s| folder.has(&format!("journal.db{s}"))).collect();
        assert!(left.is_empty(), "{args:?} left {left:?}");
        ran.ok()
    };
    let agreement = folder.file("agreement.toml", &fs::read_to_string(format!("../../{SITES}")).unwrap());
    assert!(nobody(&["journal", "verify", "--store", &store]).contains("sound, 5 entries of 1 client"));
    assert_eq!(nobody(&["journal", "export", "--store", &store]).lines().count(), 7);
    let about = ["--agreement", &agreement, "--store", &store, "--at", "2026-09-01T00:00:00Z"];
    let month = ["--month", "2026-02"];
    assert!(nobody(&[&["statement"], &about[..], &month].concat()).contains("The wiki"));
    assert!(nobody(&[&["why"], &about[..], &month].concat()).contains("availability/wiki"));
    nobody(&[&["forecast"], &about[..]].concat());
    nobody(&[&["replay"], &about[..], &["--from", "2026-02", "--as-tier", "premium"]].concat());
}
