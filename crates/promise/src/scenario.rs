//! A month in the life of a client, in plain lines: what happened above, what the statement says below.
//!
//! ```text
//! title: One outage, one answer
//! agreement: stellar-hosted.toml
//! tier: premium
//! month: 2026-06
//! now: 2026-07-02 09:00
//!
//! person anna provider support
//!
//! 2026-03-01 00:00  instance wiki-1 production "Wiki"
//! 2026-03-01 00:00  ams watches wiki-1 every 20s until 2026-07-01 00:00
//! 2026-06-10 10:00  ams sees wiki-1 down until 2026-06-10 10:25
//! 2026-06-10 10:02  request T-1 priority P1 by jan
//! 2026-06-10 10:20  reply T-1 by anna
//!
//! -- statement
//! …
//! ```
//!
//! Instants are UTC. A line may end in `(recorded 2026-06-12 09:00)` when it was learned late. Whatever has no sentence of its
//! own is written `fact EVENT field=value …`, with the names of `docs/facts.md`.

mod reading;
mod sentence;
mod words;

use agreement::{Agreement, Terms, TermsError, seal::Identity};
use facts::{ClientId, Fact};
use spans::{Instant, Month};

use reading::Reading;

use crate::{
    NoStatement, Statement, Versions, evaluate,
    fit::{Misfit, misfits},
};

/// A scenario: the facts of a client's life, and the statement they should give.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it shows.
    pub title: String,
    /// The agreement file's name.
    pub agreement: String,
    /// The tier, where it is not the signed one.
    pub tier: Option<String>,
    /// The month of the statement.
    pub month: Month,
    /// The instant from which it is looked at.
    pub now: Instant,
    /// What happened, in the order of the file.
    pub facts: Vec<Fact>,
    /// The statement that is expected; empty where the file has none yet.
    pub expected: String,
    /// Where the expected statement begins in the file's text, in bytes.
    pub expected_from: usize,
    /// For each fact, the line that tells it.
    lines: Vec<usize>,
}

/// The longest scenario file.
const BYTES_MAX: usize = 1024 * 1024;

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ScenarioError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub problem: String,
}

const MARK: &str = "-- statement";

impl Scenario {
    /// Reads a scenario's text.
    ///
    /// # Errors
    /// Every line that cannot be read, not only the first.
    pub fn read(text: &str, client: &ClientId) -> Result<Scenario, Vec<ScenarioError>> {
        if text.len() > BYTES_MAX {
            return Err(vec![ScenarioError {
                line: 1,
                problem: format!("the file is longer than {BYTES_MAX} bytes"),
            }]);
        }
        let mut reading = Reading::new(client);
        let mut expected_from = text.len();
        let mut start = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            start += line.len();
            if line.trim_end() == MARK {
                expected_from = start;
                break;
            }
            reading.number = index + 1;
            if let Err(problem) = reading.line(line.trim_end()) {
                reading.errors.push(ScenarioError { line: index + 1, problem });
            }
        }
        reading.finish(text[expected_from..].trim().to_owned(), expected_from)
    }
}

