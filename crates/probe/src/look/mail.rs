//! The greetings of mail servers (RFC 5321, RFC 3207, RFC 9051). Nobody signs in, nothing is sent: every word is written here.

use std::net::{IpAddr, SocketAddr};

use facts::Cause;
use wire::{Mail, Security};

use super::words::{Stream, Talk};
use super::{Fault, Looker, Ready, Trace};
use crate::guard::Port;

/// The most lines of one answer.
const LINES_MAX: usize = 64;

impl Looker {
    /// Good when it greets, says what it can do, and agrees on TLS where that is wanted.
    pub(super) async fn smtp(&self, ready: &Ready<Mail>, trace: &mut Trace) -> Result<(), Fault> {
        let Mail { port, security, family, .. } = ready.asks;
        let stream = self.connect(&ready.host, Port::greeted(port), family, trace).await?;
        let hello = hello(stream.local_addr().ok());
        let stream: Box<dyn Stream> = match security {
            Security::Tls => Box::new(self.agree_on(stream, ready.name()?, trace).await?),
            _ => Box::new(stream),
        };
        let mut talk = Talk::over(stream, "smtp");
        trace.at = "smtp";
        let start = self.clock.mono_ns();
        reply(&mut talk, 220, trace).await?;
        self.mark(&mut trace.phases.first_byte_us, start);
        talk.say(hello.as_bytes()).await?;
        let can = reply(&mut talk, 250, trace).await?;
        if security == Security::StartTls {
            if !can.iter().any(|word| word.eq_ignore_ascii_case("STARTTLS")) {
                return Err(talk.fault("it does not offer STARTTLS"));
            }
            talk.say(b"STARTTLS\r\n").await?;
            reply(&mut talk, 220, trace).await?;
            let stream = self.agree_on(talk.hand_over()?, ready.name()?, trace).await?;
            talk = Talk::over(stream, "smtp");
            trace.at = "smtp";
            talk.say(hello.as_bytes()).await?;
            reply(&mut talk, 250, trace).await?;
        }
        // Its answer is not waited for: it is well.
        let _ = talk.say(b"QUIT\r\n").await;
        Ok(())
    }

    /// Good when it greets, says that it speaks IMAP, and agrees on TLS where that is wanted.
    pub(super) async fn imap(&self, ready: &Ready<Mail>, trace: &mut Trace) -> Result<(), Fault> {
        let Mail { port, security, family, .. } = ready.asks;
        let stream = self.connect(&ready.host, port, family, trace).await?;
        let stream: Box<dyn Stream> = match security {
            Security::Tls => Box::new(self.agree_on(stream, ready.name()?, trace).await?),
            _ => Box::new(stream),
        };
        let mut talk = Talk::over(stream, "imap");
        trace.at = "imap";
        let start = self.clock.mono_ns();
        greeting(&mut talk).await?;
        self.mark(&mut trace.phases.first_byte_us, start);
        if security == Security::StartTls {
            tagged(&mut talk, "a1", "STARTTLS").await?;
            let stream = self.agree_on(talk.hand_over()?, ready.name()?, trace).await?;
            talk = Talk::over(stream, "imap");
            trace.at = "imap";
        }
        let can = tagged(&mut talk, "a2", "CAPABILITY").await?;
        let speaks = |line: &String| {
            let mut words = line.split_ascii_whitespace();
            words.next() == Some("*")
                && words.next().is_some_and(|word| word.eq_ignore_ascii_case("CAPABILITY"))
                && words.any(|word| word.to_ascii_uppercase().starts_with("IMAP4"))
        };
        if !can.iter().any(speaks) {
            return Err(talk.fault("it does not say that it speaks IMAP"));
        }
        let _ = talk.say(b"a3 LOGOUT\r\n").await;
        Ok(())
    }
}

/// Who we are: the address we ask from (RFC 5321, 4.1.3).
fn hello(from: Option<SocketAddr>) -> String {
    match from.map(|from| from.ip()) {
        Some(IpAddr::V6(address)) => format!("EHLO [IPv6:{address}]\r\n"),
        Some(IpAddr::V4(address)) => format!("EHLO [{address}]\r\n"),
        None => "EHLO [127.0.0.1]\r\n".to_owned(),
    }
}

/// A reply of one or more lines with this code; the text of each line but its code.
async fn reply(talk: &mut Talk, wanted: u16, trace: &mut Trace) -> Result<Vec<String>, Fault> {
    let mut lines = Vec::new();
    while lines.len() < LINES_MAX {
        let line = talk.line().await?;
        let code =
            line.get(..3).and_then(|code| code.parse::<u16>().ok()).filter(|code| (200..600).contains(code));
        let code = code.ok_or_else(|| talk.fault("what it says is not SMTP"))?;
        trace.code = Some(code);
        if code != wanted {
            return Err(Fault::theirs(Cause::Status, format!("smtp: code {code}")));
        }
        let is_last = line.as_bytes().get(3) != Some(&b'-');
        lines.push(line.get(4..).unwrap_or_default().trim().to_owned());
        if is_last {
            return Ok(lines);
        }
    }
    Err(talk.fault("more than it should say"))
}

/// `* OK`, or `* PREAUTH` (RFC 9051, 7.1).
async fn greeting(talk: &mut Talk) -> Result<(), Fault> {
    let line = talk.line().await?.to_ascii_uppercase();
    match line.split_ascii_whitespace().collect::<Vec<_>>()[..] {
        ["*", "OK" | "PREAUTH", ..] => Ok(()),
        ["*", "BYE", ..] => Err(Fault::theirs(Cause::Told, "imap: it says that it is closing")),
        _ => Err(talk.fault("what it says is not IMAP")),
    }
}

/// A command and everything said until it is done.
async fn tagged(talk: &mut Talk, tag: &str, command: &str) -> Result<Vec<String>, Fault> {
    talk.say(format!("{tag} {command}\r\n").as_bytes()).await?;
    let mut lines = Vec::new();
    while lines.len() < LINES_MAX {
        let line = talk.line().await?;
        let mut words = line.split_ascii_whitespace();
        match (words.next(), words.next().map(str::to_ascii_uppercase).as_deref()) {
            (Some(first), Some("OK")) if first == tag => return Ok(lines),
            (Some(first), _) if first == tag => {
                return Err(Fault::theirs(Cause::Told, format!("imap: {command} is refused")));
            }
            (Some("*"), Some("BYE")) => {
                return Err(Fault::theirs(Cause::Told, "imap: it says that it is closing"));
            }
            (Some("*"), _) => lines.push(line),
            _ => return Err(talk.fault("what it says is not IMAP")),
        }
    }
    Err(talk.fault("more than it should say"))
}
