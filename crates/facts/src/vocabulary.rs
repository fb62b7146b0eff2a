//! Every fact that can happen, in one place. One line each: its stable name, its type, and what it is about.
//!
//! A name is never reused for another meaning; a field is only ever added, with a default.

mod check;
mod client_duty;
mod desk;
mod governance;
mod held;
mod instance;
mod maintenance;
mod money;
mod onboarding;
mod request;
mod rota;
mod security;
mod status;
mod words;

use std::borrow::Cow;

pub use check::*;
pub use client_duty::*;
pub use desk::*;
pub use governance::*;
pub use held::*;
pub use instance::*;
pub use maintenance::*;
pub use money::*;
pub use onboarding::*;
pub use request::*;
pub use rota::*;
pub use security::*;
use serde::{Deserialize, Serialize};
use spans::Instant;
pub use status::*;
pub use words::*;

use crate::{Slug, Subject};

vocabulary! {
    // The agreement and what it covers.
    "agreement.activated" AgreementActivated: Agreement(agreement),
    "service.activated" ServiceActivated: Service(service),
    "instance.added" InstanceAdded: Instance(instance),
    "instance.ended" InstanceEnded: Instance(instance),
    "instance.charged" InstanceCharged: Instance(instance),
    "instance.restarted" InstanceRestarted: Instance(instance),
    "instance.version_seen" InstanceVersionSeen: Instance(instance),
    "check.defined" CheckDefined: Instance(instance),
    "check.ended" CheckEnded: Instance(instance),
    "check.observed" CheckObserved: Instance(instance),
    "quota.hit" QuotaHit: Instance(instance),
    "backup.taken" BackupTaken: Instance(instance),
    "backup.deleted" BackupDeleted: Instance(instance),
    "threshold.crossed" ThresholdCrossed: Alert(alert),
    "alert.sent" AlertSent: Alert(alert),
    // Requests.
    "request.received" RequestReceived: Ticket(ticket),
    "request.classified" RequestClassified: Ticket(ticket),
    "request.reprioritised" RequestReprioritised: Ticket(ticket),
    "request.replied" RequestReplied: Ticket(ticket),
    "request.noted" RequestNoted: Ticket(ticket),
    "request.asked_client" RequestAskedClient: Ticket(ticket),
    "request.client_replied" RequestClientReplied: Ticket(ticket),
    "request.update_asked" RequestUpdateAsked: Ticket(ticket),
    "request.status_changed" RequestStatusChanged: Ticket(ticket),
    "request.assigned" RequestAssigned: Ticket(ticket),
    "request.tagged" RequestTagged: Ticket(ticket),
    "request.watched" RequestWatched: Ticket(ticket),
    "request.unwatched" RequestUnwatched: Ticket(ticket),
    "request.linked" RequestLinked: Ticket(ticket),
    "request.unlinked" RequestUnlinked: Ticket(ticket),
    "request.merged" RequestMerged: Ticket(ticket),
    "request.parted" RequestParted: Ticket(ticket),
    "request.paused" RequestPaused: Ticket(ticket),
    "request.resumed" RequestResumed: Ticket(ticket),
    "request.resolved" RequestResolved: Ticket(ticket),
    "request.reopened" RequestReopened: Ticket(ticket),
    "request.withdrawn" RequestWithdrawn: Ticket(ticket),
    "wish.logged" WishLogged: Ticket(ticket),
    "rca.published" RcaPublished: Ticket(ticket),
    "file.attached" FileAttached: Ticket(ticket),
    "file.removed" FileRemoved: Ticket(ticket),
    "message.held" MessageHeld: Held(message),
    "message.settled" MessageSettled: Held(message),
    "pause.claimed" PauseClaimed: Pause(pause),
    "pause.agreed" PauseAgreed: Pause(pause),
    "pause.refused" PauseRefused: Pause(pause),
    "appeal.opened" AppealOpened: Appeal(appeal),
    "appeal.decided" AppealDecided: Appeal(appeal),
    "escalation.raised" EscalationRaised: Escalation(escalation),
    "escalation.answered" EscalationAnswered: Escalation(escalation),
    "page.sent" PageSent: Page(page),
    "page.acknowledged" PageAcknowledged: Page(page),
    "page.unanswered" PageUnanswered: Page(page),
    // Maintenance and exclusions.
    "maintenance.planned" MaintenancePlanned: Maintenance(maintenance),
    "maintenance.started" MaintenanceStarted: Maintenance(maintenance),
    "maintenance.ended" MaintenanceEnded: Maintenance(maintenance),
    "maintenance.cancelled" MaintenanceCancelled: Maintenance(maintenance),
    "notice.delivered" NoticeDelivered: Maintenance(maintenance),
    "freeze.set" FreezeSet: Freeze(freeze),
    "freeze.lifted" FreezeLifted: Freeze(freeze),
    "exclusion.claimed" ExclusionClaimed: Exclusion(exclusion),
    "exclusion.disputed" ExclusionDisputed: Exclusion(exclusion),
    "exclusion.settled" ExclusionSettled: Exclusion(exclusion),
    // What the public is told.
    "status.published" StatusPublished: StatusPage(page),
    "status.withdrawn" StatusWithdrawn: StatusPage(page),
    "incident.update_published" IncidentUpdatePublished: Incident(incident),
    // Statements, claims, credits.
    "statement.published" StatementPublished: Statement(statement),
    "claim.submitted" ClaimSubmitted: Statement(statement),
    "credit.applied" CreditApplied: Statement(statement),
    "credit.goodwill" CreditGoodwill: Statement(statement),
    // Releases and vulnerabilities.
    "release.published" ReleasePublished: Release(release),
    "fix.released" FixReleased: Fix(fix),
    "cve.published" CvePublished: Vulnerability(cve),
    "cve.item_opened" CveItemOpened: Vulnerability(cve),
    "cve.remediated" CveRemediated: Vulnerability(cve),
    // What the client keeps up.
    "certificate.expiring" CertificateExpiring: Certificate(certificate),
    "certificate.supplied" CertificateSupplied: Certificate(certificate),
    "licence.expiring" LicenceExpiring: Licence(licence),
    "licence.renewed" LicenceRenewed: Licence(licence),
    "support_end.nearing" SupportEndNearing: Item(item),
    "support_end.averted" SupportEndAverted: Item(item),
    "access.review_due" AccessReviewDue: Review(review),
    "access.reviewed" AccessReviewed: Review(review),
    "access.missing" AccessMissing: System(system),
    "access.granted" AccessGranted: System(system),
    "vpn.down" VpnDown: System(system),
    "vpn.up" VpnUp: System(system),
    "client_change.planned" ClientChangePlanned: Change(change),
    "client_change.announced" ClientChangeAnnounced: Change(change),
    "programme.changed" ProgrammeChanged: Programme(programme),
    "programme.announced" ProgrammeAnnounced: Programme(programme),
    "pool.restricted" PoolRestricted: Service(service),
    "pool.opened" PoolOpened: Service(service),
    "contact.change_requested" ContactChangeRequested: Contact(contact),
    "contact.change_applied" ContactChangeApplied: Contact(contact),
    // Rules, changes, orders.
    "change.proposed" ChangeProposed: Change(change),
    "change.approved" ChangeApproved: Change(change),
    "change.refused" ChangeRefused: Change(change),
    "change.started" ChangeStarted: Change(change),
    "change.closed" ChangeClosed: Change(change),
    "action.started" ActionStarted: Action(action),
    "sop.check_passed" SopCheckPassed: Action(action),
    "proposal.made" ProposalMade: Proposal(proposal),
    "proposal.approved" ProposalApproved: Proposal(proposal),
    "proposal.refused" ProposalRefused: Proposal(proposal),
    "work.logged" WorkLogged: Work(work),
    "shift.planned" ShiftPlanned: Shift(shift),
    "rota.set" RotaSet: Rota(rota),
    "rota.overridden" RotaOverridden: Rota(rota),
    // Onboarding.
    "onboarding.waiting" OnboardingWaiting: Service(service),
    "meeting.recorded" MeetingRecorded: Service(service),
    "escalation_path.acknowledged" EscalationPathAcknowledged: Service(service),
    "contact.invited" ContactInvited: Service(service),
    "contact.signed_in" ContactSignedIn: Service(service),
    "environment.recorded" EnvironmentRecorded: Service(service),
    "walkthrough.recorded" WalkthroughRecorded: Service(service),
    "outcomes.recorded" OutcomesRecorded: Service(service),
    "sop_template.shared" SopTemplateShared: Service(service),
    "sop_set.approved" SopSetApproved: Service(service),
    "access_checks.passed" AccessChecksPassed: Service(service),
    "governance.recorded" GovernanceRecorded: Service(service),
    "document.attached" DocumentAttached: Service(service),
}

