//! What changed between two versions, and who gains: one edit of a shipped file each.

use agreement::{
    Agreement,
    diff::{Change, Gains, diff, text},
};
use proptest::prelude::*;

use crate::shipped::{HOSTED, ISOLATED};

fn read(text: &str) -> Agreement {
    let (agreement, findings) = Agreement::read(text);
    agreement.unwrap_or_else(|| panic!("{findings:?}"))
}

#[track_caller]
fn changes(file: &str, written: &str, instead: &str) -> Vec<Change> {
    assert_eq!(file.matches(written).count(), 1, "{written:?} once in the file");
    diff(&read(file), &read(&file.replace(written, instead)))
}

/// One edit, one change: its path, both values, who gains and why; and the way back, where the other side gains.
#[track_caller]
fn check(file: &str, written: &str, instead: &str, path: &str, values: [&str; 2], gains: Gains, why: &str) {
    let found = changes(file, written, instead);
    let [change] = found.as_slice() else { panic!("{found:#?}") };
    let said = |value: &Option<String>| value.clone().unwrap_or_default();
    assert_eq!((change.path.as_str(), change.gains, change.why.as_str()), (path, gains, why));
    assert_eq!([said(&change.old), said(&change.new)], values);
    let back = diff(&read(&file.replace(written, instead)), &read(file));
    let other = match gains {
        Gains::Client => Gains::Provider,
        Gains::Provider => Gains::Client,
        same => same,
    };
    assert_eq!(back.len(), 1);
    assert_eq!((back[0].gains, &back[0].old, &back[0].new), (other, &change.new, &change.old));
}

#[test]
fn the_same_agreement_has_no_changes_however_it_is_laid_out() {
    for file in [HOSTED, ISOLATED] {
        assert_eq!(diff(&read(file), &read(file)), []);
    }
    let other = HOSTED
        .replace("[[exclusion]]\nclause    = [\"SH-EXCL-01\"]\ncause     = \"pre-ga\"\napplies   = [\"availability\", \"response\"]\n", "")
        .replace("# A-13: 119 s is 1", "# another word");
    let moved = other
        + "[[exclusion]]\napplies = [\"availability\", \"response\"]\ncause = \"pre-ga\"\nclause = [\"SH-EXCL-01\"]\n";
    assert_eq!(diff(&read(HOSTED), &read(&moved)), []);
    assert_eq!(text(&[]), "Nothing that was agreed has changed.\n");
}

#[test]
fn objectives_and_money() {
    let objective = "objective        = { standard = \"99.9\"";
    check(
        HOSTED,
        objective,
        "objective        = { standard = \"99.8\"",
        "availability.objective.standard",
        ["99.9%", "99.8%"],
        Gains::Provider,
        "less: the uptime that is promised",
    );
    check(
        HOSTED,
        "percent   = { standard = \"10\"",
        "percent   = { standard = \"12.5\"",
        "credit.band.objective.percent.standard",
        ["10%", "12.5%"],
        Gains::Client,
        "more: the credit",
    );
    check(
        HOSTED,
        "premium = \"500.00\"",
        "premium = \"400.00\"",
        "price.surcharge.amount.premium",
        ["500.00", "400.00"],
        Gains::Client,
        "less: what the level costs on top",
    );
    check(
        HOSTED,
        "rule          = \"greater-of\"",
        "rule          = \"lesser-of\"",
        "price.surcharge.rule",
        ["greater-of", "lesser-of"],
        Gains::Client,
        "no longer: the greater of two amounts is charged",
    );
    check(
        HOSTED,
        "at_least  = \"95.0\"",
        "at_least  = \"96.0\"",
        "credit.band.\"99%\".at_least",
        ["95%", "96%"],
        Gains::Unclear,
        "how credits are worked out: a replay shows the effect on real months",
    );
    check(
        HOSTED,
        "bridge_max = \"10m\"",
        "bridge_max = \"1h\"",
        "availability.down.bridge_max",
        ["10m", "1h"],
        Gains::Unclear,
        "silence between two failures becomes down, or unknown",
    );
    check(
        HOSTED,
        "min_run    = \"60s\"",
        "min_run    = \"5m\"",
        "availability.down.min_run",
        ["60s", "5m"],
        Gains::Provider,
        "more: the shortest outage that counts",
    );
    check(
        HOSTED,
        "chosen    = \"premium\"",
        "chosen    = \"standard\"",
        "tiers.chosen",
        ["premium", "standard"],
        Gains::Unclear,
        "another level of service: `show` both",
    );
}

