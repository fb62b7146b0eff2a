//! `uphold agreement show`: the file as prose for a client.

use std::{io::Write, path::PathBuf};

use agreement::show;
use clap::{Args, ValueEnum};

use super::Loaded;
use crate::{output::Output, trouble::Trouble};

#[derive(Args)]
pub(crate) struct Show {
    /// The agreement.
    file: PathBuf,
    /// The words of one tier only; the figures of all tiers side by side when left out.
    #[arg(long)]
    tier: Option<String>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// As JSON; the same as --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

impl Show {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let loaded = Loaded::read(&self.file)?;
        let document = show::show(&loaded.agreement, self.tier.as_deref());
        let document = document.map_err(|tiers| super::no_such_tier(self.tier.as_deref(), &tiers))?;
        let text = match self.format {
            _ if self.json => serde_json::to_string_pretty(&document)? + "\n",
            Format::Json => serde_json::to_string_pretty(&document)? + "\n",
            Format::Markdown => document.markdown(),
            Format::Text => document.text(),
        };
        Ok(out.write_all(text.as_bytes())?)
    }
}
