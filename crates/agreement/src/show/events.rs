//! Events as people speak of them: what happens, and what somebody is to do so that it happens.

use facts::{Event, Moment};

use super::words::matching;
use crate::value::matching::Trigger;

/// `a request comes in (class feature)`.
pub(super) fn when(trigger: &Trigger) -> String {
    let which = matching(&trigger.matching);
    let which = if which.is_empty() { which } else { format!(" ({which})") };
    format!("{}{which}", happens(trigger.event))
}

/// What happens, after `when`.
pub(super) fn happens(event: Event) -> String {
    spoken(event).map_or_else(
        || format!("{} is on record", super::words::plain(event.name())),
        |(happens, _)| happens.to_owned(),
    )
}

/// What a party is to do so that it happens, after `shall`.
pub(super) fn act(event: Event) -> String {
    spoken(event).map_or_else(|| format!("see that {}", happens(event)), |(_, act)| act.to_owned())
}

/// The instant that a deadline counts back from.
pub(super) fn moment(moment: Moment) -> &'static str {
    match moment {
        Moment::MaintenanceStart => "the maintenance starts",
        Moment::ChangeStart => "the change starts",
        Moment::ClientChangeStart => "that change starts",
        Moment::CertificateExpiry => "the certificate expires",
        Moment::LicenceExpiry => "the licence expires",
        Moment::SupportEnd => "its support ends",
    }
}

/// What happens, and what somebody does so that it happens. None for events that no obligation speaks of.
fn spoken(event: Event) -> Option<(&'static str, &'static str)> {
    Some(match event {
        Event::AgreementActivated => ("this agreement comes into force", "put this agreement into force"),
        Event::ServiceActivated => ("the service begins", "begin the service"),
        Event::InstanceAdded => ("an instance comes under this agreement", "add the instance"),
        Event::InstanceEnded => ("the instance leaves this agreement", "end the instance"),
        Event::InstanceVersionSeen => ("a version is seen running", "have it running"),
        Event::CheckObserved => ("a check is made", "look whether it answers"),
        Event::BackupTaken => ("a backup is taken", "take a backup"),
        Event::ThresholdCrossed => ("a measured value crosses its limit", "note that it crossed its limit"),
        Event::AlertSent => ("people are alerted", "alert people"),
        Event::RequestReceived => ("a request comes in", "send a request"),
        Event::RequestClassified => {
            ("it is said what kind of request it is", "say what kind of request it is")
        }
        Event::RequestReprioritised => ("a priority or urgency is changed", "change the priority"),
        Event::RequestReplied => ("the provider replies", "reply"),
        Event::RequestAskedClient => ("the provider asks the client something", "ask the client"),
        Event::RequestClientReplied => ("the client replies", "reply"),
        Event::RequestUpdateAsked => ("the client asks for an update", "ask for an update"),
        Event::RequestStatusChanged => ("the status changes", "change the status"),
        Event::RequestResolved => ("the request is resolved", "resolve the request"),
        Event::RequestWithdrawn => ("the request is withdrawn", "withdraw the request"),
        Event::WishLogged => ("the wish is logged", "log it as a wish"),
        Event::RcaPublished => ("a root cause analysis is published", "publish a root cause analysis"),
        Event::AppealOpened => ("the client appeals against a changed priority", "appeal"),
        Event::AppealDecided => ("the appeal is decided", "decide the appeal"),
        Event::EscalationRaised => ("the client escalates", "escalate"),
        Event::EscalationAnswered => ("the escalation is answered", "answer the escalation"),
        Event::RequestAssigned => ("somebody takes the request on", "give it to somebody"),
        Event::RequestMerged => ("the request goes on in another", "merge it into another"),
        Event::RequestPaused => ("its clocks are paused", "pause its clocks"),
        Event::RequestResumed => ("its clocks go on", "let its clocks go on"),
        Event::RequestReopened => ("the request is opened again", "open it again"),
        Event::PauseClaimed => ("a pause is claimed afterwards", "claim a pause"),
        Event::PauseAgreed => ("the other side agrees to a pause", "agree to the pause"),
        Event::PauseRefused => ("the other side does not agree to a pause", "say that the clocks ran"),
        Event::ContactChangeApplied => {
            ("a change of contacts takes effect", "put the change of contacts into effect")
        }
        Event::MaintenancePlanned => ("maintenance is put on file", "put maintenance on file"),
        Event::MaintenanceCancelled => ("the maintenance is cancelled", "cancel the maintenance"),
        Event::NoticeDelivered => ("notice is delivered", "deliver notice"),
        Event::StatementPublished => ("a month's statement is published", "publish the month's statement"),
        Event::ClaimSubmitted => ("the credit is claimed", "claim the credit"),
        Event::CreditApplied => ("the credit is put on an invoice", "put the credit on an invoice"),
        Event::ReleasePublished => ("a release comes out", "publish a release"),
        Event::FixReleased => ("a fixed version of vulnerable software comes out", "release a fix"),
        Event::CvePublished => ("a vulnerability is published", "publish it"),
        Event::CveItemOpened => ("an item is opened for a vulnerability", "open an item for it"),
        Event::CveRemediated => ("the vulnerability is remedied", "remedy it"),
        Event::CertificateExpiring => ("a certificate nears its end", "note the end"),
        Event::CertificateSupplied => ("a new certificate is supplied", "supply a new one"),
        Event::LicenceExpiring => ("a licence or subscription nears its end", "note the end"),
        Event::LicenceRenewed => ("the licence is renewed", "renew it"),
        Event::SupportEndNearing => ("something in use nears the end of its support", "note the end"),
        Event::SupportEndAverted => ("it is in support again", "upgrade, extend or remove it"),
        Event::AccessReviewDue => ("a review of access rights is due", "ask for a review"),
        Event::AccessReviewed => ("access rights are reviewed", "review the access rights"),
        Event::AccessMissing => ("access to a system is missing", "report the missing access"),
        Event::AccessGranted => ("the access works", "give access"),
        Event::VpnDown => ("the client's VPN fails", "report the failure"),
        Event::VpnUp => ("the VPN works again", "make it work again"),
        Event::ClientChangePlanned => {
            ("the client plans a major change of its environment", "plan the change")
        }
        Event::ClientChangeAnnounced => ("the change is announced", "announce it to the provider"),
        Event::ProgrammeChanged => {
            ("the client's onboarding programme for engineers changes", "change the programme")
        }
        Event::ProgrammeAnnounced => ("the change of programme is announced", "announce it to the provider"),
        Event::ContactChangeRequested => {
            ("a change of contacts is asked for", "ask for a change of contacts")
        }
        Event::ChangeProposed => ("a change is proposed", "propose the change"),
        Event::ChangeApproved => ("the change is approved", "approve the change or refuse it"),
        Event::ChangeRefused => ("a change is refused or called off", "refuse the change"),
        Event::ChangeStarted => ("a change begins", "begin the change"),
        Event::ChangeClosed => ("a change is closed", "close the change"),
        Event::ActionStarted => ("an operation under the client's rules begins", "begin the operation"),
        Event::SopCheckPassed => ("the rules that apply are kept", "keep the rules that apply"),
        Event::MeetingRecorded => ("the kickoff is put on record", "hold the kickoff"),
        _ => return None,
    })
}
