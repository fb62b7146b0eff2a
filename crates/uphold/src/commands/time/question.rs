//! What a question looks like on its line, and its answer.

use std::{collections::BTreeMap, fmt};

use jiff::civil::{Date, Weekday};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::Value;
use spans::{
    Break, Calendar, DayHours, Holiday, HoursError, Instant, Length, Span, WallTime, Weekly, Zone, clock,
};

use super::answer::{Answer, Minutes, Says};

/// One line of input. Unknown and doubled keys are refused: what is not understood is not answered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a question as a JSON object")]
pub(super) struct Question {
    #[serde(default)]
    name: Value,
    zone: Zone,
    hours: WeekHours,
    #[serde(default)]
    holidays: Vec<HolidayOn>,
    #[serde(default)]
    breaks: Vec<BreakOn>,
    #[serde(default)]
    special_days: SpecialDays,
    op: Op,
    start: Option<Instant>,
    end: Option<Instant>,
    #[serde(default, deserialize_with = "minutes")]
    amount_minutes: Option<Length>,
    #[serde(default, deserialize_with = "minutes")]
    budget_minutes: Option<Length>,
    #[serde(default)]
    pauses: Vec<(Instant, Option<Instant>)>,
    now: Option<Instant>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Op {
    Deadline,
    Elapsed,
    Clock,
}

type HoursList = Vec<(WallTime, WallTime)>;

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "days with their hours, such as {\"mon\": [[\"09:00\", \"17:00\"]]}"
)]
#[derive(Default)]
struct WeekHours {
    mon: HoursList,
    tue: HoursList,
    wed: HoursList,
    thu: HoursList,
    fri: HoursList,
    sat: HoursList,
    sun: HoursList,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a holiday, such as {\"date\": \"2026-12-25\"}")]
struct HolidayOn {
    #[serde(deserialize_with = "date")]
    date: Date,
    zone: Option<Zone>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a break, such as {\"date\": \"2026-03-06\", \"start\": \"12:00\", \"end\": \"13:00\"}"
)]
struct BreakOn {
    #[serde(deserialize_with = "date")]
    date: Date,
    start: WallTime,
    end: WallTime,
}

/// Dates with their hours; a date that stands twice is refused.
#[derive(Default)]
struct SpecialDays(BTreeMap<Date, HoursList>);

impl Question {
    /// Reads a line; on failure, the question's name as far as it can be found, and what is wrong.
    pub(super) fn read(line: &[u8]) -> Result<Question, (Value, String)> {
        #[derive(Deserialize)]
        struct Named {
            name: Value,
        }
        if line.trim_ascii_start().starts_with(b"[") {
            return Err((Value::Null, "a question is a JSON object, not a list".to_owned()));
        }
        serde_json::from_slice(line).map_err(|wrong| {
            let name = serde_json::from_slice(line).map_or(Value::Null, |named: Named| named.name);
            (name, in_words(&wrong))
        })
    }

    /// Its answer.
    pub(super) fn answer(self) -> Answer {
        let says = self.says().unwrap_or_else(|wrong| Says::Error { error: wrong.to_string() });
        Answer { name: self.name, says }
    }

    fn says(&self) -> Result<Says, Wrong> {
        self.refuse_what_belongs_to_other_ops()?;
        let calendar = self.calendar()?;
        let start = given(self.start, "start")?;
        match self.op {
            Op::Deadline => {
                let amount = given(self.amount_minutes, "amount_minutes")?;
                Ok(Says::Deadline { due: calendar.deadline(start, amount)? })
            }
            Op::Elapsed => {
                let end = given(self.end, "end")?;
                if end < start {
                    return Err(Wrong::Reversed { start, end });
                }
                let elapsed = calendar.elapsed(start, end)?;
                Ok(Says::Elapsed { elapsed_minutes: Minutes(elapsed) })
            }
            Op::Clock => self.clock(&calendar, start),
        }
    }

    fn clock(&self, calendar: &Calendar, start: Instant) -> Result<Says, Wrong> {
        let budget = given(self.budget_minutes, "budget_minutes")?;
        let now = given(self.now, "now")?;
        if let Some(&(from, Some(to))) = self.pauses.iter().find(|(from, to)| to.is_some_and(|to| to < *from))
        {
            return Err(Wrong::PauseReversed { from, to });
        }
        let pauses = self.pauses.iter().map(|&(from, to)| clock::Pause { from, to });
        let pauses: Vec<clock::Pause> = pauses.collect();
        let hours = calendar.compile(compiled_for(start, now))?;
        let reading = clock::read(&hours, start, budget, &pauses, now)?;
        Ok(Says::Clock {
            due: reading.due.known(),
            elapsed_minutes: Minutes(reading.elapsed),
            breached: reading.breached,
        })
    }

    /// A figure that was given and not used would be a wrong answer.
    fn refuse_what_belongs_to_other_ops(&self) -> Result<(), Wrong> {
        let strays = [
            ("end", self.end.is_some(), Op::Elapsed),
            ("amount_minutes", self.amount_minutes.is_some(), Op::Deadline),
            ("budget_minutes", self.budget_minutes.is_some(), Op::Clock),
            ("pauses", !self.pauses.is_empty(), Op::Clock),
            ("now", self.now.is_some(), Op::Clock),
        ];
        let stray = strays.into_iter().find(|(_, is_given, op)| *is_given && *op != self.op);
        stray.map_or(Ok(()), |(key, _, op)| Err(Wrong::Stray { key, op }))
    }