/// An instant that a promise can count back from: a planned start, an expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// The planned start of a maintenance record.
    MaintenanceStart,
    /// The planned start of a change.
    ChangeStart,
    /// The planned start of a change the client makes itself.
    ClientChangeStart,
    /// When a certificate stops being valid.
    CertificateExpiry,
    /// When a licence stops being valid.
    LicenceExpiry,
    /// When a product's support ends.
    SupportEnd,
}

impl Moment {
    /// All of them.
    pub const ALL: [Moment; 6] = [
        Moment::MaintenanceStart,
        Moment::ChangeStart,
        Moment::ClientChangeStart,
        Moment::CertificateExpiry,
        Moment::LicenceExpiry,
        Moment::SupportEnd,
    ];

    /// The name used in agreement files.
    pub fn name(self) -> &'static str {
        match self {
            Moment::MaintenanceStart => "maintenance.start",
            Moment::ChangeStart => "change.start",
            Moment::ClientChangeStart => "client_change.start",
            Moment::CertificateExpiry => "certificate.expiry",
            Moment::LicenceExpiry => "licence.expiry",
            Moment::SupportEnd => "support_end",
        }
    }

    /// The event whose facts carry it.
    pub fn carried_by(self) -> Event {
        match self {
            Moment::MaintenanceStart => Event::MaintenancePlanned,
            Moment::ChangeStart => Event::ChangeProposed,
            Moment::ClientChangeStart => Event::ClientChangePlanned,
            Moment::CertificateExpiry => Event::CertificateExpiring,
            Moment::LicenceExpiry => Event::LicenceExpiring,
            Moment::SupportEnd => Event::SupportEndNearing,
        }
    }

    /// The instant itself, in a fact that carries one.
    pub fn of(self, body: &Body) -> Option<Instant> {
        match (self, body) {
            (Moment::MaintenanceStart, Body::MaintenancePlanned(m)) => Some(m.starts_at),
            (Moment::ChangeStart, Body::ChangeProposed(c)) => Some(c.starts_at),
            (Moment::ClientChangeStart, Body::ClientChangePlanned(c)) => Some(c.starts_at),
            (Moment::CertificateExpiry, Body::CertificateExpiring(c)) => Some(c.expires_at),
            (Moment::LicenceExpiry, Body::LicenceExpiring(l)) => Some(l.expires_at),
            (Moment::SupportEnd, Body::SupportEndNearing(s)) => Some(s.ends_at),
            _ => None,
        }
    }
}

