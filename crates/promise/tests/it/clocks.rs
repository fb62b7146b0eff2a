//! What holds of every obligation, whatever the story: the order of telling, the future, the version, every state and event.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

use std::collections::BTreeSet;

use agreement::{Agreement, Terms};
use facts::{Actor, AgreementActivated, Body, Fact, FactId};
use promise::{
    History, Versions,
    obligation::{Obligation, State, obligations},
};
use proptest::prelude::*;
use spans::{Instant, Length};

use crate::clock_cases::pausing;
use crate::story::{Deal, ENTERPRISE, MANAGED, PREMIUM, STANDARD, check, instant, shown, standing, tell};

/// Sentences of which random histories are made; `@` is an instant of the first three weeks.
const HOSTED: [&str; 33] = [
    "@ request T-1 priority P1 by jan",
    "@ request T-2 priority P3 about wiki by jan",
    "@ reply T-1 by anna",
    "@ reply T-1 by auto",
    "@ reply T-2 by anna",
    "@ classify T-1 as standard by anna",
    "@ classify T-2 as feature by anna",
    "@ reprioritise T-1 to P3 saying \"x\" by anna",
    "@ reprioritise T-1 to P2 saying \"x\" by anna",
    "@ fact appeal.opened appeal=A-1 ticket=T-1 by jan",
    "@ fact appeal.decided appeal=A-1 ticket=T-1 upheld=true by mia",
    "@ classify T-2 as standard by anna",
    "@ fact request.reopened ticket=T-1 by anna",
    "@ fact request.reopened ticket=T-2 by jan",
    "@ fact request.merged ticket=T-1 into=T-2 by anna",
    "@ fact request.merged ticket=T-2 into=T-1 by anna",
    "@ fact request.parted ticket=T-1 from=T-2 by anna",
    "@ fact request.received ticket=T-3 channel=portal priority=P1 split_from=T-1 by anna",
    "@ fact pause.claimed pause=P-1 ticket=T-1 from=2026-03-03T11:00:00Z until=2026-03-05T15:00:00Z reason=x by anna",
    "@ fact pause.agreed pause=P-1 ticket=T-1 by jan",
    "@ ask T-1 by anna",
    "@ answer T-1 by jan",
    "@ resolve T-1 saying \"x\" by anna",
    "@ withdraw T-2 by jan",
    "2026-03-01 00:00 instance wiki production \"Wiki\" software confluence from 2026-03-01 00:00",
    "@ version wiki confluence 9.0.0",
    "@ version wiki confluence 9.1.0",
    "@ release R-1 confluence 9.1.0",
    "@ release R-2 confluence 9.2.0",
    "@ fix F-1 CVE-2026-1234 confluence 9.0.1 score 5.0",
    "@ backup wiki B-1",
    "@ delete wiki B-1",
    "@ maintenance M-1 scheduled upgrade on wiki from 03-20 10:00 to 03-20 12:00 impact down",
];

const PLATFORM: [&str; 18] = [
    "@ request T-1 kind outage urgency critical by poc",
    "@ request T-2 kind service urgency Medium by poc",
    "@ reply T-1 by eva",
    "@ reply T-1 by dirk",
    "@ reply T-1 next 03-15 09:00 by eva",
    "@ reply T-2 by kim",
    "@ reprioritise T-1 urgency high saying \"x\" by eva",
    "@ reprioritise T-1 urgency critical saying \"x\" by eva",
    "@ resolve T-1 saying \"x\" by eva",
    "@ fact request.reopened ticket=T-1 by poc",
    "@ fact pool.restricted service=main",
    "@ fact pool.opened service=main",
    "@ fact vpn.down system=vpn",
    "@ fact vpn.up system=vpn",
    "@ fact change.proposed change=C-1 kind=upgrade starts_at=2026-03-18T02:00:00Z",
    "@ fact change.approved change=C-1 by poc",
    "@ fact action.started action=X-1 sensitive=false by eva",
    "@ fact sop.check_passed action=X-1 sop=v1",
];

