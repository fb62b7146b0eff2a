//! Rules of the desk: when people are told of something, and for which reasons a clock may stand still.

use crate::{
    read::table,
    value::{Clauses, keyed::Keyed},
};

table! {
    /// When people are told: what would go out in closed hours of this calendar goes out in open ones instead, before it is due.
    /// What runs in a calendar of its own is told while that one is open too: what is promised round the clock, at its instant.
    Reminders {
        /// The clauses this table executes.
        clause: Clauses,
        /// The hours in which people are told, by tier.
        calendar: Keyed<String>,
        /// Why it is here, where no clause asks for it.
        added: Option<String>,
    }
}

table! {
    /// For which reasons clocks may stand still. An obligation whose clock does names `request.paused` in its `pause`; without
    /// such an obligation nothing can be paused.
    PauseRule {
        /// The clauses this table executes.
        clause: Clauses,
        /// The reasons, as pauses name them.
        reasons: Vec<String>,
        /// Why it is here, where no clause asks for it.
        added: Option<String>,
    }
}
