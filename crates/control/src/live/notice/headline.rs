//! What happened, in a sentence for whoever is told of it.

use facts::{Body, ContactChange, ContactChangeRequested, Fact, MaintenanceId, Side};

use crate::live::query::MaintenanceRecord;

/// What happened, in a sentence; and what was written in the fact itself.
pub(in crate::live) fn headline(fact: &Fact, who: &str) -> (String, Option<String>) {
    let plain = |text: String| (text, None);
    match &fact.body {
        Body::RequestReceived(request) if fact.actor.is_person() => {
            let word = request.priority.as_ref().or(request.urgency.as_ref());
            plain(word.map_or_else(
                || format!("{who} sent a request."),
                |word| format!("{who} sent a request: {word}."),
            ))
        }
        Body::RequestReceived(_) => plain(format!("An incident was opened by {who}.")),
        Body::RequestReplied(_) => plain(format!("{who} answered.")),
        Body::RequestNoted(_) => plain(format!("{who} left a note that the client does not see.")),
        Body::RequestAskedClient(_) => plain(format!("{who} asks something: it is your turn.")),
        Body::RequestClientReplied(_) => plain(format!("{who} wrote.")),
        Body::RequestUpdateAsked(_) => plain(format!("{who} asks for an update.")),
        Body::RequestStatusChanged(change) => plain(format!("Its status is now {}.", change.status)),
        Body::RequestClassified(said) => {
            let word = said.class.as_ref().or(said.kind.as_ref());
            let word = word.map_or("changed", String::as_str);
            (format!("{who} says what kind it is: {}.", word.replace('-', " ")), said.message.clone())
        }
        Body::FileAttached(_) => plain(format!("{who} attached a file.")),
        // SH-ACK-04.
        Body::WishLogged(_) => plain(
            "It is a feature request: it stands on the wish list and is closed as a request.".to_owned(),
        ),
        Body::RequestReprioritised(change) => {
            let word = change.priority.as_ref().or(change.urgency.as_ref());
            let word = word.map_or("changed", String::as_str);
            (format!("Its priority is now {word}."), Some(change.message.clone()))
        }
        Body::RequestMerged(merged) => {
            plain(format!("{who} merged it into {}: it goes on there.", merged.into))
        }
        Body::RequestParted(parted) => {
            plain(format!("{who} let it stand by itself again, apart from {}.", parted.from))
        }
        Body::ContactChangeRequested(change) => plain(contact(who, change)),
        Body::ContactChangeApplied(_) => {
            plain(format!("{who} lets a named contact count from now on, before the notice is over."))
        }
        Body::RequestResolved(resolved) => (format!("{who} resolved it."), Some(resolved.summary.clone())),
        Body::RequestReopened(_) => plain(format!("{who} opened it again.")),
        Body::RequestWithdrawn(_) => plain(format!("{who} withdrew it.")),
        Body::RequestAssigned(_) => plain(format!("{who} gave it to you.")),
        Body::RcaPublished(_) => plain("Its root cause analysis is there.".to_owned()),
        // SH-DEF-11.
        Body::MessageHeld(held) => plain(format!(
            "A message came in by {} from somebody who is no contact. It is held, and no clock runs: make it a request, or put it aside.",
            held.channel
        )),
        Body::MessageSettled(settled) => (
            match &settled.ticket {
                Some(ticket) => format!("{who} made request {ticket} of a held message."),
                None => format!("{who} put a held message aside: it becomes no request."),
            },
            settled.reason.clone(),
        ),
        Body::PauseClaimed(pause) => {
            (format!("{who} says that its clocks were paused."), Some(pause.reason.clone()))
        }
        Body::PauseAgreed(_) => plain(format!("{who} agrees that its clocks were paused.")),
        Body::PauseRefused(pause) => {
            (format!("{who} does not agree to a pause."), Some(pause.reason.clone()))
        }
        Body::AppealOpened(_) => plain(format!("{who} appeals against its priority.")),
        Body::AppealDecided(appeal) if appeal.upheld => plain("The appeal was upheld.".to_owned()),
        Body::AppealDecided(_) => plain("The appeal was not upheld.".to_owned()),
        Body::EscalationRaised(raised) => {
            let reason = raised.reason.as_deref().unwrap_or("no reason was given");
            plain(format!("{who} escalated it: {}.", reason.replace('-', " ")))
        }
        Body::EscalationAnswered(_) => plain(format!("{who} answered the escalation.")),
        Body::PageSent(page) if page.step == 0 => plain("You are called about it.".to_owned()),
        Body::PageSent(_) => {
            plain("You are called about it: nobody before you has seen the call.".to_owned())
        }
        Body::PageUnanswered(page) => {
            plain(format!("Nobody has answered the call; {} were called.", page.called))
        }
        // SH-AVAIL-07.
        Body::CheckDefined(check) => {
            let asked = check.question().map_or_else(|| "a heartbeat".to_owned(), |what| what.to_string());
            plain(format!("{who} said what check {} asks: {asked}, every {} s.", check.check, check.every_s))
        }
        Body::CheckEnded(ended) => plain(format!(
            "{who} withdrew check {}: nobody asks it any more, and nothing is known by it from then on.",
            ended.check
        )),
        // MP-SC-INC-02.
        Body::ThresholdCrossed(crossed) => (
            format!("A limit was crossed on {}: {}.", crossed.instance, crossed.measure),
            crossed.evidence.clone(),
        ),
        Body::MaintenancePlanned(planned) => {
            plain(format!("Maintenance is planned from {} to {}.", planned.starts_at, planned.ends_at))
        }
        Body::MaintenanceCancelled(_) => plain("The maintenance was cancelled.".to_owned()),
        Body::FreezeSet(set) => (
            format!("{who} set a change freeze from {} to {}.", set.from, set.until),
            Some(set.reason.clone()),
        ),
        Body::FreezeLifted(_) => plain(format!("{who} lifted the change freeze.")),
        Body::ExclusionClaimed(claim) => (
            format!(
                "{who} claims that downtime of {} from {} to {} does not count: {}.",
                claim.instance,
                claim.from,
                claim.until,
                claim.cause.replace('-', " ")
            ),
            Some(claim.evidence.clone()),
        ),
        Body::ExclusionDisputed(dispute) => {
            (format!("{who} disputes that this downtime does not count."), dispute.reason.clone())
        }
        Body::ExclusionSettled(settled) if settled.stands => {
            plain(format!("{who} accepts it: this downtime does not count."))
        }
        Body::ExclusionSettled(_) => plain(format!("{who} takes it back: this downtime counts.")),
        Body::ProposalMade(made) if made.window.is_some() => {
            plain(format!("{who} proposes another maintenance window."))
        }
        Body::ProposalMade(made) => (format!("{who} asks for your approval."), made.what.clone()),
        Body::ProposalApproved(_) => plain(format!("{who} approved it.")),
        Body::ProposalRefused(refused) => {
            (format!("{who} did not approve it."), Some(refused.reason.clone()))
        }
        Body::ChangeProposed(change) => (
            format!("{who} asks for your approval of a change: {}, from {}.", change.kind, change.starts_at),
            change.what.clone(),
        ),
        Body::ChangeApproved(_) => plain(format!("{who} approved the change.")),
        Body::ChangeRefused(refused) if fact.actor.side == Side::Client => {
            (format!("{who} did not approve the change."), Some(refused.reason.clone()))
        }
        Body::ChangeRefused(refused) => {
            (format!("{who} called the change off."), Some(refused.reason.clone()))
        }
        Body::ChangeStarted(_) => plain(format!("{who} began the change.")),
        Body::ChangeClosed(closed) => (format!("{who} closed the change."), closed.validation.clone()),
        Body::ClientChangePlanned(change) => {
            (format!("{who} changes something of its own from {}.", change.starts_at), change.what.clone())
        }
        Body::StatementPublished(_) => plain("A statement was published.".to_owned()),
        other => plain(format!("{}.", other.event().name())),
    }
}

