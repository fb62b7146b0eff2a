//! The engine. One pure function from what was signed and what happened to what is owed, with the why of each figure:
//!
//! ```text
//! evaluate(agreement, facts up to t, t)  →  obligations · availability · credits
//! ```

mod availability;
mod credit;
mod evidence;
mod exclusion;
mod history;
pub mod obligation;
mod scenario;
pub mod ticket;
mod versions;
mod why;

pub use availability::{
    Budget, ExcludedTime, Fraction, InstanceMonth, Ledger, Run, Timeline, Verdict, instance_months, ledgers,
};
pub use credit::{
    Cap, ClientMonth, CreditSheet, InstanceCredit, Rung, SheetError, Surcharge, client_months, credit_for,
};
pub use evidence::{Evidence, Observed, ProbeKind, Watch};
pub use exclusion::{Exclusion, Exclusions, Reach, Refusal, Standing};
pub use history::History;
pub use obligation::obligations;
pub use scenario::{Scenario, ScenarioError};
pub use versions::Versions;
pub use why::{Input, Why};
