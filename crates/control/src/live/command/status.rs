//! The status page: put up, changed, taken down, and what the public is told of an incident.

use std::collections::BTreeSet;

use facts::{
    ClientId, IncidentId, IncidentStage, IncidentUpdatePublished, InstanceId, StatusPageId, StatusPublished,
    StatusWithdrawn,
};
use sha2::{Digest, Sha256};
use spans::{Instant, Length};
use status::{ABOUT_CHARS_MAX, Accent, Back, COMPONENTS_MAX, FOOTER_CHARS_MAX, NAME_CHARS_MAX, NotABack};

use super::By;
use crate::live::{Book, Control, Done, NotDone};

/// Characters of a page's name in its address.
pub const PAGE_CHARS_MAX: usize = 40;
/// Characters of one update.
const UPDATE_CHARS_MAX: usize = 4_000;

/// Characters of an incident's title, and of a page's.
const TITLE_CHARS_MAX: usize = 200;
/// How an update names an incident that is not there yet.
pub const NEW_INCIDENT: &str = "P-0";
/// How long after it is over something can be told of an incident.
const AFTERWARDS: Length = Length::from_hours(90 * 24);

/// What stands on record for the secret in a page's address: SHA-256, in hex.
pub fn status_key(secret: &str) -> String {
    Sha256::digest(secret).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Control {
    /// Puts a client's status page up, or changes it. It is there with the answer. Its logo stays as it is: that is changed by itself
    /// ([`Control::set_status_logo`]).
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Wrong`] where a field is not as it should be, or an address is another's.
    pub fn publish_status(
        &self,
        client: &ClientId,
        set: StatusPublished,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        fits(&set)?;
        if self.status_is_taken(client, &set) {
            return Err(wrong("page", "that address is not free: choose another"));
        }
        let before = self.read(client, now, |book| book.status_set())?.flatten();
        let act = by.act(client, set.clone(), None);
        let done = self.act_prepared(act, now, |book, act| {
            there(book, "components", set.components.iter().map(|shown| &shown.instance))?;
            let logo = book.status_set().and_then(|stands| stands.set.logo);
            // Its words are tidied by now.
            if let Some(facts::Body::StatusPublished(said)) = act.bodies.first_mut() {
                said.logo = logo;
            }
            Ok(())
        })?;
        if before.is_some_and(|before| shuts_out(&before.set, &set)) {
            self.forget_subscribers(client)?;
        }
        self.write_status_of(client, now)?;
        Ok(done)
    }

    /// Takes a client's status page down.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] where there is none of that name.
    pub fn withdraw_status(
        &self,
        client: &ClientId,
        page: &StatusPageId,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let act = by.act(client, StatusWithdrawn { page: page.clone() }, None);
        let mut logo = None;
        let done = self.act_prepared(act, now, |book, _| match book.status_set() {
            Some(found) if found.set.page == *page => {
                logo = found.set.logo;
                Ok(())
            }
            _ => Err(NotDone::Unknown { noun: "status page", id: page.to_string() }),
        })?;
        self.forget_subscribers(client)?;
        self.forget_logo(client, logo)?;
        self.write_status_of(client, now)?;
        Ok(done)
    }

    fn forget_subscribers(&self, client: &ClientId) -> Result<(), NotDone> {
        let of = client.clone();
        Ok(self.journal().write_for(client, move |tx| tx.forget_subscribers(&of))?)
    }

    /// Tells the public of an incident, on the status page and whoever subscribed to it. It goes on with the one that `update` names, by
    /// its number or as the page names it; [`NEW_INCIDENT`] opens one under the next free number. Without instances it is about those it
    /// was about before, and a new one about all of the page.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Empty`] without a word, [`NotDone::NoSuch`] for an instance that nobody added or an
    /// incident that nobody told of, [`NotDone::OutOfOrder`] where the client has no status page.
    pub fn tell_public(
        &self,
        client: &ClientId,
        update: IncidentUpdatePublished,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        if update.message.trim().is_empty() {
            return Err(NotDone::Empty { field: "message" });
        }
        long("message", &update.message, UPDATE_CHARS_MAX)?;
        if update.title.trim().is_empty() {
            return Err(NotDone::Empty { field: "title" });
        }
        long("title", &update.title, TITLE_CHARS_MAX)?;
        let act = by.act(client, update.clone(), None);
        let done = self.act_prepared(act, now, |book, act| {
            if book.status_set().is_none() {
                return Err(NotDone::OutOfOrder {
                    what: "there is no status page",
                    instead: "put one up first",
                });
            }
            there(book, "instances", update.instances.iter())?;
            act.bodies = vec![book.goes_on(&update)?.into()];
            Ok(())
        })?;
        self.write_status_of(client, now)?;
        Ok(done)
    }
}

impl Book {
    /// What was told last of each public incident that more may be told of, the newest first: those that go on, and for
    /// [`AFTERWARDS`] those that are over, so that what became of them can be told.
    pub fn public_incidents_to_tell(&self, now: Instant) -> Vec<IncidentUpdatePublished> {
        let mut last: Vec<(Instant, &IncidentUpdatePublished)> = Vec::new();
        for fact in self.facts().iter().rev() {
            if let facts::Body::IncidentUpdatePublished(update) = &fact.body
                && !last.iter().any(|(_, known)| known.incident == update.incident)
            {
                last.push((fact.at, update));
            }
        }
        let is_over = |stage| matches!(stage, IncidentStage::Resolved | IncidentStage::Postmortem);
        let tells = last.into_iter().filter(|(at, update)| !is_over(update.stage) || now <= *at + AFTERWARDS);
        tells.map(|(_, update)| update.clone()).collect()
    }

