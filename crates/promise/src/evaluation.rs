//! The one function: what was signed and what happened, up to an instant, become what is owed.

use std::sync::Arc;

use agreement::Terms;
use facts::{Fact, InstanceId};
use spans::{Instant, Month};

use crate::{
    Evidence, Ledger, Versions,
    forecast::{Forecast, forecast},
    history::History,
    ledgers, ledgers_seen,
    obligation::{Obligation, Plan},
    statement::{NoStatement, Statement, statement},
};

/// One client at one instant. Everything people see of contract truth is a view of this.
#[derive(Debug, Clone)]
pub struct Evaluation<'v> {
    versions: &'v Versions,
    facts: Arc<Vec<Fact>>,
    at: Instant,
    obligations: Vec<Obligation>,
    /// For each version, in the order of [`Versions::iter`].
    ledgers: Vec<Vec<Ledger>>,
}

/// Evaluates one client's facts up to `at`. Pure: no clock of its own, no I/O; the same facts in any order, each as often as you
/// like, give the same answer. Later facts have not happened yet.
///
/// Costs one pass over the observations and a few microseconds per fact.
pub fn evaluate<'v>(versions: &'v Versions, facts: &[Fact], at: Instant) -> Evaluation<'v> {
    let mut facts: Vec<Fact> = facts.iter().filter(|fact| fact.at <= at).cloned().collect();
    facts.sort_by_key(|fact| (fact.at, fact.recorded_at, fact.id));
    facts.dedup_by_key(|fact| fact.id);
    let obligations = History::new(&facts).obligations(versions, at);
    let ledgers = versions.iter().map(|(_, plan)| ledgers(plan.terms(), &facts, at)).collect();
    Evaluation { versions, facts: Arc::new(facts), at, obligations, ledgers }
}

/// The same evaluation where its parts are kept up as facts come in, so that nobody computes them again for each look.
///
/// `facts`: in order of (`at`, `recorded_at`, `id`), none later than `at`, each once; they need not hold observations.
/// `obligations`: those of the facts at `at`. `evidence`: what was seen of an instance, under a version's terms.
pub fn assemble<'v>(
    versions: &'v Versions,
    facts: Arc<Vec<Fact>>,
    obligations: Vec<Obligation>,
    evidence: &dyn Fn(&InstanceId, &Terms) -> Evidence,
    at: Instant,
) -> Evaluation<'v> {
    let of = |terms: &Terms| ledgers_seen(terms, &facts, &|instance| evidence(instance, terms), at);
    let ledgers = versions.iter().map(|(_, plan)| of(plan.terms())).collect();
    Evaluation { versions, facts, at, obligations, ledgers }
}

impl Evaluation<'_> {
    /// The instant it was made for.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The facts it was made from, in order.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The agreement's versions.
    pub fn versions(&self) -> &Versions {
        self.versions
    }

    /// Who owes what by when, by start.
    pub fn obligations(&self) -> &[Obligation] {
        &self.obligations
    }

    /// The ledger of every instance under the version that judges `month`.
    ///
    /// # Errors
    /// When no version covers the month.
    pub fn judging(&self, month: Month) -> Result<(&Plan, &[Ledger]), NoStatement> {
        let latest = self.versions.latest();
        let period = month.span(&latest.agreement().months_in());
        let term = latest.terms().term();
        let covered = period.intersect(term).ok_or(NoStatement::OutsideTerm { month, term })?;
        // SH-AVAIL-08: the version in force at the month's first covered instant; a first version may come into force later.
        let index =
            self.versions.iter().take_while(|(from, _)| *from <= covered.start).count().saturating_sub(1);
        let (from, plan) = self.versions.iter().nth(index).ok_or(NoStatement::NotInForce { month })?;
        if covered.end <= from {
            return Err(NoStatement::NotInForce { month });
        }
        Ok((plan, &self.ledgers[index]))
    }

    /// The statement of a month that is over.
    ///
    /// # Errors
    /// When the month is outside the term, or not over.
    pub fn statement(&self, month: Month) -> Result<Statement, NoStatement> {
        let statement = self.preview(month)?;
        let over = statement.period.end;
        if statement.closed { Ok(statement) } else { Err(NoStatement::NotOver { month, at: self.at, over }) }
    }

    /// The statement as it stands, whether the month is over or not.
    ///
    /// # Errors
    /// When the month is outside the term.
    pub fn preview(&self, month: Month) -> Result<Statement, NoStatement> {
        statement(self, month)
    }

    /// What will be missed next, soonest first.
    pub fn forecast(&self) -> Vec<Forecast> {
        forecast(self)
    }
}
