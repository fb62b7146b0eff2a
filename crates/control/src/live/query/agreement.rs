//! The agreement of a client: what is in force, and every file that was, will be or never came to be.

use std::sync::Arc;

use agreement::{Terms, diff};
use facts::{Body, ClientId};
use promise::Versions;
use spans::Instant;

use crate::live::{Book, Control, Paper};

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
    /// Until when: the next version's beginning, or the end of its term.
    pub until: Option<Instant>,
    /// Who put it into force, which takes the signatures of both parties (SH-DEF-03).
    pub by: Option<String>,
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

/// Two versions side by side.
#[derive(Debug, Clone)]
pub struct Differences {
    /// The first of them.
    pub old: Terms,
    /// The second.
    pub new: Terms,
    /// What the second says otherwise, in the order of the first.
    pub changes: Vec<diff::Change>,
}

impl Control {
    /// What one of a client's versions says otherwise than another, each named by the SHA-256 of its file; none where one of them is
    /// not at hand. A tier is no part of a file.
    pub fn agreement_diff(&self, client: &ClientId, old: &str, new: &str) -> Option<Differences> {
        let terms = |sha256: &str| {
            let paper = self.shelf().of(client).find(|paper| paper.terms.identity() == sha256)?;
            Some(paper.terms.clone())
        };
        let (old, new) = (terms(old)?, terms(new)?);
        let changes = diff::diff(old.agreement(), new.agreement());
        Some(Differences { old, new, changes })
    }

    /// A client's agreement as it stands `now`; none where there is no file of it.
    ///
    /// # Errors
    /// The journal's.
    pub fn agreement(&self, client: &ClientId, now: Instant) -> journal::Result<Option<AgreementView>> {
        let read = self.read(client, now, |book| (book.versions().cloned(), activations(book)))?;
        let (versions, by) = read.unwrap_or_default();
        let in_force = versions.as_ref().and_then(|versions| versions.at(now)).map(|plan| plan.terms());
        let papers: Vec<&Arc<Paper>> = self.shelf().of(client).collect();
        let Some(terms) = in_force.or(papers.first().map(|paper| &paper.terms)) else { return Ok(None) };
        Ok(Some(AgreementView {
            terms: terms.clone(),
            in_force: in_force.is_some(),
            versions: listed(versions.as_deref(), &by, &papers, now),
        }))
    }
}

/// When each version was put into force, and by whom.
fn activations(book: &Book) -> Vec<(Instant, String, String)> {
    let all = book.facts().iter().filter_map(|fact| match &fact.body {
        Body::AgreementActivated(version) => Some((fact.at, version.sha256.clone(), fact.actor.id.clone())),
        _ => None,
    });
    all.collect()
}

fn listed(
    versions: Option<&Versions>,
    by: &[(Instant, String, String)],
    papers: &[&Arc<Paper>],
    now: Instant,
) -> Vec<Version> {
    let activated: Vec<(Instant, &Terms)> =
        versions.iter().flat_map(|v| v.iter()).map(|(from, plan)| (from, plan.terms())).collect();
    let current = activated.iter().rposition(|(from, _)| *from <= now);
    let standing = |index| match current {
        Some(now) if now == index => Standing::InForce,
        Some(now) if index < now => Standing::Followed,
        _ => Standing::FromThenOn,
    };
    let actor = |from: Instant, terms: &Terms| {
        let found = by.iter().rev().find(|(at, sha256, _)| *at == from && *sha256 == terms.identity());
        found.map(|(_, _, actor)| actor.clone())
    };
    let each = activated.iter().enumerate().map(|(index, (from, terms))| Version {
        from: Some(*from),
        until: Some(activated.get(index + 1).map_or(terms.term().end, |(next, _)| *next)),
        by: actor(*from, terms),
        standing: standing(index),
        ..idle(terms)
    });
    let mut all: Vec<Version> = each.collect();
    all.reverse();
    let never = papers.iter().filter(|p| !activated.iter().any(|(_, t)| t.identity() == p.terms.identity()));
    all.extend(never.map(|paper| idle(&paper.terms)));
    all
}

fn idle(terms: &Terms) -> Version {
    Version {
        sha256: terms.identity().to_owned(),
        tier: terms.tier().map(str::to_owned),
        from: None,
        until: None,
        by: None,
        standing: Standing::Idle,
    }
}
