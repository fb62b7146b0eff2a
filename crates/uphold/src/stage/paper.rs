//! The two reference agreements, filled in for the demonstration's clients and for a term around today, and signed.

use std::path::Path;

use agreement::{
    Agreement, Terms, Weight,
    holiday_rules::{Country, GoodFriday, LiberationDay, proposed},
    seal::{self, Identity, SecretKey},
};
use facts::Side;
use jiff::{ToSpan, civil::Date};
use spans::Instant;

use super::relative::{first_day, this_month};
use crate::{files, trouble::Trouble, wall};

/// How many months of past there are.
pub(super) const MONTHS_PAST: i64 = 12;
/// How long the term is, in months.
const MONTHS: i64 = 24;

/// An agreement in force for one client.
pub(super) struct Fitted {
    pub(super) terms: Terms,
    pub(super) text: String,
    /// The story of its past.
    pub(super) past: &'static str,
}

/// Which agreement, for whom.
struct Draft {
    name: &'static str,
    text: &'static str,
    past: &'static str,
    client: &'static str,
    client_id: &'static str,
    /// Its list of holidays, and the day of August that is one there.
    holidays: &'static str,
    own_day: Option<&'static str>,
}

const DRAFTS: [Draft; 2] = [
    Draft {
        name: "stellar-hosted.toml",
        text: include_str!("../../../../agreements/stellar-hosted.toml"),
        past: include_str!("../../../../demo/past/stellar.txt"),
        client: "Larkspur Press",
        client_id: "larkspur",
        holidays: "holidays.amsterdam.year",
        own_day: None,
    },
    Draft {
        name: "isolated-platform.toml",
        text: include_str!("../../../../agreements/isolated-platform.toml"),
        past: include_str!("../../../../demo/past/isolated.txt"),
        client: "Brightwater AG",
        client_id: "brightwater",
        holidays: "holidays.client.year",
        own_day: Some("08-01"),
    },
];

/// Both agreements as signed files in `folder`, so that the commands that read files work on them too.
pub(super) fn fitted(now: Instant, folder: &Path) -> Result<Vec<Fitted>, Trouble> {
    DRAFTS.iter().map(|draft| draft.signed(now, folder)).collect()
}

impl Draft {
    fn signed(&self, now: Instant, folder: &Path) -> Result<Fitted, Trouble> {
        let text = self.filled(now)?;
        let (agreement, findings) = Agreement::read(&text);
        let sound = agreement.filter(|it| it.lint().iter().all(|found| found.weight != Weight::Error));
        let agreement = sound.ok_or_else(|| {
            Trouble::failed(format_args!("{} does not fit this year: {findings:?}", self.name))
        })?;
        let path = folder.join(self.name);
        files::replace(&path, &text)?;
        let mut lines = String::new();
        for side in [Side::Provider, Side::Client] {
            let line = seal::sign(text.as_bytes(), side, &SecretKey::from_seed(wall::seed()?))?;
            lines += &format!("{line}\n");
        }
        files::replace(&files::beside(&path, ".sig"), &lines)?;
        let terms = Terms::compile(agreement, Identity::of(text.as_bytes()).to_string())?;
        Ok(Fitted { terms, text, past: self.past })
    }

    /// The text with its blanks filled in: the client, the term, a window and holidays inside it.
    fn filled(&self, now: Instant) -> Result<String, Trouble> {
        let start = first_day(this_month(now), -MONTHS_PAST);
        let end = start.saturating_add(MONTHS.months());
        let mut text = self.text.to_owned();
        set(&mut text, "[agreement]", "client", &quoted(self.client))?;
        set(&mut text, "[agreement]", "client_id", &quoted(self.client_id))?;
        set(&mut text, "[agreement.term]", "start", &format!("{start}T00:00:00Z"))?;
        set(&mut text, "[agreement.term]", "end", &format!("{end}T00:00:00Z"))?;
        if text.contains("\n[window]") {
            let sunday = start.nth_weekday_of_month(1, jiff::civil::Weekday::Sunday);
            let sunday = sunday.map_err(|error| Trouble::failed(format_args!("{error}")))?;
            set(&mut text, "[window]", "start", &quoted(&format!("{sunday}T02:00:00")))?;
        }
        self.list_holidays(&mut text, start, end)?;
        Ok(text)
    }

    /// Replaces the listed years by those of the term, by the rules of the Netherlands and the place's own day.
    fn list_holidays(&self, text: &mut String, start: Date, end: Date) -> Result<(), Trouble> {
        let head = format!("[{}]", self.holidays);
        let years = (start.year()..=end.year()).map(|year| self.year(year)).collect::<Result<String, _>>()?;
        let from = text.find(&head).and_then(|at| Some(at + text[at..].find('\n')? + 1));
        let from = from.ok_or_else(|| missing(&head))?;
        let to = text[from..].find("\n\n").map_or(text.len(), |blank| from + blank + 1);
        text.replace_range(from..to, &years);
        Ok(())
    }

    fn year(&self, year: i16) -> Result<String, Trouble> {
        let list = proposed(Country::NL, year, GoodFriday::WorkingDay, LiberationDay::Lustrum)?;
        let mut days: Vec<String> = list.days.iter().map(|(day, _)| day.to_string()).collect();
        days.extend(self.own_day.map(|day| format!("{year}-{day}")));
        days.sort();
        Ok(format!("{year} = [{}]\n", days.iter().map(|day| quoted(day)).collect::<Vec<_>>().join(", ")))
    }
}

/// Gives a key of a table another value, on its line.
fn set(text: &mut String, table: &str, key: &str, value: &str) -> Result<(), Trouble> {
    let head = text.find(&format!("{table} ")).or_else(|| text.find(&format!("{table}\n")));
    let head = head.ok_or_else(|| missing(table))?;
    let begins = |line: &str| line.split('=').next().is_some_and(|before| before.trim() == key);
    let mut at = head;
    for line in text[head..].split_inclusive('\n') {
        if begins(line) {
            text.replace_range(at..at + line.len(), &format!("{key} = {value}\n"));
            return Ok(());
        }
        at += line.len();
    }
    Err(missing(key))
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn missing(what: &str) -> Trouble {
    Trouble::failed(format_args!("an agreement that ships with the demo has no {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_agreements_fit_every_year_to_come_and_say_nothing_that_is_wrong() {
        for year in [2026, 2027, 2028, 2033, 2040] {
            for month in [1, 2, 7, 12] {
                let now = month_start(year, month);
                for draft in &DRAFTS {
                    let text = draft.filled(now).unwrap();
                    let (agreement, findings) = Agreement::read(&text);
                    let lints = agreement.expect("it reads").lint();
                    let wrong: Vec<_> =
                        findings.iter().chain(&lints).filter(|f| f.weight == Weight::Error).collect();
                    assert!(wrong.is_empty(), "{} in {year}-{month}: {wrong:?}", draft.name);
                }
            }
        }
    }

    fn month_start(year: i16, month: i8) -> Instant {
        spans::Month::new(year, month).unwrap().span(&spans::Zone::UTC).start
    }
}
