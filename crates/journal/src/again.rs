//! Facts that may be stored already, by their ids: imports that run again, over a file that grew or was mended.

use facts::{ClientId, Fact, FactId};

use crate::{
    Error, Result, Tx,
    entry::{BY_ID, Drafts, read},
    projection::Projections,
    value::args,
};

/// What [`Tx::append_new`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Added {
    /// Facts that were stored now.
    pub added: usize,
    /// Facts whose id was stored before.
    pub present: usize,
}

/// A fact that is stored.
pub(crate) struct Stored {
    pub(crate) seq: u64,
    fact: Fact,
}

impl Tx<'_> {
    /// Stores those facts whose ids are not stored yet, in their order; for imports, which can then be run again.
    ///
    /// # Errors
    /// [`Error::Differs`] when a stored fact of the same id says something else (another instant, actor or body; when
    /// it was recorded may differ), [`Error::OtherClient`], [`Error::TooMuch`]. Then none is stored.
    pub fn append_new(&mut self, client: &ClientId, facts: &[Fact]) -> Result<Added> {
        self.append_new_drafts(&Drafts::new(client, facts, None)?)
    }

    pub(crate) fn append_new_drafts(&mut self, drafts: &Drafts) -> Result<Added> {
        self.append_each(drafts, |fact, seq| {
            Err(Error::Differs { client: fact.client.clone(), id: fact.id, seq })
        })
    }

    /// As [`Tx::append_new`], except that a stored fact that says something else stands as it is. Gives the ids of those too; they
    /// count as neither.
    ///
    /// # Errors
    /// [`Error::OtherClient`], [`Error::TooMuch`]. Then none is stored.
    pub fn append_keeping(&mut self, client: &ClientId, facts: &[Fact]) -> Result<(Added, Vec<FactId>)> {
        let mut differing = Vec::new();
        let added = self.append_each(&Drafts::new(client, facts, None)?, |fact, _| {
            differing.push(fact.id);
            Ok(())
        })?;
        Ok((added, differing))
    }

    /// What [`Tx::append_keeping`] would do. Writes nothing.
    pub fn compare(&mut self, facts: &[Fact]) -> Result<(Added, Vec<FactId>)> {
        let (mut count, mut differing) = (Added::default(), Vec::new());
        for fact in facts {
            match self.stored(fact)? {
                None => count.added += 1,
                Some(stored) if stored.says(fact) => count.present += 1,
                Some(_) => differing.push(fact.id),
            }
        }
        Ok((count, differing))
    }

    fn append_each(
        &mut self,
        drafts: &Drafts,
        mut differs: impl FnMut(&Fact, u64) -> Result<()>,
    ) -> Result<Added> {
        let mut count = Added::default();
        if drafts.facts.is_empty() {
            return Ok(count);
        }
        let mut projections = Projections::touched(self, drafts)?;
        for (fact, body) in drafts.facts.iter() {
            if self.add(&mut projections, drafts, fact, body)? {
                count.added += 1;
                continue;
            }
            match self.stored(fact)? {
                Some(stored) if !stored.says(fact) => differs(fact, stored.seq)?,
                _ => count.present += 1,
            }
        }
        projections.store(self)?;
        Ok(count)
    }

    /// The fact that is stored under a fact's id.
    pub(crate) fn stored(&mut self, fact: &Fact) -> Result<Option<Stored>> {
        let Some(mut row) = self.row(BY_ID, args![&fact.client, fact.id])? else { return Ok(None) };
        let (seq, body) = (row.count(0)?, row.text(1)?);
        Ok(Some(Stored { seq, fact: read(fact.client.as_str(), seq as i64, &body)? }))
    }
}

impl Stored {
    /// Whether it says the same; when it was recorded may differ.
    fn says(&self, fact: &Fact) -> bool {
        (self.fact.at, &self.fact.actor, &self.fact.body) == (fact.at, &fact.actor, &fact.body)
    }
}
