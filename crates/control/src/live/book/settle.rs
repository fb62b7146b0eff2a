//! What changes about a client by the passing of time and by what came in: evaluated again subject by subject, and only where
//! something can have changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::{Noun, Slug, Subject};
use promise::{
    Forecast, Versions,
    obligation::{Obligation, State},
};
use spans::{Instant, Length, Month};

use super::{Book, Kept};
use crate::live::{
    agenda::Agenda,
    relay::{is_news, missed_at},
};

/// How many subjects a forecast looks at: those whose due instants come first.
pub const FORECAST_SUBJECTS_MAX: usize = 200;
/// How far back "just missed" looks.
pub const MISSED_SINCE: Length = Length::from_hours(48);
/// The smallest step of time: what is due at an instant is late one step later.
const STEP: Length = Length::from_micros(1);

/// What has to be evaluated again.
#[derive(Debug, Default)]
pub(super) struct Stale {
    /// Everything.
    pub(super) all: bool,
    /// Everything that is not about tickets.
    pub(super) others: bool,
    pub(super) tickets: BTreeSet<Slug>,
}

/// What time alone brings next about one subject.
#[derive(Debug, Default)]
struct Moments {
    /// When it has to be evaluated again.
    wake: Option<Instant>,
    /// When the next of its open obligations falls due.
    due: Option<Instant>,
    /// When it missed something last.
    missed: Option<Instant>,
}

impl Moments {
    fn see(&mut self, obligation: &Obligation, now: Instant) {
        let sooner = |a: Option<Instant>, b: Instant| Some(a.map_or(b, |a| a.min(b)));
        // What is due at an instant is in time at it, and late after it.
        if let Some(next) = obligation.next_moment(now - STEP) {
            self.wake = sooner(self.wake, next + STEP);
        }
        if let State::Running { due } = obligation.state {
            self.due = sooner(self.due, due);
        }
        let of_late = missed_at(obligation).filter(|at| now - MISSED_SINCE <= *at);
        self.missed = self.missed.max(of_late);
    }
}

impl Book {
    /// Evaluates what has changed or is due, and gives what is news of it, and perhaps more. Afterwards [`Book::next_moment`]
    /// is later than `now`.
    pub(crate) fn settle(&mut self, now: Instant) -> Vec<Obligation> {
        self.settled = self.settled.max(now);
        let Some(versions) = self.versions.clone() else { return Vec::new() };
        if self.stale.all || self.month_ends <= now {
            return self.settle_all(&versions, now);
        }
        let mut tickets = std::mem::take(&mut self.stale.tickets);
        let (woken, others): (Vec<_>, Vec<_>) =
            self.wake.due(now).into_iter().partition(|subject| subject.noun == Noun::Ticket);
        tickets.extend(woken.into_iter().map(|subject| subject.id));
        let mut settled = match std::mem::take(&mut self.stale.others) {
            true => self.settle_all_others(&versions, now),
            false => self.settle_others(&versions, &others, now),
        };
        for ticket in tickets {
            let obligations = self.ticket_obligations(&versions, &ticket, now);
            self.note(&Subject { noun: Noun::Ticket, id: ticket }, &obligations, now);
            settled.extend(obligations);
        }
        settled
    }

    /// What time alone changed about anything but tickets.
    fn settle_others(&mut self, versions: &Versions, subjects: &[Subject], now: Instant) -> Vec<Obligation> {
        if subjects.is_empty() {
            return Vec::new();
        }
        let history = self.history_of_others();
        let found: Vec<Vec<Obligation>> =
            subjects.iter().map(|subject| history.obligations_of(versions, subject, now)).collect();
        for (subject, obligations) in subjects.iter().zip(&found) {
            self.note(subject, obligations, now);
        }
        found.into_iter().flatten().collect()
    }

