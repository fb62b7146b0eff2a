//! What is said to the public: a client's status page, and what is told there of an incident.

use serde::{Deserialize, Serialize};
use spans::Instant;

use super::{fact, *};

/// An instance as a status page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownInstance {
    /// Which.
    pub instance: InstanceId,
    /// What the public calls it.
    pub name: String,
    /// What it is for, in a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// The client's own site, to which its status page leads back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackLink {
    /// What the link says.
    pub label: String,
    /// Where it leads: an https: address.
    pub url: String,
}

/// The image at the head of a status page. Its bytes lie beside the journal and can be erased; a page whose bytes are gone has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusLogo {
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// What it is: `image/png`, `image/jpeg` or `image/webp`.
    pub media: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// What it says to those who do not see it.
    pub alt: String,
}

fact! {
    /// A status page was put up, or changed. The newest one holds, and a client has one page at most.
    StatusPublished {
        /// The page, as its address names it: lower-case letters, digits and hyphens.
        page: StatusPageId,
        /// Its heading.
        title: String,
        /// Whether anybody may see it; otherwise the client's people do, and whoever has its secret address.
        public: bool,
        /// SHA-256 of the secret in that address, in hex, for a page that is not public and has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        /// A host name of its own, under which a public page is reached too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        domain: Option<String>,
        /// Its colour, as `#1f4e8c`: that of its edge, and of links and buttons on paper on which words of it can be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accent: Option<String>,
        /// Light or dark paper whatever its reader prefers; otherwise as the reader does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scheme: Option<PageScheme>,
        /// The site that it leads back to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back: Option<BackLink>,
        /// What stands at its foot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        footer: Option<String>,
        /// The image at its head.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        logo: Option<StatusLogo>,
        /// What it shows, in this order. Nothing else of the client is shown.
        components: Vec<ShownInstance>,
    }
}

fact! {
    /// The status page was taken down.
    StatusWithdrawn {
        /// The page.
        page: StatusPageId,
    }
}

fact! {
    /// Something was told of an incident to whoever sees the status page. The first update opens it there, and the newest word of
    /// each field holds. It answers nobody and meets nothing.
    IncidentUpdatePublished {
        /// The incident, by a name of its own: never that of a request.
        incident: IncidentId,
        /// What it is about.
        title: String,
        /// How far it has come.
        stage: IncidentStage,
        /// What it does to the instances.
        impact: Impact,
        /// The instances concerned.
        instances: Vec<InstanceId>,
        /// What is told.
        message: String,
        /// When the next update was promised.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Instant>,
        /// The request it is about, which the page does not name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<TicketId>,
    }
}
