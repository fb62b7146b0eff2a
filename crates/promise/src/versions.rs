//! Which version of the agreement holds when.

use std::collections::BTreeMap;

use agreement::Terms;
use facts::{Body, Fact};
use spans::Instant;

use crate::obligation::Plan;

/// The signed versions of one agreement, each from the instant it came into force. What started under a version keeps it
/// (design rule 4); a month is judged by the version in force at its first covered instant.
#[derive(Debug, Clone)]
pub struct Versions {
    /// In order of time, never empty.
    list: Vec<(Instant, Plan)>,
}

impl Versions {
    /// One version, in force for all of time: a calculator, a replay under another file.
    pub fn single(terms: Terms) -> Versions {
        Versions { list: vec![(Instant::MIN, Plan::new(terms))] }
    }

    /// The versions that `agreement.activated` facts put into force, found by the SHA-256 they name; `terms` may come in any
    /// order and hold more than was activated. A fact that names a tier puts its version into force under that tier. Nothing
    /// when no fact names any of them.
    pub fn activated<'f>(
        terms: impl IntoIterator<Item = Terms>,
        facts: impl IntoIterator<Item = &'f Fact>,
    ) -> Option<Versions> {
        let known: BTreeMap<String, Terms> =
            terms.into_iter().map(|terms| (terms.identity().to_owned(), terms)).collect();
        let mut list: Vec<(Instant, Plan)> = Vec::new();
        for fact in facts {
            let Body::AgreementActivated(activated) = &fact.body else { continue };
            let Some(terms) = known.get(&activated.sha256) else { continue };
            let terms = match &activated.tier {
                Some(tier) => terms.under(tier).unwrap_or_else(|_| terms.clone()),
                None => terms.clone(),
            };
            list.push((fact.at, Plan::new(terms)));
        }
        list.sort_by_key(|(from, _)| *from);
        (!list.is_empty()).then_some(Versions { list })
    }

    /// The version in force at an instant; none before the first.
    pub fn at(&self, at: Instant) -> Option<&Plan> {
        let after = self.list.partition_point(|(from, _)| *from <= at);
        self.list[..after].last().map(|(_, plan)| plan)
    }

    /// The first version.
    pub fn first(&self) -> &Plan {
        &self.list[0].1
    }

    /// The last version.
    pub fn latest(&self) -> &Plan {
        &self.list[self.list.len() - 1].1
    }

    /// Each version with the instant from which it holds, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Instant, &Plan)> {
        self.list.iter().map(|(from, plan)| (*from, plan))
    }
}
