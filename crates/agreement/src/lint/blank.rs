//! What must be filled in.

use facts::Side;

use super::look::{At, Found, Look};
use crate::{agreement::Agreement, section::party::Blank};

/// L-01. What `[agreement] require` names is filled in: a blank that somebody must fill is an error until it is.
pub(crate) fn l_01_required_blank(look: &Look<'_>, found: &mut Found) {
    let header = &look.agreement.agreement;
    for (number, blank) in header.require.iter().enumerate() {
        if is_filled(look.agreement, *blank) {
            continue;
        }
        let cited = clauses_of(*blank);
        let ours = cited.iter().filter(|id| cites_document(look, id)).map(|id| (*id).to_owned());
        let clauses: Vec<String> = ours.collect();
        let message = format!("`{}` must be filled in before anybody signs", blank.name());
        let at = At::key(&header.places, &format!("require.{number}"), &clauses);
        found.error(at, message, way_out(*blank));
    }
}

fn is_filled(agreement: &Agreement, blank: Blank) -> bool {
    let written = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    match blank {
        Blank::Tier => agreement.tiers.is_some(),
        Blank::SurchargeRule => agreement.price.as_ref().is_some_and(|price| price.surcharge.is_some()),
        Blank::Holidays => {
            agreement.holidays.values().flat_map(|list| list.year.values()).any(|dates| !dates.is_empty())
        }
        Blank::Probe => agreement.probe.is_some(),
        Blank::IncorporatedBy => written(&agreement.agreement.incorporated_by),
        Blank::BusinessCalendar => agreement.calendar.contains_key("business"),
        Blank::EscalationPath => agreement.escalation.as_ref().is_some_and(|e| !e.path.is_empty()),
        Blank::PointOfContact => agreement
            .role
            .values()
            .any(|role| role.side == Side::Client && role.min.is_some_and(|min| min >= 1)),
        Blank::OnboardingDisclosure => written(&agreement.agreement.onboarding_disclosed),
    }
}

/// The clauses that ask for it.
fn clauses_of(blank: Blank) -> &'static [&'static str] {
    match blank {
        Blank::Tier => &["SH-TIER-01", "SH-DEF-08"],
        Blank::SurchargeRule => &["SH-PRICE-02", "SH-PRICE-03"],
        Blank::Holidays => &["SH-CAL-02"],
        Blank::Probe => &["SH-AVAIL-07"],
        Blank::IncorporatedBy => &["MP-META-01"],
        Blank::BusinessCalendar => &["MP-META-02", "MP-SLO-13"],
        Blank::EscalationPath => &["MP-ESC-03"],
        Blank::PointOfContact => &["MP-CLI-04"],
        Blank::OnboardingDisclosure => &["MP-COB-01"],
    }
}

/// Whether the file rests on the document of that clause at all.
fn cites_document(look: &Look<'_>, id: &str) -> bool {
    let document = look.register.clause(id).map(|clause| clause.document);
    let mut cited = look.agreement.agreement.clause.ids.iter().filter_map(|id| look.register.clause(id));
    cited.any(|clause| Some(clause.document) == document)
}

fn way_out(blank: Blank) -> &'static str {
    match blank {
        Blank::Tier => "add [tiers] with the signed tier in `chosen`",
        Blank::SurchargeRule => "add [price.surcharge] with the `rule` both parties chose (A-08)",
        Blank::Holidays => "list the dates of each year of the term under [holidays.NAME.year] (A-07)",
        Blank::Probe => "add [probe]: what a valid request is",
        Blank::IncorporatedBy => "name the order that incorporates the guide in `incorporated_by`",
        Blank::BusinessCalendar => "add [calendar.business] with the hours of the order (A-35)",
        Blank::EscalationPath => "name at least one rung in [escalation] path",
        Blank::PointOfContact => "give a client role `min = 1`",
        Blank::OnboardingDisclosure => {
            "say in `onboarding_disclosed` what engineers must go through, or \"none\""
        }
    }
}
