//! Acts that are refused: what a party may not do, or not yet, or not like this.
//!
//! A guard looks at the act and at the facts before it. It never edits: it says no, under which clauses, and what to do instead.
//! What is not refused is not thereby in time; that is for the obligations to say.

mod change;
mod claim;
mod desk;
mod held;
mod maintenance;
mod proposal;
mod request;
mod role;
mod severity;

use std::borrow::Cow;

use agreement::{Agreement, Amount, Blank, Clauses, Require};
use facts::{Body, Event, Fact, Side};
use spans::Instant;

pub use desk::{FILES_MAX, LINKS_MAX, TAG_CHARS_MAX, TAGS_MAX, WATCHERS_MAX};
pub use maintenance::{MAINTENANCE_DAYS_MAX, announce_by, earliest_start, slots, stored_as};
pub use request::{is_word, words_of};
pub use role::holds;
pub use severity::severity;

use crate::{
    history::{History, until},
    obligation::{Plan, View},
    ticket::Said,
    versions::Versions,
    window,
};

/// Whether an act is allowed by the version in force at its instant, after these facts. Before the first version is in force
/// its own rules are asked already, so that the activation itself is guarded.
///
/// # Errors
/// Why it is refused. Some refusals may be confirmed by a person who takes it upon himself: [`Refusal::may_be_confirmed`].
pub fn allow(versions: &Versions, history: &History<'_>, act: &Fact) -> Result<(), Refusal> {
    let facts = with(history, act);
    let case = Case::new(versions, history, act, &facts);
    let guards: [fn(&_) -> Verdict; 11] = [
        Case::role,
        Case::incorporated,
        Case::named_guards,
        Case::request,
        Case::desk,
        Case::held,
        Case::maintenance,
        Case::severity,
        Case::proposal,
        Case::change,
        Case::claim,
    ];
    gravest(guards.iter().map(|guard| guard(&case)))
}

/// The first refusal that nobody can confirm away; else the first that may be confirmed: whoever confirms it gets past nothing else.
fn gravest(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let mut milder = Ok(());
    for refusal in verdicts.into_iter().filter_map(Result::err) {
        if !refusal.may_be_confirmed() {
            return Err(refusal);
        }
        milder = milder.and(Err(refusal));
    }
    milder
}

/// Whether what a request says is in the agreement's words, whoever says it; see [`allow`].
pub(crate) fn request_in_words(
    versions: &Versions,
    history: &History<'_>,
    act: &Fact,
) -> Result<(), Refusal> {
    let facts = with(history, act);
    Case::new(versions, history, act, &facts).request()
}

/// The facts about an act's subject before it, and the act.
fn with<'h>(history: &'h History<'_>, act: &'h Fact) -> Vec<&'h Fact> {
    let mut facts: Vec<&Fact> = until(history.about(&act.body.subject()), act.at).to_vec();
    facts.retain(|fact| fact.id != act.id);
    facts.push(act);
    facts
}

/// An act that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{}", under(clauses))]
pub struct Refusal {
    /// The clauses that say so.
    pub clauses: Vec<String>,
    /// Why, and what to do instead.
    pub reason: Reason,
}

fn under(clauses: &[String]) -> Cow<'static, str> {
    if clauses.is_empty() { Cow::Borrowed("") } else { format!(" [{}]", clauses.join(", ")).into() }
}

impl Refusal {
    /// The same where whoever it speaks of is called by a name: facts know people by an id.
    #[must_use]
    pub fn naming(mut self, name: impl Fn(&str) -> String) -> Refusal {
        if let Reason::NotTheirs { who, .. } | Reason::ContactRemoved { who, .. } = &mut self.reason {
            *who = name(who);
        }
        self
    }

    /// Whether it goes through all the same once a person confirms it, and the other party is told.
    pub fn may_be_confirmed(&self) -> bool {
        matches!(
            self.reason,
            Reason::NotProduction
                | Reason::BackupUnconfirmed { .. }
                | Reason::LongMaintenance { explained: true, .. }
                | Reason::Overlaps { .. }
                | Reason::Departs { .. }
                | Reason::LastCheck { .. }
        )
    }
}

