//! A letter as a message: plain text with a simple page beside it, in one thread for each ticket (RFC 5322, RFC 3834).

use std::time::{Duration, SystemTime};

use askama::Template;
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};
use spans::Instant;

use super::settings::Sender;
use crate::{Parcel, moment, one_line};

/// Characters of a subject.
const SUBJECT_CHARS_MAX: usize = 160;
/// Characters of what was written; the rest is read in the portal.
const SAID_CHARS_MAX: usize = 4_000;

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct Plain<'a> {
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    page: &'a Page,
}

/// What both parts say.
struct Page {
    title: String,
    headline: String,
    said: Option<String>,
    due: Option<String>,
    at: String,
    link: String,
    settings: String,
    why: &'static str,
    call: bool,
}

/// The message for one address.
///
/// # Errors
/// Why there can be none, in words.
pub(super) fn compose(
    parcel: &Parcel,
    address: &str,
    from: &Sender,
    origin: &str,
) -> Result<Message, String> {
    let to: Mailbox = address.parse().map_err(|_| "the address of mail cannot be read".to_owned())?;
    let page = page(parcel, origin);
    let host = from.domain().unwrap_or("localhost");
    let root = id("thread", &format!("{}/{}", parcel.letter.thread, parcel.person), host);
    let own = id("letter", &format!("{}/{}", parcel.id, parcel.person), host);
    let text = Plain { page: &page }.render().map_err(|error| error.to_string())?;
    let html = Html { page: &page }.render().map_err(|error| error.to_string())?;
    Message::builder()
        .from(from.0.clone())
        .to(Mailbox::new(None, to.email))
        .subject(subject(parcel))
        .date(system(parcel.at))
        .message_id(Some(own))
        .in_reply_to(root.clone())
        .references(root)
        // RFC 3834: no machine answers it.
        .raw_header(plain_header("Auto-Submitted", "auto-generated"))
        .raw_header(plain_header("X-Auto-Response-Suppress", "All"))
        .multipart(MultiPart::alternative_plain_html(text, html))
        .map_err(|error| error.to_string())
}

/// One subject for all that is said of a ticket, so that its thread stays together; where the letter is about time, the time.
fn subject(parcel: &Parcel) -> String {
    let letter = &parcel.letter;
    let title = one_line(&letter.title, SUBJECT_CHARS_MAX);
    let call = if letter.call { "CALL: " } else { "" };
    match letter.due {
        Some(due) => format!("{call}{title}, due {}", moment(due, &parcel.choice.zone)),
        None => format!("{call}{title}"),
    }
}

fn page(parcel: &Parcel, origin: &str) -> Page {
    let letter = &parcel.letter;
    let zone = &parcel.choice.zone;
    Page {
        title: one_line(&letter.title, SUBJECT_CHARS_MAX),
        headline: one_line(&letter.headline, SUBJECT_CHARS_MAX),
        said: letter.said.as_deref().map(shortened),
        due: letter.due.map(|due| moment(due, zone)),
        at: moment(letter.at, zone),
        link: format!("{origin}{}", letter.path),
        settings: format!("{origin}/account/notices"),
        why: letter.why.sentence(),
        call: letter.call,
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SAID_CHARS_MAX) {
        Some((end, _)) => format!("{}\n\n[The rest is in the portal.]", &text[..end]),
        None => text.to_owned(),
    }
}

/// An id that is the same each time and tells nobody what it is made of.
pub(super) fn id(what: &str, name: &str, host: &str) -> String {
    let digest = Sha256::new().chain_update(what).chain_update([0]).chain_update(name).finalize();
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("<{hex}.{what}@{host}>")
}

pub(super) fn plain_header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

pub(super) fn system(at: Instant) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.as_micros()).unwrap_or(0))
}
