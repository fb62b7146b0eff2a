//! Any text is answered: with an agreement or with findings, never with a panic, and soon.

mod edits;
mod hostile;

use agreement::report;
use proptest::prelude::*;

use crate::shipped::{HOSTED, ISOLATED};

/// Everything that is done with a text before anybody trusts it.
fn judge(text: &str) {
    let checked = report::check(text);
    let page = report::render(&checked.findings, "a.toml", text);
    assert!(page.ends_with(" notes\n") || page.ends_with(" note\n"), "{page}");
    assert!(checked.agreement.is_some() || !checked.findings.is_empty(), "nothing read and nothing said");
    for row in report::rows(&checked.findings, "a.toml", text) {
        assert!((row.line, row.column) <= (row.end_line, row.end_column), "{row:?}");
        assert!(row.line <= text.matches('\n').count() + 1, "{row:?}");
    }
    report::waits_table(&checked.worst_waits);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_shipped_file_with_bytes_changed_is_answered(isolated: bool, edits in prop::collection::vec(any::<u8>(), 4..160)) {
        judge(&edits::edited(if isolated { ISOLATED } else { HOSTED }, &edits));
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,400}") {
        judge(&text);
    }

    #[test]
    fn any_bytes_that_look_like_a_file_are_answered(text in "(\\[{1,2}[a-z_.]{1,12}\\]{1,2}\n|[a-z_]{1,9} *= *[\\[\\]{}\",0-9a-zT:Z=-]{0,24}\n){0,24}") {
        judge(&text);
    }
}
