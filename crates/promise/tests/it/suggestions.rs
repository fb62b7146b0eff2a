//! What the engine suggests and people decide: to escalate, what a request is, where the rota has holes.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

use promise::{
    History,
    escalation::suggestions,
    hint::{Hint, hint},
    obligation::obligations,
};
use spans::{Span, Spans};

use crate::story::{Deal, MANAGED, STANDARD, instant, tell};

fn suggested(deal: Deal, story: &str) -> Vec<String> {
    let (facts, now) = tell(story);
    let (versions, history) = (deal.versions(), History::new(&facts));
    let found = suggestions(&versions, &history, &obligations(&versions, &facts, now), now);
    let rung = |s: &promise::escalation::Suggestion| {
        s.rung.as_ref().map_or("nobody".to_owned(), |rung| rung.who.clone())
    };
    found.iter().map(|s| format!("{} {} to {}", s.ticket, s.reason, rung(s))).collect()
}

#[test]
fn mp_esc_05_a_missed_response_suggests_to_escalate() {
    let ticket = "sat 03:00 request T-1 kind outage urgency high by poc";
    assert!(suggested(MANAGED, &format!("{ticket}; now sat 03:30")).is_empty());
    assert_eq!(
        suggested(MANAGED, &format!("{ticket}; now sat 03:31")),
        ["T-1 response-missed to service desk lead"]
    );
    let raised =
        format!("{ticket}; sat 04:00 fact escalation.raised escalation=E-1 ticket=T-1 level=1 by poc");
    assert_eq!(
        suggested(MANAGED, &format!("{raised}; now sat 05:00")),
        ["T-1 response-missed to service delivery manager"]
    );
    let closed = format!("{ticket}; sat 04:00 resolve T-1 saying \"done\" by eva; now sat 05:00");
    assert!(suggested(MANAGED, &closed).is_empty());
}

#[test]
fn mp_esc_06_thresholds_only_where_the_order_sets_them() {
    let ticket = "sat 03:00 request T-1 kind service urgency high by poc; now 03-20 00:00";
    assert_eq!(suggested(MANAGED, ticket).len(), 1, "only the missed response");
    let with = MANAGED.text.replace("thresholds = {}", "thresholds = { high = \"2d\" }");
    assert!(with != MANAGED.text);
    let deal = Deal { text: with.leak(), ..MANAGED };
    let day = "mon 10:00 request T-1 kind service urgency high by poc; mon 11:00 reply T-1 by eva";
    assert!(suggested(deal, &format!("{day}; now wed 10:00")).is_empty());
    assert_eq!(
        suggested(deal, &format!("{day}; now wed 10:01")),
        ["T-1 resolution-slow to service desk lead"]
    );
}

#[test]
fn sh_def_13_more_than_a_quarter_of_an_hour_down_suggests_unusable_and_so_p1() {
    let down = |minutes: i64, production: bool| {
        let end = instant("mon 10:00") + spans::Length::from_minutes(minutes);
        let spans = Spans::one(Span::new(instant("mon 10:00"), end).unwrap());
        hint(STANDARD.versions().latest(), (&spans, &Spans::default()), production, end)
    };
    let words = |hint: Hint| (hint.priority, hint.class, hint.clauses.join(" "));
    let (p1, unusable) = (Some("P1".to_owned()), Some("unusable".to_owned()));
    assert_eq!(down(16, true).map(words), Some((p1, unusable.clone(), "SH-DEF-13 SH-DEF-17".to_owned())));
    assert_eq!(down(16, false).map(words), Some((None, unusable, "SH-DEF-13".to_owned())), "SH-DEF-17");
    assert_eq!(down(15, true), None);
}

/// The kind suggested at an instant of Monday, of what failed wholly and in part.
fn kind(down: &Spans, partly: &Spans, at: &str) -> Option<String> {
    hint(MANAGED.versions().latest(), (down, partly), true, instant(at)).and_then(|hint| hint.kind)
}

fn five_minutes() -> Spans {
    Spans::one(Span::new(instant("mon 10:00"), instant("mon 10:05")).unwrap())
}

#[test]
fn mp_slo_07_down_suggests_an_outage() {
    assert_eq!(kind(&five_minutes(), &Spans::default(), "mon 10:05").as_deref(), Some("outage"));
}

#[test]
fn mp_slo_08_a_partial_failure_suggests_a_performance_incident() {
    assert_eq!(kind(&Spans::default(), &five_minutes(), "mon 10:03").as_deref(), Some("performance"));
    assert_eq!(kind(&Spans::default(), &five_minutes(), "mon 10:06"), None, "it is over");
}
