//! Where vantage points differ: one had good answers to a check while another saw it fail. Such time is not down, whoever is
//! right; so that nobody takes that for the whole truth it is listed, and the provider is told.
//!
//! At each edge of an outage they differ for a moment, because they look one after another. What lasts longer than a result holds,
//! twice the check's interval, is a difference: by then each of them has looked again and says the same.

use facts::{CheckId, VantageId};
use spans::{Instant, Length, Span, Spans};

/// A stretch of time in which vantage points saw different things of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What was asked.
    pub check: CheckId,
    /// When: longer than a result holds.
    pub span: Span,
    /// Who saw it fail for so long in that time.
    pub failed: Vec<VantageId>,
    /// Who had good answers for so long in that time.
    pub answered: Vec<VantageId>,
}

/// What one vantage point saw of a check.
#[derive(Debug)]
pub(crate) struct Said<'s> {
    pub(crate) vantage: &'s VantageId,
    pub(crate) answered: Spans,
    pub(crate) failed: Spans,
}

/// One side of what was said.
type Of = for<'a> fn(&'a Said<'_>) -> &'a Spans;

/// The differences about one check, in order, that had lasted longer than `hold` by the end of `window` and do not end before it.
pub(crate) fn differences(check: &CheckId, said: &[Said<'_>], hold: Length, window: Span) -> Vec<Difference> {
    let all = |of: Of| said.iter().fold(Spans::empty(), |all, said| all.union(of(said)));
    let both = all(|said| &said.answered).intersect(&all(|said| &said.failed));
    let so_far = both.clip(Span { start: Instant::MIN, end: window.end });
    let lasting = so_far.iter().filter(|span| hold < span.length() && window.start < span.end);
    // Where they took turns, none of them long, everybody is named who saw it at all.
    let who = |span: Span, of: Of| -> Vec<VantageId> {
        let longer = |than: Length| {
            let saw = said.iter().filter(|said| of(said).clip(span).iter().any(|span| than < span.length()));
            saw.map(|said| said.vantage.clone()).collect::<Vec<_>>()
        };
        let steady = longer(hold);
        if steady.is_empty() { longer(Length::ZERO) } else { steady }
    };
    let difference = |span: Span| Difference {
        check: check.clone(),
        failed: who(span, |said| &said.failed),
        answered: who(span, |said| &said.answered),
        span,
    };
    lasting.map(difference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who, when it had answers, and when failures, in seconds.
    type Seconds<'s> = (&'s str, &'s [(i64, i64)], &'s [(i64, i64)]);

    fn spans(list: &[(i64, i64)]) -> Spans {
        let at = Instant::from_second;
        list.iter().map(|(a, b)| Span { start: at(*a), end: at(*b) }).collect()
    }

    /// `100..310: ams fra, not lon`
    fn told(said: &[Seconds<'_>], from: i64, to: i64) -> Vec<String> {
        let names: Vec<VantageId> = said.iter().map(|(name, ..)| name.parse().unwrap()).collect();
        let said = said.iter().zip(&names).map(|((_, answered, failed), vantage)| Said {
            vantage,
            answered: spans(answered),
            failed: spans(failed),
        });
        let said: Vec<Said<'_>> = said.collect();
        let window = Span { start: Instant::from_second(from), end: Instant::from_second(to) };
        let found = differences(&"home".parse().unwrap(), &said, Length::from_secs(40), window);
        let second = |at: Instant| at.as_micros() / 1_000_000;
        let names = |who: &[VantageId]| who.iter().map(VantageId::as_str).collect::<Vec<_>>().join(" ");
        let line = |it: &Difference| {
            let (from, to) = (second(it.span.start), second(it.span.end));
            format!("{from}..{to}: {}, not {}", names(&it.failed), names(&it.answered))
        };
        found.iter().map(line).collect()
    }

    #[test]
    fn a_14_one_that_answers_while_two_fail_is_a_difference_and_the_edge_of_an_outage_is_none() {
        let said: [Seconds<'_>; 3] = [
            ("ams", &[(0, 100), (300, 400)], &[(100, 300)]),
            ("fra", &[(0, 110), (310, 400)], &[(110, 310)]),
            ("lon", &[(0, 400)], &[]),
        ];
        // That fra answered for ten seconds after ams had failed, and failed for ten after ams answered again, is an edge.
        assert_eq!(told(&said, 0, 400), ["100..310: ams fra, not lon"]);
        assert_eq!(told(&said[1..], 0, 200), ["110..200: fra, not lon"], "it lasts");
        for (said, from, to, why) in
            [(&said[..2], 0, 400, "edges alone"), (&said, 0, 140, "not yet"), (&said, 310, 400, "over")]
        {
            assert_eq!(told(said, from, to), [""; 0], "{why}");
        }
    }
}
