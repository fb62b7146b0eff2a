//! How the desk arranges tickets: who has one, what it is called among the provider's people, what belongs together. None of it
//! meets or moves a clock by itself; what a merge does to clocks is the engine's.

use facts::{
    Body, ClientId, Event, Fact, Link, Noun, RequestAssigned, RequestLinked, RequestMerged, RequestParted,
    RequestReceived, RequestTagged, RequestUnlinked, RequestUnwatched, RequestWatched, RequestWithdrawn,
    Slug, TicketId,
};
use spans::Instant;

use super::{By, ticket::number};
use crate::live::{Act, Book, Control, Done, NotDone, Recall};

/// Tags of one ticket.
pub const TAGS_MAX: usize = 20;
/// Letters of a tag.
pub const TAG_CHARS_MAX: usize = 40;
/// Tickets in one bulk act.
pub const BULK_MAX: usize = 100;

/// How a ticket is arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrangement {
    /// Somebody takes it on, or is given it; none: nobody has it.
    Assign(Option<String>),
    /// Words of the provider's people are put on and taken off.
    Tag {
        /// Those put on.
        add: Vec<String>,
        /// Those taken off.
        remove: Vec<String>,
    },
    /// This person is told of everything about it.
    Watch(String),
    /// This person is no longer told.
    Unwatch(String),
    /// It has to do with another one.
    Link(TicketId, Link),
    /// It has not.
    Unlink(TicketId),
    /// It goes on in another one.
    Merge(TicketId),
    /// It stands by itself again.
    Part,
    /// The client takes it back.
    Withdraw,
}

impl Arrangement {
    /// That it says something, and what it names is there.
    fn stands(&self, book: &Book, ticket: &TicketId) -> Result<(), NotDone> {
        let wrong =
            |field: &str, why: &str| Err(NotDone::Wrong { field: field.to_owned(), why: why.to_owned() });
        match self {
            Arrangement::Tag { add, remove } if add.is_empty() && remove.is_empty() => {
                Err(NotDone::Empty { field: "tags" })
            }
            Arrangement::Tag { add, remove } => {
                let after =
                    book.tags(&ticket.0).into_iter().filter(|tag| !remove.contains(tag)).chain(add.clone());
                let found = after.collect::<std::collections::BTreeSet<String>>().len();
                if TAGS_MAX < found {
                    return Err(NotDone::TooMuch { what: "tags of one ticket", found, max: TAGS_MAX });
                }
                add.iter().try_for_each(|tag| is_tag(tag))
            }
            Arrangement::Link(to, _) | Arrangement::Merge(to) if to == ticket => {
                wrong("to", "it is the ticket itself: name another one")
            }
            Arrangement::Merge(_) if book.merged_into(&ticket.0).is_some() => Err(NotDone::OutOfOrder {
                what: "it goes on in another one already",
                instead: "part it first",
            }),
            Arrangement::Link(to, _) | Arrangement::Unlink(to) | Arrangement::Merge(to) => book.there(to),
            Arrangement::Part if book.merged_into(&ticket.0).is_none() => {
                Err(NotDone::OutOfOrder { what: "it stands by itself", instead: "there is nothing to part" })
            }
            Arrangement::Withdraw if !book.is_open(ticket) => Err(NotDone::OutOfOrder {
                what: "it is closed already",
                instead: "there is nothing to take back",
            }),
            _ => Ok(()),
        }
    }

    fn body(self, book: &Book, ticket: TicketId) -> Result<Body, NotDone> {
        Ok(match self {
            Arrangement::Assign(to) => RequestAssigned { ticket, to }.into(),
            Arrangement::Tag { add, remove } => RequestTagged { ticket, add, remove }.into(),
            Arrangement::Watch(person) => RequestWatched { ticket, person }.into(),
            Arrangement::Unwatch(person) => RequestUnwatched { ticket, person }.into(),
            Arrangement::Link(to, link) => RequestLinked { ticket, to, link }.into(),
            Arrangement::Unlink(to) => RequestUnlinked { ticket, to }.into(),
            Arrangement::Merge(into) => RequestMerged { ticket, into }.into(),
            Arrangement::Part => {
                let from = book.merged_into(&ticket.0).ok_or(NotDone::Changed)?;
                RequestParted { ticket, from }.into()
            }
            Arrangement::Withdraw => RequestWithdrawn { ticket }.into(),
        })
    }

