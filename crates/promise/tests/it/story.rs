//! One door for the tests: an agreement, a story in one line, and how an obligation stands at its end.
//!
//! A story is sentences of [`promise::Scenario`], separated by `;`, the last of them `now WHEN`. An instant is written `fri 18:00`
//! for the week of Monday 2 March 2026, or `03-16 09:00` for any other day of that year, or with its whole date.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

use std::{cell::RefCell, collections::BTreeMap, sync::OnceLock};

use agreement::{Agreement, Terms};
use facts::Fact;
use promise::{History, guard};
use promise::{
    Scenario, Versions,
    obligation::{Obligation, State, obligations},
};
use spans::{Instant, Length};

/// An agreement to test with.
#[derive(Clone, Copy)]
pub(crate) struct Deal {
    pub(crate) text: &'static str,
    pub(crate) tier: Option<&'static str>,
}

/// The three levels of the hosted service.
pub(crate) const STANDARD: Deal = Deal { text: HOSTED, tier: Some("standard") };
pub(crate) const PREMIUM: Deal = Deal { text: HOSTED, tier: Some("premium") };
pub(crate) const ENTERPRISE: Deal = Deal { text: HOSTED, tier: Some("enterprise") };
/// The managed platform.
pub(crate) const MANAGED: Deal = Deal { text: PLATFORM, tier: None };

const HOSTED: &str = include_str!("../../../../agreements/stellar-hosted.toml");
const PLATFORM: &str = include_str!("../../../../agreements/isolated-platform.toml");

const CAST: &str = "\
title: a story
agreement: none
month: 2026-03
person anna provider support
person mia provider manager
person jan client contact
person piet client approver
person eva provider engineer qualified skill atlassian-dc
person kim provider engineer qualified skill atlassian-dc cleared
person dirk provider engineer
person poc client poc
person rik client requester
person nobody client
";

impl Deal {
    /// The terms in force. Each file is compiled once.
    pub(crate) fn terms(self) -> Terms {
        thread_local! {
            static MORE: RefCell<BTreeMap<&'static str, Terms>> = const { RefCell::new(BTreeMap::new()) };
        }
        static BOTH: [OnceLock<Terms>; 2] = [OnceLock::new(), OnceLock::new()];
        let compile = || {
            let (agreement, findings) = Agreement::read(self.text);
            Terms::compile(agreement.unwrap_or_else(|| panic!("{findings:?}")), "0f".repeat(32)).unwrap()
        };
        let terms = match self.text {
            HOSTED => BOTH[0].get_or_init(compile).clone(),
            PLATFORM => BOTH[1].get_or_init(compile).clone(),
            _ => MORE.with_borrow_mut(|more| more.entry(self.text).or_insert_with(compile).clone()),
        };
        self.tier.map_or_else(|| terms.clone(), |tier| terms.under(tier).unwrap())
    }

    pub(crate) fn versions(self) -> Versions {
        Versions::single(self.terms())
    }
}

/// The obligations of `rule` at the end of the story, one line each: `T-1 running due Mon 9 Mar 17:00`. `*` shows all rules.
#[track_caller]
pub(crate) fn check(deal: Deal, story: &str, rule: &str, expected: &str) {
    let (facts, now) = tell(story);
    let told = shown(&obligations(&deal.versions(), &facts, now), rule);
    let expected: Vec<&str> = expected.split(';').map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(told, expected, "\n{story}");
}

/// The obligations of `rule` at the end of the story.
pub(crate) fn standing(deal: Deal, story: &str, rule: &str) -> Vec<Obligation> {
    let (facts, now) = tell(story);
    let mut all = obligations(&deal.versions(), &facts, now);
    all.retain(|obligation| obligation.duty.id == rule);
    all
}

/// The facts of a story, and its `now`.
#[track_caller]
pub(crate) fn tell(story: &str) -> (Vec<Fact>, Instant) {
    let mut lines = String::from(CAST);
    let mut now = None;
    // A rule of recurrence has a semicolon of its own, with no space behind it.
    let sentences = story.split("; ").flat_map(|part| part.split(";\n"));
    for sentence in sentences.map(|part| part.trim().trim_end_matches(';')).filter(|part| !part.is_empty()) {
        let sentence = dated(sentence);
        match sentence.strip_prefix("now ") {
            Some(at) => now = Some(instant(at)),
            None => lines.push_str(&format!("{sentence}\n")),
        }
    }
    lines.push_str("now: 2026-03-01 00:00\n");
    let scenario = Scenario::read(&lines, &"example".parse().unwrap());
    let scenario = scenario.unwrap_or_else(|errors| panic!("{errors:?}\n{lines}"));
    (scenario.facts, now.unwrap_or_else(|| panic!("say `now WHEN` at the end of: {story}")))
}

