//! People of the portal, for those who set it up: add one, and give them a one-time secret for their first password.
//!
//! There is no page that makes the first administrator, and no default account (ASVS 6.3.2): whoever may run the command line on
//! the store may invite.

use door::{
    Fault, Secret, password,
    secret::{hex, random, typed},
};
use facts::ClientId;
use journal::{
    Journal, Tx,
    people::{ApiToken, DoorEvent, Membership, Person, Standing},
};
use spans::{Instant, Length};

use crate::server::ADMINISTRATOR;

/// What a one-time secret is for: the first password, or a new one.
pub(crate) const WELCOME: &str = "welcome";
/// How long a one-time secret works (ASVS 6.4.1).
pub const INVITATION_MAX: Length = Length::from_secs(24 * 3_600);

/// Somebody to be added.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// What they will type; letters, digits and `. _ - + @`, taken in lower case.
    pub login: String,
    /// What they are called.
    pub name: String,
    /// Their client, or none for staff.
    pub client: Option<ClientId>,
    /// Roles in the agreement's words, and `administrator` for who looks after the portal.
    pub roles: Vec<String>,
    /// Skills in the agreement's words.
    pub skills: Vec<String>,
}

/// What to tell an invited person. It is shown once: only its hash is kept.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// What they type.
    pub login: String,
    /// Five groups of five, to be typed on `/welcome`.
    pub secret: String,
    /// Until when.
    pub ends: Instant,
}

/// Why somebody could not be added or invited.
#[derive(Debug, Clone, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the variants and their fields are")]
pub enum Refusal {
    #[error("`{0}` is no login: use 2 to 100 letters, digits and . _ - + @")]
    Login(String),
    #[error("a person needs a name of 1 to 200 bytes")]
    Name,
    #[error("choose one role at least, of those that the agreement names")]
    Roles,
    #[error("{0}")]
    LastContact(String),
    #[error("the login `{0}` is taken")]
    Taken(String),
    #[error("this login cannot be used: take another, such as one with your company's name in it")]
    Unusable,
    #[error("{0} has been here: the provider's people give a new way in, after making sure who asks")]
    HasDoor(String),
    #[error("nobody has the login `{0}`")]
    Nobody(String),
    #[error("this machine gives no random bytes")]
    NoRandomness,
    #[error("there is a token called `{0}`: take another name")]
    Token(String),
    #[error("the password could not be hashed, or the rules refuse it: {0}")]
    Password(String),
    #[error("`{0}` is shut out: `uphold people enable` lets them in again")]
    Disabled(String),
    #[error("`{0}` is the last administrator who may come in: give that role to somebody else first")]
    LastAdministrator(String),
    #[error(transparent)]
    Journal(#[from] journal::Error),
}

/// Adds somebody, who cannot sign in before they are invited or given a password.
///
/// # Errors
/// [`Refusal`].
pub fn add(journal: &Journal, new: &NewPerson, now: Instant) -> Result<Person, Refusal> {
    add_from(journal, new, None, now)
}

/// The same, but they do not count before something else says from when: nobody comes in through a notice that was cut off.
///
/// # Errors
/// [`Refusal`].
pub fn add_uncounted(journal: &Journal, new: &NewPerson, now: Instant) -> Result<Person, Refusal> {
    add_from(journal, new, Some(Instant::MAX), now)
}

fn add_from(
    journal: &Journal,
    new: &NewPerson,
    effective: Option<Instant>,
    now: Instant,
) -> Result<Person, Refusal> {
    let login = read_login(&new.login)?;
    let name = read_name(&new.name)?;
    let id = hex(&random::<12>().map_err(|_: Fault| Refusal::NoRandomness)?);
    let standing = new.client.clone().map_or(Standing::Staff, Standing::Of);
    let (roles, skills) = (new.roles.clone(), new.skills.clone());
    let person = Person { roles, skills, effective, ..Person::new(&id, &login, &name, standing, now) };
    let added = person.clone();
    match journal.write(move |tx| tx.add_person(&added))? {
        true => Ok(person),
        false => Err(Refusal::Taken(person.login)),
    }
}

/// Gives somebody a one-time secret for a first or a new password. An older one that was not used is void.
///
/// # Errors
/// [`Refusal`].
pub fn invite(journal: &Journal, login: &str, now: Instant) -> Result<Invitation, Refusal> {
    invite_whom(journal, login, Whom::Anybody, now)
}

/// To whom a one-time secret may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whom {
    /// To who never had a door: it opens nothing that was anybody's.
    Newcomers,
    /// To who had one too: it replaces what they came in by.
    Anybody,
}

