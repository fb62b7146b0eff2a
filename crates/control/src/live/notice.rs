//! Who is told, and what: a task in the outbox for each fact, reminder and miss comes to deliveries, one for each person and way.
//!
//! Who it is, is decided by [`desk::notify`]; here the ticket, the people and the rota are put together for it, and the letter is
//! written. Deliveries have names made of the fact and the person, so that doing the task twice tells nobody twice.

mod headline;

use agreement::Party;
use desk::{
    notify::{self, Duty, Letter, Notice, Owed, Standing},
    policy::{
        Action, Circumstances, ClientRole, Membership, Policy, Principal, Resource, StaffRole, Verdict,
    },
};
use facts::{
    Actor, AlertId, AlertSent, Body, ClientId, Event, Fact, InstanceId, Noun, Side, Slug, Subject, TicketId,
    VantageId,
};
use journal::{
    Task,
    delivery::Delivery,
    inbox::Item,
    people::{self, Choice},
};
use promise::{
    Difference,
    obligation::{Obligation, State},
    probe::listed,
};
use serde::{Deserialize, Serialize};
use spans::Instant;

use self::headline::stays;
pub(super) use self::headline::{comes_back, headline};
use super::{
    Act, Book, Change, Control, NotDone, lock,
    relay::{Fate, is_missed_of_late, is_nudge, missed_at, reminders_due},
};

/// The task that tells people of something.
pub(super) const TELL: &str = "tell";
/// What is older is told nobody: an import tells of it.
const NEWS_MAX: spans::Length = spans::Length::from_hours(24);
/// What is handed on within this after it was recorded was sent at once: the outbox is looked at each few seconds.
const AT_ONCE: spans::Length = spans::Length::MINUTE;
/// Characters of who wrote a message, in a letter about it.
const FROM_CHARS_MAX: usize = 80;
/// The rule that managers are reminded of too (MP-ESC-11).
const ESCALATION: Noun = Noun::Escalation;

/// What the task is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum About {
    Fact {
        id: String,
        subject: Subject,
        actor: String,
    },
    Owed {
        key: String,
        rule: String,
        subject: Subject,
        side: Side,
        missed: bool,
        /// One's own people are nudged: nobody has written for a while (SH-RES-02).
        #[serde(default)]
        nudge: bool,
        due: Option<Instant>,
        at: Instant,
    },
    /// Vantage points differ about an instance.
    Difference {
        instance: InstanceId,
        check: String,
        since: Instant,
        failed: Vec<VantageId>,
        answered: Vec<VantageId>,
        /// How many more instances they differ about.
        others: usize,
    },
}

impl About {
    /// What one has to be let do in the portal to be told of it.
    fn reads(&self) -> Action {
        match self {
            About::Fact { subject, .. } if subject.noun == Noun::Held => Action::ReadHeld,
            _ => Action::ReadTickets,
        }
    }
}

/// The task that tells people of a fact; none for what concerns nobody beside who did it.
pub(super) fn of_fact(client: &ClientId, fact: &Fact) -> Option<Task> {
    // SH-DEF-11: a message may lie for days before it is written down, and waits for a word of the contacts all the same.
    let is_news = fact.event() == Event::MessageHeld || fact.recorded_at <= fact.at + NEWS_MAX;
    if !notify::is_told(fact.event()) || !is_news {
        return None;
    }
    let (own, ticket) = promise::ticket::subjects(fact);
    let subject = ticket.unwrap_or(own);
    let about = About::Fact { id: fact.id.to_string(), subject, actor: fact.actor.id.clone() };
    task(client, format!("{TELL}/{}", fact.id), &about, fact.recorded_at)
}

