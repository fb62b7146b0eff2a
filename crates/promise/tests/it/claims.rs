//! How a month's credit stands with the client, as its statement says it.

use promise::evaluate;

use crate::{
    june::JUNE,
    story::{PREMIUM, tell},
};

/// June earns a credit; what happens with it; and what its statement says of that at an instant.
fn stands(story: &str, now: &str) -> String {
    let earns =
        "06-01 00:00 charge wiki 2026-06 EUR 4000.00; 06-10 10:00 ams sees wiki down until 06-10 10:25";
    let (facts, now) = tell(&format!("{JUNE}; {earns}; {story}; now {now}"));
    let statement = evaluate(&PREMIUM.versions(), &facts, now).statement("2026-06".parse().expect("a month"));
    let statement = statement.expect("June is over");
    let text = statement.to_text();
    let told = text.lines().filter(|line| line.contains("it stands so") || line.contains("to pay after it"));
    let told: Vec<&str> = told.map(str::trim).collect();
    format!("{}\n{}", statement.claim.expect("June earns a credit"), told.join("\n"))
}

const PUBLISHED: &str = "07-02 09:00 statement S-6 2026-06 credit EUR 1125.00";

#[test]
fn sh_cred_10_a_credit_can_be_claimed_from_the_published_statement_on() {
    insta::assert_snapshot!(stands("07-01 00:00 quota wiki api until 2026-07-01 00:01", "07-02 08:00"), @"
    can be claimed once a statement that shows it is published
    to pay after it: EUR 3375.00
    ");
    insta::assert_snapshot!(stands(PUBLISHED, "07-02 09:00"), @"
    can be claimed until 2026-08-01T09:00:00Z
    it stands so: can be claimed until 2026-08-01T09:00:00Z
    to pay after it: EUR 3375.00
    ");
}

#[test]
fn sh_cred_11_a_credit_that_was_not_claimed_in_time_is_forfeited_and_no_longer_offered() {
    let never = stands(PUBLISHED, "09-01 00:00");
    insta::assert_snapshot!(never, @"
    not claimed in time, forfeited 2026-08-01T09:00:00Z
    it stands so: not claimed in time, forfeited 2026-08-01T09:00:00Z
    ");
    assert_eq!(
        stands(&format!("{PUBLISHED}; 08-02 00:00 claim S-6 via portal by jan"), "09-01 00:00"),
        never
    );
}

#[test]
fn sh_cred_10_a_claim_of_a_statement_that_was_corrected_later_is_a_claim() {
    let corrected = format!(
        "{PUBLISHED}; 07-05 12:00 claim S-6 via portal by jan; 07-20 09:00 statement S-6b 2026-06 credit EUR 1125.00"
    );
    let stands = stands(&corrected, "08-30 00:00");
    assert!(
        stands.starts_with("claimed 2026-07-05T12:00:00Z, on an invoice by 2026-09-03T12:00:00Z"),
        "{stands}"
    );
}

#[test]
fn sh_cred_13_a_claimed_credit_says_by_when_it_is_on_an_invoice_and_then_on_which() {
    let claimed = format!("{PUBLISHED}; 07-10 12:00 claim S-6 via portal by jan");
    insta::assert_snapshot!(stands(&claimed, "07-11 00:00"), @"
    claimed 2026-07-10T12:00:00Z, on an invoice by 2026-09-08T12:00:00Z
    it stands so: claimed 2026-07-10T12:00:00Z, on an invoice by 2026-09-08T12:00:00Z
    to pay after it: EUR 3375.00
    ");
    let applied = format!("{claimed}; 07-31 09:00 apply S-6 EUR 1125.00 on INV-7");
    insta::assert_snapshot!(stands(&applied, "08-02 00:00"), @"
    EUR 1125.00 put on invoice INV-7 2026-07-31T09:00:00Z
    it stands so: EUR 1125.00 put on invoice INV-7 2026-07-31T09:00:00Z
    to pay after it: EUR 3375.00
    ");
}