/// The same, for newcomers only unless whoever gives it may give anybody a way back in.
pub(crate) fn invite_whom(
    journal: &Journal,
    login: &str,
    whom: Whom,
    now: Instant,
) -> Result<Invitation, Refusal> {
    let login = read_login(login)?;
    let person = find(journal, &login)?;
    if person.disabled.is_some() {
        return Err(Refusal::Disabled(login));
    }
    let (secret, hash) = typed().map_err(|_: Fault| Refusal::NoRandomness)?;
    let ends = now + INVITATION_MAX;
    journal.write(move |tx| {
        // Asked where it is kept: between the question and the answer nobody takes their invitation up.
        if whom == Whom::Newcomers {
            let there = tx.person(&person.id)?;
            if let Some(there) = there
                && tx.has_door(&there)?
            {
                return Err(Refusal::HasDoor(there.name));
            }
        }
        Ok(tx.add_secret(hash, &person.id, WELCOME, now, ends)?)
    })?;
    Ok(Invitation { login, secret, ends })
}

/// Sets somebody's password, for demonstrations and tests. Its rules are those of the page.
///
/// # Errors
/// [`Refusal`].
pub fn set_password(journal: &Journal, login: &str, new: &str) -> Result<(), Refusal> {
    let person = find(journal, &read_login(login)?)?;
    if let Some(why) = password::mistake(new, &person.login, &person.name) {
        return Err(Refusal::Password(why));
    }
    let phc = password::hash(new).map_err(|_: Fault| Refusal::Password("no memory for it".to_owned()))?;
    journal.write(move |tx| tx.set_password(&person.id, &phc)).map(drop).map_err(Refusal::from)
}

/// Gives somebody an API token, shown this once. It has their roles and ends by itself.
///
/// # Errors
/// [`Refusal`].
pub fn token(
    journal: &Journal,
    login: &str,
    name: &str,
    now: Instant,
    ends: Instant,
) -> Result<String, Refusal> {
    let person = find(journal, &read_login(login)?)?;
    let secret = Secret::new().map_err(|_: Fault| Refusal::NoRandomness)?;
    let kept = ApiToken {
        hash: secret.hash(),
        person: person.id,
        name: name.to_owned(),
        created: now,
        ends,
        used: None,
        writes: true,
        factors: 2,
        client: None,
        roles: None,
        networks: None,
    };
    match journal.write(move |tx| tx.add_token(&kept))? {
        true => Ok(secret.api_token()),
        false => Err(Refusal::Token(name.to_owned())),
    }
}

/// Everybody, with those who may no longer come in.
///
/// # Errors
/// [`Refusal`].
pub fn everybody(journal: &Journal) -> Result<Vec<Person>, Refusal> {
    Ok(journal.read(|tx| tx.people())?)
}

/// Sets what somebody may do, from their next request on; their skills too where any are said.
///
/// # Errors
/// [`Refusal`].
pub fn set_roles(
    journal: &Journal,
    login: &str,
    roles: &[String],
    skills: Option<&[String]>,
) -> Result<Person, Refusal> {
    let mut person = find(journal, &read_login(login)?)?;
    person.roles = roles.to_vec();
    person.skills = skills.map_or(person.skills, <[String]>::to_vec);
    let now = person.clone();
    journal.write(move |tx| {
        if !is_administrator(&now) {
            keep_an_administrator(tx, &now)?;
        }
        tx.set_roles(&now.id, &now.roles, &now.skills)?;
        Ok::<_, Refusal>(())
    })?;
    Ok(person)
}

