//! The small values of an agreement file: amounts of time, percentages, matches, things keyed by tier.

use std::{collections::BTreeMap, fmt, str::FromStr};

use facts::{ClientId, Currency, Event, Moment, Money, Score};
use jiff::civil::Date;
use serde_json::json;
use spans::{Instant, Length, Zone};
use toml::de::DeValue;

use crate::{
    finding::{Finding, Place},
    read::{Read, Value, expected, parsed, place, table, words},
};

/// A stretch of time as the file writes it: `20s`, `30m`, `8h`, `2d`, `1w`. Seconds, minutes and hours are open time of
/// the entry's calendar; a day is that calendar's own `day`; a week is 168 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Amount {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// What an [`Amount`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
}

impl Amount {
    /// The longest amount, a hundred years of hours: more than any term, and far from overflow.
    pub const COUNT_MAX: u32 = 1_000_000;

    /// Its length in a calendar whose day is `day` long.
    pub fn length(self, day: Length) -> Length {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Seconds => Length::from_secs(count),
            Unit::Minutes => Length::from_minutes(count),
            Unit::Hours => Length::HOUR * count,
            Unit::Days => day * count,
            Unit::Weeks => Length::WEEK * count,
        }
    }
}

impl FromStr for Amount {
    type Err = ();
    fn from_str(text: &str) -> Result<Amount, ()> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &text[digits.len()..] {
            "s" => Unit::Seconds,
            "m" => Unit::Minutes,
            "h" => Unit::Hours,
            "d" => Unit::Days,
            "w" => Unit::Weeks,
            _ => return Err(()),
        };
        let count = digits.parse().map_err(|_| ())?;
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && count <= Amount::COUNT_MAX;
        plain.then_some(Amount { count, unit }).ok_or(())
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Seconds => 's',
            Unit::Minutes => 'm',
            Unit::Hours => 'h',
            Unit::Days => 'd',
            Unit::Weeks => 'w',
        };
        write!(f, "{}{unit}", self.count)
    }
}

impl Read for Amount {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Amount> {
        parsed(
            value,
            "a length of time",
            "digits and a unit: \"30m\", \"8h\", \"2d\", \"1w\"",
            findings,
            |t| t.parse().ok(),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[0-9]+[smhdw]$" })
    }
}

/// A percentage, exact: millionths of a percent. `99.95` is 99 950 000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(i64);

impl Percent {
    /// One percent, in millionths.
    pub const ONE: i64 = 1_000_000;
    /// The whole.
    pub const HUNDRED: Percent = Percent(100 * Self::ONE);
    /// Nothing.
    pub const ZERO: Percent = Percent(0);

    /// The value in millionths of a percent, 0 to 100 000 000.
    pub fn millionths(self) -> i64 {
        self.0
    }

    /// So much of an amount of money, half a cent rounded away from zero.
    pub fn of(self, money: Money) -> Money {
        Money {
            minor: divide_half_up(i128::from(money.minor) * i128::from(self.0), i128::from(Self::HUNDRED.0)),
            ..money
        }
    }
}

/// `a / b` to the nearest whole, halves away from zero. `b` is positive.
pub fn divide_half_up(a: i128, b: i128) -> i64 {
    let half = if a < 0 { -b / 2 } else { b / 2 };
    i64::try_from((a + half) / b).unwrap_or(if a < 0 { i64::MIN } else { i64::MAX })
}

impl FromStr for Percent {
    type Err = ();
    fn from_str(text: &str) -> Result<Percent, ()> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |t: &str, max: usize| (1..=max).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 3) || !digits(part, 6) {
            return Err(());
        }
        let whole: i64 = whole.parse().map_err(|_| ())?;
        let scale = 10_i64.pow(6 - u32::try_from(part.len()).map_err(|_| ())?);
        let value = whole * Self::ONE + part.parse::<i64>().map_err(|_| ())? * scale;
        (value <= Self::HUNDRED.0).then_some(Percent(value)).ok_or(())
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = format!("{:06}", self.0 % Self::ONE);
        match part.trim_end_matches('0') {
            "" => write!(f, "{}%", self.0 / Self::ONE),
            part => write!(f, "{}.{part}%", self.0 / Self::ONE),
        }
    }
}

