//! `uphold agreement activate`: a version that both parties signed comes into force (SH-DEF-03).

use std::{io::Write, path::PathBuf};

use clap::Args;
use control::live::{Act, Control, Paper, Shelf};
use facts::{Actor, AgreementActivated};
use journal::{Journal, Key, Location};
use spans::Instant;

use super::{Loaded, keys};
use crate::{output::Output, service, trouble::Trouble, wall};

#[derive(Args)]
pub(crate) struct Activate {
    /// The agreement; its signatures lie in FILE.sig.
    file: PathBuf,
    /// The journal: a file's path, or postgres://USER@HOST/NAME. Made when it is not there.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
    /// The provider's public key: its file, or `ed25519:…`.
    #[arg(long, value_name = "KEY")]
    provider: String,
    /// The client's public key: its file, or `ed25519:…`.
    #[arg(long, value_name = "KEY")]
    client: String,
    /// Who puts it into force, as facts show it.
    #[arg(long = "by", value_name = "NAME")]
    by: String,
    /// From when on, not later than now; now when left out.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Instant>,
}

impl Activate {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let loaded = Loaded::read(&self.file)?;
        keys::refuse_unsigned(&self.file, &loaded, &self.provider, &self.client)?;
        let (header, sha256) = (loaded.agreement.agreement.clone(), loaded.identity.to_string());
        let text = loaded.text.clone();
        let paper = Paper { terms: loaded.terms(None)?, text };
        let tier = paper.terms.tier().map(str::to_owned);
        let agreement = header.id.parse()?;
        let body = AgreementActivated { agreement, sha256: sha256.clone(), tier };
        let journal = std::sync::Arc::new(Journal::open(&self.store)?);
        let control = Control::open(journal, Shelf::new([paper]), service::random()?, wall::now())?;
        let key = Key::of_request(&format!("activate/{sha256}"), sha256.as_bytes())?;
        let actor = Actor::provider(&self.by).role("manager");
        let act = Act { at: self.at, key: Some(key), ..Act::new(&header.client_id, actor, body) };
        let done = control.activate(act, wall::now())?;
        let word = if done.already { "was already in force" } else { "is in force" };
        Ok(writeln!(out, "{} for client {}: sha256:{sha256} {word}", header.id, header.client_id)?)
    }
}
