//! Requests: classes, priorities, urgencies, and the matrix of targets.

use std::collections::BTreeMap;

use facts::Side;

use crate::{
    read::{table, words},
    value::{Clauses, amount::Amount, keyed::Keyed},
};

table! {
    /// What requests are like.
    RequestRule {
        /// The clauses this table executes.
        clause: Clauses,
        /// What the provider may find a request to be (SH-CHAR-02).
        classes: Vec<String>,
        /// What kinds there are (MP-SLO-07..09).
        kinds: Vec<String>,
        /// How urgent it may be, most urgent first (MP-SLO-06).
        urgencies: Vec<String>,
        /// The priority of a request that names none.
        default_priority: Option<String>,
        /// The urgency of a request that names none.
        default_urgency: Option<String>,
        /// Who gives the urgency and who may change it.
        urgency: Option<UrgencyRule>,
        /// How impact is described, most severe first.
        priority: Vec<Priority>,
        /// What the ledger suggests about a request.
        hint: Vec<Hint>,
    }
}

table! {
    /// Who gives the urgency and who may change it.
    UrgencyRule {
        /// Who gives it.
        set_by: Side,
        /// Who may change it, and how.
        change_by: UrgencyChange,
        /// The client's way to object.
        appeal: UrgencyAppeal,
    }
}

words! {
    /// Who may change an urgency.
    UrgencyChange {
        /// The provider, with a reason the client reads.
        "provider-with-reason" ProviderWithReason,
    }
}

words! {
    /// How the client objects to a changed urgency.
    UrgencyAppeal {
        /// By escalating (MP-ESC-04).
        "escalation" Escalation,
    }
}

table! {
    /// A priority.
    Priority {
        /// The clauses this table executes.
        clause: Clauses,
        /// Its name.
        id: String,
        /// What it means, shown in the form.
        text: String,
    }
}

table! {
    /// What the ledger suggests about a request. A suggestion only: a person classifies.
    Hint {
        /// The clauses this table executes.
        clause: Clauses,
        /// The class suggested.
        class: Option<String>,
        /// The kind suggested.
        kind: Option<String>,
        /// When.
        when: HintWhen,
        /// For how long it must have been so.
        longer_than: Option<Amount>,
    }
}

words! {
    /// When the ledger suggests something. Looks at `check.observed` of the ticket's instance.
    HintWhen {
        /// The instance is down at that moment, for longer than `longer_than` where it is given.
        "ledger-down" LedgerDown,
        /// Some vantage points fail and others do not.
        "partly-failing" PartlyFailing,
    }
}

table! {
    /// Targets by two words: priority and tier, or kind and urgency.
    Matrix {
        /// The clauses this table executes.
        clause: Clauses,
        /// What the rows are, most severe first where they have an order.
        rows: MatrixAxis,
        /// What the columns are.
        columns: MatrixAxis,
        /// The rows, by their word.
        row: BTreeMap<String, MatrixRow>,
    }
}

table! {
    /// One row of a matrix.
    MatrixRow {
        /// The clauses this table executes. What is due by this row cites them beside its obligation's own.
        clause: Clauses,
        /// The targets, by the word of the column.
        within: BTreeMap<String, Amount>,
    }
}

impl Matrix {
    /// The target in a row and column.
    pub fn target(&self, row: &str, column: &str) -> Option<Amount> {
        self.row.get(row)?.within.get(column).copied()
    }

    /// How many targets it holds.
    pub(crate) fn targets(&self) -> usize {
        self.row.values().map(|row| row.within.len()).sum()
    }
}

words! {
    /// What a row or column of a matrix is named by.
    MatrixAxis {
        /// The request's priority.
        "priority" Priority,
        /// The agreement's tier.
        "tier" Tier,
        /// The request's kind.
        "kind" Kind,
        /// The request's urgency.
        "urgency" Urgency,
    }
}

table! {
    /// How the cadence of updates can be changed by a message (MP-UPD-04, A-46).
    Cadence {
        /// The clauses this table executes.
        clause: Clauses,
        /// What replaces the cadence.
        r#override: CadenceOverride,
        /// How far ahead a promised update may lie, by urgency.
        max: Option<Keyed<Amount>>,
    }
}

words! {
    /// What replaces the cadence of updates.
    CadenceOverride {
        /// The promised time of the last public message that names one (`request.replied`, `next_update_by`).
        "next-update-by" NextUpdateBy,
    }
}
