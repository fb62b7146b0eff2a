//! Obligations: who owes what by when, in sentences.

use super::{
    Item, Section, Voice, events,
    words::{amount, and, heading, matching, meaning, or, plain},
};
use crate::{
    section::{
        obligation::{Binding, Forbid, MetActor, MetBy, ObligationRule, OnMiss, Reaches, Then, Within},
        party::Party,
    },
    value::{amount::Remind, matching::Trigger},
};

impl Voice<'_> {
    /// What the provider owes, and both parties together.
    pub(super) fn provider_duties(&self) -> Section {
        self.duties("What the provider owes", |party| party != Party::Client)
    }

    /// What the client owes.
    pub(super) fn client_duties(&self) -> Section {
        self.duties("What the client owes", |party| party == Party::Client)
    }

    fn duties(&self, title: &str, whose: impl Fn(Party) -> bool) -> Section {
        let mut section = Section::new(title);
        let own = self.agreement.obligation.iter().filter(|obligation| whose(obligation.party));
        section.list(own.map(|o| Item::labelled(heading(&o.id), self.duty(o), &o.clause)).collect());
        section
    }

    fn duty(&self, o: &ObligationRule) -> String {
        let mut sentences = vec![self.lead(o)];
        sentences.extend(self.exceptions(o));
        sentences.extend(self.misses(o));
        sentences.extend(self.consequences(o));
        sentences.extend(o.added.iter().map(|why| format!("The parties added this: {why}")));
        sentences.join(". ")
    }

    /// The first sentence: when what happens, who does what, by when.
    fn lead(&self, o: &ObligationRule) -> String {
        let which = o.r#match.as_ref().map(matching).filter(|which| !which.is_empty());
        let which = which.map(|which| format!(" ({which})")).unwrap_or_default();
        let start = format!("{}{which}", events::when(&o.on));
        if let Some(after) = o.effective_after {
            let immediate = o
                .immediate
                .as_ref()
                .map(|at_once| format!("; what matches takes effect at once ({})", matching(at_once)));
            let counted = self.counted(o.calendar.as_ref());
            return format!(
                "When {start}, it takes effect {} later at the latest{counted}{}",
                amount(after),
                immediate.unwrap_or_default()
            );
        }
        if o.period.is_some() {
            return format!(
                "For each calendar month of the term, {} {}{}",
                self.owes(o),
                self.deed(o),
                self.due(o)
            );
        }
        let joint = if o.every.is_some() { "Once" } else { "When" };
        format!("{joint} {start}, {} {}{}", self.owes(o), self.deed(o), self.due(o))
    }

    fn owes(&self, o: &ObligationRule) -> String {
        let (one, both) = match o.binding {
            Binding::Target => ("aims to", "aim to"),
            Binding::Duty | Binding::Procedure => ("shall", "shall"),
            Binding::Commitment => ("undertakes to", "undertake to"),
            Binding::ReasonableEfforts => {
                ("makes commercially reasonable efforts to", "make commercially reasonable efforts to")
            }
            Binding::Typical => ("usually manages to", "usually manage to"),
            Binding::Aspirational => ("aims, without any warranty, to", "aim, without any warranty, to"),
            Binding::Condition => ("must", "must"),
            Binding::Internal => ("reminds its own people to", "remind their own people to"),
        };
        match o.party {
            Party::Both => format!("both parties {both}"),
            Party::Provider => format!("the provider {one}"),
            Party::Client => format!("the client {one}"),
        }
    }

    /// What is to be done, and by whom.
    fn deed(&self, o: &ObligationRule) -> String {
        if let Some(keep) = &o.keep {
            return format!("keep it for {}", self.keyed(keep, |keep| amount(*keep)));
        }
        let Some(met_by) = &o.met_by else {
            return match o.on.event {
                facts::Event::RequestReprioritised => "tell the client so".to_owned(),
                _ => format!("do what \"{}\" says", plain(&o.id)),
            };
        };
        let mut text = events::act(met_by.event);
        text += by_whom(met_by);
        if let Some(Reaches::NamedVersion) = met_by.reaches {
            text = "have that version or a newer one running on the instance".to_owned();
        }
        if let Some(which) = met_by.r#match.as_ref().map(matching).filter(|which| !which.is_empty()) {
            text += &format!(" ({which})");
        }
        text
    }

    /// By when, in which hours, until what.
    fn due(&self, o: &ObligationRule) -> String {
        let counted = self.counted(o.calendar.as_ref());
        let end = if o.period.is_some() { " of the month's end" } else { "" };
        let mut text = match &o.within {
            None => String::new(),
            Some(Within::Unset) => "; no time is set, so its age is shown and nothing is ever due".to_owned(),
            Some(Within::SameAction) => ", in the same act, which is refused without it".to_owned(),
            Some(Within::With(id)) => format!(", by the time that \"{}\" is due", heading(id)),
            Some(Within::Matrix(name)) => format!(" within the time of the table \"{name}\"{counted}"),
            Some(Within::Amount(within)) => {
                let time = self.keyed(within, |within| amount(*within));
                if time.starts_with("0 ") {
                    " at once".to_owned()
                } else {
                    format!(" within {time}{end}{counted}")
                }
            }
        };
        if let Some(before) = &o.before {
            let moment = events::moment(before.moment);
            text = match before.by.count {
                0 => format!(" before {moment}"),
                _ => format!(" at least {} before {moment}{counted}", amount(before.by)),
            };
        }
        if let Some(every) = o.every {
            let every = amount(every);
            text = format!(" at least every {}{counted}", every.strip_prefix("1 ").unwrap_or(&every));
        }
        if !o.until.is_empty() {
            text += &format!(", until {}", events_or(&o.until));
        }
        text
    }

    /// What ends it, or lets its clock stand still.
    fn exceptions(&self, o: &ObligationRule) -> Vec<String> {
        let mut sentences = Vec::new();
        if !o.cancel_on.is_empty() {
            sentences.push(format!("It falls away when {}", events_or(&o.cancel_on)));
        }
        if o.superseded_by.is_some() {
            sentences.push("A newer one of the same kind closes it".to_owned());
        }
        if let Some(pause) = &o.pause {
            sentences.push(format!(
                "Its clock stands still from when {} until {}",
                events::happens(pause.from),
                events::happens(pause.to)
            ));
        }
        if let Some(excused) = &o.excused {
            sentences.push(format!(
                "A miss is excused from when {} until {}",
                events::happens(excused.from),
                events::happens(excused.to)
            ));
        }
        if let Some(change) = &o.on_change {
            sentences.push(format!(
                "When {}, the new time runs {}",
                events::happens(change.event),
                meaning(change.clock.about())
            ));
        }
        sentences
    }

    /// Reminders, and what a miss means.
    fn misses(&self, o: &ObligationRule) -> Vec<String> {
        let mut sentences = Vec::new();
        if let Some(remind) = &o.remind {
            sentences.push(format!("People are reminded {}", self.keyed(remind, |list| reminders(list))));
        }
        let follows: Vec<String> = o.on_miss.iter().map(|what| miss(*what).to_owned()).collect();
        if !follows.is_empty() {
            sentences.push(format!("If it is missed, {}", and(follows)));
        }
        if o.remedy.is_some() {
            sentences.push("A miss earns no credit".to_owned());
        }
        if let Some(cause) = &o.annotate {
            sentences
                .push(format!("A miss meanwhile is noted with the cause \"{}\", not excused", plain(cause)));
        }
        sentences
    }

    /// What follows when it is met, and what else holds while it runs.
    fn consequences(&self, o: &ObligationRule) -> Vec<String> {
        let mut sentences = Vec::new();
        if let Some(turn) = o.turn {
            sentences.push(format!("Until then it is the {}'s turn", turn.name()));
        }
        if let Some(then) = o.then {
            let item = o.then_item.as_ref().map(|item| format!(" under the catalogue item {item}"));
            let then = match then {
                Then::CloseRequest => "the request is closed",
                Then::OpenIncident => "an incident is opened",
                Then::OpenRequest => "a request is opened",
            };
            sentences.push(format!("Then {then}{}", item.unwrap_or_default()));
        }
        if !o.notify_on.is_empty() {
            sentences.push(format!("The client is notified when {}", events_or(&o.notify_on)));
        }
        match o.auto_claim {
            Some(true) => sentences.push("The claim is made without asking".to_owned()),
            Some(false) => sentences
                .push("The claim is not made without asking; both parties may switch that on".to_owned()),
            None => {}
        }
        if let Some(end) = o.at_term_end {
            sentences.push(format!("When the term ends first, {}", meaning(end.about())));
        }
        if let Some(Forbid::DeleteBeforeExpiry) = o.forbid {
            sentences.push("Deleting it earlier is refused".to_owned());
        }
        if o.coverage.is_some() {
            sentences.push("Somebody qualified is on call round the clock".to_owned());
        }
        sentences
    }
}

