//! Requests: how they come in, what may be changed about them, how they end.

use agreement::{RequestRule, UrgencyAppeal, UrgencyChange};
use facts::{Body, Environment, Event, Noun, RequestClassified, RequestReceived, Slug};

use super::{Case, Reason, Refusal, Verdict, is_blank, list};
use crate::obligation::{Plan, latest_promise};

/// What stands where nobody has said what it is.
const UNCLASSIFIED: &str = "unclassified";

impl Case<'_> {
    pub(super) fn request(&self) -> Verdict {
        match &self.act.body {
            Body::RequestReceived(request) => self.received(request),
            Body::RequestClassified(classified) => {
                self.known("class", classified.class.as_deref())?;
                self.known("kind", classified.kind.as_deref())?;
                self.classified_anew(classified)
            }
            Body::RequestReprioritised(change) => {
                self.known("priority", change.priority.as_deref())?;
                self.known("urgency", change.urgency.as_deref())?;
                self.changed_urgency()?;
                self.same_action()
            }
            Body::RequestReplied(reply) => self.promised(reply.next_update_by),
            Body::AppealOpened(appeal) => self.appealed(&appeal.ticket.0),
            Body::EscalationRaised(raised) => {
                self.escalated(raised.reason.as_deref(), raised.level, &raised.ticket.0)
            }
            Body::MeetingRecorded(meeting) if is_blank(&meeting.attendees) || is_blank(&meeting.notes) => {
                let task = self.agreement().onboarding.iter().flat_map(|onboarding| &onboarding.task);
                let clauses = task.filter(|task| task.done_when == agreement::Done::KickoffHeld);
                let clauses = clauses.flat_map(|task| task.clause.ids.iter().cloned()).collect();
                Err(Refusal { clauses, reason: Reason::EmptyMeeting })
            }
            _ => Ok(()),
        }
    }

    fn received(&self, request: &RequestReceived) -> Verdict {
        if let Some(first) = self.last(Event::RequestReceived) {
            let ticket = request.ticket.to_string();
            return self.refuse_request(Reason::ReceivedTwice { ticket, at: first.at });
        }
        self.channel(&request.channel)?;
        self.known("priority", request.priority.as_deref())?;
        self.known("class", request.class.as_deref())?;
        self.known("kind", request.kind.as_deref())?;
        self.known("urgency", request.urgency.as_deref())
    }

    /// SH-DEF-10, MP-SLO-10: a message that came another way is no request. A channel of another tier is logged.
    pub(super) fn channel(&self, name: &str) -> Verdict {
        let agreement = self.agreement();
        let tier = self.plan.terms().tier();
        let unentitled = agreement.channels.as_ref().is_some_and(|channels| channels.unentitled.is_some());
        let entitled = |channel: &agreement::Channel| {
            unentitled
                || channel.tiers.is_empty()
                || tier.is_some_and(|tier| channel.tiers.iter().any(|t| t == tier))
        };
        let open =
            agreement.channel.iter().filter(|(_, channel)| entitled(channel)).map(|(name, _)| name.as_str());
        let open: Vec<&str> = open.collect();
        if agreement.channel.is_empty() || open.contains(&name) {
            return Ok(());
        }
        let clauses =
            agreement.channels.iter().flat_map(|channels| channels.clause.ids.iter().cloned()).collect();
        Err(Refusal {
            clauses,
            reason: Reason::UnknownChannel { channel: name.to_owned(), known: list(open) },
        })
    }

    /// SH-DEF-14, MP-SLO-06: classes, kinds, urgencies and priorities are closed lists; other names count.
    fn known(&self, field: &'static str, word: Option<&str>) -> Verdict {
        let (Some(word), Some(rule)) = (word, &self.agreement().request) else { return Ok(()) };
        let known = words(rule, field);
        if self.plan.vocabulary().knows(&known, field, word) {
            return Ok(());
        }
        let known = list(known.iter().map(String::as_str));
        self.refuse_request(Reason::UnknownWord { field, word: word.to_owned(), known })
    }

    /// SH-CHAR-02, A-49: another class or kind than was said before moves clocks or ends them, so the client reads why.
    fn classified_anew(&self, new: &RequestClassified) -> Verdict {
        let told = new.message.as_deref().is_some_and(|message| !is_blank(message));
        let differs = |is: &Option<String>, was: &Option<String>| {
            is.is_some() && was.as_deref().is_some_and(|was| was != UNCLASSIFIED) && is != was
        };
        let (class, kind) = self.said_kind(&new.ticket.0);
        if told || !(differs(&new.class, &class) || differs(&new.kind, &kind)) {
            return Ok(());
        }
        self.refuse_request(Reason::UntoldChange)
    }

    /// The class and the kind that hold before the act.
    fn said_kind(&self, ticket: &Slug) -> (Option<String>, Option<String>) {
        let about = self.view.history.of(Noun::Ticket, ticket).iter().filter(|fact| fact.at <= self.act.at);
        about.fold((None, None), |(class, kind), fact| match &fact.body {
            Body::RequestReceived(said) => (said.class.clone(), said.kind.clone()),
            Body::RequestClassified(said) => (said.class.clone().or(class), said.kind.clone().or(kind)),
            _ => (class, kind),
        })
    }

    /// the provider changes an urgency, and says why; a client who finds it wrong escalates (MP-ESC-04).
    fn changed_urgency(&self) -> Verdict {
        let Some(rule) = self.agreement().request.as_ref().and_then(|request| request.urgency.as_ref())
        else {
            return Ok(());
        };
        let UrgencyChange::ProviderWithReason = rule.change_by;
        let set = match rule.appeal {
            UrgencyAppeal::Escalation => Reason::UrgencyIsSet,
        };
        match self.not_by_provider(set).or_else(|| self.untold_change()) {
            Some(reason) => self.refuse_request(reason),
            None => Ok(()),
        }
    }

    /// SH-CHAR-05: what is owed in the same act is part of the act.
    fn same_action(&self) -> Verdict {
        let owed = self
            .plan
            .started_by(self.act.event())
            .find(|rule| rule.is_same_action() && rule.met_by().is_none());
        match (owed, self.untold_change()) {
            (Some(rule), Some(reason)) => self.refuse(&rule.source.clause, reason),
            _ => Ok(()),
        }
    }

    fn refuse_request(&self, reason: Reason) -> Verdict {
        let clauses =
            self.agreement().request.iter().flat_map(|request| request.clause.ids.iter().cloned()).collect();
        Err(Refusal { clauses, reason })
    }

    /// MP-UPD-04, A-46: a promised update lies ahead, and not too far.
    fn promised(&self, promised: Option<spans::Instant>) -> Verdict {
        let Some(promised) = promised else { return Ok(()) };
        let clauses: Vec<String> =
            self.agreement().cadence.iter().flat_map(|c| c.clause.ids.clone()).collect();
        let latest = latest_promise(self.plan, &self.said, self.act.at);
        let reason = match promised {
            promised if promised <= self.act.at && self.agreement().cadence.is_none() => return Ok(()),
            promised if promised <= self.act.at => Reason::PromisedInThePast { promised },
            promised if latest < promised => Reason::PromisedTooLate { latest },
            _ => return Ok(()),
        };
        Err(Refusal { clauses, reason })
    }

    /// SH-CHAR-06: an appeal is against a changed priority.
    fn appealed(&self, ticket: &facts::Slug) -> Verdict {
        let about = self.view.history.of(Noun::Ticket, ticket).iter().filter(|fact| fact.at <= self.act.at);
        if about.into_iter().any(|fact| fact.event() == Event::RequestReprioritised) {
            return Ok(());
        }
        let rules = self.plan.started_by(Event::AppealOpened);
        let clauses = rules.flat_map(|rule| rule.duty.clauses.iter().cloned()).collect();
        Err(Refusal { clauses, reason: Reason::NothingToAppeal { ticket: ticket.to_string() } })
    }

    /// MP-ESC-04..07: for a reason from the list, rung by rung.
    fn escalated(&self, reason: Option<&str>, level: Option<u16>, ticket: &facts::Slug) -> Verdict {
        let Some(rule) = &self.agreement().escalation else { return Ok(()) };
        let known: Vec<&str> = rule.reason.iter().map(|reason| reason.id.as_str()).collect();
        if let Some(reason) = reason.filter(|reason| !known.is_empty() && !known.contains(reason)) {
            let reason = Reason::UnknownReason { reason: reason.to_owned(), known: list(known) };
            return self.refuse(&rule.clause, reason);
        }
        let highest =
            crate::escalation::highest_level(self.view.history.of(Noun::Ticket, ticket), self.act.at);
        let next = highest.saturating_add(1);
        match level {
            Some(level) if next < level => self.refuse(&rule.clause, Reason::SkippedRung { next }),
            _ => Ok(()),
        }
    }

    /// SH-DEF-17: P1 names a production instance.
    pub(super) fn not_production(&self) -> Option<Reason> {
        let Body::RequestReceived(request) = &self.act.body else { return None };
        let added = request.instance.as_ref().and_then(|instance| {
            let about = self.view.history.of(Noun::Instance, &instance.0).iter();
            about.filter(|fact| fact.at <= self.act.at).find_map(|fact| match &fact.body {
                Body::InstanceAdded(added) => Some(added.environment),
                _ => None,
            })
        });
        (added != Some(Environment::Production)).then_some(Reason::NotProduction)
    }

    /// MP-UPD-05: a summary the client can read.
    pub(super) fn no_summary(&self) -> Option<Reason> {
        match &self.act.body {
            Body::RequestResolved(resolved) if is_blank(&resolved.summary) => Some(Reason::NoSummary),
            _ => None,
        }
    }
}

/// The closed list of a field.
fn words(rule: &RequestRule, field: &str) -> Vec<String> {
    let priorities = || rule.priority.iter().map(|priority| priority.id.clone()).collect();
    match field {
        "priority" if rule.priority.is_empty() => rule.urgencies.clone(),
        "priority" => priorities(),
        "class" => rule.classes.clone(),
        "kind" => rule.kinds.clone(),
        _ => rule.urgencies.clone(),
    }
}

/// The words that an agreement has for `priority`, `class`, `kind` or `urgency`; none where it does not speak of it.
pub fn words_of(plan: &Plan, field: &str) -> Vec<String> {
    plan.agreement().request.as_ref().map_or_else(Vec::new, |rule| words(rule, field))
}

/// Whether a word is one of [`words_of`], or another name for one. Where the agreement has none, no word is: nothing could
/// follow from it.
pub fn is_word(plan: &Plan, field: &str, word: &str) -> bool {
    let known = words_of(plan, field);
    !known.is_empty() && plan.vocabulary().knows(&known, field, word)
}