/// Facts of a random history, each at a random minute; a few share theirs.
fn history(sentences: &'static [&'static str]) -> impl Strategy<Value = Vec<Fact>> {
    let minutes = prop::collection::vec((0..sentences.len(), 0_i64..600), 1..24);
    minutes.prop_map(move |told| {
        let lines = told.iter().map(|(sentence, slot)| {
            let at = (instant("mon 00:00") + Length::from_minutes(slot * 50)).to_string();
            sentences[*sentence].replace('@', &at.replace('T', " ").replace(":00Z", ""))
        });
        tell(&format!("{}; now mon 00:00", lines.collect::<Vec<_>>().join("; "))).0
    })
}

fn moment() -> impl Strategy<Value = Instant> {
    (0_i64..700).prop_map(|slot| instant("mon 00:00") + Length::from_minutes(slot * 50))
}

/// The story told in any order, some of it twice, and the story of a later day: nothing changes.
fn order_and_future_change_nothing(deal: Deal, facts: &[Fact], at: Instant, shuffle: u64) {
    let versions = deal.versions();
    let as_told = obligations(&versions, facts, at);
    let mut keys: Vec<String> = as_told.iter().map(Obligation::key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), as_told.len(), "each has its own key");
    let mut mixed: Vec<Fact> = facts.iter().chain(facts.iter().step_by(3)).cloned().collect();
    mixed.sort_by_key(|fact| {
        fact.id.to_string().bytes().fold(shuffle, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)))
    });
    assert_eq!(obligations(&versions, &mixed, at), as_told);
    let past: Vec<Fact> = facts.iter().filter(|fact| fact.at <= at).cloned().collect();
    assert_eq!(obligations(&versions, &past, at), as_told);
    // Subject by subject it is the same as all at once.
    let history = History::new(facts);
    let mut subjects: Vec<_> = facts.iter().map(|fact| fact.body.subject()).collect();
    subjects.sort();
    subjects.dedup();
    let apart: usize = subjects.iter().map(|s| history.obligations_of(&versions, s, at).len()).sum();
    assert_eq!(apart, as_told.len());
}

