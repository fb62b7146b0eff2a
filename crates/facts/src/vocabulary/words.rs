//! The small words that facts are made of: typed ids and closed lists.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use spans::{Instant, Month};

use crate::{IdError, Money, Observation, Score, Side, Slug, Version};

/// What a fact can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words of GLOSSARY.md")]
pub enum Noun {
    Agreement,
    Service,
    Instance,
    Alert,
    Ticket,
    Held,
    Pause,
    Appeal,
    Escalation,
    Page,
    Maintenance,
    Freeze,
    Exclusion,
    StatusPage,
    Incident,
    Statement,
    Release,
    Fix,
    Vulnerability,
    Certificate,
    Licence,
    Item,
    Review,
    System,
    Change,
    Programme,
    Contact,
    Action,
    Proposal,
    Work,
    Shift,
    Rota,
}

impl Noun {
    /// The word itself.
    pub fn name(self) -> &'static str {
        match self {
            Noun::Agreement => "agreement",
            Noun::Service => "service",
            Noun::Instance => "instance",
            Noun::Alert => "alert",
            Noun::Ticket => "ticket",
            Noun::Held => "held message",
            Noun::Pause => "pause",
            Noun::Appeal => "appeal",
            Noun::Escalation => "escalation",
            Noun::Page => "page",
            Noun::Maintenance => "maintenance",
            Noun::Freeze => "freeze",
            Noun::Exclusion => "exclusion",
            Noun::StatusPage => "status-page",
            Noun::Incident => "incident",
            Noun::Statement => "statement",
            Noun::Release => "release",
            Noun::Fix => "fix",
            Noun::Vulnerability => "vulnerability",
            Noun::Certificate => "certificate",
            Noun::Licence => "licence",
            Noun::Item => "item",
            Noun::Review => "review",
            Noun::System => "system",
            Noun::Change => "change",
            Noun::Programme => "programme",
            Noun::Contact => "contact",
            Noun::Action => "action",
            Noun::Proposal => "proposal",
            Noun::Work => "work",
            Noun::Shift => "shift",
            Noun::Rota => "rota",
        }
    }
}

