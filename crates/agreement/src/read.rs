//! From TOML to types, keeping every place and every mistake: one typo never hides the next.
//!
//! A table of the file is written once, as a struct inside [`table!`]; the macro gives it its reader and its JSON Schema,
//! so that the file format, the types and the editor's help cannot drift apart.

use std::collections::BTreeMap;

use serde_json::json;
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use crate::finding::{Finding, Place};

/// A value of the file with its place.
pub(crate) type Value<'t> = Spanned<DeValue<'t>>;

/// A type that can be read from a value of the file.
pub(crate) trait Read: Sized {
    /// Reads the value; on failure says why in `findings` and returns nothing.
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Self>;

    /// What stands for a key that is not there, where it may be left out.
    fn absent() -> Option<Self> {
        None
    }

    /// Where its parts stand whose names the author chose: the keys of a map, the items of a list. `path` leads to the value.
    fn parts(_value: &Value<'_>, _path: &str, _places: &mut BTreeMap<String, Place>) {}

    /// The JSON Schema of what is read.
    fn schema() -> serde_json::Value;
}

/// The place of a value.
pub(crate) fn place<T>(spanned: &Spanned<T>) -> Place {
    Place(spanned.span())
}

/// The place of a key with its value; of a table's heading, where the value is one.
fn pair(key: &Spanned<DeString<'_>>, value: &Value<'_>) -> Place {
    let (key, value) = (key.span(), value.span());
    Place(if key.end <= value.start { key.start..value.end } else { value })
}

/// Says that something else was expected here.
pub(crate) fn expected(value: &Value<'_>, what: &str, example: &str, findings: &mut Vec<Finding>) {
    let found = match value.get_ref() {
        DeValue::String(text) => format!("`{text}`"),
        other => format!("{} {}", article(other.type_str()), other.type_str()),
    };
    findings.push(Finding::unreadable(
        place(value),
        format!("{what} was expected, not {found}"),
        format!("write {example}"),
    ));
}

pub(crate) fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// Reads a text with a parser whose error speaks for itself.
pub(crate) fn parsed<T>(
    value: &Value<'_>,
    what: &str,
    example: &str,
    findings: &mut Vec<Finding>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let read = value.get_ref().as_str().and_then(parse);
    if read.is_none() {
        expected(value, what, example, findings);
    }
    read
}

/// The places of a table and of what stands in it. Compares equal to any other, as [`Place`] does.
#[derive(Debug, Clone, Default, Eq)]
pub struct Places {
    table: Place,
    values: BTreeMap<String, Place>,
}

impl PartialEq for Places {
    fn eq(&self, _: &Places) -> bool {
        true
    }
}

impl Places {
    /// The place of a key's value, or of a part of it: `of("within.standard")`, `of("except.0")`. What is absent stands
    /// where it would be added: in the nearest part there is, at last in the table.
    pub fn of(&self, path: &str) -> Place {
        let mut nearer = Some(path);
        while let Some(path) = nearer {
            if let Some(place) = self.values.get(path) {
                return place.clone();
            }
            nearer = path.rsplit_once('.').map(|(nearer, _)| nearer);
        }
        self.table.clone()
    }

    /// The place of the whole table.
    pub fn table(&self) -> Place {
        self.table.clone()
    }

    /// Whether the key was written.
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }
}

/// A table being read: known keys are taken one by one, what is left is unknown.
pub(crate) struct Taking<'v, 't> {
    table: &'v DeTable<'t>,
    known: &'static [&'static str],
    places: Places,
}

impl<'v, 't> Taking<'v, 't> {
    pub(crate) fn start(
        value: &'v Value<'t>,
        known: &'static [&'static str],
        findings: &mut Vec<Finding>,
    ) -> Option<Taking<'v, 't>> {
        let Some(table) = value.get_ref().as_table() else {
            expected(value, "a table", &format!("{{ {} = … }}", known.first().unwrap_or(&"key")), findings);
            return None;
        };
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            findings.push(unknown_key(key, known));
        }
        Some(Taking { table, known, places: Places { table: place(value), values: BTreeMap::new() } })
    }

    /// One key. `Err` when it is there and unreadable, or missing and needed; both were said.
    pub(crate) fn take<T: Read>(&mut self, key: &'static str, findings: &mut Vec<Finding>) -> Option<T> {
        debug_assert!(self.known.contains(&key));
        match self.table.get(key) {
            Some(value) => {
                self.places.values.insert(key.to_owned(), place(value));
                T::parts(value, key, &mut self.places.values);
                T::read(value, findings)
            }
            None => T::absent().or_else(|| {
                findings.push(Finding::unreadable(
                    self.places.table.clone(),
                    format!("`{key}` is missing"),
                    format!("add `{key} = …`"),
                ));
                None
            }),
        }
    }

    pub(crate) fn finish(self) -> Places {
        self.places
    }
}

