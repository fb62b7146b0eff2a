//! A conversation in lines, as SMTP, IMAP and Redis have it. Everything the other side says is bounded.

use std::io;

use facts::Cause;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Fault;

/// The longest line, without its end.
const LINE_MAX: usize = 2_000;
/// The most that is listened to in all.
const TALK_MAX: usize = 64 << 10;

/// A connection that may be TLS or not, and may become it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A conversation under way.
pub(super) struct Talk {
    stream: Box<dyn Stream>,
    /// The protocol, as faults are told with it.
    protocol: &'static str,
    heard: Vec<u8>,
    total: usize,
}

impl Talk {
    pub(super) fn over(stream: impl Stream + 'static, protocol: &'static str) -> Talk {
        Talk { stream: Box::new(stream), protocol, heard: Vec::new(), total: 0 }
    }

    /// The next line, without its end.
    pub(super) async fn line(&mut self) -> Result<String, Fault> {
        loop {
            if let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.heard.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.heard.len() > LINE_MAX || self.total > TALK_MAX {
                return Err(self.fault("more than it should say"));
            }
            let mut piece = [0; 1_024];
            let length = self.stream.read(&mut piece).await.map_err(|error| self.broken(&error))?;
            if length == 0 {
                return Err(self.fault("it hung up"));
            }
            self.total += length;
            self.heard.extend_from_slice(&piece[..length]);
        }
    }

    /// Says this, as it stands.
    pub(super) async fn say(&mut self, words: &[u8]) -> Result<(), Fault> {
        let said = async {
            self.stream.write_all(words).await?;
            self.stream.flush().await
        };
        let said = said.await;
        said.map_err(|error| self.broken(&error))
    }

    /// The connection, to agree on TLS over it. Words that are there already were said in the clear by somebody, to be taken for words
    /// that were not.
    pub(super) fn hand_over(self) -> Result<Box<dyn Stream>, Fault> {
        if self.heard.is_empty() {
            Ok(self.stream)
        } else {
            Err(self.fault("it said more before TLS than it was asked"))
        }
    }

    /// What it said is not what the protocol has.
    pub(super) fn fault(&self, why: &str) -> Fault {
        Fault::theirs(Cause::Protocol, format!("{}: {why}", self.protocol))
    }

    fn broken(&self, error: &io::Error) -> Fault {
        Fault::of(Cause::Protocol, self.protocol, error)
    }
}