    fn calendar(&self) -> Result<Calendar, Wrong> {
        let name = self.name.as_str().unwrap_or("(unnamed)");
        let mut calendar = Calendar::new(name, self.zone.clone(), self.hours.weekly()?);
        calendar.holidays.extend(self.holidays.iter().map(|holiday| Holiday {
            date: holiday.date,
            zone: holiday.zone.clone().unwrap_or_else(|| self.zone.clone()),
        }));
        calendar.breaks.extend(self.breaks.iter().map(|b| Break {
            date: b.date,
            start: b.start,
            end: b.end,
        }));
        for (date, list) in &self.special_days.0 {
            calendar.special_days.insert(*date, day_hours(list).collect::<Result<_, _>>()?);
        }
        Ok(calendar)
    }
}

impl WeekHours {
    fn weekly(&self) -> Result<Weekly, HoursError> {
        let week = [
            (Weekday::Monday, &self.mon),
            (Weekday::Tuesday, &self.tue),
            (Weekday::Wednesday, &self.wed),
            (Weekday::Thursday, &self.thu),
            (Weekday::Friday, &self.fri),
            (Weekday::Saturday, &self.sat),
            (Weekday::Sunday, &self.sun),
        ];
        week.into_iter().try_fold(Weekly::never(), |week, (day, list)| {
            day_hours(list).try_fold(week, |week, hours| Ok(week.and_on(day, hours?)))
        })
    }
}

fn day_hours(list: &HoursList) -> impl Iterator<Item = Result<DayHours, HoursError>> {
    list.iter().map(|&(from, to)| DayHours::new(from, to))
}

fn given<T>(value: Option<T>, key: &'static str) -> Result<T, Wrong> {
    value.ok_or(Wrong::Missing { key })
}

/// What a clock looks at, as far as it is worth compiling; a table answers beyond it from the written rule.
fn compiled_for(start: Instant, now: Instant) -> Span {
    const AHEAD: Length = Length::from_hours(24 * 31);
    const AHEAD_MAX: Length = Length::from_hours(24 * 366 * 2);
    Span { start, end: (now.max(start) + AHEAD).min(start + AHEAD_MAX) }
}

/// Why a readable question has no answer.
#[derive(Debug, thiserror::Error)]
enum Wrong {
    #[error("`{key}` is missing")]
    Missing { key: &'static str },
    #[error("`{key}` belongs to op `{}`: leave it out here", op.name())]
    Stray { key: &'static str, op: Op },
    #[error("`end`, {end}, lies before `start`, {start}: write the earlier instant as `start`")]
    Reversed { start: Instant, end: Instant },
    #[error("a pause ends before it begins, from {from} to {to}: write the earlier instant first")]
    PauseReversed { from: Instant, to: Instant },
    #[error(transparent)]
    Hours(#[from] HoursError),
    #[error(transparent)]
    NeverFilled(#[from] spans::NeverFilled),
    #[error(transparent)]
    Calendar(#[from] spans::CalendarError),
}

impl Op {
    fn name(self) -> &'static str {
        match self {
            Op::Deadline => "deadline",
            Op::Elapsed => "elapsed",
            Op::Clock => "clock",
        }
    }
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The parser's words without its line number, since a question is one line, and without those that only programmers use.
fn in_words(wrong: &serde_json::Error) -> String {
    const WORDS: [(&str, &str); 4] = [
        ("a tuple of size 2", "two values, a start and an end"),
        ("a sequence", "a list"),
        ("invalid type: ", "found "),
        ("invalid length 1", "only one value"),
    ];
    let text = wrong.to_string();
    let what = text.split_once(" at line 1 column ").map_or(text.as_str(), |(what, _)| what);
    let missing = what.strip_prefix("missing field ").map(|field| format!("{field} is missing"));
    let what = missing.as_deref().unwrap_or(what);
    let what = WORDS.iter().fold(what.to_owned(), |what, (parser, people)| what.replace(parser, people));
    let not_json = if wrong.is_data() { "" } else { "this line is not JSON: " };
    format!("{not_json}{what} (column {})", wrong.column())
}

/// Whole minutes, 0 or more. So many that they pass the end of time are as good as all of it.
fn minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Length>, D::Error> {
    struct Minutes;
    impl Visitor<'_> for Minutes {
        type Value = Length;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number of minutes, 0 or more")
        }
        fn visit_u64<E>(self, count: u64) -> Result<Length, E> {
            Ok(Length::from_minutes(i64::try_from(count).unwrap_or(i64::MAX)))
        }
    }
    deserializer.deserialize_u64(Minutes).map(Some)
}

/// `2026-12-25` and nothing else: the date parser by itself would also take a date with a time.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    read_date(&text).ok_or_else(|| D::Error::custom(not_a_date(&text)))
}

fn read_date(text: &str) -> Option<Date> {
    text.parse().ok().filter(|_| text.len() == "2026-12-25".len())
}

fn not_a_date(text: &str) -> String {
    format!("`{text}` is not a date: write year, month and day, such as 2026-12-25")
}

impl<'de> Deserialize<'de> for SpecialDays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SpecialDays, D::Error> {
        struct Days;
        impl<'de> Visitor<'de> for Days {
            type Value = SpecialDays;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("dates with their hours, such as {\"2026-12-24\": [[\"09:00\", \"12:00\"]]}")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SpecialDays, A::Error> {
                let mut days = BTreeMap::new();
                while let Some((text, hours)) = map.next_entry::<String, HoursList>()? {
                    let date = read_date(&text).ok_or_else(|| A::Error::custom(not_a_date(&text)))?;
                    if days.insert(date, hours).is_some() {
                        return Err(A::Error::custom(format!("special day {date} stands twice")));
                    }
                }
                Ok(SpecialDays(days))
            }
        }
        deserializer.deserialize_map(Days)
    }
}
