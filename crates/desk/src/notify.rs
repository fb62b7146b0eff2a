//! Who is told of what, and why: a fact, a reminder or a miss, the ticket as it stands, and the people there are, come to notices.
//!
//! Pure. The rules, in one place:
//!
//! - Nobody is told of what he did himself, and nobody who may not come in.
//! - What only the provider's people see reaches nobody else ([`Body::is_internal`]).
//! - One person gets one notice of one thing, for the strongest reason.
//! - The provider's side: whoever has the ticket; where nobody has it who is there, whoever is on call. Beside them who watches and who is named.
//!   The client's: who asked; where that is nobody who may come in, the contacts; beside them who watches and who is named.
//! - A call goes to whom it names, at any hour (MP-ESC-02, SH-SLO-06).

use std::collections::{BTreeMap, BTreeSet};

use facts::{Body, Event, Fact, Side, TicketId};
use serde::{Deserialize, Serialize};
use spans::Instant;

/// Notices of one thing.
pub const NOTICES_MAX: usize = 200;
/// The longest name after an `@`.
const MENTION_MAX: usize = 100;

/// The role of those who hear of misses and of calls that nobody answers.
pub const MANAGER: &str = "manager";
/// Roles of a client's people who speak for it, in the words of the agreements.
pub const CONTACTS: [&str; 2] = ["contact", "poc"];
/// The role of those who approve and dispute for a client.
const APPROVER: &str = "approver";
/// The role of those who hear of statements.
const BILLING: &str = "billing";

/// Somebody who may come in: the provider's people, and those of the client at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// By what facts name the person.
    pub id: String,
    /// What is typed at the door, and after an `@`.
    pub login: String,
    /// What the person is called.
    pub name: String,
    /// Whose side.
    pub side: Side,
    /// Roles held.
    pub roles: Vec<String>,
}

/// Why somebody is told, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The person was called.
    Called,
    /// It was escalated to the person.
    Escalated,
    /// The ticket is the person's.
    Assigned,
    /// Somebody named the person.
    Named,
    /// The person asked.
    Asked,
    /// The person is on call, and nobody has the ticket.
    OnCall,
    /// The person watches.
    Watches,
    /// The person is a manager.
    Manages,
    /// The person speaks for the client.
    Contact,
}

impl Why {
    /// As a notice says it to the person.
    pub fn sentence(self) -> &'static str {
        match self {
            Why::Called => "You are called because you are on call.",
            Why::Escalated => "You are told because it was escalated to you.",
            Why::Assigned => "You are told because the ticket is yours.",
            Why::Named => "You are told because somebody named you.",
            Why::Asked => "You are told because you asked.",
            Why::OnCall => "You are told because you are on call and nobody has the ticket.",
            Why::Watches => "You are told because you watch it.",
            Why::Manages => "You are told because you are a manager.",
            Why::Contact => "You are told because you are a contact.",
        }
    }
}

/// Somebody is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Who, by id.
    pub person: String,
    /// Why.
    pub why: Why,
    /// Whether it is a call, which comes at any hour.
    pub call: bool,
}

/// What is not in facts about the moment: who is on call, and whom a level of the ladder names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Duty {
    /// Who is on call for this client now, by id, the first to be called first.
    pub on_call: Vec<String>,
    /// Whom the escalation at hand goes to, by id (MP-ESC-07).
    pub escalated_to: Vec<String>,
}

/// Something somebody owes: a reminder of it, or that it was missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owed {
    /// It falls due (SH-SLO-06): its party is reminded.
    Reminder {
        /// Whose it is.
        side: Side,
        /// Whether managers see it too (MP-ESC-11).
        managers: bool,
    },
    /// It was missed.
    Missed {
        /// Whose it was.
        side: Side,
    },
}

/// A ticket, or what was proposed, as far as it decides who is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Who asked, by id; none where it was a machine or an import.
    pub asked: Option<String>,
    /// Who has it, by id.
    pub assigned: Option<String>,
    /// Who watches, by id.
    pub watching: BTreeSet<String>,
}