#[test]
fn times_that_a_party_has() {
    check(
        HOSTED,
        "{ standard = \"8h\", premium = \"4h\"",
        "{ standard = \"6h\", premium = \"4h\"",
        "matrix.response.row.P1.within.standard",
        ["8h", "6h"],
        Gains::Client,
        "the provider has less time",
    );
    check(
        HOSTED,
        "within     = \"30d\"",
        "within     = \"45d\"",
        "obligation.claim-credit.within",
        ["30d", "45d"],
        Gains::Client,
        "the client has more time",
    );
    check(
        HOSTED,
        "within      = \"60d\"",
        "within      = \"90d\"",
        "obligation.apply-credit.within",
        ["60d", "90d"],
        Gains::Provider,
        "the provider has more time",
    );
    check(
        HOSTED,
        "by = \"7d\"",
        "by = \"10d\"",
        "obligation.maintenance-notice.before.by",
        ["7d", "10d"],
        Gains::Client,
        "more: the notice",
    );
    check(
        HOSTED,
        "keep      = { standard = \"7d\"",
        "keep      = { standard = \"1w\"",
        "obligation.backup-retention.keep.standard",
        ["7d", "1w"],
        Gains::Neither,
        "the same amount, written in another way",
    );
    check(
        HOSTED,
        "keep      = { standard = \"7d\"",
        "keep      = { standard = \"5d\"",
        "obligation.backup-retention.keep.standard",
        ["7d", "5d"],
        Gains::Provider,
        "less: the time it is kept",
    );
    check(
        HOSTED,
        "effective_after = \"5d\"",
        "effective_after = \"2d\"",
        "obligation.contact-change.effective_after",
        ["5d", "2d"],
        Gains::Client,
        "less: the time before it takes effect",
    );
    check(
        HOSTED,
        "dispute_within = \"10d\"",
        "dispute_within = \"5d\"",
        "exclusions.dispute_within",
        ["10d", "5d"],
        Gains::Provider,
        "less: the time to dispute an exclusion",
    );
    check(
        ISOLATED,
        "within    = \"unset\"                           # A-43: the order may set one",
        "within    = \"2w\"",
        "obligation.cve-remediate.within",
        ["unset", "2w"],
        Gains::Client,
        "the provider has less time",
    );
    check(
        ISOLATED,
        "every     = \"30m\"",
        "every     = \"1h\"",
        "obligation.updates-critical.every",
        ["30m", "1h"],
        Gains::Provider,
        "the provider has more time",
    );
}

/// A-03: a day of Business Hours is eight hours, so "2d" and "16h" are the same time there, and "1d" is less than "12h".
#[test]
fn a_03_days_compare_through_their_calendar() {
    let found = changes(HOSTED, "{ standard = \"2d\"", "{ standard = \"16h\"");
    assert_eq!(
        (found[0].gains, found[0].why.as_str()),
        (Gains::Neither, "the same amount, written in another way")
    );
    check(
        HOSTED,
        "{ standard = \"2d\"",
        "{ standard = \"17h\"",
        "matrix.response.row.P3.within.standard",
        ["2d", "17h"],
        Gains::Provider,
        "the provider has more time",
    );
    check(
        HOSTED,
        "{ standard = \"2d\", premium = \"1d\"",
        "{ standard = \"2d\", premium = \"17h\"",
        "matrix.response.row.P3.within.premium",
        ["1d", "17h"],
        Gains::Client,
        "the provider has less time",
    );
}

