//! `uphold api`: the description of the API, written from its routes and types.

use std::io::Write;

use clap::Subcommand;

use crate::{output::Output, trouble::Trouble};

#[derive(Subcommand)]
pub(crate) enum ApiCommand {
    /// Print the description of the API, OpenAPI 3.1 (docs/openapi.json).
    Openapi,
    /// Print who may do what, as Markdown (docs/authorization.md).
    Authorization,
}

impl ApiCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        match self {
            ApiCommand::Openapi => Ok(out.write_all(portal::server::openapi().as_bytes())?),
            ApiCommand::Authorization => Ok(out.write_all(portal::server::authorization().as_bytes())?),
        }
    }
}
