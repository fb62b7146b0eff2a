//! The desk's own acts: pauses, appeals and their decision, closing and opening, merging and splitting, what the provider's
//! people keep for themselves.

use facts::{
    AppealDecided, Body, Event, Fact, FileAttached, Noun, PauseClaimed, RequestReceived, RequestTagged,
    Resolution, Side, Slug, TicketId,
};
use spans::Instant;

use super::{Case, Reason, Refusal, Verdict, is_blank, list};
use crate::{
    kin::{KIN_DEEP_MAX, merged_into},
    ticket::{Said, linked_ticket, voided},
};

/// The most tags a ticket has.
pub const TAGS_MAX: usize = 32;
/// The most characters of a tag.
pub const TAG_CHARS_MAX: usize = 40;
/// The most people who are told of everything about one ticket.
pub const WATCHERS_MAX: usize = 200;
/// The most tickets that one ticket is linked to.
pub const LINKS_MAX: usize = 100;
/// The most files attached to a ticket.
pub const FILES_MAX: usize = 200;

impl<'c> Case<'c> {
    pub(super) fn desk(&self) -> Verdict {
        match &self.act.body {
            Body::RequestReceived(request) => self.split(request),
            Body::RequestPaused(pause) => {
                self.pausable(&pause.reason, pause.evidence.as_deref())?;
                self.at_once()
            }
            Body::RequestResumed(_) => self.resumed(),
            Body::PauseClaimed(pause) => self.pause_claimed(pause),
            Body::PauseAgreed(pause) => self.pause_settled(&pause.pause.0),
            Body::PauseRefused(pause) => {
                self.pause_settled(&pause.pause.0)?;
                self.refuse_if(is_blank(&pause.reason), Reason::NoReason)
            }
            Body::AppealOpened(appeal) => self.appeal_follows(&appeal.ticket.0),
            Body::AppealDecided(decided) => self.decided(decided),
            Body::RequestReprioritised(_) => self.same_words(),
            Body::RequestResolved(resolved) => {
                // SH-ACK-03: what cannot be solved says why, whatever else the file asks of a summary.
                let unsaid = resolved.outcome == Resolution::CannotSolve && is_blank(&resolved.summary);
                self.refuse_if(unsaid, Reason::NoSummary)?;
                self.by_itself()
            }
            Body::RequestReopened(_) => self.reopened(),
            Body::RequestWithdrawn(_) => {
                self.refuse_if(self.act.actor.side == Side::Provider, Reason::NotWithdrawn)
            }
            Body::RequestAskedClient(_) => self.provider(),
            Body::RequestMerged(merged) => self.merged(&merged.ticket, &merged.into),
            Body::RequestParted(parted) => self.parted(&parted.ticket, &parted.from),
            Body::EscalationRaised(raised) => self.is_open(&raised.ticket.0),
            Body::EscalationAnswered(_) => {
                self.provider()?;
                let raised = self.last(Event::EscalationRaised).is_some();
                self.refuse_if(
                    !raised,
                    Reason::NothingBefore { what: "an escalation", event: "escalation.raised" },
                )
            }
            _ => self.kept(),
        }
    }

    /// What the provider's people keep about a ticket.
    fn kept(&self) -> Verdict {
        match &self.act.body {
            Body::RequestAssigned(assigned) => {
                self.provider()?;
                self.refuse_if(assigned.to.as_deref().is_some_and(is_blank), Reason::NoPerson)
            }
            Body::RequestTagged(tagged) => self.tagged(tagged),
            Body::RequestWatched(watched) => self.watched(&watched.person, true),
            Body::RequestUnwatched(watched) => self.watched(&watched.person, false),
            Body::RequestLinked(linked) => self.linked(&linked.ticket, &linked.to),
            Body::RequestUnlinked(linked) => {
                self.provider()?;
                let is_linked = self.links(&linked.ticket.0).contains(&&linked.to);
                self.refuse_if(!is_linked, Reason::NotLinked { to: linked.to.to_string() })
            }
            Body::FileAttached(file) => self.attached(file),
            Body::FileRemoved(file) => {
                let there = self.files().into_iter().find(|(attached, _)| attached.file == file.file);
                let by_client = self.act.actor.side == Side::Client;
                // Of a file that the client does not see it does not hear either.
                let seen = there.filter(|(attached, _)| !(by_client && attached.internal));
                let Some((_, from)) = seen else {
                    return self.refuse_if(true, Reason::NoFile { file: file.file.to_string() });
                };
                self.refuse_if(by_client && from != Side::Client, Reason::NotYourFile)
            }
            Body::PageSent(_) => self.provider(),
            Body::PageAcknowledged(_) => {
                self.provider()?;
                let sent = self.last(Event::PageSent).is_some();
                self.refuse_if(!sent, Reason::NothingBefore { what: "a call", event: "page.sent" })
            }
            Body::ContactChangeApplied(_) => {
                self.provider()?;
                let asked = self.last(Event::ContactChangeRequested).is_some();
                let what = "a change of that contact";
                self.refuse_if(!asked, Reason::NothingBefore { what, event: "contact.change_requested" })
            }
            _ => Ok(()),
        }
    }

