//! What waits for a client's word beside the requests that are in its turn.

use agreement::Permission;
use facts::{Actor, Event, ExclusionId, Fact, ProposalId, ProposalKind, Side, TicketId};
use promise::{
    Exclusions, Standing,
    approval::{self, ProposalState},
    change::Change,
};
use spans::Instant;

use super::is_closed;
use crate::live::{Book, command::open_pause};

/// What a client can answer now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Requests whose clocks stood still, as the provider says.
    pub pauses: Vec<TicketId>,
    /// Proposals of a window, or of work outside one, that want its approval (SH-MAINT-05).
    pub proposals: Vec<ProposalId>,
    /// Changes of its systems that want its approval by their start, the soonest first (MP-CLI-11).
    pub changes: Vec<Change>,
    /// Claims that something does not count, with the last instant to dispute each; none: at any time (SH-EXCL-08).
    pub claims: Vec<(ExclusionId, Option<Instant>)>,
    /// How many messages of people who are no contacts are held, for those who may make requests of them (SH-DEF-11).
    pub held: usize,
}

impl Book {
    /// What somebody of the client can answer at an instant, as far as the agreement lets them.
    pub fn waits_for_client(&self, who: &Actor, now: Instant) -> Waiting {
        let open = self.tickets().filter(|(_, facts)| !is_closed(facts) && claims_pause(facts));
        let pauses = open.map(|(id, _)| TicketId(id.clone())).collect();
        let Some(versions) = self.versions() else { return Waiting { pauses, ..Waiting::default() } };
        let approves = self.permits(who, Permission::WindowApprove);
        let is_asked = |state: &ProposalState| {
            approves
                && matches!(state, ProposalState::Pending { waits_for } if waits_for.contains(&Side::Client))
        };
        let proposals = approval::proposals(versions.latest(), &self.history(), now).into_iter();
        let held = if self.permits(who, Permission::RequestOpen) { self.held_count() } else { 0 };
        let proposals = proposals.filter(|one| one.kind == ProposalKind::Window && is_asked(&one.state));
        let disputes = self.permits(who, Permission::ExclusionDispute);
        let excluded = Exclusions::read(versions.latest().terms(), self.facts(), now);
        let instances = self.instance_names();
        let claims = instances.iter().flat_map(|(instance, _)| excluded.of(instance)).filter_map(|one| {
            let Standing::Claimed { disputable_until } = one.standing else { return None };
            let in_time = disputes && disputable_until.is_none_or(|until| now <= until);
            in_time.then(|| Some((one.record.parse().ok()?, disputable_until)))?
        });
        let mut changes = self.proposed_changes(now);
        let decides = self.permits(who, Permission::ChangeApprove);
        changes.retain(|change| decides && change.is_open(now));
        changes.reverse();
        Waiting {
            pauses,
            changes,
            held,
            proposals: proposals.map(|one| one.id).collect(),
            claims: claims.collect(),
        }
    }
}

/// Whether the provider says that the clocks stood still, and the client has not answered.
fn claims_pause(facts: &[Fact]) -> bool {
    let claimed = facts.iter().rev().find(|fact| fact.event() == Event::PauseClaimed);
    open_pause(facts).is_some() && claimed.is_some_and(|fact| fact.actor.side == Side::Provider)
}
