//! Obligations and guards: due in one way, met by what can happen, with something to act on.

use super::check_change;
use crate::shipped::{HOSTED, ISOLATED};

#[test]
fn r_05_due_in_exactly_one_way() {
    check_change(
        HOSTED,
        &[("on = \"claim.submitted\"\nwithin = \"60d\"\n", "on = \"claim.submitted\"\n")],
        r"
        error R-05 at `[[obligation]]` (SH-CRED-13): `apply-credit` says nothing about when it is due
          add one of `within`, `before`, `every`, `keep`, `effective_after`
        ",
    );
    check_change(
        HOSTED,
        &[(
            "on = \"claim.submitted\"\nwithin = \"60d\"\n",
            "on = \"claim.submitted\"\nwithin = \"60d\"\nevery = \"1d\"\n",
        )],
        r#"
        error R-05 at `"1d"` (SH-CRED-13): it is due in 2 ways: within and every
          keep one of them
        "#,
    );
    check_change(
        HOSTED,
        &[(
            "period = \"calendar-month\" # for each month of the term, counted from the month's end\nwithin = \"5d\" # A-18: our addition",
            "period = \"calendar-month\"\nkeep = \"5d\"",
        )],
        r#"
        error R-05 at `"calendar-month"` (SH-CRED-07): `period` means nothing without `within`
          add `within`, or take `period` out
        "#,
    );
    check_change(
        HOSTED,
        &[("every = \"5d\"", "every = \"0d\"")],
        r#"
        error R-05 at `"0d"` (SH-RES-02): what repeats without a pause never ends
          write how often, such as "24h"
        "#,
    );
    check_change(
        HOSTED,
        &[("within = \"60d\"", "within = \"6000w\"")],
        r"
        error R-05 at `[[obligation]]` (SH-CRED-13): 6000w is longer than 25 years
          name a shorter time
        ",
    );
}