    // Pauses.

    /// A clock stands still only where the agreement says so: for a reason of its list, and with what shows it.
    fn pausable(&self, reason: &str, evidence: Option<&str>) -> Verdict {
        let rules = self.plan.rules().iter();
        let pauses = |rule: &&std::sync::Arc<crate::obligation::Rule>| {
            rule.source.pause.as_ref().is_some_and(|pause| pause.from == Event::RequestPaused)
        };
        let Some(rule) = rules.clone().find(pauses).and(self.agreement().pause.as_ref()) else {
            return self.refuse_if(true, Reason::NeverPauses);
        };
        if !rule.reasons.iter().any(|known| known == reason) {
            let known = list(rule.reasons.iter().map(String::as_str));
            return self.refuse(&rule.clause, Reason::UnknownPause { reason: reason.to_owned(), known });
        }
        if evidence.is_none_or(is_blank) {
            return self.refuse(&rule.clause, Reason::NoEvidence);
        }
        Ok(())
    }

    /// A pause begins when it is recorded; what is said afterwards needs the other side.
    fn at_once(&self) -> Verdict {
        self.provider()?;
        self.is_open(self.act.body.subject_id())?;
        self.refuse_if(self.paused_since().is_some(), Reason::PausedAlready)?;
        self.refuse_if(self.act.at < self.act.recorded_at, Reason::PausedAfterwards)
    }

    fn resumed(&self) -> Verdict {
        let claimed = |fact: &&Fact| matches!(&fact.body, Body::PauseClaimed(pause) if pause.until.is_none());
        let is_open = self.paused_since().is_some() || self.about_ticket().iter().any(claimed);
        self.refuse_if(!is_open, Reason::NotPaused)
    }

    fn paused_since(&self) -> Option<Instant> {
        let last = self.before().find_map(|fact| match fact.event() {
            Event::RequestPaused => Some(Some(fact.at)),
            Event::RequestResumed => Some(None),
            _ => None,
        });
        last.flatten()
    }

    fn pause_claimed(&self, pause: &PauseClaimed) -> Verdict {
        self.pausable(&pause.reason, pause.evidence.as_deref())?;
        self.exists(&pause.ticket.0)?;
        self.refuse_if(self.last(Event::PauseClaimed).is_some(), Reason::SaidTwice { what: "pause" })?;
        let received = self.about_ticket().iter().find(|f| f.event() == Event::RequestReceived).map(|f| f.at);
        let until = pause.until.unwrap_or(self.act.at);
        let fits = pause.from < until && until <= self.act.at && received.is_none_or(|at| at <= pause.from);
        self.refuse_if(!fits, Reason::PauseOutOfPlace)
    }

    /// By the other side, once.
    fn pause_settled(&self, pause: &Slug) -> Verdict {
        let Some(claim) = self.last(Event::PauseClaimed) else {
            let pause = pause.to_string();
            return self.refuse_if(true, Reason::NothingPaused { pause });
        };
        let settled = self.last(Event::PauseAgreed).or(self.last(Event::PauseRefused)).is_some();
        self.refuse_if(settled, Reason::PauseSettled)?;
        let other = claim.actor.side.other() == Some(self.act.actor.side) && self.act.actor.is_person();
        self.refuse_if(!other, Reason::OwnPause { side: claim.actor.side })
    }

    // Appeals.

