//! `uphold agreement`: read, check, sign and ask an agreement file.

mod activate;
mod check;
mod clauses;
mod credit;
mod due;
mod holidays;
mod keys;
mod load;
mod show;

use std::io::Write;

use agreement::Agreement;
use clap::Subcommand;

pub(crate) use self::load::{Loaded, no_such_tier};
use crate::{output::Output, trouble::Trouble};

#[derive(Subcommand)]
pub(crate) enum AgreementCommand {
    /// Say everything that is wrong or doubtful, with its place, clause and a way out; exit status 1 when there is an error.
    Check(check::Check),
    /// Put a file into its tidy form, comments kept; a signed file is refused.
    Fmt(check::Fmt),
    /// Say in prose what the file promises, by whom, in which hours, under which clauses.
    Show(show::Show),
    /// Each clause of the register: what executes it, which test proves it; exit status 1 when none proves one that must be.
    Clauses(clauses::Clauses),
    /// What changed between two versions, clause by clause, and who gains.
    Diff(check::Diff),
    /// What would be owed, by when and why, if something happened.
    Due(due::Due),
    /// What a month with so many minutes down would cost and give back, and why.
    Credit(credit::Credit),
    /// Make a key pair: the secret key in FILE, for its owner only, and the public key in FILE.pub.
    Keygen(keys::Keygen),
    /// Sign a file's exact bytes for one party; the signature goes into FILE.sig.
    Sign(keys::Sign),
    /// Say whose signatures are good; exit status 1 when the file is not in force.
    Verify(keys::Verify),
    /// Put a signed version into force for its client.
    Activate(activate::Activate),
    /// Propose a year's holidays, for people to list and sign.
    Holidays(holidays::Holidays),
    /// Print the JSON Schema of agreement files, for editors.
    Schema,
}

impl AgreementCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        match self {
            AgreementCommand::Check(check) => check.run(out),
            AgreementCommand::Fmt(fmt) => fmt.run(out),
            AgreementCommand::Show(show) => show.run(out),
            AgreementCommand::Clauses(clauses) => clauses.run(out),
            AgreementCommand::Diff(diff) => diff.run(out),
            AgreementCommand::Due(due) => due.run(out),
            AgreementCommand::Credit(credit) => credit.run(out),
            AgreementCommand::Keygen(keygen) => keygen.run(out),
            AgreementCommand::Sign(sign) => sign.run(out),
            AgreementCommand::Verify(verify) => verify.run(out),
            AgreementCommand::Activate(activate) => activate.run(out),
            AgreementCommand::Holidays(holidays) => holidays.run(out),
            AgreementCommand::Schema => Ok(write!(out, "{}", Agreement::schema_text())?),
        }
    }
}