#[test]
fn r_05_what_meets_it_is_about_what_started_it() {
    check_change(
        HOSTED,
        &[("met_by = { event = \"credit.applied\" }", "met_by = { event = \"request.replied\" }")],
        r#"
        error R-05 at `{ event = "request.replied" }` (SH-CRED-13): request.replied is about a ticket, claim.submitted about a statement
          name a fact about the same statement: statement.published, credit.applied and credit.goodwill
        "#,
    );
    check_change(
        HOSTED,
        &[("on = \"fix.released\"", "on = \"cve.published\"")],
        r#"
        error R-06 at `"deployed-version"` (SH-SEC-01): cve.published carries no version that an instance could run
          take it out, or start from a fact that names it
        error R-05 at `{ event = "instance.version_seen", reaches = "named-version" }` (SH-SEC-01): instance.version_seen cannot reach what cve.published names
          `reaches` leads from a release or a fix to "instance.version_seen"
        "#,
    );
    check_change(
        HOSTED,
        &[(
            "cancel_on = [{ event = \"request.classified\", match = { class = \"feature\" } }, \"request.withdrawn\"]",
            "cancel_on = [\"maintenance.cancelled\"]",
        )],
        r#"
        error R-05 at `"maintenance.cancelled"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02): maintenance.cancelled is about maintenance, request.received about a ticket
          name a fact about the same ticket: request.classified, request.reprioritised, request.replied, request.noted, request.asked_client and request.client_replied
        "#,
    );
    check_change(
        HOSTED,
        &[("superseded_by = \"release.published\"", "superseded_by = \"fix.released\"")],
        r#"
        error R-05 at `"fix.released"` (SH-MAINT-02 SH-MAINT-10): fix.released is about a fix, release.published about a release
          name what starts it: "release.published"
        "#,
    );
    check_change(
        ISOLATED,
        &[(
            "before = { moment = \"licence.expiry\", by = \"0d\" }",
            "before = { moment = \"certificate.expiry\", by = \"0d\" }",
        )],
        r#"
        error R-05 at `{ moment = "certificate.expiry", by = "0d" }` (MP-CLI-02): licence.expiring does not say when `certificate.expiry` is
          start from "certificate.expiring", or name another moment
        "#,
    );
    check_change(
        ISOLATED,
        &[(
            "excused = { from = \"access.missing\", to = \"access.granted\" }",
            "excused = { from = \"access.missing\", to = \"rca.published\" }",
        )],
        r#"
        error R-05 at `{ from = "access.missing", to = "rca.published" }` (MP-PRO-01): access.missing and rca.published are about different things
          begin and end it by facts about one thing
        "#,
    );
}

#[test]
fn r_05_matrices_obligations_and_items_exist() {
    check_change(
        HOSTED,
        &[("within = \"matrix.response\"", "within = \"matrix.reponse\"")],
        r#"
        error R-05 at `"matrix.reponse"` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02): there is no matrix `reponse`
          did you mean "response"?
        "#,
    );
    check_change(
        HOSTED,
        &[("within = \"with:first-response\"", "within = \"with:first-respons\"")],
        r#"
        error R-05 at `"with:first-respons"` (SH-CHAR-02): there is no obligation `first-respons`
          did you mean "first-response"?
        "#,
    );
    check_change(
        HOSTED,
        &[("within = \"with:first-response\"", "within = \"with:classify\"")],
        r#"
        error R-05 at `"with:classify"` (SH-CHAR-02): the obligations take their time from each other
          give one of them a time of its own
        "#,
    );
    check_change(
        HOSTED,
        &[("within = \"with:first-response\"", "within = \"with:backup\"")],
        r#"
        error R-05 at `"with:backup"` (SH-CHAR-02): `backup` is about an instance
          share the time of an obligation about the same thing
        "#,
    );
    check_change(
        ISOLATED,
        &[("then_item = \"mw.tls\"", "then_item = \"mw.ssl\"")],
        r#"
        error R-05 at `"mw.ssl"` (MP-SC-MW-03 MP-CLI-10): there is no catalogue item `mw.ssl`
          write one of: vm.restart, vm.watch, vm.services, vm.resources, vm.liaison, mw.components, mw.proxy, mw.tls, mw.logs, mw.packages, app.upgrade, app.hotfix, …
        "#,
    );
    check_change(
        ISOLATED,
        &[("then_item = \"mw.tls\"\n", "")],
        r#"
        error R-05 at `"open-request"` (MP-SC-MW-03 MP-CLI-10): which item of the catalogue is the request for?
          add `then_item = "…"`
        "#,
    );
    check_change(
        ISOLATED,
        &[("annotate = \"client-vpn\"", "annotate = \"client-wan\"")],
        r#"
        error R-05 at `"client-wan"` (MP-VPN-02): `client-wan` is no cause that figures are annotated with
          did you mean "client-vpn"?
        "#,
    );
}

#[test]
fn r_06_a_match_looks_at_what_its_event_carries() {
    check_change(
        HOSTED,
        &[("match = { channel = \"official\", affects", "match = { chanel = \"official\", affects")],
        r#"
        error R-06 at `"official"` (SH-MAINT-02 SH-MAINT-10): release.published has no `chanel` to look at
          did you mean "channel"?
        "#,
    );
    check_change(
        HOSTED,
        &[("match = { channel = \"official\", affects", "match = { channel = \"beta\", affects")],
        r#"
        error R-06 at `"beta"` (SH-MAINT-02 SH-MAINT-10): `channel` is never `beta`
          write one of: official, preview
        "#,
    );
    check_change(
        HOSTED,
        &[(
            "match = { class = [\"unclassified\", \"unusable\", \"standard\"] }",
            "match = { class = [\"unclassified\", \"unusable\", \"normal\"] }",
        )],
        r#"
        error R-06 at `["unclassified", "unusable", "normal"]` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02): `class` is never `normal`
          write one of: unusable, standard, feature, unclassified
        "#,
    );
    check_change(
        HOSTED,
        &[("match = { priority = \"P1\" }", "match = { priority = \"P0\" }")],
        r#"
        error R-06 at `"P0"` (SH-DEF-17): `priority` is never `P0`
          did you mean "P1"?
        "#,
    );
    check_change(
        HOSTED,
        &[(
            "match = { kind = \"scheduled\", expected_impact = [\"degraded\", \"down\"] }",
            "match = { kind = \"planned\", instances = \"a\" }",
        )],
        r#"
        error R-06 at `"planned"` (SH-MAINT-11): `kind` is never `planned`
          write one of: scheduled, critical-patch, emergency
        error R-06 at `"a"` (SH-MAINT-11): `instances` of maintenance.planned is a list, and no match looks into lists
          match a field that is one word
        "#,
    );
    check_change(
        HOSTED,
        &[("immediate = { change = \"remove\" }", "immediate = { change = \"removed\" }")],
        r#"
        error R-06 at `"removed"` (SH-REQ-06): `change` is never `removed`
          did you mean "remove"?
        "#,
    );
    check_change(
        HOSTED,
        &[("match = { entitled = true }", "match = { entitled = \"yes\" }")],
        r#"
        error R-06 at `"yes"` (SH-CRED-10 SH-CRED-11): `entitled` is never `yes`
          write one of: true, false
        "#,
    );
    check_change(
        HOSTED,
        &[(
            "on = \"release.published\"\nmatch = { channel = \"official\", affects",
            "on = \"release.published\"\nmatch = { score_at_least = \"1.0\", affects",
        )],
        r#"
        error R-06 at `"1.0"` (SH-MAINT-02 SH-MAINT-10): release.published carries no score
          take it out, or start from a fact with a score
        "#,
    );
    check_change(
        ISOLATED,
        &[(
            "match = { affects = \"deployed-software\", score_at_least = \"9.0\", layer = \"os\" }",
            "match = { affects = \"deployed-version\", layer = \"kernel\" }",
        )],
        r#"
        error R-06 at `"deployed-version"` (MP-EX-INF-07): cve.published carries no version that an instance could run
          take it out, or start from a fact that names it
        error R-06 at `"kernel"` (MP-EX-INF-07): `layer` is never `kernel`
          write one of: application, middleware, os
        "#,
    );
    check_change(
        ISOLATED,
        &[("match = { kind = [\"upgrade\", \"restart\"] }", "match = { sort = [\"upgrade\", \"restart\"] }")],
        r#"
        error R-06 at `["upgrade", "restart"]` (MP-SC-APP-03): change.closed has no `sort` to look at
          write one of: change, ends_at, kind, planned_in_stages, starts_at, validation, what, why
        "#,
    );
}

#[test]
fn r_08_a_guard_stands_at_its_act_and_a_miss_has_something_to_act_on() {
    check_change(
        ISOLATED,
        &[(
            "on = \"request.resolved\"\nrequire = \"public-summary\"",
            "on = \"request.replied\"\nrequire = \"public-summary\"",
        )],
        r#"
        error R-08 at `"request.replied"` (MP-UPD-05): `public-summary` looks at request.resolved, not at request.replied
          write on = "request.resolved", or another condition
        "#,
    );
    check_change(
        HOSTED,
        &[(
            "on_miss = [\"forfeit-credit\", \"statement\"]",
            "on_miss = [\"forfeit-credit\", \"suggest-escalation\", \"block-change\"]",
        )],
        r#"
        error R-08 at `"suggest-escalation"` (SH-CRED-10 SH-CRED-11): `suggest-escalation` lacks an [escalation] to offer
          add it, or take the word out
        error R-08 at `"block-change"` (SH-CRED-10 SH-CRED-11): `block-change` lacks a change to block
          add it, or take the word out
        "#,
    );
    check_change(
        HOSTED,
        &[("at_term_end = \"open-item\"", "then = \"close-request\"")],
        r#"
        error R-08 at `"close-request"` (SH-CRED-13): there is no request to close
          take it out, or start from a fact about a request
        "#,
    );
}

#[test]
fn r_08_credits_and_exclusions_have_something_to_act_on() {
    let exclusion = "[[exclusion]]\nclause = [\"MP-VPN-02\"]\ncause = \"vpn\"\napplies = [\"response\"]\ngrace = \"5m\"\n[catalogue]\n";
    check_change(
        ISOLATED,
        &[("[catalogue]\n", exclusion)],
        r#"
        error R-08 at `"vpn"` (MP-VPN-02): nobody can claim `vpn`
          add [exclusions]: who claims one, with what, and how long it can be disputed (A-16)
        error R-08 at `"5m"` (MP-VPN-02): `grace` means nothing without `auto`
          add `auto`, or take `grace` out
        "#,
    );
}

#[test]
fn l_13_nothing_meets_it() {
    check_change(
        HOSTED,
        &[("calendar = \"civil\"\nmet_by = { event = \"credit.applied\" }\n", "calendar = \"civil\"\n")],
        r#"
        error L-13 at `[[obligation]]` (SH-CRED-13): nothing meets `apply-credit`: it would always be missed
          add `met_by = { event = "…" }`
        "#,
    );
}

const ON_CHANGE: &str = "on_change = { event = \"request.reprioritised\", clock = \"from-receipt\" } # A-30";
const PAUSED: &str = "on_change = { event = \"request.reprioritised\", clock = \"from-receipt\" }\n\
                      pause = { from = \"request.paused\", to = \"request.resumed\" }";
const REASONS: &str =
    "[pause]\nclause = []\nadded = \"a test\"\nreasons = [\"access-missing\"]\n\n[readings]\nA-01";

#[test]
fn r_08_a_clock_that_people_pause_has_reasons_and_a_list_of_them_has_a_clock() {
    check_change(
        HOSTED,
        &[(ON_CHANGE, PAUSED)],
        r#"
        error R-08 at `{ from = "request.paused", to = "request.resumed" }` (SH-SLO-03 SH-SLO-04 SH-SLO-05 SH-ACK-02): nothing says for which reasons its clock may stand still
          add [pause] with its `reasons`
        "#,
    );
    check_change(
        HOSTED,
        &[("[readings]\nA-01", REASONS)],
        r#"
        error R-08 at `["access-missing"]`: no obligation's clock ever stands still
          name "request.paused" in the `pause` of an obligation, or take [pause] out
        "#,
    );
    check_change(
        HOSTED,
        &[(ON_CHANGE, PAUSED), ("[readings]\nA-01", &REASONS.replace("\"access-missing\"", ""))],
        r"
        error R-08 at `[]`: there is no reason for which a clock may stand still
          name at least one
        ",
    );
    check_change(HOSTED, &[(ON_CHANGE, PAUSED), ("[readings]\nA-01", REASONS)], "");
}

#[test]
fn r_05_what_repeats_does_not_stand_still() {
    check_change(
        HOSTED,
        &[
            (
                "every = \"5d\"",
                "every = \"5d\"\npause = { from = \"request.paused\", to = \"request.resumed\" }",
            ),
            ("[readings]\nA-01", REASONS),
        ],
        r#"
        error R-05 at `{ from = "request.paused", to = "request.resumed" }` (SH-RES-02): `pause` means nothing without `within`
          add `within`, or take `pause` out
        "#,
    );
}

#[test]
fn r_03_people_are_told_in_hours_that_exist_for_every_tier() {
    let hours = "added = \"nobody is told at night of what can wait until the morning\"\ncalendar = \"bh\"";
    check_change(
        HOSTED,
        &[(hours, &hours.replace("\"bh\"", "\"office\""))],
        r#"
        error R-03 at `"office"`: there is no calendar `office`
          write one of: always, bh, civil, hop
        "#,
    );
    check_change(
        HOSTED,
        &[(hours, &hours.replace("\"bh\"", "{ standard = \"bh\", premium = \"hop\" }"))],
        r#"
        error R-02 at `{ standard = "bh", premium = "hop" }`: `calendar` has no value for enterprise
          give one for each tier: standard, premium, enterprise
        "#,
    );
}
