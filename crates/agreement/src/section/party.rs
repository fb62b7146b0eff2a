//! Who agrees, on what, from when to when, at which price.

use std::collections::BTreeMap;

use facts::{ClientId, Currency, Side};
use jiff::civil::Date;
use spans::{Instant, Span};

use crate::{
    finding::Finding,
    read::{Read, Value, table, words},
    value::{
        Clauses,
        amount::Amount,
        keyed::Keyed,
        percent::{Cents, Percent},
    },
};

table! {
    /// The agreement itself: its parties, its source and its term.
    Header {
        /// The clauses this table executes.
        clause: Clauses,
        /// The agreement's id, such as SH-2026-0001.
        id: String,
        /// Its title.
        title: String,
        /// The plan of a guide that covers several (MP-META-03, A-48).
        plan: Option<String>,
        /// The text that was turned into this file.
        source: Source,
        /// The order that names the guide; without one a guide does not bind (MP-META-01).
        incorporated_by: Option<String>,
        /// Whether a newer version of the guide needs both parties (MP-VER-01). True unless said otherwise.
        pinned: Option<bool>,
        /// The provider's name.
        provider: String,
        /// The client's name.
        client: String,
        /// The client's id in the journal.
        client_id: ClientId,
        /// The language of support, such as `en`.
        language: String,
        /// The currency of every amount.
        currency: Currency,
        /// What is provided.
        service: Option<String>,
        /// What must be filled in before anybody signs (L-01).
        require: Vec<Blank>,
        /// From when to when.
        term: Term,
        /// Who signs.
        signatures: Signatures,
        /// What client-specific onboarding of engineers was disclosed before purchase (MP-COB-01): a text, `none` for none.
        onboarding_disclosed: Option<String>,
    }
}

table! {
    /// The signed text behind the file.
    Source {
        /// Its title.
        title: String,
        /// Its version.
        version: Option<String>,
        /// Its date.
        date: Option<Date>,
        /// SHA-256 of its text, in hex.
        sha256: String,
    }
}

words! {
    /// What must be filled in before anybody signs (L-01). Looks at the file alone.
    Blank {
        /// `[tiers] chosen` names the signed tier.
        "tier" Tier,
        /// `[price.surcharge]` states its rule.
        "surcharge-rule" SurchargeRule,
        /// At least one `[holidays.…]` lists its dates.
        "holidays" Holidays,
        /// `[probe]` says what a valid request is.
        "probe" Probe,
        /// `[agreement] incorporated_by` names the order (MP-META-01).
        "incorporated-by" IncorporatedBy,
        /// `[calendar.business]` states the business hours.
        "business-calendar" BusinessCalendar,
        /// `[escalation] path` has at least one rung (MP-ESC-03).
        "escalation-path" EscalationPath,
        /// A client role with `min = 1` or more exists (MP-CLI-04).
        "point-of-contact" PointOfContact,
        /// `[agreement] onboarding_disclosed` says what engineers must go through (MP-COB-01).
        "onboarding-disclosure" OnboardingDisclosure,
    }
}

table! {
    /// The term, half-open: objectives run only inside it (SH-DEF-04).
    Term {
        /// The clauses this table executes.
        clause: Clauses,
        /// The first covered instant.
        start: Instant,
        /// The first instant no longer covered.
        end: Instant,
        /// How long before the end the parties are reminded.
        renewal_reminders: Vec<Amount>,
        /// Why it is here, where no clause asks for it.
        added: Option<String>,
    }
}

impl Term {
    /// The term as a span; empty where start and end are the wrong way round, which a lint says.
    pub fn span(&self) -> Span {
        Span { start: self.start, end: self.end.max(self.start) }
    }
}

table! {
    /// Who must sign the file's exact bytes before it is in force (SH-DEF-03).
    Signatures {
        /// The clauses this table executes.
        clause: Clauses,
        /// The parties whose signatures are needed.
        required: Vec<Party>,
        /// Why it is here, where no clause asks for it.
        added: Option<String>,
    }
}

