//! What must be filled in or defined before anybody signs.

use super::check_change;
use crate::shipped::{HOSTED, ISOLATED};

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
        error R-03 at `"business"`: there is no calendar `business`
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
          use one of: format, agreement, clauses, tiers, price, definitions, alias, binding, calendar, holidays, support_hours, role, channels, channel, availability, probe, credit, maintenance, window, severity, request, matrix, obligation, cadence, reminders, pause, exclusions, exclusion, annotation, approval, onboarding, escalation, contact_topic, guard, show, catalogue, readings
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
