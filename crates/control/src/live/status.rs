//! Status pages in memory: each client's as it was written last, so that it is served while the store is down, and says of when it is.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use facts::{ClientId, StatusPublished};
use spans::{Instant, Length};
use status::Page;

use super::{Control, command::status_key, each::each, query::StatusSet};

/// How long a page stands until it is written again, where nothing but answers of instances came in.
pub const PAGE_KEPT: Length = Length::MINUTE;

/// A status page that is up.
#[derive(Debug)]
pub struct Shown {
    /// Whose.
    pub client: ClientId,
    /// How it is set up.
    pub set: StatusPublished,
    /// When that was said: of two that claim one address the earlier has it.
    pub changed: Instant,
    /// The page.
    pub page: Page,
    /// The image at its head; none where it has none, or its bytes are gone.
    pub logo: Option<Arc<[u8]>>,
}

/// Every client's page, as it was written last.
#[derive(Debug, Default)]
pub(super) struct Board {
    pages: RwLock<BTreeMap<ClientId, Kept>>,
}

#[derive(Debug, Clone)]
struct Kept {
    /// How much was known when it was written.
    mark: (usize, usize),
    written: Instant,
    /// None of a client that has none.
    shown: Option<Arc<Shown>>,
}

impl Control {
    /// Writes every page again that something has happened to, or that was written [`PAGE_KEPT`] ago. While the journal does not
    /// answer, what was written last stands: what is seen meanwhile is not on record.
    ///
    /// # Errors
    /// The journal's, the first of them.
    pub fn write_status(&self, now: Instant) -> journal::Result<()> {
        self.journal.heads()?;
        each(self.clients(), |client| self.write_status_of(&client, now))
    }

    /// The same of one client, at once.
    pub(super) fn write_status_of(&self, client: &ClientId, now: Instant) -> journal::Result<()> {
        let before = self.board.kept(client);
        let read = self.read(client, now, |book| {
            let mark = book.status_mark();
            let stands = before.is_some_and(|kept| {
                kept.mark == mark
                    && (kept.shown.is_none() || kept.written <= now && now < kept.written + PAGE_KEPT)
            });
            if stands {
                return None;
            }
            Some((mark, book.status_set().zip(book.status_page(now))))
        })?;
        if let Some((mark, drawn)) = read.flatten() {
            let shown = drawn.map(|(found, page)| self.with_logo(client, found, page)).transpose()?;
            self.board.keep(client, Kept { mark, written: now, shown: shown.map(Arc::new) });
        }
        Ok(())
    }

    /// A page with the bytes of its logo, which are read where they are not in memory already; without one where they are gone.
    fn with_logo(&self, client: &ClientId, found: StatusSet, page: Page) -> journal::Result<Shown> {
        let digest = found.set.logo.as_ref().map(|logo| logo.sha256.clone());
        let before = self.status_of(client).filter(|before| {
            before.set.logo.as_ref().map(|logo| &logo.sha256) == digest.as_ref() && before.logo.is_some()
        });
        let logo = match (before, digest) {
            (Some(before), _) => before.logo.clone(),
            (None, Some(digest)) => self.journal.read(|tx| tx.logo(client, &digest))?.map(Arc::from),
            (None, None) => None,
        };
        let page = Page { logo: page.logo.filter(|_| logo.is_some()), ..page };
        Ok(Shown { client: client.clone(), set: found.set, changed: found.changed, page, logo })
    }

    /// A client's page as it was written last. Asks nothing but memory, as all that follows.
    pub fn status_of(&self, client: &ClientId) -> Option<Arc<Shown>> {
        self.board.kept(client)?.shown
    }

    /// The page at an address: a public one by its name, another by the secret in its address.
    pub fn status_at(&self, address: &str) -> Option<Arc<Shown>> {
        let key = status_key(address);
        self.board.first(|set| match set.public {
            true => set.page.as_str() == address,
            false => set.key.as_ref() == Some(&key),
        })
    }

    /// The public page that has this host name of its own.
    pub fn status_on(&self, host: &str) -> Option<Arc<Shown>> {
        let is = |domain: &String| domain.eq_ignore_ascii_case(host);
        self.board.first(|set| set.public && set.domain.as_ref().is_some_and(is))
    }

    /// Whether a page of another client has an address or a host name already.
    pub(super) fn status_is_taken(&self, client: &ClientId, set: &StatusPublished) -> bool {
        let other = |shown: &Shown| {
            let same_host = set.domain.is_some() && shown.set.domain == set.domain;
            shown.client != *client && (shown.set.page == set.page || same_host)
        };
        self.board.all().iter().any(|shown| other(shown))
    }
}

impl Board {
    fn kept(&self, client: &ClientId) -> Option<Kept> {
        self.pages.read().unwrap_or_else(PoisonError::into_inner).get(client).cloned()
    }

    fn keep(&self, client: &ClientId, kept: Kept) {
        self.pages.write().unwrap_or_else(PoisonError::into_inner).insert(client.clone(), kept);
    }

    fn all(&self) -> Vec<Arc<Shown>> {
        let pages = self.pages.read().unwrap_or_else(PoisonError::into_inner);
        pages.values().filter_map(|kept| kept.shown.clone()).collect()
    }

    /// The page of those that fit whose client said so first.
    fn first(&self, fits: impl Fn(&StatusPublished) -> bool) -> Option<Arc<Shown>> {
        let pages = self.pages.read().unwrap_or_else(PoisonError::into_inner);
        let shown = pages.values().filter_map(|kept| kept.shown.as_ref()).filter(|shown| fits(&shown.set));
        shown.min_by_key(|shown| (shown.page.since, shown.client.clone())).cloned()
    }
}