/// Why a scenario has no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum NoOutcome {
    #[error("the agreement file cannot be used: run `uphold agreement check` on it first")]
    Agreement,
    #[error("the agreement has no tier `{tier}`: choose one of {tiers}")]
    Tier { tier: String, tiers: String },
    #[error(transparent)]
    Terms(#[from] TermsError),
    #[error(transparent)]
    Statement(#[from] NoStatement),
    #[error("this scenario cannot be told under its agreement:\n{}", listed(.0))]
    Lines(Vec<Misfit>),
}

fn listed(errors: &[Misfit]) -> String {
    errors.iter().map(|error| format!("  {error}")).collect::<Vec<_>>().join("\n")
}

impl Scenario {
    /// The statement that the facts give under the text of the agreement file.
    ///
    /// # Errors
    /// When the file, the tier or the month does not fit, or lines would be passed over: every such line.
    pub fn statement(&self, agreement: &str) -> Result<Statement, NoOutcome> {
        let identity = Identity::of(agreement.as_bytes()).to_string();
        let (Some(agreement), _) = Agreement::read(agreement) else { return Err(NoOutcome::Agreement) };
        let mut terms = Terms::compile(agreement, identity)?;
        if let Some(tier) = &self.tier {
            let unknown =
                |tiers: Vec<String>| NoOutcome::Tier { tier: tier.clone(), tiers: tiers.join(", ") };
            terms = terms.under(tier).map_err(unknown)?;
        }
        let versions = Versions::single(terms);
        let misfits = misfits(&versions, [], self.lines.iter().copied().zip(&self.facts));
        if !misfits.is_empty() {
            return Err(NoOutcome::Lines(misfits));
        }
        Ok(evaluate(&versions, &self.facts, self.now).statement(self.month)?)
    }
}

#[cfg(test)]
mod tests {
    use facts::{Body, Outcome};

    use super::*;

    const SHORT: &str =
        "title: t\nagreement: a.toml\nmonth: 2026-06\nnow: 2026-07-01 00:00\nperson anna provider support\n";

    fn read(lines: &str) -> Result<Scenario, Vec<ScenarioError>> {
        Scenario::read(&format!("{SHORT}{lines}"), &"example".parse().unwrap())
    }

    #[test]
    fn sentences_become_facts_with_their_actor() {
        let scenario = read(
            "2026-06-10 10:02 reply T-1 by anna (recorded 2026-06-11 09:00)\n-- statement\nall is well\n",
        )
        .unwrap();
        let [fact] = scenario.facts.as_slice() else { panic!("one fact") };
        assert_eq!((fact.event().name(), fact.actor.id.as_str()), ("request.replied", "anna"));
        assert_eq!(fact.recorded_at.to_string(), "2026-06-11T09:00:00Z");
        assert_eq!(scenario.expected, "all is well");
    }

    #[test]
    fn watching_becomes_one_observation_an_interval_with_its_failures_and_silences() {
        let scenario = read(
            "2026-06-10 10:00 ams watches wiki-1 every 20s until 2026-06-10 10:02\n\
             2026-06-10 10:00:40 ams sees wiki-1 down until 2026-06-10 10:01:20\n\
             2026-06-10 10:01:40 ams misses wiki-1 until 2026-06-10 10:02\n",
        );
        let Body::CheckObserved(seen) = &scenario.unwrap().facts[0].body else { panic!("an observation") };
        let outcomes: Vec<_> = seen.observations.iter().map(|o| o.outcome).collect();
        assert_eq!(outcomes, [Outcome::Up, Outcome::Up, Outcome::Down, Outcome::Down, Outcome::Up]);
    }

    #[test]
    fn every_line_that_cannot_be_read_is_named() {
        let errors = read("2026-06-10 10:02 reply T-1 by bob\n2026-06-10 sing\nhello\n").unwrap_err();
        assert_eq!(errors.iter().map(|e| e.line).collect::<Vec<_>>(), [6, 7, 8]);
        assert!(errors[0].problem.contains("add `person bob"), "{}", errors[0].problem);
    }

    #[test]
    fn what_the_engine_would_pass_over_is_refused_with_its_line_and_a_way_out() {
        let scenario = read(
            "2026-05-01 00:00 instance wiki production \"Wiki\" from 2026-05-01 00:00\n\
             2026-05-02 00:00 instance wiki production \"Wiki\" from 2026-05-02 00:00\n\
             2026-05-03 00:00 ended wiki 2026-05-04 00:00\n\
             2026-05-05 00:00 instance wiki production \"Wiki\" from 2026-05-05 00:00\n\
             2026-06-10 10:00 request T-1 priority P1 about wiki by anna\n\
             2026-06-10 10:01 request T-1 priority P1 about wiki by anna\n\
             2026-06-10 10:02 request T-2 about wkii by anna\n\
             2026-06-10 10:03 request T-3 priority P9 by anna\n\
             2026-02-28 10:03 request T-4 by anna\n\
             2026-06-10 10:04 reply T-5 by anna\n\
             2026-06-10 10:05 reply T-1 by anna\n\
             2026-06-10 10:06 reprioritise T-1 to P8 saying \"x\" by anna\n",
        );
        let agreement = include_str!("../../../agreements/stellar-hosted.toml");
        let said = scenario.unwrap().statement(agreement).unwrap_err().to_string();
        insta::assert_snapshot!(said, @r#"
        this scenario cannot be told under its agreement:
          line 7: line 6 adds the instance wiki already: give this one another id, or let that one end first (`instance.ended`)
          line 11: line 10 holds request T-1 already: give this one another id, or reply to it (`request.replied`)
          line 12: there is no instance wkii: add it first (`instance.added`), or name another
          line 13: the priority `P9` is not in the agreement: use P1, P2, P3, P4 [SH-DEF-11, SH-DEF-13, SH-DEF-14, SH-DEF-15, SH-DEF-16]
          line 14: the request lies outside the term, from 2026-03-01T00:00:00Z to 2027-03-01T00:00:00Z: choose an instant inside it
          line 15: there is no request T-5 before: have it received first (`request.received`), or name another
          line 17: the priority `P8` is not in the agreement: use P1, P2, P3, P4 [SH-DEF-11, SH-DEF-13, SH-DEF-14, SH-DEF-15, SH-DEF-16]
        "#);
    }

    #[test]
    fn what_would_enter_no_figure_is_refused_with_its_line() {
        let scenario = read(
            "2026-05-01 00:00 instance wiki production \"Wiki\" from 2026-05-01 00:00\n\
             2026-05-03 00:00 ended wiki 2026-05-04 00:00\n\
             2026-05-05 00:00 instance wiki production \"Wiki\" from 2026-05-05 00:00\n\
             2026-05-06 00:00 instance wiki production \"Wiki\" from 2026-05-06 00:00\n\
             2026-02-01 00:00 instance old production \"Old\" from 2027-04-01 00:00\n\
             2026-06-01 00:00 ams watches wkii every 20s until 2026-06-01 00:10\n\
             2026-06-01 00:00 backups wkii every 24h until 2026-06-10 00:00\n\
             2026-06-01 00:00 charge wkii 2026-06 EUR 480.00\n\
             2026-06-01 00:00 charge wiki 2026-02 EUR 480.00\n\
             2026-06-01 00:00 charge wiki 2026-06 USD 480.00\n\
             2026-06-01 00:00 charge wiki 2026-06 EUR -3.00\n\
             2026-06-01 00:00 charge wiki 2026-06 EUR 480.00\n\
             2026-06-01 00:00 charge wiki 2026-06 EUR 480.00\n\
             2026-06-02 00:00 restart wkii\n",
        );
        let agreement = include_str!("../../../agreements/stellar-hosted.toml");
        let said = scenario.unwrap().statement(agreement).unwrap_err().to_string();
        insta::assert_snapshot!(said, @r"
        this scenario cannot be told under its agreement:
          line 9: line 8 adds the instance wiki already: give this one another id, or let that one end first (`instance.ended`)
          line 10: the instance old would never be covered: the term is from 2026-03-01T00:00:00Z to 2027-03-01T00:00:00Z; choose a `from` inside it
          line 11: there is no instance wkii: add it first (`instance.added`), or name another
          line 12: there is no instance wkii: add it first (`instance.added`), or name another
          line 13: there is no instance wkii: add it first (`instance.added`), or name another
          line 14: 2026-02 lies outside the term, from 2026-03-01T00:00:00Z to 2027-03-01T00:00:00Z: charge a month inside it
          line 15: the amounts of the agreement are in EUR, and this is USD 480.00: charge it in EUR
          line 16: a charge is not below zero, and this is EUR -3.00: say what is charged in the month
          line 18: line 17 says the same for 2026-06-01T00:00:00Z already: leave it out
          line 19: there is no instance wkii: add it first (`instance.added`), or name another
        ");
    }

    #[test]
    fn any_event_can_be_told() {
        let scenario =
            read("2026-06-10 10:02 fact licence.expiring licence=jira expires_at=2026-09-01T00:00:00Z\n")
                .unwrap();
        assert_eq!(scenario.facts[0].event().name(), "licence.expiring");
        assert!(read("2026-06-10 10:02 fact licence.lost licence=jira\n").is_err());
    }
}
