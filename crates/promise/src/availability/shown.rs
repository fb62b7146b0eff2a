//! How a month's kept share is shown: never as a figure that nobody measured.
//!
//! The share itself is what both parties signed: unknown time stays below the line and is not counted. Where
//! nothing at all was seen that share is still 100%, and says nothing; so it is not shown. Where less was seen than the agreement
//! asks for, a person decides, and needs both ends: all of the unknown as if it had been down, and as if it had been up. So does
//! who looks at a month that is not over, while what nobody saw could have lost it (reliability rule 3).

use spans::Length;

use super::{Fraction, InstanceMonth, Verdict};

const NOTHING_COVERED: &str = "nothing covered";
const NOT_KNOWN: &str = "not known";

impl InstanceMonth {
    /// The kept share as shown: a percentage rounded down, with the fraction behind it; a range of both while too little was
    /// looked at; `not known` where nobody looked at all, and `nothing covered` where there is no share.
    pub fn shown(&self) -> String {
        match self.ends() {
            Ok(_) => format!("{} ({})", self.percent_shown(), self.fraction_shown()),
            Err(word) => word.to_owned(),
        }
    }

    /// The percentage of [`InstanceMonth::shown`].
    pub fn percent_shown(&self) -> String {
        self.shown_as(|share| share.percent(self.decimals))
    }

    /// The fraction of [`InstanceMonth::shown`].
    pub fn fraction_shown(&self) -> String {
        self.shown_as(|share| share.to_string())
    }

    /// The verdict in words. An objective that nothing was counted against, since nobody looked, was not seen to be met.
    pub fn verdict_shown(&self) -> &'static str {
        match self.verdict {
            Verdict::Provisional { .. } if self.is_unseen() => "nobody looked, so a person decides",
            Verdict::NotOver { lost: false } if self.is_in_doubt() => {
                "not over, and too little was seen so far"
            }
            Verdict::NotOver { lost: false } if self.is_nearly_spent() => {
                "not over, three quarters or more of the allowed minutes are spent"
            }
            verdict => verdict.text(),
        }
    }

    /// SH-AVAIL-03: whether minutes counted and little is left of what the month allows.
    pub fn is_nearly_spent(&self) -> bool {
        self.counted > 0 && self.budget.is_nearly_spent()
    }

    /// Whether the month is not over, is kept as far as was seen, and would be lost if what nobody saw had been down.
    pub fn is_in_doubt(&self) -> bool {
        let worst = self.uptime_at_worst.map_or(Length::ZERO, |share| share.whole() - share.part());
        self.verdict == Verdict::NotOver { lost: false } && Length::MINUTE * self.budget.allowed < worst
    }

    /// Whether nothing is known of any of its covered time, but for what is excluded.
    pub fn is_unseen(&self) -> bool {
        !self.unknown.is_zero() && (self.up + self.down).is_zero()
    }

    fn shown_as(&self, text: impl Fn(Fraction) -> String) -> String {
        match self.ends().map(|(worst, best)| (text(worst), text(best))) {
            Ok((worst, best)) if worst == best => best,
            Ok((worst, best)) => format!("{worst} to {best}"),
            Err(word) => word.to_owned(),
        }
    }

    /// The least and the most that the share can be; one and the same where the signed reading decides it.
    fn ends(&self) -> Result<(Fraction, Fraction), &'static str> {
        let best = self.uptime.ok_or(NOTHING_COVERED)?;
        match self.verdict {
            _ if self.is_unseen() => Err(NOT_KNOWN),
            Verdict::Provisional { .. } => Ok((self.uptime_at_worst.unwrap_or(best), best)),
            _ if self.is_in_doubt() => Ok((self.uptime_at_worst.unwrap_or(best), best)),
            _ => Ok((best, best)),
        }
    }
}