    /// SH-CHAR-06: one appeal against one change. What a manager decided is decided.
    fn appeal_follows(&self, ticket: &Slug) -> Verdict {
        let about = self.about(ticket);
        let last = |event: Event| about.iter().rposition(|fact| fact.event() == event);
        let (changed, opened) = (last(Event::RequestReprioritised), last(Event::AppealOpened));
        let again = opened.is_some_and(|opened| changed.is_none_or(|changed| changed < opened));
        self.under(Event::AppealOpened, again, Reason::AppealedTwice)
    }

    /// SH-CHAR-06, A-30: decided once, with a reason that the client reads.
    fn decided(&self, decided: &AppealDecided) -> Verdict {
        let opened = |fact: &&Fact| matches!(&fact.body, Body::AppealOpened(opened) if opened.ticket == decided.ticket);
        let is_open = self.before().any(|fact| opened(&fact));
        let appeal = decided.appeal.to_string();
        self.under(Event::AppealOpened, !is_open, Reason::NothingAppealed { appeal })?;
        let again = self.last(Event::AppealDecided).is_some();
        self.under(Event::AppealOpened, again, Reason::DecidedTwice)?;
        self.under(Event::AppealOpened, decided.text.is_none(), Reason::NoReason)
    }

    // Priorities, closing, opening.

    /// What is changed changes something; a sentence that tells the client of nothing is none.
    fn same_words(&self) -> Verdict {
        let Body::RequestReprioritised(change) = &self.act.body else { return Ok(()) };
        let facts = self.said.facts();
        let before = &facts[..facts.len().saturating_sub(1)];
        let undone = voided(&self.about_ticket());
        let said = Said::after(self.plan, Noun::Ticket, before, &undone);
        let same = |field, word: Option<&String>| {
            let spelled = word.map(|word| self.plan.vocabulary().spell(field, word.into()));
            spelled.is_none_or(|word| said.word(field) == Some(word))
        };
        let none = change.priority.is_none() && change.urgency.is_none();
        let same = same("priority", change.priority.as_ref()) && same("urgency", change.urgency.as_ref());
        self.refuse_if(!none && same, Reason::SameWord)
    }

    /// What goes on in another ticket is closed there; monitoring only says how its own instance is.
    fn by_itself(&self) -> Verdict {
        match merged_into(self.said.facts()).filter(|_| self.act.actor.is_person()) {
            Some(into) => self.refuse_if(true, Reason::GoesOnIn { into: into.to_string() }),
            None => Ok(()),
        }
    }

    fn reopened(&self) -> Verdict {
        self.by_itself()?;
        let facts = self.said.facts();
        let before = Said::after(self.plan, Noun::Ticket, &facts[..facts.len().saturating_sub(1)], &[]);
        self.refuse_if(!before.is_over(), Reason::NotClosed)
    }

    fn is_open(&self, ticket: &Slug) -> Verdict {
        let about = self.about(ticket);
        let said = Said::after(self.plan, Noun::Ticket, &about, &[]);
        self.refuse_if(said.is_over(), Reason::IsClosed { ticket: ticket.to_string() })
    }

    // Merging and splitting.

    /// Both stand by themselves, so that no circle of tickets comes about; and no chain that nobody follows.
    fn merged(&self, ticket: &TicketId, into: &TicketId) -> Verdict {
        self.provider()?;
        self.refuse_if(ticket == into, Reason::Itself)?;
        self.exists(&ticket.0)?;
        self.exists(&into.0)?;
        self.by_itself_before()?;
        if let Some(on) = merged_into(&self.about(&into.0)) {
            return self.refuse_if(true, Reason::GoesOnIn { into: on.to_string() });
        }
        self.is_open(&ticket.0)?;
        self.is_open(&into.0)?;
        self.refuse_if(KIN_DEEP_MAX <= self.depth(&ticket.0, 0), Reason::TooDeep { max: KIN_DEEP_MAX })
    }

    fn by_itself_before(&self) -> Verdict {
        let facts = self.said.facts();
        match merged_into(&facts[..facts.len().saturating_sub(1)]) {
            Some(into) => self.refuse_if(true, Reason::GoesOnIn { into: into.to_string() }),
            None => Ok(()),
        }
    }

    /// How many tickets stand one behind the other up to this one, itself included.
    fn depth(&self, ticket: &Slug, above: usize) -> usize {
        if KIN_DEEP_MAX <= above {
            return above;
        }
        let merged = self.view.history.all(Event::RequestMerged, self.act.at).iter();
        let behind = merged.filter_map(|fact| match &fact.body {
            Body::RequestMerged(merged) if merged.into.0 == *ticket => Some(&merged.ticket.0),
            _ => None,
        });
        behind.map(|id| self.depth(id, above + 1)).max().unwrap_or(above).max(above + 1)
    }