words! {
    /// A party of the agreement.
    Party {
        /// Who runs the service.
        "provider" Provider,
        /// Who receives it.
        "client" Client,
        /// Both together.
        "both" Both,
    }
}

impl Party {
    /// The side that acts for this party; none where both do.
    pub fn side(self) -> Option<Side> {
        match self {
            Party::Provider => Some(Side::Provider),
            Party::Client => Some(Side::Client),
            Party::Both => None,
        }
    }
}

impl Read for Side {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Side> {
        let name = crate::read::word(value, &["provider", "client"], findings)?;
        Some(if name == "provider" { Side::Provider } else { Side::Client })
    }
    fn schema() -> serde_json::Value {
        serde_json::json!({ "enum": ["provider", "client"] })
    }
}

table! {
    /// The levels of service and the signed one (SH-TIER-01, SH-DEF-08).
    Tiers {
        /// The clauses this table executes.
        clause: Clauses,
        /// Every level, lowest first.
        list: Vec<String>,
        /// The signed one. A replay re-evaluates under another.
        chosen: String,
    }
}

table! {
    /// Prices that are part of the agreement. What an instance costs is a fact, not agreement text.
    Price {
        /// What the tier costs on top.
        surcharge: Option<Surcharge>,
    }
}

table! {
    /// What the tier costs on top (SH-PRICE-01..03, A-08).
    Surcharge {
        /// The clauses this table executes.
        clause: Clauses,
        /// How percentage and amount combine.
        rule: SurchargeRule,
        /// What the rule is applied to.
        per: SurchargePer,
        /// The percentage of the charges, by tier.
        percent: Keyed<Percent>,
        /// The amount, by tier.
        amount: Keyed<Cents>,
        /// How it is shared among instances, where a credit's base includes it.
        allocate: Allocation,
        /// Where cents go that do not divide.
        remainder: Remainder,
        /// What a partly covered month costs.
        partial_month: PartialMonth,
    }
}

words! {
    /// How a percentage and an amount become one surcharge.
    SurchargeRule {
        /// The greater of the two.
        "greater-of" GreaterOf,
        /// The lesser of the two.
        "lesser-of" LesserOf,
        /// The percentage alone.
        "percent" Percent,
        /// The amount alone.
        "amount" Amount,
    }
}

words! {
    /// What the surcharge rule is applied to, each calendar month.
    SurchargePer {
        /// The client's instances together.
        "agreement-month" AgreementMonth,
        /// Each instance by itself.
        "instance-month" InstanceMonth,
    }
}

words! {
    /// How a surcharge is shared among instances.
    Allocation {
        /// In proportion to what each is charged.
        "pro-rata-by-instance-price" ProRataByInstancePrice,
        /// Equally.
        "equal" Equal,
    }
}

words! {
    /// Where the cents of a share go that do not divide.
    Remainder {
        /// To the largest shares cut off; of equal ones to the first by id.
        "largest-then-id" LargestThenId,
    }
}

words! {
    /// What a month costs that the term covers in part.
    PartialMonth {
        /// Fixed amounts shrink with the covered minutes.
        "pro-rata-covered-minutes" ProRataCoveredMinutes,
        /// Fixed amounts stay whole.
        "whole" Whole,
    }
}

table! {
    /// A role and what it may do.
    Role {
        /// The clauses this table executes.
        clause: Clauses,
        /// Whose people hold it.
        side: Side,
        /// What they may do.
        may: Vec<Permission>,
        /// The skill that makes a person qualified.
        skill: Option<String>,
        /// Whether a client that restricts its pool must have cleared the person.
        clearance: Option<Clearance>,
        /// How many must hold it at any time (MP-CLI-04).
        min: Option<u32>,
        /// Why it is here, where no clause asks for it.
        added: Option<String>,
    }
}

words! {
    /// Who must have cleared a person.
    Clearance {
        /// Each client for itself, from `pool.restricted` to `pool.opened`.
        "per-client" PerClient,
    }
}

