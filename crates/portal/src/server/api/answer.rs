//! Answers: JSON with a tag, so that who asks again is told when nothing changed (RFC 9110, 8.8.3 and 13.1).
//!
//! The tag is made from the answer's own bytes. A figure that depends on the hour has another tag when it has another value, and
//! one that does not keeps its tag however often its client's journal grows; nobody has to remember what depends on what. Where an
//! answer also tells when it was asked for, its tag is weak and over the rest.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use door::secret::hex;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::operation::JSON;
use crate::server::{App, Problem};

/// Bytes of the digest in a tag.
const TAG_BYTES: usize = 16;
/// What an encoded answer's tag ends with: other bytes, another tag.
const ENCODED: &str = "-gzip";

/// What the asker has read before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    none_match: Option<String>,
}

impl FromRequestParts<App> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Known, Problem> {
        Ok(Known { none_match: text(&parts.headers, header::IF_NONE_MATCH) })
    }
}

pub(super) fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

impl Known {
    /// The answer, or that it is still the one that the asker has.
    pub(super) fn answer(&self, body: &impl Serialize) -> Result<Response, Problem> {
        self.answer_as(JSON, written(body)?)
    }

    /// The same of text in another format.
    pub(super) fn answer_as(&self, media: &'static str, text: String) -> Result<Response, Problem> {
        self.tagged(tag(text.as_bytes()), media, text)
    }

    /// The same of text that says more than `says`, such as when it was asked for: with a weak tag, over `says` alone.
    pub(super) fn answer_saying(
        &self,
        says: &str,
        media: &'static str,
        text: String,
    ) -> Result<Response, Problem> {
        self.tagged(format!("W/{}", tag(says.as_bytes())), media, text)
    }

    fn tagged(&self, tag: String, media: &'static str, text: String) -> Result<Response, Problem> {
        let found = self.none_match.as_deref().and_then(|known| holds(known, &tag, true));
        let headers = |tag: &str| {
            let tag = HeaderValue::from_str(tag).map_err(|e| Problem::internal(&e))?;
            Ok::<_, Problem>([(header::ETAG, tag), (header::VARY, HeaderValue::from_static("accept"))])
        };
        match found {
            Some(known) => Ok((StatusCode::NOT_MODIFIED, headers(&known)?).into_response()),
            None => Ok((headers(&tag)?, [(header::CONTENT_TYPE, HeaderValue::from_static(media))], text)
                .into_response()),
        }
    }
}

/// Whether the asker's `If-Match` holds what an answer would be now.
pub(super) fn is_still(if_match: &str, body: &impl Serialize) -> Result<bool, Problem> {
    Ok(holds(if_match, &tag(written(body)?.as_bytes()), false).is_some())
}

fn written(body: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(body).map_err(|e| Problem::internal(&e))
}

fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", hex(&Sha256::digest(bytes)[..TAG_BYTES]))
}

/// The tag of a list that is this one, as it stands there. Weak tags (`W/`) are the same where `weak` says so.
fn holds<'t>(list: &'t str, tag: &'t str, weak: bool) -> Option<String> {
    let is_it = |known: &'t str| {
        let bare = |tag: &'t str| if weak { tag.strip_prefix("W/").unwrap_or(tag) } else { tag };
        let (plain, tag) = (bare(known), bare(tag));
        known == "*" || plain == tag || plain.replace(&format!("{ENCODED}\""), "\"") == tag
    };
    let found = list.split(',').map(str::trim).find(|known| is_it(known))?;
    Some(if found == "*" { tag.to_owned() } else { found.to_owned() })
}

/// An answer that was compressed on its way has other bytes, and so another tag.
pub(crate) fn name_encoded(headers: &mut HeaderMap) {
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let Some(plain) =
        tag.and_then(|tag| tag.strip_suffix('"')).filter(|_| headers.contains_key(header::CONTENT_ENCODING))
    else {
        return;
    };
    if let Ok(named) = HeaderValue::from_str(&format!("{plain}{ENCODED}\"")) {
        headers.insert(header::ETAG, named);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_encoded_or_weak_as_the_header_allows() {
        let tag = tag(b"{}");
        let encoded = format!("{}{ENCODED}\"", tag.trim_end_matches('"'));
        assert_eq!(holds(&format!("\"x\", {encoded}"), &tag, true), Some(encoded));
        assert_eq!(holds(&format!("W/{tag}"), &tag, true), Some(format!("W/{tag}")));
        assert_eq!(holds(&format!("W/{tag}"), &tag, false), None, "If-Match wants the very bytes");
        assert_eq!(holds("*", &tag, false), Some(tag.clone()));
        assert_eq!(holds("\"x\"", &tag, true), None);
        let said = format!("W/{tag}");
        assert_eq!(holds(&said, &said, true), Some(said.clone()));
        assert_eq!(holds(&tag, &said, true), Some(tag));
    }
}
