//! A request over a connection of its own, and the redirects that may follow from it.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::Bytes;
use facts::Cause;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::{
    ACCEPT, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION,
    TRANSFER_ENCODING, USER_AGENT,
};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use wire::{DOCUMENT_MAX, Http, HttpVersion, Redirects};

use super::cookies::Jar;
use super::plain::Plain;
use super::wanted::Wants;
use super::{Fault, Looker, Trace};
use crate::guard::Refused;
use crate::target::{Host, Target};

/// The most redirects that are followed (reliability.md, section 5).
const REDIRECTS_MAX: usize = 3;
/// The longest head of an answer, in bytes.
const HEAD_MAX: usize = 64 << 10;
pub(super) const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("uphold-probe/", env!("CARGO_PKG_VERSION")));

/// A question over HTTP, made ready.
#[derive(Debug)]
pub(super) struct Ready {
    http: Http,
    first: Hop,
    method: Method,
    /// The operator's own.
    headers: HeaderMap,
    body: Bytes,
    wants: Wants,
    /// Whether the answer's body is read for what it says, and not only to its end.
    keeps_body: bool,
}

/// One request on the way.
#[derive(Debug)]
struct Hop {
    target: Target,
    /// The path alone, for HTTP/1.1.
    path: Uri,
    /// The whole, for HTTP/2.
    whole: Uri,
    host: HeaderValue,
    /// Only over TLS.
    name: Option<ServerName<'static>>,
}

/// What is sent on a hop.
struct Sent {
    method: Method,
    headers: bool,
    body: bool,
    cookies: Option<HeaderValue>,
}

/// What came back: the head, and the body as far as it was read.
pub(super) struct Answer {
    pub(super) head: Response<()>,
    pub(super) body: Vec<u8>,
    /// What was said behind the body.
    pub(super) trailers: HeaderMap,
}

impl Ready {
    pub(super) fn of(http: &Http) -> Result<Ready, Refused> {
        let method =
            Method::from_bytes(http.method.as_bytes()).ok().filter(|method| *method != Method::CONNECT);
        let method = method.ok_or_else(|| Refused::Host(format!("method {}", http.method)))?;
        let mut headers = HeaderMap::with_capacity(http.headers.len());
        for header in &http.headers {
            let unfit = || Refused::Host(format!("header {}", header.name));
            let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| unfit())?;
            let mut value = HeaderValue::from_str(&header.value).map_err(|_| unfit())?;
            // Framing is ours: a request that is two is an attack (reliability.md, 4.2.1).
            if [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, HOST].contains(&name) {
                return Err(unfit());
            }
            value.set_sensitive(true);
            headers.append(name, value);
        }
        let body = http.body.clone().map(Bytes::from).unwrap_or_default();
        let wants = Wants::of(&http.wanted)?;
        let keeps_body = http.body_match.is_some() || wants.need_body();
        let first = Hop::of(Target::of(&http.url)?)?;
        Ok(Ready { first, method, headers, body, wants, keeps_body, http: http.clone() })
    }

    /// Its body is looked at by the caller.
    pub(super) fn keeping_body(self) -> Ready {
        Ready { keeps_body: true, ..self }
    }

    /// Sends these bytes.
    pub(super) fn with_body(self, body: Vec<u8>) -> Ready {
        Ready { body: body.into(), ..self }
    }
}

impl Hop {
    fn of(target: Target) -> Result<Hop, Refused> {
        let unfit = || Refused::Host(target.authority.clone());
        let name = match &target.host {
            _ if !target.tls => None,
            Host::Name(name) => Some(ServerName::try_from(name.clone()).map_err(|_| unfit())?),
            Host::Address(address) => Some(ServerName::from(*address)),
        };
        let path = target.path.parse().map_err(|_| unfit())?;
        let whole = target.url().parse().map_err(|_| unfit())?;
        let host = HeaderValue::from_str(&target.authority).map_err(|_| unfit())?;
        Ok(Hop { path, whole, host, name, target })
    }
}

