//! From an event's name and `--set FIELD=VALUE` to the facts that would stand in a journal.

use agreement::Agreement;
use facts::{Actor, Body, Event, Fact, FactId, Field, Noun};
use serde_json::{Map, Value, json};
use spans::Instant;

use crate::trouble::Trouble;

type Settings = [(String, String)];

/// The event of that name.
pub(super) fn event(name: &str, agreement: &Agreement) -> Result<Event, Trouble> {
    Event::named(name).ok_or_else(|| {
        let mut starts: Vec<&str> = agreement.obligation.iter().map(|rule| rule.on.event.name()).collect();
        starts.sort_unstable();
        starts.dedup();
        let choices = starts.join(", ");
        Trouble::usage(format!("`{name}` is no event. Obligations of this agreement start at: {choices}. `uphold facts reference` lists every event"))
    })
}

/// What would be recorded: the event itself, and for one about a ticket also its receipt, so that `--set urgency=critical` can be
/// said of a reply.
///
/// # Errors
/// A field that neither has, a value that it cannot have, or a field that is needed and not set.
pub(super) fn facts(
    event: Event,
    settings: &Settings,
    at: Instant,
    agreement: &Agreement,
) -> Result<Vec<Fact>, Trouble> {
    let of_ticket = event.noun() == Noun::Ticket && event != Event::RequestReceived;
    let receipt = of_ticket.then_some(Event::RequestReceived);
    let events: Vec<Event> = receipt.into_iter().chain([event]).collect();
    for (field, value) in settings {
        if !events.iter().any(|event| event.fields().iter().any(|f| f.name == field)) {
            return Err(Trouble::usage(unknown_field(field, &events)));
        }
        check_word(&events, field, value, agreement)?;
    }
    let facts = (0u8..).zip(&events).map(|(order, event)| {
        let body = body(*event, settings, agreement)?;
        let id = FactId::v7(at, [0, order, 0, 0, 0, 0, 0, 0, 0, 0]);
        let (client, actor) = (agreement.agreement.client_id.clone(), somebody(agreement));
        Ok(Fact { id, client, at, recorded_at: at, actor, body })
    });
    facts.collect()
}

/// Somebody of the provider who may do everything: the question is what follows, not who may.
fn somebody(agreement: &Agreement) -> Actor {
    let actor =
        agreement.role.keys().fold(Actor::provider("an example person"), |actor, role| actor.role(role));
    let skills = agreement.role.values().filter_map(|role| role.skill.as_deref());
    Actor { cleared: true, ..skills.fold(actor, Actor::skill) }
}

fn unknown_field(field: &str, events: &[Event]) -> String {
    let fields = |event: &Event| {
        let names: Vec<&str> = event.fields().iter().map(|f| f.name).collect();
        format!("{} has {}", event.name(), names.join(", "))
    };
    let known: Vec<String> = events.iter().rev().map(fields).collect();
    format!("there is no field `{field}`: {}", known.join("; "))
}

/// Words that the agreement itself lists must be of its list.
fn check_word(events: &[Event], field: &str, value: &str, agreement: &Agreement) -> Result<(), Trouble> {
    let about_a_ticket = events.iter().all(|event| event.noun() == Noun::Ticket);
    let Some(request) = agreement.request.as_ref().filter(|_| about_a_ticket) else { return Ok(()) };
    let list: Vec<&str> = match field {
        "priority" => request.priority.iter().map(|priority| priority.id.as_str()).collect(),
        "class" => request.classes.iter().map(String::as_str).collect(),
        "kind" => request.kinds.iter().map(String::as_str).collect(),
        "urgency" => request.urgencies.iter().map(String::as_str).collect(),
        "channel" => agreement.channel.keys().map(String::as_str).collect(),
        _ => return Ok(()),
    };
    // another name for a listed word will do, and so will another case; the engine spells it as the file does.
    let same = |word: &str| word.eq_ignore_ascii_case(value);
    let alias = |alias: &agreement::Alias| same(&alias.word) && list.contains(&alias.means.as_str());
    if list.iter().any(|word| same(word)) || agreement.alias.iter().any(alias) {
        return Ok(());
    }
    Err(Trouble::usage(match list.as_slice() {
        [] => format!("this agreement knows no {field} of a request: leave `{field}` out"),
        list => format!("`{value}` is no {field} of this agreement: choose {}", list.join(", ")),
    }))
}

