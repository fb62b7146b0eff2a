//! What is never met, and what is never due.

use super::look::{At, Found, Look};
use crate::section::{
    approval::Silence,
    obligation::{ObligationRule, Within},
    onboarding::Suggested,
};

/// L-13. Something meets every obligation that runs; what the text gives no time for is named, so that nobody mistakes "no
/// due time" for "no duty": obligations with `unset`, escalation without thresholds (A-44), approval without a time to
/// answer.
pub(crate) fn l_13_never_met_or_never_due(look: &Look<'_>, found: &mut Found) {
    for obligation in &look.agreement.obligation {
        let at = |key: &str| At::key(&obligation.places, key, &obligation.clause.ids);
        if obligation.met_by.is_none() && needs_meeting(obligation) {
            let message = format!("nothing meets `{}`: it would always be missed", obligation.id);
            found.error(at(""), message, "add `met_by = { event = \"…\" }`");
        }
        if obligation.within == Some(Within::Unset) {
            let message =
                format!("`{}` has no due time: it is shown with its age, never as due", obligation.id);
            found.note(at("within"), message, "agree on a time, or leave it as the text does");
        }
    }
    escalation(look, found);
    approvals(look, found);
}

/// A retention is kept by keeping, a delay passes by itself, a guard belongs to its act.
fn needs_meeting(obligation: &ObligationRule) -> bool {
    let guard = obligation.within == Some(Within::SameAction);
    obligation.keep.is_none() && obligation.effective_after.is_none() && !guard
}

fn escalation(look: &Look<'_>, found: &mut Found) {
    if let Some(escalation) = &look.agreement.escalation {
        let suggests = escalation.reason.iter().find(|r| r.suggested == Some(Suggested::ThresholdPassed));
        if let Some(reason) = suggests.filter(|_| escalation.thresholds.is_empty()) {
            let at = At::key(&escalation.places, "thresholds", &reason.clause.ids);
            let message = format!("no threshold is set, so `{}` is never suggested", reason.id);
            found.note(at, message, "agree on one by urgency, or leave it to the client to escalate (A-44)");
        }
    }
}

fn approvals(look: &Look<'_>, found: &mut Found) {
    for (name, approval) in &look.agreement.approval {
        if approval.silence == Some(Silence::Pending) {
            let at = At::key(&approval.places, "silence", &approval.clause.ids);
            let message = format!("approval `{name}` has no time to answer: silence leaves it pending");
            found.note(at, message, "remind the silent party (`remind`); silence is never consent (A-47)");
        }
    }
}
