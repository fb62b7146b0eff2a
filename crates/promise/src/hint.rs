//! What the ledger suggests about a new request. A suggestion only: a person classifies.

use agreement::{CIVIL, HintWhen};
use spans::{Instant, Length, Spans};

use crate::obligation::Plan;

/// A suggestion for the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The class suggested.
    pub class: Option<String>,
    /// The kind suggested.
    pub kind: Option<String>,
    /// The clauses behind it.
    pub clauses: Vec<String>,
}

/// The first hint of the file that holds `at`: of an instance that is `down` (every vantage point with evidence fails) or
/// `partial` (some fail, some do not), both as observed before.
pub fn hint(plan: &Plan, down: &Spans, partial: &Spans, at: Instant) -> Option<Hint> {
    let hints = &plan.agreement().request.as_ref()?.hint;
    let found = hints.iter().find(|hint| {
        let spans = match hint.when {
            HintWhen::LedgerDown => down,
            HintWhen::PartlyFailing => partial,
        };
        let least = hint.longer_than.map_or(Length::ZERO, |amount| plan.terms().length(amount, CIVIL));
        lasted(spans, at).is_some_and(|length| least < length)
    })?;
    Some(Hint { class: found.class.clone(), kind: found.kind.clone(), clauses: found.clause.ids.clone() })
}

/// How long the stretch at hand has lasted; what is known ends at the last look, so one that reaches `at` is still on.
fn lasted(spans: &Spans, at: Instant) -> Option<Length> {
    spans.iter().find(|span| span.start < at && at <= span.end).map(|span| at - span.start)
}
