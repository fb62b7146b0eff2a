//! Who is on call.

use super::{
    look::{At, Found, Look, listed},
    targets::targets,
};
use crate::section::{calendar::Open, obligation::ObligationRule, request::MatrixAxis};

/// L-10. What a person must do round the clock needs a rota without holes: people on call at every instant of the term
/// (MP-SC-INC-01). The rota is facts (`rota.set`, `shift.planned`), so the file can only say that one is needed; where an
/// obligation has no `coverage`, nothing would notice a hole. Looked at for the signed tier.
pub(crate) fn l_10_rota_needed(look: &Look<'_>, found: &mut Found) {
    for obligation in &look.agreement.obligation {
        let Some(person) = obligation.met_by.as_ref().and_then(|met| met.actor) else { continue };
        let Some(calendars) = round_the_clock(look, obligation) else { continue };
        let what = if calendars.is_empty() {
            String::new()
        } else {
            format!(" for {}", listed(calendars.iter().copied()))
        };
        let message = format!("a {} must answer round the clock{what}", who(person));
        let at = |key: &str| At::key(&obligation.places, key, &obligation.clause.ids);
        if obligation.coverage.is_some() {
            let way_out =
                "put people on the rota, or plan shifts (`shift.planned`), for every instant of the term";
            found.note(at("coverage"), message, way_out);
        } else {
            let message = format!("{message}, and nothing notices when nobody is on call");
            found.warning(at("calendar"), message, "add `coverage = \"qualified-around-the-clock\"`");
        }
    }
}

fn who(actor: crate::section::obligation::MetActor) -> &'static str {
    match actor {
        crate::section::obligation::MetActor::Qualified => "qualified person",
        crate::section::obligation::MetActor::Manager => "manager",
        _ => "person",
    }
}

/// The kinds whose calendar is always open; nothing where none is. Empty where it is so for all.
fn round_the_clock<'l>(look: &'l Look<'_>, obligation: &'l ObligationRule) -> Option<Vec<&'l str>> {
    let always = |calendar: &str| {
        look.agreement
            .calendar
            .get(calendar)
            .is_some_and(|rule| rule.open == Open::Always && rule.except.is_empty())
    };
    let signed = look.agreement.tier();
    let of_tier = |word: Option<&str>| word.is_none() || word == signed;
    let targets = targets(look, obligation);
    let targets: Vec<_> = targets.iter().filter(|target| of_tier(target.word(MatrixAxis::Tier))).collect();
    let open: Vec<_> = targets.iter().filter(|target| always(target.calendar)).collect();
    if open.is_empty() {
        return None;
    }
    let mut kinds: Vec<&str> = open.iter().filter_map(|target| target.word(MatrixAxis::Kind)).collect();
    kinds.dedup();
    Some(if open.len() == targets.len() { Vec::new() } else { kinds })
}
