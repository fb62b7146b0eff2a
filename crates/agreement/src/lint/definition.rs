//! Terms that the text leaves to other documents.

use super::look::{At, Found, Look, instead};

/// L-02. Each term of `[definitions] must_define` has an entry of `terms`, a calendar of its name or an alias; and where an
/// entry names a calendar, that calendar exists (MP-META-02, MP-SLO-13, A-35).
pub(crate) fn l_02_undefined_term(look: &Look<'_>, found: &mut Found) {
    let Some(definitions) = &look.agreement.definitions else { return };
    for (number, term) in definitions.must_define.iter().enumerate() {
        let calendar = look.agreement.calendar.contains_key(term);
        let alias = look.agreement.alias.iter().any(|alias| alias.word == *term);
        let defined = definitions.terms.get(term).is_some_and(|text| !text.trim().is_empty());
        if !(calendar || alias || defined) {
            let at = At::key(&definitions.places, &format!("must_define.{number}"), &definitions.clause.ids);
            let way_out = format!("say what it means under [definitions.terms]: \"{term}\" = \"…\"");
            found.error(at, format!("\"{term}\" is not defined"), way_out);
        }
    }
    for (term, means) in &definitions.terms {
        let Some(calendar) = means.strip_prefix("calendar.") else { continue };
        if !look.agreement.calendar.contains_key(calendar) {
            let at = At::key(&definitions.places, &format!("terms.{term}"), &definitions.clause.ids);
            let message = format!("\"{term}\" is defined by a calendar `{calendar}` that is not there");
            let known = look.agreement.calendar.keys().map(String::as_str);
            found.error(at, message, instead(calendar, known, &format!("add [calendar.{calendar}]")));
        }
    }
}
