//! `uphold people`: who may come in, and what they may do. There is no page that makes the first administrator: whoever may open
//! the store may invite, and shut out.

use std::io::Write;

use clap::{Args, Subcommand};
use facts::ClientId;
use journal::{Journal, Location, people::Person};
use portal::people::{self, NewPerson};

use crate::{output::Output, trouble::Trouble, wall};

#[derive(Subcommand)]
pub(crate) enum PeopleCommand {
    /// Add somebody, and print a one-time secret for their first password. Of a client's people they count at once and without a
    /// fact: once an agreement is in force they are named on the portal's page of people, which keeps its notice.
    Invite(Invite),
    /// Print a new one-time secret for somebody who is there already; an older one is void.
    Secret(Secret),
    /// Everybody: whose side they are on, what they may do, and who is shut out.
    List(List),
    /// Set what somebody may do, from their next request on.
    Roles(Roles),
    /// Keep somebody out from now on: their sessions and API tokens end at once. What they did stays theirs.
    Disable(Of),
    /// Let somebody in again, with the password they had.
    Enable(Of),
    /// Take all second factors from somebody who lost them, and end sessions, API tokens and links to other places. They sign in with the password and set up
    /// new ones; it is written down at the door.
    ResetFactors(Of),
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

#[derive(Args)]
pub(crate) struct List {
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
}

#[derive(Args)]
pub(crate) struct Roles {
    /// What they type to sign in.
    login: String,
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
    /// A role in the agreement's words, or `administrator`; say it once for each. They replace those they had.
    #[arg(long = "role", required_unless_present = "no_roles")]
    roles: Vec<String>,
    /// Take all roles from them.
    #[arg(long = "no-roles", conflicts_with = "roles")]
    no_roles: bool,
    /// A skill in the agreement's words; say it once for each. They replace those they had; none said leaves them.
    #[arg(long = "skill")]
    skills: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Of {
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
            PeopleCommand::List(list) => list.run(out),
            PeopleCommand::Roles(roles) => roles.run(out),
            PeopleCommand::Disable(of) => of.disable(out),
            PeopleCommand::Enable(of) => of.enable(out),
            PeopleCommand::ResetFactors(of) => of.reset_factors(out),
        }
    }
}

impl Invite {
    fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let journal = Journal::open(&self.store)?;
        let Invite { login, name, client, roles, skills, .. } = self;
        let person = people::add(&journal, &NewPerson { login, name, client, roles, skills }, wall::now())?;
        tell(&journal, &person.login, out)?;
        beside_the_record(&person, out)
    }
}

impl Secret {
    fn run(self, out: &mut Output) -> Result<(), Trouble> {
        tell(&Journal::open_existing(&self.store)?, &self.login, out)
    }
}

impl List {
    fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let everybody = people::everybody(&Journal::open_to_read(&self.store)?)?;
        for person in &everybody {
            writeln!(out, "{}", row(person))?;
        }
        if everybody.is_empty() {
            writeln!(out, "There is nobody: `uphold people invite LOGIN` adds the first.")?;
        }
        Ok(())
    }
}

/// One person: login, side, roles and skills, name, and since when they are shut out.
fn row(person: &Person) -> String {
    let side = person.standing.client().map_or("staff", ClientId::as_str);
    let can: Vec<&str> = person.roles.iter().chain(&person.skills).map(String::as_str).collect();
    let out = person.disabled.map(|at| format!("  disabled {at}")).unwrap_or_default();
    format!("{:24}{side:24}{:32}{}{out}", person.login, can.join(", "), person.name)
}

impl Roles {
    fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let skills = (!self.skills.is_empty()).then_some(self.skills.as_slice());
        let journal = Journal::open_existing(&self.store)?;
        let person = people::set_roles(&journal, &self.login, &self.roles, skills)?;
        writeln!(out, "{}", row(&person))?;
        beside_the_record(&person, out)
    }
}

impl Of {
    fn disable(self, out: &mut Output) -> Result<(), Trouble> {
        let journal = Journal::open_existing(&self.store)?;
        let person = people::disable(&journal, &self.login, wall::now())?;
        let login = &person.login;
        Ok(writeln!(
            out,
            "{login} is shut out; sessions and API tokens have ended, and an invitation is void."
        )?)
    }

    fn reset_factors(self, out: &mut Output) -> Result<(), Trouble> {
        let journal = Journal::open_existing(&self.store)?;
        let person = people::reset_factors(&journal, &self.login, wall::now())?;
        Ok(writeln!(
            out,
            "{} has no second factor any more; sessions, API tokens and links to other places have ended. It is written down.",
            person.login
        )?)
    }

    fn enable(self, out: &mut Output) -> Result<(), Trouble> {
        let person = people::enable(&Journal::open_existing(&self.store)?, &self.login)?;
        writeln!(out, "{} may come in again.", person.login)?;
        beside_the_record(&person, out)
    }
}

/// What the command line does to a client's people is set-up: at once, without a fact, so without the agreement's notice (SH-REQ-06).
fn beside_the_record(person: &Person, out: &mut Output) -> Result<(), Trouble> {
    let Some(client) = person.standing.client() else { return Ok(()) };
    Ok(writeln!(
        out,
        "This counts at once and is not on record for {client}: under an agreement, name and remove people on the page \
         /clients/{client}/people, which keeps the notice."
    )?)
}

fn tell(journal: &Journal, login: &str, out: &mut Output) -> Result<(), Trouble> {
    let invitation = people::invite(journal, login, wall::now())?;
    writeln!(out, "login   {}", invitation.login)?;
    writeln!(out, "secret  {}", invitation.secret)?;
    Ok(writeln!(out, "Until {}, once: type both on the portal's page /welcome.", invitation.ends)?)
}