/// The tasks that tell people of an obligation: reminders whose instant has come, and a miss.
pub(super) fn of_obligation(client: &ClientId, obligation: &Obligation, now: Instant) -> Vec<Task> {
    let side = match obligation.duty.party {
        Party::Client => Side::Client,
        Party::Provider | Party::Both => Side::Provider,
    };
    let about = |missed: bool, nudge: bool, at: Instant| About::Owed {
        key: obligation.key(),
        rule: obligation.duty.id.clone(),
        subject: obligation.subject.clone(),
        side,
        missed,
        nudge,
        due: obligation.due,
        at,
    };
    let key = obligation.key();
    let mut tasks: Vec<Task> = reminders_due(obligation, now)
        .filter_map(|reminder| {
            task(
                client,
                format!("{TELL}/{key}/{}", reminder.rule),
                &about(false, false, reminder.at),
                reminder.at,
            )
        })
        .collect();
    if let Some(at) = missed_at(obligation).filter(|_| is_missed_of_late(obligation, now)) {
        tasks.extend(task(client, format!("{TELL}/{key}/missed"), &about(true, false, at), at));
    }
    if let Some(at) = missed_at(obligation).filter(|_| is_nudge(obligation, now)) {
        tasks.extend(task(client, format!("{TELL}/{key}/nudge"), &about(false, true, at), at));
    }
    tasks
}

/// The task that tells the provider that vantage points differ.
pub(super) fn of_difference(
    client: &ClientId,
    instance: &InstanceId,
    difference: &Difference,
    others: usize,
    now: Instant,
) -> Option<Task> {
    let Difference { check, span, failed, answered } = difference;
    let id = format!("{TELL}/differ/{instance}/{check}/{}", span.start);
    let about = About::Difference {
        instance: instance.clone(),
        check: check.to_string(),
        since: span.start,
        failed: failed.clone(),
        answered: answered.clone(),
        others,
    };
    task(client, id, &about, now)
}

fn task(client: &ClientId, id: String, about: &About, due: Instant) -> Option<Task> {
    let body = serde_json::to_string(about).ok()?;
    Some(Task { client: client.clone(), id, kind: TELL.to_owned(), body, due })
}

/// A letter before it has a reader.
struct Draft {
    title: String,
    headline: String,
    said: Option<String>,
    /// When something falls due, where the letter is about time.
    due: Option<Instant>,
    at: Instant,
    path: String,
    thread: String,
    /// By whom it came; empty where nobody did it.
    actor: String,
}

impl Control {
    /// Puts a delivery there for everybody who is to be told.
    pub(super) fn tell_people(&self, task: &Task, now: Instant) -> Result<Fate, NotDone> {
        let Ok(about) = serde_json::from_str::<About>(&task.body) else { return Ok(Fate::Over) };
        if task.due + NEWS_MAX < now {
            return Ok(Fate::Over);
        }
        let staff = self.staff(now)?;
        let people = self.people_of(&task.client, &staff, about.reads(), now)?;
        let pool = self.pool_among(&task.client, &staff, now)?.unwrap_or_default();
        let mut on_call = self.rota(now)?.ladder(now, |person| pool.fits(person, now));
        on_call.retain(|id| staff.iter().any(|person| person.id == *id));
        let Some(book) = self.book(&task.client) else { return Ok(Fate::Over) };
        let mut alert = None;
        let found = {
            let mut book = lock(&book);
            self.catch_up(&mut book)?;
            match &about {
                About::Fact { id, subject, actor } => {
                    let Some(fact) = book.fact_of(subject, id) else { return Ok(Fate::Over) };
                    if let Body::ThresholdCrossed(crossed) = &fact.body {
                        alert = Some(crossed.alert.clone());
                    }
                    let text = self.journal.glance(|tx| tx.texts(&task.client, [fact.id]))?.remove(&fact.id);
                    let (text, from) = parted(&fact, text);
                    let escalated_to = book.escalated_to(&fact, &staff);
                    let duty = Duty { on_call, escalated_to };
                    let standing = standing(&book, subject, &people);
                    let notices = notify::of_fact(&fact, actor, text.as_deref(), &standing, &duty, &people);
                    (notices, book.draft(subject, &fact, actor, text.or(from), &people, now))
                }
                About::Owed { key, rule, subject, side, missed, nudge, due, at } => {
                    let waits = match nudge {
                        true => book.is_silent(subject, *at),
                        false => *missed || book.is_owed(subject, key, now),
                    };
                    if !waits {
                        return Ok(Fate::Over);
                    }
                    let owed = match missed {
                        true => Owed::Missed { side: *side },
                        false => Owed::Reminder { side: *side, managers: subject.noun == ESCALATION },
                    };
                    let duty = Duty { on_call, escalated_to: Vec::new() };
                    let standing = standing(&book, subject, &people);
                    let notices = notify::of_owed(owed, &standing, &duty, &people);
                    let words = rule.replace('-', " ");
                    let headline = match (missed, nudge, due) {
                        (true, ..) => format!("Missed: {words}."),
                        (_, true, _) => "Nobody has written to the client for days.".to_owned(),
                        (.., Some(_)) => format!("It falls due: {words}."),
                        (.., None) => format!("It still waits: {words}."),
                    };
                    let due = due.filter(|_| !nudge);
                    (notices, Draft { headline, due, ..book.about(subject, *at) })
                }
                About::Difference { instance, check, since, failed, answered, others } => {
                    let duty = Duty { on_call, escalated_to: Vec::new() };
                    let notices = notify::of_difference(&duty, &people);
                    (notices, book.draft_of_difference(instance, check, (failed, answered), *others, *since))
                }
            }
        };
        let (notices, draft) = found;
        let count = notices.len();
        self.send(&task.client, &task.id, &notices, &draft, now)?;
        if 0 < count
            && let Some(alert) = alert
        {
            self.note_alert_sent(task, alert, now)?;
        }
        Ok(Fate::Told(count))
    }