impl Standing {
    /// Reads the facts about it, in order.
    pub fn of<'f>(facts: impl IntoIterator<Item = &'f Fact>) -> Standing {
        let mut standing = Standing::default();
        for fact in facts {
            match &fact.body {
                Body::RequestReceived(_) | Body::ProposalMade(_) | Body::ChangeProposed(_)
                    if standing.asked.is_none() && fact.actor.is_person() =>
                {
                    standing.asked = Some(fact.actor.id.clone());
                }
                Body::RequestAssigned(assigned) => standing.assigned.clone_from(&assigned.to),
                Body::RequestWatched(watched) => {
                    standing.watching.insert(watched.person.clone());
                }
                Body::RequestUnwatched(watched) => {
                    standing.watching.remove(&watched.person);
                }
                _ => {}
            }
        }
        standing
    }
}

/// Who is told of a fact. `text` is what was written with it; `actor` the id of who acted.
pub fn of_fact(
    fact: &Fact,
    actor: &str,
    text: Option<&str>,
    standing: &Standing,
    duty: &Duty,
    people: &[Person],
) -> Vec<Notice> {
    let mut audience = Audience { people, standing, duty, told: BTreeMap::new(), call: false };
    audience.hear(fact);
    if let Some(text) = text {
        audience.named(text);
    }
    let internal = fact.body.is_internal();
    audience.notices(|person| person.id != actor && !(internal && person.side != Side::Provider))
}

/// Who is told that something falls due or was missed.
pub fn of_owed(owed: Owed, standing: &Standing, duty: &Duty, people: &[Person]) -> Vec<Notice> {
    let mut audience = Audience { people, standing, duty, told: BTreeMap::new(), call: false };
    match owed {
        Owed::Reminder { side: Side::Client, .. } => audience.client(),
        Owed::Reminder { managers, .. } => {
            audience.provider();
            if managers {
                audience.role(Side::Provider, &[MANAGER], Why::Manages);
            }
        }
        // What the client missed is shown, and nobody is told twice of what was his own to do.
        Owed::Missed { side: Side::Client } => audience.provider(),
        Owed::Missed { .. } => {
            audience.provider();
            audience.role(Side::Provider, &[MANAGER], Why::Manages);
        }
    }
    let inside = !matches!(owed, Owed::Reminder { side: Side::Client, .. });
    audience.notices(|person| !inside || person.side == Side::Provider)
}

/// Who is told that vantage points differ about an instance: the provider's people alone, whose vantage points they are.
pub fn of_difference(duty: &Duty, people: &[Person]) -> Vec<Notice> {
    let standing = Standing::default();
    let mut audience = Audience { people, standing: &standing, duty, told: BTreeMap::new(), call: false };
    audience.provider();
    audience.role(Side::Provider, &[MANAGER], Why::Manages);
    audience.notices(|person| person.side == Side::Provider)
}

/// Whether a fact can concern anybody beside who did it, by its event alone.
pub fn is_told(event: Event) -> bool {
    matches!(
        event,
        Event::RequestReceived
            | Event::RequestClassified
            | Event::RequestReprioritised
            | Event::WishLogged
            | Event::FileAttached
            | Event::RequestMerged
            | Event::RequestParted
            | Event::RequestReplied
            | Event::RequestNoted
            | Event::RequestAskedClient
            | Event::RequestClientReplied
            | Event::RequestUpdateAsked
            | Event::RequestStatusChanged
            | Event::RequestAssigned
            | Event::RequestResolved
            | Event::RequestReopened
            | Event::RequestWithdrawn
            | Event::RcaPublished
            | Event::MessageHeld
            | Event::MessageSettled
            | Event::PauseClaimed
            | Event::PauseAgreed
            | Event::PauseRefused
            | Event::AppealOpened
            | Event::AppealDecided
            | Event::EscalationRaised
            | Event::EscalationAnswered
            | Event::PageSent
            | Event::PageUnanswered
            | Event::ThresholdCrossed
            | Event::CheckDefined
            | Event::CheckEnded
            | Event::MaintenancePlanned
            | Event::MaintenanceCancelled
            | Event::FreezeSet
            | Event::FreezeLifted
            | Event::ExclusionClaimed
            | Event::ExclusionDisputed
            | Event::ExclusionSettled
            | Event::ProposalMade
            | Event::ProposalApproved
            | Event::ProposalRefused
            | Event::ChangeProposed
            | Event::ChangeApproved
            | Event::ChangeRefused
            | Event::ChangeStarted
            | Event::ChangeClosed
            | Event::ClientChangePlanned
            | Event::ContactChangeRequested
            | Event::ContactChangeApplied
            | Event::StatementPublished
    )
}