words! {
    /// What a role may do.
    Permission {
        /// Sign the agreement.
        "agreement.sign" AgreementSign,
        /// Decide an appeal.
        "appeal.decide" AppealDecide,
        /// Appeal against a changed priority.
        "appeal.open" AppealOpen,
        /// Approve a change.
        "change.approve" ChangeApprove,
        /// Carry out a change.
        "change.run" ChangeRun,
        /// Claim a credit.
        "claim.open" ClaimOpen,
        /// Approve a credit.
        "credit.approve" CreditApprove,
        /// Claim an exclusion.
        "exclusion.claim" ExclusionClaim,
        /// Dispute an exclusion.
        "exclusion.dispute" ExclusionDispute,
        /// Restart an instance.
        "instance.restart" InstanceRestart,
        /// Approve an order.
        "order.approve" OrderApprove,
        /// Say what kind of request it is.
        "request.classify" RequestClassify,
        /// Send in a request.
        "request.open" RequestOpen,
        /// Change a priority.
        "request.reprioritise" RequestReprioritise,
        /// Answer a request.
        "request.respond" RequestRespond,
        /// Give a priority when sending in.
        "request.set-priority-at-submit" RequestSetPriorityAtSubmit,
        /// Approve a rule.
        "sop.approve" SopApprove,
        /// Approve a maintenance window.
        "window.approve" WindowApprove,
    }
}

table! {
    /// What holds for every channel.
    Channels {
        /// The clauses this table executes.
        clause: Clauses,
        /// What becomes of a request through a channel its tier does not have.
        unentitled: Option<Unentitled>,
        /// What becomes of a message from somebody unknown.
        unknown_sender: Option<UnknownSender>,
        /// Channels whose objectives were agreed in writing although `slo = false`.
        agreed_in_writing: Vec<String>,
    }
}

words! {
    /// What becomes of a request through a channel its tier does not have.
    Unentitled {
        /// It is logged, and its clock runs from logging.
        "log-and-clock" LogAndClock,
    }
}

words! {
    /// What becomes of a message from somebody unknown.
    UnknownSender {
        /// It is held without a clock, and the contacts are told.
        "hold-and-tell-contacts" HoldAndTellContacts,
    }
}

table! {
    /// One way in.
    Channel {
        /// The clauses this table executes.
        clause: Clauses,
        /// The tiers that have it; all where none is named.
        tiers: Vec<String>,
        /// Its mail address.
        address: Option<String>,
        /// Its telephone number.
        number: Option<String>,
        /// Whether response objectives hold for it (MP-SLO-11). True unless said otherwise.
        slo: Option<bool>,
        /// From when a request's clock runs, where objectives do not hold for the channel itself.
        clock: Option<ChannelClock>,
    }
}

words! {
    /// From when the clock of a request runs.
    ChannelClock {
        /// From the moment staff made a ticket of it.
        "from-conversion" FromConversion,
    }
}

table! {
    /// Where the words of the file come from (MP-META-02).
    Definitions {
        /// The clauses this table executes.
        clause: Clauses,
        /// The documents that define them.
        source: Vec<String>,
        /// Terms that must be defined: by a calendar of that name, an entry of `terms`, or an alias (L-02).
        must_define: Vec<String>,
        /// Terms and what they mean here.
        terms: BTreeMap<String, String>,
    }
}

table! {
    /// Another name for something.
    Alias {
        /// The clauses this table executes.
        clause: Clauses,
        /// The word as people write it.
        word: String,
        /// The word of this file that it means; `closed:NAME` is the closed time of a calendar.
        means: String,
    }
}

table! {
    /// How strong the objectives are, and the words that follow from it (MP-SLO-03..05).
    BindingWords {
        /// The clauses this table executes.
        clause: Clauses,
        /// How a miss is called.
        miss: String,
        /// Words that no page, letter or statement may use of it.
        never: Vec<String>,
    }
}
