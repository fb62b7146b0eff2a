//! Subscribers of status pages: asked to confirm, told of what the public is told of, and gone when they leave.
//!
//! They are no people of anybody's: addresses of mail, programs at https: addresses, and browsers, whose owners need not be asked again
//! whether they asked. Each letter has a link of its own, whose secret is kept as a digest; by it its reader confirms, and leaves.
//! Letters lie among the deliveries and are forgotten when they have ended.

mod letters;
mod measured;

pub use self::letters::LETTERS_PER_HOUR_MAX;
pub(super) use self::letters::{Becomes, is_measured};

use base64::{Engine, engine::general_purpose::STANDARD};
use desk::public::{Event, PublicLetter};
use facts::{Body, ClientId, Fact, InstanceId};
use journal::{
    Hash, Task, Tx,
    people::{ADDRESS_BYTES_MAX, ENDPOINT_BYTES_MAX},
    subscriber::{Reach, Subscriber},
};
use sha2::{Digest, Sha256};
use spans::{Instant, Length};

use self::letters::{NEWS_MAX, deliver};
use super::{Book, Control, NotDone, Shown, notice::comes_back};

/// The task that tells subscribers of something.
pub(super) const TELL_PUBLIC: &str = "tell-public";
/// How long until an address that has not confirmed is asked again: strangers write addresses of others into forms.
pub const ASKED_AGAIN: Length = Length::DAY;
/// How long an address is kept that was asked and has said nothing.
pub const SILENT_KEPT: Length = Length::from_hours(7 * 24);
/// Bytes of the https: address of a program.
const HOOK_BYTES_MAX: usize = 500;
/// Bytes of a browser's keys, each: a point of P-256 and a secret of 16 bytes, in base64url.
const BROWSER_KEY_BYTES_MAX: usize = 128;
/// Addresses that are forgotten at once.
const SILENT_BATCH: u64 = 500;

/// The task that tells subscribers of a fact; none of what the public is not told.
pub(super) fn of_fact(client: &ClientId, fact: &Fact) -> Option<Task> {
    let measured = measured::incident(fact);
    let told = matches!(
        fact.body,
        Body::IncidentUpdatePublished(_) | Body::MaintenancePlanned(_) | Body::MaintenanceCancelled(_)
    );
    if !(told || measured.is_some()) || fact.at + NEWS_MAX < fact.recorded_at {
        return None;
    }
    Some(Task {
        client: client.clone(),
        id: format!("{TELL_PUBLIC}/{}", fact.id),
        kind: TELL_PUBLIC.to_owned(),
        body: measured.map_or_else(|| fact.id.to_string(), |ticket| format!("{} {ticket}", fact.id)),
        due: fact.recorded_at,
    })
}

impl Control {
    /// Somebody wants to be told at this address, of mail or of a program behind https: a letter asks to confirm. Whoever asks is not
    /// told whether the address was known.
    ///
    /// # Errors
    /// [`NotDone::Wrong`] where it is no address; the journal's.
    pub fn subscribe_status(&self, shown: &Shown, address: &str, now: Instant) -> Result<(), NotDone> {
        let address = address.trim();
        let reach = if is_hook(address) {
            Reach::Hook { key: self.key() }
        } else if is_address(address) {
            Reach::Mail
        } else {
            return Err(wrong("address", "it is no address of mail, and no https: address of a program"));
        };
        let new = self.subscriber(shown, address, reach, now);
        let letter = PublicLetter {
            thread: status::public_id(&[shown.client.as_str(), "thread"]),
            title: format!("{}: confirm that you want to be told", shown.page.title),
            said: "Somebody, you we hope, asked that this address be told of incidents and maintenance. Nothing more comes unless you \
                   confirm."
                .to_owned(),
            at: now,
            page: page_path(&shown.set),
            secret: self.secret(),
            asks: true,
            event: Event::Asked,
        };
        let done = self.journal().write_for(&shown.client, move |tx| ask(tx, &new, &letter, now));
        done.map_err(|why: journal::Error| why.into())
    }

