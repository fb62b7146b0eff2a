//! An incident history: JSON lines, each an incident of a status page with its impact and the time and status of every update.
//!
//! An incident becomes a request for an outage; an update becomes a public reply of a person of the provider, the last one its
//! resolution. So the promised cadences of updates (MP-UPD-01, MP-UPD-02) can be held against what somebody really did.

use std::collections::BTreeMap;

use facts::{
    Actor, Body, Fact, RequestReceived, RequestReplied, RequestResolved, RequestStatusChanged, Resolution,
    TicketId,
};
use serde::Deserialize;
use spans::Instant;

use super::{Import, Maker, Refused, Report, Under, Wrongs};

const READ_AS: &[&str] = &[
    "the request was received, and first answered, at its first update: the file does not say who noticed it before, so it \
     says nothing about response times",
    "every update was written by a person of the provider and was public",
    "impact critical is urgency critical, major is high, minor is normal, none is low; every incident is an outage",
    "the texts were left out of the file, so the summary of a resolution says just that",
];

/// What stands for the text of a resolution.
pub const NO_TEXT: &str = "(the history does not keep the text)";

/// Reads a file. Incidents may stand in any order, their updates too.
///
/// # Errors
/// Every line that cannot be read, stands twice or lies outside the term.
pub fn read(file: &[u8], under: &Under) -> Result<Import, Refused> {
    let mut wrongs = Wrongs::default();
    let incidents = incidents(file, under, &mut wrongs);
    if incidents.is_empty() {
        wrongs.say_unless_any(
            1,
            "this is no incident history: no line holds an incident; is it the file you mean?",
        );
    }
    wrongs.refuse()?;
    let mut report = Report { rows: incidents.len(), ..Report::new("incidents", "tickets", READ_AS) };
    let maker = Maker { source: "incidents", under };
    let mut facts = Vec::new();
    for incident in &incidents {
        incident.updates.iter().for_each(|update| report.saw(update.at));
        match urgency(&incident.impact) {
            Some(urgency) => {
                let story = story(incident, urgency, &maker, &mut report);
                facts.extend(story.into_iter().map(|fact| (fact, incident.line)));
            }
            None if incident.impact == "maintenance" => {
                report.note("maintenance, which is no request; skipped", incident.line);
            }
            None => report
                .note(format!("impact `{}` maps to no urgency; skipped", incident.impact), incident.line),
        }
    }
    report.subjects = facts.iter().filter(|(fact, _)| matches!(fact.body, Body::RequestReceived(_))).count();
    Ok(report.about(facts))
}

/// A status page's impact in the agreement's words (MP-SLO-06).
fn urgency(impact: &str) -> Option<&'static str> {
    match impact {
        "critical" => Some("critical"),
        "major" => Some("high"),
        "minor" => Some("normal"),
        "none" => Some("low"),
        _ => None,
    }
}

/// The facts of one incident, in order of time.
fn story(incident: &Incident, urgency: &str, maker: &Maker<'_>, report: &mut Report) -> Vec<Fact> {
    let (ticket, Some(first)) = (&incident.ticket, incident.updates.first()) else { return Vec::new() };
    let noticed =
        maker.fact(first.at, 0, Actor::automaton("import"), &[ticket.as_str()], received(incident, urgency));
    let mut facts = vec![noticed];
    let writer = || Actor::provider("status page");
    let mut status = "";
    for (index, update) in incident.updates.iter().enumerate() {
        let which = [ticket.as_str(), &index.to_string()];
        let ticket = ticket.clone();
        if update.status == RESOLVED {
            let summary = NO_TEXT.to_owned();
            facts.push(maker.fact(
                update.at,
                2 * index + 2,
                writer(),
                &which,
                RequestResolved { ticket, summary, outcome: Resolution::Solved },
            ));
            if index + 1 < incident.updates.len() {
                report.note(
                    "updates after the resolution; they promise nothing more and were left out",
                    incident.line,
                );
            }
            return facts;
        }
        if update.status != "Update" && update.status != status {
            status = &update.status;
            let changed = RequestStatusChanged { ticket: ticket.clone(), status: status.to_lowercase() };
            facts.push(maker.fact(update.at, 2 * index + 1, writer(), &which, changed));
        }
        facts.push(maker.fact(
            update.at,
            2 * index + 2,
            writer(),
            &which,
            RequestReplied { ticket, next_update_by: None, text: None },
        ));
    }
    report.note("no resolution in the file: still open", incident.line);
    facts
}

