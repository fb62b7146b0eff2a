//! Looking at what a book does not hold: tickets that ended long ago are read from the journal for as long as somebody looks.

use facts::{ClientId, Slug};
use journal::index::Unindexed;
use spans::Instant;

use super::{Book, Control, Recall, lock, query::Line};

/// Entries of a client that wait to be indexed; so many of them are. A search looks through those that wait.
pub(super) const UNINDEXED_MAX: usize = 64;
/// Entries that are indexed at once while a client's journal is read from its beginning.
pub(super) const INDEXED_AT_ONCE: usize = 4_096;
/// Wishes of one client in a list.
pub const WISHES_MAX: usize = 200;

impl Control {
    /// As [`Control::read`], with tickets that ended long ago.
    ///
    /// # Errors
    /// The journal's.
    pub fn read_with<T>(
        &self,
        client: &ClientId,
        recall: &Recall,
        now: Instant,
        look: impl FnOnce(&Book) -> T,
    ) -> journal::Result<Option<T>> {
        self.read_recalling(client, now, |_| recall.clone(), look)
    }

    /// Lines of tickets, the newest first: all of them or closed ones only. `before`: only those that stand after that one.
    ///
    /// # Errors
    /// The journal's.
    pub fn newest_lines(
        &self,
        client: &ClientId,
        open_too: bool,
        before: Option<&(Instant, Slug)>,
        limit: usize,
        now: Instant,
    ) -> journal::Result<Option<Vec<Line>>> {
        let ids = |book: &Book| -> Vec<Slug> {
            book.newest(open_too, before, limit).into_iter().map(|(_, ticket)| ticket).collect()
        };
        let lines = |book: &Book| ids(book).iter().filter_map(|ticket| book.line(ticket, now)).collect();
        let recall = |book: &Book| Recall::Tickets(book.to_recall_lines(ids(book), now));
        self.read_recalling(client, now, recall, lines)
    }

    /// Feature requests that were logged for consideration, the newest first, up to [`WISHES_MAX`] (SH-ACK-04).
    ///
    /// # Errors
    /// The journal's.
    pub fn wishes(&self, client: &ClientId, now: Instant) -> journal::Result<Vec<Line>> {
        let newest = |book: &Book| {
            let mut wishes = book.wishes();
            wishes.truncate(WISHES_MAX);
            wishes
        };
        let lines = |book: &Book| newest(book).iter().filter_map(|ticket| book.line(ticket, now)).collect();
        let recall = |book: &Book| Recall::Tickets(book.to_recall_lines(newest(book), now));
        let found = self.read_recalling(client, now, recall, lines)?;
        Ok(found.unwrap_or_default())
    }

    /// The lines of tickets of these names, of those that are there, in their order.
    ///
    /// # Errors
    /// The journal's.
    pub fn lines(&self, client: &ClientId, tickets: &[Slug], now: Instant) -> journal::Result<Vec<Line>> {
        let recall = |book: &Book| Recall::Tickets(book.to_recall_lines(tickets.to_vec(), now));
        let lines = |book: &Book| tickets.iter().filter_map(|ticket| book.line(ticket, now)).collect();
        let found = self.read_recalling(client, now, recall, lines)?;
        Ok(found.unwrap_or_default())
    }

    /// As [`Control::read_with`], where the book itself says what is to be recalled.
    pub(super) fn read_recalling<T>(
        &self,
        client: &ClientId,
        now: Instant,
        recall: impl FnOnce(&Book) -> Recall,
        look: impl FnOnce(&Book) -> T,
    ) -> journal::Result<Option<T>> {
        let Some(book) = self.book(client) else { return Ok(None) };
        let mut book = lock(&book);
        self.settle_if_due(&mut book, now)?;
        let recall = recall(&book);
        let recalled = self.recall(&mut book, &recall)?;
        let found = look(&book);
        recalled.into_iter().for_each(|(ticket, ended)| book.put_back(&ticket, ended));
        Ok(Some(found))
    }

    /// Reads tickets from the journal into the book; those that were read.
    pub(super) fn recall(
        &self,
        book: &mut Book,
        recall: &Recall,
    ) -> journal::Result<Vec<(Slug, super::book::Ended)>> {
        let tickets = book.to_recall(recall);
        if tickets.is_empty() {
            return Ok(Vec::new());
        }
        let (client, seq) = (book.client().clone(), book.seq());
        let mut read = self.journal.glance(|tx| tx.ticket_facts(&client, &tickets, seq))?;
        let named =
            read.values_mut().flatten().filter_map(|fact| Some((fact.id, self.names.put_into(fact)?)));
        book.note_actors(named.collect());
        let put = tickets.into_iter().map(|ticket| (read.remove(&ticket).unwrap_or_default(), ticket));
        Ok(put
            .filter_map(|(facts, ticket)| Some((book.recalled(&ticket, facts)?, ticket)))
            .map(|(ended, ticket)| (ticket, ended))
            .collect())
    }

    /// Writes everything about a client's tickets into the journal's index now. What is erased afterwards is erased from there too.
    ///
    /// # Errors
    /// The journal's.
    pub fn index_now(&self, client: &ClientId) -> journal::Result<()> {
        let Some(book) = self.book(client) else { return Ok(()) };
        let mut book = lock(&book);
        self.catch_up(&mut book)?;
        self.index(&mut book, 1)
    }

    /// Writes what is about tickets into the journal's index, where at least so many entries wait for it.
    pub(super) fn index(&self, book: &mut Book, enough: usize) -> journal::Result<()> {
        if book.unindexed_len() < enough {
            return Ok(());
        }
        let (seq, Unindexed { client, rows }) = (book.seq(), book.unindexed());
        self.journal.write_for(book.client(), move |tx| tx.index(&client, seq, &rows))?;
        book.is_indexed(seq);
        Ok(())
    }

    /// Lets go of tickets that ended long enough ago.
    pub(super) fn let_go(&self, book: &mut Book, now: Instant) -> journal::Result<()> {
        if book.may_let_go(now) {
            self.index(book, 1)?;
            book.let_go(now);
        }
        Ok(())
    }
}
