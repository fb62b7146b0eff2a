//! Changes: of the client's systems, which the provider proposes and the client approves before one begins (MP-CLI-11), and of the
//! client's own surroundings, which it makes itself and warns of (MP-CLI-14).

use facts::{
    Body, ChangeApproved, ChangeClosed, ChangeId, ChangeProposed, ChangeRefused, ChangeStarted,
    ClientChangeAnnounced, ClientChangePlanned, ClientId, InstanceId, Noun, Side,
};
use spans::Instant;

use super::{
    By, Decision,
    approval::{said, short},
    known, next_number,
};
use crate::live::{Act, Control, Done, NotDone};

/// A major change of the client's surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// What it is, in words.
    pub what: String,
    /// When it begins.
    pub starts_at: Instant,
    /// The instances that may feel it; none named: any.
    pub instances: Vec<InstanceId>,
}

/// A change of the client's systems that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProposedChange {
    /// Upgrade, restart or another kind: a word that the agreement's guards ask for.
    pub kind: String,
    /// What is changed, in words.
    pub what: String,
    /// Why.
    pub why: String,
    /// When it is to begin.
    pub starts_at: Instant,
    /// When it is to be over.
    pub ends_at: Instant,
    /// The instances that it is about; none named: no single one.
    pub instances: Vec<InstanceId>,
    /// Whether it has stages, a way back and checks afterwards (MP-SC-APP-04).
    pub planned_in_stages: bool,
}

/// What the provider does with a change that it proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeStep {
    /// It begins.
    Start,
    /// It is over, and how the start-up was validated; an empty text for not at all.
    Close(String),
    /// It is not to be, and why.
    CallOff(String),
}

impl ChangeStep {
    fn body(self, change: ChangeId) -> Result<Body, NotDone> {
        Ok(match self {
            ChangeStep::Start => ChangeStarted { change }.into(),
            ChangeStep::Close(validation) => {
                short("validation", &validation)?;
                let validation = Some(validation.trim().to_owned()).filter(|text| !text.is_empty());
                ChangeClosed { change, validation }.into()
            }
            ChangeStep::CallOff(reason) => ChangeRefused { change, reason: said("reason", &reason)? }.into(),
        })
    }
}

impl Control {
    /// Proposes a change of the client's systems, under the next free number. The client approves it by its start (MP-CLI-11).
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Empty`] where a word is missing, [`NotDone::Wrong`] for a start that has
    /// passed, [`NotDone::NoSuch`] for an instance that nobody added.
    pub fn propose_change(
        &self,
        client: &ClientId,
        new: NewProposedChange,
        by: By,
        now: Instant,
    ) -> Result<(ChangeId, Done), NotDone> {
        let proposed = proposed(new)?;
        let act = by.act(client, proposed.clone(), None);
        let done = self.act_prepared(act, now, |book, act: &mut Act| {
            known(book, &proposed.instances)?;
            ahead(&proposed, now)?;
            let change = name(next_number(book, Noun::Change, "C-"));
            act.bodies = vec![ChangeProposed { change, ..proposed.clone() }.into()];
            Ok(())
        })?;
        let id = self.first_of(client, &done, |body| match body {
            Body::ChangeProposed(proposed) => Some(proposed.change),
            _ => None,
        })?;
        Ok((id, done))
    }

    /// Decides a change for the client: approved, with or without the word that it has a backup of its own (MP-CLI-13), or refused.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] for one that is not there.
    pub fn decide_change(
        &self,
        client: &ClientId,
        change: &ChangeId,
        (decision, backup_confirmed): (Decision, bool),
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let of = change.clone();
        let body: Body = match decision.reason()? {
            None => ChangeApproved { change: of, backup_confirmed }.into(),
            Some(reason) => ChangeRefused { change: of, reason }.into(),
        };
        let act = by.act(client, body, None);
        self.act_prepared(act, now, |book, _| book.stands(Noun::Change, &change.0, None))
    }

    /// What the provider does with a change: it begins, is over, or is called off.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]: one that the client has not approved does not begin (MP-CLI-11). [`NotDone::Unknown`] for one that
    /// is not there.
    pub fn carry_out_change(
        &self,
        client: &ClientId,
        change: &ChangeId,
        step: ChangeStep,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let read = by.read;
        let act = by.act(client, step.body(change.clone())?, None);
        self.act_prepared(act, now, |book, _| book.stands(Noun::Change, &change.0, read))
    }

    /// Puts a change on file under the next free number. Of the client's people it is the announcement; where the provider's
    /// write down one that nobody announced, it is none.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Empty`] where it does not say what, [`NotDone::NoSuch`] for an instance that nobody
    /// added.
    pub fn announce_change(
        &self,
        client: &ClientId,
        new: NewChange,
        by: By,
        now: Instant,
    ) -> Result<(ChangeId, Done), NotDone> {
        let what = said("what", &new.what)?;
        let announces = by.actor.side == Side::Client;
        let NewChange { starts_at, instances, .. } = new;
        let planned = ClientChangePlanned { change: name(1), starts_at, what: Some(what), instances };
        let act = by.act(client, planned.clone(), None);
        let done = self.act_prepared(act, now, |book, act: &mut Act| {
            known(book, &planned.instances)?;
            let change = name(next_number(book, Noun::Change, "C-"));
            act.bodies = vec![ClientChangePlanned { change: change.clone(), ..planned.clone() }.into()];
            if announces {
                act.bodies.push(ClientChangeAnnounced { change }.into());
            }
            Ok(())
        })?;
        let id = self.first_of(client, &done, |body| match body {
            Body::ClientChangePlanned(planned) => Some(planned.change),
            _ => None,
        })?;
        Ok((id, done))
    }
}

fn proposed(new: NewProposedChange) -> Result<ChangeProposed, NotDone> {
    let NewProposedChange { starts_at, ends_at, instances, planned_in_stages, .. } = new;
    let (what, why) = (said("what", &new.what)?, said("why", &new.why)?);
    Ok(ChangeProposed {
        change: name(1),
        kind: said("kind", &new.kind)?,
        starts_at,
        planned_in_stages,
        ends_at: Some(ends_at),
        what: Some(what),
        why: Some(why),
        instances,
    })
}

/// Who is asked has time to answer.
fn ahead(proposed: &ChangeProposed, now: Instant) -> Result<(), NotDone> {
    if proposed.starts_at < now {
        let why = "it has passed, and the client approves a change by its start".to_owned();
        return Err(NotDone::Wrong { field: "starts_at".to_owned(), why });
    }
    Ok(())
}

fn name(n: u64) -> ChangeId {
    format!("C-{n}").parse().expect("C, a hyphen and a number are an id")
}