/// A field of a fact, for the reference page and for lints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its JSON name.
    pub name: &'static str,
    /// Its type, as written in the source.
    pub kind: &'static str,
    /// What it means.
    pub about: &'static str,
}

/// The one list above, as a body, a list of events and a list of nouns.
macro_rules! vocabulary {
    ($($name:literal $Type:ident: $Noun:ident($id:ident),)*) => {
        /// What happened.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "event", content = "data")]
        #[allow(missing_docs, reason = "each variant is its type, documented there")]
        pub enum Body { $(#[serde(rename = $name)] $Type($Type),)* }

        /// The name of something that can happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each variant is the type of its name, documented there")]
        pub enum Event { $($Type,)* }

        impl Event {
            /// Every event, in the order of the reference page.
            pub const ALL: &[Event] = &[$(Event::$Type,)*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Event::$Type => $name,)* }
            }

            /// The event of that name.
            pub fn named(name: &str) -> Option<Event> {
                match name { $($name => Some(Event::$Type),)* _ => None }
            }

            /// What it means, in a sentence or two.
            pub fn about(self) -> &'static str {
                match self { $(Event::$Type => $Type::ABOUT,)* }
            }

            /// What it carries.
            pub fn fields(self) -> &'static [Field] {
                match self { $(Event::$Type => $Type::FIELDS,)* }
            }

            /// Whether a flat match may look at this name: a field, or one worked out from the fields.
            pub fn has_attribute(self, name: &str) -> bool {
                (self == Event::StatementPublished && name == "entitled") || self.fields().iter().any(|f| f.name == name)
            }

            /// What it is about.
            pub fn noun(self) -> Noun {
                match self { $(Event::$Type => Noun::$Noun,)* }
            }
        }

        impl Body {
            /// Which event this is.
            pub fn event(&self) -> Event {
                match self { $(Body::$Type(_) => Event::$Type,)* }
            }

            /// What it is about.
            pub fn subject(&self) -> Subject {
                Subject { noun: self.event().noun(), id: self.subject_id().clone() }
            }

            /// The id of what it is about.
            pub fn subject_id(&self) -> &Slug {
                match self { $(Body::$Type(data) => &data.$id.0,)* }
            }

            /// A field as text, for the flat matches of an agreement file; `None` where it is absent or no single word.
            pub fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
                if let (Body::StatementPublished(statement), "entitled") = (self, name) {
                    return Some(if statement.entitlement.is_some() { "true" } else { "false" }.into());
                }
                match self { $(Body::$Type(data) => data.attribute(name),)* }
            }
        }

        $(impl From<$Type> for Body {
            fn from(data: $Type) -> Body { Body::$Type(data) }
        })*
    };
}
use vocabulary;

