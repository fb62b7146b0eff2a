//! One POST to an address that somebody outside gave: HTTPS to an address that passed the guard, HTTP/2 where the other side speaks it,
//! no redirects.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, StatusCode, Uri, body::Incoming, header::RETRY_AFTER};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, pki_types::ServerName};
use spans::Length;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::Outcome;

/// Whether an address may be asked at a port; why not, in words.
pub type Guard = Box<dyn Fn(IpAddr, u16) -> Result<(), String> + Send + Sync>;

/// How long it may take from the name to the answer.
const TIME_MAX: Duration = Duration::from_secs(20);
/// Addresses of one name that are looked at.
const ADDRESSES_MAX: usize = 16;
/// The longest wait that the other side may ask for.
const AFTER_MAX: i64 = 24 * 60 * 60;

/// Where something is sent: a push service, or a program that subscribed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    host: String,
    port: u16,
    path: String,
}

impl Place {
    /// Reads an address.
    ///
    /// # Errors
    /// Why it is never asked, in words.
    pub fn read(endpoint: &str) -> Result<Place, String> {
        let uri: Uri = endpoint.parse().map_err(|_| "it is no address".to_owned())?;
        if uri.scheme_str() != Some("https") {
            return Err("the address begins with https://".to_owned());
        }
        let authority = uri.authority().ok_or("the address names no host")?;
        if authority.as_str().contains('@') {
            return Err("the address names no user".to_owned());
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err("the address names no host".to_owned());
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Place { host, port: authority.port_u16().unwrap_or(443), path })
    }

    /// Scheme, host and port (RFC 8292, 2).
    pub(super) fn origin(&self) -> String {
        format!("https://{}", self.authority())
    }

    fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == 443 { host } else { format!("{host}:{}", self.port) }
    }
}

/// One message for one address.
pub(super) struct Post<'a> {
    pub(super) place: &'a Place,
    /// Who is there, for messages about it: `the push service`.
    pub(super) who: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Post<'_> {
    pub(super) async fn send(self, guard: &Guard, tls: Arc<ClientConfig>) -> Outcome {
        let who = self.who;
        match timeout(TIME_MAX, self.try_to(guard, tls)).await {
            Ok(Ok(response)) => judge(who, &response),
            Ok(Err(outcome)) => outcome,
            Err(_) => Outcome::later(format!("{who} took too long")),
        }
    }

    async fn try_to(self, guard: &Guard, tls: Arc<ClientConfig>) -> Result<Response<Incoming>, Outcome> {
        let address = self.address(guard).await?;
        let tcp = TcpStream::connect(address).await.map_err(Outcome::later)?;
        let name = ServerName::try_from(self.place.host.clone()).map_err(Outcome::never)?;
        let stream = TlsConnector::from(tls).connect(name, tcp).await.map_err(Outcome::later)?;
        self.ask(stream).await
    }

    /// Every address of the name has to pass: one that mixes them is out to have us try.
    async fn address(&self, guard: &Guard) -> Result<SocketAddr, Outcome> {
        let found = lookup_host((self.place.host.as_str(), self.place.port)).await.map_err(Outcome::later)?;
        let found: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
        for address in &found {
            guard(address.ip(), address.port()).map_err(|why| Outcome::Never {
                why: format!("{} is not asked: {why}", self.who),
                gone: true,
            })?;
        }
        found.first().copied().ok_or_else(|| Outcome::later("the name has no address"))
    }

    async fn ask(self, stream: TlsStream<TcpStream>) -> Result<Response<Incoming>, Outcome> {
        let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let io = TokioIo::new(stream);
        if h2 {
            let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
                .await
                .map_err(Outcome::later)?;
            let driver = tokio::spawn(connection);
            let answer = sender.send_request(self.request(true)?).await.map_err(Outcome::later);
            driver.abort();
            return answer;
        }
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(io).await.map_err(Outcome::later)?;
        let driver = tokio::spawn(connection);
        let answer = sender.send_request(self.request(false)?).await.map_err(Outcome::later);
        driver.abort();
        answer
    }

    fn request(self, h2: bool) -> Result<Request<Full<Bytes>>, Outcome> {
        let (host, path) = (self.place.authority(), &self.place.path);
        let uri = if h2 { format!("https://{host}{path}") } else { path.clone() };
        let plain = Request::post(uri);
        let request =
            self.headers.into_iter().fold(plain, |request, (name, value)| request.header(name, value));
        let request = if h2 { request } else { request.header("host", host) };
        request.body(Full::new(Bytes::from(self.body))).map_err(Outcome::never)
    }
}

/// RFC 8030, 5 and 7, and what else is answered; 410 is how a program says that it wants no more.
fn judge<B>(who: &str, response: &Response<B>) -> Outcome {
    let status = response.status();
    let why = format!("{who} answered {}", status.as_u16());
    match status {
        status if status.is_success() => Outcome::Delivered,
        StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Never { why, gone: true },
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            Outcome::Later { why, after: after(response) }
        }
        status if status.is_server_error() => Outcome::Later { why, after: after(response) },
        _ => Outcome::never(why),
    }
}

fn after<B>(response: &Response<B>) -> Option<Length> {
    let seconds: i64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Length::from_secs(seconds.clamp(0, AFTER_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_addresses_without_a_user_are_asked() {
        assert_eq!(Place::read("https://push.example/a?b").unwrap().origin(), "https://push.example");
        assert_eq!(Place::read("https://[::1]:8443/a").unwrap().origin(), "https://[::1]:8443");
        for bad in [
            "http://push.example/a",
            "https://ann@push.example/a",
            "push.example",
            "https:///a",
            "file:///etc/passwd",
        ] {
            assert!(Place::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_a_service_answers_decides_whether_it_is_tried_again() {
        let answer = |code: u16, after: Option<&str>| {
            let response = Response::builder().status(code);
            let response =
                after.map_or(Response::builder().status(code), |after| response.header("retry-after", after));
            judge("it", &response.body(()).unwrap())
        };
        assert_eq!(answer(201, None), Outcome::Delivered);
        assert!(matches!(answer(410, None), Outcome::Never { gone: true, .. }));
        assert!(matches!(answer(413, None), Outcome::Never { gone: false, .. }));
        assert!(matches!(answer(503, None), Outcome::Later { after: None, .. }));
        let Outcome::Later { after, .. } = answer(429, Some("120")) else { panic!("later") };
        assert_eq!(after, Some(Length::from_secs(120)));
    }
}
