//! Vantage points that differ: what one sees answer and another sees fail is not down, and the provider is told of it, because
//! either one of them is wrong or the service fails for a part of the world.

use facts::{InstanceId, Outcome};
use promise::Difference;
use spans::{Instant, Length, Span};

use super::{Book, Control, notice};

/// The provider is told of differences at one client at most once in this time; the pages have all of them.
pub const DIFFERENCE_AGAIN: Length = Length::HOUR;
/// The differences of an instance that a page lists, the newest.
pub const DIFFERENCES_LISTED_MAX: usize = 20;

impl Control {
    /// Looks again at instances that were just looked at, and tells the provider where vantage points have come to differ.
    pub(super) fn compare(
        &self,
        book: &mut Book,
        instances: &[InstanceId],
        now: Instant,
    ) -> journal::Result<()> {
        for instance in instances {
            match book.differs(instance, now) {
                Some(difference) => self.note_difference(book, instance, difference, now)?,
                None => drop(book.differing.remove(instance)),
            }
        }
        Ok(())
    }

    /// How many instances there are of which vantage points say different things, as of their newest looks.
    pub fn differing(&self) -> usize {
        let books: Vec<_> = self.books().values().cloned().collect();
        books.iter().map(|book| super::lock(book).differing.len()).sum()
    }

    fn note_difference(
        &self,
        book: &mut Book,
        instance: &InstanceId,
        difference: Difference,
        now: Instant,
    ) -> journal::Result<()> {
        let is_told = book.differing.get(instance).copied().unwrap_or(false);
        let may = book.differences_told.is_none_or(|at| at + DIFFERENCE_AGAIN <= now || now < at);
        book.differing.insert(instance.clone(), is_told || may);
        if is_told || !may {
            return Ok(());
        }
        book.differences_told = Some(now);
        let others = book.differing.len() - 1;
        self.put_out(notice::of_difference(book.client(), instance, &difference, others, now))
    }
}

impl Book {
    /// How vantage points differ about an instance now; nothing where they do not, or not for long enough.
    pub(super) fn differs(&self, instance: &InstanceId, now: Instant) -> Option<Difference> {
        let glimpses = self.glimpses(instance);
        let says = |outcome: Outcome| {
            glimpses.iter().any(|glimpse| glimpse.last.outcome == outcome && now < glimpse.holds_until)
        };
        if !says(Outcome::Down) || !says(Outcome::Up) {
            return None;
        }
        let window = Span { start: now - Length::from_micros(1), end: now };
        self.differences(instance, window).into_iter().find(|difference| difference.span.end == now)
    }

    /// Where vantage points differed about an instance, in order: what lasted at the end of the window or ended in it.
    pub fn differences(&self, instance: &InstanceId, window: Span) -> Vec<Difference> {
        let terms = self.versions().map(|versions| versions.latest().terms());
        terms.map_or_else(Vec::new, |terms| self.sight().differences(instance, terms, window))
    }
}
