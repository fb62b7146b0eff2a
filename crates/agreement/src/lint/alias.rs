//! Two words for one thing.

use super::look::{At, Found, Look};

/// L-11. An alias that differs from the file's word shows where the text calls one thing by two names: readers will
/// meet both. Names for closed time are no second word for anything.
pub(crate) fn l_11_two_words(look: &Look<'_>, found: &mut Found) {
    for alias in &look.agreement.alias {
        if alias.means.starts_with("closed:") || alias.word.eq_ignore_ascii_case(&alias.means) {
            continue;
        }
        let at = At::key(&alias.places, "word", &alias.clause.ids);
        let message = format!("the text says \"{}\" and means `{}`", alias.word, alias.means);
        found.note(
            at,
            message,
            "pages and letters use the file's word; say so in a reading if it is not plain",
        );
    }
}