const RESOLVED: &str = "Resolved";

fn received(incident: &Incident, urgency: &str) -> RequestReceived {
    RequestReceived {
        ticket: incident.ticket.clone(),
        channel: "portal".to_owned(),
        title: incident.title.clone(),
        instance: None,
        priority: None,
        class: None,
        kind: Some("outage".to_owned()),
        urgency: Some(urgency.to_owned()),
        text: None,
        split_from: None,
        about: None,
    }
}

/// One line of the file, its updates in order of time.
#[derive(Debug)]
struct Incident {
    line: u64,
    ticket: TicketId,
    impact: String,
    title: Option<String>,
    updates: Vec<Update>,
}

/// What a line holds; other keys say the same in other words and are passed over.
#[derive(Deserialize)]
#[serde(expecting = "an incident as a JSON object")]
struct Line {
    id: String,
    impact: String,
    components: Option<Vec<String>>,
    updates: Vec<Update>,
}

#[derive(Debug, Deserialize)]
struct Update {
    at: Instant,
    status: String,
}

fn incidents(file: &[u8], under: &Under, wrongs: &mut Wrongs) -> Vec<Incident> {
    let mut seen = BTreeMap::new();
    let mut incidents = Vec::new();
    for (number, text) in (1..).zip(file.split(|byte| *byte == b'\n')) {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let Some(incident) = incident(number, text, under, wrongs) else { continue };
        match seen.get(&incident.ticket) {
            Some(first) => {
                let way_out = "take one of them out";
                wrongs.say(
                    number,
                    format_args!("{} stands on line {first} already: {way_out}", incident.ticket),
                );
            }
            None => drop(seen.insert(incident.ticket.clone(), number)),
        }
        incidents.push(incident);
    }
    incidents
}

fn incident(line: u64, text: &[u8], under: &Under, wrongs: &mut Wrongs) -> Option<Incident> {
    let read: Line = serde_json::from_slice(text).map_err(|wrong| wrongs.say(line, in_words(&wrong))).ok()?;
    let ticket = format!("GH-{}", read.id).parse().map_err(|e: facts::IdError| wrongs.say(line, e)).ok()?;
    let mut updates = read.updates;
    updates.sort_by_key(|update| update.at);
    if updates.is_empty() {
        wrongs.say(line, "it has no update, so nothing says when it was");
    }
    if let Some(update) = updates.iter().find(|update| !under.term.contains(update.at)) {
        wrongs.check_term(line, update.at, under);
    }
    let title = read.components.filter(|list| !list.is_empty()).map(|list| list.join(", "));
    Some(Incident { line, ticket, impact: read.impact, title, updates })
}