macro_rules! ids {
    ($($(#[doc = $about:literal])+ $Type:ident,)*) => { $(
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $Type(pub Slug);

        impl $Type {
            /// The id as text.
            pub fn as_str(&self) -> &str { self.0.as_str() }
        }
        impl std::str::FromStr for $Type {
            type Err = IdError;
            fn from_str(text: &str) -> Result<$Type, IdError> { text.parse().map($Type) }
        }
        impl std::fmt::Display for $Type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl Attribute for $Type {
            fn attribute(&self) -> Option<Cow<'_, str>> { Some(self.as_str().into()) }
        }
    )* };
}

ids! {
    /// An agreement, by its id in the file.
    AgreementId,
    /// The service as a whole.
    ServiceId,
    /// One installed software within the service (SH-DEF-06).
    InstanceId,
    /// What is asked of an instance.
    CheckId,
    /// From where it is asked.
    VantageId,
    /// A crossed threshold.
    AlertId,
    /// A request of the client.
    TicketId,
    /// A message that is held, because whoever wrote it is no contact.
    HeldId,
    /// A file attached to a request.
    FileId,
    /// A pause that was claimed afterwards.
    PauseId,
    /// An appeal against a changed priority.
    AppealId,
    /// An escalation.
    EscalationId,
    /// A call for somebody on call.
    PageId,
    /// A maintenance record.
    MaintenanceId,
    /// A change freeze.
    FreezeId,
    /// A claimed exclusion.
    ExclusionId,
    /// A status page, as its address names it.
    StatusPageId,
    /// An incident, as the public knows it.
    IncidentId,
    /// A published statement.
    StatementId,
    /// A published release.
    ReleaseId,
    /// A published fix.
    FixId,
    /// A vulnerability, by its CVE id where it has one.
    VulnerabilityId,
    /// A certificate.
    CertificateId,
    /// A licence or subscription.
    LicenceId,
    /// An entry of the inventory.
    ItemId,
    /// A review of access rights.
    ReviewId,
    /// A system to which access is needed.
    SystemId,
    /// A change.
    ChangeId,
    /// A client's onboarding programme for engineers.
    ProgrammeId,
    /// A named contact.
    ContactId,
    /// An operation under the client's rules.
    ActionId,
    /// A proposal that needs both parties.
    ProposalId,
    /// A piece of work.
    WorkId,
    /// A backup.
    BackupId,
    /// A shift on call.
    ShiftId,
    /// A layer of the rota.
    RotaId,
}

impl Default for Resolution {
    /// What a fact of before there were two says.
    fn default() -> Resolution {
        Resolution::Solved
    }
}

impl Resolution {
    pub(crate) fn is_solved(&self) -> bool {
        *self == Resolution::Solved
    }
}

macro_rules! lists {
    ($($(#[doc = $about:literal])+ $Type:ident { $($(#[doc = $word_about:literal])+ $name:literal $Word:ident,)* })*) => { $(
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $Type { $($(#[doc = $word_about])+ #[serde(rename = $name)] $Word,)* }

        impl $Type {
            /// Every word of the list.
            pub const ALL: &[$Type] = &[$($Type::$Word,)*];
            /// The word as written.
            pub fn name(self) -> &'static str { match self { $($Type::$Word => $name,)* } }
            /// The word of that name.
            pub fn named(name: &str) -> Option<$Type> { match name { $($name => Some($Type::$Word),)* _ => None } }
        }
        impl Attribute for $Type {
            fn attribute(&self) -> Option<Cow<'_, str>> { Some(self.name().into()) }
        }
    )* };
}

/// SHA-256 over a salt and a text, in hex. People's words can be erased, as the law asks, and the chain still holds: it covers
/// the digest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TextDigest(pub String);

impl Attribute for crate::what::What {
    /// No agreement looks at how something is asked.
    fn attribute(&self) -> Option<Cow<'_, str>> {
        None
    }
}

impl Attribute for crate::ClientId {
    /// No agreement looks at whom the provider's own tickets are about.
    fn attribute(&self) -> Option<Cow<'_, str>> {
        None
    }
}

impl Attribute for super::ProposedWork {
    /// No agreement looks at what work comes to; the guards do.
    fn attribute(&self) -> Option<Cow<'_, str>> {
        None
    }
}

impl Attribute for super::ProposedWindow {
    /// No agreement looks at what a window comes to; the guards do.
    fn attribute(&self) -> Option<Cow<'_, str>> {
        None
    }
}

impl Attribute for super::BackLink {
    /// No agreement looks at what a status page looks like.
    fn attribute(&self) -> Option<Cow<'_, str>> {
        None
    }
}

impl Attribute for super::StatusLogo {
    /// No agreement looks at what a status page looks like.
    fn attribute(&self) -> Option<Cow<'_, str>> {
        None
    }
}

impl Attribute for TextDigest {
    /// No agreement looks at what was written.
    fn attribute(&self) -> Option<Cow<'_, str>> {
        None
    }
}

