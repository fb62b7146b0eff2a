//! The agreement files at hand. Which of them is in force for a client is for its facts to say.

use std::sync::Arc;

use agreement::Terms;
use facts::ClientId;

/// One agreement file, read and compiled.
#[derive(Debug, Clone)]
pub struct Paper {
    /// Its terms.
    pub terms: Terms,
    /// Its text, byte for byte as it was signed.
    pub text: String,
}

/// Every agreement file at hand.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    papers: Vec<Arc<Paper>>,
}

impl Shelf {
    /// Of these files, in any order.
    pub fn new(papers: impl IntoIterator<Item = Paper>) -> Shelf {
        Shelf { papers: papers.into_iter().map(Arc::new).collect() }
    }

    /// Those of a client.
    pub fn of(&self, client: &ClientId) -> impl Iterator<Item = &Arc<Paper>> {
        self.papers.iter().filter(move |paper| paper.terms.agreement().agreement.client_id == *client)
    }

    /// The file of that SHA-256, in hex.
    pub fn paper(&self, identity: &str) -> Option<&Arc<Paper>> {
        self.papers.iter().find(|paper| paper.terms.identity() == identity)
    }

    /// Every client with a file, sorted, each once.
    pub fn clients(&self) -> Vec<ClientId> {
        let mut clients: Vec<ClientId> =
            self.papers.iter().map(|paper| paper.terms.agreement().agreement.client_id.clone()).collect();
        clients.sort();
        clients.dedup();
        clients
    }
}