fn in_words(wrong: &serde_json::Error) -> String {
    let text = wrong.to_string();
    let what = text.split_once(" at line 1 ").map_or(text.as_str(), |(what, _)| what);
    if wrong.is_data() { what.to_owned() } else { format!("this is no JSON: {what}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under() -> Under {
        let at = |text: &str| text.parse().unwrap();
        Under {
            client: "acme".parse().unwrap(),
            term: spans::Span::new(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).unwrap(),
            recorded_at: at("2027-06-01T00:00:00Z"),
        }
    }

    /// `updates`: a day of May 2026 with its time, and a status, such as `03T10:00 Update`.
    fn line(id: &str, impact: &str, updates: &[&str]) -> String {
        let updates: Vec<String> = updates
            .iter()
            .map(|update| update.split_once(' ').unwrap())
            .map(|(at, status)| format!(r#"{{"at":"2026-05-{at}:00Z","status":"{status}"}}"#))
            .collect();
        let updates = updates.join(",");
        format!(r#"{{"id":"{id}","impact":"{impact}","components":["Pages","Git"],"updates":[{updates}]}}"#)
    }

    fn told(facts: &[Fact]) -> String {
        let lines = facts.iter().map(|f| format!("{} {}\n", f.at, serde_json::to_string(&f.body).unwrap()));
        lines.collect()
    }

    #[test]
    fn an_incident_becomes_a_request_with_replies_and_a_resolution() {
        let updates =
            ["03T10:00 Investigating", "03T10:25 Update", "03T10:25 Monitoring", "03T11:00 Resolved"];
        let import = read(line("7", "major", &updates).as_bytes(), &under()).unwrap();
        insta::assert_snapshot!(told(&import.facts), @r#"
        2026-05-03T10:00:00Z {"event":"request.received","data":{"ticket":"GH-7","channel":"portal","title":"Pages, Git","instance":null,"priority":null,"class":null,"kind":"outage","urgency":"high"}}
        2026-05-03T10:00:00Z {"event":"request.status_changed","data":{"ticket":"GH-7","status":"investigating"}}
        2026-05-03T10:00:00Z {"event":"request.replied","data":{"ticket":"GH-7","next_update_by":null}}
        2026-05-03T10:25:00Z {"event":"request.replied","data":{"ticket":"GH-7","next_update_by":null}}
        2026-05-03T10:25:00Z {"event":"request.status_changed","data":{"ticket":"GH-7","status":"monitoring"}}
        2026-05-03T10:25:00Z {"event":"request.replied","data":{"ticket":"GH-7","next_update_by":null}}
        2026-05-03T11:00:00Z {"event":"request.resolved","data":{"ticket":"GH-7","summary":"(the history does not keep the text)"}}
        "#);
        let in_order = import.facts.is_sorted_by(|a, b| (a.at, a.id) < (b.at, b.id));
        assert!(in_order, "facts of one instant have ids in the order in which they happened");
        let by_people: Vec<bool> = import.facts.iter().map(|fact| fact.actor.is_person()).collect();
        assert_eq!(by_people, [false, true, true, true, true, true, true]);
    }

    #[test]
    fn what_does_not_map_is_left_out_and_reported() {
        let file = [
            line("1", "maintenance", &["03T10:00 Scheduled", "03T11:00 Completed"]),
            line("2", "none", &["03T10:00 Investigating"]),
            line("3", "purple", &["03T10:00 Resolved"]),
            String::new(),
            line("4", "critical", &["03T12:00 Update", "03T10:00 Investigating", "03T11:00 Resolved"]),
        ];
        let import = read(file.join("\n").as_bytes(), &under()).unwrap();
        insta::assert_snapshot!(import.report, @r#"
        4 incidents, 2 tickets, 2026-05-03T10:00:00Z to 2026-05-03T12:00:00Z
        Facts: 7
                2  request.received
                2  request.replied
                1  request.resolved
                2  request.status_changed
        1 × maintenance, which is no request; skipped: line 1
        1 × no resolution in the file: still open: line 2
        1 × impact `purple` maps to no urgency; skipped: line 3
        1 × updates after the resolution; they promise nothing more and were left out: line 5
        Read as: the request was received, and first answered, at its first update: the file does not say who noticed it before, so it says nothing about response times.
        Read as: every update was written by a person of the provider and was public.
        Read as: impact critical is urgency critical, major is high, minor is normal, none is low; every incident is an outage.
        Read as: the texts were left out of the file, so the summary of a resolution says just that.
        "#);
    }

    #[test]
    fn wrong_lines_refuse_the_file_and_every_one_is_named() {
        let file = [
            line("1", "none", &["03T10:00 Resolved"]),
            "not json".to_owned(),
            line("1", "none", &["03T10:00 Resolved"]),
            line("a b", "none", &["03T10:00 Resolved"]),
            line("5", "none", &[]),
            line("6", "none", &["03T10:00 Resolved"]).replace("2026-05", "2025-05"),
            r#"{"id":"7","impact":"none","updates":[{"at":"03/05/2026","status":"Resolved"}]}"#.to_owned(),
            r#"{"id":"8","updates":[]}"#.to_owned(),
        ];
        let refused = read(file.join("\n").as_bytes(), &under()).unwrap_err();
        insta::assert_snapshot!(refused, @r#"
        nothing was imported, because 7 things are wrong:
          line 2: this is no JSON: expected ident
          line 3: GH-1 stands on line 1 already: take one of them out
          line 4: `GH-a b` is no id: use 1 to 128 letters, digits and . _ : / -
          line 5: it has no update, so nothing says when it was
          line 6: 2025-05-03T10:00:00Z lies outside the agreement's term, 2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z: name an agreement whose term covers it
          line 7: `03/05/2026` is not an instant: write a date, a time and an offset, such as 2026-03-09T17:00:00Z or …+01:00
          line 8: missing field `impact`
        "#);
    }
}
