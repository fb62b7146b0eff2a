//! Backups, vulnerabilities, exclusions and credits: what is kept, named, claimed and disputed.

use promise::guard::severity;

use crate::story::{ENTERPRISE, STANDARD, act};

#[test]
fn sh_bak_01_a_backup_is_not_deleted_before_its_time() {
    let taken = "mon 01:00 backup wiki B-1";
    act(
        ENTERPRISE,
        &format!("{taken}; 03-31 01:00 delete wiki B-1"),
        "backup B-1 is kept until Wed 1 Apr 01:00: delete it then [SH-BAK-01]",
    );
    act(ENTERPRISE, &format!("{taken}; 04-01 01:00 delete wiki B-1"), "allowed");
    act(STANDARD, &format!("{taken}; 03-09 01:00 delete wiki B-1"), "allowed");
}

#[test]
fn sh_sec_04_a_cve_id_is_one() {
    let cve =
        |id| format!("mon 10:00 fact cve.published cve={id} software=wiki layer=application score=\"5.0\"");
    act(STANDARD, &cve("CVE-2021-44228"), "allowed");
    for id in ["CVE-21-1", "CVE-2021-123", "2021-44228", "CVE-2021-4422x"] {
        let said = format!(
            "`{id}` is no CVE id: write CVE, the year and at least four digits, such as CVE-2021-44228 \
             [SH-SEC-02, SH-SEC-03, SH-SEC-04, SH-SEC-05, SH-SEC-06]"
        );
        act(STANDARD, &cve(id), &said);
    }
}

#[test]
fn sh_sec_06_the_severity_is_derived_from_the_score() {
    let versions = STANDARD.versions();
    let of = |score: &str| severity(versions.latest().agreement(), score.parse().unwrap()).unwrap();
    for (score, band) in [
        ("0.0", "none"),
        ("0.1", "low"),
        ("3.9", "low"),
        ("4.0", "medium"),
        ("6.9", "medium"),
        ("7.0", "high"),
        ("8.9", "high"),
        ("9.0", "critical"),
        ("10.0", "critical"),
    ] {
        assert_eq!(of(score), band, "{score}");
    }
}

fn claim(cause: &str, proof: &str, who: &str) -> String {
    format!(
        "fri 10:00 exclude E-1 wiki from thu 10:00 to thu 11:00 because {cause} proof \"{proof}\" by {who}"
    )
}

#[test]
fn sh_excl_04_an_exclusion_is_claimed_with_evidence_by_a_manager() {
    act(STANDARD, &claim("beyond-control", "the exchange was cut off", "mia"), "allowed");
    act(
        STANDARD,
        &claim("beyond-control", "", "mia"),
        "attach what proves it: a claim without evidence is refused [SH-EXCL-04]",
    );
    act(
        STANDARD,
        &claim("bad-luck", "dice", "mia"),
        "`bad-luck` is no cause that the agreement excludes: use pre-ga, documented-exclusion, deprecated, \
         beyond-control, client-violation, quota, client-restart, client-or-third-party \
         [SH-EXCL-04, SH-EXCL-05, SH-EXCL-08]",
    );
    act(
        STANDARD,
        &claim("beyond-control", "the exchange was cut off", "anna"),
        "anna may not do this: ask somebody of the provider who is manager [SH-DEF-09]",
    );
}

#[test]
fn sh_excl_08_a_claim_is_disputed_within_ten_business_days() {
    let claimed = claim("client-or-third-party", "traceroute", "mia");
    // From Friday 10:00, ten business days of eight hours: Friday two weeks later, 10:00.
    act(STANDARD, &format!("{claimed}; 03-20 10:00 dispute E-1 saying \"no\" by piet"), "allowed");
    act(
        STANDARD,
        &format!("{claimed}; 03-20 10:01 dispute E-1 saying \"no\" by piet"),
        "it could be disputed within 10d, until Fri 20 Mar 10:00 [SH-EXCL-04, SH-EXCL-05, SH-EXCL-08]",
    );
    act(
        STANDARD,
        &format!("{claimed}; 03-19 10:00 dispute E-1 saying \"no\" by jan"),
        "jan may not do this: ask somebody of the client who is approver [SH-DEF-12]",
    );
    act(
        STANDARD,
        "fri 10:00 dispute E-7 saying \"no\" by piet",
        "there is no claim E-7 to dispute or settle [SH-EXCL-04, SH-EXCL-05, SH-EXCL-08]",
    );
}

