//! Parties, term, words, and the hours in which time runs.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    Item, Section, Voice,
    words::{amount, and, capital, capitals, date, instant, meaning, or, party, plain},
};
use crate::{
    compile::{CIVIL, WINDOW},
    section::{
        calendar::{CalendarRule, Open, OpenHours, WeekTime, Weekday, Window},
        party::{BindingWords, Definitions, Header, Tiers},
    },
    value::{Clauses, keyed::Keyed},
};

impl Voice<'_> {
    /// Who agrees on what, for how long, on which level.
    pub(super) fn parties(&self) -> Section {
        let mut section = Section::new("The agreement");
        let header = &self.agreement.agreement;
        section.say(subject(header), &header.clause);
        let term = &header.term;
        let mut text = format!(
            "It runs from {} to {}, the end not included; nothing is measured outside it",
            instant(term.start),
            instant(term.end)
        );
        if !term.renewal_reminders.is_empty() {
            let reminders = and(term.renewal_reminders.iter().map(|before| amount(*before)).collect());
            text += &format!(". The parties are reminded {reminders} before its end");
        }
        section.say(with_reason(text, term.added.as_deref()), &term.clause);
        let signers =
            and(header.signatures.required.iter().map(|signer| party(*signer).to_owned()).collect());
        let text = format!("It is in force only when {signers} have signed the exact bytes of this file");
        section.say(with_reason(text, header.signatures.added.as_deref()), &header.signatures.clause);
        if let Some(tiers) = &self.agreement.tiers {
            section.say(self.level(tiers), &tiers.clause);
        }
        section.list(self.agreement.clauses.iter().map(|(id, text)| own(id, text)).collect());
        if let Some(definitions) = &self.agreement.definitions {
            section.say(self.sources(definitions), &definitions.clause);
        }
        section.list(
            self.agreement
                .alias
                .iter()
                .map(|alias| Item::new(self.alias(&alias.word, &alias.means), &alias.clause))
                .collect(),
        );
        if let Some(binding) = &self.agreement.binding {
            section.say(miss(binding), &binding.clause);
        }
        section
    }

    fn level(&self, tiers: &Tiers) -> String {
        let list = and(capitals(&tiers.list.iter().map(String::as_str).collect::<Vec<_>>()));
        let chosen = capital(&tiers.chosen);
        let told = match self.tier {
            Some(tier) if tier != tiers.chosen => format!("; what follows is said as for {}", capital(tier)),
            _ => String::new(),
        };
        format!("The levels of service are {list}; this agreement is on {chosen}{told}")
    }

    fn sources(&self, definitions: &Definitions) -> String {
        let sources = and(definitions.source.iter().map(|source| plain(source)).collect());
        let terms = definitions.terms.iter().map(|(term, means)| match means.strip_prefix("calendar.") {
            Some(calendar) => format!("\"{term}\" means the hours listed below as {}", self.title(calendar)),
            None => format!("\"{term}\" means {means}"),
        });
        let sentences = [format!("Capitalised words come from the {sources}")].into_iter().chain(terms);
        sentences.collect::<Vec<_>>().join(". ")
    }

    fn alias(&self, word: &str, means: &str) -> String {
        match means.strip_prefix("closed:") {
            Some(calendar) => format!("\"{word}\" means the time outside {}", self.title(calendar)),
            None => format!("\"{word}\" means {}", plain(means)),
        }
    }

    /// The calendars, and the hours of support.
    pub(super) fn hours(&self) -> Section {
        let mut section = Section::new("Hours");
        if let Some(hours) = &self.agreement.support_hours {
            let text = format!("Support answers {}", self.keyed(&hours.calendar, |name| self.within(name)));
            section.say(text, &hours.clause);
        }
        let calendars = self.agreement.calendar.iter().map(|(name, rule)| {
            Item::labelled(capital(&self.title(name)), self.calendar(rule), &rule.clause)
        });
        section.list(calendars.collect());
        for (name, holidays) in &self.agreement.holidays {
            let closed = format!(
                "The listed holidays ({}) are closed from 00:00 to 24:00 in {}; both parties sign the list",
                plain(name),
                holidays.tz,
            );
            section.say(with_reason(closed, holidays.added.as_deref()), &holidays.clause);
            section.list(years(&holidays.year));
        }
        section
    }

    fn calendar(&self, rule: &CalendarRule) -> String {
        let mut text = match &rule.open {
            Open::Always => "round the clock".to_owned(),
            Open::Weekly(weekly) => and(weekly.iter().map(hours).collect()) + &format!(" ({})", rule.tz),
        };
        if let Some(outer) = &rule.inside {
            text += &format!(", as far as they lie in {}", self.title(outer));
        }
        if !rule.except.is_empty() {
            let lists = rule.except.iter().map(|list| plain(list.strip_prefix("holidays.").unwrap_or(list)));
            text += &format!(", except on the listed holidays ({})", and(lists.collect()));
        }
        text += &format!("; a day of it is {}", amount(rule.day));
        with_reason(text, rule.added.as_deref())
    }

    /// What people call a calendar.
    pub(super) fn title(&self, name: &str) -> String {
        let title = self.agreement.calendar.get(name).and_then(|rule| rule.title.clone());
        title.unwrap_or_else(|| match name {
            WINDOW => "the agreed maintenance window".to_owned(),
            CIVIL => "civil time".to_owned(),
            "always" => "always".to_owned(),
            name => format!("the calendar {name}"),
        })
    }

    /// `in Business Hours`, `round the clock`.
    pub(super) fn within(&self, name: &str) -> String {
        let open = self.agreement.calendar.get(name);
        if open
            .is_some_and(|rule| rule.open == Open::Always && rule.except.is_empty() && rule.inside.is_none())
        {
            return "round the clock".to_owned();
        }
        format!("in {}", self.title(name))
    }

    /// As [`Voice::within`], with its comma before; nothing for time as the clock on the wall counts it.
    pub(super) fn counted(&self, calendar: Option<&Keyed<String>>) -> String {
        match calendar {
            None => String::new(),
            Some(Keyed::One(name)) if name == CIVIL => String::new(),
            Some(calendar) => format!(", counted {}", self.keyed(calendar, |name| self.within(name))),
        }
    }

    /// The agreed maintenance window in words.
    pub(super) fn window(&self, window: &Window) -> String {
        let start = window.start.0;
        let times = weekly_days(&window.rrule)
            .map_or_else(|| format!("by the rule {}", window.rrule), |days| format!("every {days}"));
        format!(
            "The agreed maintenance window is {} long and begins at {} ({}) {times}, first on {}; another \
             takes {}",
            amount(window.length),
            start.strftime("%H:%M"),
            window.tz,
            date(start.date()),
            plain(window.change.name()),
        )
    }

    /// The readings both parties sign.
    pub(super) fn readings(&self) -> Section {
        let mut section = Section::new("How both parties read what the text leaves open");
        let readings = self.agreement.readings.iter();
        section.list(readings.map(|(id, text)| own(id, &capital(text))).collect());
        section
    }
}

