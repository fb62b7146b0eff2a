//! The secret address of a client's calendar: given out once, turned when it went astray, and read by programs that sign in nowhere.

use facts::ClientId;
use journal::calendar::CalendarFeed;
use spans::Instant;
use status::ical::Calendar;

use super::Control;
use crate::beat::digest;

/// Bytes of a secret, before they are written as hex.
pub const CALENDAR_SECRET_BYTES: usize = 20;

impl Control {
    /// Gives a client's calendar a new address and says its secret, once; the address before leads nowhere from now on. `random`:
    /// bytes that nobody can guess. `person`: who asked for it, by id. None for a client that nobody knows.
    ///
    /// # Errors
    /// The journal's.
    pub fn turn_calendar(
        &self,
        client: &ClientId,
        random: [u8; CALENDAR_SECRET_BYTES],
        person: &str,
        now: Instant,
    ) -> journal::Result<Option<String>> {
        if self.book(client).is_none() {
            return Ok(None);
        }
        let secret: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let (of, kept, person) = (client.clone(), digest(&secret), person.to_owned());
        self.journal().write_for(client, move |tx| tx.set_calendar_feed(&of, &kept, &person, now))?;
        Ok(Some(secret))
    }

    /// Ends the address; whether there was one.
    ///
    /// # Errors
    /// The journal's.
    pub fn end_calendar(&self, client: &ClientId) -> journal::Result<bool> {
        let of = client.clone();
        self.journal().write_for(client, move |tx| tx.end_calendar_feed(&of))
    }

    /// Who made the address of a client's calendar, and when; none where there is none.
    ///
    /// # Errors
    /// The journal's.
    pub fn calendar_feed(&self, client: &ClientId) -> journal::Result<Option<CalendarFeed>> {
        self.journal().read(|tx| tx.calendar_feed(client))
    }

    /// The calendar at the address with this secret; none when nobody has it. `origin`: where the portal is reached, for links.
    ///
    /// # Errors
    /// The journal's.
    pub fn calendar_at(&self, secret: &str, origin: &str, now: Instant) -> journal::Result<Option<Calendar>> {
        let kept = digest(secret);
        let Some(client) = self.journal().read(|tx| tx.calendar_of(&kept))? else { return Ok(None) };
        self.read(&client, now, |book| book.calendar(origin, now))
    }
}
