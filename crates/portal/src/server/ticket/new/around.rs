//! What somebody wants to know before writing: when support answers, by which ways, in which language, and for whom.

use agreement::{Agreement, Channel, Require, Then};
use control::live::Book;
use facts::Event;
use spans::Instant;

use super::CHANNEL;
use crate::{part::clauses, server::hours};

/// Languages by their short names (BCP 47), as far as agreements are likely to name them.
const LANGUAGES: [(&str, &str); 8] = [
    ("de", "German"),
    ("en", "English"),
    ("es", "Spanish"),
    ("fr", "French"),
    ("it", "Italian"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
];

/// A way in.
pub(super) struct Way {
    pub(super) name: String,
    /// Its address or number.
    pub(super) at: String,
    pub(super) note: &'static str,
    pub(super) clauses: String,
}

/// What stands beside the form. Sentences are HTML, with the clauses that say so.
#[derive(Default)]
pub(super) struct Around {
    pub(super) hours: Vec<(String, String)>,
    pub(super) ways: Vec<Way>,
    pub(super) language: String,
    pub(super) language_clauses: String,
    /// The clauses by which a client helps its own end users (SH-REQ-04); none where the agreement does not say so.
    pub(super) first_level: String,
    /// The clauses by which the provider says what kind a request is, finally (SH-CHAR-02, SH-CHAR-03), and the kinds.
    pub(super) classified: String,
    pub(super) classes: String,
    /// The clauses by which a feature request is logged and nothing falls due (SH-ACK-04, SH-ACK-05).
    pub(super) wishes: String,
}

impl Around {
    pub(super) fn of(book: &Book, now: Instant) -> Around {
        let Some(versions) = book.versions() else { return Around::default() };
        let terms = versions.at(now).unwrap_or_else(|| versions.latest()).terms();
        let agreement = terms.agreement();
        let told = book.support_hours(now);
        let hours = told.iter().map(|one| (hours::sentence(one, now), clauses(&one.clauses)));
        let support = agreement.support_hours.as_ref().map(|hours| clauses(&hours.clause.ids));
        Around {
            hours: hours.collect(),
            ways: ways(agreement, terms.tier()),
            language: language(&agreement.agreement.language),
            language_clauses: support.unwrap_or_default(),
            first_level: first_level(agreement),
            classified: classified(agreement),
            classes: agreement.request.as_ref().map_or(String::new(), |rule| one_of(&rule.classes)),
            wishes: wishes(agreement),
        }
    }
}

/// SH-SUP-02, MP-SLO-11: those of the tier, this one first.
fn ways(agreement: &Agreement, tier: Option<&str>) -> Vec<Way> {
    let has = |channel: &Channel| {
        channel.tiers.is_empty() || tier.is_some_and(|tier| channel.tiers.iter().any(|with| with == tier))
    };
    let written = agreement.channels.as_ref().map_or(&[][..], |channels| &channels.agreed_in_writing);
    let way = |(name, channel): (&String, &Channel)| {
        let measured = channel.slo != Some(false) || written.contains(name);
        Way {
            name: if name == CHANNEL { "here".to_owned() } else { name.clone() },
            at: channel.address.as_ref().or(channel.number.as_ref()).cloned().unwrap_or_default(),
            note: if measured {
                ""
            } else {
                "no objective holds; time counts from when we have written it down"
            },
            clauses: clauses(&channel.clause.ids),
        }
    };
    let mut ways: Vec<Way> = agreement.channel.iter().filter(|(_, channel)| has(channel)).map(way).collect();
    ways.sort_by_key(|way| way.name != "here");
    ways
}

fn language(short: &str) -> String {
    let known = LANGUAGES.iter().find(|(of, _)| *of == short);
    known.map_or_else(|| short.to_owned(), |(_, name)| (*name).to_owned())
}

/// The role of the client's that may do nothing here.
fn first_level(agreement: &Agreement) -> String {
    let role = agreement.role.iter().find(|(name, role)| *name == "end-user" && role.may.is_empty());
    role.map_or(String::new(), |(_, role)| clauses(&role.clause.ids))
}

fn classified(agreement: &Agreement) -> String {
    let met = |rule: &&agreement::ObligationRule| {
        rule.on.event == Event::RequestReceived
            && rule.met_by.as_ref().is_some_and(|met| met.event == Event::RequestClassified)
    };
    let owed = agreement.obligation.iter().filter(met).flat_map(|rule| &rule.clause.ids);
    let guards = agreement.guard.iter().filter(|guard| guard.require == Require::ProviderDecides);
    let ids: Vec<String> = owed.chain(guards.flat_map(|guard| &guard.clause.ids)).cloned().collect();
    clauses(&ids)
}

fn wishes(agreement: &Agreement) -> String {
    let closes = agreement.obligation.iter().filter(|rule| rule.then == Some(Then::CloseRequest));
    let ids: Vec<String> = closes.flat_map(|rule| rule.clause.ids.iter().cloned()).collect();
    clauses(&ids)
}

/// `unusable, standard or feature`.
fn one_of(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}
