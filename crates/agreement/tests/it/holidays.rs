//! Holidays by rule, against data that somebody else collected.

use std::collections::{BTreeMap, BTreeSet};

use agreement::{
    Agreement,
    holiday_rules::{Country, GoodFriday, HolidayError, LiberationDay, Proposal, proposed},
};
use opening_hours::localization::Country as Oracle;

use crate::shipped::HOSTED;

fn netherlands(year: i16, good_friday: GoodFriday, liberation_day: LiberationDay) -> Proposal {
    proposed(Country::NL, year, good_friday, liberation_day).expect("a year the rules know")
}

fn dates(proposal: &Proposal) -> BTreeSet<String> {
    proposal.days.iter().map(|(date, _)| date.to_string()).collect()
}

/// What the `opening-hours` data call public holidays, and what they list beside them as days off for schools.
fn oracle() -> (BTreeSet<String>, BTreeSet<String>) {
    let data = Oracle::NL.holidays();
    let (public, lesser) = (data.get_public().iter(), data.get_school().iter());
    (public.map(|day| day.to_string()).collect(), lesser.map(|day| day.to_string()).collect())
}

#[test]
fn the_nine_days_of_63_years_are_those_of_the_data() {
    let (public, _) = oracle();
    let mut ours = 0;
    for year in 2014..=2076 {
        let rules = dates(&netherlands(year, GoodFriday::WorkingDay, LiberationDay::Never));
        let data = public.iter().filter(|date| date.starts_with(&year.to_string())).cloned().collect();
        assert_eq!(rules, data, "{year}");
        ours += rules.len();
    }
    assert_eq!(ours, 567);
}

#[test]
fn good_friday_and_liberation_day_are_in_the_data_as_lesser_days_every_year() {
    let (public, lesser) = oracle();
    for year in 2014..=2076 {
        let nine = dates(&netherlands(year, GoodFriday::WorkingDay, LiberationDay::Never));
        let eleven = dates(&netherlands(year, GoodFriday::Holiday, LiberationDay::Always));
        for date in eleven.difference(&nine) {
            assert!(lesser.contains(date) && !public.contains(date), "{date}");
        }
    }
}

#[test]
fn kings_day_is_never_a_sunday() {
    let kings_day = |year| {
        let proposal = netherlands(year, GoodFriday::WorkingDay, LiberationDay::Never);
        proposal.days.into_iter().find(|(_, name)| name == "Koningsdag").map(|(date, _)| date.to_string())
    };
    assert_eq!(kings_day(2025).as_deref(), Some("2025-04-26"));
    assert_eq!(kings_day(2026).as_deref(), Some("2026-04-27"));
    assert_eq!(kings_day(2031).as_deref(), Some("2031-04-26"));
}

#[test]
fn liberation_day_is_a_choice() {
    let has = |year, choice| {
        dates(&netherlands(year, GoodFriday::WorkingDay, choice)).contains(&format!("{year}-05-05"))
    };
    let years = [2025, 2026, 2030];
    assert_eq!(years.map(|year| has(year, LiberationDay::Always)), [true, true, true]);
    assert_eq!(years.map(|year| has(year, LiberationDay::Lustrum)), [true, false, true]);
    assert_eq!(years.map(|year| has(year, LiberationDay::Never)), [false, false, false]);
}

#[test]
fn a_day_that_is_two_holidays_is_listed_once() {
    let proposal = netherlands(2016, GoodFriday::WorkingDay, LiberationDay::Always);
    let fifth_of_may = proposal.days.iter().find(|(date, _)| date.to_string() == "2016-05-05").unwrap();
    assert_eq!(fifth_of_may.1, "Bevrijdingsdag, Hemelvaartsdag");
    assert_eq!(proposal.days.len(), 9);
}

#[test]
fn sh_cal_02_the_shipped_list_is_the_proposal_with_the_usual_choices() {
    let agreement = Agreement::read(HOSTED).0.unwrap();
    let listed: &BTreeMap<String, _> = &agreement.holidays["amsterdam"].year;
    for (year, dates) in listed {
        let proposal = netherlands(year.parse().unwrap(), GoodFriday::default(), LiberationDay::default());
        assert_eq!(*dates, proposal.days.iter().map(|(date, _)| *date).collect::<Vec<_>>(), "{year}");
    }
    assert_eq!(listed.len(), 2);
}

#[test]
fn the_lines_paste_into_a_file() {
    let proposal = netherlands(2027, GoodFriday::Holiday, LiberationDay::Lustrum);
    insta::assert_snapshot!(proposal, @r#"
    2027 = [
      "2027-01-01",  # Fri Nieuwjaarsdag
      "2027-03-26",  # Fri Goede Vrijdag
      "2027-03-28",  # Sun Eerste Paasdag
      "2027-03-29",  # Mon Tweede Paasdag
      "2027-04-27",  # Tue Koningsdag
      "2027-05-06",  # Thu Hemelvaartsdag
      "2027-05-16",  # Sun Eerste Pinksterdag
      "2027-05-17",  # Mon Tweede Pinksterdag
      "2027-12-25",  # Sat Eerste Kerstdag
      "2027-12-26",  # Sun Tweede Kerstdag
    ]
    "#);
    let line = HOSTED.lines().find(|line| line.starts_with("2027 ")).unwrap();
    let (agreement, findings) = Agreement::read(&HOSTED.replace(line, &proposal.to_string()));
    assert_eq!(findings, []);
    assert_eq!(agreement.unwrap().holidays["amsterdam"].year["2027"].len(), 10);
}

#[test]
fn what_is_not_known_is_said() {
    let unknown = "DE".parse::<Country>().unwrap_err();
    assert_eq!(unknown.to_string(), "no holiday rules for `DE`: only NL is known; list the dates by hand");
    for year in [2013, 2100] {
        let refused = proposed(Country::NL, year, GoodFriday::default(), LiberationDay::default());
        assert_eq!(refused, Err(HolidayError::UnknownYear(year)));
    }
    assert_eq!(
        "sometimes".parse::<LiberationDay>().unwrap_err().to_string(),
        "`sometimes` is no choice for Liberation Day: write always, lustrum or never"
    );
}