    fn parted(&self, ticket: &TicketId, from: &TicketId) -> Verdict {
        self.provider()?;
        let facts = self.about(&ticket.0);
        let before: Vec<&Fact> = facts.into_iter().filter(|fact| fact.id != self.act.id).collect();
        let is_in = merged_into(&before) == Some(from);
        self.refuse_if(!is_in, Reason::NotMerged { ticket: ticket.to_string(), from: from.to_string() })
    }

    /// A split keeps the receipt and the words on which its time depends: nobody wins time by it, nor loses a promise.
    fn split(&self, request: &RequestReceived) -> Verdict {
        let Some(first) = &request.split_from else { return Ok(()) };
        self.refuse_if(*first == request.ticket, Reason::Itself)?;
        self.exists(&first.0)?;
        let about = self.about_now(&first.0);
        let receipt = about.iter().find(|fact| fact.event() == Event::RequestReceived).map(|fact| fact.at);
        if let Some(at) = receipt.filter(|at| *at != self.act.at) {
            return self.refuse_if(true, Reason::OtherReceipt { at });
        }
        if let Some(into) = merged_into(&about) {
            return self.refuse_if(true, Reason::GoesOnIn { into: into.to_string() });
        }
        let undone = voided(&about);
        let said = Said::after(self.plan, Noun::Ticket, &about, &undone);
        for (field, word) in [("priority", &request.priority), ("urgency", &request.urgency)] {
            let as_given = word.as_deref().map(|word| self.plan.vocabulary().spell(field, word.into()));
            let given = as_given.or_else(|| self.plan.vocabulary().unsaid(field).map(Into::into));
            if let Some(stands) = said.word(field).filter(|stands| given.as_ref() != Some(stands)) {
                let word = stands.into_owned();
                return self.refuse_if(true, Reason::OtherWord { field, word });
            }
        }
        let deep = std::iter::successors(Some(first), |id| self.split_from(&id.0)).take(KIN_DEEP_MAX).count();
        self.refuse_if(KIN_DEEP_MAX <= deep, Reason::TooDeep { max: KIN_DEEP_MAX })
    }

