//! What a program sends: a body of JSON that is read strictly, under a key of its own if it wants to be able to send it again.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use control::live::{Control, NotDone, command::By};
use facts::ClientId;
use journal::Key;
use serde::de::DeserializeOwned;

use super::{answer::text, page::wrong};
use crate::server::{App, Problem, Viewer};

/// The header of a sender's own name for a request.
pub(super) const KEY: &str = "idempotency-key";
/// Characters of such a name.
pub(super) const KEY_CHARS_MAX: usize = 128;

/// A body, with its key and what it depends on.
pub(super) struct Sent<T> {
    pub(super) body: T,
    pub(super) if_match: Option<String>,
    key: Option<String>,
    /// What was sent where, byte by byte: the same key means the same bytes.
    print: Vec<u8>,
}

impl<T: DeserializeOwned> FromRequest<App> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Sent<T>, Problem> {
        let headers = request.headers().clone();
        let at = format!("{} {}\n", request.method(), request.uri().path());
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|refused| Problem::of_status(refused.status()).unwrap_or(Problem::TooLarge))?;
        if !bytes.is_empty() && !is_json(&headers) {
            return Err(Problem::MediaType);
        }
        let body = read(if bytes.is_empty() { b"{}" } else { &bytes })?;
        let print = [at.as_bytes(), &bytes].concat();
        Ok(Sent { body, if_match: text(&headers, header::IF_MATCH), key: key(&headers)?, print })
    }
}

impl<T> Sent<T> {
    /// Who sends it, on what conditions. A key is the person's own: what another calls the same is another request.
    pub(super) fn by(&self, viewer: &Viewer, confirmed: bool) -> Result<By, Problem> {
        let person = &viewer.person.id;
        let key = self.key.as_ref().map(|key| Key::of_request(&format!("api/{person}/{key}"), &self.print));
        Ok(By { key: key.transpose()?, confirmed, ..By::new(viewer.actor()) })
    }
}

/// Whether it was done before under the same key: then it gets the answer of that time, whatever has changed since.
pub(super) fn is_replay(control: &Control, client: &ClientId, by: &By) -> Result<bool, Problem> {
    let Some(key) = &by.key else { return Ok(false) };
    Ok(control.journal().answered(client, key).map_err(NotDone::from)?.is_some())
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = text(headers, header::CONTENT_TYPE).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(KEY) else { return Ok(None) };
    let fits = |key: &&str| {
        !key.is_empty() && key.len() <= KEY_CHARS_MAX && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let key = value.to_str().ok().filter(fits).map(str::to_owned);
    let why = format!("write 1 to {KEY_CHARS_MAX} letters, digits and signs, without spaces.");
    key.map(Some).ok_or_else(|| wrong("Idempotency-Key", &why))
}

/// Reads a body; the field that is wrong is named. A list is none: it would be taken as the fields in their order.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        let why = "The body is not JSON as it is asked for: send one object, with its fields by name.";
        return Err(Problem::Invalid(why.to_owned()));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (path, why) = (error.path().to_string(), error.inner().to_string());
        let why = why.split(" at line ").next().unwrap_or_default().to_owned();
        // A field that is missing has no path; the message names it.
        let named = why.strip_prefix("missing field `").or_else(|| why.strip_prefix("unknown field `"));
        let named = named.and_then(|rest| rest.split('`').next()).map(str::to_owned);
        match named.or_else(|| Some(path).filter(|path| path != "." && path != "?")) {
            Some(field) => Problem::InvalidField { field, why: format!("{why}.") },
            None => Problem::Invalid(format!("The body is not JSON as it is asked for: {why}.")),
        }
    })?;
    let one = reader.end().map_err(|_| "Something stands behind the JSON object: send one object, no more.");
    one.map_err(|why| Problem::Invalid(why.to_owned()))?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong with it is looked at")]
    struct Asked {
        title: String,
        instances: Vec<facts::InstanceId>,
    }

    #[test]
    fn the_field_that_is_wrong_is_named() {
        let field = |text: &str| match read::<Asked>(text.as_bytes()) {
            Err(Problem::InvalidField { field, .. }) => field,
            other => format!("{other:?}"),
        };
        assert_eq!(field("{\"instances\": []}"), "title");
        assert_eq!(field("{\"title\": 1}"), "title");
        assert_eq!(field("{\"title\": \"a\", \"instances\": [\"wiki\", 3]}"), "instances[1]");
        assert_eq!(field("{\"title\": \"a\", \"tilte\": \"b\"}"), "tilte");
        for more in ["{}", "x", "{\"title\": \"b\"}"] {
            let more = format!("{{\"title\": \"a\", \"instances\": []}} {more}");
            assert!(field(&more).contains("one object"), "{more}");
        }
        for other in ["[", "[\"a\", []]", " [\"a\", [\"wiki\"]]", "\"a\"", "null", "1", ""] {
            assert!(field(other).starts_with("Err(Invalid(\"The body is not JSON"), "{}", field(other));
        }
    }
}
