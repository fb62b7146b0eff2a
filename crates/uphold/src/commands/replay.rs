//! `uphold replay`: what the same facts would have meant under another tier or another file.

use std::{io::Write, path::PathBuf};

use agreement::Terms;
use clap::Args;
use control::statement::priced;
use facts::Money;
use promise::{Replayed, Summary, Versions, evaluate, replay};
use serde_json::json;
use spans::Month;

use crate::{
    commands::{
        agreement::{Loaded, no_such_tier},
        history::{History, Price},
    },
    output::{Computed, Output, stamp},
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
    #[command(flatten)]
    price: Price,
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
            None => known
                .terms
                .under(self.as_tier.as_deref().unwrap_or_default())
                .map_err(|tiers| no_such_tier(self.as_tier.as_deref(), &tiers))?,
        };
        let months = self.months(&known.terms, &other)?;
        let assumed = known.price(&self.price)?;
        let facts = months.iter().fold(known.facts, |facts, month| priced(facts, *month, assumed));
        let stamp = stamp(Some(known.at), &[known.terms.identity(), other.identity()]);
        let versions = Versions::single(known.terms);
        let replayed = replay(&evaluate(&versions, &facts, known.at), &other, &months);
        if self.json {
            return Computed::new(json!({ "assumed_price": assumed, "months": replayed })).write(out);
        }
        tell(&replayed, assumed, out)?;
        Ok(writeln!(out, "\n{stamp}")?)
    }

    /// The months asked for: in order, and within the terms that they are looked at under.
    fn months(&self, was: &Terms, other: &Terms) -> Result<Vec<Month>, Trouble> {
        let to = self.to.unwrap_or(self.from);
        if to < self.from {
            return Err(Trouble::usage(format!(
                "--to {to} lies before --from {}: name them in order",
                self.from
            )));
        }
        let months = std::iter::successors(Some(self.from), |month| Some(month.next()));
        let months: Vec<Month> = months.take_while(|month| *month <= to).take(MONTHS_MAX).collect();
        for (terms, month) in
            [was, other].into_iter().flat_map(|terms| months.iter().map(move |m| (terms, m)))
        {
            let (term, zone) = (terms.term(), terms.agreement().months_in());
            if month.span(&zone).intersect(term).is_none() {
                let id = &terms.agreement().agreement.id;
                return Err(Trouble::usage(format!(
                    "{month} lies outside the term {term} of {id}: choose months inside it"
                )));
            }
        }
        Ok(months)
    }
}

fn tell(replayed: &[Replayed], assumed: Option<Money>, out: &mut Output) -> Result<(), Trouble> {
    writeln!(out, "What these facts would have meant; not a forecast.")?;
    for Replayed { month, was, would } in replayed {
        writeln!(out, "{month}\n  was:   {}\n  would: {}", line(was), line(would))?;
    }
    let Some(price) = assumed else { return Ok(()) };
    Ok(writeln!(out, "Assumed, not charged: {price} for each instance and month.")?)
}

fn line(summary: &Summary) -> String {
    let money = |amount: Option<Money>| amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string());
    let some = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    format!(
        "{} missed, {} met, {} missed; charged {}, credit {}, to pay {}",
        some(summary.instances_missed, "instance"),
        some(summary.promises_met as usize, "promise"),
        summary.promises_missed,
        money(summary.charged),
        money(summary.credit),
        money(summary.net)
    )
}
