//! A PostgreSQL server: whether it speaks TLS, or an answer to `SELECT 1` (the protocol's version 3).
//!
//! The messages are those of the crate `postgres-protocol`; the connection is ours, so that it goes through the guard, and the length of
//! a message is read before room is made for it.

use std::io;

use bytes::BytesMut;
use facts::Cause;
use postgres_protocol::authentication::{md5_hash, sasl};
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::{Postgres, Security};

use super::words::Stream;
use super::{Fault, Looker, Ready, Trace};
use crate::secrets::For;

/// What an error begins with.
const ERROR: u8 = b'E';
/// The longest message.
const MESSAGE_MAX: u32 = 64 << 10;
/// The most messages until it is ready, or has answered.
const MESSAGES_MAX: usize = 100;

impl Looker {
    pub(super) async fn postgres(&self, ready: &Ready<Postgres>, trace: &mut Trace) -> Result<(), Fault> {
        let asks = &ready.asks;
        let wants_tls = asks.security == Security::StartTls;
        let to = For { client: ready.client.as_ref(), host: &asks.host, tls: wants_tls };
        let password = asks.password.as_ref().map(|name| self.secrets.get(name.as_str(), to)).transpose()?;
        let mut stream = self.connect(&ready.host, asks.port, asks.family, trace).await?;
        trace.at = "postgres";
        let start = self.clock.mono_ns();
        let mut stream: Box<dyn Stream> = if wants_tls || asks.user.is_none() {
            let speaks_tls = speaks_tls(&mut stream).await?;
            self.mark(&mut trace.phases.first_byte_us, start);
            match (speaks_tls, wants_tls) {
                (false, true) => return Err(fault("it does not speak TLS")),
                (true, true) => Box::new(self.agree_on(stream, ready.name()?, trace).await?),
                (_, false) => return Ok(()),
            }
        } else {
            Box::new(stream)
        };
        let Some(user) = &asks.user else { return Ok(()) };
        trace.at = "postgres";
        let start = self.clock.mono_ns();
        let mut session = Session { stream: &mut *stream, heard: BytesMut::new() };
        session.begin(user, asks.database.as_deref(), password).await?;
        session.select_one().await?;
        self.mark(&mut trace.phases.first_byte_us, start);
        // Its answer is not waited for: it is well.
        let farewell = |bytes: &mut BytesMut| {
            frontend::terminate(bytes);
            Ok(())
        };
        let _ = session.say(farewell).await;
        Ok(())
    }
}

/// Asks whether it speaks TLS.
async fn speaks_tls(stream: &mut (impl Stream + ?Sized)) -> Result<bool, Fault> {
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    stream.write_all(&request).await.map_err(|error| broken(&error))?;
    match stream.read_u8().await.map_err(|error| broken(&error))? {
        b'S' => Ok(true),
        b'N' => Ok(false),
        _ => Err(fault("what it says is not PostgreSQL")),
    }
}

struct Session<'s> {
    stream: &'s mut dyn Stream,
    heard: BytesMut,
}

