//! The two agreements that ship with Uphold.

use agreement::{Agreement, Weight};

pub(crate) const HOSTED: &str = include_str!("../../../../agreements/stellar-hosted.toml");
pub(crate) const ISOLATED: &str = include_str!("../../../../agreements/isolated-platform.toml");

/// Made for imported data; nobody signed them.
pub(crate) const HISTORY: &str = include_str!("../../../../agreements/observed-history.toml");
pub(crate) const INCIDENTS: &str = include_str!("../../../../agreements/observed-incidents.toml");

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

/// A guide that no order names binds nobody, so a file of it that names none cannot be signed.
#[test]
fn mp_meta_01_the_guide_binds_through_an_order_only() {
    let line = ISOLATED.lines().find(|line| line.starts_with("incorporated_by")).unwrap();
    let blank = Agreement::read(&ISOLATED.replace(line, "")).0.unwrap();
    let errors: Vec<_> = blank.lint().into_iter().filter(|f| f.weight == Weight::Error).collect();
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    assert_eq!((error.rule, error.clauses.contains(&"MP-META-01".to_owned())), ("L-01", true), "{error:?}");
}

/// What ships can be signed as it is; without its readings none of it could.
#[test]
fn every_shipped_file_is_accepted_and_none_without_its_readings() {
    let errors = |text: &str| -> Vec<_> {
        let found = Agreement::read(text).0.unwrap().lint().into_iter();
        found.filter(|f| f.weight == Weight::Error).map(|f| f.rule).collect()
    };
    for text in [HOSTED, ISOLATED, HISTORY, INCIDENTS] {
        assert_eq!(errors(text), Vec::<&str>::new());
        let (rest, readings) = text.split_once("[readings]\n").unwrap();
        let left_open = readings.lines().filter(|line| line.starts_with("A-")).count();
        assert_eq!(errors(rest), vec!["R-12"; left_open]);
    }
}