    /// The other ticket that it names.
    fn other(&self) -> Option<&TicketId> {
        match self {
            Arrangement::Link(to, _) | Arrangement::Unlink(to) | Arrangement::Merge(to) => Some(to),
            _ => None,
        }
    }

    /// What a fact about a ticket arranged; none for one that arranges nothing.
    fn of(body: &Body) -> Option<Arrangement> {
        Some(match body {
            Body::RequestAssigned(assigned) => Arrangement::Assign(assigned.to.clone()),
            Body::RequestTagged(tagged) => {
                Arrangement::Tag { add: tagged.add.clone(), remove: tagged.remove.clone() }
            }
            Body::RequestWatched(watched) => Arrangement::Watch(watched.person.clone()),
            Body::RequestUnwatched(watched) => Arrangement::Unwatch(watched.person.clone()),
            Body::RequestLinked(linked) => Arrangement::Link(linked.to.clone(), linked.link),
            Body::RequestMerged(merged) => Arrangement::Merge(merged.into.clone()),
            _ => return None,
        })
    }

    /// What undoes it, where it was done to a ticket as these facts left it.
    fn undone(&self, before: &[Fact]) -> Option<Arrangement> {
        let tags = tags(before);
        Some(match self {
            Arrangement::Assign(_) => Arrangement::Assign(assignee(before)),
            Arrangement::Tag { add, remove } => Arrangement::Tag {
                add: remove.iter().filter(|tag| tags.contains(tag)).cloned().collect(),
                remove: add.iter().filter(|tag| !tags.contains(tag)).cloned().collect(),
            },
            Arrangement::Watch(person) => Arrangement::Unwatch(person.clone()),
            Arrangement::Unwatch(person) => Arrangement::Watch(person.clone()),
            Arrangement::Link(to, _) => Arrangement::Unlink(to.clone()),
            Arrangement::Merge(_) => Arrangement::Part,
            Arrangement::Unlink(_) | Arrangement::Part | Arrangement::Withdraw => return None,
        })
    }
}

/// A ticket that was arranged, and what takes it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arranged {
    /// What was recorded.
    pub done: Done,
    /// What undoes it; none for what is not undone so.
    pub undo: Option<Arrangement>,
}

impl Control {
    /// Arranges a ticket.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] for a ticket that is not there.
    pub fn arrange(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        how: Arrangement,
        by: By,
        now: Instant,
    ) -> Result<Arranged, NotDone> {
        self.arrange_while(client, ticket, how, by, now, |_| Ok(()))
    }

    /// Takes back what was arranged, as long as it stands: a ticket that somebody else was given since stays theirs.
    ///
    /// # Errors
    /// As [`Control::arrange`]; [`NotDone::OutOfOrder`] where it was given on.
    pub fn take_back(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        (given, how): (Option<Option<String>>, Arrangement),
        by: By,
        now: Instant,
    ) -> Result<Arranged, NotDone> {
        self.arrange_while(client, ticket, how, by, now, |book| match &given {
            Some(given) if book.assignee(&ticket.0) != *given => Err(NotDone::OutOfOrder {
                what: "somebody else has it since",
                instead: "give it to whom you mean",
            }),
            _ => Ok(()),
        })
    }

