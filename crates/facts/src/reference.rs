//! The reference page of facts, written from the types (`docs/facts.md`).

use std::fmt::Write;

use crate::{Event, Moment};

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
