//! A letter to a subscriber of a status page: plain text, with the way out in every one (RFC 2369, RFC 8058).

use lettre::{
    Message,
    message::{Mailbox, SinglePart},
};

use super::message::{id, plain_header, system};
use crate::{PublicParcel, mail::settings::Sender, moment, one_line};

/// Characters of a subject.
const SUBJECT_CHARS_MAX: usize = 160;

/// The message for the subscriber's address.
///
/// # Errors
/// Why there can be none, in words.
pub(super) fn compose(parcel: &PublicParcel, from: &Sender, origin: &str) -> Result<Message, String> {
    let to: Mailbox =
        parcel.to.address.parse().map_err(|_| "the address of mail cannot be read".to_owned())?;
    let letter = &parcel.letter;
    let host = from.domain().unwrap_or("localhost");
    let link = format!("{origin}{}", desk::public::subscription_path(&letter.secret));
    let root = id("public-thread", &letter.thread, host);
    let mut message = Message::builder()
        .from(from.0.clone())
        .to(Mailbox::new(None, to.email))
        .subject(one_line(&letter.title, SUBJECT_CHARS_MAX))
        .date(system(parcel.at))
        .message_id(Some(id("public", &parcel.id, host)))
        .in_reply_to(root.clone())
        .references(root)
        .raw_header(plain_header("Auto-Submitted", "auto-generated"))
        .raw_header(plain_header("X-Auto-Response-Suppress", "All"));
    if !letter.asks {
        let leave = format!("<{link}/leave>");
        message = message
            .raw_header(plain_header("List-Unsubscribe", &leave))
            .raw_header(plain_header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    message.singlepart(SinglePart::plain(text(parcel, &link, origin))).map_err(|error| error.to_string())
}

fn text(parcel: &PublicParcel, link: &str, origin: &str) -> String {
    let letter = &parcel.letter;
    let at = moment(letter.at, "UTC");
    let page = letter.page.as_ref().map_or_else(String::new, |page| format!("\nThe page: {origin}{page}\n"));
    let (lead, end) = match letter.asks {
        true => {
            ("Confirm, or have the address forgotten:", "Where you do nothing, it is forgotten in a week.")
        }
        false => ("Be told no longer:", "You are told of this because you confirmed that you want to be."),
    };
    format!(
        "{}\n{at}\n\n{}\n{page}\n{lead} {link}\n\n-- \n{end}\nThis message was written by a program. An answer to it is read by nobody.\n",
        one_line(&letter.title, SUBJECT_CHARS_MAX),
        letter.said
    )
}
