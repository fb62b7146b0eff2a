//! What needs both parties: rules, scope decisions, orders, integrations.

use facts::{ProposalKind, Side};

use crate::{
    finding::Finding,
    read::{Read, Value, table, word, words},
    value::{Clauses, amount::Amount},
};

impl Read for ProposalKind {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<ProposalKind> {
        let names: Vec<&str> = ProposalKind::ALL.iter().map(|k| k.name()).collect();
        word(value, &names, findings).and_then(|name| ProposalKind::named(&name))
    }
    fn schema() -> serde_json::Value {
        serde_json::json!({ "enum": ProposalKind::ALL.iter().map(|k| k.name()).collect::<Vec<_>>() })
    }
}

table! {
    /// A kind of proposal and what it takes. Looks at `proposal.made`, `.approved`, `.refused`.
    Approval {
        /// The clauses this table executes.
        clause: Clauses,
        /// What is proposed.
        kind: ProposalKind,
        /// Who may propose; either party where none is named.
        propose: Vec<Side>,
        /// Who must approve.
        approve: Vec<Side>,
        /// What a refusal needs.
        refusal: Option<Refusal>,
        /// What silence means.
        silence: Option<Silence>,
        /// When the silent party is reminded.
        remind: Vec<Amount>,
        /// The subjects it covers, for the form.
        subjects: Vec<String>,
        /// What must be written in it.
        fields: Vec<String>,
        /// What must be approved one after another.
        steps: Vec<Step>,
        /// What it becomes once approved.
        becomes: Option<Becomes>,
        /// What is refused without it.
        block: Option<Block>,
    }
}

words! {
    /// What a refusal needs.
    Refusal {
        /// A reason (MP-SOP-06).
        "reason-required" ReasonRequired,
    }
}

words! {
    /// What silence means.
    Silence {
        /// Nothing: the proposal stays pending.
        "pending" Pending,
    }
}

words! {
    /// A step of a proposal (MP-INT-01, MP-INT-03): a `proposal.approved` that names it.
    Step {
        /// The provider assessed feasibility and security.
        "provider-assessment" ProviderAssessment,
        /// The provider's security policy allows it.
        "provider-security" ProviderSecurity,
        /// The client's security policy allows it.
        "client-security" ClientSecurity,
        /// An approved order covers it.
        "change-order" ChangeOrder,
    }
}

words! {
    /// What an approved proposal becomes.
    Becomes {
        /// An item of the catalogue: the next similar request finds it there (MP-SCOPE-02).
        "catalogue-item" CatalogueItem,
    }
}

words! {
    /// What is refused without an approved proposal of this kind.
    Block {
        /// Logging out-of-scope work (`work.logged`) that names no approved order (MP-EX-CC-01).
        "work-without-order" WorkWithoutOrder,
    }
}
