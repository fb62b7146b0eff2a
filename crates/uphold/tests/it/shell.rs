//! What comes with the program: settings by five questions, completions, manual pages.

use std::fs;

use crate::{
    folder::Folder,
    run::{uphold, uphold_in, uphold_with},
};

#[test]
fn five_questions_write_settings_that_serve_reads() {
    let folder = Folder::new();
    let file = folder.path("uphold.toml");
    let answers = "journal.db\na.toml, b.toml\n127.0.0.1:7999\n\n10.1.0.0/16\n";
    let said = uphold_with(&["init", &file], answers).ok();
    assert!(said.contains("5 of 5") && said.contains("uphold serve --config"), "{said}");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("agreements = [\"a.toml\",\"b.toml\"]"), "{text}");
    assert!(text.contains("\n# proxies = [") && text.contains("\n# references = ["), "{text}");
    assert!(said.contains("references"), "{said}");
    // Every key is one that `serve` knows: what it complains of is the files that are not there.
    let here = folder.path("");
    let said = uphold_in(&here, &["serve", "--config", "uphold.toml"]).refused(2);
    assert!(said.contains("a.toml") && said.contains("b.toml") && !said.contains("unknown"), "{said}");
    let said = uphold_with(&["init", &file], answers).refused(1);
    assert!(said.contains("is there already"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn what_stands_there_as_a_comment_can_be_used_as_it_is() {
    let folder = Folder::new();
    let file = folder.path("uphold.toml");
    uphold_with(&["init", &file], "journal.db\na.toml\n127.0.0.1:7999\nhttps://desk.example\n\n").ok();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("\nproxies = [\"127.0.0.1\", \"::1\"]\n"), "{text}");
    let text = text.replace("# references", "references");
    folder.file("uphold.toml", &text);
    let said = uphold_in(&folder.path(""), &["serve", "--config", "uphold.toml"]).refused(2);
    assert_eq!(said.lines().count(), 2, "only the agreement is not there: {said}");
}

#[test]
fn an_answer_that_cannot_be_used_is_asked_again_and_then_given_up() {
    let folder = Folder::new();
    let file = folder.path("uphold.toml");
    let said = uphold_with(&["init", &file], "j.db\na.toml\nnowhere\n127.0.0.1:1\n\n\n").ok();
    assert!(said.contains("`nowhere`"), "{said}");
    let other = folder.path("other.toml");
    assert_eq!(uphold_with(&["init", &other], "j.db\na.toml\nnowhere\nnowhere\nnowhere\n").status, 2);
    assert!(!fs::exists(&other).unwrap());
}

#[test]
fn shells_and_man_learn_of_every_command() {
    assert!(uphold(&["completions", "bash"]).ok().contains("statement"));
    let folder = Folder::new();
    let pages = folder.path("man1");
    uphold(&["man", "--into", &pages]).ok();
    for page in ["uphold.1", "uphold-serve.1", "uphold-agreement-check.1"] {
        assert!(fs::exists(format!("{pages}/{page}")).unwrap(), "{page}");
    }
}
