//! `uphold facts`: the vocabulary, written from its types.

use std::io::Write;

use clap::Subcommand;

use crate::{output::Output, trouble::Trouble};

#[derive(Subcommand)]
pub(crate) enum FactsCommand {
    /// Print every event with its fields, as Markdown (docs/facts.md).
    Reference,
}

impl FactsCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        match self {
            FactsCommand::Reference => Ok(out.write_all(facts::reference().as_bytes())?),
        }
    }
}
