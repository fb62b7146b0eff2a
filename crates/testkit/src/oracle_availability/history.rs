//! What happened to one client, as plain numbers: microseconds since 1970 and cents.

use super::{Micros, Prices, YearMonth};

/// When something is said to have happened, when it was recorded, and a number that grows with each fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// When it happened.
    pub at: Micros,
    /// When it was recorded.
    pub recorded: Micros,
    /// Tells facts apart.
    pub serial: u64,
}

impl Told {
    /// The order of recording. Facts recorded at once follow their ids, which begin with the millisecond they happened in.
    pub(super) fn order(&self) -> (Micros, Micros, u64) {
        (self.recorded, self.at.div_euclid(1000), self.serial)
    }
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It succeeded.
    Good,
    /// It failed.
    Bad,
    /// The prober was cut off.
    Void,
}

/// Results of one vantage point and check that arrived together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// When they arrived.
    pub told: Told,
    /// From where; a `client-` probe is the client's.
    pub vantage: &'static str,
    /// What was asked.
    pub check: &'static str,
    /// When each request was sent, and what came of it.
    pub results: Vec<(Micros, Answer)>,
}

/// One installed software.
#[derive(Debug, Clone, Default)]
pub struct Instance {
    /// Its id.
    pub name: String,
    /// When it was added: from when, and until when if that was said.
    pub added: Vec<(Told, Micros, Option<Micros>)>,
    /// When it was ended: from when on it is no longer covered.
    pub ended: Vec<(Told, Micros)>,
    /// Intervals of its checks, from the instant told on.
    pub checks: Vec<(Told, &'static str, Micros)>,
    /// What was seen.
    pub batches: Vec<Batch>,
    /// Restarts, and whether the client's side did it.
    pub restarts: Vec<(Told, bool)>,
    /// Quotas hit, and until when.
    pub quotas: Vec<(Told, Micros)>,
    /// What was charged for a month.
    pub charges: Vec<(Told, YearMonth, i64)>,
}

/// One version of a maintenance record.
#[derive(Debug, Clone)]
pub struct Plan {
    /// When it was filed.
    pub told: Told,
    /// Which record.
    pub record: u32,
    /// Which instances, by their place in the list.
    pub instances: Vec<usize>,
    /// The declared start and end.
    pub from: Micros,
    /// The declared end.
    pub until: Micros,
}

/// A claimed exclusion.
#[derive(Debug, Clone)]
pub struct Claim {
    /// When it was claimed.
    pub told: Told,
    /// Which claim.
    pub id: u32,
    /// Which instance, by its place in the list.
    pub instance: usize,
    /// The cause.
    pub cause: &'static str,
    /// The claimed span.
    pub from: Micros,
    /// Its end.
    pub until: Micros,
    /// Whether there is evidence.
    pub evidence: bool,
    /// Whether the claimant holds the role that may.
    pub by_manager: bool,
}

/// What the parties signed.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The term.
    pub term: (Micros, Micros),
    /// The zone of months.
    pub zone: &'static str,
    /// In millionths of a percent.
    pub objective: i64,
    /// Whole months below the line, or covered time.
    pub whole_months: bool,
    /// The shortest run that counts.
    pub min_run: Micros,
    /// Minutes of the clock, or of the run.
    pub aligned: bool,
    /// Whose results are evidence: the provider's, the client's.
    pub evidence: (bool, bool),
    /// The longest silence between two failures that is down.
    pub bridge: Option<Micros>,
    /// In millionths of a percent.
    pub least_coverage: Option<i64>,
    /// Where no check is defined.
    pub every: Micros,
    /// Causes that may be claimed.
    pub causes: Vec<&'static str>,
    /// Whether a quota excludes.
    pub quota: bool,
    /// How long after a restart by the client failures are excluded.
    pub grace: Option<Micros>,
    /// How long a claim may be disputed.
    pub dispute_within: Micros,
    /// What is paid and owed.
    pub prices: Prices,
}

/// Everything that happened to one client.
#[derive(Debug, Clone)]
pub struct History {
    /// What was signed.
    pub rules: Rules,
    /// The instances.
    pub instances: Vec<Instance>,
    /// Maintenance records, each version.
    pub plans: Vec<Plan>,
    /// Cancellations of records.
    pub cancelled: Vec<(Told, u32)>,
    /// Claims.
    pub claims: Vec<Claim>,
    /// Disputes of claims, and whether the client's side spoke.
    pub disputes: Vec<(Told, u32, bool)>,
    /// Settlements of claims, and whether they stand.
    pub settlements: Vec<(Told, u32, bool)>,
    /// From when it is looked at.
    pub now: Micros,
}
