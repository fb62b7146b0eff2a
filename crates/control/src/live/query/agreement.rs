//! The agreement of a client: what is in force, and every file that was, will be or never came to be.

use std::sync::Arc;

use agreement::Terms;
use facts::ClientId;
use promise::Versions;
use spans::Instant;

use crate::live::{Control, Paper};

/// How a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is in force.
    InForce,
    /// Another took its place.
    Followed,
    /// It will be in force.
    FromThenOn,
    /// It is at hand and never came into force.
    Idle,
}

/// A version of the agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// SHA-256 of its file, in hex.
    pub sha256: String,
    /// Its tier, where there are tiers.
    pub tier: Option<String>,
    /// From when on it is in force; none where it never was.
    pub from: Option<Instant>,
    /// How it stands.
    pub standing: Standing,
}

/// A client's agreement.
#[derive(Debug, Clone)]
pub struct AgreementView {
    /// The one in force; where none is, the first file at hand.
    pub terms: Terms,
    /// Whether it is in force.
    pub in_force: bool,
    /// Every activation, newest first, then files at hand that never came into force.
    pub versions: Vec<Version>,
}

impl Control {
    /// A client's agreement as it stands `now`; none where there is no file of it.
    ///
    /// # Errors
    /// The journal's.
    pub fn agreement(&self, client: &ClientId, now: Instant) -> journal::Result<Option<AgreementView>> {
        let versions = self.read(client, now, |book| book.versions().cloned())?.flatten();
        let in_force = versions.as_ref().and_then(|versions| versions.at(now)).map(|plan| plan.terms());
        let papers: Vec<&Arc<Paper>> = self.shelf().of(client).collect();
        let Some(terms) = in_force.or(papers.first().map(|paper| &paper.terms)) else { return Ok(None) };
        Ok(Some(AgreementView {
            terms: terms.clone(),
            in_force: in_force.is_some(),
            versions: listed(versions.as_deref(), &papers, now),
        }))
    }
}

fn listed(versions: Option<&Versions>, papers: &[&Arc<Paper>], now: Instant) -> Vec<Version> {
    let activated: Vec<(Instant, &Terms)> =
        versions.iter().flat_map(|v| v.iter()).map(|(from, plan)| (from, plan.terms())).collect();
    let current = activated.iter().rposition(|(from, _)| *from <= now);
    let standing = |index| match current {
        Some(now) if now == index => Standing::InForce,
        Some(now) if index < now => Standing::Followed,
        _ => Standing::FromThenOn,
    };
    let each = activated.iter().enumerate();
    let mut all: Vec<Version> =
        each.map(|(index, (from, terms))| version(terms, Some(*from), standing(index))).collect();
    all.reverse();
    let idle = papers.iter().filter(|p| !activated.iter().any(|(_, t)| t.identity() == p.terms.identity()));
    all.extend(idle.map(|paper| version(&paper.terms, None, Standing::Idle)));
    all
}

fn version(terms: &Terms, from: Option<Instant>, standing: Standing) -> Version {
    let tier = terms.tier().map(str::to_owned);
    Version { sha256: terms.identity().to_owned(), tier, from, standing }
}
