//! `uphold people`: who may come in. There is no page that makes the first administrator: whoever may open the store may invite.

use std::io::Write;

use clap::{Args, Subcommand};
use facts::ClientId;
use journal::{Journal, Location};
use portal::people::{self, NewPerson};

use crate::{output::Output, trouble::Trouble, wall};

#[derive(Subcommand)]
pub(crate) enum PeopleCommand {
    /// Add somebody, and print a one-time secret for their first password.
    Invite(Invite),
    /// Print a new one-time secret for somebody who is there already; an older one is void.
    Secret(Secret),
}

#[derive(Args)]
pub(crate) struct Invite {
    /// What they will type to sign in.
    login: String,
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
    /// What they are called, as facts and statements show it.
    #[arg(long)]
    name: String,
    /// Their client; leave it out for the provider's own people.
    #[arg(long)]
    client: Option<ClientId>,
    /// A role in the agreement's words, or `administrator`; say it once for each.
    #[arg(long = "role")]
    roles: Vec<String>,
    /// A skill in the agreement's words; say it once for each.
    #[arg(long = "skill")]
    skills: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Secret {
    /// What they type to sign in.
    login: String,
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
}

impl PeopleCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        match self {
            PeopleCommand::Invite(invite) => invite.run(out),
            PeopleCommand::Secret(secret) => secret.run(out),
        }
    }
}

impl Invite {
    fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let journal = Journal::open(&self.store)?;
        let Invite { login, name, client, roles, skills, .. } = self;
        let person = people::add(&journal, &NewPerson { login, name, client, roles, skills }, wall::now())?;
        tell(&journal, &person.login, out)
    }
}

impl Secret {
    fn run(self, out: &mut Output) -> Result<(), Trouble> {
        tell(&Journal::open_existing(&self.store)?, &self.login, out)
    }
}

fn tell(journal: &Journal, login: &str, out: &mut Output) -> Result<(), Trouble> {
    let invitation = people::invite(journal, login, wall::now())?;
    writeln!(out, "login   {}", invitation.login)?;
    writeln!(out, "secret  {}", invitation.secret)?;
    Ok(writeln!(out, "Until {}, once: type both on the portal's page /welcome.", invitation.ends)?)
}
