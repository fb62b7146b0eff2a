//! What is in scope and what is not.

use crate::{
    read::{table, words},
    value::Clauses,
};

table! {
    /// The catalogue (MP-SCOPE-01..03, A-39, A-40).
    Catalogue {
        /// The clauses this table executes.
        clause: Clauses,
        /// How an item is provided, unless it says otherwise.
        default_mode: Mode,
        /// What becomes of work that is not listed.
        unlisted: Option<Unlisted>,
        /// The items.
        item: Vec<Item>,
    }
}

words! {
    /// How an item is provided.
    Mode {
        /// When the client asks.
        "on-request" OnRequest,
        /// By itself.
        "proactive" Proactive,
    }
}

words! {
    /// What becomes of work that is not listed.
    Unlisted {
        /// Both parties are asked whether it is substantially similar to a listed item (MP-SCOPE-02).
        "ask-both-whether-similar" AskBothWhetherSimilar,
    }
}

table! {
    /// One item.
    Item {
        /// The clauses this table executes.
        clause: Clauses,
        /// Its name.
        id: String,
        /// Whether it is in scope.
        r#in: bool,
        /// What it is.
        text: String,
        /// How it is provided.
        mode: Option<Mode>,
        /// Where it ends, where another clause begins.
        boundary: Option<String>,
    }
}
