//! `uphold agreement keygen | sign | verify`: who stands by which text (SH-DEF-03).

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use agreement::seal::{self, PublicKey, SecretKey, SignatureFile, Standing, Verdict};
use agreement::{Finding, Position, Weight};
use clap::{Args, ValueEnum};
use facts::Side;
use serde_json::json;

use super::Loaded;
use crate::{files, output::Output, trouble::Trouble, wall};

/// The longest key or signature file that is read.
const BYTES_MAX: u64 = 64 * 1024;

#[derive(Args)]
pub(crate) struct Keygen {
    /// Where the secret key goes; it must not be there yet.
    file: PathBuf,
}

impl Keygen {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let key = SecretKey::from_seed(wall::seed()?);
        let public = files::beside(&self.file, ".pub");
        files::create(&self.file, &key.to_text(), true)?;
        files::create(&public, &key.public().to_text(), false).inspect_err(|_| {
            // Half a pair is none, and in the way of the next try.
            let _ = fs::remove_file(&self.file);
        })?;
        writeln!(out, "{}: the secret key; whoever has it signs for you", self.file.display())?;
        Ok(writeln!(out, "{}: {}, to be handed out", public.display(), key.public())?)
    }
}

#[derive(Args)]
pub(crate) struct Sign {
    /// The agreement.
    file: PathBuf,
    /// For which party.
    #[arg(long = "as", value_name = "PARTY")]
    party: Party,
    /// The party's secret key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Party {
    Provider,
    Client,
}

impl From<Party> for Side {
    fn from(party: Party) -> Side {
        match party {
            Party::Provider => Side::Provider,
            Party::Client => Side::Client,
        }
    }
}

impl Sign {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let Loaded { text, identity, agreement } = Loaded::read(&self.file)?;
        let errors = agreement.lint().into_iter().filter(|finding| finding.weight == Weight::Error).count();
        if errors > 0 {
            let file = self.file.display();
            let what = format!(
                "{file} has {errors} {}: `uphold agreement check {file}` shows all of it; nothing was signed",
                if errors == 1 { "error" } else { "errors" }
            );
            return Err(Trouble::failed(what));
        }
        let key: SecretKey = parse(&self.key)?;
        refuse_shared(&self.key)?;
        let line = seal::sign(text.as_bytes(), self.party.into(), &key)?;
        let path = files::beside(&self.file, ".sig");
        let mut signatures = read_signatures(&path)?;
        signatures
            .add(line)
            .map_err(|refused| Trouble::failed(format_args!("{}: {refused}", path.display())))?;
        files::replace(&path, &signatures.to_string())?;
        Ok(writeln!(out, "{}: sha256:{identity} signed with {}", path.display(), key.public())?)
    }
}

/// Who may read a secret key may sign with it, so a key that others may read proves nothing.
fn refuse_shared(key: &Path) -> Result<(), Trouble> {
    #[cfg(unix)]
    if fs::metadata(key)
        .is_ok_and(|key| std::os::unix::fs::PermissionsExt::mode(&key.permissions()) & 0o077 != 0)
    {
        let key = key.display();
        return Err(Trouble::failed(format_args!(
            "{key} can be read by others than its owner: run `chmod 600 {key}`, and if somebody may have copied it, make a new \
             key with `uphold agreement keygen`; nothing was signed"
        )));
    }
    Ok(())
}

