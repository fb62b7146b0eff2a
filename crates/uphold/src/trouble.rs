//! Why a command did not do what it was asked.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use crate::output;

/// One message for people, and which exit status it means.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The command line cannot be meant: exit status 2.
    Usage(String),
    /// It could not be done: exit status 1.
    Failed(anyhow::Error),
    /// The answer on stdout says it already: exit status 1.
    Told,
}

impl Trouble {
    /// What cannot be meant, and what could.
    pub(crate) fn usage(what: impl Into<String>) -> Trouble {
        Trouble::Usage(what.into())
    }

    /// Something that failed, in words.
    pub(crate) fn failed(what: impl std::fmt::Display) -> Trouble {
        Trouble::Failed(anyhow::anyhow!("{what}"))
    }

    /// Says it on stderr, with what lies beneath it. Where nobody reads stderr, the exit status says it alone.
    pub(crate) fn tell(&self) -> ExitCode {
        if !matches!(self, Trouble::Told) {
            let told = format!("uphold: {self}\n");
            let _ = io::stderr().write_all(&output::harmless(told.as_bytes()));
        }
        match self {
            Trouble::Usage(_) => ExitCode::from(2),
            Trouble::Failed(_) | Trouble::Told => ExitCode::FAILURE,
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Usage(what) => f.write_str(what),
            Trouble::Failed(error) => write!(f, "{error:#}"),
            Trouble::Told => f.write_str("what is wrong was said above"),
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Trouble {
    fn from(error: E) -> Trouble {
        Trouble::Failed(error.into())
    }
}