    /// Everything that is not about tickets again, after a fact about which no rule about tickets asks.
    fn settle_all_others(&mut self, versions: &Versions, now: Instant) -> Vec<Obligation> {
        let mut moments: BTreeMap<Subject, Moments> = BTreeMap::new();
        let mut news = Vec::new();
        self.history_of_others().each_subject(versions, now, |obligations| {
            for obligation in obligations {
                moments.entry(obligation.subject.clone()).or_default().see(&obligation, now);
                news.extend(is_news(&obligation, now).then_some(obligation));
            }
        });
        for agenda in [&mut self.wake, &mut self.due, &mut self.missed] {
            agenda.retain(|subject| subject.noun == Noun::Ticket);
        }
        for (subject, next) in moments {
            self.come_back(&subject, &next);
        }
        news
    }

    /// Everything again, one subject at a time: of a million obligations only what is news is held.
    fn settle_all(&mut self, versions: &Versions, now: Instant) -> Vec<Obligation> {
        self.stale = Stale::default();
        self.tickets.values_mut().for_each(Kept::forget_line);
        self.forget_ended_lines();
        let mut moments: BTreeMap<Subject, Moments> = BTreeMap::new();
        let mut news = Vec::new();
        self.history().each_subject(versions, now, |obligations| {
            for obligation in obligations {
                let subject = self.agenda_subject(&obligation.subject);
                moments.entry(subject).or_default().see(&obligation, now);
                news.extend(is_news(&obligation, now).then_some(obligation));
            }
        });
        (self.wake, self.due, self.missed) = (Agenda::default(), Agenda::default(), Agenda::default());
        for (subject, next) in moments {
            self.come_back(&subject, &next);
        }
        let zone = versions.latest().agreement().months_in();
        self.month_ends = Month::of(now, &zone).span(&zone).end;
        news
    }

    /// Appeals and escalations are evaluated with their ticket.
    fn agenda_subject(&self, subject: &Subject) -> Subject {
        match self.ticket_of.get(&(subject.noun, subject.id.clone())) {
            Some(ticket) => Subject { noun: Noun::Ticket, id: ticket.clone() },
            None => subject.clone(),
        }
    }

    fn note(&mut self, subject: &Subject, obligations: &[Obligation], now: Instant) {
        if subject.noun == Noun::Ticket {
            self.tickets.entry(subject.id.clone()).and_modify(Kept::forget_line);
        }
        let mut next = Moments::default();
        obligations.iter().for_each(|obligation| next.see(obligation, now));
        self.come_back(subject, &next);
    }

    fn come_back(&mut self, subject: &Subject, next: &Moments) {
        self.wake.set(subject, next.wake);
        self.due.set(subject, next.due);
        self.missed.set(subject, next.missed);
    }

    /// When something changes next though nothing happens.
    pub fn next_moment(&self) -> Option<Instant> {
        let month = (self.versions.is_some()).then_some(self.month_ends);
        self.wake.first().into_iter().chain(month).min()
    }

    /// Subjects with something that is due.
    pub fn open_subjects(&self) -> usize {
        self.due.len()
    }

    /// What will be missed next of what counts, soonest first, up to so many. No more subjects are evaluated than that takes,
    /// and no more than [`FORECAST_SUBJECTS_MAX`].
    pub fn forecast(&self, now: Instant, counts: impl Fn(&Forecast) -> bool, limit: usize) -> Vec<Forecast> {
        let mut many = limit;
        loop {
            let (mut found, beyond) = self.forecast_of(now, many);
            found.retain(&counts);
            // Whatever else there is falls due later than what was not looked at.
            let sure = found.iter().filter(|one| beyond.is_none_or(|next| one.when < next)).count();
            if beyond.is_none() || limit <= sure {
                found.truncate(limit);
                return found;
            }
            many = many.saturating_mul(2).max(1);
        }
    }

