//! What was said and done about a ticket, as its page tells it.

use control::live::query::{OUTCOME, Remark};
use desk::notify;
use facts::{Event, Side};
use spans::Instant;

use crate::{
    part::escape,
    server::moment::{day, minute, time},
};

/// Something said or done.
pub(super) struct Told {
    pub(super) at: String,
    pub(super) by: String,
    pub(super) side: &'static str,
    pub(super) what: String,
    /// As HTML, with those who are named in it marked.
    pub(super) text: Option<String>,
    pub(super) internal: bool,
}

pub(super) fn told(remark: &Remark, now: Instant) -> Told {
    Told {
        at: time(remark.at, now),
        by: remark.by.clone(),
        side: if remark.person { side(remark.side) } else { "automatic" },
        what: what(remark, now),
        text: remark.text.as_deref().map(with_mentions),
        internal: remark.is_internal(),
    }
}

/// What happened, a line each, with its minute: what a root cause begins with (MP-SC-INC-03). Texts stand in the conversation.
pub(super) fn timeline(remarks: &[Remark], now: Instant) -> String {
    let public = remarks.iter().filter(|remark| !remark.is_internal());
    let lines = public.map(|remark| format!("{}  {} {}", minute(remark.at), remark.by, what(remark, now)));
    lines.collect::<Vec<_>>().join("\n")
}

fn what(remark: &Remark, now: Instant) -> String {
    if remark.words.iter().any(|(field, _)| *field == OUTCOME) {
        return "closed it: it cannot be solved".to_owned();
    }
    let words: Vec<String> = remark
        .words
        .iter()
        .map(|(field, word)| match word.parse::<Instant>() {
            Ok(at) => format!("{field} {}", day(at, now)),
            Err(_) => format!("{field} {word}"),
        })
        .collect();
    let what = match remark.event {
        Event::RequestReceived if !remark.person => "opened it".to_owned(),
        event => said_of(event),
    };
    if words.is_empty() { what } else { format!("{what}: {}", words.join(", ")) }
}

/// The text as HTML: each `@login` is marked, whoever it is.
fn with_mentions(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    for login in notify::mentions(text) {
        // They come in the order of the text.
        let Some((before, after)) = rest.split_once(&format!("@{login}")) else { continue };
        html.push_str(&escape(before));
        html.push_str(&format!("<b class=\"named\">@{}</b>", escape(login)));
        rest = after;
    }
    html.push_str(&escape(rest));
    html
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Provider => "provider",
        Side::Client => "client",
        Side::Outside => "outside",
    }
}

fn said_of(event: Event) -> String {
    let word = match event {
        Event::RequestReceived => "asked",
        Event::RequestClassified => "said what kind it is",
        Event::RequestReprioritised => "changed it",
        Event::RequestReplied | Event::RequestClientReplied => "replied",
        Event::RequestNoted => "noted, for the provider's people only",
        Event::RequestAskedClient => "asked the client",
        Event::RequestUpdateAsked => "asked for an update",
        Event::RequestResolved => "resolved it",
        Event::RequestReopened => "opened it again",
        Event::RequestWithdrawn => "took it back",
        Event::WishLogged => "put it on the wish list",
        Event::RcaPublished => "published the root cause",
        Event::AppealOpened => "appealed against the priority",
        Event::AppealDecided => "decided the appeal",
        Event::EscalationRaised => "escalated",
        Event::EscalationAnswered => "answered the escalation",
        Event::RequestAssigned => "said who has it",
        Event::RequestTagged => "changed its tags",
        Event::RequestWatched => "is told of everything about it",
        Event::RequestUnwatched => "is no longer told",
        Event::RequestLinked => "linked it to another",
        Event::RequestUnlinked => "took a link away",
        Event::RequestMerged => "merged it into another",
        Event::RequestParted => "let it stand by itself again",
        Event::RequestPaused => "paused its clocks",
        Event::RequestResumed => "let its clocks go on",
        Event::FileAttached => "attached a file",
        Event::FileRemoved => "took a file away",
        Event::PauseClaimed => "said that its clocks were paused",
        Event::PauseAgreed => "agreed that they were",
        Event::PauseRefused => "did not agree that they were",
        Event::PageSent => "called somebody",
        Event::PageAcknowledged => "saw the call",
        Event::ThresholdCrossed => "reported that a limit was crossed",
        Event::AlertSent => "told people of it at once",
        other => return other.name().replace(['.', '_'], " "),
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_named_is_marked_and_nothing_becomes_markup() {
        assert_eq!(with_mentions("@ann: look <b>"), "<b class=\"named\">@ann</b>: look &#60;b&#62;");
        assert_eq!(
            with_mentions("to a@b.example, @bo and @bo"),
            "to a@b.example, <b class=\"named\">@bo</b> and <b class=\"named\">@bo</b>"
        );
    }
}