pub(crate) fn unknown_key(key: &Spanned<DeString<'_>>, known: &[&str]) -> Finding {
    let name = key.get_ref();
    Finding::unreadable(
        place(key),
        format!("`{name}` is no key of this table"),
        match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of: {}", known.join(", ")),
        },
    )
}

/// The known word that a mistyped one most likely meant: at most a third of its letters wrong.
pub(crate) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let wrong_max = |k: &str| (k.len() / 3).max(1);
    let close = known.take(KNOWN_MAX).filter(|k| word.len().abs_diff(k.len()) <= wrong_max(k));
    let (wrong, near) = close.map(|k| (distance(word, k), k)).min()?;
    (wrong <= wrong_max(near)).then_some(near)
}

/// The most known words that a mistyped one is compared with.
const KNOWN_MAX: usize = 1_000;

/// The longest word compared letter by letter; longer ones are never a near miss of a key.
const WORD_MAX: usize = 64;

/// Levenshtein's distance between two short words.
fn distance(a: &str, b: &str) -> usize {
    if a.len() > WORD_MAX || b.len() > WORD_MAX {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let swap = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = swap.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// A table of the file as a struct: its documentation, its keys, its reader, its schema and its leaves, written once.
///
/// A key whose type has an [`Read::absent`] value may be left out. The struct also keeps where everything stood.
macro_rules! table {
    ($(#[doc = $about:literal])+ $Type:ident { $($(#[doc = $key_about:literal])+ $key:ident: $kind:ty,)* }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $Type {
            $($(#[doc = $key_about])+ pub $key: $kind,)*
            /// Where it stands in the file.
            pub places: $crate::read::Places,
        }

        impl $crate::read::Read for $Type {
            fn read(value: &$crate::read::Value<'_>, findings: &mut Vec<$crate::finding::Finding>) -> Option<$Type> {
                const KEYS: &[&str] = &[$($crate::read::plain(stringify!($key)),)*];
                let mut taking = $crate::read::Taking::start(value, KEYS, findings)?;
                $(let $key = taking.take::<$kind>($crate::read::plain(stringify!($key)), findings);)*
                let places = taking.finish();
                Some($Type { $($key: $key?,)* places })
            }

            fn schema() -> serde_json::Value {
                let mut properties = serde_json::Map::new();
                let mut required: Vec<&str> = Vec::new();
                $(
                    let key = $crate::read::plain(stringify!($key));
                    properties.insert(key.to_owned(), $crate::read::described::<$kind>(concat!($($key_about,)+)));
                    if <$kind as $crate::read::Read>::absent().is_none() { required.push(key); }
                )*
                serde_json::json!({
                    "type": "object",
                    "description": concat!($($about,)+).trim(),
                    "properties": properties,
                    "required": required,
                    "additionalProperties": false,
                })
            }
        }

        impl $crate::leaves::Walk for $Type {
            fn walk(&self, out: &mut $crate::leaves::Walker) {
                out.table(&self.places, |out| {
                    $(out.under($crate::read::plain(stringify!($key)), |out| $crate::leaves::Walk::walk(&self.$key, out));)*
                });
            }
        }
    };
}
pub(crate) use table;

/// A closed list of words as an enum: its reader, its schema, its leaf and the meaning of each word.
macro_rules! words {
    ($(#[doc = $about:literal])+ $Type:ident { $($(#[doc = $word_about:literal])+ $name:literal $Word:ident,)+ }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Type { $($(#[doc = $word_about])+ $Word,)+ }

        impl $Type {
            /// Every word of the list.
            pub const ALL: &[$Type] = &[$($Type::$Word,)+];
            /// The word as written in the file.
            pub fn name(self) -> &'static str { match self { $($Type::$Word => $name,)+ } }
            /// What it means.
            pub fn about(self) -> &'static str { match self { $($Type::$Word => concat!($($word_about,)+).trim(),)+ } }
            /// The word of that name.
            pub fn named(name: &str) -> Option<$Type> { match name { $($name => Some($Type::$Word),)+ _ => None } }
        }

        impl $crate::read::Read for $Type {
            fn read(value: &$crate::read::Value<'_>, findings: &mut Vec<$crate::finding::Finding>) -> Option<$Type> {
                $crate::read::word(value, &[$($name,)+], findings).and_then(|name| $Type::named(&name))
            }
            fn schema() -> serde_json::Value {
                serde_json::json!({ "oneOf": [$(
                    { "const": $name, "description": concat!($($word_about,)+).trim() },
                )+] })
            }
        }

        impl $crate::leaves::Walk for $Type {
            fn walk(&self, out: &mut $crate::leaves::Walker) {
                out.leaf(self.name());
            }
        }
    };
}
pub(crate) use words;

/// A word from a closed list.
pub(crate) fn word(value: &Value<'_>, list: &[&str], findings: &mut Vec<Finding>) -> Option<String> {
    match value.get_ref().as_str() {
        Some(text) if list.contains(&text) => Some(text.to_owned()),
        Some(text) => {
            let way_out = match nearest(text, list.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("write one of: {}", list.join(", ")),
            };
            findings.push(Finding::unreadable(place(value), format!("`{text}` is not known here"), way_out));
            None
        }
        None => {
            expected(value, "a word", &format!("one of: {}", list.join(", ")), findings);
            None
        }
    }
}

/// The key of a field: `r#match` is `match` in the file.
pub(crate) const fn plain(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// A type's schema with the key's own description.
pub(crate) fn described<T: Read>(about: &str) -> serde_json::Value {
    let mut schema = T::schema();
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), json!(about.trim()));
    }
    schema
}

impl<T: Read> Read for Option<T> {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Option<T>> {
        T::read(value, findings).map(Some)
    }
    fn absent() -> Option<Option<T>> {
        Some(None)
    }
    fn parts(value: &Value<'_>, path: &str, places: &mut BTreeMap<String, Place>) {
        T::parts(value, path, places);
    }
    fn schema() -> serde_json::Value {
        T::schema()
    }
}

/// A list; a key that is left out is an empty one.
impl<T: Read> Read for Vec<T> {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Vec<T>> {
        let Some(list) = value.get_ref().as_array() else {
            expected(value, "a list", "[…]", findings);
            return None;
        };
        let before = findings.len();
        let read: Vec<T> = list.iter().filter_map(|item| T::read(item, findings)).collect();
        (findings.len() == before).then_some(read)
    }
    fn absent() -> Option<Vec<T>> {
        Some(Vec::new())
    }
    fn parts(value: &Value<'_>, path: &str, places: &mut BTreeMap<String, Place>) {
        for (number, item) in value.get_ref().as_array().into_iter().flat_map(|list| list.iter()).enumerate()
        {
            places.insert(format!("{path}.{number}"), place(item));
        }
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "array", "items": T::schema() })
    }
}

/// A table with keys of the author's choice; a key that is left out is an empty one.
impl<T: Read> Read for BTreeMap<String, T> {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<BTreeMap<String, T>> {
        let Some(table) = value.get_ref().as_table() else {
            expected(value, "a table", "{ … }", findings);
            return None;
        };
        let before = findings.len();
        let read = table
            .iter()
            .filter_map(|(key, value)| Some((key.get_ref().to_string(), T::read(value, findings)?)))
            .collect();
        (findings.len() == before).then_some(read)
    }
    fn absent() -> Option<BTreeMap<String, T>> {
        Some(BTreeMap::new())
    }
    fn parts(value: &Value<'_>, path: &str, places: &mut BTreeMap<String, Place>) {
        for (key, value) in value.get_ref().as_table().into_iter().flatten() {
            let path = format!("{path}.{}", key.get_ref());
            places.insert(path.clone(), pair(key, value));
            T::parts(value, &path, places);
        }
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "object", "additionalProperties": T::schema() })
    }
}

impl Read for String {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<String> {
        parsed(value, "a text", "\"…\"", findings, |text| Some(text.to_owned()))
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string" })
    }
}

impl Read for bool {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<bool> {
        let read = value.get_ref().as_bool();
        if read.is_none() {
            expected(value, "true or false", "true or false", findings);
        }
        read
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "boolean" })
    }
}

impl Read for u32 {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<u32> {
        let read = value.get_ref().as_integer().and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok());
        if read.is_none() {
            expected(value, "a whole number", "digits, such as 1", findings);
        }
        read
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "integer", "minimum": 0 })
    }
}
