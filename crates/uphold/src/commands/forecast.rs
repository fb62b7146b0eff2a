//! `uphold forecast`: what is missed next, when, what it costs, and what would prevent it.

use std::io::Write;

use clap::Args;
use promise::{Versions, evaluate};
use serde_json::json;

use crate::{
    commands::history::History,
    output::{Computed, Output, stamp},
    trouble::Trouble,
};

#[derive(Args)]
pub(crate) struct ForecastCommand {
    #[command(flatten)]
    history: History,
    /// As JSON, with derivations.
    #[arg(long)]
    json: bool,
}

impl ForecastCommand {
    pub(crate) fn run(&self, out: &mut Output) -> Result<(), Trouble> {
        let known = self.history.read()?;
        let stamp = stamp(Some(known.at), &[known.terms.identity()]);
        let versions = Versions::single(known.terms);
        let forecast = evaluate(&versions, &known.facts, known.at).forecast();
        if self.json {
            return Computed::new(json!({ "as_of": known.at, "forecast": forecast })).write(out);
        }
        if forecast.is_empty() {
            writeln!(out, "Nothing is due after {}.", known.at)?;
        }
        for next in forecast {
            writeln!(
                out,
                "{}  {}\n  costs: {}\n  unless: {}",
                next.when, next.what, next.costs, next.unless
            )?;
        }
        Ok(writeln!(out, "\n{stamp}")?)
    }
}