impl Read for Percent {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Percent> {
        parsed(
            value,
            "a percentage in quotes",
            "a number from \"0\" to \"100\" with at most six decimals, such as \"99.95\"",
            findings,
            |t| t.parse().ok(),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,6})?$" })
    }
}

/// An amount of money in the agreement's currency: the file writes digits, `[agreement]` names the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cents(pub i64);

impl Cents {
    /// As money.
    pub fn money(self, currency: Currency) -> Money {
        Money { minor: self.0, currency }
    }
}

impl Read for Cents {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Cents> {
        parsed(
            value,
            "an amount of money in quotes",
            "digits with two decimals, such as \"500.00\"",
            findings,
            |text| Money::amount(text, Currency::EUR).ok().filter(|m| m.minor >= 0).map(|m| Cents(m.minor)),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,2})?$" })
    }
}

/// One value for all, or one for each tier or kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keyed<T> {
    /// The same for all.
    One(T),
    /// By the word that decides: a tier, or a request's kind.
    By(BTreeMap<String, T>),
}

impl<T> Keyed<T> {
    /// The value for the first of these words that has one.
    pub fn of<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Option<&T> {
        match self {
            Keyed::One(value) => Some(value),
            Keyed::By(map) => words.into_iter().find_map(|word| map.get(word)),
        }
    }

    /// Every value, with its word where it has one.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&str>, &T)> {
        let (one, by) = match self {
            Keyed::One(value) => (Some((None, value)), None),
            Keyed::By(map) => (None, Some(map.iter().map(|(word, value)| (Some(word.as_str()), value)))),
        };
        one.into_iter().chain(by.into_iter().flatten())
    }

    /// The words that decide; none where one value serves all.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.iter().filter_map(|(word, _)| word)
    }
}

impl<T: Read> Read for Keyed<T> {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Keyed<T>> {
        if value.get_ref().is_table() {
            BTreeMap::read(value, findings).map(Keyed::By)
        } else {
            T::read(value, findings).map(Keyed::One)
        }
    }
    fn parts(value: &Value<'_>, path: &str, places: &mut BTreeMap<String, Place>) {
        BTreeMap::<String, T>::parts(value, path, places);
    }
    fn schema() -> serde_json::Value {
        json!({ "oneOf": [T::schema(), { "type": "object", "additionalProperties": T::schema() }] })
    }
}

/// When a reminder is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remind {
    /// When so many percent of the time have been used, in calendar time.
    Used(u32),
    /// So long after the start.
    After(Amount),
    /// So long before it is due.
    Before(Amount),
}

impl FromStr for Remind {
    type Err = ();
    fn from_str(text: &str) -> Result<Remind, ()> {
        if let Some(percent) = text.strip_suffix('%') {
            let percent: u32 = percent.parse().map_err(|_| ())?;
            return if (1..100).contains(&percent) { Ok(Remind::Used(percent)) } else { Err(()) };
        }
        match text.strip_prefix("due-") {
            Some(amount) => amount.parse().map(Remind::Before),
            None => text.parse().map(Remind::After),
        }
    }
}

impl fmt::Display for Remind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remind::Used(percent) => write!(f, "{percent}%"),
            Remind::After(amount) => write!(f, "{amount}"),
            Remind::Before(amount) => write!(f, "due-{amount}"),
        }
    }
}

impl Read for Remind {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Remind> {
        parsed(
            value,
            "a reminder",
            "\"50%\" (of the time), \"2w\" (after the start) or \"due-15m\" (before it is due)",
            findings,
            |t| t.parse().ok(),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^([0-9]{1,2}%|(due-)?[0-9]+[smhdw])$" })
    }
}

/// Something that happens, perhaps only where its fields match: `"request.withdrawn"`, or
/// `{ event = "request.classified", match = { class = "feature" } }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// What happens.
    pub event: Event,
    /// Which of them.
    pub matching: Match,
    /// Where it stands.
    pub place: Place,
}

table! {
    /// An event with a match.
    TriggerTable {
        /// What happens.
        event: Event,
        /// Which of them.
        r#match: Option<Match>,
    }
}

