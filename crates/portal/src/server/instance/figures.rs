//! The figures of an instance's month, in the words of pages.

use facts::ClientId;
use promise::{InstanceMonth, Verdict};

use crate::{
    part::{State, badge, meter},
    server::moment::path,
    statement::fraction,
    when,
};

/// A month's figures, as text and parts.
pub(crate) struct Figures {
    /// `June 2026`.
    pub(crate) name: String,
    pub(crate) ledger: String,
    pub(crate) statement: String,
    pub(crate) percent: String,
    pub(crate) fraction: String,
    pub(crate) objective: String,
    pub(crate) clauses: Vec<String>,
    pub(crate) counted: i64,
    pub(crate) allowed: i64,
    /// `21 of 21 min`, or `3 min over`.
    pub(crate) left: String,
    pub(crate) meter: String,
    pub(crate) verdict: String,
    pub(crate) excluded: String,
    pub(crate) unknown: String,
    pub(crate) coverage: String,
}

impl Figures {
    pub(crate) fn of(client: &ClientId, month: &InstanceMonth) -> Figures {
        let text = month.month.to_string();
        let (allowed, left) = (month.budget.allowed, month.budget.left);
        let left = match left {
            ..0 => format!("{} min over", -left),
            _ if month.is_in_doubt() => format!("{left} of {allowed} min, as far as was seen"),
            _ => format!("{left} of {allowed} min"),
        };
        let words = format!("{} of {allowed} minutes used", month.counted);
        Figures {
            name: when::month(month.month),
            ledger: path(client, &["instances", month.instance.0.as_str(), "ledger", &text]),
            statement: path(client, &["statements", &text]),
            percent: month.percent_shown(),
            fraction: fraction(month),
            objective: month.objective.to_string(),
            clauses: month.why.clauses.clone(),
            counted: month.counted,
            allowed,
            meter: meter(natural(month.counted), natural(allowed), &words),
            left,
            verdict: verdict(month),
            excluded: when::seconds(month.excluded),
            unknown: when::seconds(month.unknown),
            coverage: month.coverage.map_or_else(
                || "–".to_owned(),
                // All of it needs no fraction in microseconds.
                |share| match share.part() == share.whole() {
                    true => "all of it".to_owned(),
                    false => format!("{} ({share})", share.percent(month.decimals)),
                },
            ),
        }
    }
}

fn natural(minutes: i64) -> u64 {
    u64::try_from(minutes).unwrap_or(0)
}

/// How a month was kept, or is being kept, as word, shape and colour.
fn verdict(month: &InstanceMonth) -> String {
    let (state, word) = match month.verdict {
        Verdict::Met => (State::Kept, "met"),
        Verdict::Missed => (State::Missed, "missed"),
        Verdict::Provisional { .. } => (State::Risk, "a person decides"),
        Verdict::NotOver { lost: true } => (State::Missed, "can no longer be met"),
        Verdict::NotOver { .. } if month.is_unseen() => (State::Unknown, "not over, nobody looked"),
        Verdict::NotOver { .. } if month.is_in_doubt() => (State::Unknown, "not over, too little seen"),
        Verdict::NotOver { .. } if month.is_nearly_spent() => (State::Risk, "not over, nearly spent"),
        Verdict::NotOver { .. } => (State::Kept, "not over, on course"),
        Verdict::NothingCovered => (State::Unknown, "nothing covered"),
    };
    badge(state, word)
}