/// The event's data, with names made up where only a name is missing.
fn body(event: Event, settings: &Settings, agreement: &Agreement) -> Result<Body, Trouble> {
    let mut data = Map::new();
    for field in event.fields() {
        let set = settings.iter().rev().find(|(name, _)| name == field.name);
        let value = match set {
            Some((_, text)) => Some(value(field, text)?),
            None => made_up(field, agreement),
        };
        data.extend(value.map(|value| (field.name.to_owned(), value)));
    }
    read(event, &data).map_err(|wrong| Trouble::usage(in_words(event, &data, settings, &wrong)))
}

fn read(event: Event, data: &Map<String, Value>) -> Result<Body, String> {
    let body = json!({ "event": event.name(), "data": data });
    serde_json::from_value(body).map_err(|wrong| wrong.to_string())
}

/// A field's type without the blanks of its source, and without the `Option` around it.
fn kind(field: &Field) -> String {
    let kind = field.kind.replace(' ', "");
    kind.strip_prefix("Option<").and_then(|kind| kind.strip_suffix('>')).map(str::to_owned).unwrap_or(kind)
}

fn value(field: &Field, text: &str) -> Result<Value, Trouble> {
    let number = || text.parse::<u64>().map(Value::from);
    match kind(field).as_str() {
        "bool" => match text {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(Trouble::usage(format!("`{}` is true or false, not `{text}`", field.name))),
        },
        "u16" | "u32" | "u64" => {
            number().map_err(|_| Trouble::usage(format!("`{}` is a whole number, not `{text}`", field.name)))
        }
        list if list.starts_with("Vec<") => Ok(text.split(',').collect::<Vec<_>>().into()),
        _ => Ok(text.into()),
    }
}

/// Names and sentences change no due time; whatever else is needed must be set.
fn made_up(field: &Field, agreement: &Agreement) -> Option<Value> {
    let optional = field.kind.starts_with("Option");
    match kind(field).as_str() {
        _ if optional => None,
        "String" if field.name == "channel" => {
            let any = agreement.channel.keys().next().map(String::as_str);
            let portal = agreement.channel.contains_key("portal").then_some("portal");
            Some(portal.or(any).unwrap_or("portal").into())
        }
        "String" => Some("example".into()),
        name if name.ends_with("Id") => Some("example".into()),
        _ => None,
    }
}

/// What is wrong, with the words that would be right as a file writes them.
fn in_words(event: Event, data: &Map<String, Value>, settings: &Settings, wrong: &str) -> String {
    let name = event.name();
    let missing = wrong.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
    if let Some(field) = missing.and_then(|(name, _)| event.fields().iter().find(|f| f.name == name)) {
        let (field, about) = (field.name, field.about.trim());
        return match words_of(event, data, field).as_slice() {
            [] => format!("{name} needs --set {field}=…: {about}"),
            words => format!("{name} needs --set {field}=…, one of {}", words.join(", ")),
        };
    }
    let word = wrong.strip_prefix("unknown variant `").and_then(|rest| rest.split_once('`'));
    let set = word.and_then(|(word, _)| settings.iter().find(|(_, value)| value == word));
    match set {
        Some((field, value)) => {
            format!("`{value}` is no {field} of {name}: choose {}", choices(wrong).join(", "))
        }
        None => format!("{name}: {wrong}"),
    }
}

/// The words of a field that has a list of them: what the reader says of one that cannot be in it.
fn words_of(event: Event, data: &Map<String, Value>, field: &str) -> Vec<String> {
    let mut data = data.clone();
    data.insert(field.to_owned(), "?".into());
    read(event, &data)
        .err()
        .filter(|wrong| wrong.starts_with("unknown variant `?`"))
        .map_or(Vec::new(), |wrong| choices(&wrong))
}

/// `add` and `remove` from `unknown variant `x`, expected `add` or `remove``.
fn choices(wrong: &str) -> Vec<String> {
    let expected = wrong.split_once("expected").map_or("", |(_, expected)| expected);
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
