//! What a missed objective costs.

use crate::{
    finding::Finding,
    read::{Read, Value, parsed, table, words},
    value::{Clauses, keyed::Keyed, percent::Percent},
};

table! {
    /// The credit for a missed availability objective.
    Credit {
        /// The clauses this table executes.
        clause: Clauses,
        /// What earns a credit (A-52: response targets do not).
        trigger: CreditTrigger,
        /// What one credit is for (SH-CRED-07).
        per: CreditPer,
        /// What the percentage is taken of.
        base: CreditBase,
        /// Whether the base includes the instance's share of the surcharge.
        includes_surcharge: bool,
        /// Whether the base includes value added tax.
        vat: Vat,
        /// How fractions of a cent are rounded.
        rounding: Rounding,
        /// In which form it is given (SH-CRED-02, SH-CRED-12).
        form: CreditForm,
        /// The bands of the ladder, best first.
        band: Vec<Band>,
        /// The most that is given.
        cap: Option<Cap>,
    }
}

words! {
    /// What earns a credit.
    CreditTrigger {
        /// The availability objective was missed.
        "availability.missed" AvailabilityMissed,
    }
}

words! {
    /// What one credit is for.
    CreditPer {
        /// One instance and month; nothing is netted.
        "instance" Instance,
    }
}

words! {
    /// What the percentage is taken of.
    CreditBase {
        /// What the client was charged for the instance that month, after discount (`instance.charged`).
        "instance-month-charged" InstanceMonthCharged,
    }
}

words! {
    /// Value added tax.
    Vat {
        /// Left out.
        "excluded" Excluded,
    }
}

words! {
    /// How fractions of a cent are rounded.
    Rounding {
        /// Half a cent up, once per instance.
        "half-up-cent-per-instance" HalfUpCentPerInstance,
    }
}

words! {
    /// In which form a credit is given.
    CreditForm {
        /// A credit on future recurring invoices; never a payout.
        "credit-on-future-recurring-invoices" FutureInvoices,
    }
}

table! {
    /// One band of the ladder. Lower bounds are inclusive.
    Band {
        /// The clauses this table executes.
        clause: Clauses,
        /// The lowest kept share in the band; the last band has none.
        at_least: Option<Percent>,
        /// The first kept share above the band: a percentage, or the objective itself.
        below: Below,
        /// What is credited, by tier.
        percent: Keyed<Percent>,
    }
}

/// The open upper bound of a band.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    /// The tier's objective.
    Objective,
    /// A fixed share.
    Percent(Percent),
}

impl Read for Below {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Below> {
        parsed(value, "an upper bound", "\"objective\" or a percentage such as \"99.0\"", findings, |text| {
            match text {
                "objective" => Some(Below::Objective),
                _ => text.parse().ok().map(Below::Percent),
            }
        })
    }
    fn schema() -> serde_json::Value {
        serde_json::json!({ "oneOf": [{ "const": "objective" }, Percent::schema()] })
    }
}

table! {
    /// The most that is given in one month (SH-CRED-01, SH-CRED-08, SH-CRED-09, A-17).
    Cap {
        /// The clauses this table executes.
        clause: Clauses,
        /// The share, by tier.
        percent: Keyed<Percent>,
        /// What it is a share of.
        of: CapOf,
        /// Over what credits are added up.
        scope: CapScope,
    }
}

words! {
    /// What the cap is a share of.
    CapOf {
        /// The recurring charges of the month with surcharge, before credits and VAT.
        "recurring-charges-month" RecurringChargesMonth,
    }
}

words! {
    /// Over what credits are added up before they are compared with the cap.
    CapScope {
        /// All instances of the client.
        "client" Client,
    }
}
