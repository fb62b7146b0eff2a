//! What can go wrong over HTTP, with a code that stays. A browser is shown a page, a program gets `application/problem+json`
//! (RFC 9457). Handlers answer with a [`Problem`]; `around.rs` gives it its shape, since it knows who asked.

use std::fmt::Display;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use control::live::NotDone;
use desk::policy::{Answer, Refusal};

/// Why there is no answer. The code of each is in the API's documentation and does not change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Nobody is signed in.
    SignInFirst,
    /// The API token is not one of ours, ended, or its person is disabled.
    BadToken,
    /// No vantage point that may report has signed this.
    Unsigned,
    /// A join token that does not work, or not any more.
    NotJoined,
    /// Not for this person, and they may know that it exists.
    Forbidden {
        /// Why, to people.
        why: String,
        /// The clauses that say so; none where only our own rules do.
        clauses: Vec<String>,
    },
    /// The provider's people need a second factor before anything else.
    SecondFactorFirst,
    /// A write from another site's page.
    CrossSite,
    /// No such thing, or not for this person to know.
    NotFound,
    /// The path knows other methods.
    Method,
    /// What was sent is not what was asked for: says what, to people.
    Invalid(String),
    /// One field of it is not.
    InvalidField {
        /// Which, as a path: `instances[0]`. A header is named as a header.
        field: String,
        /// What is wrong with it, to people.
        why: String,
    },
    /// It was sent as something else than it has to be.
    MediaType,
    /// It cannot be done as things stand.
    Refused {
        /// Why, to people.
        why: String,
        /// The clauses that say so; none where the state of things does.
        clauses: Vec<String>,
        /// Whether the person may take it upon himself.
        may_be_confirmed: bool,
    },
    /// The idempotency key was used for another request.
    KeyReused,
    /// It is no longer as the asker read it.
    Changed,
    /// Too many requests; try again after so many seconds.
    TooMany(u64),
    /// What a vantage point sent does not fit our clock; send it again after so many seconds.
    Untimely(u64),
    /// The body is over its limit.
    TooLarge,
    /// The host asked for is not ours.
    OtherHost,
    /// The store cannot be reached or is too busy; nothing was done.
    Unavailable,
    /// Nobody knows whether it was done: the store did not say.
    Unknown,
    /// A fault of ours. It was logged where it happened.
    Internal,
}

impl Problem {
    /// A fault of ours, logged here with its causes; the asker is told a number to quote.
    pub fn internal(error: &dyn std::error::Error) -> Problem {
        let mut causes = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next {
            causes = format!("{causes}: {cause}");
            next = cause.source();
        }
        tracing::error!(error = %causes, "request.failed");
        Problem::Internal
    }

    /// Not for this person, by a rule of ours.
    pub(crate) fn forbidden(why: &str) -> Problem {
        Problem::Forbidden { why: why.to_owned(), clauses: Vec::new() }
    }

