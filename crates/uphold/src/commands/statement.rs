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
    /// Write it to this file instead, which must not be there yet.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where `--out` names a file that is there, put this statement in its place.
    #[arg(long, requires = "out")]
    replace: bool,
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
        self.refuse_in_place()?;
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

impl StatementCommand {
    /// What is there stays unless it was said that it may go; what this statement is computed from stays in any case.
    fn refuse_in_place(&self) -> Result<(), Trouble> {
        let Some(path) = self.out.as_ref().filter(|path| path.is_file()) else { return Ok(()) };
        let what = path.display();
        if self.history.reads(path) {
            return Err(Trouble::usage(format!(
                "{what} is what the statement is computed from: name another file"
            )));
        }
        if !self.replace {
            return Err(Trouble::failed(format_args!(
                "{what} is there already: name another file, or add --replace"
            )));
        }
        Ok(())
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
