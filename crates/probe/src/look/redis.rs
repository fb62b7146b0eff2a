//! A Redis server's PING (the protocol is RESP, version 2).

use facts::Cause;
use wire::{Redis, Security};

use super::words::{Stream, Talk};
use super::{Fault, Looker, Ready, Trace};
use crate::secrets::For;

impl Looker {
    pub(super) async fn redis(&self, ready: &Ready<Redis>, trace: &mut Trace) -> Result<(), Fault> {
        let asks = &ready.asks;
        let tls = asks.security == Security::Tls;
        let to = For { client: ready.client.as_ref(), host: &asks.host, tls };
        let password = asks.password.as_ref().map(|name| self.secrets.get(name.as_str(), to)).transpose()?;
        let stream = self.connect(&ready.host, asks.port, asks.family, trace).await?;
        let stream: Box<dyn Stream> = match tls {
            true => Box::new(self.agree_on(stream, ready.name()?, trace).await?),
            false => Box::new(stream),
        };
        let mut talk = Talk::over(stream, "redis");
        trace.at = "redis";
        let start = self.clock.mono_ns();
        if let Some(password) = password {
            let words: Vec<&str> =
                ["AUTH"].into_iter().chain(asks.user.as_deref()).chain([password]).collect();
            talk.say(&command(&words)).await?;
            if said(&mut talk).await? != "OK" {
                return Err(talk.fault("what it says is not Redis"));
            }
        }
        talk.say(&command(&["PING"])).await?;
        if said(&mut talk).await? != "PONG" {
            return Err(talk.fault("what it says is not Redis"));
        }
        self.mark(&mut trace.phases.first_byte_us, start);
        Ok(())
    }
}

/// A command as a list of texts, each with its length: nothing in them is read as another.
fn command(words: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
    }
    bytes
}

/// A plain answer. Of an error only its kind is told: a server that repeats what it was sent would have us repeat a secret.
async fn said(talk: &mut Talk) -> Result<String, Fault> {
    let line = talk.line().await?;
    if let Some(plain) = line.strip_prefix('+') {
        return Ok(plain.to_owned());
    }
    let Some(error) = line.strip_prefix('-') else { return Err(talk.fault("what it says is not Redis")) };
    Err(match error.split(' ').next().unwrap_or_default() {
        kind @ ("NOAUTH" | "WRONGPASS" | "NOPERM") => Fault::theirs(Cause::SignIn, format!("redis: {kind}")),
        kind @ ("LOADING" | "MASTERDOWN" | "BUSY" | "CLUSTERDOWN" | "MISCONF" | "DENIED") => {
            Fault::theirs(Cause::Told, format!("redis: {kind}"))
        }
        // Before Redis 6, a wrong password is told with no kind.
        _ => Fault::theirs(Cause::Told, "redis: it answers with an error"),
    })
}
