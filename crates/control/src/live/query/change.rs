//! Changes: of the client's systems, which wait for its approval (MP-CLI-11), and of the client's own surroundings (MP-CLI-14).

use agreement::{OnMiss, Permission, Require};
use facts::{Body, ChangeId, Event, InstanceId, Side};
use promise::change::{self, Change};
use spans::Instant;

use crate::live::Book;

/// Kinds of changes beside those that the agreement's guards name.
const KINDS: [&str; 5] = ["upgrade", "restart", "patch", "configuration", "other"];

/// What the agreement says of changes of the client's systems.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeRules {
    /// The clauses that keep one from beginning before it is approved; none where the agreement asks for no approval.
    pub clauses: Vec<String>,
    /// The roles of the client's people who approve one; none where any of them may.
    pub approvers: Vec<String>,
    /// The kinds that are told apart, and common ones.
    pub kinds: Vec<String>,
    /// Of which kinds the client is asked for a backup of its own, none for all, with the clauses (MP-CLI-13).
    pub backups: Vec<(Vec<String>, Vec<String>)>,
}

impl ChangeRules {
    /// The clauses by which a change of this kind takes a backup of the client's own; none where it takes none.
    pub fn backup(&self, kind: &str) -> Option<&[String]> {
        let asks = |kinds: &[String]| kinds.is_empty() || kinds.iter().any(|known| known == kind);
        self.backups.iter().find(|(kinds, _)| asks(kinds)).map(|(_, clauses)| clauses.as_slice())
    }
}

/// A change that the client makes to its own surroundings (MP-CLI-14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which.
    pub change: ChangeId,
    /// What it is.
    pub what: Option<String>,
    /// When it begins.
    pub starts_at: Instant,
    /// The instances that may feel it; none named: any.
    pub instances: Vec<InstanceId>,
    /// Who put it on file, and when.
    pub by: String,
    /// When.
    pub at: Instant,
    /// When the client announced it.
    pub announced: Option<Instant>,
}

impl Changed {
    /// Whether the client warned before it began.
    pub fn is_in_time(&self) -> bool {
        self.announced.is_some_and(|at| at <= self.starts_at)
    }
}

impl Book {
    /// Changes of the client's systems that were proposed, the latest start first (MP-CLI-11).
    pub fn proposed_changes(&self, now: Instant) -> Vec<Change> {
        let mut all = change::changes(&self.history(), now);
        all.sort_by(|a, b| (b.proposed.starts_at, &a.id).cmp(&(a.proposed.starts_at, &b.id)));
        all
    }

    /// The client's own changes that are on file, the latest start first.
    pub fn client_changes(&self) -> Vec<Changed> {
        let announced = |change: &ChangeId| {
            let told = self.facts().iter().filter(|fact| fact.event() == Event::ClientChangeAnnounced);
            told.filter(|fact| fact.body.subject_id() == &change.0).map(|fact| fact.at).min()
        };
        let mut all: Vec<Changed> = self
            .facts()
            .iter()
            .filter_map(|fact| match &fact.body {
                Body::ClientChangePlanned(planned) => Some(Changed {
                    change: planned.change.clone(),
                    what: planned.what.clone(),
                    starts_at: planned.starts_at,
                    instances: planned.instances.clone(),
                    by: fact.actor.id.clone(),
                    at: fact.at,
                    announced: announced(&planned.change),
                }),
                _ => None,
            })
            .collect();
        all.sort_by(|a, b| (b.starts_at, &a.change).cmp(&(a.starts_at, &b.change)));
        all
    }

    /// What the agreement says of changes of the client's systems.
    pub fn change_rules(&self) -> ChangeRules {
        let Some(versions) = self.versions() else {
            return ChangeRules { kinds: kinds(&[]), ..ChangeRules::default() };
        };
        let agreement = versions.latest().agreement();
        let blocks = agreement.obligation.iter().filter(|rule| rule.on_miss.contains(&OnMiss::BlockChange));
        let approves = |role: &agreement::Role| {
            role.side == Side::Client && role.may.contains(&Permission::ChangeApprove)
        };
        let of = |guard: &agreement::Guard| {
            let matching = guard.r#match.as_ref();
            matching.and_then(|matching| matching.fields.get("kind")).cloned().unwrap_or_default()
        };
        let about = agreement.guard.iter();
        let about: Vec<_> =
            about.filter(|guard| matches!(guard.on, Event::ChangeStarted | Event::ChangeClosed)).collect();
        let named: Vec<String> = about.iter().flat_map(|guard| of(guard)).collect();
        let backups = about.iter().filter(|guard| guard.require == Require::ClientBackup);
        ChangeRules {
            clauses: blocks.flat_map(|rule| rule.clause.ids.iter().cloned()).collect(),
            approvers: agreement
                .role
                .iter()
                .filter(|(_, role)| approves(role))
                .map(|(name, _)| name.clone())
                .collect(),
            kinds: kinds(&named),
            backups: backups.map(|guard| (of(guard), guard.clause.ids.clone())).collect(),
        }
    }
}

/// Each once, those of the agreement first.
fn kinds(named: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for kind in named.iter().cloned().chain(KINDS.map(str::to_owned)) {
        if !all.contains(&kind) {
            all.push(kind);
        }
    }
    all
}
