//! Forms that record something: what was sent, the act it asks for, and the fields that an agreement's words fill.

use askama::Template;
use axum::{
    Form,
    extract::{FromRequest, Request},
};
use control::live::{Control, NotDone};
use door::secret;
use journal::Key;
use spans::Instant;

use super::{App, Problem, moment::read_field, zone};

/// What a form sent, field by field; a field may come more than once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    fields: Vec<(String, String)>,
    /// Where it was sent: a page has forms about several things, all drawn under one name.
    path: String,
}

impl FromRequest<App> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Sent, Problem> {
        let path = request.uri().path().to_owned();
        let form = Form::<Vec<(String, String)>>::from_request(request, app).await;
        let Form(fields) =
            form.map_err(|_| Problem::Invalid("The form could not be read. Open it again.".to_owned()))?;
        Ok(Sent { fields, path })
    }
}

impl FromIterator<(String, String)> for Sent {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(fields: I) -> Sent {
        Sent { fields: fields.into_iter().collect(), path: String::new() }
    }
}

impl Sent {
    /// What was typed into a field, without the space around it; nothing where there is no such field.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The same, or none where nothing was typed.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// What a field of a moment holds, read in the zone that the form told it in.
    pub(crate) fn minute(&self, name: &str) -> Option<Instant> {
        read_field(self.get(name), self.get(&format!("{name}-zone")))
    }

    /// Every value of a field, such as boxes that were ticked.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The name that the form had from us, with all that was typed: pressed twice it is done once, and another text under the
    /// same name is refused.
    pub(crate) fn key(&self, verb: &str) -> Result<Key, Problem> {
        let name = self.get("key");
        if name.len() != KEY_CHARS || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Problem::Invalid("The form is not one of ours. Open it again.".to_owned()));
        }
        let bytes = serde_json::to_vec(&self.fields).map_err(|e| Problem::internal(&e))?;
        Ok(Key::of_request(&format!("form/{verb}{}/{name}", self.path), &bytes)?)
    }
}

const KEY_CHARS: usize = 32;

/// A new name for a form's request.
pub(crate) fn new_key() -> Result<String, Problem> {
    Ok(secret::hex(&secret::random::<16>()?))
}

/// Why an act was not done, for the person who wanted it. Nothing of it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Why, and what to do instead.
    pub(crate) reason: String,
    /// The clauses that say so.
    pub(crate) clauses: Vec<String>,
    /// Whether the person may take it upon himself.
    pub(crate) confirm: bool,
}

impl Refused {
    pub(crate) fn because(reason: &str) -> Refused {
        Refused { reason: reason.to_owned(), clauses: Vec::new(), confirm: false }
    }

    /// What the agreement or the clock refuses; what the store says stays a problem.
    fn of(why: NotDone) -> Result<Refused, NotDone> {
        Ok(match why {
            NotDone::Refused(refusal) => Refused {
                reason: sentence(&refusal.reason.to_string()),
                confirm: refusal.may_be_confirmed(),
                clauses: refusal.clauses,
            },
            NotDone::Missing { clauses, ref event } => Refused {
                reason: format!("`{}` belongs to the same act.", event.name()),
                clauses,
                confirm: false,
            },
            NotDone::NoAgreement { .. } | NotDone::Future { .. } | NotDone::TooMuch { .. } => {
                Refused::because(&sentence(&why.to_string()))
            }
            NotDone::Empty { field } => {
                Refused::because(&format!("Write something first: the {field} is empty."))
            }
            NotDone::NoSuch { .. } => Refused::because("One of the instances is not known."),
            NotDone::OutOfOrder { .. } | NotDone::Changed | NotDone::Wrong { .. } => {
                Refused::because(&sentence(&why.to_string()))
            }
            NotDone::Question { .. } => Refused::because(&sentence(&why.to_string())),
            NotDone::Journal(journal::Error::KeyReused { .. }) => Refused::because(
                "This form was sent already, with another text. Look whether that is there, and send this one if you want both.",
            ),
            other => return Err(other),
        })
    }

    /// What was done, or why the agreement does not allow it; the error is the store's.
    pub(crate) fn or<T>(answer: Result<T, NotDone>) -> Result<Result<T, Refused>, NotDone> {
        match answer {
            Ok(done) => Ok(Ok(done)),
            Err(why) => Refused::of(why).map(Err),
        }
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}

impl App {
    /// Does it, or says why the agreement does not allow it.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn attempt<T: Send + 'static>(
        &self,
        command: impl FnOnce(&Control, Instant) -> Result<T, NotDone> + Send + 'static,
    ) -> Result<Result<T, Refused>, Problem> {
        self.ask_control(move |control, now| Refused::or(command(control, now))).await
    }
}

/// A text of several lines: `{{ area|safe }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "area.html")]
pub(crate) struct Area {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: String,
    pub(crate) value: String,
    pub(crate) required: bool,
    /// Characters that may be typed.
    pub(crate) most: usize,
}

impl Area {
    /// Characters that may be typed, where nothing says otherwise.
    pub(crate) const CHARS_MAX: usize = 20_000;
}

/// One of a list: `{{ pick|safe }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pick.html")]
pub(crate) struct Pick {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: String,
    /// Values and what they are called.
    pub(crate) options: Vec<(String, String)>,
    pub(crate) value: String,
}

impl Pick {
    /// Words of the agreement as they are, the first of them for "nothing said".
    pub(crate) fn words<'w>(
        id: &'static str,
        name: &'static str,
        label: &'static str,
        words: impl IntoIterator<Item = &'w String>,
        value: &str,
    ) -> Pick {
        let options = words.into_iter().map(|word| (word.clone(), word.clone())).collect();
        Pick { id, name, label, hint: String::new(), options, value: value.to_owned() }
    }
}

/// A minute in the reader's zone, which the form carries: `{{ moment|safe }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "minute.html")]
pub(crate) struct Minute {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: String,
    pub(crate) value: String,
    pub(crate) required: bool,
}

impl Minute {
    fn zone(&self) -> String {
        zone::reader().name().to_owned()
    }
}
