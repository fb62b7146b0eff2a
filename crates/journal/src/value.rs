//! The four kinds of value a column holds on both engines: null, a 64-bit integer, text, bytes.
//! Instants are integers (microseconds), ids are text, JSON is text that is decoded in Rust.

use facts::{ClientId, FactId};
use spans::Instant;

use crate::{Error, Hash, Result};

/// An argument, or one cell of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

macro_rules! into_value {
    ($($kind:ty => |$v:ident| $value:expr;)*) => {
        $(impl From<$kind> for Value { fn from($v: $kind) -> Value { $value } })*
    };
}
into_value! {
    i64 => |v| Value::Int(v);
    &str => |v| Value::Text(v.to_owned());
    &String => |v| Value::Text(v.clone());
    String => |v| Value::Text(v);
    &ClientId => |v| Value::Text(v.as_str().to_owned());
    FactId => |v| Value::Text(v.to_string());
    Instant => |v| Value::Int(v.as_micros());
    Hash => |v| Value::Bytes(v.as_bytes().to_vec());
    Vec<u8> => |v| Value::Bytes(v);
    &[u8] => |v| Value::Bytes(v.to_vec());
}
/// A count or sequence number; those beyond `i64::MAX` do not occur.
impl From<u64> for Value {
    fn from(v: u64) -> Value {
        Value::Int(i64::try_from(v).unwrap_or(i64::MAX))
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Value {
        v.map_or(Value::Null, Into::into)
    }
}

/// Arguments for `$1`, `$2`, …: `args![client, seq]`.
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Value::from($value)),*] };
}
pub(crate) use args;

/// One row of an answer, read by column number from 0. Text and bytes can be taken once.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    pub(crate) fn int(&self, column: usize) -> Result<i64> {
        match self.0.get(column) {
            Some(Value::Int(v)) => Ok(*v),
            _ => Err(Error::Shape { column, expected: "an integer" }),
        }
    }

    pub(crate) fn count(&self, column: usize) -> Result<u64> {
        u64::try_from(self.int(column)?).map_err(|_| Error::Shape { column, expected: "a count" })
    }

    pub(crate) fn instant(&self, column: usize) -> Result<Instant> {
        self.int(column).map(Instant::from_micros)
    }

    pub(crate) fn instant_or_null(&self, column: usize) -> Result<Option<Instant>> {
        if self.0.get(column) == Some(&Value::Null) { Ok(None) } else { self.instant(column).map(Some) }
    }

    pub(crate) fn text(&mut self, column: usize) -> Result<String> {
        self.text_or_null(column)?.ok_or(Error::Shape { column, expected: "text" })
    }

    pub(crate) fn text_or_null(&mut self, column: usize) -> Result<Option<String>> {
        match self.take(column) {
            Some(Value::Text(v)) => Ok(Some(v)),
            Some(Value::Null) => Ok(None),
            _ => Err(Error::Shape { column, expected: "text" }),
        }
    }

    pub(crate) fn bytes(&mut self, column: usize) -> Result<Vec<u8>> {
        match self.take(column) {
            Some(Value::Bytes(v)) => Ok(v),
            _ => Err(Error::Shape { column, expected: "bytes" }),
        }
    }

    pub(crate) fn hash(&mut self, column: usize) -> Result<Hash> {
        self.hash_or_null(column)?.ok_or(Error::Shape { column, expected: "a hash" })
    }

    pub(crate) fn hash_or_null(&mut self, column: usize) -> Result<Option<Hash>> {
        let wrong = Error::Shape { column, expected: "32 bytes" };
        match self.take(column) {
            Some(Value::Bytes(v)) => {
                <[u8; 32]>::try_from(v).map(|bytes| Some(bytes.into())).map_err(|_| wrong)
            }
            Some(Value::Null) => Ok(None),
            _ => Err(wrong),
        }
    }

    fn take(&mut self, column: usize) -> Option<Value> {
        self.0.get_mut(column).map(|cell| std::mem::replace(cell, Value::Null))
    }
}
