//! What a valid request is, both parties signed (SH-AVAIL-07): the method, the good status codes, until when an answer must be there and
//! how often one is asked. A check is held against that, so that what counts is what was signed.

use agreement::{Agreement, section::Probe};
use facts::{
    CheckDefined,
    what::{Http, Redirects, TIMEOUT_DEFAULT_MS, What},
};
use spans::Length;

/// What was signed of a valid request. The path is not: it is that of the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedProbe {
    /// The request method.
    pub method: String,
    /// The status codes that are a good answer, sorted.
    pub expect: Vec<u16>,
    /// Milliseconds until an answer must be there.
    pub timeout_ms: u32,
    /// Seconds between two requests at most.
    pub every_s: u32,
    /// The clauses that say so.
    pub clauses: Vec<String>,
}

/// In what a check is asked otherwise than was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// In what, such as `method`.
    pub what: &'static str,
    /// What was signed.
    pub signed: String,
    /// What is asked.
    pub asked: String,
}

impl std::fmt::Display for Departure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Departure { what, signed, asked } = self;
        write!(f, "{what} {asked}, signed {signed}")
    }
}

impl SignedProbe {
    /// What an agreement says of it; none where no uptime is promised, or nothing was said.
    pub fn of(agreement: &Agreement) -> Option<SignedProbe> {
        let Probe { clause, every, method, expect, timeout, .. } =
            agreement.availability.as_ref().and(agreement.probe.as_ref())?;
        let mut expect: Vec<u16> = expect.iter().filter_map(|code| u16::try_from(*code).ok()).collect();
        expect.sort_unstable();
        let (every, timeout) = (every.length(Length::DAY), timeout.length(Length::DAY));
        Some(SignedProbe {
            method: method.clone(),
            expect,
            timeout_ms: whole(timeout, Length::from_micros(1_000)),
            every_s: whole(every, Length::from_secs(1)),
            clauses: clause.ids.clone(),
        })
    }

    /// The check, with what was signed where it leaves something out of a plain request.
    #[must_use]
    pub fn fill(&self, mut check: CheckDefined) -> CheckDefined {
        let is_plain = check.url.is_some() && check.what.is_none();
        if is_plain {
            check.method = check.method.or_else(|| Some(self.method.clone()));
        }
        let expect = match &mut check.what {
            Some(What::Http(http)) => Some(&mut http.expect),
            None if is_plain => Some(&mut check.expect),
            _ => None,
        };
        if let Some(expect) = expect {
            if expect.is_empty() {
                expect.clone_from(&self.expect);
            }
            check.timeout_ms = check.timeout_ms.or(Some(self.timeout_ms));
        }
        check
    }

    /// In what a check departs from it. What is not asked by HTTP is no evidence where a request is, and departs in nothing.
    pub fn departures(&self, check: &CheckDefined) -> Vec<Departure> {
        let departs = |what, signed: String, asked: String| Departure { what, signed, asked };
        let http = match check.question() {
            Some(What::Http(http)) => http,
            Some(What::Flow(flow)) => {
                let asked = format!("{} one after the other", flow.steps.len());
                return vec![departs("requests", "one".to_owned(), asked)];
            }
            _ => return Vec::new(),
        };
        let mut found = self.of_request(&http);
        let timeout_ms = check.timeout_ms.unwrap_or(TIMEOUT_DEFAULT_MS);
        let timeout_ms = timeout_ms.min(check.every_s.saturating_mul(1_000));
        if timeout_ms != self.timeout_ms {
            found.push(departs("waits", ms(self.timeout_ms), ms(timeout_ms)));
        }
        if self.every_s < check.every_s {
            found.push(departs("every", format!("{} s", self.every_s), format!("{} s", check.every_s)));
        }
        found
    }

    fn of_request(&self, http: &Http) -> Vec<Departure> {
        let mut found = Vec::new();
        let mut note = |what, departs: bool, signed: &str, asked: String| {
            if departs {
                found.push(Departure { what, signed: signed.to_owned(), asked });
            }
        };
        note("method", http.method != self.method, &self.method, http.method.clone());
        let mut expect = http.expect.clone();
        expect.sort_unstable();
        expect.dedup();
        note("good codes", expect != self.expect, &codes(&self.expect), codes(&expect));
        let follows = http.redirects != Redirects::Never;
        note("redirects", follows, "an answer like any other", "followed".to_owned());
        if let Some(within) = http.within_ms {
            note("the whole answer within", true, "no such limit", ms(within));
        }
        let wanted = http.wanted.len() + usize::from(http.body_match.is_some());
        note("wants of the answer beside its code", 0 < wanted, "nothing", wanted.to_string());
        found
    }

    /// It in a sentence: `GET, answered within 10000 ms with 200 or 204, at least every 20 s`.
    pub fn sentence(&self) -> String {
        let SignedProbe { method, timeout_ms, every_s, .. } = self;
        format!(
            "{method}, answered within {} with {}, at least every {every_s} s",
            ms(*timeout_ms),
            codes(&self.expect)
        )
    }
}

/// Departures in a line.
pub fn listed(departures: &[Departure]) -> String {
    departures.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn codes(codes: &[u16]) -> String {
    match codes {
        [] => "200 to 299".to_owned(),
        codes => codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    }
}

fn ms(ms: u32) -> String {
    format!("{ms} ms")
}

/// How many of a unit a length is.
fn whole(length: Length, unit: Length) -> u32 {
    u32::try_from(length.as_micros() / unit.as_micros()).unwrap_or(u32::MAX)
}
