//! Holidays by rule, as a proposal: the dates that count are the ones both parties list and sign (A-07, SH-CAL-02).
//!
//! Only the Netherlands is known. Good Friday and Liberation Day are no general days off there: whether they count is the
//! parties' choice, so it is an argument.

use std::{fmt, str::FromStr};

use jiff::{ToSpan, civil::Date, civil::Weekday};

/// A country whose holidays are known by rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Country {
    /// The Netherlands.
    NL,
}

/// Whether Good Friday is a holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GoodFriday {
    /// It counts.
    Holiday,
    /// A working day, as for most employers.
    #[default]
    WorkingDay,
}

/// In which years 5 May is a holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LiberationDay {
    /// Every year, as for the government.
    Always,
    /// Every fifth year, as by custom: 2025, 2030.
    #[default]
    Lustrum,
    /// In no year.
    Never,
}

/// Why nothing can be proposed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HolidayError {
    /// No rules for this country.
    #[error("no holiday rules for `{0}`: only NL is known; list the dates by hand")]
    UnknownCountry(String),
    /// The rules do not reach so far.
    #[error("the rules hold from {FIRST_YEAR} to {LAST_YEAR}, not in {0}: list the dates by hand")]
    UnknownYear(i16),
    /// Neither of the three choices.
    #[error("`{0}` is no choice for Liberation Day: write always, lustrum or never")]
    UnknownChoice(String),
}

/// King's Day has been on 27 April since this year.
pub const FIRST_YEAR: i16 = 2014;
/// Nobody signs a list for later, and the law may have changed by then.
pub const LAST_YEAR: i16 = 2099;

impl FromStr for Country {
    type Err = HolidayError;
    fn from_str(text: &str) -> Result<Country, HolidayError> {
        match text {
            "NL" | "nl" => Ok(Country::NL),
            _ => Err(HolidayError::UnknownCountry(text.to_owned())),
        }
    }
}

impl FromStr for LiberationDay {
    type Err = HolidayError;
    fn from_str(text: &str) -> Result<LiberationDay, HolidayError> {
        match text {
            "always" => Ok(LiberationDay::Always),
            "lustrum" => Ok(LiberationDay::Lustrum),
            "never" => Ok(LiberationDay::Never),
            _ => Err(HolidayError::UnknownChoice(text.to_owned())),
        }
    }
}

/// One year's holidays: dates ascending, each once, with the name of what is kept that day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The year.
    pub year: i16,
    /// Date and name; a day that is two holidays at once bears both names.
    pub days: Vec<(Date, String)>,
}

/// Proposes a year's holidays for people to list and sign.
///
/// # Errors
/// Where the rules do not hold in that year.
pub fn proposed(
    country: Country,
    year: i16,
    good_friday: GoodFriday,
    liberation_day: LiberationDay,
) -> Result<Proposal, HolidayError> {
    if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
        return Err(HolidayError::UnknownYear(year));
    }
    let Country::NL = country;
    let kept = |rule: &Rule| match rule {
        Rule::Easter(-2) => good_friday == GoodFriday::Holiday,
        Rule::Fixed(5, 5) => match liberation_day {
            LiberationDay::Always => true,
            LiberationDay::Lustrum => year % 5 == 0,
            LiberationDay::Never => false,
        },
        _ => true,
    };
    let mut days: Vec<(Date, String)> = Vec::new();
    for (name, rule) in NETHERLANDS.iter().filter(|(_, rule)| kept(rule)) {
        let date = rule.on(year);
        match days.iter_mut().find(|(day, _)| *day == date) {
            Some((_, names)) => *names += &format!(", {name}"),
            None => days.push((date, (*name).to_owned())),
        }
    }
    days.sort();
    Ok(Proposal { year, days })
}

/// The lines to paste under `[holidays.NAME.year]`, each date with its day and name for whoever checks the list.
impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} = [", self.year)?;
        for (date, name) in &self.days {
            writeln!(f, "  \"{date}\",  # {} {name}", date.strftime("%a"))?;
        }
        writeln!(f, "]")
    }
}

/// When a holiday falls.
enum Rule {
    /// On this month and day.
    Fixed(i8, i8),
    /// So many days after Easter Sunday.
    Easter(i64),
    /// 27 April, a day earlier where that is a Sunday.
    KingsDay,
}

/// In the order of the year, except that Easter moves.
const NETHERLANDS: &[(&str, Rule)] = &[
    ("Nieuwjaarsdag", Rule::Fixed(1, 1)),
    ("Goede Vrijdag", Rule::Easter(-2)),
    ("Eerste Paasdag", Rule::Easter(0)),
    ("Tweede Paasdag", Rule::Easter(1)),
    ("Koningsdag", Rule::KingsDay),
    ("Bevrijdingsdag", Rule::Fixed(5, 5)),
    ("Hemelvaartsdag", Rule::Easter(39)),
    ("Eerste Pinksterdag", Rule::Easter(49)),
    ("Tweede Pinksterdag", Rule::Easter(50)),
    ("Eerste Kerstdag", Rule::Fixed(12, 25)),
    ("Tweede Kerstdag", Rule::Fixed(12, 26)),
];

impl Rule {
    /// The date in a year between [`FIRST_YEAR`] and [`LAST_YEAR`].
    fn on(&self, year: i16) -> Date {
        match self {
            Rule::Fixed(month, day) => Date::constant(year, *month, *day),
            Rule::Easter(days) => easter(year).saturating_add(days.days()),
            Rule::KingsDay => {
                let day = Date::constant(year, 4, 27);
                if day.weekday() == Weekday::Sunday { day.saturating_sub(1.day()) } else { day }
            }
        }
    }
}

/// Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8; the letters are his).
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    let first_of_month = Date::constant(year, if n / 31 == 3 { 3 } else { 4 }, 1);
    first_of_month.saturating_add((n % 31).days())
}