/// Who may ask and decide changes (SH-REQ-06). The name stands on the page: it is no part of the journal.
fn contact(who: &str, change: &ContactChangeRequested) -> String {
    let roles = match change.roles.join(", ") {
        roles if roles.is_empty() => String::new(),
        roles => format!(" ({roles})"),
    };
    match change.change {
        ContactChange::Add => {
            format!("{who} names a contact{roles}: it counts after the agreement's notice.")
        }
        ContactChange::Remove => format!("{who} removed a contact{roles}."),
    }
}

/// How often maintenance comes back, and when it does next: told once for the whole series.
pub(in crate::live) fn comes_back(later: &[MaintenanceRecord]) -> String {
    let span = |record: &MaintenanceRecord| {
        format!("from {} to {}", record.planned.starts_at, record.planned.ends_at)
    };
    match later {
        [] => String::new(),
        [one] => format!(" It comes back once, {}.", span(one)),
        [next, then, ..] => {
            format!(" It comes back {} times, next {}, then {}.", later.len(), span(next), span(then))
        }
    }
}

/// What a freeze met when it was set: nobody moves it but who planned it.
pub(super) fn stays(met: &[MaintenanceId]) -> String {
    let names: Vec<&str> = met.iter().map(MaintenanceId::as_str).collect();
    match names[..] {
        [] => String::new(),
        [one] => format!(" {one} is on file for that time already and stays."),
        _ => format!(" {} are on file for that time already and stay.", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_freeze_met_is_named() {
        let met = |names: &[&str]| stays(&names.iter().map(|name| name.parse().unwrap()).collect::<Vec<_>>());
        assert_eq!(met(&[]), "");
        assert_eq!(met(&["M-1"]), " M-1 is on file for that time already and stays.");
        assert_eq!(met(&["M-1", "M-2"]), " M-1, M-2 are on file for that time already and stay.");
    }
}