    /// A browser, whose owner has just allowed it, wants to be told. One that is known has its newest keys from then on.
    ///
    /// # Errors
    /// [`NotDone::Wrong`] where it said nothing that leads to a browser, or there is no room for more; the journal's.
    pub fn subscribe_browser(
        &self,
        shown: &Shown,
        endpoint: &str,
        (p256dh, auth): (&str, &str),
        now: Instant,
    ) -> Result<(), NotDone> {
        let is_key = |text: &str| {
            let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '='));
            !text.is_empty() && plain && text.len() <= BROWSER_KEY_BYTES_MAX
        };
        if !is_https(endpoint, ENDPOINT_BYTES_MAX) || !is_key(p256dh) || !is_key(auth) {
            return Err(wrong("endpoint", "the browser gave no address of a push service with its keys"));
        }
        let reach = Reach::Browser { p256dh: p256dh.to_owned(), auth: auth.to_owned() };
        let new = self.subscriber(shown, endpoint, reach, now);
        let added = self.journal().write_for(&shown.client, move |tx| {
            match tx.subscriber_at(&new.client, &new.address)? {
                Some(known) if matches!(known.reach, Reach::Browser { .. }) => {
                    tx.forget_subscriber(&known)?;
                }
                // A program is told there, and does not make room for whoever knows its address.
                Some(_) => return Ok(true),
                None => {}
            }
            Ok::<_, journal::Error>(tx.add_subscriber(&new)? && tx.confirm_subscriber(&new, now)?)
        });
        if added? { Ok(()) } else { Err(wrong("endpoint", "too many are told of this page already")) }
    }

    /// A browser wants to be told no longer. Nobody but it knows its endpoint. False where it was not told.
    ///
    /// # Errors
    /// The journal's.
    pub fn leave_browser(&self, shown: &Shown, endpoint: &str) -> journal::Result<bool> {
        let (client, endpoint) = (shown.client.clone(), endpoint.to_owned());
        self.journal().write_for(&shown.client, move |tx| match tx.subscriber_at(&client, &endpoint)? {
            Some(known) if matches!(known.reach, Reach::Browser { .. }) => tx.forget_subscriber(&known),
            _ => Ok::<_, journal::Error>(false),
        })
    }

    fn subscriber(&self, shown: &Shown, address: &str, reach: Reach, now: Instant) -> Subscriber {
        Subscriber {
            client: shown.client.clone(),
            id: self.secret().chars().take(20).collect(),
            address: address.to_owned(),
            reach,
            asked: now,
            confirmed: None,
        }
    }

    /// Who a link speaks for; none where it leads nowhere any more.
    ///
    /// # Errors
    /// The journal's.
    pub fn subscription(&self, secret: &str) -> journal::Result<Option<Subscriber>> {
        let hash = digest(secret);
        self.journal().read(move |tx| tx.linked_subscriber(hash))
    }

    /// Whoever has the link wants to be told; false where it leads nowhere.
    ///
    /// # Errors
    /// The journal's.
    pub fn confirm_subscription(&self, secret: &str, now: Instant) -> journal::Result<bool> {
        let hash = digest(secret);
        self.journal().write(move |tx| {
            let Some(found) = tx.linked_subscriber(hash)? else { return Ok(false) };
            tx.confirm_subscriber(&found, now)?;
            Ok::<_, journal::Error>(true)
        })
    }

    /// Whoever has the link wants to be told no longer; nothing of the address is kept.
    ///
    /// # Errors
    /// The journal's.
    pub fn leave_subscription(&self, secret: &str) -> journal::Result<bool> {
        let hash = digest(secret);
        self.journal().write(move |tx| match tx.linked_subscriber(hash)? {
            Some(found) => tx.forget_subscriber(&found),
            None => Ok::<_, journal::Error>(false),
        })
    }

    /// Forgets who was asked to confirm and has said nothing for [`SILENT_KEPT`].
    ///
    /// # Errors
    /// The journal's.
    pub fn forget_silent(&self, now: Instant) -> journal::Result<()> {
        let silent = self.journal().read(move |tx| tx.silent_subscribers(now - SILENT_KEPT, SILENT_BATCH))?;
        if silent.is_empty() {
            return Ok(());
        }
        self.journal().write(move |tx| {
            for one in &silent {
                tx.forget_subscriber(one)?;
            }
            Ok::<_, journal::Error>(())
        })
    }

    /// What signs what a program is sent: thirty bytes (Standard Webhooks asks for 24 to 64).
    fn key(&self) -> String {
        let bytes = [(self.random)(), (self.random)(), (self.random)()].concat();
        format!("whsec_{}", STANDARD.encode(bytes))
    }

    /// Forty hexadecimal digits that nobody guesses.
    fn secret(&self) -> String {
        [(self.random)(), (self.random)()].concat().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// An address is asked once, and again after a day; one that has confirmed is not.
fn ask(tx: &mut Tx<'_>, new: &Subscriber, letter: &PublicLetter, now: Instant) -> journal::Result<()> {
    let known = tx.subscriber_at(&new.client, &new.address)?;
    let of = match known {
        Some(known) if known.confirmed.is_some() || now < known.asked + ASKED_AGAIN => return Ok(()),
        Some(known) => {
            tx.subscriber_asked(&known, now)?;
            known
        }
        None if tx.add_subscriber(new)? => new.clone(),
        None => return Ok(()),
    };
    tx.link_subscriber(&of, digest(&letter.secret), now)?;
    deliver(tx, &format!("ask/{now}"), &of, letter, now).map(drop)
}

fn page_path(set: &facts::StatusPublished) -> Option<String> {
    set.public.then(|| format!("/status/{}", set.page))
}

fn digest(secret: &str) -> Hash {
    <[u8; 32]>::from(Sha256::digest(format!("subscription {secret}"))).into()
}

fn wrong(field: &str, why: &str) -> NotDone {
    NotDone::Wrong { field: field.to_owned(), why: why.to_owned() }
}

/// The address of a program: whether it may be asked is decided when it is, by where its name leads then.
fn is_hook(text: &str) -> bool {
    is_https(text, HOOK_BYTES_MAX)
}

fn is_https(text: &str, bytes_max: usize) -> bool {
    let host = text.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    text.len() <= bytes_max
        && text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\\'))
        && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
}

/// One `@`, something before it and a name behind it; the mail server knows the rest.
fn is_address(text: &str) -> bool {
    let plain =
        text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')'));
    let parts = text.split_once('@');
    plain
        && text.len() <= ADDRESS_BYTES_MAX
        && parts.is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'))
}

