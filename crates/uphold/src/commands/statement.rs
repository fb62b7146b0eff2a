//! `uphold statement`: one client's month, every figure of it.

use std::{io::Write, path::PathBuf};

use clap::{Args, ValueEnum};
use control::statement::{Ask, Stated};
use spans::Month;

use crate::{
    commands::history::{History, Price},
    files,
    output::Output,
    trouble::Trouble,
};

#[derive(Args)]
pub(crate) struct StatementCommand {
    #[command(flatten)]
    history: History,
    /// The month, such as 2026-06.
    #[arg(long)]
    month: Month,
    #[command(flatten)]
    price: Price,
    /// Show a month that is not over as it stands.
    #[arg(long)]
    preview: bool,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write it to this file instead.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people, without derivations.
    Text,
    /// Everything, with derivations.
    Json,
    /// A line for each instance and tier.
    Csv,
    /// A page that needs nothing else, with derivations.
    Html,
}

impl StatementCommand {
    pub(crate) fn run(&self, out: &mut Output) -> Result<(), Trouble> {
        let known = self.history.read()?;
        let assumed_price = known.price(&self.price)?;
        let ask = Ask { month: self.month, at: known.at, assumed_price, preview: self.preview };
        let text = self.format.of(&known.state(&ask)?)?;
        match &self.out {
            Some(path) => {
                files::replace(path, &text)?;
                Ok(writeln!(out, "{}", path.display())?)
            }
            None => Ok(out.write_all(text.as_bytes())?),
        }
    }
}

impl Format {
    fn of(self, stated: &Stated) -> Result<String, Trouble> {
        Ok(match self {
            Format::Text => stated.to_text(),
            Format::Json => serde_json::to_string_pretty(stated)? + "\n",
            Format::Csv => stated.to_csv(),
            Format::Html => portal::statement_page(&stated.statement, &stated.tiers, stated.assumed_price),
        })
    }
}
