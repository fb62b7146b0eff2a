//! What entries name: clauses, tiers, roles, words, events.

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
          plan shifts (`shift.planned`) for every instant of the term
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
          write one of: change, kind, planned_in_stages, starts_at, validation
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

/// MP-META-02, MP-SLO-13, A-35: the guide leaves the business hours to the order; without them the file is refused.
#[test]
fn l_02_mp_meta_02_mp_slo_13_business_hours_must_be_defined() {
    check_change(
        ISOLATED,
        &[("\"Business Hours\" = \"calendar.business\"", "\"Office Hours\" = \"calendar.business\"")],
        r#"
        error L-02 at `"Business Hours"` (MP-META-02): "Business Hours" is not defined
          say what it means under [definitions.terms]: "Business Hours" = "…"
        "#,
    );
    check_change(
        ISOLATED,
        &[
            ("[calendar.business]", "[calendar.office]"),
            ("service = \"business\" }", "service = \"office\" }"),
        ],
        r#"
        error L-01 at `"business-calendar"` (MP-META-02 MP-SLO-13): `business-calendar` must be filled in before anybody signs
          add [calendar.business] with the hours of the order (A-35)
        error L-02 at `"Business Hours" = "calendar.business"` (MP-META-02): "Business Hours" is defined by a calendar `business` that is not there
          write one of: always, civil, office
        "#,
    );
}

/// SH-PRICE-02, A-08: a file that does not pick how percentage and amount combine is refused, with or without its table.
#[test]
fn l_01_sh_price_02_a_08_a_file_without_a_surcharge_rule_is_refused() {
    check_change(
        HOSTED,
        &[("rule = \"greater-of\"\n", "")],
        r"
        error read at `[price.surcharge]`: `rule` is missing
          add `rule = …`
        ",
    );
    check_change(
        HOSTED,
        &[("[price.surcharge]", "[price]\n[price_surcharge]")],
        r"
        error read at `price_surcharge`: `price_surcharge` is no key of this table
          use one of: format, agreement, clauses, tiers, price, definitions, alias, binding, calendar, holidays, support_hours, role, channels, channel, availability, probe, credit, maintenance, window, severity, request, matrix, obligation, cadence, exclusions, exclusion, annotation, approval, onboarding, escalation, contact_topic, guard, show, catalogue, readings
        ",
    );
}

/// MP-META-01: the guide binds only where an order names it; without the reference nobody can sign.
#[test]
fn l_01_mp_meta_01_a_guide_without_its_order_binds_nobody() {
    check_change(
        ISOLATED,
        &[("incorporated_by = \"order:ORD-17\"", "incorporated_by = \" \"")],
        r#"
        error L-01 at `"incorporated-by"` (MP-META-01): `incorporated-by` must be filled in before anybody signs
          name the order that incorporates the guide in `incorporated_by`
        "#,
    );
}

#[test]
fn l_01_every_blank_is_missed() {
    check_change(
        ISOLATED,
        &[("onboarding_disclosed = \"none\"", "onboarding_disclosed = \"\"")],
        r#"
        error L-01 at `"onboarding-disclosure"` (MP-COB-01): `onboarding-disclosure` must be filled in before anybody signs
          say in `onboarding_disclosed` what engineers must go through, or "none"
        "#,
    );
    check_change(
        ISOLATED,
        &[("min = 1\n", "")],
        r#"
        error L-01 at `"point-of-contact"` (MP-CLI-04): `point-of-contact` must be filled in before anybody signs
          give a client role `min = 1`
        "#,
    );
    check_change(
        ISOLATED,
        &[(
            "{ level = 1, who = \"service desk lead\" },\n{ level = 2, who = \"service delivery manager\" },\n{ level = 3, who = \"head of managed services\" },\n",
            "",
        )],
        r#"
        error L-01 at `"escalation-path"` (MP-ESC-03): `escalation-path` must be filled in before anybody signs
          name at least one rung in [escalation] path
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