impl Session<'_> {
    /// Signs in, until the server is ready.
    async fn begin(
        &mut self,
        user: &str,
        database: Option<&str>,
        password: Option<&str>,
    ) -> Result<(), Fault> {
        let named = [("user", user), ("application_name", "uphold-probe")];
        let named = named.into_iter().chain(database.map(|database| ("database", database)));
        let named: Vec<_> = named.collect();
        self.say(|bytes| frontend::startup_message(named.iter().copied(), bytes)).await?;
        let needed =
            || password.ok_or_else(|| Fault::theirs(Cause::SignIn, "postgres: it asks for a password"));
        for _ in 0..MESSAGES_MAX {
            match self.hear().await? {
                Message::AuthenticationOk => {}
                Message::AuthenticationCleartextPassword => {
                    let password = needed()?;
                    self.say(|bytes| frontend::password_message(password.as_bytes(), bytes)).await?;
                }
                Message::AuthenticationMd5Password(asked) => {
                    let hash = md5_hash(user.as_bytes(), needed()?.as_bytes(), asked.salt());
                    self.say(|bytes| frontend::password_message(hash.as_bytes(), bytes)).await?;
                }
                Message::AuthenticationSasl(_) => self.prove(needed()?).await?,
                Message::ReadyForQuery(_) => return Ok(()),
                Message::ParameterStatus(_) | Message::BackendKeyData(_) | Message::NoticeResponse(_) => {}
                _ => return Err(fault("it lets nobody in that we know of")),
            }
        }
        Err(fault("more than it should say"))
    }

    /// SCRAM-SHA-256 (RFC 7677); a server that asks for too many rounds is refused by the crate.
    async fn prove(&mut self, password: &str) -> Result<(), Fault> {
        let mut scram = sasl::ScramSha256::new(password.as_bytes(), sasl::ChannelBinding::unsupported());
        let first = scram.message().to_vec();
        self.say(|bytes| frontend::sasl_initial_response(sasl::SCRAM_SHA_256, &first, bytes)).await?;
        let Message::AuthenticationSaslContinue(body) = self.hear().await? else {
            return Err(fault("it breaks off while we sign in"));
        };
        let unproved =
            |_| Fault::theirs(Cause::SignIn, "postgres: it does not prove that it knows the password");
        scram.update(body.data()).map_err(unproved)?;
        let second = scram.message().to_vec();
        self.say(|bytes| frontend::sasl_response(&second, bytes)).await?;
        let Message::AuthenticationSaslFinal(body) = self.hear().await? else {
            return Err(fault("it breaks off while we sign in"));
        };
        scram.finish(body.data()).map_err(unproved)
    }

    async fn select_one(&mut self) -> Result<(), Fault> {
        self.say(|bytes| frontend::query("SELECT 1", bytes)).await?;
        let mut is_one = false;
        for _ in 0..MESSAGES_MAX {
            match self.hear().await? {
                Message::DataRow(row) => is_one = row.buffer().ends_with(b"\x00\x00\x00\x011"),
                Message::ReadyForQuery(_) if is_one => return Ok(()),
                Message::ReadyForQuery(_) => return Err(fault("it does not know what one is")),
                _ => {}
            }
        }
        Err(fault("more than it should say"))
    }

    async fn say(&mut self, write: impl FnOnce(&mut BytesMut) -> io::Result<()>) -> Result<(), Fault> {
        let mut bytes = BytesMut::new();
        write(&mut bytes).map_err(|_| Fault::ours(Cause::Refused, "refused: a name that cannot be sent"))?;
        let said = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        said.await.map_err(|error| broken(&error))
    }

    /// The next message; an error of the server is a fault.
    async fn hear(&mut self) -> Result<Message, Fault> {
        loop {
            if let Some(length) = whole(&self.heard)? {
                if self.heard[0] == ERROR {
                    return Err(refusal(&self.heard[5..length]));
                }
                let message = Message::parse(&mut self.heard).ok().flatten();
                return message.ok_or_else(|| fault("what it says is not PostgreSQL"));
            }
            let mut piece = [0; 1_024];
            let length = self.stream.read(&mut piece).await.map_err(|error| broken(&error))?;
            if length == 0 {
                return Err(fault("it hung up"));
            }
            self.heard.extend_from_slice(&piece[..length]);
        }
    }
}

/// How many bytes the first message has, once it is there.
fn whole(heard: &[u8]) -> Result<Option<usize>, Fault> {
    let Some([a, b, c, d]) = heard.get(1..5).and_then(|length| <[u8; 4]>::try_from(length).ok()) else {
        return Ok(None);
    };
    match u32::from_be_bytes([a, b, c, d]) {
        0..4 => Err(fault("what it says is not PostgreSQL")),
        length if length > MESSAGE_MAX => Err(fault("more than it should say")),
        length => Ok(Some(length as usize + 1).filter(|length| *length <= heard.len())),
    }
}

/// An error by its code alone (SQLSTATE): a text of the server may repeat what it was sent. `fields`: a letter and a text each, ended by
/// a zero.
fn refusal(fields: &[u8]) -> Fault {
    let code = fields.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"C"));
    let is_code = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    let code = code.filter(|code| code.len() == 5 && code.iter().all(is_code)).map(String::from_utf8_lossy);
    match code {
        Some(code) if code.starts_with("28") => {
            Fault::theirs(Cause::SignIn, format!("postgres: error {code}"))
        }
        Some(code) => Fault::theirs(Cause::Told, format!("postgres: error {code}")),
        None => Fault::theirs(Cause::Told, "postgres: it answers with an error"),
    }
}

fn fault(why: &str) -> Fault {
    Fault::theirs(Cause::Protocol, format!("postgres: {why}"))
}

fn broken(error: &io::Error) -> Fault {
    Fault::of(Cause::Protocol, "postgres", error)
}