    /// An update with the incident's number, and what it is about.
    fn goes_on(&self, update: &IncidentUpdatePublished) -> Result<IncidentUpdatePublished, NotDone> {
        let known = self.public_incidents();
        if update.incident.as_str() == NEW_INCIDENT {
            return Ok(IncidentUpdatePublished { incident: next_incident(&known), ..update.clone() });
        }
        let named =
            |id: &&IncidentId| **id == update.incident || self.public_name(id) == update.incident.as_str();
        let Some(incident) = known.iter().find(named) else {
            return Err(NotDone::NoSuch { field: "incident", id: update.incident.to_string() });
        };
        let mut update = IncidentUpdatePublished { incident: incident.clone(), ..update.clone() };
        if update.instances.is_empty() {
            let before = self.facts().iter().rev().find_map(|fact| match &fact.body {
                facts::Body::IncidentUpdatePublished(said) if said.incident == update.incident => Some(said),
                _ => None,
            });
            update.instances = before.map_or_else(Vec::new, |before| before.instances.clone());
        }
        Ok(update)
    }

    /// What the page calls a public incident.
    fn public_name(&self, incident: &IncidentId) -> String {
        status::public_id(&[self.client().as_str(), "incident", incident.as_str()])
    }

    /// Every incident that the public was told of.
    pub fn public_incidents(&self) -> BTreeSet<IncidentId> {
        let told = self.facts().iter().filter_map(|fact| match &fact.body {
            facts::Body::IncidentUpdatePublished(update) => Some(update.incident.clone()),
            _ => None,
        });
        told.collect()
    }
}

/// Whether somebody who could see the page no longer can, or need not be able to.
fn shuts_out(before: &StatusPublished, after: &StatusPublished) -> bool {
    !after.public && (before.public || before.key != after.key)
}

fn next_incident(known: &BTreeSet<IncidentId>) -> IncidentId {
    let numbers = known.iter().filter_map(|id| id.as_str().strip_prefix("P-")?.parse::<u64>().ok());
    let next = numbers.max().map_or(1, |last| last.saturating_add(1));
    format!("P-{next}").parse().expect("P, a hyphen and a number are an id")
}

fn there<'i>(
    book: &Book,
    field: &'static str,
    wanted: impl Iterator<Item = &'i InstanceId>,
) -> Result<(), NotDone> {
    let known = book.instance_names();
    let mut wanted = wanted;
    let stranger = wanted.find(|id| !known.iter().any(|(known, _)| known == *id));
    stranger.map_or(Ok(()), |id| Err(NotDone::NoSuch { field, id: id.to_string() }))
}

fn fits(set: &StatusPublished) -> Result<(), NotDone> {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let page = set.page.as_str();
    if PAGE_CHARS_MAX < page.len() || !page.chars().all(word) {
        return Err(wrong("page", "write up to 40 lower-case letters, digits and hyphens"));
    }
    if set.title.trim().is_empty() {
        return Err(NotDone::Empty { field: "title" });
    }
    long("title", &set.title, TITLE_CHARS_MAX)?;
    if set.components.is_empty() {
        return Err(NotDone::Empty { field: "components" });
    }
    let (found, max) = (set.components.len(), COMPONENTS_MAX);
    if max < found {
        return Err(NotDone::TooMuch { what: "systems on a status page", found, max });
    }
    let mut seen = BTreeSet::new();
    for shown in &set.components {
        if shown.name.trim().is_empty() {
            return Err(NotDone::Empty { field: "name" });
        }
        long("name", &shown.name, NAME_CHARS_MAX)?;
        long("about", shown.about.as_deref().unwrap_or_default(), ABOUT_CHARS_MAX)?;
        if !seen.insert(&shown.instance) {
            return Err(wrong("components", &format!("{} stands there twice", shown.instance)));
        }
    }
    if let Some(accent) = &set.accent {
        accent.parse::<Accent>().map_err(|why| wrong("accent", &why.to_string()))?;
    }
    if set.public && set.key.is_some() {
        return Err(wrong("key", "anybody may see this page: it needs no secret address"));
    }
    if let Some(back) = &set.back {
        let named = |why: NotABack| wrong(&format!("back.{}", why.field), why.why);
        Back::new(&back.label, &back.url).map_err(named)?;
    }
    long("footer", set.footer.as_deref().unwrap_or_default(), FOOTER_CHARS_MAX)?;
    set.domain.as_deref().map_or(Ok(()), |domain| host(set, domain))
}

fn host(set: &StatusPublished, domain: &str) -> Result<(), NotDone> {
    if !set.public {
        return Err(wrong("domain", "a page that is not public has no host name of its own"));
    }
    if !status::is_host_name(domain) {
        return Err(wrong("domain", "write a host name in lower-case letters, such as status.example.com"));
    }
    Ok(())
}

pub(super) fn long(field: &str, text: &str, max: usize) -> Result<(), NotDone> {
    let found = text.chars().count();
    if found <= max {
        return Ok(());
    }
    Err(wrong(field, &format!("it has {found} characters, and may have {max}")))
}

pub(super) fn wrong(field: &str, why: &str) -> NotDone {
    NotDone::Wrong { field: field.to_owned(), why: why.to_owned() }
}