/// Calls somebody something else.
///
/// # Errors
/// [`Refusal::Name`], and the journal's.
pub(crate) fn rename(journal: &Journal, person: &str, name: &str) -> Result<(), Refusal> {
    let (id, name) = (person.to_owned(), read_name(name)?);
    journal.write(move |tx| tx.set_name(&id, &name)).map(drop).map_err(Refusal::from)
}

/// Sets what somebody of a client may do. The last of those who hold one of the roles that ask for support keeps one (MP-CLI-04).
///
/// # Errors
/// [`Refusal::LastContact`], and the journal's.
pub(crate) fn set_contact_roles(
    journal: &Journal,
    client: &ClientId,
    person: &Person,
    (roles, primary): (&[String], &[String]),
    now: Instant,
) -> Result<(), Refusal> {
    let (client, person) = (client.clone(), person.clone());
    let (roles, primary) = (roles.to_vec(), primary.to_vec());
    journal.write(move |tx| {
        if !roles.iter().any(|role| primary.contains(role)) {
            keep_a_contact(tx, &client, &person, &primary, now)?;
        }
        tx.set_roles(&person.id, &roles, &person.skills)?;
        Ok(())
    })
}

/// Keeps somebody out from now on. Their sessions and API tokens end at once.
///
/// # Errors
/// [`Refusal`].
pub fn disable(journal: &Journal, login: &str, now: Instant) -> Result<Person, Refusal> {
    let person = find(journal, &read_login(login)?)?;
    let told = person.clone();
    journal.write(move |tx| {
        keep_an_administrator(tx, &told)?;
        tx.disable_person(&told.id, now)?;
        Ok::<_, Refusal>(())
    })?;
    Ok(person)
}

/// Lets somebody in again, with the password they had; API tokens are made anew.
///
/// # Errors
/// [`Refusal`].
pub fn enable(journal: &Journal, login: &str) -> Result<Person, Refusal> {
    let person = find(journal, &read_login(login)?)?;
    let id = person.id.clone();
    journal.write(move |tx| tx.enable_person(&id))?;
    Ok(person)
}

/// Takes all second factors from somebody who lost them, and ends their sessions, API tokens, links to other places and what
/// remembers their browsers: whoever took the account over keeps none of it. It is written down as the command line's doing.
///
/// # Errors
/// [`Refusal`].
pub fn reset_factors(journal: &Journal, login: &str, now: Instant) -> Result<Person, Refusal> {
    let person = take_factors(journal, login, now)?;
    let event = by_command_line(&person.id, "second factors taken away", now)?;
    journal.write(move |tx| tx.note_door_event(&event))?;
    Ok(person)
}

/// Ends all sessions of somebody; who calls writes it down.
pub(crate) fn end_sessions(journal: &Journal, login: &str) -> Result<Person, Refusal> {
    let person = find(journal, &read_login(login)?)?;
    let id = person.id.clone();
    journal.write::<_, Refusal>(move |tx| Ok(tx.end_sessions(&id, None).map(drop)?))?;
    Ok(person)
}

/// As [`reset_factors`], where who calls writes it down.
pub(crate) fn take_factors(journal: &Journal, login: &str, _: Instant) -> Result<Person, Refusal> {
    let person = find(journal, &read_login(login)?)?;
    let id = person.id.clone();
    journal.write::<_, Refusal>(move |tx| Ok(tx.reset_factors(&id)?))?;
    Ok(person)
}

/// Removes somebody of a client at once. The last of those who hold one of these roles stays (MP-CLI-04, SH-DEF-12): nobody would
/// be left who may ask for support. Who is announced cannot ask yet, and so does not stand in for anybody.
pub(crate) fn remove(
    journal: &Journal,
    client: &ClientId,
    leaves: &Person,
    primary: &[String],
    now: Instant,
) -> Result<(), Refusal> {
    let (client, leaves, primary) = (client.clone(), leaves.clone(), primary.to_vec());
    journal.write(move |tx| {
        keep_a_contact(tx, &client, &leaves, &primary, now)?;
        tx.disable_person(&leaves.id, now)?;
        Ok(())
    })
}

