//! The engine. One pure function from what was signed and what happened to what is owed, with the why of each figure:
//!
//! ```text
//! evaluate(agreement, facts up to t, t)  →  obligations · availability · credits
//! ```

pub mod approval;
mod attainment;
mod availability;
pub mod change;
pub mod conflict;
mod credit;
mod difference;
mod effect;
pub mod escalation;
mod evaluation;
mod evidence;
mod exclusion;
pub mod fit;
pub mod follow;
mod forecast;
pub mod freeze;
pub mod guard;
pub mod hint;
mod history;
mod impact;
pub mod kin;
mod looks;
pub mod obligation;
pub mod onboarding;
pub mod probe;
mod proof;
mod replay;
mod scenario;
mod sending;
mod sight;
mod statement;
mod tempo;
pub mod ticket;
mod versions;
mod why;
pub mod window;

pub use attainment::{Attained, Attainment, Counted, SHARE_DECIMALS, Total, attainment};
pub use availability::{
    Budget, ExcludedTime, Fraction, InstanceMonth, Ledger, Run, Timeline, Verdict, counted_minutes,
    instance_months, ledger_seen, ledgers, ledgers_seen,
};
pub use credit::{
    Cap, ClientMonth, CreditSheet, InstanceCredit, Rung, SheetError, Surcharge, client_months, credit_for,
};
pub use difference::Difference;
pub use effect::{Effect, InstanceEffect, MonthStanding, effect};
pub use evaluation::{Evaluation, assemble, evaluate};
pub use evidence::{Evidence, Observed, ProbeKind, Watch};
pub use exclusion::{Exclusion, Exclusions, Reach, Refusal, Standing};
pub use forecast::Forecast;
pub use history::History;
pub use impact::{Actual, actual};
pub use obligation::obligations;
pub use replay::{Replayed, Summary, replay};
pub use scenario::{NoOutcome, Scenario, ScenarioError};
pub use sending::send_at;
pub use sight::{Glimpse, Sight};
pub use statement::{
    Claim, DutyItem, DutyLine, InstanceLine, MaintenanceLine, NoStatement, Statement, Tally,
};
pub use tempo::{ANSWERS_MIN, COUNTED_FOR, Slow, Tempo};
pub use versions::Versions;
pub use why::{Input, Why};