pub(crate) fn instant(text: &str) -> Instant {
    let text = dated(text.trim());
    let seconds = if text.matches(':').count() == 1 { ":00" } else { "" };
    format!("{}{seconds}Z", text.replace(' ', "T")).parse().unwrap_or_else(|_| panic!("{text}"))
}

/// `fri 18:00` and `03-06 18:00` with their whole date.
fn dated(sentence: &str) -> String {
    let words: Vec<&str> = sentence.split(' ').collect();
    let time_follows = |i: usize| {
        words
            .get(i + 1)
            .is_some_and(|w| w.len() >= 5 && w.as_bytes()[2] == b':' && w.as_bytes()[0].is_ascii_digit())
    };
    let words = words.iter().enumerate().map(|(i, word)| match day(word).filter(|_| time_follows(i)) {
        Some(date) => date,
        None => (*word).to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn day(word: &str) -> Option<String> {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    if let Some(index) = days.iter().position(|day| *day == word) {
        return Some(format!("2026-03-{:02}", index + 2));
    }
    let plain = word.len() == 5 && word.as_bytes()[2] == b'-' && word.as_bytes()[0].is_ascii_digit();
    plain.then(|| format!("2026-{word}"))
}

/// One line each, of one rule or of all.
pub(crate) fn shown(obligations: &[Obligation], rule: &str) -> Vec<String> {
    let meant = obligations.iter().filter(|o| rule == "*" || o.duty.id == rule);
    meant.map(|o| if rule == "*" { format!("{} {}", o.duty.id, line(o)) } else { line(o) }).collect()
}

fn line(o: &Obligation) -> String {
    let about =
        o.instance.as_ref().map_or_else(|| o.subject.id.to_string(), |i| format!("{} {i}", o.subject.id));
    let state = match &o.state {
        State::Waiting(why) => format!("waiting: {}", day_texts(&why.to_string())),
        State::Running { due } => format!("running due {}", show(*due)),
        State::Met { at, by } => {
            format!("met {}{}", show(*at), by.as_ref().map_or(String::new(), |b| format!(" by {}", b.by)))
        }
        State::Missed { since, late } => {
            let late =
                late.as_ref().map_or(String::new(), |act| format!(", done {} by {}", show(act.at), act.by));
            format!("missed {}{late}", show(*since))
        }
        State::Cancelled { at, because } => format!("cancelled {} {because}", show(*at)),
        State::Excused { since, cause } => {
            format!("excused {} {}", show(*since), day_texts(&cause.to_string()))
        }
        State::Forfeited { at } => format!("forfeited {}", show(*at)),
    };
    format!("{about} {state}")
}

/// `Fri 6 Mar 18:00`, with seconds only where there are some.
pub(crate) fn show(at: Instant) -> String {
    let text = at.to_string();
    let (date, time) = text.trim_end_matches('Z').split_once('T').unwrap();
    let days = (at - instant("2026-03-02 00:00")).as_micros().div_euclid(Length::DAY.as_micros());
    let weekday =
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][usize::try_from(days.rem_euclid(7)).unwrap()];
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        [date[5..7].parse::<usize>().unwrap() - 1];
    let day: u32 = date[8..10].parse().unwrap();
    let year = if &date[..4] == "2026" { String::new() } else { format!(" {}", &date[..4]) };
    format!(
        "{weekday} {day} {month}{year} {}",
        time.trim_end_matches(":00").to_owned() + if time.ends_with(":00:00") { ":00" } else { "" }
    )
}

/// Instants inside a text, shown as [`show`] does.
fn day_texts(text: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches([',', ':', '.']);
        let shown = bare.parse::<Instant>().map_or_else(|_| bare.to_owned(), show);
        shown + &word[bare.len()..]
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// The last fact of a story as an act that is proposed, and the facts before it.
#[track_caller]
pub(crate) fn proposed(story: &str) -> (Vec<Fact>, Fact) {
    let (mut facts, _) = tell(&format!("{story}; now fri 00:00"));
    let last = facts.pop().expect("a story with an act");
    (facts, last)
}

/// What the guards say to the last act of a story: `allowed`, or the reason and its clauses.
#[track_caller]
pub(crate) fn act(deal: Deal, story: &str, expected: &str) {
    let (facts, act) = proposed(story);
    let said = guard::allow(&deal.versions(), &History::new(&facts), &act);
    let said = said.map_or_else(|refusal| refusal.to_string(), |()| "allowed".to_owned());
    assert_eq!(day_texts(&said), expected, "\n{story}");
}
