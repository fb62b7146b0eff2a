//! `uphold replay`: what the same facts would have meant under another tier or another file.

use std::{io::Write, path::PathBuf};

use clap::Args;
use facts::Money;
use promise::{Replayed, Summary, Versions, evaluate, replay};
use spans::Month;

use crate::{
    commands::{agreement::Loaded, history::History},
    output::Output,
    trouble::Trouble,
};

#[derive(Args)]
pub(crate) struct ReplayCommand {
    #[command(flatten)]
    history: History,
    /// The first month.
    #[arg(long, value_name = "MONTH")]
    from: Month,
    /// The last month; the first alone when left out.
    #[arg(long, value_name = "MONTH")]
    to: Option<Month>,
    /// The other tier.
    #[arg(long, value_name = "TIER", required_unless_present = "under")]
    as_tier: Option<String>,
    /// The other agreement file.
    #[arg(long, value_name = "FILE")]
    under: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// More months than any term has.
const MONTHS_MAX: usize = 1_200;

impl ReplayCommand {
    pub(crate) fn run(&self, out: &mut Output) -> Result<(), Trouble> {
        let known = self.history.read()?;
        let other = match &self.under {
            Some(file) => Loaded::read(file)?.terms(self.as_tier.as_deref())?,
            None => known.terms.under(self.as_tier.as_deref().unwrap_or_default()).map_err(|tiers| {
                Trouble::usage(format!(
                    "that is no tier of this agreement: choose one of {}",
                    tiers.join(", ")
                ))
            })?,
        };
        let to = self.to.unwrap_or(self.from);
        if to < self.from {
            return Err(Trouble::usage(format!(
                "--to {to} lies before --from {}: name them in order",
                self.from
            )));
        }
        let months: Vec<Month> = std::iter::successors(Some(self.from), |month| Some(month.next()))
            .take_while(|month| *month <= to)
            .take(MONTHS_MAX)
            .collect();
        let versions = Versions::single(known.terms);
        let replayed = replay(&evaluate(&versions, &known.facts, known.at), &other, &months);
        if self.json {
            return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&replayed)?)?);
        }
        tell(&replayed, out)
    }
}

fn tell(replayed: &[Replayed], out: &mut Output) -> Result<(), Trouble> {
    writeln!(out, "What these facts would have meant; not a forecast.")?;
    for Replayed { month, was, would } in replayed {
        writeln!(out, "{month}\n  was:   {}\n  would: {}", line(was), line(would))?;
    }
    Ok(())
}

fn line(summary: &Summary) -> String {
    let money = |amount: Option<Money>| amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string());
    format!(
        "{} instances missed, {} promises met, {} missed; charged {}, credit {}, to pay {}",
        summary.instances_missed,
        summary.promises_met,
        summary.promises_missed,
        money(summary.charged),
        money(summary.credit),
        money(summary.net)
    )
}
