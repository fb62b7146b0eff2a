//! The shape of a month's statement, as `promise::Statement` writes itself: the same in the API, in the file that a page offers and
//! in what `uphold statement --json` prints.
#![expect(dead_code, reason = "shapes of what writes itself elsewhere")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

use super::{At, Budget, DerivationShape, FractionShape, Lasting, MonthText, Stretch, VerdictShape};

/// A month as signed and, where somebody asked for it, under each tier.
#[derive(ToSchema)]
#[schema(as = Stated)]
pub(crate) struct StatedShape {
    /// Under the signed tier.
    statement: StatementShape,
    /// Under every tier of the agreement; empty here.
    tiers: Vec<StatementShape>,
    /// The price that was assumed where no charge is on file; null here.
    assumed_price: Option<String>,
}

/// One month of one client under the agreement in force.
#[derive(ToSchema)]
#[schema(as = Statement)]
pub(crate) struct StatementShape {
    client_id: String,
    /// The client's name.
    client: String,
    provider: String,
    /// The agreement's id.
    agreement: String,
    title: String,
    /// SHA-256 of the agreement file, in hex: which version this is judged by.
    identity: String,
    tier: Option<String>,
    month: MonthText,
    /// The month as a span of instants.
    period: Stretch,
    /// Facts up to this instant were looked at.
    as_of: At,
    /// Whether the month was over by then.
    closed: bool,
    /// The version of the time zone rules it was computed with.
    tzdata: String,
    /// Each instance that was covered, by id.
    instances: Vec<InstanceLineShape>,
    /// What is credited.
    credit: Option<ClientMonthShape>,
    /// How that credit stands with the client; null where the month earns none.
    claim: Option<ClaimShape>,
    /// How obligations that fell due in the month stood, by rule.
    duties: Vec<DutyLineShape>,
    /// Maintenance that touched the month.
    maintenance: Vec<MaintenanceLineShape>,
    /// The readings both parties signed, by name.
    readings: BTreeMap<String, String>,
    /// Sentences that stand on the statement.
    remarks: Vec<String>,
}

/// One instance's month: its name beside its figures.
#[derive(ToSchema)]
#[schema(as = StatementInstance)]
pub(crate) struct InstanceLineShape {
    name: String,
    instance: String,
    month: MonthText,
    /// SHA-256 of the agreement file it is judged by.
    agreement: String,
    tier: Option<String>,
    /// Covered time that has passed: up, down, excluded and unknown add up to it.
    covered: Lasting,
    ahead: Lasting,
    up: Lasting,
    down: Lasting,
    excluded: Lasting,
    unknown: Lasting,
    /// Minutes that count against the objective.
    counted: i64,
    runs: Vec<RunShape>,
    exclusions: Vec<ExcludedTimeShape>,
    unknown_spans: Vec<Stretch>,
    uptime: Option<FractionShape>,
    uptime_at_worst: Option<FractionShape>,
    coverage: Option<FractionShape>,
    /// Decimals shown of a percentage.
    decimals: u32,
    /// The least share that must be kept.
    objective: String,
    budget: Budget,
    verdict: VerdictShape,
    /// The same month if every disputed exclusion stood; absent where that changes nothing. It has no name beside it.
    #[schema(required = false, value_type = Object)]
    alternative: Option<String>,
    why: DerivationShape,
}

/// One unbroken run of downtime.
#[derive(ToSchema)]
#[schema(as = Run)]
pub(crate) struct RunShape {
    /// The whole run.
    span: Stretch,
    /// The minutes of it that count.
    minutes: i64,
    /// Those of them that begin in the month.
    counted: i64,
}

/// What one exclusion does to one month.
#[derive(ToSchema)]
#[schema(as = ExcludedTime)]
pub(crate) struct ExcludedTimeShape {
    /// The maintenance record or claim.
    record: String,
    cause: String,
    standing: StandingShape,
    /// The downtime it is about.
    spans: Vec<Stretch>,
}

/// How an exclusion stands: a word, or an object with one name where there is more to say.
#[derive(ToSchema)]
#[schema(as = ExclusionStanding, rename_all = "kebab-case")]
pub(crate) enum StandingShape {
    /// It applies by itself.
    ByRule,
    /// It was claimed and is not disputed.
    Claimed {
        /// The last instant of dispute.
        #[schema(rename = "disputable-until")]
        disputable_until: Option<At>,
    },
    /// It was disputed too late, and stands.
    DisputedLate {
        at: At,
        #[schema(rename = "disputable-until")]
        disputable_until: At,
    },
    /// It was disputed in time and is not settled.
    Disputed { at: At },
    /// Both parties settled it.
    Settled {
        at: At,
        /// Whether it excludes.
        stands: bool,
    },
    /// It excludes nothing.
    Refused { reason: String },
}