/// How onboarding is owed, before `done`.
pub(super) fn done(binding: Binding) -> &'static str {
    match binding {
        Binding::Typical => "is usually",
        Binding::Target | Binding::Aspirational => "is meant to be",
        _ => "shall be",
    }
}

fn by_whom(met_by: &MetBy) -> &'static str {
    match met_by.actor {
        None => "",
        Some(MetActor::Person) => " (a person, not an automatic message)",
        Some(MetActor::Qualified) => " (a qualified person, not an automatic message)",
        Some(MetActor::Manager) => " (a manager)",
        Some(MetActor::Approver) => " (somebody who may approve changes)",
    }
}

/// `the request is resolved or withdrawn`: what both have in front is said once.
fn events_or(triggers: &[Trigger]) -> String {
    const FRONT: &str = "the request is ";
    let mut said = false;
    let parts = triggers.iter().map(events::when).map(|when| match when.strip_prefix(FRONT) {
        Some(rest) if std::mem::replace(&mut said, true) => rest.to_owned(),
        _ => when,
    });
    or(parts.collect())
}

/// `at 50% and 80% of the time and 15 minutes before it is due`.
fn reminders(list: &[Remind]) -> String {
    let told = |pick: fn(&Remind) -> Option<String>| and(list.iter().filter_map(pick).collect());
    let used =
        told(|remind| if let Remind::Used(percent) = remind { Some(format!("{percent}%")) } else { None });
    let after = told(|remind| if let Remind::After(after) = remind { Some(amount(*after)) } else { None });
    let before =
        told(|remind| if let Remind::Before(before) = remind { Some(amount(*before)) } else { None });
    let parts =
        [("at ", used, " of the time"), ("", after, " after the start"), ("", before, " before it is due")];
    let parts = parts.into_iter().filter(|(_, times, _)| !times.is_empty());
    and(parts.map(|(front, times, back)| format!("{front}{times}{back}")).collect())
}

fn miss(what: OnMiss) -> &'static str {
    match what {
        OnMiss::Statement => "the miss stands on the month's statement",
        OnMiss::NotifyManager => "the managers see it on the Now page",
        OnMiss::SuggestEscalation => "the client is offered to escalate",
        OnMiss::ForfeitCredit => "the credit is forfeited but stays visible",
        OnMiss::BlockChange => "the change cannot start",
        OnMiss::BlockAction => "the operation needs approval",
    }
}
