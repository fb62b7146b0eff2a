//! The engine. One pure function from what was signed and what happened to what is owed, with the why of each figure:
//!
//! ```text
//! evaluate(agreement, facts up to t, t)  →  obligations · availability · credits
//! ```

mod scenario;
mod why;

pub use scenario::{Scenario, ScenarioError};
pub use why::{Input, Why};