    /// MP-SC-INC-02: people are told of a crossed limit. The notices were put there with the alert itself, so what is sent on
    /// within [`AT_ONCE`] was sent when it was recorded; what waited longer, when it went out.
    fn note_alert_sent(&self, task: &Task, alert: AlertId, now: Instant) -> Result<(), NotDone> {
        let Some(book) = self.book(&task.client) else { return Ok(()) };
        let at = if now <= task.due + AT_ONCE { task.due } else { now };
        let key = Some(journal::Key::new(&format!("alert/{}", task.id))?);
        let act = Act {
            key,
            at: Some(at),
            ..Act::new(&task.client, Actor::automaton("desk"), AlertSent { alert })
        };
        self.note(&mut lock(&book), &act, now)?;
        self.tell(&Change { client: task.client.clone(), what: "facts" });
        Ok(())
    }

    /// The provider's people and the client's, who count and may read of it in the portal: nobody reads by mail what he may not
    /// read there (SH-REQ-06: nor before the day on which he becomes effective).
    fn people_of(
        &self,
        client: &ClientId,
        staff: &[people::Person],
        reads: Action,
        now: Instant,
    ) -> journal::Result<Vec<notify::Person>> {
        let theirs = self.journal.glance(|tx| tx.people_of(client))?;
        let here = staff.iter().cloned().chain(theirs);
        let here = here.filter(|person| person.is_here(now) && may(person, reads, client));
        let read = |person: people::Person| notify::Person {
            side: person.standing.side(),
            id: person.id,
            login: person.login,
            name: person.name,
            roles: person.roles,
        };
        Ok(here.map(read).collect())
    }

    fn send(
        &self,
        client: &ClientId,
        task: &str,
        notices: &[Notice],
        draft: &Draft,
        now: Instant,
    ) -> journal::Result<()> {
        let written = |letter: &Letter| serde_json::to_string(letter).ok();
        let letters: Vec<(Notice, String, Item)> = notices
            .iter()
            .filter_map(|notice| {
                let letter = draft.letter(notice);
                let body = written(&letter)?;
                let kept = written(&Letter { said: None, ..letter })?;
                let item = draft.item(notice, client, task, kept, now);
                Some((notice.clone(), body, item))
            })
            .collect();
        if letters.is_empty() {
            return Ok(());
        }
        let (of, task) = (client.clone(), task.to_owned());
        self.journal.write_for(client, move |tx| {
            for (notice, body, item) in &letters {
                tx.put_in_inbox(item)?;
                let choice: Choice = tx.choice(&notice.person)?;
                let mut ways: Vec<(&str, String)> = Vec::new();
                if choice.address.is_some() && choice.mail.takes(notice.call) {
                    ways.push(("mail", String::new()));
                }
                if choice.push.takes(notice.call) {
                    let browsers = tx.subscriptions(&notice.person)?;
                    ways.extend(browsers.into_iter().map(|browser| ("push", browser.id)));
                }
                for (way, target) in ways {
                    tx.put_delivery(&Delivery {
                        client: of.clone(),
                        id: format!("{task}/{}/{way}/{target}", notice.person),
                        person: notice.person.clone(),
                        way: way.to_owned(),
                        target,
                        body: body.clone(),
                        urgent: notice.call,
                        due: now,
                    })?;
                }
            }
            Ok::<(), journal::Error>(())
        })?;
        self.tell(&Change { client: client.clone(), what: "told" });
        Ok(())
    }
}

