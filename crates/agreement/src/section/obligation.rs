//! An obligation: who owes what by when, from when, met by what, and what follows a miss.

use std::collections::BTreeMap;

use facts::{Event, Moment, Side};
use serde_json::json;

use crate::{
    finding::{Finding, Place},
    read::{Read, Value, parsed, table, words},
    section::{availability::Period, party::Party},
    value::{
        Clauses,
        amount::{Amount, Remind},
        keyed::Keyed,
        matching::{Match, Trigger},
    },
};

table! {
    /// One obligation. Exactly one of `within`, `before`, `every`, `keep` and `effective_after` says when it is due;
    /// the availability objective is the one of form `period` and has its own table.
    ObligationRule {
        /// Its name, unique in the file.
        id: String,
        /// The clauses this table executes.
        clause: Clauses,
        /// Who owes it.
        party: Party,
        /// How strongly.
        binding: Binding,
        /// What starts it.
        on: Trigger,
        /// Who must have acted for it to start: of a cadence, whoever gives the first response.
        on_actor: Option<MetActor>,
        /// Which of these events, by their fields or their ticket's as it stands.
        r#match: Option<Match>,
        /// Due so long after the start.
        within: Option<Within>,
        /// Due so long before a moment the starting fact names.
        before: Option<Before>,
        /// Due again and again, each time so long after the last.
        every: Option<Amount>,
        /// What ends the repetition.
        until: Vec<Trigger>,
        /// Once for each such period of the term that has ended since the start; `within` then counts from the period's end.
        period: Option<Period>,
        /// How long each thing must be kept, by tier.
        keep: Option<Keyed<Amount>>,
        /// Takes effect so long after it was asked for.
        effective_after: Option<Amount>,
        /// What takes effect at once instead.
        immediate: Option<Match>,
        /// The calendar its time runs in, by tier or by kind; `civil` where none is named.
        calendar: Option<Keyed<String>>,
        /// What meets it.
        met_by: Option<MetBy>,
        /// What cancels it.
        cancel_on: Vec<Trigger>,
        /// Between which events its clock stands still; absent: it never pauses.
        pause: Option<Between>,
        /// Between which events a miss is excused (MP-PRO-01).
        excused: Option<Between>,
        /// What becomes of its clock when its target changes.
        on_change: Option<OnChange>,
        /// A newer event of this kind about the same thing closes it.
        superseded_by: Option<Event>,
        /// When people are reminded, by tier.
        remind: Option<Keyed<Vec<Remind>>>,
        /// What follows a miss. The miss itself is always recorded.
        on_miss: Vec<OnMiss>,
        /// What the other party gets for a miss.
        remedy: Option<Remedy>,
        /// Whose turn it is while it runs; the owing party's unless said otherwise.
        turn: Option<Side>,
        /// What follows when it is met.
        then: Option<Then>,
        /// The catalogue item of the request that `then` opens.
        then_item: Option<String>,
        /// Events that are passed on to the client as they happen (MP-UPD-03).
        notify_on: Vec<Trigger>,
        /// Whether the claim is made without asking; both parties may switch it on.
        auto_claim: Option<bool>,
        /// What becomes of it when the term ends first.
        at_term_end: Option<AtTermEnd>,
        /// What the file forbids while it runs.
        forbid: Option<Forbid>,
        /// Who must be on call (L-10).
        coverage: Option<Coverage>,
        /// The cause a miss is annotated with, rather than excused.
        annotate: Option<String>,
        /// Why it is here, where no clause asks for it.
        added: Option<String>,
    }
}

words! {
    /// How strongly something is owed; it decides the words and the remedies.
    Binding {
        /// A measured target.
        "target" Target,
        /// Something that shall be done.
        "duty" Duty,
        /// A firm promise.
        "commitment" Commitment,
        /// Commercially reasonable efforts.
        "reasonable-efforts" ReasonableEfforts,
        /// What is usually reached: measured, without remedy.
        "typical" Typical,
        /// An aspiration: missed, never breached, never paid for (MP-SLO-03, MP-SLO-04).
        "aspirational" Aspirational,
        /// A right is lost, or an act refused, unless it is met.
        "condition" Condition,
        /// A procedure that belongs to the act itself.
        "procedure" Procedure,
        /// A nudge to one's own people: on no statement.
        "internal" Internal,
    }
}

/// How long it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// The text gives no time: shown with its age, never as due.
    Unset,
    /// In the same act: the act is refused without it.
    SameAction,
    /// Due together with another obligation on the same subject.
    With(String),
    /// By a matrix of this file.
    Matrix(String),
    /// So long, by tier or kind.
    Amount(Keyed<Amount>),
}

