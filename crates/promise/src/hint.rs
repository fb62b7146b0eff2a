//! What the ledger suggests about a new request. A suggestion only: a person classifies.

use agreement::{CIVIL, HintWhen};
use spans::{Instant, Length, Spans};

use crate::obligation::Plan;

/// A suggestion for the form, in the agreement's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The priority suggested: the highest, for what is down under an agreement that has priorities. They are for production.
    pub priority: Option<String>,
    /// The class suggested.
    pub class: Option<String>,
    /// The kind suggested.
    pub kind: Option<String>,
    /// The clauses behind it.
    pub clauses: Vec<String>,
}

/// The first hint of the file that holds `at`: of an instance that is `down` (every vantage point with evidence fails) or
/// `partial` (some fail, some do not), both as observed before. Priorities are about production (SH-DEF-17).
pub fn hint(plan: &Plan, (down, partial): (&Spans, &Spans), production: bool, at: Instant) -> Option<Hint> {
    let request = plan.agreement().request.as_ref()?;
    let found = request.hint.iter().find(|hint| {
        let spans = match hint.when {
            HintWhen::LedgerDown => down,
            HintWhen::PartlyFailing => partial,
        };
        let least = hint.longer_than.map_or(Length::ZERO, |amount| plan.terms().length(amount, CIVIL));
        lasted(spans, at).is_some_and(|length| least < length)
    })?;
    // Priorities are listed from the gravest on. SH-DEF-17: what is unusable in production is P1.
    let grave = production && found.when == HintWhen::LedgerDown;
    let priority = request.priority.first().filter(|_| grave);
    let clauses = found.clause.ids.iter().chain(priority.iter().flat_map(|priority| &priority.clause.ids));
    Some(Hint {
        clauses: clauses.cloned().collect(),
        priority: priority.map(|priority| priority.id.clone()),
        class: found.class.clone(),
        kind: found.kind.clone(),
    })
}

/// How long the stretch at hand has lasted; what is known ends at the last look, so one that reaches `at` is still on.
fn lasted(spans: &Spans, at: Instant) -> Option<Length> {
    spans.iter().find(|span| span.start < at && at <= span.end).map(|span| at - span.start)
}
