//! A field of a form, with what is wrong with it.

use askama::Template;

/// One field: `{{ field|safe }}` writes label, input, hint and mistake, tied together for those who hear the page.
#[derive(Debug, Clone, Template)]
#[template(path = "field.html")]
pub struct Field {
    id: &'static str,
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    value: String,
    hint: &'static str,
    mistake: Option<String>,
    autocomplete: &'static str,
    required: bool,
    autofocus: bool,
    length_max: usize,
    range: Option<(i64, i64)>,
}

impl Field {
    /// A line of text.
    pub fn text(name: &'static str, label: &'static str) -> Field {
        Field {
            id: name,
            name,
            label,
            kind: "text",
            value: String::new(),
            hint: "",
            mistake: None,
            autocomplete: "off",
            required: true,
            autofocus: false,
            length_max: 1_000,
            range: None,
        }
    }

    /// A password, which is never written back to the page.
    pub fn password(name: &'static str, label: &'static str, autocomplete: &'static str) -> Field {
        Field { kind: "password", autocomplete, ..Field::text(name, label) }
    }

    /// A whole number within these, both included.
    pub fn number(name: &'static str, label: &'static str, from: i64, to: i64) -> Field {
        Field { kind: "number", range: Some((from, to)), ..Field::text(name, label) }
    }

    /// Another id than its name, where a page has several fields of one name.
    #[must_use]
    pub fn known_as(self, id: &'static str) -> Field {
        Field { id, ..self }
    }

    /// What the browser may fill in.
    #[must_use]
    pub fn autocomplete(self, autocomplete: &'static str) -> Field {
        Field { autocomplete, ..self }
    }

    /// A sentence below the label.
    #[must_use]
    pub fn hint(self, hint: &'static str) -> Field {
        Field { hint, ..self }
    }

    /// What was typed before.
    #[must_use]
    pub fn value(self, value: &str) -> Field {
        if self.kind == "password" { self } else { Field { value: value.to_owned(), ..self } }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn mistake(self, mistake: Option<String>) -> Field {
        Field { mistake, ..self }
    }

    /// So many characters may be typed.
    #[must_use]
    pub fn at_most(self, length_max: usize) -> Field {
        Field { length_max, ..self }
    }

    /// Where typing begins.
    #[must_use]
    pub fn autofocus(self) -> Field {
        Field { autofocus: true, ..self }
    }

    /// Typing begins elsewhere.
    #[must_use]
    pub fn not_focused(self) -> Field {
        Field { autofocus: false, ..self }
    }

    /// May be left empty.
    #[must_use]
    pub fn optional(self) -> Field {
        Field { required: false, ..self }
    }
}
