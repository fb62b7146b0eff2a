//! What entries name: clauses, tiers, roles, words; what is said twice, left open, or has no entry.

use super::check_change;
use crate::shipped::{HOSTED, ISOLATED};

#[test]
fn r_01_an_unknown_clause_is_refused_and_the_near_one_named() {
    check_change(
        HOSTED,
        &[(
            "clause = [\"SH-BAK-01\"]\nparty = \"provider\"\nbinding = \"duty\"\non = \"instance.added\"",
            "clause = [\"SH-BAK-1\"]\nparty = \"provider\"\nbinding = \"duty\"\non = \"instance.added\"",
        )],
        r#"
        error R-01 at `"SH-BAK-1"`: `SH-BAK-1` is no clause, in obligation backup
          did you mean "SH-BAK-01"?
        "#,
    );
}

#[test]
fn r_01_an_entry_without_a_clause_says_why_it_is_there() {
    check_change(
        HOSTED,
        &[(
            "added = \"time as the clock on the wall counts it, for periods the text gives without a calendar\"\n",
            "",
        )],
        r#"
        error R-01 at `[]`: calendar civil executes no clause
          name the clause it executes, or say in `added = "…"` why it is there
        "#,
    );
    check_change(
        ISOLATED,
        &[("[cadence]\nclause = [\"MP-UPD-04\"]", "[cadence]\nclause = []")],
        r#"
        warning L-14 at `["MP-META-01", "MP-META-03", "MP-VER-01"]` (MP-UPD-04): MP-UPD-04 of MP has no entry
          add an entry for each, or agree in writing that it does not apply
        error R-01 at `[]`: cadence executes no clause
          name the clause it executes: one of the text, or your own under [clauses]
        "#,
    );
}

#[test]
fn r_02_an_unknown_tier_and_a_missing_one() {
    check_change(
        HOSTED,
        &[("objective = { standard = \"99.9\", premium", "objective = { standard = \"99.9\", gold")],
        r#"
        error R-02 at `{ standard = "99.9", gold = "99.95", enterprise = "99.99" }` (SH-AVAIL-01 SH-AVAIL-02 SH-AVAIL-03 SH-AVAIL-06 SH-AVAIL-08 SH-DEF-06 SH-DEF-07): `objective` has no value for premium
          give one for each tier: standard, premium, enterprise
        error R-02 at `gold = "99.95"` (SH-AVAIL-01 SH-AVAIL-02 SH-AVAIL-03 SH-AVAIL-06 SH-AVAIL-08 SH-DEF-06 SH-DEF-07): `gold` is no tier
          write one of: standard, premium, enterprise
        "#,
    );
    check_change(
        HOSTED,
        &[("chosen = \"premium\"", "chosen = \"premum\"")],
        r#"
        error R-02 at `"premum"` (SH-TIER-01 SH-DEF-08): the signed tier `premum` is not one of the list
          did you mean "premium"?
        "#,
    );
    check_change(
        ISOLATED,
        &[("calendar = { outage = \"always\", performance", "calendar = { outage = \"always\", perf")],
        r#"
        error R-02 at `{ outage = "always", perf = "always", service = "business" }` (MP-SLO-01 MP-SC-INC-01): `calendar` has no value for performance
          give one for each kind: outage, performance, service
        error R-02 at `perf = "always"` (MP-SLO-01 MP-SC-INC-01): `perf` is no kind
          write one of: outage, performance, service
        note L-10 at `"qualified-around-the-clock"` (MP-SLO-01 MP-SC-INC-01): a qualified person must answer round the clock for outage
          put people on the rota, or plan shifts (`shift.planned`), for every instant of the term
        "#,
    );
    check_change(
        HOSTED,
        &[("tiers = [\"premium\", \"enterprise\"]", "tiers = [\"premium\", \"gold\"]")],
        r#"
        error R-02 at `"gold"` (SH-SUP-02 SH-DEF-10): `gold` is no tier
          write one of: standard, premium, enterprise
        "#,
    );
}