    /// The code that stays.
    pub fn code(&self) -> &'static str {
        match self {
            Problem::SignInFirst => "sign-in-first",
            Problem::BadToken => "bad-token",
            Problem::Unsigned => "not-signed",
            Problem::NotJoined => "not-joined",
            Problem::Forbidden { .. } => "forbidden",
            Problem::SecondFactorFirst => "second-factor-first",
            Problem::CrossSite => "cross-site",
            Problem::NotFound => "not-found",
            Problem::Method => "method-not-allowed",
            Problem::Invalid(_) => "invalid",
            Problem::InvalidField { .. } => "invalid-field",
            Problem::MediaType => "unsupported-media-type",
            Problem::Refused { .. } => "refused",
            Problem::KeyReused => "key-reused",
            Problem::Changed => "changed",
            Problem::TooMany(_) => "too-many-requests",
            Problem::Untimely(_) => "untimely",
            Problem::TooLarge => "too-large",
            Problem::OtherHost => "other-host",
            Problem::Unavailable => "unavailable",
            Problem::Unknown => "unknown-outcome",
            Problem::Internal => "internal",
        }
    }

    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Problem::SignInFirst | Problem::BadToken | Problem::Unsigned => StatusCode::UNAUTHORIZED,
            Problem::Forbidden { .. }
            | Problem::SecondFactorFirst
            | Problem::NotJoined
            | Problem::CrossSite => StatusCode::FORBIDDEN,
            Problem::NotFound => StatusCode::NOT_FOUND,
            Problem::Method => StatusCode::METHOD_NOT_ALLOWED,
            Problem::Invalid(_) | Problem::InvalidField { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Problem::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Problem::Refused { .. } | Problem::KeyReused => StatusCode::CONFLICT,
            Problem::Changed => StatusCode::PRECONDITION_FAILED,
            Problem::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Problem::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Problem::OtherHost => StatusCode::MISDIRECTED_REQUEST,
            Problem::Unavailable | Problem::Unknown | Problem::Untimely(_) => StatusCode::SERVICE_UNAVAILABLE,
            Problem::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What it is, in a few words.
    pub fn title(&self) -> &'static str {
        match self {
            Problem::SignInFirst => "Sign in first",
            Problem::BadToken => "This API token is not valid",
            Problem::Unsigned => "Signed by no vantage point of ours",
            Problem::NotJoined => "This join token does not work",
            Problem::Forbidden { .. } => "Not for you",
            Problem::SecondFactorFirst => "A second factor first",
            Problem::CrossSite => "Sent from another site",
            Problem::NotFound => "There is no such page",
            Problem::Method => "Not in this way",
            Problem::Invalid(_) => "Something is missing or not as it should be",
            Problem::InvalidField { .. } => "A field is not as it should be",
            Problem::MediaType => "Not in this format",
            Problem::Refused { .. } => "That cannot be done now",
            Problem::KeyReused => "This key stands for another request",
            Problem::Changed => "It has changed since you read it",
            Problem::TooMany(_) => "Too many requests",
            Problem::Untimely(_) => "Its times do not fit our clock",
            Problem::TooLarge => "Too large",
            Problem::OtherHost => "Asked for another host",
            Problem::Unavailable => "The portal cannot answer just now",
            Problem::Unknown => "It is not known whether that was done",
            Problem::Internal => "That is our fault",
        }
    }

    /// What to do about it.
    pub fn way_out(&self) -> String {
        match self {
            Problem::SignInFirst => "This needs somebody who is signed in, or an API token.".to_owned(),
            Problem::BadToken => "It may have ended. Make a new one on the account page.".to_owned(),
            Problem::Unsigned => {
                "Only a vantage point that has joined and was not revoked may do this, with its own key."
                    .to_owned()
            }
            Problem::NotJoined => {
                "It is unknown, has ended, or was used with another key: ask the operator for a new one."
                    .to_owned()
            }
            Problem::SecondFactorFirst => {
                "The provider's people see every client: set a second factor up on your account page."
                    .to_owned()
            }
            Problem::CrossSite => "Open the portal in its own tab and try it from there.".to_owned(),
            Problem::NotFound => "Check the address, or start from the first page.".to_owned(),
            Problem::Method => "The address is right, the method is not.".to_owned(),
            Problem::Invalid(why) | Problem::Refused { why, .. } | Problem::Forbidden { why, .. } => {
                why.clone()
            }
            Problem::InvalidField { field, why } => format!("`{field}`: {why}"),
            Problem::MediaType => "Send it as application/json.".to_owned(),
            Problem::KeyReused => {
                "Look whether that one was done, and send this one under a new key.".to_owned()
            }
            Problem::Changed => "Read it again, and decide again. Nothing was done.".to_owned(),
            Problem::TooMany(seconds) => format!("Try again in {seconds} s."),
            Problem::Untimely(seconds) => {
                format!("One of the two clocks is wrong. Keep it, and send it again in {seconds} s.")
            }
            Problem::TooLarge => "Send less at once.".to_owned(),
            Problem::OtherHost => "Use the address the portal was set up for.".to_owned(),
            Problem::Unavailable => "Nothing was changed. Try again in a minute.".to_owned(),
            Problem::Unknown => {
                "Look whether it is there before you try again; what was stored is not stored twice."
                    .to_owned()
            }
            Problem::Internal => {
                "It was logged. Quote the request's number when you ask about it.".to_owned()
            }
        }
    }

    /// One of each, for the API's table of codes; where the words differ from case to case they say what cases there are.
    pub(crate) fn each() -> Vec<Problem> {
        let why =
            "The agreement does not allow it, with its clauses, or another step comes first.".to_owned();
        vec![
            Problem::SignInFirst,
            Problem::BadToken,
            Problem::forbidden("Your roles do not carry it, or the way you came in; the detail says which."),
            Problem::SecondFactorFirst,
            Problem::CrossSite,
            Problem::NotFound,
            Problem::Method,
            Problem::Refused { why, clauses: Vec::new(), may_be_confirmed: false },
            Problem::KeyReused,
            Problem::Changed,
            Problem::TooLarge,
            Problem::MediaType,
            Problem::OtherHost,
            Problem::Invalid("The request as a whole could not be read; the detail says why.".to_owned()),
            Problem::InvalidField {
                field: "field".to_owned(),
                why: "what is wrong with it; `errors` names the field.".to_owned(),
            },
            Problem::TooMany(1),
            Problem::Internal,
            Problem::Unavailable,
            Problem::Unknown,
        ]
    }

    /// That things stand otherwise, where no clause says so.
    fn because(why: &impl Display) -> Problem {
        Problem::Refused { why: sentence(why), clauses: Vec::new(), may_be_confirmed: false }
    }

    /// For answers that came from elsewhere, such as a body that could not be read.
    pub(crate) fn of_status(status: StatusCode) -> Option<Problem> {
        Some(match status {
            StatusCode::UNAUTHORIZED => Problem::SignInFirst,
            StatusCode::FORBIDDEN => Problem::forbidden("This is not for you."),
            StatusCode::NOT_FOUND => Problem::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Problem::Method,
            StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
            StatusCode::SERVICE_UNAVAILABLE => Problem::Unavailable,
            StatusCode::BAD_REQUEST
            | StatusCode::UNPROCESSABLE_ENTITY
            | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Problem::Invalid("The request could not be read as what this address expects.".to_owned())
            }
            status if status.is_server_error() => Problem::Internal,
            _ => return None,
        })
    }
}

