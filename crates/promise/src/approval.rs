//! What needs both parties: a proposal, who approved it, and what it waits for. Silence is never consent.

use agreement::{Agreement, Approval, Becomes, Permission, Step};
use facts::{
    Body, Event, Fact, MaintenanceId, MaintenancePlanned, Noun, ProposalId, ProposalKind, ProposalMade,
    ProposedWork, Side,
};
use spans::{Instant, Length};

use crate::{
    guard::holds,
    history::{History, until},
    obligation::Plan,
    why::Why,
};

/// A proposal as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Which.
    pub id: ProposalId,
    /// What it is for.
    pub kind: ProposalKind,
    /// Who made it.
    pub by: Side,
    /// When.
    pub made: Instant,
    /// Who approved, the proposer's side first where the proposer may approve; by steps where it has any.
    pub approved_by: Vec<Side>,
    /// The step that comes next, where it has steps.
    pub next_step: Option<Step>,
    /// How it stands.
    pub state: ProposalState,
    /// When the silent party is reminded.
    pub reminders: Vec<Instant>,
    /// What it became, once approved.
    pub becomes: Option<Becomes>,
    /// Why.
    pub why: Why,
}

/// How a proposal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProposalState {
    /// It waits for these parties, however long.
    Pending {
        /// For whom.
        waits_for: Vec<Side>,
    },
    /// Everybody approved.
    Approved {
        /// When the last one did.
        at: Instant,
    },
    /// Somebody refused.
    Refused {
        /// When.
        at: Instant,
        /// Who.
        side: Side,
        /// Why.
        reason: String,
    },
}

/// The proposal of that id as it stands `at`; none where it was not made yet.
pub fn proposal(plan: &Plan, history: &History<'_>, id: &ProposalId, at: Instant) -> Option<Proposal> {
    let facts = until(history.of(Noun::Proposal, &id.0), at);
    let (fact, made) = made(facts)?;
    let rule = rule_of(plan.agreement(), made.kind);
    let steps: &[Step] = rule.map_or(&[], |rule| &rule.steps);
    let mut heard = Heard::new(plan.agreement(), fact, made, rule, steps);
    for fact in facts {
        heard.hear(fact);
    }
    let state = heard.state();
    let reminders = heard.reminders(rule, &state);
    let becomes =
        rule.and_then(|rule| rule.becomes).filter(|_| matches!(state, ProposalState::Approved { .. }));
    Some(Proposal {
        id: id.clone(),
        kind: made.kind,
        by: made.side,
        made: fact.at,
        next_step: heard.next_step(),
        why: heard.why(plan, id, rule, &state),
        approved_by: heard.approved,
        state,
        reminders,
        becomes,
    })
}

fn made<'h>(facts: &[&'h Fact]) -> Option<(&'h Fact, &'h ProposalMade)> {
    facts.iter().find_map(|fact| match &fact.body {
        Body::ProposalMade(made) => Some((*fact, made)),
        _ => None,
    })
}

/// Every proposal as it stands `at`, in the order of their making.
pub fn proposals(plan: &Plan, history: &History<'_>, at: Instant) -> Vec<Proposal> {
    let made = history.all(Event::ProposalMade, at).iter();
    let ids = made.filter_map(|fact| match &fact.body {
        Body::ProposalMade(made) => Some(&made.proposal),
        _ => None,
    });
    ids.filter_map(|id| proposal(plan, history, id, at)).collect()
}

impl Proposal {
    /// Whether everybody who must has approved.
    pub fn is_approved(&self) -> bool {
        matches!(self.state, ProposalState::Approved { .. })
    }

    /// Whether it can still be approved or refused.
    pub fn is_open(&self) -> bool {
        matches!(self.state, ProposalState::Pending { .. })
    }
}

impl ProposalState {
    /// The one word for it.
    pub fn name(&self) -> &'static str {
        match self {
            ProposalState::Pending { .. } => "pending",
            ProposalState::Approved { .. } => "approved",
            ProposalState::Refused { .. } => "refused",
        }
    }
}

/// What the facts of one proposal say so far.
struct Heard<'h> {
    made: &'h Fact,
    needed: Vec<Side>,
    steps: &'h [Step],
    done: usize,
    approved: Vec<Side>,
    /// When the last approval came that it needed.
    complete: Option<Instant>,
    refused: Option<(Instant, Side, &'h str)>,
    acts: Vec<&'h Fact>,
}

