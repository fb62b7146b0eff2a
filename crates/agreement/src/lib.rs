//! The agreement file: what two parties signed, as data.
//!
//! [`Agreement::read`] turns the text into types and says everything that is wrong with it at once. The file is flat TOML:
//! no expressions, every condition a word from a closed list, a clause id on every entry. Its identity is the SHA-256 of its
//! exact bytes, which both parties sign.

mod agreement;
mod around;
mod compile;
pub mod coverage;
pub mod diff;
mod finding;
pub mod holiday_rules;
mod leaves;
pub mod lint;
mod read;
mod register;
pub mod report;
mod schema;
pub mod seal;
pub mod section;
pub mod show;
pub mod tidy;
mod value;

pub use crate::{
    agreement::Agreement,
    compile::{CIVIL, Hours, Terms, TermsError, WINDOW},
    finding::{Finding, Place, Position, Weight},
    leaves::Leaf,
    lint::WorstWait,
    read::Places,
    register::{Ambiguity, Clause, Mode, Register, Use},
    section::*,
    value::{
        Clauses,
        amount::{Amount, Remind, Unit},
        keyed::Keyed,
        matching::{Affects, Match, Trigger, TriggerTable},
        percent::{Cents, Percent, divide_half_up},
    },
};
