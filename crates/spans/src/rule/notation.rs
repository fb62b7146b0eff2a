//! How RFC 5545 writes a rule: read with every part named that is not understood, and written in one order.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Weekday};

use super::{COUNT_MAX, End, Frequency, INTERVAL_MAX, Nth, Rule, RuleError};
use crate::instant::Instant;

/// Reads the text of an `RRULE`, with or without that name before it, in any case.
impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Rule, RuleError> {
        let text = text.trim().to_ascii_uppercase();
        let mut parts = Parts { parts: Vec::new() };
        for part in text.strip_prefix("RRULE:").unwrap_or(&text).split(';').filter(|part| !part.is_empty()) {
            parts.add(part)?;
        }
        let frequency = parts.take("FREQ", read_frequency)?;
        let rule = Rule {
            frequency: frequency.unwrap_or(Frequency::Daily),
            interval: parts.take("INTERVAL", read_interval)?.unwrap_or(1),
            months: parts.take("BYMONTH", read_months)?.unwrap_or_default(),
            month_days: parts.take("BYMONTHDAY", read_month_days)?.unwrap_or_default(),
            weekdays: parts.take("BYDAY", read_weekdays)?.unwrap_or_default(),
            positions: parts.take("BYSETPOS", read_positions)?.unwrap_or_default(),
            week_start: parts.take("WKST", read_week_start)?.unwrap_or(Weekday::Monday),
            end: match (parts.take("COUNT", read_count)?, parts.take("UNTIL", read_until)?) {
                (Some(_), Some(_)) => {
                    return Err(RuleError::Together("a rule ends by UNTIL or by COUNT, not by both"));
                }
                (count, until) => count.or(until).unwrap_or(End::Never),
            },
        };
        parts.nothing_left()?;
        frequency.ok_or(RuleError::NoFrequency)?;
        rule.agrees_with_itself()
    }
}

/// The parts of a rule that nobody has read yet, each `NAME=VALUE`.
struct Parts<'a> {
    parts: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    fn add(&mut self, part: &'a str) -> Result<(), RuleError> {
        let name = part.split_once('=').map_or(part, |(name, _)| name);
        if self.parts.iter().any(|known| known.split('=').next() == Some(name)) {
            return Err(RuleError::Twice { part: name.to_owned() });
        }
        self.parts.push(part);
        Ok(())
    }

    fn take<T>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, RuleError> {
        let value = |part: &'a str| part.strip_prefix(name)?.strip_prefix('=');
        let Some(at) = self.parts.iter().position(|part| value(part).is_some()) else { return Ok(None) };
        let part = self.parts.remove(at);
        let read = read(value(part).unwrap_or_default());
        read.map(Some).map_err(|instead| RuleError::Value { part: part.to_owned(), instead })
    }

    fn nothing_left(&self) -> Result<(), RuleError> {
        self.parts.first().map_or(Ok(()), |part| Err(RuleError::Unsupported { part: (*part).to_owned() }))
    }
}

fn read_frequency(value: &str) -> Result<Frequency, &'static str> {
    match value {
        "DAILY" => Ok(Frequency::Daily),
        "WEEKLY" => Ok(Frequency::Weekly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "YEARLY" => Ok(Frequency::Yearly),
        _ => Err("DAILY, WEEKLY, MONTHLY or YEARLY"),
    }
}

fn read_interval(value: &str) -> Result<i32, &'static str> {
    let steps = value.parse().ok().filter(|steps| (1..=INTERVAL_MAX).contains(steps));
    steps.ok_or("a whole number from 1 to 1000")
}

fn read_count(value: &str) -> Result<End, &'static str> {
    let count = value.parse().ok().filter(|count| (1..=COUNT_MAX).contains(count));
    count.map(End::Count).ok_or("a whole number from 1 to 100000")
}

fn read_until(value: &str) -> Result<End, &'static str> {
    let wall = |value: &str| DateTime::strptime("%Y%m%dT%H%M%S", value).ok();
    let end = match value.len() {
        8 => Date::strptime("%Y%m%d", value).ok().map(End::Date),
        15 => wall(value).map(End::Wall),
        16 => value
            .strip_suffix('Z')
            .and_then(wall)
            .map(|utc| End::Instant(Instant::from_micros(crate::wall::reading(utc)))),
        _ => None,
    };
    end.ok_or("a date such as 20261231, a local time such as 20261231T235959, or the same in UTC with a Z")
}

fn read_months(value: &str) -> Result<Vec<i8>, &'static str> {
    list(value, |item| item.parse().ok().filter(|month| (1..=12).contains(month)))
        .ok_or("months from 1 to 12")
}

fn read_month_days(value: &str) -> Result<Vec<i8>, &'static str> {
    let day = |day: &i8| (-31..=31).contains(day) && *day != 0;
    list(value, |item| signed(item).filter(day)).ok_or("days from 1 to 31, or -1 to -31 from the end")
}