impl Looker {
    pub(super) async fn http(&self, ready: &Ready, trace: &mut Trace) -> Result<(), Fault> {
        let start = self.clock.mono_ns();
        let answer = self.walk(ready, None, trace).await?;
        ready.judge(&answer, self.since(start))
    }

    /// A request, and the redirects that may follow from it, to the answer. `jar`: the cookies of a flow.
    pub(super) async fn walk(
        &self,
        ready: &Ready,
        mut jar: Option<&mut Jar>,
        trace: &mut Trace,
    ) -> Result<Answer, Fault> {
        let cookies = jar.as_ref().and_then(|jar| jar.header(&ready.first.target));
        let mut sent = Sent { method: ready.method.clone(), headers: true, body: true, cookies };
        let mut answer = self.exchange(ready, &ready.first, &sent, trace).await?;
        let mut led: Option<Hop> = None;
        for followed in 0.. {
            let here = led.as_ref().unwrap_or(&ready.first);
            if let Some(jar) = &mut jar {
                jar.take(answer.head.headers(), &here.target);
            }
            let Some(target) = ready.leads(&answer, here)? else { break };
            if followed == REDIRECTS_MAX {
                return Err(Fault::theirs(Cause::Redirect, "http: more than three redirects"));
            }
            sent = ready.next(&sent, answer.head.status(), &target)?;
            sent.cookies = jar.as_ref().and_then(|jar| jar.header(&target));
            let hop = Hop::of(target)?;
            answer = self.exchange(ready, &hop, &sent, trace).await?;
            led = Some(hop);
        }
        Ok(answer)
    }

    /// One request and its answer, over a connection of their own.
    async fn exchange(
        &self,
        ready: &Ready,
        hop: &Hop,
        sent: &Sent,
        trace: &mut Trace,
    ) -> Result<Answer, Fault> {
        let Target { host, port, .. } = &hop.target;
        let stream = self.connect(host, *port, ready.http.family, trace).await?;
        let version = ready.http.version;
        match &hop.name {
            None => self.send(Plain(stream), version == HttpVersion::Http2, ready, hop, sent, trace).await,
            Some(name) => {
                let stream = self.agree(stream, name.clone(), version, trace).await?;
                let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                if version == HttpVersion::Http2 && !h2 {
                    return Err(Fault::theirs(Cause::Http, "http: the server does not speak HTTP/2"));
                }
                Box::pin(self.send(stream, h2, ready, hop, sent, trace)).await
            }
        }
    }

    async fn send<S>(
        &self,
        stream: S,
        h2: bool,
        ready: &Ready,
        hop: &Hop,
        sent: &Sent,
        trace: &mut Trace,
    ) -> Result<Answer, Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        trace.at = "http";
        let failed = |error: hyper::Error| Fault::of(Cause::Http, "http", &error);
        let request = ready.request(hop, sent, h2);
        let start = self.clock.mono_ns();
        if h2 {
            let builder = http2::Builder::new(TokioExecutor::new());
            let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(failed)?;
            let answer = sender.send_request(request);
            self.receive(connection, answer, start, ready, trace).await
        } else {
            let mut builder = http1::Builder::new();
            builder.max_buf_size(HEAD_MAX);
            let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(failed)?;
            let answer = sender.send_request(request);
            self.receive(connection, answer, start, ready, trace).await
        }
    }

    /// Runs the connection until the answer is read, in this very task: no other has to be woken for it.
    async fn receive(
        &self,
        connection: impl Future,
        answer: impl Future<Output = hyper::Result<Response<Incoming>>>,
        start: u64,
        ready: &Ready,
        trace: &mut Trace,
    ) -> Result<Answer, Fault> {
        let failed = |error: hyper::Error| Fault::of(Cause::Http, "http", &error);
        let mut connection = Running { connection: pin!(connection), ended: false };
        let answer = connection.until(answer).await.map_err(failed)?;
        self.mark(&mut trace.phases.first_byte_us, start);
        trace.code = Some(answer.status().as_u16());
        trace.at = "body";
        let (head, mut incoming) = answer.into_parts();
        let (mut body, mut length, mut trailers) = (Vec::new(), 0, HeaderMap::new());
        while length < DOCUMENT_MAX
            && let Some(frame) = connection.until(incoming.frame()).await
        {
            match frame.map_err(failed)?.into_data() {
                Ok(data) => {
                    length += data.len();
                    if ready.keeps_body {
                        body.extend_from_slice(&data);
                    }
                }
                Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
            }
        }
        body.truncate(DOCUMENT_MAX);
        Ok(Answer { head: Response::from_parts(head, ()), body, trailers })
    }
}

