//! The two agreements that ship with Uphold.

use agreement::Agreement;

pub(crate) const HOSTED: &str = include_str!("../../../../agreements/stellar-hosted.toml");
pub(crate) const ISOLATED: &str = include_str!("../../../../agreements/isolated-platform.toml");

#[test]
fn both_shipped_agreements_read_without_a_finding() {
    for text in [HOSTED, ISOLATED] {
        let (agreement, findings) = Agreement::read(text);
        assert_eq!(
            findings,
            [],
            "{:?}",
            findings.iter().map(|f| agreement::Position::of(text, f.place.0.start)).collect::<Vec<_>>()
        );
        assert!(agreement.is_some());
    }
}
