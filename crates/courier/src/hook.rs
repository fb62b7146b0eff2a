//! A POST to a program that subscribed to a status page: JSON, signed so that the program can tell it is ours and new
//! (Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`).
//!
//! Where the program is reached is said by whoever subscribes, so the address is held against the same rules as a browser's. A program
//! that answers 410 wants no more, and is forgotten.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use desk::public::{Event, subscription_path};
use journal::subscriber::Reach;
use rustls::ClientConfig;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use crate::{
    HOOK, Outcome, Port, PublicParcel,
    post::{Guard, Place, Post},
    push::seconds,
};

/// What a key begins with, as it is told.
pub const KEY_PREFIX: &str = "whsec_";

/// Posts to programs.
pub struct Hooks {
    /// Where this server is reached, without a path.
    origin: String,
    guard: Guard,
    tls: Arc<ClientConfig>,
    runtime: Handle,
}

/// What is posted.
#[derive(Serialize)]
struct Posted<'a> {
    #[serde(rename = "type")]
    event: Event,
    /// RFC 3339.
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    /// The same for all that is told of one thing.
    thread: &'a str,
    title: &'a str,
    text: &'a str,
    /// The page; none of one that is found by a secret.
    page: Option<String>,
    /// Where one says by POST that one wants to be told; and no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm: Option<String>,
    leave: String,
    /// What signs this and all that follow. It is told this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
}

impl Hooks {
    /// Posts from `runtime`, whose threads are not the ones that call it. `tls` says which authorities are trusted.
    pub fn new(origin: &str, guard: Guard, tls: ClientConfig, runtime: Handle) -> Hooks {
        let mut tls = tls;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Hooks { origin: origin.to_owned(), guard, tls: Arc::new(tls), runtime }
    }

    fn posted<'a>(&self, parcel: &'a PublicParcel, key: &'a str) -> Posted<'a> {
        let letter = &parcel.letter;
        let link = format!("{}{}", self.origin, subscription_path(&letter.secret));
        Posted {
            event: if letter.asks { Event::Asked } else { letter.event },
            timestamp: letter.at.to_string(),
            data: Data {
                thread: &letter.thread,
                title: &letter.title,
                text: &letter.said,
                page: letter.page.as_ref().map(|page| format!("{}{page}", self.origin)),
                confirm: letter.asks.then(|| format!("{link}/confirm")),
                leave: format!("{link}/leave"),
                key: letter.asks.then_some(key),
            },
        }
    }
}

impl Port for Hooks {
    fn way(&self) -> &'static str {
        HOOK
    }

    fn send_public(&self, parcel: &PublicParcel) -> Outcome {
        let Reach::Hook { key } = &parcel.to.reach else {
            return Outcome::never("that subscriber is no program");
        };
        let gone = |why: String| Outcome::Never { why, gone: true };
        let place = match Place::read(&parcel.to.address) {
            Ok(place) => place,
            Err(why) => return gone(why),
        };
        let body = match serde_json::to_vec(&self.posted(parcel, key)) {
            Ok(body) => body,
            Err(why) => return Outcome::never(why),
        };
        let Some(headers) = headers(&name(&parcel.id), seconds(parcel.at), key, &body) else {
            return gone("its key is no key".to_owned());
        };
        let post = Post { place: &place, who: "the program", headers, body };
        self.runtime.block_on(post.send(&self.guard, Arc::clone(&self.tls)))
    }
}

/// The signature is of id, second and body; the id is the same however often it is tried. None where the key is no key.
fn headers(id: &str, second: i64, key: &str, body: &[u8]) -> Option<Vec<(&'static str, String)>> {
    let secret = STANDARD.decode(key.strip_prefix(KEY_PREFIX)?).ok()?;
    let signed = [format!("{id}.{second}.").as_bytes(), body].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), &signed);
    Some(vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", format!("Uphold/{}", env!("CARGO_PKG_VERSION"))),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", second.to_string()),
        ("webhook-signature", format!("v1,{}", STANDARD.encode(tag))),
    ])
}

/// What the delivery is called outside: its own name tells of what others are told.
fn name(id: &str) -> String {
    let hash = Sha256::digest(format!("webhook {id}"));
    hash.iter().take(16).fold("msg_".to_owned(), |name, byte| format!("{name}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reckoned with Python's `hmac` and `hashlib`.
    #[test]
    fn a_signature_is_what_another_program_reckons() {
        let (id, body) = (name("acme/news"), br#"{"type":"incident.updated"}"#);
        assert_eq!(id, "msg_3b093235d50307e94bf41e500e466f4e");
        let headers = headers(&id, 5, "whsec_dGhpcnR5IGJ5dGVzIG9mIGEgc2lnbmluZyBrZXkh", body).unwrap();
        let signature = headers.iter().find(|(name, _)| *name == "webhook-signature").unwrap();
        assert_eq!(signature.1, "v1,grDhN4RFIpiZxl/t+ca7RSaKfYsu5BhRvql/YZmXle0=");
        assert!(super::headers(&id, 5, "no key", body).is_none());
    }
}