/// Why an act is refused, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum Reason {
    // What is asked.
    #[error(
        "it departs from the probe that was signed ({how}): ask it as signed, or confirm that it is asked so; the client is told"
    )]
    Departs { how: String },
    #[error(
        "{check} is the last check of {instance}: from then on nobody looks, and every minute is unknown. Define another first, or confirm that it is meant so"
    )]
    LastCheck { check: String, instance: String },
    // Who acts.
    #[error("{who} may not do this: ask somebody of the {} who is {roles}", side.name())]
    NotTheirs { who: String, side: Side, roles: String },
    #[error("{what} takes a person: an automaton may only suggest it")]
    NeedsPerson { what: &'static str },
    #[error("{who} is no contact any more since {since}: ask another contact, or have {who} added again")]
    ContactRemoved { who: String, since: Instant },
    #[error("{left} would be left, and at least {min} must be named: name another contact first")]
    LastContact { left: usize, min: u32 },
    // Requests.
    #[error("`{channel}` is no way in under this agreement: use {known}")]
    UnknownChannel { channel: String, known: String },
    #[error("the {field} `{word}` is not in the agreement: use {known}")]
    UnknownWord { field: &'static str, word: String, known: String },
    #[error("request {ticket} was received at {at} already: reply to it, or give the new one another id")]
    ReceivedTwice { ticket: String, at: Instant },
    #[error(
        "P1 is for a production instance: name one, or confirm that this is as grave; the provider is told"
    )]
    NotProduction,
    #[error("only the provider changes a priority once a request is sent: open an appeal instead")]
    PriorityIsSet,
    #[error("only the provider changes an urgency once a request is sent: escalate it instead")]
    UrgencyIsSet,
    #[error("write the sentence that tells the client of the change: it is not saved without one")]
    UntoldChange,
    #[error(
        "the provider decides what kind of request it is, and that is final: appeal against the priority if it is wrong"
    )]
    ClassIsFinal,
    #[error("the priority of {ticket} was never changed: there is nothing to appeal against")]
    NothingToAppeal { ticket: String },
    #[error("write a summary of what was wrong and what was done, for the client to read")]
    NoSummary,
    #[error("the next update may be promised for {latest} at the latest")]
    PromisedTooLate { latest: Instant },
    #[error("the next update was promised for {promised}, which is not later than the message")]
    PromisedInThePast { promised: Instant },
    #[error("`{reason}` is no reason to escalate under this agreement: use {known}")]
    UnknownReason { reason: String, known: String },
    #[error("the ladder goes rung by rung: escalate to level {next}")]
    SkippedRung { next: u16 },
    // Messages of others.
    #[error(
        "the agreement does not say that messages of people who are no contacts are held: answer it where it came in"
    )]
    NothingHeld,
    #[error("one of the client's contacts makes a request of it: put it aside, or leave it to them")]
    NotTheirRequest,
    #[error("say why it is put aside: both sides read it")]
    AsideUnexplained,
    #[error("it becomes a request or is put aside, not both: leave the reason out")]
    AsideAndRequest,
    // The desk.
    #[error("clocks run on under this agreement: it has no pause")]
    NeverPauses,
    #[error("`{reason}` is no reason for which a clock may stand still: use {known}")]
    UnknownPause { reason: String, known: String },
    #[error("it stands still already: let it go on first")]
    PausedAlready,
    #[error("it is not paused: it runs")]
    NotPaused,
    #[error(
        "a pause begins when it is recorded: claim this one afterwards (`pause.claimed`), for the other side to agree to"
    )]
    PausedAfterwards,
    #[error("a pause that is claimed afterwards lies between the receipt and now, and ends after it begins")]
    PauseOutOfPlace,
    #[error("there is no pause {pause} to agree to: claim it first")]
    NothingPaused { pause: String },
    #[error("that was settled already: claim another pause")]
    PauseSettled,
    #[error("the {} claimed it: somebody of the other side agrees or does not", side.name())]
    OwnPause { side: Side },
    #[error("this change was appealed against already: a manager decides it once")]
    AppealedTwice,
    #[error("there is no appeal {appeal} about this request: open it first")]
    NothingAppealed { appeal: String },
    #[error("it was decided already, and that stands")]
    DecidedTwice,
    #[error("it is so already: change it to something else, or leave it")]
    SameWord,
    #[error("the client takes a request back: resolve it, and say why")]
    NotWithdrawn,
    #[error("it goes on in {into}: do it there, or part them first")]
    GoesOnIn { into: String },
    #[error("it is open: reply to it")]
    NotClosed,
    #[error("request {ticket} is closed: open it again first")]
    IsClosed { ticket: String },
    #[error("there is no request {ticket} of this client: name another")]
    NoTicket { ticket: String },
    #[error("that is the request itself: name another")]
    Itself,
    #[error("at most {max} requests stand behind each other: name the one in which the last goes on")]
    TooDeep { max: usize },
    #[error("{ticket} does not go on in {from}")]
    NotMerged { ticket: String, from: String },
    #[error("a split keeps the receipt of the first, {at}: no time is won by it")]
    OtherReceipt { at: Instant },
    #[error("a split keeps the {field} of the first, `{word}`: change it afterwards, and tell the client")]
    OtherWord { field: &'static str, word: String },
    #[error("a tag is a word of at most {} characters without commas, and `{tag}` is none", TAG_CHARS_MAX)]
    BadTag { tag: String },
    #[error("it says nothing: say what changes")]
    SaysNothing,
    #[error("there are at most {max} {what}: take one away first")]
    TooMany { what: &'static str, max: usize },
    #[error("you decide for yourself only: ask somebody of the provider to add others")]
    OnlyOneself,
    #[error("say who")]
    NoPerson,
    #[error("it is linked to {to} already")]
    LinkedAlready { to: String },
    #[error("it is not linked to {to}")]
    NotLinked { to: String },
    #[error("only the provider's people keep files for themselves: attach it for both")]
    NotInternal,
    #[error("a file comes with the SHA-256 of its bytes, 64 digits and letters")]
    NoDigest,
    #[error("there is no file {file} to take away")]
    NoFile { file: String },
    #[error("the other side attached it: ask them to take it away")]
    NotYourFile,
    #[error("there is a {what} of that name already: give this one another id")]
    SaidTwice { what: &'static str },
    #[error("there is none before it: {what} comes first (`{event}`)")]
    NothingBefore { what: &'static str, event: &'static str },
    #[error("that is for the provider's people to do: write to them")]
    ProviderOnly,
    // Maintenance and backups.
    #[error("say what causes the maintenance: {known}")]
    NoCause { known: String },
    #[error("the agreement has no maintenance of kind `{kind}`: use {known}")]
    UnknownKind { kind: &'static str, known: String },
    #[error("name at least one instance")]
    NoInstance,
    #[error("maintenance ends after it starts: this one runs from {from} to {to}")]
    WrongOrder { from: Instant, to: Instant },
    #[error("scheduled maintenance is put on file before it starts: this is an emergency from {from} on")]
    FiledTooLate { from: Instant },
    #[error("an emergency starts when it is recorded at the earliest, at {recorded}: it cannot be backdated")]
    Backdated { recorded: Instant },
    #[error("it began at {began}: what is under way is changed by both parties together, or ended")]
    UnderWay { began: Instant },
    #[error(
        "it takes more than {} days, in which nothing would count: shorten it, or {}",
        MAINTENANCE_DAYS_MAX,
        if *explained { "confirm that it takes as long" } else { "write the reason that it takes as long, and confirm" }
    )]
    LongMaintenance { explained: bool },
    #[error("it lies outside `{slot}`: move it into the slot, or say why it cannot be")]
    OutsideSlot { slot: String },
    #[error(
        "it lies outside `{slot}`: move it into the slot, or name in the reason a proposal that the client approved for that time and those instances, and that no other record names"
    )]
    OutsideSlotUnapproved { slot: String },
    #[error(
        "a critical patch names a vulnerability of at least {least}: {found}; plan it as scheduled, with a reason if outside the slot"
    )]
    NotCritical { least: String, found: String },
    #[error(
        "freeze {freeze} of the {} holds from {from} to {until}: plan it outside, or ask them to lift it", side.name()
    )]
    Frozen { freeze: String, side: Side, from: Instant, until: Instant },
    #[error(
        "{record} is on file for the same instance from {from} to {to}: move one of them, or confirm that both go on at once"
    )]
    Overlaps { record: String, from: Instant, to: Instant },
    #[error("a freeze ends after it begins: this one runs from {from} to {to}")]
    EmptyFreeze { from: Instant, to: Instant },
    #[error("it would be over already, at {until}: say a later end")]
    FreezeIsOver { until: Instant },
    #[error("say why nothing is to be changed: the other side reads it")]
    FreezeUnexplained,
    #[error("there is no freeze {freeze} to lift")]
    NothingFrozen { freeze: String },
    #[error("the {} set it: ask them to lift it", side.name())]
    OthersFreeze { side: Side },
    #[error("a maintenance window is {} h long, and this one {minutes} min: propose one of that length", window::WINDOW_MINUTES / 60)]
    WindowLength { minutes: u32 },
    #[error("the window cannot be read: {why}")]
    WindowUnread { why: String },
    #[error("a window is proposed as `window`, and this is a proposal of another kind")]
    NoWindowProposal,
    #[error("backup {backup} is kept until {until}: delete it then")]
    KeptUntil { backup: String, until: Instant },
    // Vulnerabilities.
    #[error("`{id}` is no CVE id: write CVE, the year and at least four digits, such as CVE-2021-44228")]
    NoCveId { id: String },
    // Exclusions, claims, credits.
    #[error("`{cause}` is no cause that the agreement excludes: use {known}")]
    UnknownCause { cause: String, known: String },
    #[error("attach what proves it: a claim without evidence is refused")]
    NoEvidence,
    #[error("the first instant claimed lies after the last")]
    EmptyClaim,
    #[error("it could be disputed within {within}, until {until}")]
    DisputedTooLate { within: Amount, until: Instant },
    #[error("who gives way settles it: the {} accepts it or not", side.name())]
    NotTheirsToSettle { side: Side },
    #[error("there is no claim {exclusion} to dispute or settle")]
    NothingClaimed { exclusion: String },
    #[error(
        "the credit could be claimed until {until} and is forfeited; a goodwill credit is a separate act"
    )]
    Forfeited { until: Instant },
    #[error("statement {statement} holds no credit to claim, or was not published")]
    NothingToClaim { statement: String },
    #[error("the credit of statement {statement} was claimed already")]
    ClaimedTwice { statement: String },
    #[error("claim it another way: {known}")]
    WrongWay { known: String },
    // What needs both parties.
    #[error("the agreement asks for no `{kind}` of both parties")]
    UnknownProposal { kind: &'static str },
    #[error("there is no proposal {proposal}: make it first")]
    NothingProposed { proposal: String },
    #[error("proposal {proposal} is {state}: make a new one")]
    Settled { proposal: String, state: &'static str },
    #[error("each party approves for itself: {} cannot act for the {}", actor.name(), side.name())]
    NotTheirSide { actor: Side, side: Side },
    #[error("the {} approved already: it waits for the other party", side.name())]
    ApprovedTwice { side: Side },
    #[error("`{expected}` comes next: approve that step first")]
    StepOutOfOrder { expected: &'static str },
    #[error("`{step}` is for the {} to approve", side.name())]
    StepOfTheOther { step: &'static str, side: Side },
    #[error("a change order that both parties approved must be on file first")]
    NoOrder,
    #[error("say why it is refused")]
    NoReason,
    #[error("work outside the scope needs an approved order: name one")]
    WorkWithoutOrder,
    #[error("`{order}` is no order that both parties approved")]
    OrderNotApproved { order: String },
    // Changes and operations.
    #[error("change {change} was never proposed: propose it with its start")]
    ChangeNotProposed { change: String },
    #[error(
        "the client has not approved change {change}: it cannot start; ask somebody of the client who is {roles}"
    )]
    ChangeNotApproved { change: String, roles: String },
    #[error("change {change} is {state}: propose another")]
    ChangeSettled { change: String, state: &'static str },
    #[error("change {change} is {state}: it is closed once, after it began")]
    ChangeNotUnderWay { change: String, state: &'static str },
    #[error("a change ends after it begins: this one runs from {from} to {until}")]
    EmptyChange { from: Instant, until: Instant },
    #[error(
        "the client approved it from {from} to {until}: begin it then, or propose it again for another time"
    )]
    OutsideApproved { from: Instant, until: Instant },
    #[error("plan it in stages, with a way back and checks afterwards: propose it again so")]
    NoStages,
    #[error(
        "the client has not confirmed its backup for change {change}: ask for it, or confirm to go on without"
    )]
    BackupUnconfirmed { change: String },
    #[error("record how the start-up was validated")]
    NoValidation,
    #[error("a sensitive operation follows a rule that both parties approved: name one")]
    NoSop,
    #[error(
        "state in `onboarding_disclosed` what engineers must go through, or `none`, before anybody signs"
    )]
    OnboardingUndisclosed,
    #[error("name in `incorporated_by` the order that takes the guide in: without one it binds nobody")]
    NotIncorporated,
    #[error("fill `[escalation] path`: the kickoff shares it")]
    NoEscalationPath,
    #[error("record who was there and what was said")]
    EmptyMeeting,
}

