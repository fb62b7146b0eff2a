//! Months: those of objectives and those of invoices.

use spans::{Instant, Month, Zone};

use super::look::{At, Found, Look};
use crate::{agreement::Agreement, finding::Finding};

/// L-16. The months of objectives are those that invoices name. Charges are facts of a calendar month (`instance.charged`)
/// whose days both parties count in UTC unless they agree otherwise: a credit ladder over months of another zone
/// takes its percentage of a month that is not quite the one it judged. A term that starts or ends inside a month is covered
/// in part there, which is fine and worth knowing (SH-AVAIL-08, A-11).
pub(crate) fn l_16_two_kinds_of_month(look: &Look<'_>, found: &mut Found) {
    let Some(availability) = &look.agreement.availability else { return };
    let zone = &availability.tz;
    if look.agreement.credit.is_some() && *zone != Zone::UTC {
        let at = At::key(&availability.places, "tz", &availability.clause.ids);
        let message =
            format!("objectives are judged by months of {}, invoices by months of UTC", zone.name());
        found.warning(
            at,
            message,
            "write tz = \"UTC\", or agree in a reading of A-12 that invoices follow this zone",
        );
    }
    let term = &look.agreement.agreement.term;
    for (key, at, what) in [("start", term.start, "starts"), ("end", term.end, "ends")] {
        if !begins_month(at, zone) {
            let message = format!("the term {what} inside a month of {}", zone.name());
            let place = At::key(&term.places, key, &term.clause.ids);
            found.note(place, message, "that month is judged by its covered minutes alone (A-11)");
        }
    }
}

/// Whether an instant is the first of a month in a zone.
fn begins_month(at: Instant, zone: &Zone) -> bool {
    Month::of(at, zone).span(zone).start == at
}

impl Agreement {
    /// What is wrong with this version following `earlier`, a version of the same agreement that is in force until this one's
    /// term starts. Each month is judged by the version in force at its first covered instant, so a version that promises
    /// availability may not take effect inside a month that the earlier one covers (SH-AVAIL-08). The first version of an
    /// agreement may start on any day: its first month is covered in part.
    pub fn lint_after(&self, earlier: &Agreement) -> Vec<Finding> {
        let mut found = Found::new("L-16");
        let (old, new) = (&earlier.agreement.term, &self.agreement.term);
        let judged = earlier.availability.is_some() || self.availability.is_some();
        let inside = old.start < new.start && new.start < old.end;
        let zone = self.months_in();
        if judged && inside && !begins_month(new.start, &zone) {
            let clauses = self.availability.as_ref().map(|a| a.clause.ids.clone()).unwrap_or_default();
            let message = "this version would take effect inside a month that the earlier one judges";
            let way_out = format!("let its term start with a month of {}", zone.name());
            found.error(At::key(&new.places, "start", &clauses), message, way_out);
        }
        found.into_order()
    }
}