impl Read for Trigger {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Trigger> {
        let place = place(value);
        if value.get_ref().is_table() {
            let table = TriggerTable::read(value, findings)?;
            return Some(Trigger { event: table.event, matching: table.r#match.unwrap_or_default(), place });
        }
        Some(Trigger { event: Event::read(value, findings)?, matching: Match::default(), place })
    }
    fn schema() -> serde_json::Value {
        json!({ "oneOf": [Event::schema(), TriggerTable::schema()] })
    }
}

impl Read for Event {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Event> {
        let Some(name) = value.get_ref().as_str() else {
            expected(value, "an event", "the name of a fact, such as \"request.received\"", findings);
            return None;
        };
        let event = Event::named(name);
        if event.is_none() {
            let way_out = match crate::read::nearest(name, Event::ALL.iter().map(|e| e.name())) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "`uphold facts reference` lists every event".to_owned(),
            };
            findings.push(Finding::unreadable(place(value), format!("`{name}` is no event"), way_out));
        }
        event
    }
    fn schema() -> serde_json::Value {
        json!({ "$ref": "#/$defs/event" })
    }
}

impl Read for Moment {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Moment> {
        let names: Vec<&str> = Moment::ALL.iter().map(|m| m.name()).collect();
        let name = crate::read::word(value, &names, findings)?;
        Moment::ALL.into_iter().find(|m| m.name() == name)
    }
    fn schema() -> serde_json::Value {
        json!({ "enum": Moment::ALL.iter().map(|m| m.name()).collect::<Vec<_>>() })
    }
}

words! {
    /// Whom a release or a vulnerability concerns. Looks at `instance.added` and `instance.version_seen`.
    Affects {
        /// Each instance whose last seen version of that software is older than the named one.
        "deployed-version" DeployedVersion,
        /// Each instance that runs that software.
        "deployed-software" DeployedSoftware,
    }
}

/// Which events are meant: every key must have one of its values; no expression language. `score_at_least` and `affects`
/// are named conditions; any other key is a field of the event (or of the ticket it is about, as it stands then).
/// A ticket that was given no class is `unclassified`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Match {
    /// Field and the values it may have.
    pub fields: BTreeMap<String, Vec<String>>,
    /// The lowest CVSS base score meant.
    pub score_at_least: Option<Score>,
    /// Whom it concerns.
    pub affects: Option<Affects>,
    /// Where each key stands.
    pub places: BTreeMap<String, Place>,
}

impl Match {
    /// Whether every field has one of its values, as `look` finds them.
    pub fn fields_match<'a>(&self, look: impl Fn(&str) -> Option<std::borrow::Cow<'a, str>>) -> bool {
        self.fields.iter().all(|(field, values)| {
            look(field).is_some_and(|found| values.iter().any(|value| *value == *found))
        })
    }

    /// Whether everything matches.
    pub fn is_open(&self) -> bool {
        self.fields.is_empty() && self.score_at_least.is_none() && self.affects.is_none()
    }
}

impl Read for Match {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Match> {
        let Some(table) = value.get_ref().as_table() else {
            expected(
                value,
                "a match",
                "{ field = \"value\" } or { field = [\"one\", \"another\"] }",
                findings,
            );
            return None;
        };
        let before = findings.len();
        let mut matching = Match::default();
        for (key, value) in table {
            let key = key.get_ref().to_string();
            matching.places.insert(key.clone(), place(value));
            match key.as_str() {
                "score_at_least" => matching.score_at_least = Score::read(value, findings),
                "affects" => matching.affects = Affects::read(value, findings),
                _ => drop(one_or_many(value, findings).map(|values| matching.fields.insert(key, values))),
            }
        }
        (findings.len() == before).then_some(matching)
    }
    fn schema() -> serde_json::Value {
        let one = json!({ "type": ["string", "boolean"] });
        json!({
            "type": "object",
            "properties": { "score_at_least": Score::schema(), "affects": Affects::schema() },
            "additionalProperties": { "oneOf": [one, { "type": "array", "items": { "type": "string" }, "minItems": 1 }] },
        })
    }
}