/// Where a credit is on its way to the client.
#[derive(ToSchema)]
#[schema(as = Claim, rename_all = "kebab-case")]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(crate) enum ClaimShape {
    /// No statement that shows it was published, so that nothing runs.
    NotPublished,
    /// It can be claimed, until that instant where there is an end.
    Open { until: Option<At> },
    /// It was claimed, and is to be put on an invoice by that instant where there is an end.
    Claimed { at: At, apply_by: Option<At> },
    /// It was put on an invoice.
    Applied { at: At, amount: String, invoice: String },
    /// It was not claimed in time.
    Forfeited { at: At },
}

/// A client's money in one calendar month. Amounts are written `EUR 480.00`.
#[derive(ToSchema)]
#[schema(as = ClientMonth)]
pub(crate) struct ClientMonthShape {
    month: MonthText,
    agreement: String,
    tier: Option<String>,
    /// What was charged for all instances.
    charged: Option<String>,
    /// What the tier costs on top.
    surcharge: Option<SurchargeShape>,
    credits: Vec<InstanceCreditShape>,
    cap: Option<CapShape>,
    /// What is credited.
    credit: Option<String>,
    /// Instances that missed and whose charge is not known.
    unpriced: Vec<String>,
    /// Charges and surcharge less credit.
    net: Option<String>,
    /// The same month if every disputed exclusion stood; absent where that changes nothing.
    #[schema(required = false, value_type = Object)]
    alternative: Option<String>,
    why: DerivationShape,
}

/// What the tier costs on top.
#[derive(ToSchema)]
#[schema(as = Surcharge)]
pub(crate) struct SurchargeShape {
    total: String,
    /// What of it falls on each instance, by id.
    shares: BTreeMap<String, String>,
    why: DerivationShape,
}

/// What one instance earns in one month.
#[derive(ToSchema)]
#[schema(as = InstanceCredit)]
pub(crate) struct InstanceCreditShape {
    instance: String,
    verdict: VerdictShape,
    charge: Option<String>,
    surcharge_share: Option<String>,
    /// What the percentage is taken of.
    base: Option<String>,
    rung: Option<RungShape>,
    /// The band's percentage of the base, half a cent up.
    earned: Option<String>,
    /// What of it is given after the cap.
    given: Option<String>,
    why: DerivationShape,
}

/// A band of the ladder.
#[derive(ToSchema)]
#[schema(as = Rung)]
pub(crate) struct RungShape {
    /// Its bounds in words.
    band: String,
    percent: String,
    clauses: Vec<String>,
}

/// The most that is given in a month.
#[derive(ToSchema)]
#[schema(as = Cap)]
pub(crate) struct CapShape {
    percent: String,
    /// What it is a share of.
    of: String,
    amount: String,
    /// What the instances earned together.
    sum: String,
    /// Whether it reduces anything.
    binds: bool,
}

/// How the obligations of one rule stood.
#[derive(ToSchema)]
#[schema(as = DutyLine)]
pub(crate) struct DutyLineShape {
    /// The rule's id in the file.
    id: String,
    clauses: Vec<String>,
    /// Who owes it.
    party: String,
    /// How strongly.
    binding: String,
    /// How a miss is called.
    miss: String,
    count: TallyShape,
    /// The same without those that carry an annotation.
    without_annotated: Option<TallyShape>,
    items: Vec<DutyItemShape>,
}

/// How many obligations stood how.
#[derive(ToSchema)]
#[schema(as = Tally)]
pub(crate) struct TallyShape {
    met: u32,
    missed: u32,
    excused: u32,
    cancelled: u32,
    open: u32,
}

/// One obligation.
#[derive(ToSchema)]
#[schema(as = DutyItem)]
pub(crate) struct DutyItemShape {
    subject: String,
    /// A name that stays.
    key: String,
    started: At,
    due: Option<At>,
    state: String,
    text: String,
    #[schema(required = false)]
    annotations: Vec<String>,
    why: DerivationShape,
}

/// One maintenance record.
#[derive(ToSchema)]
#[schema(as = MaintenanceLine)]
pub(crate) struct MaintenanceLineShape {
    maintenance: String,
    kind: String,
    cause: String,
    expected_impact: String,
    planned: Stretch,
    recorded_at: At,
    instances: Vec<String>,
    notice: Option<At>,
    /// The last instant at which contacts had to be told; left out where no notice is owed.
    #[schema(required = false)]
    notice_by: Option<At>,
    cancelled: bool,
}