lists! {
    /// Where an instance is used.
    Environment {
        /// Real users depend on it.
        "production" Production,
        /// Nobody's work stops when it does.
        "test" Test,
    }
    /// What maintenance is expected to do to its instances (SH-MAINT-07).
    Impact {
        /// Users notice nothing.
        "none" None,
        /// Slower, or partly unusable.
        "degraded" Degraded,
        /// Not reachable.
        "down" Down,
    }
    /// The paper of a status page.
    PageScheme {
        /// Light, at night too.
        "light" Light,
        /// Dark, by day too.
        "dark" Dark,
    }
    /// How far an incident has come, in the words that readers of status pages know.
    IncidentStage {
        /// It is seen, and the cause is looked for.
        "investigating" Investigating,
        /// The cause is known.
        "identified" Identified,
        /// It is mended, and watched.
        "monitoring" Monitoring,
        /// It is over.
        "resolved" Resolved,
        /// What became of it afterwards.
        "postmortem" Postmortem,
    }
    /// The kinds of maintenance (SH-MAINT-04, 08, 12).
    MaintenanceKind {
        /// Defined and planned beforehand.
        "scheduled" Scheduled,
        /// A patch for a Critical vulnerability, allowed at any hour.
        "critical-patch" CriticalPatch,
        /// Unscheduled, allowed at any time.
        "emergency" Emergency,
    }
    /// Where the affected software sits.
    Layer {
        /// The product itself.
        "application" Application,
        /// Java, web server, proxy, database client.
        "middleware" Middleware,
        /// The operating system, which is the client's (MP-EX-INF-07).
        "os" Os,
    }
    /// What a proposal is for.
    ProposalKind {
        /// A rule of the client (MP-SOP).
        "sop" Sop,
        /// A scope decision (MP-SCOPE-02).
        "precedent" Precedent,
        /// A change order (MP-EX-CC-01).
        "order" Order,
        /// A link between ticketing systems (MP-INT).
        "integration" Integration,
        /// A change of the maintenance window (SH-MAINT-05).
        "window" Window,
    }
    /// What happens to a contact (SH-REQ-06).
    ContactChange {
        /// Someone may ask from then on.
        "add" Add,
        /// Someone may no longer ask.
        "remove" Remove,
    }
    /// What a request came to when it was closed with a summary (MP-UPD-05).
    Resolution {
        /// What was asked is done.
        "solved" Solved,
        /// It cannot be solved; the summary says why (SH-ACK-03).
        "cannot-solve" CannotSolve,
    }
    /// What one request is to another.
    Link {
        /// They are about the same matter.
        "relates" Relates,
        /// The first is the cause of the second.
        "causes" Causes,
        /// The second waits for the first.
        "blocks" Blocks,
    }
    /// How a release is offered.
    ReleaseChannel {
        /// An official release (SH-MAINT-02).
        "official" Official,
        /// A preview, which starts no clock.
        "preview" Preview,
    }
    /// How a vulnerability was remedied (MP-SC-SEC-02).
    RemedyMethod {
        /// Patched.
        "patch" Patch,
        /// Configured away.
        "configuration" Configuration,
        /// The service was isolated.
        "isolation" Isolation,
    }
}

/// A field as one word, for flat matches.
pub(crate) trait Attribute {
    fn attribute(&self) -> Option<Cow<'_, str>>;
}

impl Attribute for String {
    fn attribute(&self) -> Option<Cow<'_, str>> {
        Some(self.as_str().into())
    }
}

impl Attribute for bool {
    fn attribute(&self) -> Option<Cow<'_, str>> {
        Some(if *self { "true" } else { "false" }.into())
    }
}

impl<T: Attribute> Attribute for Option<T> {
    fn attribute(&self) -> Option<Cow<'_, str>> {
        self.as_ref().and_then(Attribute::attribute)
    }
}

/// Lists, and what has no single word, take part in no flat match.
impl<T> Attribute for Vec<T> {
    fn attribute(&self) -> Option<Cow<'_, str>> {
        None
    }
}

macro_rules! shown {
    ($($Type:ty)*) => { $(impl Attribute for $Type {
        fn attribute(&self) -> Option<Cow<'_, str>> { Some(self.to_string().into()) }
    })* };
}
shown! { u16 u32 u64 Instant Month Money Score Version }

impl Attribute for Side {
    fn attribute(&self) -> Option<Cow<'_, str>> {
        Some(self.name().into())
    }
}

impl Attribute for Observation {
    fn attribute(&self) -> Option<Cow<'_, str>> {
        None
    }
}

impl Attribute for super::Again {
    /// No agreement looks at how often something is asked.
    fn attribute(&self) -> Option<Cow<'_, str>> {
        None
    }
}

impl Attribute for super::Signed {
    /// Nor at who else vouches for it.
    fn attribute(&self) -> Option<Cow<'_, str>> {
        None
    }
}