impl Draft {
    fn letter(&self, notice: &Notice) -> Letter {
        Letter {
            thread: self.thread.clone(),
            title: self.title.clone(),
            headline: self.headline.clone(),
            said: self.said.clone(),
            due: self.due,
            at: self.at,
            path: self.path.clone(),
            why: notice.why,
            call: notice.call,
        }
    }

    /// As it stands in the portal for a reader (MP-UPD-03), whatever else brings it.
    fn item(&self, notice: &Notice, client: &ClientId, task: &str, body: String, at: Instant) -> Item {
        let (person, actor) = (notice.person.clone(), self.actor.clone());
        Item { person, client: client.clone(), id: task.to_owned(), actor, body, at, read: None }
    }
}

impl Book {
    /// A fact by its id, among those about a subject.
    fn fact_of(&self, subject: &Subject, id: &str) -> Option<Fact> {
        let facts = if subject.noun == Noun::Ticket { self.facts_of(&subject.id) } else { self.facts() };
        facts.iter().rev().find(|fact| fact.id.to_string() == id).cloned()
    }

    /// Whether somebody still owes it.
    fn is_owed(&self, subject: &Subject, key: &str, now: Instant) -> bool {
        if subject.noun != Noun::Ticket && self.ticket_of_subject(subject).is_none() {
            return true;
        }
        let ticket = TicketId(self.ticket_of_subject(subject).unwrap_or_else(|| subject.id.clone()));
        let found = self.of_ticket(&ticket, now).into_iter().find(|obligation| obligation.key() == key);
        found.is_some_and(|found| {
            found.open && matches!(found.state, State::Running { .. } | State::Waiting(_))
        })
    }

    /// Whether a ticket is open, and no person of the provider's has written to the client since then.
    fn is_silent(&self, subject: &Subject, since: Instant) -> bool {
        let ticket = TicketId(subject.id.clone());
        let wrote =
            |fact: &Fact| fact.event() == Event::RequestReplied && fact.actor.is_person() && since <= fact.at;
        self.is_open(&ticket) && !self.facts_of(&ticket.0).iter().any(wrote)
    }

    fn draft(
        &self,
        subject: &Subject,
        fact: &Fact,
        actor: &str,
        text: Option<String>,
        people: &[notify::Person],
        now: Instant,
    ) -> Draft {
        let known = people.iter().find(|person| person.id == actor);
        let who = known.map_or_else(|| fact.actor.id.clone(), |person| person.name.clone());
        let (mut headline, own) = headline(fact, &who);
        if fact.event() == Event::RequestReceived && self.confirmed(&subject.id).is_some() {
            headline.push_str(
                " It names no production instance; they confirmed that it is as grave (SH-DEF-17).",
            );
        }
        if let Body::MaintenancePlanned(planned) = &fact.body {
            headline.push_str(&comes_back(&self.series_after(planned)));
        }
        if let Body::FreezeSet(set) = &fact.body {
            headline.push_str(&stays(&self.met_by(&set.freeze, now)));
        }
        if let Body::CheckDefined(check) = &fact.body
            && let Some((departures, clauses)) = self.departures(check)
        {
            let clauses = clauses.join(", ");
            headline
                .push_str(&format!(" It departs from what was signed ({clauses}): {}.", listed(&departures)));
        }
        let timely = subject.noun == Noun::Ticket && is_about_time(fact.event());
        let due = timely.then(|| self.due_of(&TicketId(subject.id.clone()), now)).flatten();
        let actor = actor.to_owned();
        Draft { headline, said: text.or(own), due, actor, ..self.about(subject, fact.at) }
    }