impl Book {
    /// What subscribers are told of a fact, without a link; none where the page shows nothing of it.
    fn public_letter(&self, fact: &str) -> Option<PublicLetter> {
        let set = self.status_set()?.set;
        let fact = self.facts().iter().rev().find(|known| known.id.to_string() == fact)?;
        let shows =
            |instances: &[InstanceId]| set.components.iter().any(|one| instances.contains(&one.instance));
        let (event, thread, title, said) = match &fact.body {
            Body::IncidentUpdatePublished(update)
                if update.instances.is_empty() || shows(&update.instances) =>
            {
                (
                    Event::IncidentUpdated,
                    update.incident.to_string(),
                    update.title.clone(),
                    format!("{}: {}", stage(update.stage), update.message),
                )
            }
            Body::MaintenancePlanned(planned) if shows(&planned.instances) => {
                let later = self.series_after(planned);
                let title = match later.len() {
                    0 => "Maintenance is planned".to_owned(),
                    more => format!("Maintenance is planned, {} times", more + 1),
                };
                let span = format!("From {} to {}: {}.", planned.starts_at, planned.ends_at, planned.cause);
                let said = span + &comes_back(&later);
                (Event::MaintenancePlanned, planned.maintenance.to_string(), title, said)
            }
            Body::MaintenanceCancelled(gone) => {
                let record = self.maintenance_record(&gone.maintenance)?;
                if !shows(&record.planned.instances) {
                    return None;
                }
                let span = format!("It was to begin at {}.", record.planned.starts_at);
                (
                    Event::MaintenanceCancelled,
                    gone.maintenance.to_string(),
                    "Maintenance was called off".to_owned(),
                    span,
                )
            }
            _ => return None,
        };
        Some(PublicLetter {
            // Programs read it: what a record is called among ourselves is not theirs.
            thread: status::public_id(&[self.client().as_str(), "thread", &thread]),
            title: format!("{}: {title}", set.title),
            said,
            at: fact.at,
            page: page_path(&set),
            secret: String::new(),
            asks: false,
            event,
        })
    }
}

fn stage(stage: facts::IncidentStage) -> &'static str {
    match stage {
        facts::IncidentStage::Investigating => "Looked into",
        facts::IncidentStage::Identified => "Cause found",
        facts::IncidentStage::Monitoring => "Mended, watched",
        facts::IncidentStage::Resolved => "Over",
        facts::IncidentStage::Postmortem => "Afterwards",
    }
}
