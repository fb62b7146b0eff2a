//! Long lists, a piece at a time: `?from=100` leaves out the first hundred. The ways on are links.

use serde::Deserialize;

/// What a list is asked for.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
pub(crate) struct Piece {
    /// How many are left out.
    #[serde(default)]
    pub(crate) from: usize,
}

/// The ways on from a piece of a list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Onward {
    /// Back to the first piece.
    pub(crate) first: Option<String>,
    /// To the next piece.
    pub(crate) next: Option<String>,
}

impl Piece {
    /// The ways on in a list of `count` lines at an address, `most` at a time.
    pub(crate) fn onward(self, at: &str, count: usize, most: usize) -> Onward {
        let end = self.from.saturating_add(most);
        Onward {
            first: (0 < self.from).then(|| at.to_owned()),
            next: (end < count).then(|| format!("{at}?from={end}")),
        }
    }

    /// This piece of it.
    pub(crate) fn of<T>(self, all: &[T], most: usize) -> impl Iterator<Item = &T> {
        all.iter().skip(self.from).take(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_way_on_as_long_as_there_is_more_and_one_back() {
        let links = |from: usize, count: usize| {
            let Onward { first, next } = Piece { from }.onward("/list", count, 10);
            (first.is_some(), next.unwrap_or_default())
        };
        assert_eq!(links(0, 10), (false, String::new()));
        assert_eq!(links(0, 11), (false, "/list?from=10".to_owned()));
        assert_eq!(links(10, 21), (true, "/list?from=20".to_owned()));
        assert_eq!(links(20, 21), (true, String::new()));
        assert_eq!(links(usize::MAX, 21), (true, String::new()));
        assert_eq!(Piece { from: 20 }.of(&[0; 21], 10).count(), 1);
        assert_eq!(Piece { from: usize::MAX }.of(&[0; 21], 10).count(), 0);
    }
}
