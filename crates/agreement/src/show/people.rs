//! Onboarding, escalation, roles, consent, refused acts, scope.

use super::{
    Item, Section, Voice, events,
    words::{amount, and, capital, heading, matching, meaning, or, party, plain},
};
use crate::section::{
    approval::Approval,
    catalogue::{Catalogue, Item as Entry, Mode},
    guard::{Guard, Require},
    onboarding::{Done, Escalation, EscalationReason, Onboarding, Task, TaskBefore, TaskIf},
    party::Role,
};

impl Voice<'_> {
    /// What both sides do first.
    pub(super) fn onboarding(&self) -> Section {
        let mut section = Section::new("Onboarding");
        let Some(onboarding) = &self.agreement.onboarding else { return section };
        section.say(self.first_weeks(onboarding), &onboarding.clause);
        section.list(
            onboarding.task.iter().map(|t| Item::labelled(heading(&t.id), task(t), &t.clause)).collect(),
        );
        section
    }

    fn first_weeks(&self, onboarding: &Onboarding) -> String {
        format!(
            "Once {}, onboarding {} done within {}; its time is shown as {}. It is done when:",
            events::when(&onboarding.on),
            super::duties::done(onboarding.binding),
            amount(onboarding.within),
            meaning(onboarding.turns.about()),
        )
    }

    /// How the client gets further when it is stuck, and whom it asks.
    pub(super) fn escalation(&self) -> Section {
        let mut section = Section::new("Escalation");
        if let Some(escalation) = &self.agreement.escalation {
            section.say(self.ladder(escalation), &escalation.clause);
            section.list(
                escalation
                    .reason
                    .iter()
                    .map(|r| Item::labelled(heading(&r.id), reason(r), &r.clause))
                    .collect(),
            );
        }
        let topics = self.agreement.contact_topic.iter();
        section.list(
            topics
                .map(|topic| {
                    Item::new(
                        format!("For {}, the client asks the provider's {}", topic.topic, plain(&topic.who)),
                        &topic.clause,
                    )
                })
                .collect(),
        );
        section
    }

    fn ladder(&self, escalation: &Escalation) -> String {
        let rungs = escalation.path.iter().map(|rung| format!("{} to the {}", rung.level, rung.who));
        let mut text = format!(
            "A client that is stuck can escalate {}: level {}; unsolved at one level, it goes to the next",
            meaning(escalation.offer.about()),
            and(rungs.collect()),
        );
        if !escalation.thresholds.is_empty() {
            let ages =
                escalation.thresholds.iter().map(|(urgency, age)| format!("{} ({urgency})", amount(*age)));
            text += &format!(
                ". It is suggested for requests older than {}{}",
                and(ages.collect()),
                self.counted(escalation.calendar.as_ref())
            );
        }
        text
    }

    /// Who may do what.
    pub(super) fn people(&self) -> Section {
        let mut section = Section::new("People");
        let roles = self.agreement.role.iter();
        section
            .list(roles.map(|(name, role)| Item::labelled(heading(name), may(role), &role.clause)).collect());
        section
    }

    /// What needs both parties, and which acts are refused.
    pub(super) fn consent(&self) -> Section {
        let mut section = Section::new("What needs consent, and what is refused");
        let approvals = self.agreement.approval.iter();
        section.list(
            approvals
                .map(|(name, rule)| Item::labelled(heading(name), consent(rule), &rule.clause))
                .collect(),
        );
        if !self.agreement.guard.is_empty() {
            section.lead("These acts are refused otherwise:");
        }
        section.list(
            self.agreement.guard.iter().map(|guard| Item::new(refused(guard), &guard.clause)).collect(),
        );
        section
    }

    /// What is in scope and what is not, and words shown where they matter.
    pub(super) fn scope(&self) -> Section {
        let mut section = Section::new("Scope");
        if let Some(catalogue) = &self.agreement.catalogue {
            section.say(scope(catalogue), &catalogue.clause);
            for (is_in, title) in [(true, "In scope"), (false, "Out of scope")] {
                let entries: Vec<&Entry> =
                    catalogue.item.iter().filter(|entry| entry.r#in == is_in).collect();
                if !entries.is_empty() {
                    section.lead(format!("{title}:"));
                }
                section.list(
                    entries
                        .into_iter()
                        .map(|e| Item::new(entry(e, catalogue.default_mode), &e.clause))
                        .collect(),
                );
            }
        }
        let shown = self.agreement.show.iter();
        section.list(
            shown
                .map(|show| {
                    Item::new(
                        format!("Readers are told, {}: \"{}\"", places(&show.at), show.text),
                        &show.clause,
                    )
                })
                .collect(),
        );
        section
    }
}

fn task(task: &Task) -> String {
    let who = match task.party.side() {
        Some(_) => format!("{} sees to it", party(task.party)),
        None => "both parties see to it".to_owned(),
    };
    let when = match task.r#if {
        Some(TaskIf::VpnRequired) => ", where a VPN is required",
        None => "",
    };
    let before = match task.before {
        Some(TaskBefore::TermStart) => ", before the term starts",
        None => "",
    };
    format!("{}; {who}{when}{before}", done_when(task.done_when))
}