/// The signatures so far; none where there is no file. One with anything unreadable in it is not written over.
fn read_signatures(path: &Path) -> Result<SignatureFile, Trouble> {
    if !path.exists() {
        return Ok(SignatureFile::default());
    }
    let text = files::read_text(path, BYTES_MAX)?;
    let (signatures, findings) = SignatureFile::parse(&text);
    match findings.first() {
        None => Ok(signatures),
        Some(Finding { place, message, way_out, .. }) => {
            let at = Position::of(&text, place.0.start);
            Err(Trouble::failed(format_args!("{}:{at}: {message}; {way_out}", path.display())))
        }
    }
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The agreement; its signatures lie in FILE.sig.
    file: PathBuf,
    /// The provider's public key: its file, or `ed25519:…`.
    #[arg(long, value_name = "KEY")]
    provider: Option<String>,
    /// The client's public key: its file, or `ed25519:…`.
    #[arg(long, value_name = "KEY")]
    client: Option<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let Loaded { agreement, text, .. } = Loaded::read(&self.file)?;
        let mut trusted = Vec::new();
        for (side, key) in [(Side::Provider, &self.provider), (Side::Client, &self.client)] {
            trusted.extend(key.as_deref().map(|key| public_key(key).map(|key| (side, key))).transpose()?);
        }
        let path = files::beside(&self.file, ".sig");
        let signatures = if path.exists() { files::read_text(&path, BYTES_MAX)? } else { String::new() };
        let verdict = seal::verify(text.as_bytes(), &agreement.signers(), &signatures, &trusted);
        match self.json {
            true => writeln!(out, "{}", as_json(&verdict))?,
            false => self.tell(&verdict, &signatures, out)?,
        }
        if verdict.in_force() { Ok(()) } else { Err(Trouble::Told) }
    }

    fn tell(&self, verdict: &Verdict, signatures: &str, out: &mut Output) -> Result<(), Trouble> {
        writeln!(out, "{}: sha256:{}", self.file.display(), verdict.identity)?;
        for (side, standing) in &verdict.standings {
            writeln!(out, "  {}: {}", side.name(), standing.about())?;
        }
        for Finding { place, message, way_out, .. } in &verdict.findings {
            let at = Position::of(signatures, place.0.start);
            writeln!(out, "  {}.sig:{at}: {message}; {way_out}", self.file.display())?;
        }
        Ok(writeln!(out, "{}", if verdict.in_force() { "in force" } else { "not in force" })?)
    }
}

/// Refuses a file that the two parties have not both signed with these keys.
pub(super) fn refuse_unsigned(
    path: &Path,
    loaded: &Loaded,
    provider: &str,
    client: &str,
) -> Result<(), Trouble> {
    let trusted = [(Side::Provider, public_key(provider)?), (Side::Client, public_key(client)?)];
    let beside = files::beside(path, ".sig");
    let signatures = if beside.exists() { files::read_text(&beside, BYTES_MAX)? } else { String::new() };
    let signers = loaded.agreement.signers();
    let verdict = seal::verify(loaded.text.as_bytes(), &signers, &signatures, &trusted);
    if verdict.in_force() {
        return Ok(());
    }
    let missing =
        verdict.standings.iter().map(|(side, standing)| format!("{}: {}", side.name(), standing.about()));
    let missing: Vec<String> = missing.collect();
    let name = path.display();
    Err(Trouble::failed(format_args!(
        "{name} is not in force: {}; both sign it with `uphold agreement sign`, and nothing was recorded",
        missing.join(", ")
    )))
}

fn public_key(text: &str) -> Result<PublicKey, Trouble> {
    if text.starts_with("ed25519:") {
        return text.parse().map_err(|wrong: seal::KeyError| Trouble::usage(wrong.to_string()));
    }
    parse(Path::new(text))
}

fn parse<K: std::str::FromStr<Err = seal::KeyError>>(path: &Path) -> Result<K, Trouble> {
    let text = files::read_text(path, BYTES_MAX)?;
    text.parse().map_err(|wrong| Trouble::failed(format_args!("{}: {wrong}", path.display())))
}

fn as_json(verdict: &Verdict) -> serde_json::Value {
    let standing = |(side, standing): &(Side, Standing)| {
        let word = match standing {
            Standing::Valid(_) => "valid",
            Standing::Untrusted(_) => "untrusted",
            Standing::OtherText(_) => "other-text",
            Standing::Forged => "forged",
            Standing::SharedKey => "shared-key",
            Standing::Missing => "missing",
        };
        json!({ "party": side.name(), "standing": word, "about": standing.about() })
    };
    json!({
        "sha256": verdict.identity.to_string(),
        "in_force": verdict.in_force(),
        "required": verdict.required.iter().map(|side| side.name()).collect::<Vec<_>>(),
        "signatures": verdict.standings.iter().map(standing).collect::<Vec<_>>(),
        "findings": verdict.findings.iter().map(|finding| &finding.message).collect::<Vec<_>>(),
    })
}