fn subject(header: &Header) -> String {
    let mut text = format!("{} (the provider) ", header.provider);
    text += &match &header.service {
        Some(service) => format!("provides {service} to {} (the client)", header.client),
        None => format!("serves {} (the client)", header.client),
    };
    if let Some(plan) = &header.plan {
        text += &format!(" under the plan {}", plain(plan));
    }
    if let Some(order) = &header.incorporated_by {
        text += &format!(", as {} incorporates it", order.replacen(':', " ", 1));
    }
    text += &format!(
        ". This is agreement {}; support is in {}, amounts are in {}",
        header.id,
        language(&header.language),
        header.currency
    );
    let version = header.source.version.iter().map(|version| format!(", version {version}"));
    let dated = header.source.date.iter().map(|dated| format!(" of {}", date(*dated)));
    text += &format!(
        ". It puts into force the text \"{}\"{}",
        header.source.title,
        version.chain(dated).collect::<String>()
    );
    text += &format!(", whose SHA-256 is {}", header.source.sha256);
    if header.pinned == Some(true) {
        text += ". A newer version of that text needs both parties";
    }
    if let Some(disclosed) = &header.onboarding_disclosed {
        text += &format!(". What engineers must go through before they may work was disclosed: {disclosed}");
    }
    text
}

/// A language by its name, where it is one of those that people here sign in.
fn language(code: &str) -> String {
    match code {
        "de" => "German".to_owned(),
        "en" => "English".to_owned(),
        "fr" => "French".to_owned(),
        "nl" => "Dutch".to_owned(),
        code => format!("the language {code}"),
    }
}

/// A reason of the parties' own, in a sentence of its own.
pub(super) fn with_reason(text: String, added: Option<&str>) -> String {
    match added {
        Some(why) => format!("{text}. The parties added this: {why}"),
        None => text,
    }
}

fn own(id: &str, text: &str) -> Item {
    Item::labelled(id, text, &Clauses::default())
}

fn miss(binding: &BindingWords) -> String {
    let never = or(binding.never.iter().map(|word| format!("\"{word}\"")).collect());
    let never = if never.is_empty() { never } else { format!(", never {never}") };
    format!("An objective that is not reached is called \"{}\"{never}, and brings no remedy", binding.miss)
}

/// `2026: 1 January, 5 April and 6 April`.
fn years(years: &BTreeMap<String, Vec<Date>>) -> Vec<Item> {
    let day = |date: &Date| date.strftime("%-d %B").to_string();
    years.iter().map(|(year, dates)| own(year, &and(dates.iter().map(day).collect()))).collect()
}

fn hours(hours: &OpenHours) -> String {
    let time = |time: &WeekTime| format!("{:02}:{:02}", time.minute / 60, time.minute % 60);
    let (from, to) = (time(&hours.from), time(&hours.to));
    match (hours.from.day, hours.to.day) {
        (Some(first), Some(last)) => format!("from {} {from} to {} {to}", day_name(first), day_name(last)),
        _ => format!("{}, {from} to {to}", days(&hours.days)),
    }
}

/// `Monday to Friday`, or each by name.
fn days(days: &[Weekday]) -> String {
    match days {
        [first, .., last]
            if days.len() > 2 && days.windows(2).all(|pair| pair[1] as u8 == pair[0] as u8 + 1) =>
        {
            format!("{} to {}", day_name(*first), day_name(*last))
        }
        days => and(days.iter().map(|day| day_name(*day)).collect()),
    }
}

fn day_name(day: Weekday) -> String {
    capital(&meaning(day.about()))
}

/// The days of a weekly rule: `Sunday` for `FREQ=WEEKLY;BYDAY=SU`.
fn weekly_days(rrule: &str) -> Option<String> {
    let days = rrule.strip_prefix("FREQ=WEEKLY;BYDAY=")?;
    let name = |short: &str| Weekday::ALL.iter().find(|day| day.name()[..2].eq_ignore_ascii_case(short));
    let names: Option<Vec<String>> =
        days.split(',').map(|short| name(short).map(|day| day_name(*day))).collect();
    names.map(and)
}