struct Audience<'a> {
    people: &'a [Person],
    standing: &'a Standing,
    duty: &'a Duty,
    told: BTreeMap<&'a str, Why>,
    call: bool,
}

impl<'a> Audience<'a> {
    fn hear(&mut self, fact: &'a Fact) {
        let by_client = fact.actor.side == Side::Client;
        match &fact.body {
            Body::PageSent(page) => {
                self.call = true;
                self.tell(&page.person, Why::Called);
            }
            Body::PageUnanswered(_) => {
                self.call = true;
                self.role(Side::Provider, &[MANAGER], Why::Manages);
            }
            Body::EscalationRaised(_) => {
                let duty = self.duty;
                duty.escalated_to.iter().for_each(|person| self.tell(person, Why::Escalated));
                self.provider();
                self.role(Side::Provider, &[MANAGER], Why::Manages);
                self.watchers();
            }
            Body::AppealOpened(_) => {
                self.role(Side::Provider, &[MANAGER], Why::Manages);
                self.provider();
            }
            Body::RequestAssigned(assigned) => {
                let to = assigned.to.as_deref();
                to.into_iter().for_each(|person| self.tell(person, Why::Assigned));
            }
            // A file of the provider's own is told as a note is.
            Body::RequestNoted(_) | Body::FileAttached(facts::FileAttached { internal: true, .. }) => {
                self.assigned();
                self.watchers();
            }
            // SH-DEF-11: a message of somebody who is no contact is for those who are.
            Body::MessageHeld(_) | Body::MaintenancePlanned(_) | Body::MaintenanceCancelled(_) => {
                self.role(Side::Client, &CONTACTS, Why::Contact);
            }
            // What the provider put aside, the contacts could have wanted; what one of them settled, they settled.
            Body::MessageSettled(_) => {
                if fact.actor.side == Side::Provider {
                    self.role(Side::Client, &CONTACTS, Why::Contact);
                }
            }
            // What is asked decides figures; what a machine brings in tells of a time before (SH-AVAIL-07).
            Body::CheckDefined(_) | Body::CheckEnded(_) if !fact.actor.is_person() => {}
            // About planned work, about what is asked and about what counts: each side's word is told to those who speak for the other.
            Body::CheckDefined(_)
            | Body::CheckEnded(_)
            | Body::FreezeSet(_)
            | Body::FreezeLifted(_)
            | Body::ExclusionClaimed(_)
            | Body::ExclusionDisputed(_)
            | Body::ExclusionSettled(_)
            | Body::ProposalMade(_)
            | Body::ProposalApproved(_)
            | Body::ProposalRefused(_)
            | Body::ChangeProposed(_)
            | Body::ChangeApproved(_)
            | Body::ChangeRefused(_)
            | Body::ChangeStarted(_)
            | Body::ChangeClosed(_)
            | Body::ClientChangePlanned(_) => {
                self.asked();
                if by_client {
                    self.role(Side::Provider, &[MANAGER], Why::Manages);
                    self.provider();
                } else {
                    self.role(Side::Client, &[CONTACTS[0], CONTACTS[1], APPROVER], Why::Contact);
                }
            }
            // SH-REQ-06: who may ask and decide is known to those who speak for the client, and to the provider when it was their word.
            Body::ContactChangeRequested(_) | Body::ContactChangeApplied(_) => {
                self.role(Side::Client, &CONTACTS, Why::Contact);
                if by_client {
                    self.role(Side::Provider, &[MANAGER], Why::Manages);
                }
            }
            Body::StatementPublished(_) => {
                self.role(Side::Client, &[CONTACTS[0], CONTACTS[1], BILLING], Why::Contact);
            }
            // What one writes for one's own people is told to whom it names, and to who is given it.
            Body::RequestReceived(request) if request.about.is_some() => {}
            Body::RequestReceived(_) => {
                self.provider();
                self.client();
            }
            // MP-SC-INC-02: at once, and where nobody is on call, whoever answers for that.
            Body::ThresholdCrossed(_) => {
                self.provider();
                if self.told.is_empty() {
                    self.role(Side::Provider, &[MANAGER], Why::Manages);
                }
                self.client();
            }
            // What kind it is stands on its page; who said otherwise before is told why (SH-CHAR-02).
            Body::RequestClassified(said) if said.message.is_none() => {}
            _ if !is_told(fact.event()) => {}
            // What one side does is told to the other, and to whoever watches on either.
            _ if by_client => {
                self.provider();
                self.watchers();
            }
            _ => {
                self.client();
                self.assigned();
                self.watchers();
            }
        }
    }

