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
be said of the service), and where known `code` (the HTTP status), `response_time_ms`, and `cause`, with `down` and `void` alone: one of \
these words. No contract looks at it.\n\n\
| cause | meaning |\n|---|---|\n";

const QUESTIONS: &str = "\n# Questions\n\n\
What a check asks, in `what` of `check.defined`: one of these, and only the fields that differ from what is said here.\n\n\
| question | fields | a good answer |\n|---|---|---|\n\
| `{\"http\": {…}}` | `url`; `method` (GET); `headers` (list of `name`, `value`); `body`; `expect` (codes; 200 to 299); `body_match` \
(`{\"contains\": …}` or `{\"lacks\": …}`); `redirects` (`never`, `same-origin`, `follow`); `version` (`auto`, `http1`, `http2`); `family` \
(`any`, `v4`, `v6`) | one of the codes, and the body as wanted |\n\
| `{\"tcp\": {…}}` | `host`, `port`, `family` | the connection is accepted |\n\
| `{\"dns\": {…}}` | `name`, `record` (`A`, `AAAA`, `MX`, …), `server` (`ADDRESS:PORT`), `expect` (records) | a record; one of those expected |\n\
| `{\"icmp\": {…}}` | `host`, `family` | the echo comes back |\n\n\
Facts are kept for ever and read by both parties, so a question holds no secret: a URL with a user or a password, and a header named like \
one (`Authorization`, `Cookie`, anything with `token`, `secret`, `password`, `api-key` or `session`), are refused.\n";
