//! When support answers, in the reader's zone (SH-REQ-02): the absolute time first, then how far away it is.

use control::live::query::{Support, SupportHours};
use spans::Instant;

use super::moment::{away, time};
use crate::part::escape;

/// A sentence, as HTML.
pub(super) fn sentence(hours: &SupportHours, now: Instant) -> String {
    let who = match hours.kinds.as_slice() {
        [] => "Support".to_owned(),
        kinds => format!("For {}, support", escape(&listed(kinds))),
    };
    match hours.support {
        Support::Always => format!("{who} answers at any hour."),
        Support::OpenUntil(end) => format!("{who} is open until {}, {}.", time(end, now), away(end, now)),
        Support::OpensAt(start) => format!("{who} opens {}, {}.", time(start, now), away(start, now)),
    }
}

/// `outage, performance and service`.
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_told_for_all_or_for_kinds() {
        let now: Instant = "2026-03-09T12:00:00Z".parse().unwrap();
        let hours = |kinds: &[&str], support| SupportHours {
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            calendar: "always".to_owned(),
            clauses: Vec::new(),
            support,
        };
        assert_eq!(sentence(&hours(&[], Support::Always), now), "Support answers at any hour.");
        let opens = Support::OpensAt("2026-03-10T09:00:00Z".parse().unwrap());
        let told = sentence(&hours(&["outage", "performance"], opens), now);
        assert!(told.starts_with("For outage and performance, support opens <time"), "{told}");
        assert!(told.ends_with("Tue 10 Mar 09:00 UTC</time>, in 21 h."), "{told}");
    }
}
