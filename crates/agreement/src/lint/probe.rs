//! The probe: whether it can see what the agreement counts.

use spans::Length;

use super::look::{At, Found, Look};

/// How many requests must fall into the shortest run that counts: with three, one lost or late answer still leaves two that
/// agree. Every 20 seconds, or a rule of 60 seconds cannot be judged.
const REQUESTS_IN_RUN: i64 = 3;

/// L-08. At least three requests of one vantage point fall into the shortest run of failures that counts, and a request ends
/// before the run does.
pub(crate) fn l_08_probe_too_slow(look: &Look<'_>, found: &mut Found) {
    let (Some(probe), Some(availability)) = (&look.agreement.probe, &look.agreement.availability) else {
        return;
    };
    let (every, timeout) = (probe.every.length(Length::DAY), probe.timeout.length(Length::DAY));
    let shortest = availability.down.min_run.length(Length::DAY);
    let at = |key: &str| At::key(&probe.places, key, &probe.clause.ids);
    if every.is_zero() {
        found.error(
            at("every"),
            "what is asked without a pause is never judged",
            "write how often, such as \"20s\"",
        );
    } else if every * REQUESTS_IN_RUN > shortest {
        let message = format!(
            "asked every {}, a run of {} holds fewer than three requests and cannot be judged",
            probe.every, availability.down.min_run,
        );
        let way_out = format!(
            "ask at least every {}s (A-14)",
            (shortest.as_micros() / REQUESTS_IN_RUN / 1_000_000).max(1)
        );
        found.warning(at("every"), message, way_out);
    }
    if timeout > shortest {
        let message =
            format!("an answer may take {}, longer than the shortest run that counts", probe.timeout);
        found.warning(
            at("timeout"),
            message,
            format!("wait at most {} for an answer", availability.down.min_run),
        );
    }
}