fn one_or_many(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Vec<String>> {
    match value.get_ref() {
        DeValue::String(one) => Some(vec![one.to_string()]),
        DeValue::Boolean(one) => Some(vec![one.to_string()]),
        DeValue::Array(list) if list.is_empty() => {
            expected(value, "at least one value", "[\"…\"]", findings);
            None
        }
        DeValue::Array(_) => Vec::<String>::read(value, findings),
        _ => {
            expected(value, "a value or a list of values", "\"…\" or [\"…\", \"…\"]", findings);
            None
        }
    }
}

impl Read for Score {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Score> {
        parsed(value, "a CVSS score in quotes", "\"0.0\" to \"10.0\"", findings, |t| t.parse().ok())
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[0-9]{1,2}(\\.[0-9])?$" })
    }
}

impl Read for Currency {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Currency> {
        parsed(value, "a currency", "an ISO 4217 code such as \"EUR\"", findings, |t| t.parse().ok())
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[A-Z]{3}$" })
    }
}

impl Read for ClientId {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<ClientId> {
        parsed(
            value,
            "a client id",
            "lower-case letters, digits and hyphens, such as \"example\"",
            findings,
            |t| t.parse().ok(),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[a-z0-9-]{1,64}$" })
    }
}

impl Read for Zone {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Zone> {
        parsed(
            value,
            "a time zone",
            "a name of the tz database, such as \"Europe/Amsterdam\" or \"UTC\"",
            findings,
            |t| t.parse().ok(),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string" })
    }
}

/// An instant, as a TOML offset date-time.
impl Read for Instant {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Instant> {
        let read = value.get_ref().as_datetime().and_then(|d| d.to_string().parse().ok());
        if read.is_none() {
            expected(value, "an instant with its offset", "2026-03-01T00:00:00Z, without quotes", findings);
        }
        read
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "format": "date-time" })
    }
}

/// A date, as a TOML local date or in quotes.
impl Read for Date {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Date> {
        let text = match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Datetime(date) => Some(date.to_string()),
            _ => None,
        };
        let read = text.filter(|t| t.len() == 10).and_then(|t| t.parse().ok());
        if read.is_none() {
            expected(value, "a date", "2026-12-25", findings);
        }
        read
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "format": "date" })
    }
}

/// The clauses an entry executes. Our own additions carry none and say why in `added`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clauses {
    /// Their ids, in the file's order.
    pub ids: Vec<String>,
    /// Where each stands.
    pub places: Vec<Place>,
}

impl Clauses {
    /// The ids as one text: `SH-AVAIL-04, SH-AVAIL-05`.
    pub fn text(&self) -> String {
        self.ids.join(", ")
    }
}

impl Read for Clauses {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Clauses> {
        let Some(list) = value.get_ref().as_array() else {
            expected(
                value,
                "a list of clause ids",
                "[\"SH-DEF-01\"], or [] with `added = \"why\"`",
                findings,
            );
            return None;
        };
        let mut clauses = Clauses::default();
        for item in list.iter() {
            clauses.ids.push(String::read(item, findings)?);
            clauses.places.push(place(item));
        }
        Some(clauses)
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "array", "items": { "type": "string" }, "uniqueItems": true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_percents_and_reminders_read_back_as_written() {
        for text in ["20s", "30m", "8h", "2d", "1w"] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
        }
        for text in ["", "h", "-1h", "1.5h", "8 h", "1y", "99999999h"] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
        for (text, shown) in [("99.95", "99.95%"), ("100", "100%"), ("0", "0%"), ("99.999999", "99.999999%")]
        {
            assert_eq!(text.parse::<Percent>().unwrap().to_string(), shown);
        }
        for text in ["100.1", "101", "99.", ".5", "-1", "99,9", "1e2"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
        for text in ["50%", "2w", "due-15m"] {
            assert_eq!(text.parse::<Remind>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn half_a_cent_goes_up_on_both_sides_of_zero() {
        let ten: Percent = "10".parse().unwrap();
        let cents = |minor| ten.of(Money { minor, currency: Currency::EUR }).minor;
        assert_eq!((cents(5), cents(4), cents(-5), cents(15)), (1, 0, -1, 2));
    }
}
