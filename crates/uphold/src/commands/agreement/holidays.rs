//! `uphold agreement holidays NL 2027`: dates by rule, as lines to paste.

use std::io::Write;

use agreement::holiday_rules::{self, Country, GoodFriday, LiberationDay, Proposal};
use clap::Args;
use serde_json::json;

use crate::{output::Output, trouble::Trouble};

#[derive(Args)]
pub(crate) struct Holidays {
    /// The country, such as NL.
    country: Country,
    /// The year.
    year: i16,
    /// Good Friday counts; in the Netherlands it is a choice.
    #[arg(long)]
    good_friday: bool,
    /// In which years 5 May counts: always, lustrum (every fifth year) or never; a choice too.
    #[arg(long, value_name = "WHEN", default_value = "lustrum")]
    liberation_day: LiberationDay,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Holidays {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let good_friday = if self.good_friday { GoodFriday::Holiday } else { GoodFriday::WorkingDay };
        let proposed = holiday_rules::proposed(self.country, self.year, good_friday, self.liberation_day);
        let proposal = proposed.map_err(|wrong| Trouble::usage(wrong.to_string()))?;
        match self.json {
            true => writeln!(out, "{}", as_json(&proposal))?,
            false => write!(out, "{proposal}")?,
        }
        Ok(())
    }
}

fn as_json(proposal: &Proposal) -> serde_json::Value {
    let days = proposal.days.iter().map(|(date, name)| json!({ "date": date.to_string(), "name": name }));
    json!({ "year": proposal.year, "holidays": days.collect::<Vec<_>>() })
}
