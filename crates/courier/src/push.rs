//! Web push (RFC 8030): a letter for one browser, encrypted for it alone (RFC 8291) and signed by this server (VAPID, RFC 8292).
//!
//! Where a browser's push service is reached is said by whoever subscribes. So the address is held against the same rules as what may be
//! monitored: https only, no user, every address of its name passes the guard, and the connection goes to one that passed.

mod seal;
mod vapid;

use std::sync::Arc;

use desk::notify::Letter;
use journal::subscriber::Reach;
use rustls::ClientConfig;
use serde::Serialize;
use spans::{Instant, Length};
use tokio::runtime::Handle;

pub use self::{
    seal::{Keys, TEXT_MAX, Unsealable, seal},
    vapid::{NotAKey, Vapid},
};
use crate::{
    Outcome, PUSH, Parcel, Port, PublicParcel, moment, one_line,
    post::{Guard, Place, Post},
};

/// How long a push service keeps a letter for a browser that is not there; a call is of no use later.
const KEPT: Length = Length::from_hours(12);
const CALL_KEPT: Length = Length::from_minutes(10);
/// Characters of what a browser shows.
const TITLE_CHARS_MAX: usize = 120;
const BODY_CHARS_MAX: usize = 400;

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

/// A browser, as it said how it is reached.
struct To<'a> {
    endpoint: &'a str,
    p256dh: &'a str,
    auth: &'a str,
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

    /// To one browser, which is gone for good where what it gave us is no key or no address.
    fn push(&self, to: To<'_>, told: &Told<'_>, at: Instant) -> Outcome {
        let gone = |why: String| Outcome::Never { why, gone: true };
        let place = match Place::read(to.endpoint) {
            Ok(place) => place,
            Err(why) => return gone(why),
        };
        let keys = match Keys::read(to.p256dh, to.auth) {
            Ok(keys) => keys,
            Err(why) => return gone(why.to_string()),
        };
        let body = match self.sealed(&keys, told) {
            Ok(body) => body,
            Err(outcome) => return outcome,
        };
        let pass = match self.vapid.pass(&place.origin(), &self.subject, at) {
            Ok(pass) => pass,
            Err(why) => return Outcome::later(why),
        };
        let post = Post { place: &place, who: "the push service", headers: headers(told.call, pass), body };
        self.runtime.block_on(post.send(&self.guard, Arc::clone(&self.tls)))
    }

    fn sealed(&self, keys: &Keys, told: &Told<'_>) -> Result<Vec<u8>, Outcome> {
        let text = serde_json::to_vec(told).map_err(Outcome::never)?;
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
        let to = To { endpoint: &browser.endpoint, p256dh: &browser.p256dh, auth: &browser.auth };
        self.push(to, &told(&parcel.letter, &parcel.choice.zone), parcel.at)
    }

    fn send_public(&self, parcel: &PublicParcel) -> Outcome {
        let Reach::Browser { p256dh, auth } = &parcel.to.reach else {
            return Outcome::never("that subscriber is no browser");
        };
        let to = To { endpoint: &parcel.to.address, p256dh, auth };
        let letter = &parcel.letter;
        let leave = desk::public::subscription_path(&letter.secret);
        let told = Told {
            title: one_line(&letter.title, TITLE_CHARS_MAX),
            body: one_line(&letter.said, BODY_CHARS_MAX),
            path: letter.page.as_deref().unwrap_or(&leave),
            thread: &letter.thread,
            call: false,
        };
        self.push(to, &told, parcel.at)
    }
}

/// RFC 8030, 5: how long it is kept and how much it matters; RFC 8188 and 8292.
fn headers(call: bool, pass: String) -> Vec<(&'static str, String)> {
    let kept = if call { CALL_KEPT } else { KEPT };
    vec![
        ("ttl", (kept.as_micros() / 1_000_000).to_string()),
        ("urgency", if call { "high" } else { "normal" }.to_owned()),
        ("content-encoding", "aes128gcm".to_owned()),
        ("content-type", "application/octet-stream".to_owned()),
        ("authorization", pass),
    ]
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