#[test]
fn one_value_for_all_is_compared_tier_by_tier() {
    let found = changes(
        HOSTED,
        "slot         = { standard = \"bh\", premium = \"hop\", enterprise = \"window\" }",
        "slot         = \"hop\"",
    );
    let paths: Vec<&str> = found.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["maintenance.scheduled.slot.enterprise", "maintenance.scheduled.slot.standard"]);
    assert_eq!((found[1].old.as_deref(), found[1].new.as_deref()), (Some("bh"), Some("hop")));
}

#[test]
fn how_strongly_and_how_to_meet_it() {
    let first_response = "binding   = \"aspirational\"";
    check(
        ISOLATED,
        first_response,
        "binding   = \"commitment\"",
        "obligation.first-response.binding",
        ["aspirational", "commitment"],
        Gains::Client,
        "stricter: how strongly it is owed",
    );
    check(
        ISOLATED,
        "actor = \"qualified\"",
        "actor = \"person\"",
        "obligation.first-response.met_by.actor",
        ["qualified", "person"],
        Gains::Provider,
        "looser: who must act",
    );
    check(
        HOSTED,
        "match     = { class = [\"unclassified\", \"unusable\", \"standard\"] }",
        "match     = { class = [\"unclassified\", \"unusable\"] }",
        "obligation.first-response.match.class",
        ["unclassified, unusable, standard", "unclassified, unusable"],
        Gains::Provider,
        "fewer: cases in which it is owed",
    );
    check(
        HOSTED,
        "score_at_least = \"0.1\"",
        "score_at_least = \"7.0\"",
        "obligation.security-patch.match.score_at_least",
        ["0.1", "7.0"],
        Gains::Provider,
        "more: the score from which it is owed",
    );
    check(
        HOSTED,
        "via = [\"portal\", \"email\", \"api\"]",
        "via = [\"portal\", \"email\", \"api\", \"phone\"]",
        "obligation.claim-credit.met_by.match.via",
        ["portal, email, api", "portal, email, api, phone"],
        Gains::Client,
        "more: ways to meet it",
    );
    check(
        HOSTED,
        "auto_claim = false",
        "auto_claim = true ",
        "obligation.claim-credit.auto_claim",
        ["false", "true"],
        Gains::Client,
        "now: the claim is made without asking",
    );
    check(
        ISOLATED,
        "excused   = { from = \"access.missing\", to = \"access.granted\" }\n",
        "",
        "obligation.monitor.excused",
        ["from access.missing; to access.granted", ""],
        Gains::Client,
        "one less: time in which a miss is excused",
    );
}

#[test]
fn whole_entries_come_and_go_as_one_change() {
    let quota = "[[exclusion]]\nclause    = [\"SH-EXCL-06\"]\ncause     = \"quota\"\napplies   = [\"availability\"]\nauto      = \"quota-overlaps\"\n";
    check(
        HOSTED,
        quota,
        "",
        "exclusion.quota",
        ["cause quota; applies availability; auto quota-overlaps", ""],
        Gains::Client,
        "one less: a cause that does not count",
    );
    let retention = "[[obligation]]\nid        = \"classify\"";
    let start = HOSTED.find(retention).unwrap();
    let end = start + HOSTED[start..].find("\n\n").unwrap();
    let found = changes(HOSTED, &HOSTED[start..end], "");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].path.as_str(), found[0].gains, found[0].why.as_str()),
        ("obligation.classify", Gains::Provider, "the provider owes it no longer")
    );
    assert_eq!(found[0].clauses, ["SH-CHAR-02"]);
    check(
        ISOLATED,
        "id = \"out.pentest\", in = false",
        "id = \"out.pentest\", in = true",
        "catalogue.item.\"out.pentest\".in",
        ["false", "true"],
        Gains::Client,
        "now: it is in scope",
    );
    let pentest = "  { clause = [\"MP-EX-SEC-01\"], id = \"out.pentest\", in = false, text = \"penetration tests, vulnerability scans\" },\n";
    check(
        ISOLATED,
        pentest,
        "",
        "catalogue.item.\"out.pentest\"",
        ["id out.pentest; in false; text penetration tests, vulnerability scans", ""],
        Gains::Client,
        "less: what is out of scope",
    );
}

