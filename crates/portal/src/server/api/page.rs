//! Lists that come in pages. A cursor says after which item the next page begins, by what the list is sorted by, so that what comes
//! in meanwhile neither hides an item nor shows one twice.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use door::secret::hex;
use serde::{Serialize, de::DeserializeOwned};

use crate::server::{App, Problem, moment::encode};

/// Items on a page, unless the asker says how many.
pub(super) const LIMIT: usize = 50;
/// Items on a page at most.
pub(super) const LIMIT_MAX: usize = 200;

/// What stands after the question mark.
#[derive(Debug, Clone)]
pub(super) struct Asking {
    path: String,
    pairs: Vec<(String, String)>,
}

impl FromRequestParts<App> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Asking, Problem> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(pairs) = pairs.map_err(|_| {
            Problem::Invalid("What stands after the question mark cannot be read.".to_owned())
        })?;
        Ok(Asking { path: parts.uri.path().to_owned(), pairs })
    }
}

pub(super) fn wrong(field: &str, why: &str) -> Problem {
    Problem::InvalidField { field: field.to_owned(), why: why.to_owned() }
}

impl Asking {
    /// That nothing else is asked: a name that is misspelt is not passed over.
    pub(super) fn knows(&self, names: &[&str]) -> Result<(), Problem> {
        let stranger = self.pairs.iter().find(|(name, _)| !names.contains(&name.as_str()));
        match stranger {
            None => Ok(()),
            Some((name, _)) if names.is_empty() => Err(wrong(name, "nothing is asked here.")),
            Some((name, _)) => Err(wrong(name, &format!("it is not known here; {} is.", names.join(", ")))),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn read<T: FromStr>(&self, name: &str, why: &str) -> Result<Option<T>, Problem> {
        self.get(name).map(|text| text.parse().map_err(|_| wrong(name, why))).transpose()
    }

    /// One of these words.
    pub(super) fn one_of<'w>(&self, name: &str, words: &[&'w str]) -> Result<Option<&'w str>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let found = words.iter().find(|word| **word == text);
        found
            .map(|word| Some(*word))
            .ok_or_else(|| wrong(name, &format!("write one of {}.", words.join(", "))))
    }

    /// How many the reader asks for.
    pub(super) fn limit(&self, max: usize) -> Result<usize, Problem> {
        let why = format!("write a number from 1 to {max}.");
        match self.read::<usize>("limit", &why)? {
            Some(limit) if limit == 0 || limit > max => Err(wrong("limit", &why)),
            limit => Ok(limit.unwrap_or(LIMIT)),
        }
    }

    /// One page of a list that is sorted by its keys, least first, and the address of the next one.
    pub(super) fn cut<T, K>(
        &self,
        all: Vec<T>,
        key: impl Fn(&T) -> K,
        max: usize,
    ) -> Result<(Vec<T>, Option<String>), Problem>
    where
        K: Ord + Serialize + DeserializeOwned,
    {
        let limit = self.limit(max)?;
        let after: Option<K> = self.after()?;
        let mut rest: Vec<T> =
            all.into_iter().filter(|item| after.as_ref().is_none_or(|after| key(item) > *after)).collect();
        let more = rest.len() > limit;
        rest.truncate(limit);
        let next = match rest.last() {
            Some(last) if more => Some(self.next(&write_cursor(&key(last))?)),
            _ => None,
        };
        Ok((rest, next))
    }

    /// After what the page begins, for a list of which only a part is read.
    pub(super) fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        self.get("cursor").map(read_cursor).transpose()
    }

    /// How many, and after what number, for a list that the journal itself numbers.
    pub(super) fn numbered(&self, max: usize) -> Result<(usize, u64), Problem> {
        let after = self.read("cursor", "write the number of the last one that you have.")?;
        Ok((self.limit(max)?, after.unwrap_or(0)))
    }

    /// The same list from a cursor on.
    pub(super) fn next(&self, cursor: &str) -> String {
        let kept = self.pairs.iter().filter(|(name, _)| name != "cursor");
        let pairs = kept.map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let pairs: Vec<String> = pairs.chain([format!("cursor={}", encode(cursor))]).collect();
        format!("{}?{}", self.path, pairs.join("&"))
    }
}

fn write_cursor(key: &impl Serialize) -> Result<String, Problem> {
    Ok(hex(&serde_json::to_vec(key).map_err(|e| Problem::internal(&e))?))
}

fn read_cursor<K: DeserializeOwned>(text: &str) -> Result<K, Problem> {
    let refuse = || wrong("cursor", "it is not one of ours: follow `next` of the page before.");
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return Err(refuse());
    }
    let byte = |at| u8::from_str_radix(text.get(at..at + 2).unwrap_or_default(), 16).map_err(|_| refuse());
    let bytes: Vec<u8> = (0..text.len()).step_by(2).map(byte).collect::<Result<_, _>>()?;
    serde_json::from_slice(&bytes).map_err(|_| refuse())
}

/// A page of a list: `items`, and the address of the `next` one, if there is more.
macro_rules! list {
    ($(#[$about:meta])* $Name:ident of $Item:ty) => {
        $(#[$about])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub(crate) struct $Name {
            /// What there is, in the order of the list.
            pub(crate) items: Vec<$Item>,
            /// Where the list goes on; null at its end.
            pub(crate) next: Option<String>,
        }
    };
}
pub(super) use list;

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(pairs: &[(&str, &str)]) -> Asking {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asking { path: "/api/v1/x".to_owned(), pairs }
    }

    #[test]
    fn pages_follow_each_other_though_items_come_in() {
        let cut = |pairs: &[(&str, &str)], all: Vec<(i64, &'static str)>| {
            asking(pairs).cut(all, |item| (item.0, item.1.to_owned()), 200).unwrap()
        };
        let (first, next) = cut(&[("limit", "2"), ("state", "a b")], vec![(1, "a"), (2, "b"), (3, "c")]);
        assert_eq!(first, [(1, "a"), (2, "b")]);
        let next = next.unwrap();
        assert!(next.starts_with("/api/v1/x?limit=2&state=a%20b&cursor="), "{next}");
        let cursor = next.rsplit('=').next().unwrap();
        let (second, end) = cut(&[("limit", "2"), ("cursor", cursor)], vec![(0, "new"), (2, "b"), (3, "c")]);
        assert_eq!((second, end), (vec![(3, "c")], None));
    }

    #[test]
    fn what_cannot_be_meant_names_its_field() {
        for pairs in [[("limit", "0")], [("limit", "201")], [("cursor", "zz")], [("cursor", "é1")]] {
            let refused = asking(&pairs).cut(vec![1], |n| *n, LIMIT_MAX).unwrap_err();
            assert!(
                matches!(&refused, Problem::InvalidField { field, .. } if field == pairs[0].0),
                "{refused:?}"
            );
        }
        assert!(asking(&[("sate", "open")]).knows(&["state"]).is_err());
    }
}