    fn draft_of_difference(
        &self,
        instance: &InstanceId,
        check: &str,
        (failed, answered): (&[VantageId], &[VantageId]),
        others: usize,
        since: Instant,
    ) -> Draft {
        let client = self.client();
        let names = |who: &[VantageId]| who.iter().map(VantageId::as_str).collect::<Vec<_>>().join(", ");
        let (failed, answered) = (names(failed), names(answered));
        let known = self.instance_names().into_iter().find(|(id, _)| id == instance);
        let more = match others {
            0 => String::new(),
            1 => " So it is with one more instance.".to_owned(),
            others => format!(" So it is with {others} more instances."),
        };
        Draft {
            title: known.map_or_else(|| instance.to_string(), |(_, name)| name),
            headline: format!(
                "Vantage points differ ({check}): it fails from {failed}, and answers {answered}. While one has answers, nothing counts (A-14).{more}"
            ),
            said: None,
            due: None,
            at: since,
            path: format!("/clients/{client}/instances/{instance}"),
            thread: format!("{client}/differ/{instance}"),
            actor: String::new(),
        }
    }

    /// What stands around every letter about something.
    fn about(&self, subject: &Subject, at: Instant) -> Draft {
        let client = self.client();
        let ticket = match subject.noun {
            Noun::Ticket => Some(subject.id.clone()),
            _ => self.ticket_of_subject(subject),
        };
        let (title, path) = match &ticket {
            Some(ticket) => {
                let title = self.title_of(ticket).unwrap_or_default();
                (format!("{ticket} {title}"), notify::ticket_path(client, &TicketId(ticket.clone())))
            }
            None => match subject.noun {
                Noun::Maintenance => (
                    format!("Maintenance {}", subject.id),
                    format!("/clients/{client}/maintenance/{}", subject.id),
                ),
                Noun::Instance => {
                    let id = InstanceId(subject.id.clone());
                    let known = self.instance_names().into_iter().find(|(known, _)| *known == id);
                    let title = known.map_or_else(|| id.to_string(), |(_, name)| name);
                    (title, format!("/clients/{client}/instances/{id}"))
                }
                Noun::Statement => {
                    (format!("Statement {}", subject.id), format!("/clients/{client}/statements"))
                }
                Noun::Exclusion => (
                    format!("Exclusion {}", subject.id),
                    format!("/clients/{client}/exclusions/{}", subject.id),
                ),
                Noun::Freeze | Noun::Proposal => {
                    let name = format!("{} {}", subject.noun.name(), subject.id);
                    (name, format!("/clients/{client}/maintenance/agreed"))
                }
                // Who is told of it first reads what it says.
                Noun::Held => {
                    ("A message that is no request".to_owned(), format!("/clients/{client}/tickets/held"))
                }
                Noun::Contact => ("Contacts".to_owned(), format!("/clients/{client}/people")),
                Noun::Change => (format!("Change {}", subject.id), format!("/clients/{client}/changes")),
                noun => (format!("{} {}", noun.name(), subject.id), format!("/clients/{client}")),
            },
        };
        let thread = match &ticket {
            Some(ticket) => format!("{client}/{ticket}"),
            None => format!("{client}/{}/{}", subject.noun.name(), subject.id),
        };
        Draft {
            title: title.trim().to_owned(),
            headline: String::new(),
            said: None,
            due: None,
            at,
            path,
            thread,
            actor: String::new(),
        }
    }

    /// What a ticket in memory is about, in the words of whoever asked; none where they gave it no title.
    pub fn title_of(&self, ticket: &Slug) -> Option<String> {
        self.facts_of(ticket).iter().find_map(|fact| match &fact.body {
            Body::RequestReceived(request) => request.title.clone(),
            _ => None,
        })
    }