fn read_positions(value: &str) -> Result<Vec<i16>, &'static str> {
    let position = |position: &i16| (-366..=366).contains(position) && *position != 0;
    list(value, |item| signed(item).filter(position))
        .ok_or("positions from 1 to 366, or -1 to -366 from the end")
}

fn read_weekdays(value: &str) -> Result<Vec<Nth>, &'static str> {
    list(value, read_nth).ok_or("days such as MO, 2TU or -1FR")
}

fn read_week_start(value: &str) -> Result<Weekday, &'static str> {
    DAYS.iter().find(|(name, _)| *name == value).map(|(_, day)| *day).ok_or("MO, TU, WE, TH, FR, SA or SU")
}

fn read_nth(item: &str) -> Option<Nth> {
    let (nth, name) = item.split_at_checked(item.len().checked_sub(2)?)?;
    let day = read_week_start(name).ok()?;
    if nth.is_empty() {
        return Some(Nth { nth: None, day });
    }
    let nth = signed(nth).filter(|nth: &i16| (-53..=53).contains(nth) && *nth != 0)?;
    Some(Nth { nth: Some(nth), day })
}

fn signed<T: FromStr>(item: &str) -> Option<T> {
    item.strip_prefix('+').unwrap_or(item).parse().ok()
}

fn list<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split(',').map(read).collect()
}

const DAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

fn day_name(day: Weekday) -> &'static str {
    DAYS[day.to_monday_zero_offset() as usize].0
}

/// The rule as RFC 5545 writes it, in one order, without what is usual anyway.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FREQ={}", format!("{:?}", self.frequency).to_uppercase())?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        write_list(f, "BYMONTH", &self.months)?;
        write_list(f, "BYMONTHDAY", &self.month_days)?;
        write_list(f, "BYDAY", &self.weekdays)?;
        write_list(f, "BYSETPOS", &self.positions)?;
        match self.end {
            End::Never => {}
            End::Count(count) => write!(f, ";COUNT={count}")?,
            End::Date(date) => write!(f, ";UNTIL={}", date.strftime("%Y%m%d"))?,
            End::Wall(wall) => write!(f, ";UNTIL={}", wall.strftime("%Y%m%dT%H%M%S"))?,
            End::Instant(at) => write!(f, ";UNTIL={}", jiff::Timestamp::from(at).strftime("%Y%m%dT%H%M%SZ"))?,
        }
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", day_name(self.week_start))?;
        }
        Ok(())
    }
}

fn write_list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, name: &str, items: &[T]) -> fmt::Result {
    let items: Vec<String> = items.iter().map(T::to_string).collect();
    if items.is_empty() { Ok(()) } else { write!(f, ";{name}={}", items.join(",")) }
}

impl fmt::Display for Nth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nth {
            Some(nth) => write!(f, "{nth}{}", day_name(self.day)),
            None => f.write_str(day_name(self.day)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_there_and_back() {
        for text in [
            "FREQ=DAILY",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=20261231;WKST=SU",
            "FREQ=MONTHLY;BYDAY=1SU,-1FR;COUNT=10",
            "FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20261231T235959",
            "FREQ=YEARLY;BYMONTH=3,10;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;UNTIL=20261231T220000Z",
        ] {
            let rule: Rule = text.parse().unwrap();
            assert_eq!(rule.to_string(), text);
            assert_eq!(format!("rrule:{}", text.to_lowercase()).parse(), Ok(rule));
        }
    }

    #[test]
    fn what_is_not_supported_is_refused_by_name() {
        for (text, words) in [
            ("", "no FREQ"),
            ("FREQ=DAILY;FREQ=WEEKLY", "twice"),
            ("FREQ=YEARLY;BYWEEKNO=20", "`BYWEEKNO=20` is not supported"),
            ("FREQ=DAILY;BYHOUR=9", "`BYHOUR=9` is not supported"),
            ("FREQ=DAILY;INTERVAL=0", "from 1 to 1000"),
            ("FREQ=DAILY;COUNT=5;UNTIL=20261231", "not by both"),
            ("FREQ=DAILY;UNTIL=20260230", "a date such as"),
            ("FREQ=WEEKLY;BYDAY=1MO", "only in a MONTHLY or YEARLY rule"),
            ("FREQ=WEEKLY;BYMONTHDAY=1", "no meaning"),
            ("FREQ=MONTHLY;BYSETPOS=1", "to choose from"),
            ("FREQ=WEEKLY;BYDAY=WE,FR;BYSETPOS=2", "BYSETPOS is read"),
            ("FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=1", "write one of them"),
            ("FREQ=MONTHLY;BYDAY=MO,1TU", "write all days one way"),
            ("FREQ=MONTHLY;BYDAY=é", "days such as"),
            ("FREQ=MONTHLY;BYDAY=0MO", "days such as"),
            ("FREQ=MONTHLY;BYMONTHDAY=32", "days from 1"),
            ("FREQ", "`FREQ` is not supported"),
        ] {
            let refused = text.parse::<Rule>().expect_err(text).to_string();
            assert!(refused.contains(words), "{text}: {refused}");
        }
    }
}
