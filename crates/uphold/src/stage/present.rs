//! What happens at the beginning of the demonstration, said through the same door as everything a person says.

use control::live::{Act, Control};
use facts::{Actor, CheckDefined, CheckId, ClientId, InstanceId, RequestReceived, RequestReplied, TicketId};
use spans::{Instant, Length};

use super::sites::Sites;
use crate::trouble::Trouble;

/// Seconds between two looks at a service of the demonstration: short, so that a visitor need not wait.
const EVERY_S: u32 = 2;
/// How long an answer may take.
const TIMEOUT_MS: u32 = 1_500;

/// Has the three services looked at from now on, and tells of two requests that wait for an answer.
pub(super) fn act(control: &Control, sites: &Sites, began: Instant, now: Instant) -> Result<(), Trouble> {
    let (larkspur, brightwater): (ClientId, ClientId) = ("larkspur".parse()?, "brightwater".parse()?);
    for (instance, url) in sites.all() {
        let client = if instance.as_str() == "jira" { &brightwater } else { &larkspur };
        control.act(Act::new(client, engineer(client, &brightwater), check(instance, url)?), now)?;
    }
    let slow = said("T-901", Some("P2"), None, "forge", "Pushes over SSH are slow since this morning")?;
    ask(
        control,
        &larkspur,
        Actor::client("Jan").role("contact"),
        slow,
        began - Length::from_minutes(40),
        SLOW,
        now,
    )?;
    let broken =
        said("T-902", None, Some(("performance", "critical")), "jira", "Boards take half a minute to load")?;
    let pia = Actor::client("Pia").role("poc");
    ask(control, &brightwater, pia, broken, began - Length::from_minutes(24), BOARDS, now)?;
    let reply = RequestReplied { ticket: "T-902".parse::<TicketId>()?, next_update_by: None, text: None };
    let act = Act {
        at: Some(began - Length::from_minutes(9)),
        text: Some(LOOKING.to_owned()),
        ..Act::new(&brightwater, engineer(&brightwater, &brightwater), reply)
    };
    control.act(act, now)?;
    Ok(())
}

const SLOW: &str = "Since about nine, a push of a small commit takes twenty seconds. Pulls are fine. We tried from two offices.";
const BOARDS: &str =
    "Every board takes half a minute. The team of eighty is waiting for it; please look at once.";
const LOOKING: &str = "We see it too: the index node waits for its disk. We are moving it now and tell you within half an hour.";

fn engineer(client: &ClientId, brightwater: &ClientId) -> Actor {
    if client == brightwater {
        Actor::provider("Ines").role("engineer").skill("atlassian-dc")
    } else {
        Actor::provider("Anna").role("support")
    }
}

fn check(instance: &InstanceId, url: String) -> Result<CheckDefined, Trouble> {
    Ok(CheckDefined {
        instance: instance.clone(),
        check: "http".parse::<CheckId>()?,
        every_s: EVERY_S,
        method: None,
        url: Some(url),
        expect: vec![200],
        timeout_ms: Some(TIMEOUT_MS),
        what: None,
        grace_s: None,
        again: None,
        objectives: Vec::new(),
    })
}

fn said(
    ticket: &str,
    priority: Option<&str>,
    kind: Option<(&str, &str)>,
    instance: &str,
    title: &str,
) -> Result<RequestReceived, Trouble> {
    Ok(RequestReceived {
        ticket: ticket.parse()?,
        channel: "portal".to_owned(),
        title: Some(title.to_owned()),
        instance: Some(instance.parse()?),
        priority: priority.map(str::to_owned),
        class: None,
        kind: kind.map(|(kind, _)| kind.to_owned()),
        urgency: kind.map(|(_, urgency)| urgency.to_owned()),
        text: None,
        split_from: None,
        about: None,
    })
}

fn ask(
    control: &Control,
    client: &ClientId,
    actor: Actor,
    request: RequestReceived,
    at: Instant,
    text: &str,
    now: Instant,
) -> Result<(), Trouble> {
    let act = Act { at: Some(at), text: Some(text.to_owned()), ..Act::new(client, actor, request) };
    control.act(act, now)?;
    Ok(())
}
