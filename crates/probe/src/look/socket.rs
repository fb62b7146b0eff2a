//! A WebSocket (RFC 6455): the server switches to it, and answers a ping or what is sent.

use facts::Cause;
use futures_util::{SinkExt, StreamExt};
use hyper::Request;
use hyper::header::{CONNECTION, HOST, HeaderName, HeaderValue, UPGRADE, USER_AGENT};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use wire::{Http, HttpVersion, Must, WebSocket};

use super::http::AGENT;
use super::wanted::Text;
use super::words::Stream;
use super::{Fault, Looker, Ready, Trace, tls};
use crate::guard::Refused;
use crate::target::Target;

/// The longest message.
const MESSAGE_MAX: usize = 64 << 10;
/// The most messages that are heard until one must be it.
const MESSAGES_MAX: usize = 10;

impl Looker {
    pub(super) async fn web_socket(&self, ready: &Ready<WebSocket>, trace: &mut Trace) -> Result<(), Fault> {
        let asks = &ready.asks;
        // A WebSocket begins as an HTTP request, and its URL is one but for the first letters (RFC 6455, 3).
        let url = asks.url.replacen("ws", "http", 1).replacen("WS", "http", 1);
        let http = Http { headers: asks.headers.clone(), ..Http::get(url) };
        let http = self.filled(&http, ready.client.as_ref(), &std::collections::BTreeMap::new())?;
        let target = Target::of(&http.url)?;
        let request = request(&target, &http)?;
        let expect = asks.expect.as_ref().map(Text::of).transpose()?;
        let stream = self.connect(&target.host, target.port, asks.family, trace).await?;
        let stream: Box<dyn Stream> = match target.tls {
            false => Box::new(stream),
            true => {
                let name = tls::server_name(&target.host)?;
                Box::new(self.agree(stream, name, HttpVersion::Http1, trace).await?)
            }
        };
        trace.at = "websocket";
        let start = self.clock.mono_ns();
        let config =
            WebSocketConfig::default().max_message_size(Some(MESSAGE_MAX)).max_frame_size(Some(MESSAGE_MAX));
        let opened = client_async_with_config(request, stream, Some(config)).await;
        let (mut socket, answer) = opened.map_err(|error| unopened(&error, trace))?;
        trace.code = Some(answer.status().as_u16());
        self.mark(&mut trace.phases.first_byte_us, start);
        match &asks.send {
            None => pinged(&mut socket, start).await?,
            Some(text) => {
                let expect = expect.unwrap_or_else(|| Text::Plain(Must::Is(text.clone())));
                answered(&mut socket, text, &expect).await?;
            }
        }
        // Its answer is not waited for: it is well.
        let _ = socket.close(None).await;
        Ok(())
    }
}

fn request(target: &Target, http: &Http) -> Result<Request<()>, Fault> {
    let scheme = if target.tls { "wss" } else { "ws" };
    let unfit = |what: &str| Fault::from(Refused::Host(what.to_owned()));
    let mut request = Request::builder()
        .uri(format!("{scheme}://{}{}", target.authority, target.path))
        .header(HOST, &target.authority)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", generate_key())
        .header(USER_AGENT, AGENT);
    for header in &http.headers {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| unfit(&header.name))?;
        let mut value = HeaderValue::from_str(&header.value).map_err(|_| unfit(&header.name))?;
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    request.body(()).map_err(|_| unfit("a request"))
}

/// A ping, and the pong to it.
async fn pinged(socket: &mut WebSocketStream<Box<dyn Stream>>, nonce: u64) -> Result<(), Fault> {
    let nonce = nonce.to_be_bytes().to_vec();
    socket.send(Message::Ping(nonce.clone().into())).await.map_err(|error| broken(&error))?;
    for _ in 0..MESSAGES_MAX {
        match next(socket).await? {
            Message::Pong(answer) if answer[..] == nonce[..] => return Ok(()),
            _ => {}
        }
    }
    Err(fault("it answers no ping"))
}

async fn answered(
    socket: &mut WebSocketStream<Box<dyn Stream>>,
    text: &str,
    expect: &Text,
) -> Result<(), Fault> {
    socket.send(Message::text(text)).await.map_err(|error| broken(&error))?;
    for _ in 0..MESSAGES_MAX {
        let message = next(socket).await?;
        let said = match &message {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
            _ => continue,
        };
        if expect.fits(Some(said)) {
            return Ok(());
        }
    }
    Err(Fault::theirs(Cause::Body, "websocket: not the message expected"))
}

async fn next(socket: &mut WebSocketStream<Box<dyn Stream>>) -> Result<Message, Fault> {
    match socket.next().await {
        Some(Ok(Message::Close(_))) | None => Err(fault("it hung up")),
        Some(message) => message.map_err(|error| broken(&error)),
    }
}

/// It answers, but does not switch.
fn unopened(error: &Error, trace: &mut Trace) -> Fault {
    match error {
        Error::Http(answer) => {
            let code = answer.status().as_u16();
            trace.code = Some(code);
            Fault::theirs(Cause::Status, format!("websocket: code {code}"))
        }
        error => broken(error),
    }
}

fn broken(error: &Error) -> Fault {
    match error {
        Error::Io(error) => Fault::of(Cause::Protocol, "websocket", error),
        Error::Capacity(_) => fault("more than it should say"),
        Error::ConnectionClosed | Error::AlreadyClosed => fault("it hung up"),
        _ => fault("what it says is no WebSocket"),
    }
}

fn fault(why: &str) -> Fault {
    Fault::theirs(Cause::Protocol, format!("websocket: {why}"))
}