/// Time alone: nothing met becomes missed, a miss stays, and what runs is missed exactly after its due instant.
fn time_alone_only_lets_due_times_pass(deal: Deal, facts: &[Fact], later: Length) {
    let versions = deal.versions();
    let end = facts.iter().map(|fact| fact.at).max().unwrap_or(Instant::MIN);
    let now = obligations(&versions, facts, end);
    let then = obligations(&versions, facts, end + later);
    // A silence of a watch is one obligation that grows.
    for before in now.iter().filter(|o| o.duty.id != "observe") {
        let Some(after) = then.iter().find(|after| after.key() == before.key()) else {
            panic!("{} vanished", before.key());
        };
        let allowed = match (&before.state, &after.state) {
            (State::Running { due }, State::Running { .. }) => end + later <= *due,
            (State::Running { due }, State::Missed { since, .. }) => *since == *due && *due < end + later,
            (State::Running { due }, State::Met { at, by: None }) => at == due,
            (State::Running { .. }, State::Forfeited { .. } | State::Cancelled { .. }) => true,
            (before, after) => before == after,
        };
        assert!(allowed, "{}: {} then {}", before.key(), before.state, after.state);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_telling_and_the_future_change_nothing(
        hosted in history(&HOSTED), platform in history(&PLATFORM), at in moment(), shuffle in any::<u64>(),
    ) {
        for deal in [STANDARD, ENTERPRISE, pausing(STANDARD)] {
            order_and_future_change_nothing(deal, &hosted, at, shuffle);
        }
        order_and_future_change_nothing(MANAGED, &platform, at, shuffle);
    }

    #[test]
    fn time_alone_lets_due_times_pass_and_nothing_else(
        hosted in history(&HOSTED), platform in history(&PLATFORM), hours in 0_i64..800,
    ) {
        time_alone_only_lets_due_times_pass(PREMIUM, &hosted, Length::from_hours(hours));
        time_alone_only_lets_due_times_pass(MANAGED, &platform, Length::from_hours(hours));
    }
}

/// Found by chance: the first ticket's answer came in the instant of the split, before the second's receipt in order.
#[test]
fn each_ticket_of_a_split_owes_what_is_its_own() {
    let (facts, now) = tell(
        "mon 00:00 request T-1 priority P1 by jan; tue 09:20 reply T-1 by anna; \
         tue 09:20 fact request.received ticket=T-3 channel=portal priority=P1 split_from=T-1 by anna; now tue 09:20",
    );
    let all = obligations(&PREMIUM.versions(), &facts, now);
    let keys: Vec<String> = all.iter().map(Obligation::key).collect();
    let distinct: BTreeSet<&String> = keys.iter().collect();
    assert_eq!(distinct.len(), all.len(), "{keys:?}");
    assert!(keys.iter().any(|key| key.contains("/T-3/")), "{keys:?}");
}

/// Every state of a response clock meets every event. The clock: P1 on Enterprise, received Tuesday 10:00, due 12:00.
#[test]
fn every_clock_state_meets_every_event() {
    let states = [
        ("running", "", "tue 11:00"),
        ("missed", "", "tue 13:00"),
        ("met", "tue 10:30 reply T-1 by anna", "tue 11:00"),
        ("met late", "tue 12:30 reply T-1 by anna", "tue 13:00"),
        ("cancelled", "tue 10:30 classify T-1 as feature by anna", "tue 11:00"),
        ("lowered", "tue 10:30 reprioritise T-1 to P3 saying \"x\" by anna", "tue 11:00"),
    ];
    let events = [
        ("answer", "reply T-1 by anna"),
        ("automatic", "reply T-1 by auto"),
        ("by client", "reply T-1 by jan"),
        ("classify", "classify T-1 as standard by anna"),
        ("feature", "classify T-1 as feature by anna"),
        ("lower", "reprioritise T-1 to P4 saying \"x\" by anna"),
        ("raise", "reprioritise T-1 to P1 saying \"x\" by anna"),
        ("appeal", "fact appeal.opened appeal=A-1 ticket=T-1 by jan"),
        ("ask", "ask T-1 by anna"),
        ("pause", "fact request.paused ticket=T-1 reason=x by anna"),
        ("resolve", "resolve T-1 saying \"x\" by anna"),
        ("reopen", "fact request.reopened ticket=T-1 by jan"),
        ("withdraw", "withdraw T-1 by jan"),
        ("again", "request T-1 priority P4 by jan"),
    ];
    let mut table = String::new();
    for (state, story, at) in states {
        let mut outcomes: Vec<(String, Vec<&str>)> = Vec::new();
        for (event, sentence) in events {
            let story =
                format!("tue 10:00 request T-1 priority P1 by jan; {story}; {at} {sentence}; now {at}");
            let outcome =
                shown(&standing(ENTERPRISE, &story, "first-response"), "first-response").join(" | ");
            match outcomes.iter_mut().find(|(known, _)| *known == outcome) {
                Some((_, events)) => events.push(event),
                None => outcomes.push((outcome, vec![event])),
            }
        }
        let lines = outcomes.iter().map(|(outcome, events)| format!("  {outcome}: {}\n", events.join(", ")));
        table += &format!("{state}\n{}", lines.collect::<String>());
    }
    insta::assert_snapshot!(table, @r"
    running
      T-1 met Tue 3 Mar 11:00 by anna: answer
      T-1 running due Tue 3 Mar 12:00: automatic, by client, classify, raise, appeal, ask, pause, resolve, reopen, again
      T-1 cancelled Tue 3 Mar 11:00 request.classified: feature
      T-1 running due Wed 4 Mar 10:00: lower
      T-1 cancelled Tue 3 Mar 11:00 request.withdrawn: withdraw
    missed
      T-1 missed Tue 3 Mar 12:00, done Tue 3 Mar 13:00 by anna: answer
      T-1 missed Tue 3 Mar 12:00: automatic, by client, classify, feature, lower, raise, appeal, ask, pause, resolve, reopen, withdraw, again
    met
      T-1 met Tue 3 Mar 10:30 by anna: answer, automatic, by client, classify, feature, lower, raise, appeal, ask, pause, resolve, reopen, withdraw, again
    met late
      T-1 missed Tue 3 Mar 12:00, done Tue 3 Mar 12:30 by anna: answer, automatic, by client, classify, feature, lower, raise, appeal, ask, pause, resolve, reopen, withdraw, again
    cancelled
      T-1 cancelled Tue 3 Mar 10:30 request.classified: answer, automatic, by client, feature, lower, raise, appeal, ask, pause, resolve, reopen, withdraw, again
      T-1 running due Tue 3 Mar 12:00: classify
    lowered
      T-1 met Tue 3 Mar 11:00 by anna: answer
      T-1 running due Tue 3 Mar 18:00: automatic, by client, classify, appeal, ask, pause, resolve, reopen, again
      T-1 cancelled Tue 3 Mar 11:00 request.classified: feature
      T-1 running due Wed 4 Mar 10:00: lower
      T-1 running due Tue 3 Mar 12:00: raise
      T-1 cancelled Tue 3 Mar 11:00 request.withdrawn: withdraw
    ");
}

/// The hosted file with one line of an obligation replaced.
fn amended(from: &str, to: &str) -> Deal {
    let text = STANDARD.text.replacen(from, to, 1);
    assert!(text != STANDARD.text, "`{from}` is not in the file");
    Deal { text: text.leak(), tier: Some("standard") }
}

const ON_CHANGE: &str = "on_change = { event = \"request.reprioritised\", clock = \"from-receipt\" }";

#[test]
fn a_clock_stands_still_only_where_the_file_says_so() {
    let paused = amended(
        ON_CHANGE,
        &format!("{ON_CHANGE}\npause = {{ from = \"request.paused\", to = \"request.resumed\" }}"),
    );
    let story =
        "tue 10:00 request T-1 priority P1 by jan; tue 11:00 fact request.paused ticket=T-1 reason=x by anna";
    check(
        paused,
        &format!("{story}; now thu 10:00"),
        "first-response",
        "T-1 waiting: paused since Tue 3 Mar 11:00",
    );
    let resumed = format!("{story}; thu 10:00 fact request.resumed ticket=T-1 by anna");
    // Seven of eight hours are left on Thursday at 10:00.
    check(paused, &format!("{resumed}; now thu 10:00"), "first-response", "T-1 running due Thu 5 Mar 17:00");
    check(
        STANDARD,
        &format!("{resumed}; now tue 11:00"),
        "first-response",
        "T-1 running due Wed 4 Mar 10:00",
    );
    // Paused after it was due: it was missed.
    let late =
        "tue 10:00 request T-1 priority P1 by jan; wed 11:00 fact request.paused ticket=T-1 reason=x by anna";
    check(paused, &format!("{late}; now thu 10:00"), "first-response", "T-1 missed Wed 4 Mar 10:00");
    let reminders =
        standing(paused, &format!("{resumed}; now thu 10:00"), "first-response")[0].reminders.clone();
    assert_eq!(reminders.iter().map(|r| crate::story::show(r.at)).collect::<Vec<_>>()[0], "Thu 5 Mar 13:00");
}

#[test]
fn a_target_may_run_from_the_change_where_the_file_says_so() {
    let fresh = amended(ON_CHANGE, &ON_CHANGE.replace("from-receipt", "from-change"));
    let story =
        "tue 10:00 request T-1 priority P3 by jan; wed 10:00 reprioritise T-1 to P1 saying \"x\" by anna";
    check(fresh, &format!("{story}; now wed 10:00"), "first-response", "T-1 running due Thu 5 Mar 10:00");
    check(STANDARD, &format!("{story}; now wed 10:00"), "first-response", "T-1 running due Wed 4 Mar 10:00");
    // A target that had passed before the change stays missed.
    let late = story.replace("wed 10:00", "fri 10:00");
    check(fresh, &format!("{late}; now fri 10:00"), "first-response", "T-1 missed Thu 5 Mar 10:00");
}

#[test]
fn a_calendar_that_never_opens_has_no_due_time() {
    let closed = amended(
        "calendar  = { standard = \"bh\", premium = \"hop\", enterprise = \"always\" }  # A-01",
        "calendar  = { standard = \"never\", premium = \"hop\", enterprise = \"always\" }  # A-01",
    );
    let never = "[calendar.never]\nclause = []\nadded = \"a test\"\ntz = \"UTC\"\nopen = []\nday = \"8h\"\n\n[calendar.always]";
    let closed = Deal { text: closed.text.replacen("[calendar.always]", never, 1).leak(), ..closed };
    let request = "tue 10:00 request T-1 priority P1 by jan; now fri 10:00";
    check(closed, request, "first-response", "T-1 waiting: its calendar never holds so much open time");
}

#[test]
fn a_silence_of_thousands_of_periods_is_told_in_bounds() {
    let often = amended("every     = \"24h\"", "every     = \"1m\"");
    let story = "mon 00:00 instance wiki production \"Wiki\" from mon 00:00; now 2026-12-31 00:00";
    let found = standing(often, story, "backup");
    let told: u32 = found
        .iter()
        .map(|o| match o.occurrence {
            promise::obligation::Occurrence::Periods(_, count) => count,
            _ => 1,
        })
        .sum();
    assert_eq!(found.len(), 1_000 + 10 + 1, "a thousand, the rest as one a month, and the period that runs");
    let may = |o: &&Obligation| o.due.is_some_and(|due| due.to_string().starts_with("2026-05"));
    let of_may: Vec<String> = found.iter().filter(may).map(|o| o.occurrence.to_string()).collect();
    assert_eq!(of_may, [format!("{}+{}", 60 * 1_440, 31 * 1_440)], "each month has its own");
    // 304 days of 1,440 minutes each; the last of them is due now, and so still runs.
    assert_eq!(told, 304 * 1_440);
}

fn terms(text: &str, identity: &str) -> Terms {
    Terms::compile(Agreement::read(text).0.unwrap(), identity).unwrap()
}

fn activated(at: &str, sha256: &str) -> Fact {
    let at = instant(at);
    let body = AgreementActivated {
        agreement: "SH-2026-0001".parse().unwrap(),
        sha256: sha256.to_owned(),
        tier: None,
    };
    let random = [u8::try_from(sha256.len()).unwrap(); 10];
    Fact {
        id: FactId::v7(at, random),
        client: "example".parse().unwrap(),
        at,
        recorded_at: at,
        actor: Actor::automaton("seal"),
        body: Body::from(body),
    }
}

#[test]
fn mp_ver_01_what_runs_keeps_the_version_it_started_under() {
    let standard = STANDARD.text.replace("chosen    = \"premium\"", "chosen    = \"standard\"");
    let enterprise = STANDARD.text.replace("chosen    = \"premium\"", "chosen    = \"enterprise\"");
    assert!(standard != enterprise, "the file chooses a tier");
    let (mut facts, now) = tell(
        "fri 18:00 request T-1 priority P1 by jan; sat 12:00 request T-2 priority P1 by jan; now sat 12:00",
    );
    facts.extend([activated("2026-03-01 00:00", "one"), activated("sat 00:00", "second")]);
    let both = [terms(&enterprise, "second"), terms(&standard, "one"), terms(STANDARD.text, "unused")];
    let versions = Versions::activated(both, &facts).unwrap();
    let all = obligations(&versions, &facts, now);
    let found: Vec<&Obligation> = all.iter().filter(|o| o.duty.id == "first-response").collect();
    let told = shown(&all, "first-response");
    assert_eq!(told, ["T-1 running due Mon 9 Mar 17:00", "T-2 running due Sat 7 Mar 14:00"]);
    assert_eq!(found.iter().map(|o| &*o.duty.agreement).collect::<Vec<_>>(), ["one", "second"]);
    // Before the first version is in force nothing is owed.
    let early = obligations(&versions, &tell("2026-02-28 10:00 request T-9 by jan; now mon 00:00").0, now);
    assert!(early.is_empty());
}

#[test]
fn a_month_belongs_to_the_version_in_force_at_its_first_covered_instant() {
    let (mut facts, now) = tell("now 06-10 00:00");
    facts.extend([activated("2026-03-01 00:00", "one"), activated("04-15 00:00", "second")]);
    let both = [terms(STANDARD.text, "one"), terms(STANDARD.text, "second")];
    let versions = Versions::activated(both, &facts).unwrap();
    let all = obligations(&versions, &facts, now);
    let months: Vec<String> = all.iter().map(|o| format!("{} {}", o.occurrence, o.duty.agreement)).collect();
    assert_eq!(months, ["2026-03 one", "2026-04 one", "2026-05 second"]);
}
