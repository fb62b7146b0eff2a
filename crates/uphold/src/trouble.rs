//! Why a command did not do what it was asked.

use std::process::ExitCode;

/// One message for people, and which exit status it means.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It could not be done: exit status 1.
    Failed(anyhow::Error),
}

impl Trouble {
    /// Says it on stderr, with what lies beneath it.
    pub(crate) fn tell(&self) -> ExitCode {
        match self {
            Trouble::Failed(error) => {
                eprintln!("uphold: {error:#}");
                ExitCode::FAILURE
            }
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Trouble {
    fn from(error: E) -> Trouble {
        Trouble::Failed(error.into())
    }
}
