//! What is written to somebody outside who wants to be told of a status page: an address of mail, and no person that we know.

use serde::{Deserialize, Serialize};
use spans::Instant;

/// The way on which subscribers are told, as deliveries name it.
pub const PUBLIC_MAIL: &str = "public-mail";

/// A letter to a subscriber. It holds nothing that the status page does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicLetter {
    /// What all letters about one thing have in common.
    pub thread: String,
    /// The subject.
    pub title: String,
    /// What is told.
    pub said: String,
    /// When that was.
    pub at: Instant,
    /// The page, as a path; none of one that is found by a secret.
    pub page: Option<String>,
    /// The secret in the link by which its reader confirms or leaves. It is this letter's own.
    pub secret: String,
    /// Whether it only asks to confirm.
    pub asks: bool,
}

/// Where a link with a secret leads.
pub fn subscription_path(secret: &str) -> String {
    format!("/subscriptions/{secret}")
}
