//! What is written to somebody outside who wants to be told of a status page: an address or a browser, and no person that we know.

use serde::{Deserialize, Serialize};
use spans::Instant;

/// What the ways of subscribers begin with, as deliveries name them: behind it stands how a subscriber is reached.
pub const PUBLIC: &str = "public-";

/// What a letter tells of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Somebody asked that this address be told.
    #[serde(rename = "subscription.asked")]
    Asked,
    /// An update of an incident was published.
    #[default]
    #[serde(rename = "incident.updated")]
    IncidentUpdated,
    /// Maintenance was planned.
    #[serde(rename = "maintenance.planned")]
    MaintenancePlanned,
    /// It was called off.
    #[serde(rename = "maintenance.cancelled")]
    MaintenanceCancelled,
}

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
    /// What it tells of, for programs. Letters that earlier versions wrote are for people.
    #[serde(default)]
    pub event: Event,
}

/// Where a link with a secret leads.
pub fn subscription_path(secret: &str) -> String {
    format!("/subscriptions/{secret}")
}