/// What the policy says, as it looks.
impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal.answer {
            Answer::Hidden => Problem::NotFound,
            Answer::SignIn => Problem::SignInFirst,
            Answer::SecondFactor => Problem::SecondFactorFirst,
            Answer::Told => Problem::Forbidden { why: refusal.reason, clauses: refusal.clauses },
        }
    }
}

/// What a store says, as those who ask need to know it; what it means for us is logged here.
impl From<NotDone> for Problem {
    fn from(why: NotDone) -> Problem {
        match why {
            NotDone::UnknownClient { .. } | NotDone::Unknown { .. } => Problem::NotFound,
            NotDone::Future { .. } | NotDone::TooMuch { .. } | NotDone::Question { .. } => {
                Problem::Invalid(sentence(&why))
            }
            NotDone::NoSuch { field, id } => {
                Problem::InvalidField { field: field.to_owned(), why: format!("there is no {id}.") }
            }
            NotDone::Empty { field } => {
                Problem::InvalidField { field: field.to_owned(), why: "write something.".to_owned() }
            }
            NotDone::Wrong { field, why } => Problem::InvalidField { field, why: sentence(&why) },
            NotDone::Changed => Problem::Changed,
            NotDone::Journal(journal::Error::KeyReused { .. }) => Problem::KeyReused,
            NotDone::Journal(error) => error.into(),
            NotDone::Refused(refusal) => Problem::Refused {
                why: sentence(&refusal.reason),
                may_be_confirmed: refusal.may_be_confirmed(),
                clauses: refusal.clauses,
            },
            NotDone::Missing { ref clauses, .. } => {
                Problem::Refused { why: sentence(&why), clauses: clauses.clone(), may_be_confirmed: false }
            }
            NotDone::NoAgreement { .. } | NotDone::OutOfOrder { .. } | NotDone::Unfit(_) => {
                Problem::because(&why)
            }
        }
    }
}

impl From<journal::Error> for Problem {
    fn from(error: journal::Error) -> Problem {
        use journal::Error as E;
        match error {
            E::Locked { .. } | E::Unreachable { .. } | E::Contended { .. } | E::Full { .. } => {
                tracing::error!(error = %error, "store.unavailable");
                Problem::Unavailable
            }
            E::Unknown { .. } => {
                tracing::error!(error = %error, "store.unknown");
                Problem::Unknown
            }
            E::TooMuch { .. } => Problem::Invalid(sentence(&error)),
            error => Problem::internal(&error),
        }
    }
}

fn sentence(text: &impl Display) -> String {
    let text = text.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        let headers = response.headers_mut();
        match &self {
            Problem::TooMany(seconds) | Problem::Untimely(seconds) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Problem::Unsigned => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Uphold-Probe"));
            }
            Problem::SignInFirst | Problem::BadToken => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response.extensions_mut().insert(self);
        response
    }
}
