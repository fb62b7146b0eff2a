//! How subscribers are told: one letter for each, with a link of its own, and so many in an hour.

use desk::public::{PUBLIC, PublicLetter};
use facts::{ClientId, TicketId};
use journal::{Claim, Task, Tx, delivery::Delivery, subscriber::Subscriber};
use sha2::{Digest, Sha256};
use spans::{Instant, Length};

use super::{
    TELL_PUBLIC, digest,
    measured::{News, Piece},
};
use crate::live::{Book, Control, NotDone, incident::to_the_second, relay::Fate};

/// What a delivery to one names instead of a person.
const NOBODY: &str = "a subscriber of the status page";
/// What is older is told nobody: an import tells of it.
pub(super) const NEWS_MAX: Length = Length::from_hours(24);
/// Subscribers written to in one transaction.
const BATCH: u64 = 200;
/// Letters to one subscriber within an hour. The last of them says that it is, and until when no more are sent.
pub const LETTERS_PER_HOUR_MAX: u64 = 12;

/// What becomes of a task: its fate, and how long it waits where it is not over.
pub(in crate::live) type Becomes = (Fate, Length);

/// Whether the task tells of what was measured: such tasks are done together ([`Control::tell_measured`]).
pub(in crate::live) fn is_measured(claim: &Claim) -> bool {
    claim.task.kind == TELL_PUBLIC && measured(&claim.task).is_some()
}

/// The fact and the ticket that such a task is about.
fn measured(task: &Task) -> Option<(&str, TicketId)> {
    let (fact, ticket) = task.body.split_once(' ')?;
    Some((fact, ticket.parse().ok()?))
}

impl Control {
    /// Puts a delivery there for every subscriber of the page.
    pub(in crate::live) fn tell_subscribers(&self, task: &Task, now: Instant) -> Result<Fate, NotDone> {
        if task.due + NEWS_MAX < now {
            return Ok(Fate::Over);
        }
        let draft = self.read(&task.client, now, |book| book.public_letter(&task.body))?.flatten();
        draft.map_or(Ok(Fate::Over), |draft| {
            Ok(Fate::Told(self.write_to_all(&task.client, &task.id, &draft, now)?))
        })
    }

    /// Tells a client's subscribers of what was measured: all that is to be told now in one letter. What becomes of each task.
    pub(in crate::live) fn tell_measured(
        &self,
        client: &ClientId,
        tasks: &[&Task],
        now: Instant,
    ) -> Result<Vec<Becomes>, NotDone> {
        let news: Vec<News> =
            tasks.iter().map(|task| self.news_of(task, now)).collect::<journal::Result<_>>()?;
        let ready = || tasks.iter().zip(&news).filter(|(_, news)| matches!(news, News::Now(_)));
        let pieces: Vec<Piece> = news.iter().filter_map(News::piece).cloned().collect();
        let draft = self.read(client, now, |book| book.letter_of(&pieces))?.flatten();
        let told = match draft {
            Some(draft) => {
                let id = name(ready().map(|(task, _)| task.id.as_str()));
                self.write_to_all(client, &id, &draft, now)?
            }
            None => 0,
        };
        let becomes = |news: &News| match news {
            News::Never => (Fate::Over, Length::ZERO),
            News::At(at) => (Fate::Waits, *at - now),
            News::Now(_) => (Fate::Told(told), Length::ZERO),
        };
        Ok(news.iter().map(becomes).collect())
    }

    fn news_of(&self, task: &Task, now: Instant) -> journal::Result<News> {
        let Some((fact, ticket)) = measured(task) else { return Ok(News::Never) };
        if task.due + NEWS_MAX < now {
            return Ok(News::Never);
        }
        let look = |book: &Book| book.measured_news(&ticket, fact, now);
        Ok(self.read_with(&task.client, &(&ticket).into(), now, look)?.unwrap_or(News::Never))
    }

