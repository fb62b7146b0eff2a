//! The ladder of credits: which band a kept share lies in (SH-CRED-04..06, A-10).

use agreement::{
    Percent,
    credit::{Band, Below, Credit},
};
use serde::Serialize;

use crate::{Fraction, availability::as_text};

/// One band of the ladder, for one tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rung {
    /// Its bounds in words, such as `99.0% to below 99.95%`.
    pub band: String,
    /// What is credited.
    #[serde(serialize_with = "as_text")]
    pub percent: Percent,
    /// The clauses that say so.
    pub clauses: Vec<String>,
}

/// The band that a missed objective's kept share lies in. Lower bounds belong to their band; nothing is rounded.
pub(super) fn rung(credit: &Credit, kept: Fraction, objective: Percent, tier: Option<&str>) -> Option<Rung> {
    let band = credit.band.iter().find(|band| holds(band, kept, objective))?;
    let percent = band.percent.of(tier).copied()?;
    let upper = upper(band, objective);
    let text = band.at_least.map_or(format!("below {upper}"), |lower| format!("{lower} to below {upper}"));
    Some(Rung { band: text, percent, clauses: band.clause.ids.clone() })
}

fn holds(band: &Band, kept: Fraction, objective: Percent) -> bool {
    band.at_least.is_none_or(|lower| kept.is_at_least(lower)) && !kept.is_at_least(upper(band, objective))
}

fn upper(band: &Band, objective: Percent) -> Percent {
    match band.below {
        Below::Objective => objective,
        Below::Percent(percent) => percent,
    }
}
