//! Any bytes as the text of an agreement: read, judged, rendered. Only an answer is expected, and no panic.
#![no_main]

use agreement::report;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let checked = report::check(&text);
    assert!(checked.agreement.is_some() || !checked.findings.is_empty());
    report::render(&checked.findings, "a.toml", &text);
    report::rows(&checked.findings, "a.toml", &text);
    report::waits_table(&checked.worst_waits);
});