    fn provider(&mut self) {
        let people = self.people;
        let is_there = |id: &String| people.iter().any(|one| one.id == *id && one.side == Side::Provider);
        if self.standing.assigned.as_ref().is_some_and(is_there) {
            return self.assigned();
        }
        let duty = self.duty;
        duty.on_call.iter().take(1).for_each(|person| self.tell(person, Why::OnCall));
    }

    /// Whoever asked for the other side's word hears it, whatever their role.
    fn asked(&mut self) {
        let standing = self.standing;
        standing.asked.iter().for_each(|person| self.tell(person, Why::Asked));
    }

    fn assigned(&mut self) {
        let standing = self.standing;
        standing.assigned.iter().for_each(|person| self.tell(person, Why::Assigned));
    }

    fn client(&mut self) {
        let (standing, people) = (self.standing, self.people);
        let is_there = |id: &String| people.iter().any(|one| one.id == *id && one.side == Side::Client);
        match standing.asked.as_ref().filter(|asked| is_there(asked)) {
            Some(asked) => self.tell(asked, Why::Asked),
            None => self.role(Side::Client, &CONTACTS, Why::Contact),
        }
        self.watchers();
    }

    fn watchers(&mut self) {
        let standing = self.standing;
        standing.watching.iter().for_each(|person| self.tell(person, Why::Watches));
    }

    fn role(&mut self, side: Side, roles: &[&str], why: Why) {
        let people = self.people;
        let holds = |person: &&Person| person.roles.iter().any(|role| roles.contains(&role.as_str()));
        people
            .iter()
            .filter(|person| person.side == side)
            .filter(holds)
            .for_each(|person| self.tell(&person.id, why));
    }

    /// `@login` in a text, in any case.
    fn named(&mut self, text: &str) {
        let people = self.people;
        for login in mentions(text) {
            let found = people.iter().find(|person| person.login.eq_ignore_ascii_case(login));
            found.into_iter().for_each(|person| self.tell(&person.id, Why::Named));
        }
    }

    fn tell(&mut self, person: &'a str, why: Why) {
        let strongest = self.told.entry(person).or_insert(why);
        *strongest = why.min(*strongest);
    }

    fn notices(self, may: impl Fn(&Person) -> bool) -> Vec<Notice> {
        let there = |id: &str| self.people.iter().find(|person| person.id == id).is_some_and(&may);
        let told = self.told.iter().filter(|(id, _)| there(id));
        let notice = |(id, why): (&&str, &Why)| Notice {
            person: (*id).to_owned(),
            why: *why,
            call: self.call || *why == Why::Escalated,
        };
        told.map(notice).take(NOTICES_MAX).collect()
    }
}

/// What stands behind each `@` at the start of a word: letters, digits and `. _ -`, and one `@` inside, as in an address.
pub fn mentions(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || "._-@".contains(c);
    text.split(move |c: char| !is_part(c)).filter_map(|word| {
        let name = word.strip_prefix('@')?.trim_end_matches(['.', '-', '@']);
        (!name.is_empty() && name.len() <= MENTION_MAX).then_some(name)
    })
}

/// What a notice says, without words for one channel: mail, push and others to come write it their way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// What it is about, as long as it lasts: every letter about it stands in one thread.
    pub thread: String,
    /// Its name in a line, such as `T-12 Wiki is down`.
    pub title: String,
    /// What happened, in a sentence.
    pub headline: String,
    /// What was written, where the reader may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// When something about it falls due, where the letter is about time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Instant>,
    /// When it happened.
    pub at: Instant,
    /// Where it stands in the portal, from the first slash.
    pub path: String,
    /// Why this person is told.
    pub why: Why,
    /// Whether it is a call.
    pub call: bool,
}

/// The page of a ticket, for a [`Letter::path`].
pub fn ticket_path(client: &facts::ClientId, ticket: &TicketId) -> String {
    format!("/clients/{client}/tickets/{ticket}")
}