fn done_when(done: Done) -> &'static str {
    match done {
        Done::KickoffHeld => {
            "the kickoff was held with its people on record, and the client acknowledged the escalation path"
        }
        Done::ContactsSignedIn => "every person named by the client has signed in to the portal",
        Done::EnvironmentRecorded => "the systems are on record",
        Done::WalkthroughRecorded => "the support team was walked through them",
        Done::RulesApprovedByBoth => "both parties approved the first set of rules",
        Done::OutcomesRecorded => "the desired outcomes are written down",
        Done::TemplateShared => "the provider handed over its template for rules",
        Done::AccessChecksPassed => "every access that is needed was given and works",
        Done::GovernanceRecorded => {
            "the client stated its rules for access, approvals, data protection and security"
        }
        Done::VpnDocumented => "the client's VPN is documented",
    }
}

fn reason(reason: &EscalationReason) -> String {
    match reason.suggested {
        Some(suggested) => format!("a reason to escalate, suggested {}", meaning(suggested.about())),
        None => "a reason to escalate".to_owned(),
    }
}

fn may(role: &Role) -> String {
    let acts: Vec<String> = role.may.iter().map(|act| meaning(act.about())).collect();
    let mut text = format!("a role of the {}", role.side.name());
    text += &match acts.is_empty() {
        true => ", which carries no permission of its own".to_owned(),
        false => format!(", which may {}", and(acts)),
    };
    if let Some(skill) = &role.skill {
        text += &format!("; it takes the skill {skill}");
    }
    if role.clearance.is_some() {
        text += ", and clearance where the client restricts who may work for it";
    }
    if let Some(min) = role.min {
        text += &format!("; at least {min} holds it at any time");
    }
    super::terms::with_reason(text, role.added.as_deref())
}

fn consent(rule: &Approval) -> String {
    let side = |side: &facts::Side| format!("the {}", side.name());
    let propose = match rule.propose.as_slice() {
        [] => "either party".to_owned(),
        sides => or(sides.iter().map(side).collect()),
    };
    let mut text = format!(
        "proposed by {propose}, it takes the approval of {}",
        and(rule.approve.iter().map(side).collect())
    );
    if rule.refusal.is_some() {
        text += "; a refusal needs a reason";
    }
    if rule.silence.is_some() {
        text += "; silence is not consent";
    }
    if !rule.remind.is_empty() {
        text += &format!(
            ", and is reminded after {}",
            and(rule.remind.iter().map(|after| amount(*after)).collect())
        );
    }
    if !rule.subjects.is_empty() {
        text += &format!(
            ". It may be about {}",
            or(rule.subjects.iter().map(|subject| plain(subject)).collect())
        );
    }
    if !rule.fields.is_empty() {
        text += &format!(". It states {}", and(rule.fields.clone()));
    }
    if !rule.steps.is_empty() {
        let steps = rule.steps.iter().map(|step| meaning(step.about()));
        text += &format!(". One after another: {}", steps.collect::<Vec<_>>().join("; "));
    }
    if let Some(becomes) = rule.becomes {
        text += &format!(". Once approved it becomes {}", meaning(becomes.about()));
    }
    if rule.block.is_some() {
        text += ". Out-of-scope work without an approved order is refused";
    }
    text
}

fn refused(guard: &Guard) -> String {
    let which = guard.r#match.as_ref().map(matching).filter(|which| !which.is_empty());
    let which = which.map(|which| format!(" ({which})")).unwrap_or_default();
    let only = match guard.require {
        Require::ProviderDecides => "by the provider, and finally",
        Require::ProviderWithMessage => {
            "by the provider, with a message that tells the client; the client gives it on sending"
        }
        Require::ProductionInstance => "where a production instance is named, or somebody confirms it",
        Require::StartupValidation => "after a start-up validation was put on record",
        Require::StagedPlan => "with stages, a way back and checks",
        Require::ClientBackup => "after the client confirmed its backup",
        Require::PublicSummary => "with a summary that the client can read",
        Require::LinkedSop => "under a rule that both parties approved",
        Require::OnboardingDisclosed => "after it was disclosed what engineers must go through",
        Require::EscalationPath => "where the escalation path stands in this agreement",
    };
    format!("{}{which} only {only}", capital(&events::happens(guard.on)))
}

fn scope(catalogue: &Catalogue) -> String {
    let mode = match catalogue.default_mode {
        Mode::OnRequest => "when the client asks for it",
        Mode::Proactive => "by the provider itself",
    };
    let mut text = format!("Work is done {mode}, unless it says otherwise below");
    if let Some(unlisted) = catalogue.unlisted {
        text += &format!(". Of work that is not listed, {}", meaning(unlisted.about()));
    }
    text
}

fn entry(entry: &Entry, usual: Mode) -> String {
    let mut text = capital(&entry.text);
    if let Some(mode) = entry.mode.filter(|mode| *mode != usual) {
        text += match mode {
            Mode::OnRequest => ", on request",
            Mode::Proactive => ", without being asked",
        };
    }
    if let Some(boundary) = &entry.boundary {
        text += &format!("; the boundary: {boundary}");
    }
    text
}

fn places(at: &[crate::section::guard::ShowAt]) -> String {
    and(at.iter().map(|place| meaning(place.about())).collect())
}
