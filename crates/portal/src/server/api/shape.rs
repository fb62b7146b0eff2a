//! Shapes that come again: instants, lengths, derivations, and the figures of a month. What the engine writes by itself is told
//! here and not written again; `tests/it/api.rs` holds real answers against it.

mod attainment;
mod question;
mod statement;

use facts::ClientId;
use promise::{Fraction, InstanceMonth};
use serde::Serialize;
use spans::{Instant, Length, Month, Span};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

pub(crate) use self::{
    attainment::AttainmentShape,
    question::{AgainShape, PaceShape, QuestionShape},
    statement::StatedShape,
};
use crate::server::moment::{encode, path};

/// Below what every address of the API stands.
pub(crate) const ROOT: &str = "/api/v1";

/// An address of the API below a client.
pub(crate) fn at(client: &ClientId, parts: &[&str]) -> String {
    format!("{ROOT}{}", path(client, parts))
}

/// The derivation of a figure.
pub(crate) fn why(client: &ClientId, asks: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = asks.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("{}?{}", at(client, &["why"]), pairs.join("&"))
}

macro_rules! text {
    ($Name:ident($Inner:ty), $name:literal, $format:expr, $example:literal, $about:literal) => {
        #[derive(Debug, Clone, Copy, Serialize)]
        #[serde(transparent)]
        pub(crate) struct $Name(pub(crate) $Inner);

        impl PartialSchema for $Name {
            fn schema() -> RefOr<Schema> {
                let object = ObjectBuilder::new().schema_type(Type::String).format($format);
                object.description(Some($about)).examples([$example]).into()
            }
        }

        impl ToSchema for $Name {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }

        impl From<$Inner> for $Name {
            fn from(inner: $Inner) -> $Name {
                $Name(inner)
            }
        }
    };
}

text!(
    At(Instant),
    "Instant",
    Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)),
    "2026-03-09T17:00:00Z",
    "An instant in UTC (RFC 3339), to the microsecond."
);
text!(Lasting(Length), "Length", None, "2h 30m", "A length of time: hours, minutes and seconds.");
text!(MonthText(Month), "Month", None, "2026-06", "A calendar month, in the agreement's zone.");

/// A stretch of time.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Span)]
pub(crate) struct Stretch {
    /// Its first instant.
    pub(crate) start: At,
    /// The first instant after it.
    pub(crate) end: At,
}

impl From<Span> for Stretch {
    fn from(span: Span) -> Stretch {
        Stretch { start: span.start.into(), end: span.end.into() }
    }
}

/// The derivation of one value: the rule that gave it, the clauses and signed readings behind the rule, and what went in.
#[derive(ToSchema)]
#[schema(as = Derivation)]
#[expect(dead_code, reason = "the shape of promise::Why, which writes itself")]
pub(crate) struct DerivationShape {
    /// What the value is.
    what: String,
    /// The value, as shown.
    value: String,
    /// How it comes about, in a sentence.
    rule: String,
    /// The clauses that say so.
    #[schema(required = false)]
    clauses: Vec<String>,
    /// The signed readings it rests on, such as `A-10`.
    #[schema(required = false)]
    readings: Vec<String>,
    /// What went in.
    #[schema(required = false)]
    inputs: Vec<InputShape>,
}

/// Something a value was made from.
#[derive(ToSchema)]
#[schema(as = DerivationInput, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the shape of promise::Input, which writes itself")]
pub(crate) enum InputShape {
    /// Something the agreement or the asker gave.
    Given {
        /// Its name.
        name: String,
        /// Its value, as shown.
        value: String,
    },
    /// A fact of the journal.
    Fact {
        /// Its id.
        id: String,
        /// When it happened.
        at: String,
        /// What happened, and who acted.
        text: String,
    },
    /// Another derived value.
    #[schema(no_recursion)]
    Why(DerivationShape),
}

/// A share of time as the exact fraction it is.
#[derive(ToSchema)]
#[schema(as = Fraction)]
#[expect(dead_code, reason = "the shape of promise::Fraction, which writes itself")]
pub(crate) struct FractionShape {
    /// The part, in whole microseconds.
    part_us: i64,
    /// The whole, in whole microseconds.
    whole_us: i64,
    /// Part and whole in the largest unit without a remainder: `43156/43200 min`.
    shown: String,
}

/// How an objective was kept: a word, or an object with one name where there is more to say.
#[derive(ToSchema)]
#[schema(as = Verdict, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the shape of promise::Verdict, which writes itself")]
pub(crate) enum VerdictShape {
    /// It was.
    Met,
    /// It was not.
    Missed,
    /// Too little was looked at: a person decides.
    Provisional {
        /// Whether it would be met as the figures stand.
        met: bool,
    },
    /// The month is not over.
    NotOver {
        /// Whether it can no longer be met.
        lost: bool,
    },
    /// No moment of the month is covered.
    NothingCovered,
}

/// Minutes that may fail in a month.
#[derive(Serialize, ToSchema)]
pub(crate) struct Budget {
    /// The whole minutes that may count before the objective is missed.
    pub(crate) allowed: i64,
    /// Less those that did; below zero once it is missed.
    pub(crate) left: i64,
}

/// The figures of an instance's month, the same that its page shows.
#[derive(Serialize, ToSchema)]
pub(crate) struct Figures {
    month: MonthText,
    /// The kept share; null where no time was covered.
    #[schema(value_type = Option<FractionShape>)]
    uptime: Option<Fraction>,
    /// The kept share as pages show it, rounded down: a range while too little was looked at, words where nobody looked.
    uptime_shown: String,
    /// The kept share if all of the unknown had been down.
    #[schema(value_type = Option<FractionShape>)]
    uptime_at_worst: Option<Fraction>,
    /// The share of covered time of which anything is known.
    #[schema(value_type = Option<FractionShape>)]
    coverage: Option<Fraction>,
    /// The least share that must be kept, such as `99.9%`.
    objective: String,
    /// Minutes that count against it.
    counted: i64,
    budget: Budget,
    #[schema(value_type = VerdictShape)]
    verdict: promise::Verdict,
    /// The verdict in words.
    verdict_shown: &'static str,
    /// Covered time that has passed: up, down, excluded and unknown add up to it.
    covered: Lasting,
    /// Covered time still to come.
    ahead: Lasting,
    up: Lasting,
    down: Lasting,
    /// Down, and taken out by a record.
    excluded: Lasting,
    /// Nobody looked.
    unknown: Lasting,
    clauses: Vec<String>,
    /// Where its derivation is.
    why: String,
    /// Where every minute of it is.
    ledger: String,
}

impl Figures {
    pub(crate) fn of(client: &ClientId, of: &InstanceMonth) -> Figures {
        let (instance, month) = (of.instance.as_str(), of.month.to_string());
        Figures {
            month: of.month.into(),
            uptime: of.uptime,
            uptime_shown: of.percent_shown(),
            uptime_at_worst: of.uptime_at_worst,
            coverage: of.coverage,
            objective: of.objective.to_string(),
            counted: of.counted,
            budget: Budget { allowed: of.budget.allowed, left: of.budget.left },
            verdict: of.verdict,
            verdict_shown: of.verdict_shown(),
            covered: of.covered.into(),
            ahead: of.ahead.into(),
            up: of.up.into(),
            down: of.down.into(),
            excluded: of.excluded.into(),
            unknown: of.unknown.into(),
            clauses: of.why.clauses.clone(),
            why: why(client, &[("instance", instance), ("month", &month)]),
            ledger: format!("{}?month={month}", at(client, &["instances", instance, "ledger"])),
        }
    }
}
