//! Web push (RFC 8030): a letter for one browser, encrypted for it alone (RFC 8291) and signed by this server (VAPID, RFC 8292).
//!
//! Where a browser's push service is reached is said by whoever subscribes. So the address is held against the same rules as what may be
//! monitored: https only, no user, every address of its name passes the guard, and the connection goes to one that passed.

mod post;
mod seal;
mod vapid;

use std::{net::IpAddr, sync::Arc};

use desk::notify::Letter;
use rustls::ClientConfig;
use serde::Serialize;
use spans::{Instant, Length};
use tokio::runtime::Handle;

pub use self::{
    post::Place,
    seal::{Keys, TEXT_MAX, Unsealable, seal},
    vapid::{NotAKey, Vapid},
};
use crate::{Outcome, PUSH, Parcel, Port, moment, one_line};

/// How long a push service keeps a letter for a browser that is not there; a call is of no use later.
const KEPT: Length = Length::from_hours(12);
const CALL_KEPT: Length = Length::from_minutes(10);
/// Characters of what a browser shows.
const TITLE_CHARS_MAX: usize = 120;
const BODY_CHARS_MAX: usize = 400;

/// Whether an address may be asked at a port; why not, in words.
pub type Guard = Box<dyn Fn(IpAddr, u16) -> Result<(), String> + Send + Sync>;
/// Draws 48 random bytes: a key and a salt for one letter.
pub type Random = Box<dyn Fn() -> [u8; 48] + Send + Sync>;

/// Sends push messages.
pub struct Pusher {
    vapid: Arc<Vapid>,
    /// Who answers for this server, as an https: or mailto: address (RFC 8292, 2.1).
    subject: String,
    guard: Guard,
    random: Random,
    tls: Arc<ClientConfig>,
    runtime: Handle,
}

/// What the service worker is told.
#[derive(Serialize)]
struct Told<'a> {
    title: String,
    body: String,
    path: &'a str,
    thread: &'a str,
    call: bool,
}

impl Pusher {
    /// A pusher that sends from `runtime`, whose threads are not the ones that call it. `tls` says which authorities are trusted.
    pub fn new(
        vapid: Arc<Vapid>,
        subject: &str,
        guard: Guard,
        random: Random,
        tls: ClientConfig,
        runtime: Handle,
    ) -> Pusher {
        let mut tls = tls;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Pusher { vapid, subject: subject.to_owned(), guard, random, tls: Arc::new(tls), runtime }
    }

    fn sealed(&self, keys: &Keys, letter: &Letter, zone: &str) -> Result<Vec<u8>, Outcome> {
        let text = serde_json::to_vec(&told(letter, zone)).map_err(Outcome::never)?;
        // One in four billion draws is no key: the next one is.
        for _ in 0..4 {
            if let Ok(sealed) = seal(keys, &text, &(self.random)()) {
                return Ok(sealed);
            }
        }
        Err(Outcome::never("the browser's key is no key"))
    }
}

impl Port for Pusher {
    fn way(&self) -> &'static str {
        PUSH
    }

    fn send(&self, parcel: &Parcel) -> Outcome {
        let Some(browser) = &parcel.browser else {
            return Outcome::never("the browser is no longer subscribed");
        };
        let gone = |why: String| Outcome::Never { why, gone: true };
        let place = match Place::read(&browser.endpoint) {
            Ok(place) => place,
            Err(why) => return gone(why),
        };
        let keys = match Keys::read(&browser.p256dh, &browser.auth) {
            Ok(keys) => keys,
            Err(why) => return gone(why.to_string()),
        };
        let body = match self.sealed(&keys, &parcel.letter, &parcel.choice.zone) {
            Ok(body) => body,
            Err(outcome) => return outcome,
        };
        let kept = if parcel.letter.call { CALL_KEPT } else { KEPT };
        let pass = match self.vapid.pass(&place.origin(), &self.subject, parcel.at) {
            Ok(pass) => pass,
            Err(why) => return Outcome::later(why),
        };
        let post = post::Post { place: &place, body, pass, kept, urgent: parcel.letter.call };
        self.runtime.block_on(post.send(&self.guard, Arc::clone(&self.tls)))
    }
}

fn told<'a>(letter: &'a Letter, zone: &str) -> Told<'a> {
    let due = letter.due.map(|due| format!(" Due {}.", moment(due, zone))).unwrap_or_default();
    let said = letter.said.as_deref().map(|said| format!(" {said}")).unwrap_or_default();
    Told {
        title: one_line(&letter.title, TITLE_CHARS_MAX),
        body: one_line(&format!("{}{due}{said}", letter.headline), BODY_CHARS_MAX),
        path: &letter.path,
        thread: &letter.thread,
        call: letter.call,
    }
}

/// Whole seconds since 1970.
pub(crate) fn seconds(at: Instant) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}