    /// One letter for every subscriber of a client's page who may have one more; how many they are.
    fn write_to_all(
        &self,
        client: &ClientId,
        id: &str,
        draft: &PublicLetter,
        now: Instant,
    ) -> journal::Result<usize> {
        let (mut after, mut count) = (String::new(), 0);
        loop {
            let (of, last) = (client.clone(), after.clone());
            let some = self.journal().read(move |tx| tx.confirmed_subscribers(&of, &last, BATCH))?;
            let Some(last) = some.last() else { break Ok(count) };
            after.clone_from(&last.id);
            let letters: Vec<(Subscriber, PublicLetter)> = some
                .into_iter()
                .map(|one| (one, PublicLetter { secret: self.secret(), ..draft.clone() }))
                .collect();
            let id = id.to_owned();
            count += self.journal().write_for(client, move |tx| write(tx, &id, &letters, now))?;
        }
    }
}

impl News {
    fn piece(&self) -> Option<&Piece> {
        if let News::Now(piece) = self { Some(piece) } else { None }
    }
}

impl Book {
    fn letter_of(&self, pieces: &[Piece]) -> Option<PublicLetter> {
        self.measured_letter(&self.status_set()?.set, pieces)
    }
}

/// The name of one letter about several tasks: the same as long as they are the same.
fn name<'t>(tasks: impl Iterator<Item = &'t str>) -> String {
    let tasks: Vec<&str> = tasks.collect();
    match tasks[..] {
        [one] => one.to_owned(),
        _ => {
            let digest = Sha256::digest(tasks.join(" "));
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{TELL_PUBLIC}/{hex}")
        }
    }
}

/// Writes to those who may have one more; how many they are.
fn write(
    tx: &mut Tx<'_>,
    id: &str,
    letters: &[(Subscriber, PublicLetter)],
    now: Instant,
) -> journal::Result<usize> {
    let mut count = 0;
    for (one, letter) in letters {
        let Some(letter) = limited(tx, one, letter, now)? else { continue };
        // Told twice it would have two links; the delivery is one.
        if deliver(tx, id, one, &letter, now)? {
            tx.link_subscriber(one, digest(&letter.secret), now)?;
        }
        count += 1;
    }
    Ok(count)
}

/// The letter where its reader may have one more, with a word where it is the last for now.
fn limited(
    tx: &mut Tx<'_>,
    to: &Subscriber,
    letter: &PublicLetter,
    now: Instant,
) -> journal::Result<Option<PublicLetter>> {
    let (sent, first) = tx.letters_since(to, now - Length::HOUR)?;
    let mut letter = letter.clone();
    if LETTERS_PER_HOUR_MAX <= sent {
        return Ok(None);
    }
    if LETTERS_PER_HOUR_MAX == sent + 1 {
        let until = to_the_second(first.unwrap_or(now) + Length::HOUR);
        letter.said.push_str(&format!(
            "\n\nThis is message {LETTERS_PER_HOUR_MAX} within an hour. What happens before {until} stands on the page, and is not sent."
        ));
    }
    Ok(Some(letter))
}

/// Puts a letter on its way; false where it was before.
pub(super) fn deliver(
    tx: &mut Tx<'_>,
    task: &str,
    to: &Subscriber,
    letter: &PublicLetter,
    now: Instant,
) -> journal::Result<bool> {
    let Ok(body) = serde_json::to_string(letter) else { return Ok(false) };
    tx.put_delivery(&Delivery {
        client: to.client.clone(),
        id: format!("{task}/{}", to.id),
        person: NOBODY.to_owned(),
        way: format!("{PUBLIC}{}", to.reach.word()),
        target: to.id.clone(),
        body,
        urgent: false,
        due: now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_about_several_tasks_has_a_name_of_its_own() {
        assert_eq!(name(["tell-public/a"].into_iter()), "tell-public/a");
        let both = name(["tell-public/a", "tell-public/b"].into_iter());
        assert_eq!(both, name(["tell-public/a", "tell-public/b"].into_iter()));
        assert_ne!(both, name(["tell-public/a", "tell-public/c"].into_iter()));
    }
}