    /// The forecast of so many subjects, those that are due first, and when the next one is; none where there is none.
    fn forecast_of(&self, now: Instant, many: usize) -> (Vec<Forecast>, Option<Instant>) {
        let Some(versions) = self.versions.as_deref() else { return (Vec::new(), None) };
        let mut soon = self.due.soonest().take(FORECAST_SUBJECTS_MAX);
        let (tickets, others): (Vec<_>, Vec<_>) =
            soon.by_ref().take(many).map(|(_, subject)| subject).partition(|it| it.noun == Noun::Ticket);
        let beyond = soon.next().map(|(at, _)| at);
        let others = self.obligations_of(versions, others, now);
        let mut found = self.assembled(versions, others, now).forecast();
        found.extend(tickets.into_iter().flat_map(|ticket| self.ticket_forecast(versions, &ticket.id, now)));
        Forecast::sort(&mut found);
        (found, beyond)
    }

    /// What of a ticket will be missed: evaluated once, until something happens about it or time brings it something.
    fn ticket_forecast(&self, versions: &Versions, ticket: &Slug, now: Instant) -> Vec<Forecast> {
        let Some(kept) = self.tickets.get(ticket) else { return Vec::new() };
        let evaluated = || {
            let obligations = self.ticket_obligations(versions, ticket, now);
            obligations.iter().filter_map(|obligation| Forecast::of(versions, obligation)).collect()
        };
        if now < self.settled {
            return evaluated();
        }
        kept.soon.get_or_init(evaluated).clone()
    }

    /// What was not done in time within [`MISSED_SINCE`], with the instant of the miss: at least the newest `limit` of it. Only as many
    /// subjects are evaluated, those that missed something last: whatever another missed lies before that.
    pub(crate) fn missed_of_late(&self, now: Instant, limit: usize) -> Vec<(Instant, Arc<Obligation>)> {
        let Some(versions) = self.versions.as_deref() else { return Vec::new() };
        let since = now - MISSED_SINCE;
        let subjects = self.missed.from(since).map(|(_, subject)| subject).take(limit);
        let (tickets, others): (Vec<_>, Vec<_>) = subjects.partition(|it| it.noun == Noun::Ticket);
        let mut missed = missed_of(self.obligations_of(versions, others, now));
        missed.extend(tickets.into_iter().flat_map(|ticket| self.ticket_missed(versions, &ticket.id, now)));
        missed.retain(|(at, _)| since <= *at);
        missed
    }

    /// What of a ticket was missed: evaluated once, as its forecast is.
    fn ticket_missed(
        &self,
        versions: &Versions,
        ticket: &Slug,
        now: Instant,
    ) -> Vec<(Instant, Arc<Obligation>)> {
        let Some(kept) = self.tickets.get(ticket) else { return Vec::new() };
        let evaluated = || missed_of(self.ticket_obligations(versions, ticket, now));
        // Whoever waited for the book may ask of an instant before it was settled: what they are told is kept for nobody.
        if now < self.settled {
            return evaluated();
        }
        kept.late.get_or_init(evaluated).clone()
    }

    fn obligations_of(&self, versions: &Versions, subjects: Vec<&Subject>, now: Instant) -> Vec<Obligation> {
        let others =
            subjects.iter().any(|subject| subject.noun != Noun::Ticket).then(|| self.history_of_others());
        let of = |subject: &Subject| match &others {
            Some(history) if subject.noun != Noun::Ticket => history.obligations_of(versions, subject, now),
            _ => self.ticket_obligations(versions, &subject.id, now),
        };
        subjects.into_iter().flat_map(of).collect()
    }
}

/// Those that were missed, to be kept: without what went into their whys, which is most of them.
fn missed_of(obligations: Vec<Obligation>) -> Vec<(Instant, Arc<Obligation>)> {
    let missed = |mut obligation: Obligation| {
        let at = missed_at(&obligation)?;
        (obligation.why.inputs, obligation.reminders) = (Vec::new(), Vec::new());
        Some((at, Arc::new(obligation)))
    };
    let mut missed: Vec<_> = obligations.into_iter().filter_map(missed).collect();
    missed.shrink_to_fit();
    missed
}