#[test]
fn a_closed_day_gives_time_to_whoever_owes() {
    // Only the provider owes something in this calendar of the isolated platform, both do in the hosted one's.
    check(
        ISOLATED,
        "\"2026-08-01\", ",
        "\"2026-08-01\", \"2026-11-01\", ",
        "holidays.client.year.2026",
        [
            "2026-01-01, 2026-04-03, 2026-04-06, 2026-05-14, 2026-05-25, 2026-08-01, 2026-12-25, 2026-12-26",
            "2026-01-01, 2026-04-03, 2026-04-06, 2026-05-14, 2026-05-25, 2026-08-01, 2026-11-01, 2026-12-25, 2026-12-26",
        ],
        Gains::Provider,
        "the provider has more time: the days that are listed",
    );
    let found = changes(HOSTED, "\"2026-05-14\", ", "");
    assert_eq!(
        (found[0].gains, found[0].why.as_str()),
        (Gains::Unclear, "both parties have less time: the days that are listed")
    );
    check(
        ISOLATED,
        "from = \"09:00\", to = \"17:00\"",
        "from = \"08:00\", to = \"18:00\"",
        "calendar.business.open",
        ["Mon Tue Wed Thu Fri 09:00-17:00", "Mon Tue Wed Thu Fri 08:00-18:00"],
        Gains::Client,
        "the provider has less time: the closed hours of a week",
    );
}

#[test]
fn words_and_readings() {
    check(
        HOSTED,
        "text      = \"low impact, fully usable\"",
        "text      = \"low impact\"",
        "request.priority.P4.text",
        ["low impact, fully usable", "low impact"],
        Gains::Neither,
        "how a priority is explained",
    );
    check(
        HOSTED,
        "A-17 = \"cap on",
        "A-17 = \"limit on",
        "readings.A-17",
        [
            "cap on the client's recurring charges of the month, before credits",
            "limit on the client's recurring charges of the month, before credits",
        ],
        Gains::Unclear,
        "how both read what the text leaves open",
    );
}

#[test]
fn the_text_is_read_by_people_and_the_json_by_programs() {
    let found = changes(HOSTED, "within     = \"30d\"", "within     = \"45d\"");
    insta::assert_snapshot!(text(&found), @r"
    obligation.claim-credit.within  [SH-CRED-10, SH-CRED-11]
      - 30d
      + 45d
      the client gains: the client has more time

    1 change: 1 for the client, 0 for the provider, 0 for nobody, 0 to read.
    ");
    assert_eq!(
        serde_json::to_string(&found[0]).unwrap(),
        [
            r#"{"path":"obligation.claim-credit.within","clauses":["SH-CRED-10","SH-CRED-11"],"old":"30d","#,
            r#""new":"45d","gains":"client","why":"the client has more time"}"#,
        ]
        .concat()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever line goes, the changes there are the changes back, with the sides changed.
    #[test]
    fn the_way_back_is_the_way_there(at in 0_usize..700, hosted: bool) {
        let file = if hosted { HOSTED } else { ISOLATED };
        let without: String =
            file.lines().enumerate().filter(|(line, _)| *line != at).map(|(_, line)| format!("{line}\n")).collect();
        let (Some(old), Some(new)) = (Agreement::read(file).0, Agreement::read(&without).0) else { return Ok(()) };
        let (there, back) = (diff(&old, &new), diff(&new, &old));
        prop_assert_eq!(there.len(), back.len());
        for change in &there {
            let other = back.iter().find(|other| other.path == change.path).expect("the same path");
            prop_assert_eq!((&change.old, &change.new), (&other.new, &other.old));
            prop_assert_eq!(change.gains == Gains::Client, other.gains == Gains::Provider, "{:?}", change);
        }
    }
}
