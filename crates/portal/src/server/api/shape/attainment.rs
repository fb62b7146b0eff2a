//! The shape of a month's attainment, as `promise::Attainment` writes itself: the same in the API, in the file that a page offers and
//! in what `uphold attainment --json` prints.
#![expect(dead_code, reason = "shapes of what writes itself elsewhere")]

use utoipa::ToSchema;

use super::{
    At, DerivationShape, MonthText,
    statement::{DutyItemShape, TallyShape},
};

/// How a client's requests were served in a month.
#[derive(ToSchema)]
#[schema(as = Attainment)]
pub(crate) struct AttainmentShape {
    client_id: String,
    /// The client's name.
    client: String,
    month: MonthText,
    /// The agreement's id.
    agreement: String,
    /// SHA-256 of the agreement file that was in force at the month's start, in hex.
    identity: String,
    tier: Option<String>,
    /// Facts up to this instant were looked at.
    as_of: At,
    /// Whether the month was over by then.
    closed: bool,
    /// The version of the time zone rules it was computed with.
    tzdata: String,
    /// The clauses of the agreement by which it is told at all.
    clauses: Vec<String>,
    /// One line for each cell of a matrix that a promise takes its time from, and one for each other promise.
    lines: Vec<AttainedShape>,
}

/// A cell, or a promise without any.
#[derive(ToSchema)]
#[schema(as = Attained)]
pub(crate) struct AttainedShape {
    /// The rule of the agreement.
    rule: String,
    clauses: Vec<String>,
    /// How strongly it is owed.
    binding: String,
    /// How a miss is called.
    miss: String,
    /// The row of the matrix, such as a priority.
    row: Option<String>,
    /// The column of the matrix, such as a tier.
    column: Option<String>,
    /// The objective, such as `8h`; null where it differs from one to the next.
    within: Option<String>,
    /// How many began in the month.
    received: u32,
    /// How many fell due in it.
    due: u32,
    count: TallyShape,
    /// The same without those that carry a remark; null where none does.
    without_annotated: Option<TallyShape>,
    /// Those that fell due and were not simply met, and those with a remark.
    items: Vec<DutyItemShape>,
    /// Everything that the figures count.
    tickets: Vec<CountedShape>,
    why: DerivationShape,
}

/// One promise about one request, as a figure counts it.
#[derive(ToSchema)]
#[schema(as = CountedPromise)]
pub(crate) struct CountedShape {
    ticket: String,
    /// The obligation's name: its derivation is at `why?owed=…`.
    key: String,
    started: At,
    due: Option<At>,
    /// Whether it began in the month.
    received: bool,
    /// Whether it fell due in the month and was not cancelled.
    fell_due: bool,
    /// How it stands, in one word.
    state: String,
    /// How many it stands for: the missed periods of one silence are told as one.
    times: u32,
    /// Whether it carries a remark.
    annotated: bool,
}