    /// What this person arranged about a ticket under this number of the client's journal, and what takes it back; none where that
    /// entry is something else, of somebody else, or not there.
    ///
    /// # Errors
    /// The journal's.
    pub fn arranged_by(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        (seq, who): (u64, &str),
        now: Instant,
    ) -> journal::Result<Option<(Arrangement, Arrangement)>> {
        let Some(after) = seq.checked_sub(1) else { return Ok(None) };
        let entry = self.journal().tail(client, after, 1)?.into_iter().next();
        let theirs = entry.filter(|entry| entry.seq == seq && entry.fact.actor.id == who);
        let Some(fact) = theirs.map(|entry| entry.fact) else { return Ok(None) };
        let Some(done) = Arrangement::of(&fact.body) else { return Ok(None) };
        let recall = |_: &Book| Recall::Tickets(vec![ticket.0.clone()]);
        let undo = |book: &Book| {
            let about = book.facts_of(&ticket.0);
            let at = about.iter().position(|known| known.id == fact.id)?;
            done.undone(&about[..at])
        };
        let undo = self.read_recalling(client, now, recall, undo)?.flatten();
        Ok(undo.map(|undo| (done.clone(), undo)))
    }

    fn arrange_while(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        how: Arrangement,
        by: By,
        now: Instant,
        still: impl Fn(&Book) -> Result<(), NotDone>,
    ) -> Result<Arranged, NotDone> {
        self.is_staff(&how, now)?;
        let read = by.read;
        // Which body it is, is said once the book is at hand.
        let mut act = by.act(client, RequestWithdrawn { ticket: ticket.clone() }, None);
        act.recall = how.other().map(|other| other.0.clone()).into_iter().collect();
        let mut undo = None;
        let done = self.act_prepared(act, now, |book, act: &mut Act| {
            book.stands(Noun::Ticket, &ticket.0, read)?;
            still(book)?;
            how.stands(book, ticket)?;
            undo = how.undone(book.facts_of(&ticket.0));
            act.bodies = vec![how.clone().body(book, ticket.clone())?];
            Ok(())
        })?;
        Ok(Arranged { done, undo })
    }

    /// A ticket is given to somebody who works here now: nobody else would hear of it.
    fn is_staff(&self, how: &Arrangement, now: Instant) -> Result<(), NotDone> {
        let Arrangement::Assign(Some(to)) = how else { return Ok(()) };
        if self.staff(now)?.iter().any(|person| person.id == *to) {
            return Ok(());
        }
        let why = "it names nobody of the provider's people who is here now: choose somebody of the list";
        Err(NotDone::Wrong { field: "to".to_owned(), why: why.to_owned() })
    }

    /// Makes a ticket of its own from a part of another one: its clocks run from the receipt of the first, and what was said
    /// there before counts for both.
    ///
    /// # Errors
    /// Why not, as [`Control::act`].
    pub fn split(
        &self,
        client: &ClientId,
        from: &TicketId,
        title: &str,
        text: String,
        by: By,
        now: Instant,
    ) -> Result<(TicketId, Done), NotDone> {
        for (field, said) in [("title", title), ("text", text.as_str())] {
            if said.trim().is_empty() {
                return Err(NotDone::Empty { field });
            }
        }
        let act = by.act(client, RequestWithdrawn { ticket: from.clone() }, Some(text));
        let done = self.act_prepared(act, now, |book, act: &mut Act| {
            book.stands(Noun::Ticket, &from.0, None)?;
            let (received, first) = book.receipt(&from.0).ok_or(NotDone::Changed)?;
            act.at = Some(received);
            let ticket = number(book.highest_number().saturating_add(1));
            let split_from = Some(from.clone());
            act.bodies = vec![
                RequestReceived {
                    ticket,
                    title: Some(title.to_owned()),
                    split_from,
                    text: None,
                    ..first.clone()
                }
                .into(),
            ];
            Ok(())
        })?;
        Ok((self.ticket_received(client, &done)?, done))
    }
}

impl Book {
    /// Who has a ticket: the person's id.
    pub(crate) fn assignee(&self, ticket: &Slug) -> Option<String> {
        assignee(self.facts_of(ticket))
    }

