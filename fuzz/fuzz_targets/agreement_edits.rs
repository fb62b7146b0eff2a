//! Edits of the shipped agreements, so that most of what is judged can be read: lines swapped, doubled and taken out, values
//! replaced by hostile ones. The first byte chooses the file, the rest are edits of four bytes each. What has no error must
//! also compile, as a signed file would.
#![no_main]

use agreement::{Terms, report};
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/agreement/tests/it/read/edits.rs"]
mod edits;

const HOSTED: &str = include_str!("../../agreements/stellar-hosted.toml");
const ISOLATED: &str = include_str!("../../agreements/isolated-platform.toml");

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let text = edits::edited(if first % 2 == 0 { HOSTED } else { ISOLATED }, rest);
    let checked = report::check(&text);
    report::render(&checked.findings, "a.toml", &text);
    let sound = checked.is_sound();
    if let Some(agreement) = checked.agreement.filter(|_| sound) {
        Terms::compile(agreement, "").expect("what has no error compiles");
    }
});
