//! What the two shipped agreements are told, word for word; and how long their cells can take.

use agreement::{Agreement, Terms};
use spans::Length;

use super::{found, plain, told};
use crate::shipped::{HOSTED, ISOLATED};

#[test]
fn the_hosted_agreement_has_no_errors_and_says_what_was_found_in_its_source() {
    let text = plain(HOSTED);
    insta::assert_snapshot!(told(&text, &found(&text)), @r#"
    warning L-07 at `{ standard = "50", premium = "75", enterprise = "100" }` (SH-CRED-01 SH-CRED-08 SH-CRED-09): the cap never binds for standard, premium and enterprise: the ladder cannot give more
      if the cap was meant as an amount or per instance, say so before you sign (A-17)
    note L-05 at `"matrix.response"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02 SH-SLO-09): the longest wait is 13d by the clock on the wall: P4, standard (7d) begun 2026-05-13T17:00:00Z is due 2026-05-26T17:00:00Z
      read the table of worst-case waits before you sign
    note L-13 at `"unset"` (SH-CHAR-06): `decide-appeal` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    note L-13 at `"unset"` (SH-ACK-01): `diagnostics` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    warning L-12 at `{ standard = "2w", premium = "1w", enterprise = "1w" }` (SH-SEC-01 SH-MAINT-11): `security-patch` leaves no time after the notice of 7d (`maintenance-notice`), for premium (1w) and enterprise (1w)
      agree which of the two stands back, or that both stand and the notice is best effort (A-25)
    warning L-12 at `{ standard = "4w", premium = "2w", enterprise = "1w" }` (SH-MAINT-02 SH-MAINT-10 SH-MAINT-11): `upgrade` leaves no time after the notice of 7d (`maintenance-notice`), for enterprise (1w)
      agree which of the two stands back, or that both stand and the notice is best effort (A-25)
    "#);
}

#[test]
fn the_isolated_platform_has_no_errors_and_says_what_was_found_in_its_source() {
    let text = plain(ISOLATED);
    insta::assert_snapshot!(told(&text, &found(&text)), @r#"
    note L-11 at `"Medium"` (MP-UPD-03): the text says "Medium" and means `normal`
      pages and letters use the file's word; say so in a reading if it is not plain
    note L-11 at `"Priority"` (MP-UPD-03): the text says "Priority" and means `urgency`
      pages and letters use the file's word; say so in a reading if it is not plain
    note L-13 at `{}` (MP-ESC-06): no threshold is set, so `resolution-slow` is never suggested
      agree on one by urgency, or leave it to the client to escalate (A-44)
    warning L-15 at `high = "30m"` (MP-SLO-01 MP-SC-INC-01 MP-SLO-07): outage, critical and outage, high are both 30m
      a slip? If it is meant, nothing is to do
    warning L-15 at `low = "24h"` (MP-SLO-01 MP-SC-INC-01 MP-SLO-09): service, normal and service, low are both 24h
      a slip? If it is meant, nothing is to do
    note L-05 at `"matrix.response"` (MP-SLO-01 MP-SC-INC-01 MP-SLO-09): the longest wait is 7d by the clock on the wall: service, normal (24h) begun 2026-03-31T15:00:00Z is due 2026-04-07T15:00:00Z
      read the table of worst-case waits before you sign
    note L-10 at `"qualified-around-the-clock"` (MP-SLO-01 MP-SC-INC-01): a qualified person must answer round the clock for outage and performance
      put people on the rota, or plan shifts (`shift.planned`), for every instant of the term
    note L-13 at `"unset"` (MP-UPD-03): `updates-other` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    note L-13 at `"unset"` (MP-CLI-05): `answers` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    note L-13 at `"unset"` (MP-SC-INC-03): `rca` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    note L-13 at `"unset"` (MP-ESC-11): `escalation-answer` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    note L-13 at `"unset"` (MP-SC-SEC-01): `cve-watch` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    note L-13 at `"unset"` (MP-SC-SEC-02): `cve-remediate` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    note L-13 at `"unset"` (MP-EX-INF-07): `cve-on-os` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    note L-13 at `"unset"` (MP-CLI-03): `access-review` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    note L-13 at `"unset"` (MP-VPN-02): `vpn-upkeep` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    note L-13 at `"unset"` (MP-COB-04): `onboarding-programme` has no due time: it is shown with its age, never as due
      agree on a time, or leave it as the text does
    note L-13 at `"pending"` (MP-SOP-01 MP-SOP-02 MP-SOP-05 MP-SOP-06): approval `sop` has no time to answer: silence leaves it pending
      remind the silent party (`remind`); silence is never consent (A-47)
    note L-13 at `"pending"` (MP-SCOPE-02): approval `scope-precedent` has no time to answer: silence leaves it pending
      remind the silent party (`remind`); silence is never consent (A-47)
    "#);
}

/// `P1, standard: 8h bh, at worst 4d from 2026-04-03T17:00:00Z`.
fn waits(text: &str) -> String {
    let agreement = Agreement::read(text).0.expect("it reads");
    let line = |w: agreement::WorstWait| {
        format!("{}, {}: {} {}, at worst {} from {}\n", w.row, w.column, w.target, w.calendar, w.wait, w.at)
    };
    agreement.worst_waits().into_iter().map(line).collect()
}

/// A-01: eight open hours are 72 hours by the clock over a plain weekend, and 96 over Easter.
#[test]
fn l_05_worst_case_waits() {
    insta::assert_snapshot!(waits(HOSTED), @r"
    P1, standard: 8h bh, at worst 96h from 2026-04-03T17:00:00Z
    P1, premium: 4h hop, at worst 81h from 2026-04-03T17:00:00Z
    P1, enterprise: 2h always, at worst 2h from 2026-03-01T00:00:00Z
    P2, standard: 12h bh, at worst 116h from 2026-04-02T17:00:00Z
    P2, premium: 8h hop, at worst 85h from 2026-04-03T17:00:00Z
    P2, enterprise: 4h always, at worst 4h from 2026-03-01T00:00:00Z
    P3, standard: 2d bh, at worst 120h from 2026-04-02T17:00:00Z
    P3, premium: 1d hop, at worst 101h from 2026-04-03T17:00:00Z
    P3, enterprise: 8h always, at worst 8h from 2026-03-01T00:00:00Z
    P4, standard: 7d bh, at worst 312h from 2026-05-13T17:00:00Z
    P4, premium: 3d hop, at worst 149h from 2026-04-03T17:00:00Z
    P4, enterprise: 1d always, at worst 24h from 2026-03-01T00:00:00Z
    ");
    insta::assert_snapshot!(waits(ISOLATED), @r"
    outage, critical: 30m always, at worst 30m from 2026-03-02T00:00:00Z
    outage, high: 30m always, at worst 30m from 2026-03-02T00:00:00Z
    outage, normal: 1h always, at worst 1h from 2026-03-02T00:00:00Z
    outage, low: 8h always, at worst 8h from 2026-03-02T00:00:00Z
    performance, critical: 30m always, at worst 30m from 2026-03-02T00:00:00Z
    performance, high: 1h always, at worst 1h from 2026-03-02T00:00:00Z
    performance, normal: 8h always, at worst 8h from 2026-03-02T00:00:00Z
    performance, low: 24h always, at worst 24h from 2026-03-02T00:00:00Z
    service, critical: 1h business, at worst 113h from 2026-04-02T15:00:00Z
    service, high: 8h business, at worst 120h from 2026-04-02T15:00:00Z
    service, normal: 24h business, at worst 168h from 2026-03-31T15:00:00Z
    service, low: 24h business, at worst 168h from 2026-03-31T15:00:00Z
    ");
}

/// The slow way: no quarter of an hour of the term waits longer, and the named instant waits as long as is said.
#[test]
fn l_05_no_other_instant_of_the_term_waits_longer() {
    for text in [HOSTED, ISOLATED] {
        let agreement = Agreement::read(text).0.expect("it reads");
        let terms = Terms::compile(agreement.clone(), "").expect("it compiles");
        for worst in agreement.worst_waits() {
            let amount = worst.target.parse().expect("an amount");
            let wait = |at| terms.deadline(at, amount, &worst.calendar).expect("it fits") - at;
            assert_eq!(wait(worst.at), worst.wait, "{worst:?}");
            let quarters =
                std::iter::successors(Some(terms.term().start), |at| Some(*at + Length::from_minutes(15)));
            let longest = quarters.take_while(|at| *at < terms.term().end).map(wait).max();
            assert!(longest.is_some_and(|longest| longest <= worst.wait), "{longest:?} {worst:?}");
        }
    }
}

/// One mistake of reading hides neither a name that leads nowhere, nor a holiday year that is missing, nor a matrix that rises the
/// wrong way.
#[test]
fn what_cannot_be_read_hides_no_other_finding() {
    let text = include_str!("../../../../../agreements/stellar-hosted.toml");
    let wrong = [
        ("met_by ", "met_bye "),
        ("inside    = \"hop\"", "inside    = \"nope\""),
        ("\n2027 = [", "\n2029 = ["),
    ];
    let mut spoilt = text.to_owned();
    for (from, to) in wrong {
        assert!(spoilt.contains(from), "{from}");
        spoilt = spoilt.replacen(from, to, 1);
    }
    let checked = agreement::report::check(&spoilt);
    let all: Vec<String> = checked.findings.iter().map(|f| f.message.clone()).collect();
    assert!(checked.agreement.is_none());
    for said in ["met_bye", "nope", "2027"] {
        assert!(all.iter().any(|message| message.contains(said)), "{said}: {all:#?}");
    }
    // Nothing is said that is about the hole alone: mended but for the first, the file has one finding.
    let one = agreement::report::check(&text.replacen("met_by ", "met_bye ", 1));
    assert!(
        one.findings.iter().filter(|f| f.weight == agreement::Weight::Error).count() <= 2,
        "{:#?}",
        one.findings
    );
}

/// A zone that is none hides no missing year of its list, and a length that is none in `[availability]` makes no credit without an
/// objective of it.
#[test]
fn a_wrong_value_neither_hides_what_lies_beside_it_nor_speaks_for_its_table() {
    let text = include_str!("../../../../../agreements/stellar-hosted.toml");
    let errors = |text: &str| -> Vec<String> {
        let found = agreement::report::check(text).findings;
        found.into_iter().filter(|f| f.weight == agreement::Weight::Error).map(|f| f.message).collect()
    };
    let zone = text.replacen("\"Europe/Amsterdam\"", "\"Europe/Amsterdm\"", 1).replacen(
        "\n2027 = [",
        "\n2029 = [",
        1,
    );
    let said = errors(&zone);
    assert!(said.iter().any(|message| message.contains("Amsterdm")), "{said:#?}");
    assert!(said.iter().any(|message| message.contains("2027")), "{said:#?}");
    let length = text.replacen("bridge_max = \"10m\"", "bridge_max = \"10x\"", 1);
    assert_eq!(errors(&length), ["a length of time was expected, not `10x`"]);
}
