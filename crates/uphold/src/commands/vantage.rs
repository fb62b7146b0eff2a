//! `uphold vantage`: who else may look. Whoever may open the store may invite.

use std::io::Write;

use clap::{Args, Subcommand};
use facts::{ClientId, VantageId};
use journal::{Journal, Location, vantage::VantagePoint};

use crate::{output::Output, trouble::Trouble, wall};

#[derive(Subcommand)]
pub(crate) enum VantageCommand {
    /// Invite a vantage point, and print the command that joins there, with a token that works once.
    Invite(Invite),
    /// Every vantage point: who looks, for whom, and when it was last heard.
    List(List),
    /// Take nothing more of a vantage point, from now on and for ever. What it saw stays.
    Revoke(Revoke),
}

#[derive(Args)]
pub(crate) struct Invite {
    /// What observations will call it, such as ams-1. A name is never used again.
    name: VantageId,
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
    /// A client whose instances it looks at; say it once for each, or leave it out for everybody's.
    #[arg(long = "client", value_name = "CLIENT")]
    clients: Vec<ClientId>,
    /// Where the vantage point reaches the server.
    #[arg(long, value_name = "ORIGIN", env = "UPHOLD_ORIGIN", default_value = "https://CONTROL")]
    control: String,
}

#[derive(Args)]
pub(crate) struct List {
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
}

#[derive(Args)]
pub(crate) struct Revoke {
    /// Which.
    name: VantageId,
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
}

impl VantageCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        match self {
            VantageCommand::Invite(invite) => invite.run(out),
            VantageCommand::List(list) => list.run(out),
            VantageCommand::Revoke(revoke) => revoke.run(out),
        }
    }
}

impl Invite {
    fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let journal = Journal::open(&self.store)?;
        let Invite { name, clients, control, .. } = self;
        let clients = (!clients.is_empty()).then_some(clients);
        let mut random = [0; 20];
        random.copy_from_slice(&wall::seed()?[..20]);
        let invited = control::invite(&journal, &name, clients, random, wall::now())?;
        writeln!(out, "Until {}, once, on the machine that is to look:", invited.ends)?;
        writeln!(out)?;
        let token = invited.token;
        Ok(writeln!(out, "uphold probe --join {token} --control {control} --home /var/lib/uphold-probe")?)
    }
}

impl List {
    fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let points = Journal::open_existing(&self.store)?.read(|tx| tx.vantages())?;
        for point in &points {
            let clients = point.clients.as_ref().map_or("all clients".to_owned(), |clients| {
                clients.iter().map(ClientId::as_str).collect::<Vec<_>>().join(", ")
            });
            writeln!(out, "{:24}{:44}{clients}", point.name.as_str(), state(point))?;
        }
        if points.is_empty() {
            writeln!(out, "There is none: `uphold vantage invite NAME` adds one.")?;
        }
        Ok(())
    }
}

fn state(point: &VantagePoint) -> String {
    match (point.revoked, point.joined, point.seen) {
        (Some(at), ..) => format!("revoked {at}"),
        (None, Some(_), Some(seen)) => format!("heard {seen}"),
        (None, Some(at), None) => format!("joined {at}"),
        (None, None, _) => format!("invited until {}", point.token_ends),
    }
}

impl Revoke {
    fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let (name, now) = (self.name.clone(), wall::now());
        let revoked = Journal::open_existing(&self.store)?.write(move |tx| tx.revoke_vantage(&name, now))?;
        if !revoked {
            return Err(Trouble::failed(format_args!(
                "{} is not there, or was revoked before: see `uphold vantage list`",
                self.name
            )));
        }
        Ok(writeln!(out, "{} is revoked; what it saw stays.", self.name)?)
    }
}
