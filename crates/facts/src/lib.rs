//! The vocabulary: who can act, what can happen, and how each of it is written down.
//!
//! A [`Fact`] is plain data: an id, a client, when it happened, when it was recorded, who acted, and a [`Body`] from the one
//! closed list in [`vocabulary`]. Its JSON is a stable format: the journal stores and hashes exactly that text, so a name
//! here is never reused for another meaning and a field is only ever added, with a default.
//!
//! ```
//! use facts::{Actor, Body, ClientId, Fact, FactId, RequestWithdrawn};
//! let at: spans::Instant = "2026-03-06T18:00:00Z".parse().unwrap();
//! let body = Body::from(RequestWithdrawn { ticket: "T-1".parse().unwrap() });
//! let fact = Fact {
//!     id: FactId::v7(at, [7; 10]),
//!     client: "example".parse().unwrap(),
//!     at,
//!     recorded_at: at,
//!     actor: Actor::automaton("import"),
//!     body,
//! };
//! assert_eq!(fact.event().name(), "request.withdrawn");
//! assert_eq!(serde_json::from_str::<Fact>(&fact.to_json()).unwrap(), fact);
//! ```

mod actor;
mod fact;
mod id;
mod money;
mod observation;
mod reference;
mod score;
mod sketch;
mod version;
pub mod vocabulary;
pub mod what;

pub use actor::{Actor, ActorKind, Side};
pub use fact::{Fact, Subject};
pub use id::{ClientId, FactId, IdError, Slug};
pub use money::{Currency, Money, MoneyError};
pub use observation::{Cause, Observation, Outcome, Took, Turn};
pub use reference::reference;
pub use score::{Score, ScoreError};
pub use sketch::{NotASketch, PLACES_MAX, Sketch};
pub use version::Version;
pub use vocabulary::*;