    /// The provider's own words on a ticket, sorted.
    pub(crate) fn tags(&self, ticket: &Slug) -> Vec<String> {
        tags(self.facts_of(ticket))
    }

    /// Who is told of everything about a ticket: people's ids, sorted.
    pub(crate) fn watchers(&self, ticket: &Slug) -> Vec<String> {
        let mut watchers = std::collections::BTreeSet::new();
        for fact in self.facts_of(ticket) {
            match &fact.body {
                Body::RequestWatched(watched) => {
                    watchers.insert(watched.person.clone());
                }
                Body::RequestUnwatched(watched) => {
                    watchers.remove(&watched.person);
                }
                _ => {}
            }
        }
        watchers.into_iter().collect()
    }

    /// The ticket in which this one goes on.
    pub(crate) fn merged_into(&self, ticket: &Slug) -> Option<TicketId> {
        let last = self.facts_of(ticket).iter().rev().find_map(|fact| match &fact.body {
            Body::RequestMerged(merged) if merged.ticket.0 == *ticket => Some(Some(merged.into.clone())),
            Body::RequestParted(parted) if parted.ticket.0 == *ticket => Some(None),
            _ => None,
        });
        last.flatten()
    }

    /// What a ticket has to do with others: the other one, what the first is to it, and whether this one is the first.
    pub(crate) fn links(&self, ticket: &Slug) -> Vec<(TicketId, Link)> {
        let mut links: Vec<(TicketId, Link)> = Vec::new();
        for fact in self.facts_of(ticket) {
            match &fact.body {
                Body::RequestLinked(linked) => {
                    links.retain(|(to, _)| *to != linked.to);
                    links.push((linked.to.clone(), linked.link));
                }
                Body::RequestUnlinked(linked) => links.retain(|(to, _)| *to != linked.to),
                _ => {}
            }
        }
        links
    }

    /// When a ticket was received, and what was said then.
    fn receipt(&self, ticket: &Slug) -> Option<(Instant, &RequestReceived)> {
        self.facts_of(ticket).iter().find_map(|fact| match &fact.body {
            Body::RequestReceived(request) => Some((fact.at, request)),
            _ => None,
        })
    }

    /// That there is such a ticket.
    fn there(&self, ticket: &TicketId) -> Result<(), NotDone> {
        let is_there = self.facts_of(&ticket.0).iter().any(|fact| fact.event() == Event::RequestReceived);
        let unknown = || NotDone::Unknown { noun: Noun::Ticket.name(), id: ticket.to_string() };
        if is_there { Ok(()) } else { Err(unknown()) }
    }
}

fn assignee(facts: &[Fact]) -> Option<String> {
    let last = facts.iter().rev().find_map(|fact| match &fact.body {
        Body::RequestAssigned(assigned) => Some(assigned.to.clone()),
        _ => None,
    });
    last.flatten()
}

fn tags(facts: &[Fact]) -> Vec<String> {
    let mut tags = std::collections::BTreeSet::new();
    for fact in facts {
        if let Body::RequestTagged(tagged) = &fact.body {
            tags.extend(tagged.add.iter().cloned());
            tagged.remove.iter().for_each(|tag| {
                tags.remove(tag);
            });
        }
    }
    tags.into_iter().collect()
}

/// A tag is one word or a few, in letters that everybody can type.
fn is_tag(tag: &str) -> Result<(), NotDone> {
    let fits = (1..=TAG_CHARS_MAX).contains(&tag.chars().count())
        && tag.chars().all(|c| c.is_alphanumeric() || " -_./:".contains(c))
        && tag.trim() == tag;
    let wrong = || NotDone::Wrong {
        field: "tags".to_owned(),
        why: format!("`{tag}` is no tag: use up to {TAG_CHARS_MAX} letters, digits, blanks and - _ . / :"),
    };
    if fits { Ok(()) } else { Err(wrong()) }
}
