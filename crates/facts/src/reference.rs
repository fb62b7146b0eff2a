//! The reference page of facts, written from the types (`docs/facts.md`).

use std::fmt::Write;

use crate::{Cause, Event, Moment};

/// Every event with its subject, its fields and what they mean, as Markdown. `docs/facts.md` is this text.
pub fn reference() -> String {
    let mut page = String::from(HEAD);
    for event in Event::ALL {
        let _ = writeln!(
            page,
            "\n## `{}`\n\n{}\n\nAbout: {}.\n",
            event.name(),
            event.about().trim(),
            event.noun().name()
        );
        let _ = writeln!(page, "| field | type | meaning |\n|---|---|---|");
        for field in event.fields() {
            let _ = writeln!(
                page,
                "| `{}` | `{}` | {} |",
                field.name,
                field.kind.replace(' ', ""),
                field.about.trim()
            );
        }
    }
    page += QUESTIONS;
    page += CAUSES;
    for cause in Cause::ALL {
        let _ = writeln!(page, "| `{}` | {} |", cause.word(), cause.about());
    }
    let _ = writeln!(page, "\n# Moments\n\nInstants that a `before` deadline counts back from.\n");
    for moment in Moment::ALL {
        let _ = writeln!(page, "- `{}`", moment.name());
    }
    page
}

const HEAD: &str = "# Facts\n\n\
Written from the types by `uphold facts reference`; do not edit.\n\n\
Every fact is one JSON object: `id` (UUIDv7), `client`, `at` (when it happened), `recorded_at` (when it was recorded), `actor`, \
`event` (a name below) and `data` (its fields). Instants are RFC 3339 in UTC with up to six decimals; money is written `EUR 480.00`; \
months `2026-03`. A field whose type begins with `Option` may be left out.\n";

const CAUSES: &str = "\n# Observations\n\n\
One answer, in `observations` of `check.observed`: `at` (when the request was sent), `outcome` (`up`, `down`, or `void` where nothing can \
be said of the service), and where known `code` (the HTTP status, or the last reply of a mail server), `response_time_us` (or \
`response_time_ms`, where no more is known), `turn` (`again` when it was asked again after a failure, `confirm` when another vantage \
point saw it fail; left out when it was due), and `cause`, with `down` and `void` alone: one of these words. No contract looks at it.\n\n\
| cause | meaning |\n|---|---|\n";

const QUESTIONS: &str = "\n# Questions\n\n\
What a check asks, in `what` of `check.defined`: one of these, and only the fields that differ from what is said here. Each may name a \
`family` (`any`, `v4`, `v6`).\n\n\
| question | fields | a good answer |\n|---|---|---|\n\
| `{\"http\": {…}}` | `url`; `method` (GET); `headers` (list of `name`, `value`); `body`; `expect` (codes; 200 to 299); `body_match` \
(`{\"contains\": …}` or `{\"lacks\": …}`); `wanted` (list, see below); `within_ms`; `redirects` (`never`, `same-origin`, `follow`); \
`version` (`auto`, `http1`, `http2`) | one of the codes, and everything as wanted |\n\
| `{\"flow\": {…}}` | `steps` (1 to 10), each with `http`, `name`, and `capture` (list of `name` and `from`: `{\"json\": PATH}`, \
`{\"matches\": REGEX}` or `{\"header\": NAME}`) | every step is answered as it wants, in the time of one check |\n\
| `{\"tcp\": {…}}` | `host`, `port` | the connection is accepted |\n\
| `{\"tls\": {…}}` | `host`; `port` (443); `name` (the host); `days_left`; `least` (`1.2`, `1.3`) | TLS is agreed, the chain holds, the \
certificate is for the name and has the days left |\n\
| `{\"dns\": {…}}` | `name`, `record` (`A`, `AAAA`, `MX`, …), `server` (`ADDRESS:PORT`), `expect` (records) | a record; one of those expected |\n\
| `{\"icmp\": {…}}` | `host` | the echo comes back |\n\
| `{\"smtp\": {…}}`, `{\"imap\": {…}}` | `host`, `port`, `security` (`plain`, `starttls`, `tls`) | it greets and says what it can do; \
TLS is agreed where it is wanted |\n\
| `{\"postgres\": {…}}` | `host`; `port` (5432); `security` (`plain`, `starttls`); `user`, `password` (a secret's name), `database` | with \
a user `SELECT 1` is answered, without one it says whether it speaks TLS |\n\
| `{\"redis\": {…}}` | `host`; `port` (6379); `security` (`plain`, `tls`); `user`, `password` (a secret's name) | `PONG` |\n\
| `{\"web-socket\": {…}}` | `url` (`ws://`, `wss://`); `headers`; `send`, `expect` (as `must` below) | it switches, and answers a ping; \
where something is sent, one of ten messages is as expected, or the very text that was sent |\n\
| `{\"grpc\": {…}}` | `url` (host and port), `service` (the whole server) | grpc.health.v1 says `SERVING` |\n\n\
What is `wanted` of an answer, at most 16 of: `{\"header\": {\"name\": …, \"must\": …}}`, `{\"body\": …}` and `{\"json\": {\"path\": …, \
\"must\": …}}`. A header and a body must be `\"present\"`, `\"absent\"` (headers), or one of `is`, `contains`, `lacks`, `matches` and `unlike` \
with a text or a regular expression (of the crate `regex`: no look-around, no back-references). A JSON value, found by a path (RFC 9535), \
must be `\"present\"`, `\"absent\"`, or one of `is`, `at-least`, `at-most` and `matches`. Patterns and paths have at most 512 bytes.\n\n\
Facts are kept for ever and read by both parties, so a question holds no secret: a URL with a user or a password, and a header named like \
one (`Authorization`, `Cookie`, anything with `token`, `secret`, `password`, `api-key` or `session`) whose value stands there, are refused. \
In a header's value and in a body, `{{secret:NAME}}` stands for what the vantage point was given under that name; in a flow, `{{NAME}}` \
stands for what an earlier step captured, in the path and query of a URL too.\n";