/// A fact's own type: plain data with its documentation kept for the reference page.
macro_rules! fact {
    ($(#[doc = $about:literal])+ $Type:ident { $($(#[doc = $field_about:literal])+ $(#[serde($($serde:tt)*)])? $field:ident: $kind:ty,)* }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $Type { $($(#[doc = $field_about])+ $(#[serde($($serde)*)])? pub $field: $kind,)* }

        impl $Type {
            /// What it means.
            pub const ABOUT: &str = concat!($($about,)+);
            /// Its fields.
            pub const FIELDS: &[crate::Field] = &[$(crate::Field {
                name: stringify!($field), kind: stringify!($kind), about: concat!($($field_about,)+),
            },)*];

            pub(crate) fn attribute(&self, name: &str) -> Option<std::borrow::Cow<'_, str>> {
                #[allow(unused_imports, reason = "a fact may have no plain field")]
                use crate::vocabulary::words::Attribute;
                match name { $(stringify!($field) => self.$field.attribute(),)* _ => None }
            }
        }
    };
}
use fact;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for event in Event::ALL {
            assert_eq!(Event::named(event.name()), Some(*event));
        }
        let names: std::collections::BTreeSet<_> = Event::ALL.iter().map(|e| e.name()).collect();
        assert_eq!(names.len(), Event::ALL.len());
    }

    #[test]
    fn every_moment_is_carried_by_a_field_of_its_event() {
        for moment in Moment::ALL {
            let instants = moment.carried_by().fields().iter().filter(|f| f.kind == "Instant").count();
            assert!(instants >= 1, "{}", moment.name());
        }
    }
}