/// An act and what it is judged by.
pub(crate) struct Case<'c> {
    view: View<'c>,
    plan: &'c Plan,
    act: &'c Fact,
    /// What is said of its subject, the act included.
    said: Said<'c>,
}

type Verdict = Result<(), Refusal>;

impl<'c> Case<'c> {
    /// `facts`: those about its subject, the act last.
    fn new(
        versions: &'c Versions,
        history: &'c History<'c>,
        act: &'c Fact,
        facts: &'c [&'c Fact],
    ) -> Case<'c> {
        let plan = versions.at(act.at).unwrap_or_else(|| versions.first());
        let view = View::new(versions, history, act.at);
        Case { view, plan, act, said: Said::after(plan, act.body.subject().noun, facts, &[]) }
    }

    fn agreement(&self) -> &'c Agreement {
        self.plan.agreement()
    }

    /// The facts about the subject before the act, newest first.
    fn before(&self) -> impl Iterator<Item = &'c Fact> {
        self.said.facts().iter().rev().skip(1).copied()
    }

    fn refuse(&self, clauses: &Clauses, reason: Reason) -> Verdict {
        Err(Refusal { clauses: clauses.ids.clone(), reason })
    }

    /// MP-META-01: a guide binds only through an order that names it.
    fn incorporated(&self) -> Verdict {
        let header = &self.agreement().agreement;
        let needs = header.require.contains(&Blank::IncorporatedBy);
        if needs
            && self.act.event() == Event::AgreementActivated
            && header.incorporated_by.as_deref().is_none_or(is_blank)
        {
            return self.refuse(&header.clause, Reason::NotIncorporated);
        }
        Ok(())
    }

    /// The `[[guard]]` entries of the file.
    fn named_guards(&self) -> Verdict {
        let guards = self.agreement().guard.iter().filter(|guard| guard.on == self.act.event());
        let each = guards.map(|guard| {
            let meant = guard.r#match.as_ref().is_none_or(|matching| self.said.fits(matching));
            let reason = Some(guard.require).filter(|_| meant).and_then(|what| self.fails(what));
            reason.map_or(Ok(()), |reason| self.refuse(&guard.clause, reason))
        });
        gravest(each)
    }

    /// What is missing of a requirement; each is documented in the file format.
    fn fails(&self, require: Require) -> Option<Reason> {
        match require {
            Require::ProviderDecides => self.not_by_provider(Reason::ClassIsFinal),
            Require::ProviderWithMessage => {
                self.not_by_provider(Reason::PriorityIsSet).or_else(|| self.untold_change())
            }
            Require::ProductionInstance => self.not_production(),
            Require::StartupValidation => self.no_validation(),
            Require::StagedPlan => self.no_stages(),
            Require::ClientBackup => self.no_client_backup(),
            Require::PublicSummary => self.no_summary(),
            Require::LinkedSop => self.no_sop(),
            Require::OnboardingDisclosed => {
                let disclosed = self.agreement().agreement.onboarding_disclosed.as_deref();
                disclosed.is_none_or(is_blank).then_some(Reason::OnboardingUndisclosed)
            }
            Require::EscalationPath => {
                let path = self.agreement().escalation.as_ref().map(|escalation| &escalation.path);
                path.is_none_or(Vec::is_empty).then_some(Reason::NoEscalationPath)
            }
        }
    }

    fn not_by_provider(&self, reason: Reason) -> Option<Reason> {
        (self.act.actor.side != Side::Provider).then_some(reason)
    }

    fn untold_change(&self) -> Option<Reason> {
        match &self.act.body {
            Body::RequestReprioritised(change) if is_blank(&change.message) => Some(Reason::UntoldChange),
            _ => None,
        }
    }

    /// The newest fact of that event about the subject before the act.
    fn last(&self, event: Event) -> Option<&'c Fact> {
        self.before().find(|fact| fact.event() == event)
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn list<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}