impl Read for Within {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Within> {
        if value.get_ref().is_table() {
            return Keyed::read(value, findings).map(Within::Amount);
        }
        parsed(
            value,
            "a time",
            "\"8h\", \"matrix.NAME\", \"with:OBLIGATION\", \"same-action\", \"unset\", or one per tier",
            findings,
            |t| match t {
                "unset" => Some(Within::Unset),
                "same-action" => Some(Within::SameAction),
                _ => None
                    .or_else(|| t.strip_prefix("matrix.").map(|name| Within::Matrix(name.to_owned())))
                    .or_else(|| t.strip_prefix("with:").map(|id| Within::With(id.to_owned())))
                    .or_else(|| t.parse().ok().map(|amount| Within::Amount(Keyed::One(amount)))),
            },
        )
    }
    fn parts(value: &Value<'_>, path: &str, places: &mut BTreeMap<String, Place>) {
        Keyed::<Amount>::parts(value, path, places);
    }
    fn schema() -> serde_json::Value {
        json!({ "oneOf": [
            { "enum": ["unset", "same-action"] },
            { "type": "string", "pattern": "^(matrix\\..+|with:.+|[0-9]+[smhdw])$" },
            { "type": "object", "additionalProperties": Amount::schema() },
        ] })
    }
}

table! {
    /// So long before a moment.
    Before {
        /// The moment, which the starting fact names.
        moment: Moment,
        /// How long before it.
        by: Amount,
    }
}

table! {
    /// What meets an obligation: an event about the same subject, by somebody who may.
    MetBy {
        /// The event.
        event: Event,
        /// Who must have acted.
        actor: Option<MetActor>,
        /// Which of these events.
        r#match: Option<Match>,
        /// What the event must reach.
        reaches: Option<Reaches>,
    }
}

words! {
    /// Who must have acted. Looks at the fact's actor.
    MetActor {
        /// A person, never an automaton (SH-ACK-02, A-22).
        "person" Person,
        /// A person with the skill of the role `qualified`, cleared where the client restricts its pool (MP-SLO-01, A-37).
        "qualified" Qualified,
        /// A person in the role `manager`.
        "manager" Manager,
        /// A person in a client role that may approve changes.
        "approver" Approver,
    }
}

words! {
    /// What an event must reach to meet the obligation.
    Reaches {
        /// The version that the starting fact names, or a newer one, on the same instance.
        "named-version" NamedVersion,
    }
}

table! {
    /// From one event to another about the same subject.
    Between {
        /// The event that begins it.
        from: Event,
        /// The event that ends it.
        to: Event,
    }
}

table! {
    /// What becomes of a running clock when its target changes.
    OnChange {
        /// The event that changes it.
        event: Event,
        /// From when the new target runs.
        clock: ChangeClock,
    }
}

words! {
    /// From when a changed target runs.
    ChangeClock {
        /// From the original receipt, with the new amount.
        "from-receipt" FromReceipt,
        /// From the change.
        "from-change" FromChange,
    }
}

words! {
    /// What follows a miss, besides that it is recorded.
    OnMiss {
        /// It appears on the month's statement.
        "statement" Statement,
        /// The managers see it on the Now page.
        "notify-manager" NotifyManager,
        /// The client is offered to escalate (MP-ESC-05).
        "suggest-escalation" SuggestEscalation,
        /// The credit is forfeited; it stays visible (SH-CRED-11).
        "forfeit-credit" ForfeitCredit,
        /// The change it is about cannot start (MP-CLI-11).
        "block-change" BlockChange,
        /// The operation needs approval (MP-PRO-02).
        "block-action" BlockAction,
    }
}

words! {
    /// What the other party gets for a miss.
    Remedy {
        /// Nothing (A-52, MP-SLO-04).
        "none" None,
    }
}

words! {
    /// What follows when an obligation is met.
    Then {
        /// The request is closed (SH-ACK-04).
        "close-request" CloseRequest,
        /// An incident is opened (MP-SC-INC-02).
        "open-incident" OpenIncident,
        /// A request is opened, under the catalogue item of `then_item` (MP-SC-MW-03).
        "open-request" OpenRequest,
    }
}

words! {
    /// What becomes of an obligation when the term ends first.
    AtTermEnd {
        /// It stays open for the parties to settle.
        "open-item" OpenItem,
    }
}

words! {
    /// What the file forbids while an obligation runs.
    Forbid {
        /// Deleting a backup that must still be kept (SH-BAK-01).
        "delete-before-expiry" DeleteBeforeExpiry,
    }
}

words! {
    /// Who must be on call. Looks at `rota.set` and `shift.planned`.
    Coverage {
        /// A qualified person at every instant of the obligation's round-the-clock calendar (MP-SC-INC-01).
        "qualified-around-the-clock" QualifiedAroundTheClock,
    }
}