/// Says until when somebody of a client counts, or that they stay. Who is to leave stands in for nobody from now on.
pub(crate) fn leave_on(
    journal: &Journal,
    client: &ClientId,
    leaves: &Person,
    primary: &[String],
    (on, now): (Option<Instant>, Instant),
) -> Result<(), Refusal> {
    let (client, leaves, primary) = (client.clone(), leaves.clone(), primary.to_vec());
    journal.write(move |tx| {
        if on.is_some() {
            keep_a_contact(tx, &client, &leaves, &primary, now)?;
        }
        tx.set_leaves(&leaves.id, on)?;
        Ok(())
    })
}

/// Holds the people of a client, and refuses where nobody would be left of those who hold one of these roles.
fn keep_a_contact(
    tx: &mut Tx<'_>,
    client: &ClientId,
    leaves: &Person,
    primary: &[String],
    now: Instant,
) -> Result<(), Refusal> {
    tx.hold_people_of(client)?;
    let holds = |person: &Person| {
        let counts = matches!(person.membership(now), Membership::Effective | Membership::Leaving);
        counts && primary.iter().any(|role| person.has_role(role))
    };
    let others = tx.people_of(client)?.into_iter().filter(|person| person.id != leaves.id);
    if holds(leaves) && !others.into_iter().any(|other| other.leaves.is_none() && holds(&other)) {
        let name = &leaves.name;
        return Err(Refusal::LastContact(format!(
            "{name} is the last who may ask for support: name another primary contact first, and wait until they count."
        )));
    }
    Ok(())
}

/// What is written down of something that the command line did.
fn by_command_line(person: &str, event: &str, now: Instant) -> Result<DoorEvent, Refusal> {
    let id = hex(&random::<12>().map_err(|_: Fault| Refusal::NoRandomness)?);
    Ok(DoorEvent {
        id,
        person: person.to_owned(),
        at: now,
        event: event.to_owned(),
        doer: "command line".to_owned(),
        detail: String::new(),
    })
}

fn is_administrator(person: &Person) -> bool {
    person.standing == Standing::Staff && person.roles.iter().any(|role| role == ADMINISTRATOR)
}

/// Nobody shuts the last administrator out: that is not undone on any page.
fn keep_an_administrator(tx: &mut Tx<'_>, leaves: &Person) -> Result<(), Refusal> {
    // So that two who take the role from each other at once do not both succeed.
    tx.hold_staff()?;
    let (mine, others): (Vec<Person>, Vec<Person>) =
        tx.staff()?.into_iter().filter(is_administrator).partition(|person| person.id == leaves.id);
    let last = !mine.is_empty() && others.is_empty();
    if last { Err(Refusal::LastAdministrator(leaves.login.clone())) } else { Ok(()) }
}

fn find(journal: &Journal, login: &str) -> Result<Person, Refusal> {
    let found = journal.read(|tx| tx.person_by_login(login))?;
    found.map(|(person, _)| person).ok_or_else(|| Refusal::Nobody(login.to_owned()))
}

/// A login as it is kept: lower case, nothing around it.
pub(crate) fn login(text: &str) -> String {
    let text = text.trim();
    text[..text.floor_char_boundary(journal::people::LOGIN_BYTES_MAX)].to_lowercase()
}

fn read_name(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    let fits = !name.is_empty() && text.len() <= journal::people::NAME_BYTES_MAX;
    if fits { Ok(name.to_owned()) } else { Err(Refusal::Name) }
}

fn read_login(text: &str) -> Result<String, Refusal> {
    let login = text.trim().to_lowercase();
    let fits = (2..=journal::people::LOGIN_BYTES_MAX).contains(&login.len())
        && login.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-+@".contains(&b));
    if fits { Ok(login) } else { Err(Refusal::Login(text.to_owned())) }
}