#[test]
fn sh_excl_04_who_gives_way_settles_a_claim() {
    let claimed = claim("beyond-control", "the exchange was cut off", "mia");
    let disputed = format!("{claimed}; 03-09 10:00 dispute E-1 saying \"no\" by piet");
    for open in [&claimed, &disputed] {
        act(STANDARD, &format!("{open}; 03-10 10:00 settle E-1 stands by piet"), "allowed");
        act(STANDARD, &format!("{open}; 03-10 10:00 settle E-1 falls by mia"), "allowed");
    }
    let clauses = "[SH-EXCL-04, SH-EXCL-05, SH-EXCL-08]";
    for (word, who, side) in [("stands", "mia", "client"), ("falls", "piet", "provider")] {
        act(
            STANDARD,
            &format!("{disputed}; 03-10 10:00 settle E-1 {word} by {who}"),
            &format!("who gives way settles it: the {side} accepts it or not {clauses}"),
        );
    }
    let settled = format!("{disputed}; 03-10 10:00 settle E-1 falls by mia");
    act(
        STANDARD,
        &format!("{settled}; 03-10 11:00 settle E-1 stands by piet"),
        &format!("it was decided already, and that stands {clauses}"),
    );
    act(
        STANDARD,
        &format!("{settled}; 03-10 11:00 dispute E-1 saying \"again\" by piet"),
        &format!("it was decided already, and that stands {clauses}"),
    );
    act(
        STANDARD,
        &format!("{disputed}; 03-10 10:00 settle E-1 stands by jan"),
        "jan may not do this: ask somebody of the client who is approver [SH-DEF-12]",
    );
}

const CREDIT: &str = "04-02 00:00 statement S-3 2026-03 credit EUR 120.00";

#[test]
fn sh_cred_10_a_claim_after_thirty_days_is_refused() {
    act(STANDARD, &format!("{CREDIT}; 05-01 23:59 claim S-3 via portal by jan"), "allowed");
    act(STANDARD, &format!("{CREDIT}; 05-02 00:00 claim S-3 via portal by jan"), "allowed");
    act(
        STANDARD,
        &format!("{CREDIT}; 05-02 00:01 claim S-3 via portal by jan"),
        "the credit could be claimed until Sat 2 May 00:00 and is forfeited; a goodwill credit is a separate act \
         [SH-CRED-10, SH-CRED-11]",
    );
    act(
        STANDARD,
        &format!("{CREDIT}; 04-10 00:00 claim S-3 via fax by jan"),
        "claim it another way: portal, email, api [SH-CRED-10, SH-CRED-11]",
    );
    act(
        STANDARD,
        &format!("{CREDIT}; 04-10 00:00 claim S-3 via api by auto"),
        "claim.open takes a person: an automaton may only suggest it [SH-DEF-12]",
    );
}

#[test]
fn sh_cred_11_a_forfeited_credit_cannot_be_claimed_and_goodwill_is_another_act() {
    act(
        STANDARD,
        "04-02 00:00 statement S-3 2026-03; 04-10 00:00 claim S-3 via portal by jan",
        "statement S-3 holds no credit to claim, or was not published [SH-CRED-10, SH-CRED-11]",
    );
    act(
        STANDARD,
        &format!(
            "{CREDIT}; 04-10 00:00 claim S-3 via portal by jan; 04-11 00:00 claim S-3 via portal by jan"
        ),
        "the credit of statement S-3 was claimed already [SH-CRED-10, SH-CRED-11]",
    );
    let goodwill =
        "06-01 00:00 fact credit.goodwill statement=S-3 amount=\"EUR\\u002010.00\" reason=sorry by mia";
    act(STANDARD, &format!("{CREDIT}; {goodwill}"), "allowed");
}
