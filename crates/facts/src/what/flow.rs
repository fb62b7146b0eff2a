//! Several requests in a row, as a person at a browser makes them: what one answers, the next sends.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::http::is_token;
use super::text::{Name, Part, parts};
use super::wanted::bad_pattern;
use super::{Http, too_long};

/// The most requests of a flow.
pub const STEPS_MAX: usize = 10;
/// The most values that one request captures.
pub const CAPTURES_MAX: usize = 8;

/// Requests in order; the first that is not answered well ends it, and is the failure. Cookies that an answer sets go with the requests
/// behind it. All of them together have the time of one check. In a URL's path and query, in a header's value and in a body, `{{NAME}}`
/// stands for what an earlier step captured.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// One to ten.
    pub steps: Vec<Step>,
}

/// One request of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it is called, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The request.
    pub http: Http,
    /// What is taken out of its answer for those behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capture: Vec<Capture>,
}

/// A value taken out of an answer: at most 4 KiB. Without it the step has failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// What it is called from then on.
    pub name: Name,
    /// Where it is found.
    pub from: Source,
}

/// Where a value is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// In the body as JSON, at this path (RFC 9535): the first text, number or truth value.
    Json(String),
    /// In the body as text: the first group of this regular expression, or all that it finds where it has none.
    Matches(String),
    /// In the header of this name.
    Header(String),
}

impl Flow {
    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.steps.is_empty() {
            return Some("a flow has at least one step");
        }
        if self.steps.len() > STEPS_MAX {
            return Some("a flow has at most ten steps");
        }
        let mut known = BTreeSet::new();
        self.steps.iter().find_map(|step| {
            let missing = step.http.texts().flat_map(parts).any(|part| match part {
                Part::Captured(name) => !known.contains(name),
                _ => false,
            });
            known.extend(step.capture.iter().map(|capture| capture.name.as_str()));
            missing.then_some("a step needs what no step before it captures").or_else(|| step.problem())
        })
    }
}

impl Step {
    fn problem(&self) -> Option<&'static str> {
        if self.capture.len() > CAPTURES_MAX {
            return Some("a step captures at most eight values");
        }
        let captures = || self.capture.iter().find_map(|capture| capture.from.problem());
        let name = || self.name.as_deref().and_then(too_long);
        self.http.problem().or_else(captures).or_else(name)
    }
}

impl Source {
    fn problem(&self) -> Option<&'static str> {
        match self {
            Source::Json(path) => bad_pattern(path),
            Source::Matches(pattern) => bad_pattern(pattern),
            Source::Header(name) => (!is_token(name)).then_some("a header is not one that HTTP knows"),
        }
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.steps.first() else { return f.write_str("nothing") };
        write!(f, "{} {}", first.http.method, first.http.url)?;
        match self.steps.len() {
            1 => Ok(()),
            steps => write!(f, " and {} more", steps - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::what::{Header, What};

    fn step(url: &str, captures: &[&str]) -> Step {
        let capture = captures
            .iter()
            .map(|name| Capture { name: name.parse().unwrap(), from: Source::Header("x-id".to_owned()) });
        Step { name: None, http: Http::get(url), capture: capture.collect() }
    }

    fn problem(steps: Vec<Step>) -> Option<&'static str> {
        What::Flow(Flow { steps }).problem()
    }

    #[test]
    fn a_step_needs_only_what_a_step_before_it_captured() {
        let (first, second) = (step("https://x.example/", &["id"]), step("https://x.example/{{id}}", &[]));
        assert_eq!(problem(vec![first.clone(), second.clone()]), None);
        assert!(problem(vec![second, first]).is_some_and(|why| why.contains("captures")));
        assert!(problem(vec![step("https://x.example/{{id}}", &["id"])]).is_some(), "not its own");
    }

    #[test]
    fn limits_hold_in_each_step() {
        assert!(problem(Vec::new()).is_some());
        assert_eq!(problem(vec![step("https://x.example/", &[]); STEPS_MAX]), None);
        assert!(problem(vec![step("https://x.example/", &[]); STEPS_MAX + 1]).is_some());
        assert!(problem(vec![step("https://x.example/", &["a"; CAPTURES_MAX + 1])]).is_some());
        assert!(problem(vec![step("https://x.example:25/", &[])]).is_some_and(|why| why.contains("mail")));
        let mut captured = step("https://x.example/", &[]);
        captured.http.headers = vec![Header { name: "authorization".to_owned(), value: "pw".to_owned() }];
        assert!(What::Flow(Flow { steps: vec![captured] }).secret().is_some());
    }
}
