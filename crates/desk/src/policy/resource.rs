//! What is asked for.

use facts::ClientId;

use super::action::{About, Action};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource<'a> {
    /// The deployment, and every client at once.
    Provider,
    /// The asker's own account.
    Account,
    /// A client, with what has no rule of its own.
    Client(&'a ClientId),
    /// Something that was said on a ticket.
    Note {
        /// Whose ticket.
        client: &'a ClientId,
        /// To the provider's own people only.
        internal: bool,
    },
    /// Something that was attached.
    File {
        /// Whose ticket.
        client: &'a ClientId,
        /// For the provider's own people only.
        internal: bool,
    },
    /// Somebody's record; without a client one of the provider's people.
    Person {
        /// Whose.
        client: Option<&'a ClientId>,
        /// Whether they look after the portal, or are to.
        administrator: bool,
    },
}

impl<'a> Resource<'a> {
    /// What a route asks for: the client its path names, else what the action is about.
    pub fn of(action: Action, client: Option<&'a ClientId>) -> Resource<'a> {
        match (client, action.about()) {
            (Some(client), _) => Resource::Client(client),
            (None, About::Account) => Resource::Account,
            (None, About::Provider | About::Client) => Resource::Provider,
        }
    }

    /// Whose it is, where it is a client's.
    pub fn client(&self) -> Option<&'a ClientId> {
        match self {
            Resource::Provider | Resource::Account => None,
            Resource::Client(client) | Resource::Note { client, .. } | Resource::File { client, .. } => {
                Some(client)
            }
            Resource::Person { client, .. } => *client,
        }
    }
}