    /// When the provider's next answer about a ticket is due.
    fn due_of(&self, ticket: &TicketId, now: Instant) -> Option<Instant> {
        let owed = self.of_ticket(ticket, now).into_iter();
        let ours = owed.filter(|obligation| obligation.duty.party.side() == Some(Side::Provider));
        let due = |obligation: Obligation| match obligation.state {
            State::Running { due } => Some(due),
            _ => None,
        };
        ours.filter_map(due).min()
    }
}

/// What was written for the reader, and from whom a stranger's message is. Its own words are told to nobody under our name, and call
/// nobody by an `@`: they stand in the portal, for those who read them there.
fn parted(fact: &Fact, text: Option<String>) -> (Option<String>, Option<String>) {
    match fact.event() {
        Event::MessageHeld => (None, text.as_deref().and_then(from_whom)),
        _ => (text, None),
    }
}

/// The first line, cut, and without what would make an address of the web of it.
fn from_whom(written: &str) -> Option<String> {
    let is_plain = |char: &char| char.is_alphanumeric() || " @.+-_'(),<>".contains(*char);
    let (from, _) = written.split_once('\n')?;
    let from: String = from.chars().filter(is_plain).take(FROM_CHARS_MAX).collect();
    (!from.trim().is_empty()).then(|| format!("From {}", from.trim()))
}

/// Whether the policy lets a person who counts do something with the client's.
fn may(person: &people::Person, action: Action, client: &ClientId) -> bool {
    let people::Person { id, standing, roles, .. } = person;
    let (id, membership) = (id.clone(), Membership::Effective);
    let who = match standing {
        people::Standing::Staff => {
            let roles = roles.iter().filter_map(|role| StaffRole::read(role)).collect();
            Principal::Staff { id, roles, membership }
        }
        people::Standing::Of(client) => {
            let roles = roles.iter().filter_map(|role| ClientRole::read(role)).collect();
            Principal::Member { id, client: client.clone(), roles, membership }
        }
    };
    // Not about one way in: nobody shows a factor to be written to.
    let how = Circumstances { on_this_machine: false, second_factor: true, token: None };
    let verdict = Policy::embedded().decide(&who, &how, action, &Resource::Client(client));
    matches!(verdict, Verdict::Allowed)
}

/// How a ticket stands, or who asked for the other side's word, with whoever asked by id: facts may name a person of the portal by the
/// name of today.
fn standing(book: &Book, subject: &Subject, people: &[notify::Person]) -> Standing {
    let ticket =
        if subject.noun == Noun::Ticket { Some(subject.id.clone()) } else { book.ticket_of_subject(subject) };
    let mut standing = match ticket {
        Some(ticket) => Standing::of(book.facts_of(&ticket)),
        None if matches!(subject.noun, Noun::Change | Noun::Proposal) => {
            Standing::of(book.facts().iter().filter(|fact| fact.body.subject() == *subject))
        }
        None => return Standing::default(),
    };
    let id = |name: &String| {
        let named = |person: &&notify::Person| {
            person.id == *name
                || person.name == *name
                || format!("{} ({})", person.name, person.login) == *name
        };
        people.iter().find(named).map(|person| person.id.clone())
    };
    standing.asked = standing.asked.as_ref().and_then(id);
    standing
}

/// Whether whoever reads of it wants to know until when there is time.
fn is_about_time(event: Event) -> bool {
    matches!(
        event,
        Event::RequestReceived | Event::RequestReprioritised | Event::EscalationRaised | Event::PageSent
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sh_def_11_a_letter_says_from_whom_a_message_is_and_nothing_that_a_stranger_could_have_us_send() {
        let from = |written: &str| from_whom(written).unwrap_or_default();
        assert_eq!(from("Ann <ann@example.org>\nPay here"), "From Ann <ann@example.org>");
        assert_eq!(from("Pay at https://evil.example/?now\nx"), "From Pay at httpsevil.examplenow");
        assert_eq!(from(&format!("{}\nx", "é".repeat(200))).chars().count(), 5 + FROM_CHARS_MAX);
        assert_eq!(from("no first line"), "");
        assert_eq!(from("://\nx"), "");
    }
}
