//! What the API says of one of its routes. The route carries it, so that none is there without being told, and the other way
//! round.

use std::borrow::Cow;

use axum::http::StatusCode;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema, schema::Ref},
};

/// A shape of JSON, with every shape inside it.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    name: fn() -> Cow<'static, str>,
    schema: fn() -> RefOr<Schema>,
    inside: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Shape {
    pub(crate) fn of<T: ToSchema>() -> Shape {
        Shape { name: T::name, schema: <T as PartialSchema>::schema, inside: T::schemas }
    }

    /// Where it stands among the shapes.
    pub(crate) fn reference(self) -> Ref {
        Ref::from_schema_name((self.name)())
    }

    /// Itself and what is inside it, by name.
    pub(crate) fn collect(self, all: &mut Vec<(String, RefOr<Schema>)>) {
        all.push(((self.name)().into_owned(), (self.schema)()));
        (self.inside)(all);
    }
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Month,
    Number { min: u64, max: u64 },
    OneOf(&'static [&'static str]),
}

/// A parameter after the question mark.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) about: &'static str,
}

/// What an answer holds.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) media: &'static str,
    /// None for what is no JSON.
    pub(crate) shape: Option<Shape>,
}

/// An operation of the API.
#[derive(Clone)]
pub(crate) struct Operation {
    /// The name that programs call it by; it stays.
    pub(crate) id: &'static str,
    /// The heading it stands under.
    pub(crate) tag: &'static str,
    /// What it does, in a sentence.
    pub(crate) summary: &'static str,
    pub(crate) asks: Vec<Ask>,
    pub(crate) body: Option<Shape>,
    pub(crate) status: StatusCode,
    pub(crate) contents: Vec<Content>,
    /// Whether `If-Match` is looked at.
    pub(crate) matched: bool,
    /// Whether it can be refused because what it is about has changed since it was read.
    pub(crate) can_be_late: bool,
}

pub(crate) const JSON: &str = "application/json";

impl Operation {
    /// Something to read.
    pub(crate) fn read<T: ToSchema>(tag: &'static str, id: &'static str, summary: &'static str) -> Operation {
        let contents = vec![Content { media: JSON, shape: Some(Shape::of::<T>()) }];
        let (asks, body) = (Vec::new(), None);
        let status = StatusCode::OK;
        Operation { id, tag, summary, asks, body, status, contents, matched: false, can_be_late: false }
    }

    /// Something to do, with what is sent and what is answered.
    pub(crate) fn act<B: ToSchema, T: ToSchema>(
        tag: &'static str,
        id: &'static str,
        summary: &'static str,
    ) -> Operation {
        Operation { body: Some(Shape::of::<B>()), ..Operation::read::<T>(tag, id, summary) }
    }

    /// Something new comes of it: 201.
    pub(crate) fn creates(self) -> Operation {
        Operation { status: StatusCode::CREATED, ..self }
    }

    /// It is not done where what it is about has changed since it was read.
    pub(crate) fn matched(self) -> Operation {
        Operation { matched: true, ..self.versioned() }
    }

    /// The same, where what is sent says which version was read.
    pub(crate) fn versioned(self) -> Operation {
        Operation { can_be_late: true, ..self }
    }

    pub(crate) fn asks(mut self, name: &'static str, kind: Kind, about: &'static str) -> Operation {
        self.asks.push(Ask { name, kind, about });
        self
    }

    /// A list that comes in pages.
    pub(crate) fn paged(self, max: usize) -> Operation {
        let max = u64::try_from(max).unwrap_or(u64::MAX);
        self.asks("limit", Kind::Number { min: 1, max }, "At most so many.").asks(
            "cursor",
            Kind::Text,
            "Where the page before ended: part of its `next`.",
        )
    }

    /// The same in another format.
    pub(crate) fn also(mut self, media: &'static str) -> Operation {
        self.contents.push(Content { media, shape: None });
        self
    }

    /// In this format only.
    pub(crate) fn only(mut self, media: &'static str) -> Operation {
        self.contents = vec![Content { media, shape: None }];
        self
    }
}