impl<'h> Heard<'h> {
    fn new(
        agreement: &Agreement,
        fact: &'h Fact,
        made: &ProposalMade,
        rule: Option<&Approval>,
        steps: &'h [Step],
    ) -> Heard<'h> {
        let needed = rule.map(|rule| rule.approve.clone()).filter(|approve| !approve.is_empty());
        let needed = needed.unwrap_or_else(|| vec![Side::Provider, Side::Client]);
        // Who proposes approves, if approving is theirs; a proposal in steps is approved step by step, by its proposer too.
        let may = permission(made.kind, made.side);
        let implied = may.is_none_or(|what| holds(agreement, &fact.actor, what, made.side));
        let approved = if implied && steps.is_empty() { vec![made.side] } else { Vec::new() };
        Heard {
            made: fact,
            needed,
            steps,
            done: 0,
            approved,
            complete: None,
            refused: None,
            acts: Vec::new(),
        }
    }

    fn hear(&mut self, fact: &'h Fact) {
        if self.complete.is_some() || self.refused.is_some() {
            return;
        }
        match &fact.body {
            Body::ProposalRefused(refused) => self.refused = Some((fact.at, refused.side, &refused.reason)),
            Body::ProposalApproved(approved) if self.counts(approved.step.as_deref(), approved.side) => {
                self.done += 1;
                if !self.approved.contains(&approved.side) {
                    self.approved.push(approved.side);
                }
            }
            Body::ProposalMade(_) => {}
            _ => return,
        }
        self.acts.push(fact);
        if self.is_complete() {
            self.complete = Some(fact.at);
        }
    }

    /// Without steps any approval counts; with steps, that of the next one by the side it belongs to.
    fn counts(&self, step: Option<&str>, side: Side) -> bool {
        match self.next_step() {
            None => self.steps.is_empty(),
            Some(next) => step == Some(next.name()) && step_side(next).is_none_or(|owner| owner == side),
        }
    }

    fn is_complete(&self) -> bool {
        match self.steps {
            [] => self.needed.iter().all(|side| self.approved.contains(side)),
            steps => self.done == steps.len(),
        }
    }

    fn next_step(&self) -> Option<Step> {
        self.steps.get(self.done).copied()
    }

    fn state(&self) -> ProposalState {
        match (self.refused, self.complete) {
            (Some((at, side, reason)), _) => ProposalState::Refused { at, side, reason: reason.to_owned() },
            (None, Some(at)) => ProposalState::Approved { at },
            (None, None) => ProposalState::Pending { waits_for: self.waits_for() },
        }
    }

    fn waits_for(&self) -> Vec<Side> {
        match self.next_step().and_then(step_side) {
            Some(side) => vec![side],
            None if self.steps.is_empty() => {
                self.needed.iter().copied().filter(|side| !self.approved.contains(side)).collect()
            }
            None => self.needed.clone(),
        }
    }

    /// Time on the wall: the file names no calendar for them.
    fn reminders(&self, rule: Option<&Approval>, state: &ProposalState) -> Vec<Instant> {
        let over = match state {
            ProposalState::Pending { .. } => Instant::MAX,
            ProposalState::Approved { at } | ProposalState::Refused { at, .. } => *at,
        };
        let amounts = rule.into_iter().flat_map(|rule| &rule.remind);
        let moments = amounts.map(|amount| self.made.at + amount.length(Length::DAY));
        moments.filter(|moment| *moment < over).collect()
    }

    fn why(&self, plan: &Plan, id: &ProposalId, rule: Option<&Approval>, state: &ProposalState) -> Why {
        let why = Why::new(
            format!("proposal {id}"),
            state.name(),
            "every party approves for itself; silence is no consent",
        );
        let clauses = rule.map_or(&[][..], |rule| &rule.clause.ids);
        let known = plan.agreement().readings.contains_key("A-47");
        let readings: &[&'static str] = if known { &["A-47"] } else { &[] };
        self.acts.iter().fold(why.under(clauses).read_as(readings), |why, fact| why.fact(fact))
    }
}

/// What the file says of a kind of proposal.
pub(crate) fn rule_of(agreement: &Agreement, kind: ProposalKind) -> Option<&Approval> {
    agreement.approval.values().find(|rule| rule.kind == kind)
}

/// Whose step it is; an order is both parties'.
pub(crate) fn step_side(step: Step) -> Option<Side> {
    match step {
        Step::ProviderAssessment | Step::ProviderSecurity => Some(Side::Provider),
        Step::ClientSecurity => Some(Side::Client),
        Step::ChangeOrder => None,
    }
}

/// What approving a kind of proposal takes of a side; nothing where any of its people may.
pub(crate) fn permission(kind: ProposalKind, side: Side) -> Option<Permission> {
    let what = match kind {
        ProposalKind::Sop => Permission::SopApprove,
        ProposalKind::Order => Permission::OrderApprove,
        ProposalKind::Window => Permission::WindowApprove,
        ProposalKind::Precedent | ProposalKind::Integration => return None,
    };
    (side == Side::Client).then_some(what)
}

/// The proposals that the reason for work outside the slot names, as words of it.
pub(crate) fn named(reason: &str) -> impl Iterator<Item = ProposalId> {
    reason.split_whitespace().filter_map(|word| word.trim_end_matches(['.', ',', ':']).parse().ok())
}

/// Whether that proposal is one of this very work outside the slot (SH-MAINT-09), both sides approved it, and no other record that
/// stands has used it.
pub(crate) fn is_work_approved(
    plan: &Plan,
    history: &History<'_>,
    id: &ProposalId,
    planned: &MaintenancePlanned,
    at: Instant,
) -> bool {
    let facts = until(history.of(Noun::Proposal, &id.0), at);
    let of_it = |made: &ProposalMade| {
        let covered = made.work.as_ref().is_none_or(|work| covers(work, planned));
        made.kind == ProposalKind::Window && made.window.is_none() && covered
    };
    made(facts).is_some_and(|(_, made)| of_it(made))
        && proposal(plan, history, id, at).is_some_and(|proposal| proposal.is_approved())
        && !is_used(history, id, planned, at)
}

fn covers(work: &ProposedWork, planned: &MaintenancePlanned) -> bool {
    work.starts_at <= planned.starts_at
        && planned.ends_at <= work.ends_at
        && planned.instances.iter().all(|instance| work.instances.contains(instance))
}

/// Whether another record, that was not called off, names it.
fn is_used(history: &History<'_>, id: &ProposalId, planned: &MaintenancePlanned, at: Instant) -> bool {
    let gone = |record: &MaintenanceId| {
        let facts = until(history.of(Noun::Maintenance, &record.0), at);
        facts.iter().any(|fact| fact.event() == Event::MaintenanceCancelled)
    };
    history.all(Event::MaintenancePlanned, at).iter().any(|fact| match &fact.body {
        Body::MaintenancePlanned(other) => {
            let names = other.outside_slot.as_deref().is_some_and(|reason| named(reason).any(|it| it == *id));
            other.maintenance != planned.maintenance && names && !gone(&other.maintenance)
        }
        _ => false,
    })
}
