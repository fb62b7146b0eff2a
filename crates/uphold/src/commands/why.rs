//! `uphold why`: the derivation of one figure of a month.

use std::io::Write;

use clap::{Args, ValueEnum};
use control::statement::Ask;
use facts::ClientId;
use promise::{Statement, Versions, Why, evaluate};
use serde::Serialize;
use spans::{Instant, Month};

use crate::{
    commands::history::{History, Known, Price},
    output::{Computed, Output},
    trouble::Trouble,
};

#[derive(Args)]
pub(crate) struct WhyCommand {
    /// The figure: `availability/INSTANCE`, `credit`, `credit/INSTANCE`, or an obligation such as `first-response/ticket/T-1/1`.
    /// Without one, every figure that has a why is listed.
    figure: Option<String>,
    #[command(flatten)]
    history: History,
    /// The month, such as 2026-06.
    #[arg(long)]
    month: Month,
    #[command(flatten)]
    price: Price,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Indented text.
    Text,
    /// A tree.
    Json,
    /// A page.
    Html,
}

impl WhyCommand {
    pub(crate) fn run(&self, out: &mut Output) -> Result<(), Trouble> {
        let known = self.history.read()?;
        let (statement, figures) = self.figures(&known)?;
        let Some(figure) = &self.figure else {
            figures.iter().try_for_each(|(name, why)| writeln!(out, "{name}: {}", why.value))?;
            return Ok(writeln!(out, "\n{}", statement.stamp())?);
        };
        let Some((name, why)) = figures.iter().find(|(name, _)| name == figure) else {
            let some: Vec<&str> =
                figures.iter().take(NAMES_SHOWN_MAX).map(|(name, _)| name.as_str()).collect();
            let what =
                format!("`{figure}` has no why in {}: ask for one of {} …", self.month, some.join(", "));
            return Err(Trouble::usage(what));
        };
        match self.format {
            Format::Text => {
                let reading = |id: &str| statement.readings.get(id).cloned();
                Ok(writeln!(out, "{}\n{}", why.to_text(reading), statement.stamp())?)
            }
            Format::Json => Computed::new(Explained::new(&statement, name, why)).write(out),
            Format::Html => Ok(out.write_all(portal::why_page(&statement, name, why).as_bytes())?),
        }
    }

    /// The figures of the month's statement, then every obligation there is, on a statement or not.
    fn figures(&self, known: &Known) -> Result<(Statement, Vec<(String, Why)>), Trouble> {
        let assumed_price = known.price(&self.price)?;
        let ask = Ask { month: self.month, at: known.at, assumed_price, preview: true };
        let stated = known.state(&ask)?;
        let mut figures: Vec<(String, Why)> =
            stated.statement.whys().into_iter().map(|(name, why)| (name, why.clone())).collect();
        let versions = Versions::single(known.terms.clone());
        for obligation in evaluate(&versions, &known.facts, known.at).obligations() {
            let name = obligation.key();
            if !figures.iter().any(|(known, _)| *known == name) {
                figures.push((name, obligation.why.clone()));
            }
        }
        Ok((stated.statement, figures))
    }
}

/// A derivation, and of what it is one.
#[derive(Serialize)]
struct Explained<'s> {
    figure: &'s str,
    client_id: &'s ClientId,
    month: Month,
    agreement: &'s str,
    identity: &'s str,
    as_of: Instant,
    #[serde(flatten)]
    why: &'s Why,
}

impl<'s> Explained<'s> {
    fn new(statement: &'s Statement, figure: &'s str, why: &'s Why) -> Explained<'s> {
        Explained {
            figure,
            client_id: &statement.client_id,
            month: statement.month,
            agreement: &statement.agreement,
            identity: &statement.identity,
            as_of: statement.as_of,
            why,
        }
    }
}

/// How many names a message about a wrong one shows.
const NAMES_SHOWN_MAX: usize = 8;
