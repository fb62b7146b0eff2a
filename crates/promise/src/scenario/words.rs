//! The words of a line, taken one by one.

use std::str::FromStr;

use spans::{Instant, Length};

/// A line's words; a quoted one may hold spaces.
#[derive(Debug, Clone)]
pub(super) struct Words {
    words: Vec<String>,
    next: usize,
}

impl Words {
    pub(super) fn of(text: &str) -> Result<Words, String> {
        let mut words = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (word, tail) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').ok_or("a quotation mark is not closed")?,
                None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
            };
            words.push(word.to_owned());
            rest = tail.trim_start();
        }
        Ok(Words { words, next: 0 })
    }

    pub(super) fn peek(&self) -> Option<&str> {
        self.words.get(self.next).map(String::as_str)
    }

    pub(super) fn any(&mut self) -> Result<String, String> {
        let word = self.words.get(self.next).cloned().ok_or("the line stops too early")?;
        self.next += 1;
        Ok(word)
    }

    pub(super) fn next_if(&mut self, list: &[&'static str]) -> Option<&'static str> {
        let word = self.peek()?;
        let found = list.iter().find(|w| **w == word).copied();
        self.next += usize::from(found.is_some());
        found
    }

    pub(super) fn word(&mut self, word: &str) -> Result<(), String> {
        let found = self.any().map_err(|_| format!("`{word}` was expected at the end"))?;
        if found == word { Ok(()) } else { Err(format!("`{word}` was expected, not `{found}`")) }
    }

    /// The value after a word, where the line has it next.
    pub(super) fn after<T>(
        &mut self,
        word: &'static str,
        value: impl FnOnce(&mut Words) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        match self.next_if(&[word]) {
            Some(_) => value(self).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn id<T: FromStr>(&mut self) -> Result<T, String>
    where
        T::Err: std::fmt::Display,
    {
        let word = self.any()?;
        word.parse().map_err(|e: T::Err| e.to_string())
    }

    /// `2026-06-10 10:25` or `2026-06-10 10:25:30`, in UTC.
    pub(super) fn instant(&mut self) -> Result<Instant, String> {
        let (date, time) = (self.any()?, self.any()?);
        let seconds = if time.matches(':').count() == 1 { ":00" } else { "" };
        let text = format!("{date}T{time}{seconds}Z");
        text.parse().map_err(|_| {
            format!("`{date} {time}` is no instant: write 2026-06-10 10:25 or 2026-06-10 10:25:30 (UTC)")
        })
    }

    pub(super) fn length(&mut self) -> Result<Length, String> {
        let word = self.any()?;
        word.parse().map_err(|_| format!("`{word}` is no length of time: write 20s, 5m or 24h"))
    }

    pub(super) fn end(&self) -> Result<(), String> {
        match self.peek() {
            None => Ok(()),
            Some(word) => Err(format!("`{word}` does not belong here")),
        }
    }
}
