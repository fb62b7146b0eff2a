//! `uphold completions`, `uphold man`: what a shell and `man` want to know, from the command line's own definition.

use std::{io::Write, path::PathBuf};

use clap::{Args, Command};
use clap_complete::Shell;

use crate::{files, output::Output, trouble::Trouble};

#[derive(Args)]
pub(crate) struct Completions {
    /// For which shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, mut whole: Command, out: &mut Output) -> Result<(), Trouble> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut whole, "uphold", &mut script);
        Ok(out.write_all(&script)?)
    }
}

#[derive(Args)]
pub(crate) struct Man {
    /// The folder for the pages, such as /usr/local/share/man/man1; made when it is not there.
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
}

impl Man {
    pub(crate) fn run(&self, whole: Command, out: &mut Output) -> Result<(), Trouble> {
        files::make_folder(&self.into)?;
        clap_mangen::generate_to(whole, &self.into)?;
        Ok(writeln!(out, "{}: a page for each command; `man -l` shows one", self.into.display())?)
    }
}
