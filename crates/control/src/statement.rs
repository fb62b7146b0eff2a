//! A month's statement from a client's facts, under the signed tier and, for comparison, under every other.

use std::fmt::Write;

use agreement::Terms;
use facts::{Actor, Body, ClientId, Fact, FactId, InstanceCharged, Money};
use promise::{NoStatement, Statement, Versions, evaluate};
use serde::Serialize;
use spans::{Instant, Month};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The month.
    pub month: Month,
    /// Facts up to this instant are looked at.
    pub at: Instant,
    /// What each instance is taken to have cost that month, where no charge is on file.
    pub assumed_price: Option<Money>,
    /// Also while the month is not over.
    pub preview: bool,
}

/// A month as signed and under each tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stated {
    /// Under the signed tier, or the one asked for.
    pub statement: Statement,
    /// Under every tier of the agreement, in its order; empty where it has none.
    pub tiers: Vec<Statement>,
    /// The price that was assumed where no charge is on file; printed as assumed.
    pub assumed_price: Option<Money>,
}

/// Why there is nothing to state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum Unstated {
    #[error(transparent)]
    NoStatement(#[from] NoStatement),
    #[error("there are no facts of client {client}: import a history first, or name another store")]
    NoFacts { client: ClientId },
    #[error(
        "no instance of client {client} is covered in {month}; the history has facts from {first} to {last}"
    )]
    NoInstance { client: ClientId, month: Month, first: Instant, last: Instant },
}

/// States a month.
///
/// # Errors
/// When there are no facts, or the month is outside the term or not over.
pub fn state(terms: &Terms, facts: &[Fact], ask: &Ask) -> Result<Stated, Unstated> {
    let client = terms.agreement().agreement.client_id.clone();
    let (Some(first), Some(last)) = (facts.iter().map(|f| f.at).min(), facts.iter().map(|f| f.at).max())
    else {
        return Err(Unstated::NoFacts { client });
    };
    let facts = priced(facts.to_vec(), ask.month, ask.assumed_price);
    let statement = one(terms, &facts, ask)?;
    let promises_availability = terms.agreement().availability.is_some();
    if promises_availability && statement.instances.is_empty() {
        return Err(Unstated::NoInstance { client, month: ask.month, first, last });
    }
    let names = terms.agreement().tiers.as_ref().map_or(&[][..], |tiers| &tiers.list);
    let under = names.iter().filter_map(|tier| terms.under(tier).ok());
    let tiers = under.map(|terms| one(&terms, &facts, ask)).collect::<Result<_, _>>()?;
    Ok(Stated { statement, tiers, assumed_price: ask.assumed_price })
}

fn one(terms: &Terms, facts: &[Fact], ask: &Ask) -> Result<Statement, NoStatement> {
    let versions = Versions::single(terms.clone());
    let evaluation = evaluate(&versions, facts, ask.at);
    if ask.preview { evaluation.preview(ask.month) } else { evaluation.statement(ask.month) }
}

/// The facts, with the price for each instance that has no charge of the month; as they are where none is assumed.
pub fn priced(mut facts: Vec<Fact>, month: Month, price: Option<Money>) -> Vec<Fact> {
    let Some(amount) = price else { return facts };
    let charged = |fact: &Fact, id| matches!(&fact.body, Body::InstanceCharged(c) if c.instance == id && c.month == month);
    let added: Vec<Fact> =
        facts.iter().filter(|fact| matches!(fact.body, Body::InstanceAdded(_))).cloned().collect();
    for fact in added {
        let Body::InstanceAdded(instance) = fact.body else { continue };
        if facts.iter().any(|fact| charged(fact, instance.instance.clone())) {
            continue;
        }
        let number = facts.len() as u64;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&number.to_be_bytes());
        facts.push(Fact {
            id: FactId::v7(fact.at, random),
            client: fact.client,
            at: fact.at,
            recorded_at: fact.at,
            actor: Actor::automaton("assumed price"),
            body: InstanceCharged { instance: instance.instance, month, amount }.into(),
        });
    }
    facts
}

impl Stated {
    /// The statement, then the same month under each tier.
    pub fn to_text(&self) -> String {
        let mut text = self.statement.to_text();
        if let Some(price) = self.assumed_price {
            let _ = writeln!(text, "\nAssumed, not charged: {price} for each instance and month.");
        }
        if !self.tiers.is_empty() && !self.statement.instances.is_empty() {
            self.compare(&mut text);
        }
        text
    }

    fn compare(&self, text: &mut String) {
        let _ = writeln!(text, "\nThe same month under each tier");
        let tier = |statement: &Statement| statement.tier.clone().unwrap_or_default();
        let head =
            ["instance".to_owned(), "counted".to_owned()].into_iter().chain(self.tiers.iter().map(tier));
        let rows = self.statement.instances.iter().enumerate().map(|(index, line)| {
            let cells = self.tiers.iter().map(|statement| cell(statement, index));
            [line.name.clone(), format!("{} min", line.month.counted)].into_iter().chain(cells).collect()
        });
        let rows: Vec<Vec<String>> = std::iter::once(head.collect()).chain(rows).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.tiers.len() + 2).map(width).collect();
        for row in &rows {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
                1 => format!("{cell:>width$}"),
                _ => format!("{cell:<width$}"),
            });
            let _ = writeln!(text, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
    }

    /// One line for each instance and tier; of an agreement without tiers, for each instance.
    pub fn to_csv(&self) -> String {
        let lines: String = match self.tiers.as_slice() {
            [] => self.statement.to_csv(self.assumed_price),
            tiers => tiers.iter().map(|tier| tier.to_csv(self.assumed_price)).collect(),
        };
        Statement::csv_head() + &lines
    }
}

/// `met`, or `missed, 25% EUR 120.00`.
fn cell(statement: &Statement, index: usize) -> String {
    let Some(line) = statement.instances.get(index) else { return String::new() };
    let word = line.month.verdict_shown();
    let credits = statement.credit.iter().flat_map(|credit| &credit.credits);
    let credit = credits.into_iter().find(|credit| credit.instance == line.month.instance);
    let Some(rung) = credit.and_then(|credit| credit.rung.as_ref()) else { return word.to_owned() };
    match credit.and_then(|credit| credit.given) {
        Some(given) => format!("{word}, {} {given}", rung.percent),
        None => format!("{word}, {}", rung.percent),
    }
}