#[test]
fn r_04_an_unknown_role() {
    check_change(
        HOSTED,
        &[("claim_by = \"manager\"", "claim_by = \"boss\"")],
        r#"
        error R-04 at `"boss"` (SH-EXCL-04 SH-EXCL-05 SH-EXCL-08): there is no role `boss`
          write one of: approver, contact, end-user, manager, support
        "#,
    );
    check_change(
        HOSTED,
        &[("claim_by = \"manager\"", "claim_by = \"contact\"")],
        r#"
        error R-04 at `"contact"` (SH-EXCL-04 SH-EXCL-05 SH-EXCL-08): exclusions are claimed by the provider
          name a role of the provider (A-16)
        "#,
    );
    check_change(
        HOSTED,
        &[(
            "kind = \"emergency\", expected_impact = [\"degraded\", \"down\"] }\nbefore = { moment = \"maintenance.start\", by = \"0m\" }\ncalendar = \"civil\"\nmet_by = { event = \"notice.delivered\", match = { to = \"contact\"",
            "kind = \"emergency\", expected_impact = [\"degraded\", \"down\"] }\nbefore = { moment = \"maintenance.start\", by = \"0m\" }\ncalendar = \"civil\"\nmet_by = { event = \"notice.delivered\", match = { to = \"contacts\"",
        )],
        r#"
        error R-04 at `"contacts"` (SH-MAINT-13): there is no role `contacts`
          did you mean "contact"?
        "#,
    );
    check_change(
        ISOLATED,
        &[("[role.qualified]", "[role.skilled]")],
        r#"
        error R-04 at `{ event = "request.replied", actor = "qualified" }` (MP-SLO-01 MP-SC-INC-01): there is no role `qualified`
          write one of: account-executive, csm, engineer, poc, requester, security, skilled
        error R-04 at `"qualified-around-the-clock"` (MP-SLO-01 MP-SC-INC-01): there is no role `qualified`
          write one of: account-executive, csm, engineer, poc, requester, security, skilled
        "#,
    );
    check_change(
        ISOLATED,
        &[("\"change.approve\", ", "")],
        r#"
        error R-04 at `{ event = "change.approved", actor = "approver" }` (MP-CLI-11): no role of the client may approve changes
          give one `may = ["change.approve"]`
        "#,
    );
}

#[test]
fn r_07_readings_aliases_channels_defaults_and_the_head() {
    check_change(
        HOSTED,
        &[("A-52 = ", "A-53 = ")],
        r#"
        error R-12 at `[readings]` (SH-CRED-03 SH-SLO-05): A-52 is left open: Does a missed response target earn credit?
          say under [readings] how both parties read it; we recommend: no: the ladder is by uptime only
        error R-07 at `A-53 = "a missed response target earns no credit"`: `A-53` is no ambiguity of the register
          the register's ambiguities are A-01 to A-52
        "#,
    );
    check_change(
        HOSTED,
        &[("A-21 = \"a request without a priority is P3\"", "A-21 = \" \"")],
        r#"
        error R-07 at `A-21 = " "`: A-21 is left open
          say how both parties read it
        "#,
    );
    check_change(
        ISOLATED,
        &[("means = \"normal\"", "means = \"medium\"")],
        r#"
        error R-07 at `"medium"` (MP-UPD-03): `medium` is no word of this file
          write one of: outage, performance, service, critical, high, normal, low, priority, tier, kind, urgency, class, …
        "#,
    );
    check_change(
        HOSTED,
        &[("means = \"closed:hop\"", "means = \"closed:hops\"")],
        r#"
        error R-07 at `"closed:hops"` (SH-CAL-03): `closed:hops` is no word of this file
          did you mean "closed:hop"?
        "#,
    );
    check_change(
        HOSTED,
        &[("default_priority = \"P3\"", "default_priority = \"P5\"")],
        r#"
        error R-07 at `"P5"` (SH-DEF-11 SH-DEF-13 SH-DEF-14 SH-DEF-15 SH-DEF-16): `P5` is no priority
          did you mean "P1"?
        "#,
    );
    check_change(
        ISOLATED,
        &[("agreed_in_writing = []", "agreed_in_writing = [\"fax\"]")],
        r#"
        error R-07 at `"fax"` (MP-SCOPE-03 MP-SLO-10 MP-SLO-11): there is no channel `fax`
          write one of: api, email, phone, portal
        "#,
    );
    check_change(
        ISOLATED,
        &[("kind = \"performance\"\nwhen", "kind = \"slow\"\nwhen")],
        r#"
        error R-07 at `"slow"` (MP-SLO-08): `slow` is no kind
          write one of: outage, performance, service
        "#,
    );
    check_change(
        HOSTED,
        &[("end = 2027-03-01T00:00:00Z", "end = 2026-03-01T00:00:00Z")],
        r"
        error R-07 at `2026-03-01T00:00:00Z` (SH-DEF-04): the term ends before it starts
          name an end after the start
        ",
    );
    check_change(
        HOSTED,
        &[("3674c6800cb834a315f7b3804ec1260114c856988d8753469f0c63108002d667", "3674C6")],
        r#"
        error R-07 at `"3674C6"` (SH-DEF-01 SH-DEF-02 SH-DEF-05): a SHA-256 is 64 lower-case hex digits
          write what `sha256sum` prints for the signed text
        "#,
    );
}

