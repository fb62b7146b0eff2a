//! Statements, claims and credits.

use spans::Month;

use super::{fact, *};
use crate::Money;

fact! {
    /// A month's statement reached the client: from here on a credit can be claimed.
    StatementPublished {
        /// The statement.
        statement: StatementId,
        /// Its month.
        month: Month,
        /// The credit the client may claim; absent when there is none.
        #[serde(default)]
        entitlement: Option<Money>,
    }
}

fact! {
    /// The client claims its credit (SH-CRED-10, A-19).
    ClaimSubmitted {
        /// The statement that shows the credit.
        statement: StatementId,
        /// The way it came in: portal, email or api.
        via: String,
    }
}

fact! {
    /// A credit was put on an invoice (SH-CRED-13).
    CreditApplied {
        /// The statement it comes from.
        statement: StatementId,
        /// How much.
        amount: Money,
        /// On which invoice.
        invoice: String,
    }
}

fact! {
    /// The provider gave something it did not owe; it keeps its own name on statements (SH-CRED-11).
    CreditGoodwill {
        /// The statement it belongs to.
        statement: StatementId,
        /// How much.
        amount: Money,
        /// Why.
        reason: String,
    }
}
