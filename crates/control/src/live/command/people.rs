//! Whom a client names, and that somebody looked through the list. The people themselves, their doors and names, are kept by the
//! portal; here are the facts about them, by their ids.

use std::collections::BTreeMap;

use agreement::Permission;
use desk::contact::{Change, Notice, changes};
use facts::{
    AccessReviewed, Body, ClientId, ContactChange, ContactChangeApplied, ContactChangeRequested, ContactId,
    Event, Fact, ReviewId, Side,
};
use spans::Instant;

use super::By;
use crate::live::{Book, Control, Done, NotDone};

/// A clause that gives a role no door: end users have their own client to ask.
const NO_DOOR: &str = "SH-REQ-04";

/// A role that people of a client may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRole {
    /// The agreement's word.
    pub word: String,
    /// The clauses that name it.
    pub clauses: Vec<String>,
    /// Whether it may ask for support: of those there is always one (MP-CLI-04, SH-DEF-12).
    pub primary: bool,
}

impl Control {
    /// Puts on record that a client names somebody, who counts when the notice is over (SH-REQ-06).
    ///
    /// # Errors
    /// Why not, as [`Control::act`].
    pub fn name_contact(
        &self,
        client: &ClientId,
        contact: &ContactId,
        roles: Vec<String>,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let change = ContactChange::Add;
        let asked = ContactChangeRequested { contact: contact.clone(), change, roles };
        self.act_prepared(by.act(client, asked, None), now, |_, _| Ok(()))
    }

    /// Puts on record that a client removes somebody, who is gone at once (SH-DEF-12, A-31).
    ///
    /// # Errors
    /// Why not, as [`Control::act`]: the last of those who must be named stays (MP-CLI-04).
    pub fn remove_contact(
        &self,
        client: &ClientId,
        contact: &ContactId,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let change = ContactChange::Remove;
        let asked = ContactChangeRequested { contact: contact.clone(), change, roles: Vec::new() };
        self.act_prepared(by.act(client, asked, None), now, |_, _| Ok(()))
    }

    /// Puts a contact into effect before the notice is over: the provider's to do.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::OutOfOrder`] for who counts already, and by the client.
    pub fn apply_contact(
        &self,
        client: &ClientId,
        contact: &ContactId,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let (side, whom) = (by.actor.side, contact.clone());
        let applied = ContactChangeApplied { contact: contact.clone() };
        self.act_prepared(by.act(client, applied, None), now, move |book, _| {
            let waits = |change: &Change| {
                change.contact == whom && change.change == ContactChange::Add && now < change.effective
            };
            match book.contact_changes(now).iter().rev().find(|change| change.contact == whom) {
                _ if side != Side::Provider => Err(NotDone::OutOfOrder {
                    what: "the notice is the provider's to shorten",
                    instead: "ask for it, or wait until it is over",
                }),
                Some(change) if waits(change) => Ok(()),
                _ => Err(NotDone::OutOfOrder {
                    what: "no notice runs for this contact",
                    instead: "look at the list again",
                }),
            }
        })
    }

    /// Puts on record that somebody looked through who may come in (MP-CLI-03).
    ///
    /// # Errors
    /// Why not, as [`Control::act`].
    pub fn review_access(
        &self,
        client: &ClientId,
        review: ReviewId,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        self.act_prepared(by.act(client, AccessReviewed { review }, None), now, |_, _| Ok(()))
    }
}

impl Book {
    /// The changes of contacts so far, in order, each with the day from which it counts.
    pub fn contact_changes(&self, now: Instant) -> Vec<Change> {
        let told: Vec<Fact> = self.facts().iter().filter(|fact| is_told(fact)).cloned().collect();
        changes(&told, &self.notices(&told, now))
    }

    fn notices(&self, told: &[Fact], now: Instant) -> Vec<Notice> {
        let Some(versions) = self.versions() else { return Vec::new() };
        // Facts of one instant are told a microsecond apart: the last of them counts too.
        let now = told.iter().map(|fact| fact.at).fold(now, Instant::max);
        let asked: BTreeMap<ContactId, Vec<Instant>> =
            told.iter().filter_map(added).fold(BTreeMap::new(), |mut all, (contact, at)| {
                all.entry(contact).or_default().push(at);
                all
            });
        let owed = promise::obligation::obligations(versions, told, now);
        let of_contact = owed.into_iter().filter_map(|owed| {
            let contact = ContactId(owed.subject.id.clone());
            let started = asked.get(&contact)?.iter().find(|at| **at == owed.started).copied()?;
            Some(Notice { contact, asked: started, over: owed.due?, clauses: owed.clauses().to_vec() })
        });
        of_contact.collect()
    }

    /// The clauses by which a new contact counts after a notice; none where the agreement gives none (SH-REQ-06).
    pub fn contact_notice(&self) -> Vec<String> {
        let agreement = self.versions().map(|versions| versions.latest().agreement());
        let rules = agreement.into_iter().flat_map(|agreement| &agreement.obligation);
        let on_change = rules.filter(|rule| rule.on.event == Event::ContactChangeRequested);
        on_change.flat_map(|rule| rule.clause.ids.iter().cloned()).collect()
    }

    /// The roles that people of this client may have, by the agreement's words; without those that have no door.
    pub fn contact_roles(&self) -> Vec<ContactRole> {
        let Some(versions) = self.versions() else { return Vec::new() };
        let roles = versions.latest().agreement().role.iter();
        let theirs = roles.filter(|(_, role)| {
            let has_door = !role.clause.ids.iter().any(|clause| clause == NO_DOOR);
            role.side == Side::Client && (has_door || !role.may.is_empty())
        });
        let told = theirs.map(|(word, role)| ContactRole {
            word: word.clone(),
            clauses: role.clause.ids.clone(),
            primary: role.may.contains(&Permission::RequestOpen) && word != "requester",
        });
        told.collect()
    }
}

fn is_told(fact: &Fact) -> bool {
    matches!(fact.event(), Event::ContactChangeRequested | Event::ContactChangeApplied)
}

fn added(fact: &Fact) -> Option<(ContactId, Instant)> {
    match &fact.body {
        Body::ContactChangeRequested(asked) if asked.change == ContactChange::Add => {
            Some((asked.contact.clone(), fact.at))
        }
        _ => None,
    }
}