#[test]
fn r_12_what_the_text_leaves_open_is_read() {
    check_change(
        HOSTED,
        &[("A-21 = \"a request without a priority is P3\"\n", "")],
        r#"
        error R-12 at `[readings]` (SH-DEF-19 SH-SLO-01 SH-SLO-08): A-21 is left open: Overview "support response" against the P-table
          say under [readings] how both parties read it; we recommend: same as P3 (figures equal in all tiers); used when no priority is given
        "#,
    );
}

#[test]
fn r_09_said_once() {
    check_change(
        HOSTED,
        &[("id = \"classify\"", "id = \"first-response\"")],
        r#"
        error R-09 at `"first-response"`: the obligation `first-response` is given twice
          give it another name, or take one of the two out
        "#,
    );
    check_change(
        HOSTED,
        &[("kind = \"emergency\"\ncauses", "kind = \"critical-patch\"\ncauses")],
        r#"
        error R-09 at `"critical-patch"`: the kind of maintenance `critical-patch` is given twice
          give it another name, or take one of the two out
        "#,
    );
    check_change(
        ISOLATED,
        &[(
            "urgencies = [\"critical\", \"high\", \"normal\", \"low\"]",
            "urgencies = [\"critical\", \"high\", \"normal\", \"low\", \"high\"]",
        )],
        r#"
        error R-09 at `"high"`: the urgency `high` is given twice
          give it another name, or take one of the two out
        "#,
    );
}

#[test]
fn r_10_a_clause_in_and_out_of_scope_needs_a_boundary() {
    check_change(
        ISOLATED,
        &[(", boundary = \"OS base packages and kernel are the client's\"", "")],
        r#"
        warning R-10 at `{ clause = ["MP-EX-INF-07"], id = "out.os", in = false, text = "OS upgrades and OS security patches" }` (MP-EX-INF-07): MP-EX-INF-07 puts `mw.packages` in scope and `out.os` out of it
          say with `boundary` where one ends and the other begins (A-40)
        "#,
    );
}

#[test]
fn l_11_two_words_for_one_thing() {
    check_change(
        ISOLATED,
        &[("word = \"Medium\"", "word = \"Middling\"")],
        r#"
        note L-11 at `"Middling"` (MP-UPD-03): the text says "Middling" and means `normal`
          pages and letters use the file's word; say so in a reading if it is not plain
        "#,
    );
}

#[test]
fn l_14_a_clause_without_an_entry() {
    check_change(
        HOSTED,
        &[("clause = [\"SH-CRED-13\"]", "clause = [\"SH-CRED-12\"]")],
        r#"
        warning L-14 at `["SH-DEF-01", "SH-DEF-02", "SH-DEF-05"]` (SH-CRED-13): SH-CRED-13 of SH has no entry
          add an entry for each, or agree in writing that it does not apply
        "#,
    );
    check_change(
        HOSTED,
        &[
            ("at = [\"request.cannot-resolve\"]", "at = [\"statement\"]"),
            ("clause = [\"SH-ACK-03\"]", "clause = [\"SH-RES-01\"]"),
        ],
        r#"
        note L-14 at `["SH-DEF-01", "SH-DEF-02", "SH-DEF-05"]` (SH-ACK-03): SH-ACK-03 of SH has no entry
          nothing is computed from them: add a [[show]] where their words matter
        "#,
    );
}
