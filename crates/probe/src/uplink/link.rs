//! One connection to control, kept while it lives.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls::time_provider::DefaultTimeProvider;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use wire::{ASSIGNMENT_BYTES_MAX, AT_HEADER};

use super::UplinkError;
use crate::clock::{Clock, Measured};
use crate::look::Trust;
use crate::names::Names;
use crate::target::{Host, Target};

/// A measurement of control's clock that could be wrong by more than this is none.
const ERROR_MAX_US: u32 = 500_000;
/// The longest refusal that is repeated.
const REFUSAL_MAX: usize = 200;

pub(super) struct Link {
    control: Target,
    names: Names,
    tls: Option<Arc<ClientConfig>>,
    timeout: Duration,
    open: Option<SendRequest<Full<Bytes>>>,
}

/// What control said.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) body: Bytes,
    pub(super) measured: Option<Measured>,
}

impl Answered {
    /// The code of a problem (RFC 9457), where the answer is one.
    pub(super) fn code(&self) -> Option<String> {
        let problem: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        Some(problem.get("code")?.as_str()?.to_owned())
    }

    /// A refusal in one line.
    pub(super) fn refusal(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let text: String =
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REFUSAL_MAX).collect();
        format!("control answers {} {text}", self.status)
    }
}

impl Link {
    /// A link to the control at this URL: HTTPS, or plain HTTP to this very machine.
    pub(super) fn new(control: &str, trust: &Trust, timeout: Duration) -> Result<Link, UplinkError> {
        let problem = |problem: String| UplinkError::Control { control: control.to_owned(), problem };
        let target = Target::of(control).map_err(|refused| problem(refused.to_string()))?;
        if !target.tls && !is_here(&target.host) {
            return Err(problem("only https is spoken with another machine".to_owned()));
        }
        let time = Arc::new(DefaultTimeProvider);
        let tls = target.tls.then(|| trust.config(time, &[&rustls::version::TLS13], &[b"http/1.1"]));
        if let Some(None) = tls {
            return Err(problem("this machine has no root certificates to trust it by".to_owned()));
        }
        Ok(Link { control: target, names: Names::system(), tls: tls.flatten(), timeout, open: None })
    }

    pub(super) async fn get(
        &mut self,
        path: &str,
        card: &str,
        clock: &dyn Clock,
    ) -> Result<Answered, String> {
        self.ask(Method::GET, path, Some(card), Bytes::new(), clock).await
    }

    pub(super) async fn post(
        &mut self,
        path: &str,
        body: Vec<u8>,
        clock: &dyn Clock,
    ) -> Result<Answered, String> {
        self.ask(Method::POST, path, None, body.into(), clock).await
    }

    /// One exchange within its time. A kept connection that has gone is no failure yet: what is asked may be asked twice.
    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        card: Option<&str>,
        body: Bytes,
        clock: &dyn Clock,
    ) -> Result<Answered, String> {
        let was_kept = self.open.is_some();
        let first = self.within(&method, path, card, body.clone(), clock).await;
        match first {
            Err(_) if was_kept => self.within(&method, path, card, body, clock).await,
            first => first,
        }
    }

    async fn within(
        &mut self,
        method: &Method,
        path: &str,
        card: Option<&str>,
        body: Bytes,
        clock: &dyn Clock,
    ) -> Result<Answered, String> {
        let limit = self.timeout;
        let exchanged = tokio::time::timeout(limit, self.exchange(method, path, card, body, clock)).await;
        let exchanged = exchanged.unwrap_or_else(|_| Err("control does not answer in time".to_owned()));
        if exchanged.is_err() {
            self.open = None;
        }
        exchanged
    }

    async fn exchange(
        &mut self,
        method: &Method,
        path: &str,
        card: Option<&str>,
        body: Bytes,
        clock: &dyn Clock,
    ) -> Result<Answered, String> {
        let mut sender = match self.open.take() {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        sender.ready().await.map_err(|error| error.to_string())?;
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.control.authority);
        if let Some(card) = card {
            request = request.header(AUTHORIZATION, card);
        }
        if method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/octet-stream");
        }
        let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        let sent = clock.mono_ns();
        let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let heard = clock.mono_ns();
        let at = answer.headers().get(AT_HEADER).and_then(|at| at.to_str().ok()?.parse().ok());
        let measured = at.and_then(|control_us| measured(control_us, sent, heard));
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), ASSIGNMENT_BYTES_MAX).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        self.open = Some(sender);
        Ok(Answered { status, body, measured })
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, String> {
        let stream = self.dial().await?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let Some(tls) = &self.tls else { return start(stream).await };
        let name = match &self.control.host {
            Host::Name(name) => ServerName::try_from(name.clone()).map_err(|error| error.to_string())?,
            Host::Address(address) => ServerName::from(*address),
        };
        let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
        start(stream.map_err(|error| error.to_string())?).await
    }

    /// The operator named this machine; no rule of the guard is asked.
    async fn dial(&self) -> Result<TcpStream, String> {
        let addresses = match &self.control.host {
            Host::Address(address) => vec![*address],
            Host::Name(name) if name == "localhost" => vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            Host::Name(name) => {
                self.names.addresses(name).await.map_err(|fault| fault.reason().as_str().to_owned())?
            }
        };
        let mut why = "control's name has no address".to_owned();
        for address in addresses {
            match TcpStream::connect(SocketAddr::new(address, self.control.port)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => why = error.to_string(),
            }
        }
        Err(why)
    }
}

async fn start<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    // Ends when the sender is dropped, and tells its errors to who waits for an answer.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

/// Rule 9: control's clock in the middle of an exchange, give or take half of it.
fn measured(control_us: i64, sent_ns: u64, heard_ns: u64) -> Option<Measured> {
    let half_ns = heard_ns.saturating_sub(sent_ns) / 2;
    let error_us = u32::try_from(half_ns / 1_000).ok().filter(|error| *error <= ERROR_MAX_US)?;
    Some(Measured { mono_ns: sent_ns + half_ns, control_us, error_us })
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Address(address) => address.to_canonical().is_loopback(),
        Host::Name(name) => name == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_spoken_with_this_machine_only() {
        let link = |url: &str| Link::new(url, &Trust::default(), Duration::from_secs(1)).map(drop);
        assert!(link("http://127.0.0.1:7430").is_ok() && link("http://[::1]:7430").is_ok());
        for url in [
            "http://uphold.example.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
        ] {
            assert!(link(url).is_err(), "{url}");
        }
        assert!(link("https://uphold.example.com").is_err(), "nobody to trust");
    }

    #[test]
    fn rule_9_an_offset_is_the_middle_of_the_exchange_and_a_slow_one_is_none() {
        let fast = Measured { mono_ns: 2_000_000_000, control_us: 7, error_us: 10_000 };
        assert_eq!(measured(7, 1_990_000_000, 2_010_000_000), Some(fast));
        assert_eq!(measured(7, 0, 1_100_000_000), None);
    }
}