    fn split_from(&self, ticket: &Slug) -> Option<&'c TicketId> {
        self.view.history.of(Noun::Ticket, ticket).iter().find_map(|fact| match &fact.body {
            Body::RequestReceived(request) if request.ticket.0 == *ticket => request.split_from.as_ref(),
            _ => None,
        })
    }

    // What the provider's people keep.

    fn tagged(&self, tagged: &RequestTagged) -> Verdict {
        self.provider()?;
        let said = tagged.add.iter().chain(&tagged.remove);
        let fits = |tag: &String| {
            !is_blank(tag) && tag.chars().count() <= TAG_CHARS_MAX && !tag.contains([',', '\n', '\r', '\t'])
        };
        if let Some(tag) = said.clone().find(|tag| !fits(tag)) {
            return self.refuse_if(true, Reason::BadTag { tag: tag.clone() });
        }
        self.refuse_if(said.count() == 0, Reason::SaysNothing)?;
        let mut tags: std::collections::BTreeSet<&str> = std::collections::BTreeSet::new();
        for fact in self.said.facts() {
            if let Body::RequestTagged(tagged) = &fact.body {
                tags.retain(|tag| !tagged.remove.iter().any(|gone| gone == tag));
                tags.extend(tagged.add.iter().map(String::as_str));
            }
        }
        self.refuse_if(TAGS_MAX < tags.len(), Reason::TooMany { what: "tags", max: TAGS_MAX })
    }

    /// Everybody decides for himself; the provider's people add each other, and those of the client who ask for it.
    fn watched(&self, person: &str, on: bool) -> Verdict {
        let own = person == self.act.actor.id;
        self.refuse_if(!own && self.act.actor.side != Side::Provider, Reason::OnlyOneself)?;
        self.refuse_if(is_blank(person), Reason::NoPerson)?;
        let mut watchers: Vec<&str> = Vec::new();
        for fact in self.said.facts() {
            match &fact.body {
                Body::RequestWatched(watched) => watchers.push(&watched.person),
                Body::RequestUnwatched(watched) => watchers.retain(|known| **known != watched.person),
                _ => {}
            }
        }
        watchers.sort_unstable();
        watchers.dedup();
        let too_many = on && WATCHERS_MAX < watchers.len();
        self.refuse_if(too_many, Reason::TooMany { what: "people who are told", max: WATCHERS_MAX })
    }

    fn linked(&self, ticket: &TicketId, to: &TicketId) -> Verdict {
        self.provider()?;
        self.refuse_if(ticket == to, Reason::Itself)?;
        self.exists(&to.0)?;
        let links = self.links(&ticket.0);
        self.refuse_if(links.contains(&to), Reason::LinkedAlready { to: to.to_string() })?;
        self.refuse_if(LINKS_MAX <= links.len(), Reason::TooMany { what: "links", max: LINKS_MAX })
    }

    fn links(&self, ticket: &Slug) -> Vec<&'c TicketId> {
        let mut links = Vec::new();
        for fact in self.about(ticket).into_iter().filter(|fact| fact.id != self.act.id) {
            match &fact.body {
                Body::RequestLinked(linked) => links.push(&linked.to),
                Body::RequestUnlinked(linked) => links.retain(|to| **to != linked.to),
                _ => {}
            }
        }
        links
    }

    fn attached(&self, file: &FileAttached) -> Verdict {
        self.refuse_if(file.internal && self.act.actor.side != Side::Provider, Reason::NotInternal)?;
        let is_hex = file.sha256.len() == 64 && file.sha256.bytes().all(|b| b.is_ascii_hexdigit());
        self.refuse_if(!is_hex, Reason::NoDigest)?;
        let files = self.files();
        let again = files.iter().any(|(there, _)| there.file == file.file);
        self.refuse_if(again, Reason::SaidTwice { what: "file" })?;
        self.refuse_if(FILES_MAX <= files.len(), Reason::TooMany { what: "files", max: FILES_MAX })
    }

    /// The files that are there before the act, and which side attached each.
    fn files(&self) -> Vec<(&'c FileAttached, Side)> {
        let mut files: Vec<(&FileAttached, Side)> = Vec::new();
        let mut before: Vec<&Fact> = self.before().collect();
        before.reverse();
        for fact in before {
            match &fact.body {
                Body::FileAttached(file) => files.push((file, fact.actor.side)),
                Body::FileRemoved(file) => files.retain(|(known, _)| known.file != file.file),
                _ => {}
            }
        }
        files
    }

    // What all of them ask.

    pub(super) fn provider(&self) -> Verdict {
        self.refuse_if(self.act.actor.side != Side::Provider, Reason::ProviderOnly)
    }

    pub(super) fn exists(&self, ticket: &Slug) -> Verdict {
        let about = self.about_now(ticket);
        let known = about.iter().any(|fact| fact.event() == Event::RequestReceived);
        self.refuse_if(!known, Reason::NoTicket { ticket: ticket.to_string() })
    }

    /// The facts about a ticket up to the act, in order.
    fn about(&self, ticket: &Slug) -> Vec<&'c Fact> {
        let about = self.view.history.of(Noun::Ticket, ticket).iter().copied();
        about.filter(|fact| fact.at <= self.act.at && fact.id != self.act.id).collect()
    }

    /// Those that are on record when the act is: a split is received when the first ticket was.
    fn about_now(&self, ticket: &Slug) -> Vec<&'c Fact> {
        let about = self.view.history.of(Noun::Ticket, ticket).iter().copied();
        about.filter(|fact| fact.at <= self.act.recorded_at && fact.id != self.act.id).collect()
    }

    /// The facts about the ticket that the act is about, directly or not.
    fn about_ticket(&self) -> Vec<&'c Fact> {
        let linked = linked_ticket(self.act).unwrap_or_else(|| self.act.body.subject_id());
        self.about(linked)
    }

    pub(super) fn refuse_if(&self, wrong: bool, reason: Reason) -> Verdict {
        if wrong { Err(Refusal { clauses: Vec::new(), reason }) } else { Ok(()) }
    }

    /// With the clauses of what an event starts.
    fn under(&self, event: Event, wrong: bool, reason: Reason) -> Verdict {
        let rules = self.plan.started_by(event);
        let clauses = rules.flat_map(|rule| rule.duty.clauses.iter().cloned()).collect();
        if wrong { Err(Refusal { clauses, reason }) } else { Ok(()) }
    }
}
