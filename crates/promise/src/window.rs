//! The maintenance window in force: that of the signed file, until both parties agree on another (SH-MAINT-05). A change that one
//! party alone proposes changes nothing.

use agreement::Agreement;
use facts::{Body, Event, Fact, ProposalId, ProposalKind, ProposedWindow};
use spans::{Instant, Length, Recurrence, Span, Spans, Zone};

use crate::{
    approval::{self, ProposalState},
    history::History,
    obligation::Plan,
};

/// The length that SH-MAINT-05 gives a window, in minutes.
pub const WINDOW_MINUTES: u32 = 240;
/// The clause that gives it.
const BY_CLAUSE: &str = "SH-MAINT-05";

/// A window that both parties agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreedWindow {
    /// When it opens, for how long, on whose clocks.
    pub recurrence: Recurrence,
    /// By which proposal; none for that of the signed file.
    pub by: Option<(ProposalId, Instant)>,
}

impl AgreedWindow {
    /// The windows, as far as they lie in `within`.
    pub fn spans(&self, within: Span) -> Spans {
        self.recurrence.spans(within)
    }
}

/// The window in force at an instant; none where the agreement has none. Once the last of an agreed one is over, the signed one
/// holds again.
pub fn in_force(plan: &Plan, history: &History<'_>, at: Instant) -> Option<AgreedWindow> {
    let signed = signed(plan.agreement())?;
    let agreed = agreed(plan, history, at);
    agreed.filter(|window| window.recurrence.end().is_none_or(|end| at < end)).or(Some(signed))
}

/// When the window is open in a span, as the parties have it at `at`: the signed one again after the last of an agreed one.
pub(crate) fn open(plan: &Plan, history: &History<'_>, within: Span, at: Instant) -> Option<Spans> {
    let signed = signed(plan.agreement())?;
    let Some(agreed) = agreed(plan, history, at) else { return Some(signed.spans(within)) };
    let after = agreed.recurrence.end().and_then(|end| Span::new(within.start.max(end), within.end));
    let again = after.map_or_else(Spans::empty, |after| signed.spans(after));
    Some(agreed.spans(within).union(&again))
}

/// The newest window that both parties agreed on while this version of the agreement is in force.
fn agreed(plan: &Plan, history: &History<'_>, at: Instant) -> Option<AgreedWindow> {
    let since = since(plan, history, at);
    let made = history.all(Event::ProposalMade, at).iter().filter_map(|fact| match &fact.body {
        Body::ProposalMade(made) => Some((made, made.window.as_ref()?)),
        _ => None,
    });
    let agreed = made.filter_map(|(made, window)| {
        let proposal = approval::proposal(plan, history, &made.proposal, at)?;
        match proposal.state {
            ProposalState::Approved { at } if proposal.kind == ProposalKind::Window && since <= at => {
                Some(AgreedWindow { recurrence: read(window).ok()?, by: Some((proposal.id, at)) })
            }
            _ => None,
        }
    });
    agreed.max_by_key(|window| window.by.as_ref().map(|(_, at)| *at))
}

/// From when on the file of this version has held without another between: what was agreed before, it has taken the place of.
/// [`Instant::MIN`] where nobody put it into force.
fn since(plan: &Plan, history: &History<'_>, at: Instant) -> Instant {
    let activated = history.all(Event::AgreementActivated, at).iter().rev();
    let of_this =
        activated.skip_while(|fact| !activates(fact, plan)).take_while(|fact| activates(fact, plan));
    of_this.last().map_or(Instant::MIN, |fact| fact.at)
}

fn activates(fact: &Fact, plan: &Plan) -> bool {
    matches!(&fact.body, Body::AgreementActivated(activated) if activated.sha256 == plan.terms().identity())
}

fn signed(agreement: &Agreement) -> Option<AgreedWindow> {
    let window = agreement.window.as_ref()?;
    let rule = window.rrule.parse().ok()?;
    let length = window.length.length(Length::DAY);
    let recurrence = Recurrence::new(window.start.0, length, rule, window.tz.clone()).ok()?;
    Some(AgreedWindow { recurrence, by: None })
}

/// Whether the agreement says how long a window is.
pub(crate) fn has_length(agreement: &Agreement) -> bool {
    agreement.window.iter().any(|window| window.clause.ids.iter().any(|id| id == BY_CLAUSE))
}

/// A proposed window as one that recurs.
///
/// # Errors
/// What of it cannot be read, and how it is written.
pub fn read(proposed: &ProposedWindow) -> Result<Recurrence, String> {
    let no_time = || format!("`{}` is no wall-clock time: write it as 2026-03-01T02:00:00", proposed.start);
    let start = proposed.start.parse().map_err(|_| no_time())?;
    let zone: Zone = proposed
        .tz
        .parse()
        .map_err(|_| format!("`{}` is no zone: write one such as Europe/Amsterdam", proposed.tz))?;
    let rule = proposed.rrule.parse().map_err(|e: spans::RuleError| e.to_string())?;
    let length = Length::from_minutes(i64::from(proposed.minutes));
    Recurrence::new(start, length, rule, zone).map_err(|e| e.to_string())
}
