//! Guards, and what a miss or a meeting sets off.

use facts::{Event, Noun};

use super::look::{At, Found, Look};
use crate::section::{
    guard::Require,
    obligation::{ObligationRule, OnMiss, Then},
};

/// A guard stands at the act that its condition looks at. What a miss sets off has something to act on: a credit to
/// forfeit, an escalation to offer, a change or an operation to block; what follows a meeting is about a ticket to close. A
/// credit has an objective to miss; an exclusion that applies by claim has rules for claims, and only one that applies by
/// itself has a grace. A clock that people pause has reasons for it.
pub(crate) fn r_08_guards_fit(look: &Look<'_>, found: &mut Found) {
    for guard in &look.agreement.guard {
        let act = act_of(guard.require);
        if guard.on != act {
            let message =
                format!("`{}` looks at {}, not at {}", guard.require.name(), act.name(), guard.on.name());
            let at = At::key(&guard.places, "on", &guard.clause.ids);
            found.error(at, message, format!("write on = \"{}\", or another condition", act.name()));
        }
    }
    for obligation in &look.agreement.obligation {
        misses(look, obligation, found);
        if obligation.then == Some(Then::CloseRequest) && obligation.on.event.noun() != Noun::Ticket {
            let at = At::key(&obligation.places, "then", &obligation.clause.ids);
            found.error(
                at,
                "there is no request to close",
                "take it out, or start from a fact about a request",
            );
        }
    }
    credit(look, found);
    exclusions(look, found);
    pauses(look, found);
}

/// A person who pauses a clock names a reason of the file's list; a list without a clock that stands still is only words.
fn pauses(look: &Look<'_>, found: &mut Found) {
    let is_paused = |o: &&ObligationRule| o.pause.as_ref().is_some_and(|p| p.from == Event::RequestPaused);
    let mut paused = look.agreement.obligation.iter().filter(is_paused);
    match (&look.agreement.pause, paused.next()) {
        (None, Some(obligation)) => {
            let at = At::key(&obligation.places, "pause", &obligation.clause.ids);
            let way_out = "add [pause] with its `reasons`";
            found.error(at, "nothing says for which reasons its clock may stand still", way_out);
        }
        (Some(rule), None) => {
            let at = At::key(&rule.places, "reasons", &rule.clause.ids);
            let way_out = "name \"request.paused\" in the `pause` of an obligation, or take [pause] out";
            found.error(at, "no obligation's clock ever stands still", way_out);
        }
        (Some(rule), Some(_)) if rule.reasons.is_empty() => {
            let at = At::key(&rule.places, "reasons", &rule.clause.ids);
            found.error(at, "there is no reason for which a clock may stand still", "name at least one");
        }
        _ => {}
    }
}

fn credit(look: &Look<'_>, found: &mut Found) {
    if let Some(credit) = look.agreement.credit.as_ref().filter(|_| look.agreement.availability.is_none()) {
        let at = At::key(&credit.places, "trigger", &credit.clause.ids);
        found.error(at, "there is no objective that could be missed", "add [availability]");
    }
}

fn exclusions(look: &Look<'_>, found: &mut Found) {
    for exclusion in &look.agreement.exclusion {
        let at = |key: &str| At::key(&exclusion.places, key, &exclusion.clause.ids);
        if exclusion.auto.is_none() && look.agreement.exclusions.is_none() {
            let way_out =
                "add [exclusions]: who claims one, with what, and how long it can be disputed (A-16)";
            found.error(at("cause"), format!("nobody can claim `{}`", exclusion.cause), way_out);
        }
        if exclusion.auto.is_none() && exclusion.grace.is_some() {
            found.error(
                at("grace"),
                "`grace` means nothing without `auto`",
                "add `auto`, or take `grace` out",
            );
        }
    }
}

/// The act that each condition looks at.
fn act_of(require: Require) -> Event {
    match require {
        Require::ProviderDecides => Event::RequestClassified,
        Require::ProviderWithMessage => Event::RequestReprioritised,
        Require::ProductionInstance => Event::RequestReceived,
        Require::StartupValidation => Event::ChangeClosed,
        Require::StagedPlan | Require::ClientBackup => Event::ChangeStarted,
        Require::PublicSummary => Event::RequestResolved,
        Require::LinkedSop => Event::ActionStarted,
        Require::OnboardingDisclosed => Event::AgreementActivated,
        Require::EscalationPath => Event::MeetingRecorded,
    }
}

fn misses(look: &Look<'_>, obligation: &ObligationRule, found: &mut Found) {
    let noun = obligation.on.event.noun();
    for (number, what) in obligation.on_miss.iter().enumerate() {
        let lacks = match what {
            OnMiss::ForfeitCredit if look.agreement.credit.is_none() => "a [credit] to forfeit",
            OnMiss::ForfeitCredit if noun != Noun::Statement => "a statement that it is about",
            OnMiss::SuggestEscalation if look.agreement.escalation.is_none() => "an [escalation] to offer",
            OnMiss::BlockChange if noun != Noun::Change => "a change to block",
            OnMiss::BlockAction if noun != Noun::Action => "an operation to block",
            _ => continue,
        };
        let at = At::key(&obligation.places, &format!("on_miss.{number}"), &obligation.clause.ids);
        found.error(at, format!("`{}` lacks {lacks}", what.name()), "add it, or take the word out");
    }
}
