//! Who acted. The engine asks this before it calls an answer an answer (SH-ACK-02, MP-SLO-01).

use serde::{Deserialize, Serialize};

/// Whoever caused a fact, as known when it was recorded: a later change of skills does not rewrite who answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// A person or a machine.
    pub kind: ActorKind,
    /// The name or account, as shown on statements.
    pub id: String,
    /// Whose side they act for.
    #[serde(default)]
    pub side: Side,
    /// Roles held in the agreement's words, such as `manager` or `contact`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Skills held, such as `atlassian-dc`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// Whether this client has cleared the person, where it restricts who may work for it (MP-COB-03).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cleared: bool,
}

/// A person answers; an automaton never does (design rule 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// A human being.
    Person,
    /// A prober, an importer, an automatic reply, a timer.
    Automaton,
}

/// Whose side an actor is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The party that runs the service.
    Provider,
    /// The party that receives it.
    Client,
    /// Neither: a vendor, a feed, nobody in particular.
    #[default]
    Outside,
}

impl Side {
    /// The other party, if it is one.
    pub fn other(self) -> Option<Side> {
        match self {
            Side::Provider => Some(Side::Client),
            Side::Client => Some(Side::Provider),
            Side::Outside => None,
        }
    }

    /// The word used in files and on statements.
    pub fn name(self) -> &'static str {
        match self {
            Side::Provider => "provider",
            Side::Client => "client",
            Side::Outside => "outside",
        }
    }
}

impl Actor {
    /// A machine.
    pub fn automaton(id: &str) -> Actor {
        Actor::new(ActorKind::Automaton, id, Side::Outside)
    }

    /// A person of the provider.
    pub fn provider(id: &str) -> Actor {
        Actor::new(ActorKind::Person, id, Side::Provider)
    }

    /// A person of the client.
    pub fn client(id: &str) -> Actor {
        Actor::new(ActorKind::Person, id, Side::Client)
    }

    /// The same actor with a role added.
    #[must_use]
    pub fn role(mut self, role: &str) -> Actor {
        self.roles.push(role.to_owned());
        self
    }

    /// The same actor with a skill added.
    #[must_use]
    pub fn skill(mut self, skill: &str) -> Actor {
        self.skills.push(skill.to_owned());
        self
    }

    /// Whether a human being acted.
    pub fn is_person(&self) -> bool {
        self.kind == ActorKind::Person
    }

    fn new(kind: ActorKind, id: &str, side: Side) -> Actor {
        Actor { kind, id: id.to_owned(), side, roles: Vec::new(), skills: Vec::new(), cleared: false }
    }
}
