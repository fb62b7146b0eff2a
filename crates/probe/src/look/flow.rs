//! Several requests in a row: cookies go along, and what one answers is filled into those behind it.
//!
//! Every request goes through the same guard as one that is alone, after everything is filled in. What was captured decides no host, and
//! neither it nor a cookie or a secret is in any reason.

use std::collections::BTreeMap;

use facts::Cause;
use facts::what::{Part, filled};
use hyper::header::HeaderName;
use serde_json::Value;
use wire::pattern::{Path, Pattern};
use wire::{Flow, Header, Http, Source, Step};

use super::cookies::Jar;
use super::http::{Answer, Ready as ReadyHttp};
use super::{Fault, Looker, Ready, Trace, wanted};
use crate::guard::Refused;
use crate::secrets::For;
use crate::target::{Host, Target};

/// The most bytes of a captured value.
const VALUE_MAX: usize = 4_096;

/// What was captured so far, by name.
type Captured = BTreeMap<String, String>;

impl Looker {
    /// Good when every step is; the first that is not says which it was.
    pub(super) async fn flow(&self, ready: &Ready<Flow>, trace: &mut Trace) -> Result<(), Fault> {
        let (mut jar, mut captured) = (Jar::default(), Captured::new());
        for (index, step) in ready.asks.steps.iter().enumerate() {
            trace.step = Some(index + 1);
            self.step(ready, step, &mut jar, &mut captured, trace).await?;
        }
        trace.step = None;
        Ok(())
    }

    async fn step(
        &self,
        ready: &Ready<Flow>,
        step: &Step,
        jar: &mut Jar,
        captured: &mut Captured,
        trace: &mut Trace,
    ) -> Result<(), Fault> {
        let start = self.clock.mono_ns();
        let http = self.filled(&step.http, ready.client.as_ref(), captured)?;
        let request = ReadyHttp::of(&http).map_err(|refused| hushed(refused, &http, &step.http))?;
        let request = if step.capture.is_empty() { request } else { request.keeping_body() };
        let answer = self.walk(&request, Some(jar), trace).await?;
        request.judge(&answer, self.since(start))?;
        let mut document = None;
        for capture in &step.capture {
            let value = capture_from(&capture.from, &answer, &mut document)?;
            let value = value.filter(|value| value.len() <= VALUE_MAX);
            let missing = || Fault::theirs(Cause::Capture, format!("no {} to capture", capture.name));
            captured.insert(capture.name.to_string(), value.ok_or_else(missing)?);
        }
        Ok(())
    }

    /// A request with everything filled in: what was captured first, then secrets, for the host that it goes to.
    pub(super) fn filled(
        &self,
        http: &Http,
        client: Option<&facts::ClientId>,
        captured: &Captured,
    ) -> Result<Http, Fault> {
        let url = filled(&http.url, |part| match part {
            Part::Captured(name) => value(captured, name).map(escaped),
            _ => Err(Fault::ours(Cause::Refused, "refused: a URL holds no secret")),
        })?;
        let to = Target::of(&url).map_err(|refused| hushed(refused, &Http::get(url.as_str()), http))?;
        let host = match &to.host {
            Host::Name(name) => name.clone(),
            Host::Address(address) => address.to_string(),
        };
        let to = For { client, host: &host, tls: to.tls };
        let fill = |text: &str| {
            filled(text, |part| match part {
                Part::Captured(name) if captured.is_empty() => Ok(format!("{{{{{name}}}}}")),
                Part::Captured(name) => value(captured, name).map(str::to_owned),
                Part::Secret(name) => self.secrets.get(name, to).map(str::to_owned),
                Part::Said(said) => Ok(said.to_owned()),
            })
        };
        let header = |header: &Header| Ok(Header { value: fill(&header.value)?, name: header.name.clone() });
        let headers = http.headers.iter().map(header).collect::<Result<_, Fault>>()?;
        let body = http.body.as_deref().map(fill).transpose()?;
        Ok(Http { url, headers, body, ..http.clone() })
    }
}

fn value<'c>(captured: &'c Captured, name: &str) -> Result<&'c str, Fault> {
    let missing = || Fault::ours(Cause::Refused, format!("refused: nothing was captured as {name}"));
    captured.get(name).map(String::as_str).ok_or_else(missing)
}

/// In a URL every byte that could mean something there is written as `%` and two digits (RFC 3986, 2.1).
fn escaped(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escape =
        |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    value.bytes().map(escape).collect()
}

/// A refusal that repeats a text says nothing of it where something was filled in.
fn hushed(refused: Refused, filled: &Http, asked: &Http) -> Fault {
    match refused {
        Refused::Host(_) | Refused::Scheme(_) if filled != asked => {
            Fault::ours(Cause::Refused, "refused: what was filled in cannot be sent")
        }
        refused => refused.into(),
    }
}

/// The value, if it is there. The body is read as JSON once.
fn capture_from(
    from: &Source,
    answer: &Answer,
    document: &mut Option<Value>,
) -> Result<Option<String>, Fault> {
    let unread = |_| Fault::ours(Cause::Refused, "refused: a pattern or a path that cannot be read");
    Ok(match from {
        Source::Header(name) => {
            let name = HeaderName::from_bytes(name.as_bytes()).ok();
            let value = name.and_then(|name| answer.head.headers().get(name));
            value.and_then(|value| value.to_str().ok()).map(str::to_owned)
        }
        Source::Matches(pattern) => {
            let found = Pattern::read(pattern).map_err(unread)?;
            found.first(&answer.body).and_then(|found| String::from_utf8(found.to_vec()).ok())
        }
        Source::Json(path) => {
            let path = Path::read(path).map_err(unread)?;
            if document.is_none() {
                *document = Some(wanted::read(&answer.body)?);
            }
            document.as_ref().and_then(|document| path.values(document).find_map(plain))
        }
    })
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_value_in_a_url_stays_where_it_stands() {
        assert_eq!(escaped("a-Z0_~."), "a-Z0_~.");
        assert_eq!(escaped("../a?b=c&d#e @\r\nü"), "..%2Fa%3Fb%3Dc%26d%23e%20%40%0D%0A%C3%BC");
    }
}