impl Ready {
    fn request(&self, hop: &Hop, sent: &Sent, h2: bool) -> Request<Full<Bytes>> {
        let body = if sent.body { self.body.clone() } else { Bytes::new() };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = sent.method.clone();
        let headers = request.headers_mut();
        headers.reserve(4 + self.headers.len());
        headers.insert(USER_AGENT, AGENT);
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        if !h2 {
            headers.insert(HOST, hop.host.clone());
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if sent.headers {
            for (name, value) in &self.headers {
                headers.insert(name, value.clone());
            }
        }
        if let Some(cookies) = &sent.cookies {
            headers.append(COOKIE, cookies.clone());
        }
        if h2 {
            *request.version_mut() = hyper::Version::HTTP_2;
        }
        *request.uri_mut() = if h2 { hop.whole.clone() } else { hop.path.clone() };
        request
    }

    /// Where an answer leads, if it is a redirect that is followed. A code that is expected is an answer.
    fn leads(&self, answer: &Answer, here: &Hop) -> Result<Option<Target>, Fault> {
        let code = answer.head.status().as_u16();
        let location = answer.head.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let (301 | 302 | 303 | 307 | 308, Some(location)) = (code, location) else { return Ok(None) };
        if self.http.redirects == Redirects::Never || self.http.expects(code) {
            return Ok(None);
        }
        let target = here.target.follow(location)?;
        let followed = self.http.redirects == Redirects::Follow || self.first.target.same_origin(&target);
        Ok(followed.then_some(target))
    }

    /// What is sent after a redirect (RFC 9110, 15.4). The operator's headers and body go to the origin they are for.
    fn next(&self, sent: &Sent, status: StatusCode, target: &Target) -> Result<Sent, Fault> {
        let at_home = self.first.target.same_origin(target);
        let keeps = matches!(status.as_u16(), 307 | 308) || matches!(sent.method, Method::GET | Method::HEAD);
        let method = if keeps { sent.method.clone() } else { Method::GET };
        let body = sent.body && keeps && !self.body.is_empty();
        if body && !at_home {
            return Err(Fault::ours(Cause::Refused, "refused: a redirect would carry the body elsewhere"));
        }
        Ok(Sent { method, headers: sent.headers && at_home, body, cookies: None })
    }

    /// Whether it is a good answer; `took`: microseconds until all of it was there.
    pub(super) fn judge(&self, answer: &Answer, took: u32) -> Result<(), Fault> {
        let code = answer.head.status().as_u16();
        if !self.http.expects(code) {
            return Err(Fault::theirs(Cause::Status, format!("http: code {code}")));
        }
        match &self.http.body_match {
            Some(wanted) if !wanted.fits(&answer.body) => {
                return Err(Fault::theirs(Cause::Body, "http: not the body expected"));
            }
            _ => self.wants.judge(answer.head.headers(), &answer.body)?,
        }
        match self.http.within_ms {
            Some(within) if u64::from(took) > u64::from(within) * 1_000 => {
                Err(Fault::theirs(Cause::Slow, format!("http: slower than {within} ms")))
            }
            _ => Ok(()),
        }
    }
}

/// A connection that runs while something is waited for.
struct Running<'c, C> {
    connection: Pin<&'c mut C>,
    ended: bool,
}

impl<C: Future> Running<'_, C> {
    async fn until<W: Future>(&mut self, work: W) -> W::Output {
        let mut work = pin!(work);
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(done);
            }
            if !self.ended {
                self.ended = self.connection.as_mut().poll(context).is_ready();
            }
            // What the connection just did may be what is waited for.
            work.as_mut().poll(context)
        })
        .await
    }
}
