//! Clients: for the provider's people all of them at a glance; for one client how it stands, what of its support was agreed, whom it
//! asks about what, and how it gets further when it is stuck (SH-SUP-02, MP-ESC-03, MP-ESC-08..10).

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use control::live::{
    Control, Uncovered,
    query::{Care, MonthAttained, Stands, Topic, Way},
};
use desk::policy::{Action, Resource};
use facts::ClientId;
use journal::people::{Membership, Person};
use spans::{Instant, Length};

use super::{
    App, Problem, Route, Section, Shell, Viewer,
    attainment::Figures,
    hours::sentence,
    moment::{day, due, path, stamp, time, title},
    page,
};
use crate::{
    part::{State as Word, badge, clauses, escape},
    when::{about, month as month_name},
};

/// How far ahead gaps are looked for, as on the page of the rota.
const GAPS_WITHIN: Length = Length::from_hours(24 * 28);
/// Clients on one page.
const CLIENTS_MAX: usize = 200;
/// Gaps of one promise that are listed.
const GAPS_MAX: usize = 5;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients", Action::ReadClient, all),
        Route::get("/clients/{client}/support", Action::ReadClient, one),
    ]
}

/// A client in the list.
struct Line {
    client: ClientId,
    link: String,
    /// Tier and version.
    under: String,
    version: String,
    instances: String,
    ours: usize,
    theirs: usize,
    missed: usize,
    next: String,
    month: Option<Kept>,
    on_call: String,
}

/// How a promise is kept this month: its name, its share, the fraction, and where its tickets are.
struct Kept {
    name: String,
    link: String,
    figures: Figures,
}

#[derive(Template)]
#[template(path = "clients.html")]
struct ClientsPage {
    shell: Shell,
    lines: Vec<Line>,
    beyond: usize,
}

async fn all(State(app): State<App>, shell: Shell) -> Result<Response, Problem> {
    let found = app.ask_control(gather).await?;
    let now = app.now();
    let beyond = found.len().saturating_sub(CLIENTS_MAX);
    let lines = found.iter().take(CLIENTS_MAX).map(|one| line(one, now)).collect();
    page(&ClientsPage { shell: shell.titled("Clients").at(Section::Clients).live(), lines, beyond })
}

/// What is known of one client.
struct Known {
    client: ClientId,
    stands: Stands,
    care: Care,
    gaps: Vec<Uncovered>,
    shows_status: bool,
}

fn gather(control: &Control, now: Instant) -> journal::Result<Vec<Known>> {
    let mut gaps = control.gaps(GAPS_WITHIN, now)?;
    let clients = control.known_clients()?.into_iter();
    let each = clients.map(|client| {
        let (own, others) = gaps.drain(..).partition(|gap: &Uncovered| gap.client == client);
        gaps = others;
        Ok(Known {
            stands: control.stands(&client, now)?,
            care: control.care(&client, now)?,
            gaps: own,
            shows_status: control.status_of(&client).is_some(),
            client,
        })
    });
    each.collect()
}

fn line(known: &Known, now: Instant) -> Line {
    let Known { client, stands, .. } = known;
    let terms = known.care.agreement.as_ref().map(|view| &view.terms);
    let next = stands.next.as_ref().map(|(at, what, ticket)| {
        let link = path(client, &["tickets", ticket]);
        format!(
            "{} <span class=\"clause\"><a href=\"{link}\">{}, {}</a></span>",
            due(*at, now),
            title(what),
            escape(ticket)
        )
    });
    let tier = |terms: &agreement::Terms| terms.tier().map_or("no tiers".to_owned(), str::to_owned);
    Line {
        link: path(client, &["support"]),
        under: terms.map_or_else(String::new, tier),
        version: terms.map_or_else(String::new, |terms| terms.identity().chars().take(12).collect()),
        instances: instances(stands),
        ours: stands.ours,
        theirs: stands.theirs,
        missed: stands.missed,
        next: next.unwrap_or_default(),
        month: stands.month.as_ref().and_then(|month| kept(client, month).into_iter().next()),
        on_call: on_call(&known.gaps),
        client: client.clone(),
    }
}

/// `3 up`, or how many are not.
fn instances(stands: &Stands) -> String {
    let told = [
        (stands.down, Word::Missed, "down"),
        (stands.unknown, Word::Unknown, "unknown"),
        (stands.up, Word::Kept, "up"),
    ];
    let told = told.iter().filter(|(many, ..)| *many > 0);
    let told: Vec<String> =
        told.map(|(many, state, word)| badge(*state, &format!("{many} {word}"))).collect();
    if told.is_empty() { "<span class=\"soft\">none</span>".to_owned() } else { told.join(" ") }
}

/// Promises of which something fell due this month, in the agreement's order.
fn kept(client: &ClientId, month: &MonthAttained) -> Vec<Kept> {
    let told = month.promises.iter().filter(|(_, total)| total.due > 0);
    let at = path(client, &["attainment", &month.month.to_string(), "tickets"]);
    let kept = told.map(|(rule, total)| Kept {
        name: title(rule),
        link: format!("{at}?rule={}", super::moment::encode(rule)),
        figures: Figures::total(total),
    });
    kept.collect()
}

fn on_call(gaps: &[Uncovered]) -> String {
    let total: Length = gaps.iter().map(|gap| gap.gaps.total()).sum();
    match (gaps.is_empty(), total.is_zero()) {
        (true, _) => "<span class=\"soft\">nothing promised</span>".to_owned(),
        (_, true) => badge(Word::Kept, "covered"),
        _ => badge(Word::Missed, &format!("{} uncovered", about(total))),
    }
}

/// The agreement in a few words.
struct Under {
    id: String,
    title: String,
    provider: String,
    tier: Option<String>,
    version: String,
    since: String,
    until: String,
    in_force: bool,
}

/// One of the client's people.
struct Contact {
    name: String,
    roles: String,
    stands: String,
}

/// What was promised of people on call, and where nobody is.
struct Gap {
    what: String,
    clauses: String,
    gaps: Vec<String>,
    more: usize,
    stands: String,
}

/// A way in as the page shows it.
struct Channel {
    name: String,
    at: Option<String>,
    mail: bool,
    objectives: bool,
    clauses: String,
}

/// Whom to ask about what.
struct Card {
    topic: String,
    role: String,
    people: String,
    clauses: String,
}

#[derive(Template)]
#[template(path = "client.html")]
struct ClientPage {
    shell: Shell,
    staff: bool,
    at: String,
    under: Option<Under>,
    stands: Stands,
    instances: String,
    next: String,
    month: String,
    kept: Vec<Kept>,
    /// Whether they may see how promises were kept.
    figures: bool,
    hours: Vec<String>,
    channels: Vec<Channel>,
    channel_clauses: String,
    cards: Vec<Card>,
    rungs: Vec<(u32, String)>,
    reasons: String,
    ladder_clauses: String,
    contacts: Vec<Contact>,
    gaps: Vec<Gap>,
    /// Where a request is made, for those who make them.
    ask: Option<String>,
    /// Whether there is a status page, and what they may do about it.
    shows_status: bool,
    edits_status: bool,
    tells_public: bool,
}

async fn one(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let (of, staff) = (client.clone(), viewer.is_staff());
    let work = move |control: &Control, now: Instant| {
        let known = control.known_clients()?.contains(&of);
        let (stands, care) = (control.stands(&of, now)?, control.care(&of, now)?);
        // Who is on call is the provider's own.
        let gaps = if staff { control.gaps(GAPS_WITHIN, now)? } else { Vec::new() };
        let gaps = gaps.into_iter().filter(|gap| gap.client == of).collect();
        Ok::<_, journal::Error>((
            known,
            Known { stands, care, gaps, client: of.clone(), shows_status: control.status_of(&of).is_some() },
            control.contacts(&of, now)?,
        ))
    };
    let (known, found, people) = app.ask_control(work).await?;
    if !known && staff {
        return Err(Problem::NotFound);
    }
    page(&drawn(shell, &viewer, found, &people, app.now()))
}

fn drawn(shell: Shell, viewer: &Viewer, found: Known, people: &[Person], now: Instant) -> ClientPage {
    let Known { client, stands, care, gaps, shows_status } = found;
    let (staff, of) = (viewer.is_staff(), Resource::Client(&client));
    let next = stands.next.as_ref().map(|(at, what, ticket)| {
        let link = path(&client, &["tickets", ticket]);
        format!("{}, {}: <a href=\"{link}\">{}</a>", due(*at, now), title(what), escape(ticket))
    });
    let name = if staff { shell.name_of(&client) } else { "Support".to_owned() };
    let ladder = care.ladder.clone();
    let clause_ids = |ways: &[Way]| {
        let mut ids: Vec<String> = Vec::new();
        for id in ways.iter().flat_map(|way| &way.clauses) {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        clauses(&ids)
    };
    ClientPage {
        staff,
        at: path(&client, &[]),
        under: care.agreement.as_ref().map(under),
        instances: instances(&stands),
        next: next.unwrap_or_default(),
        month: stands.month.as_ref().map_or_else(String::new, |month| month_name(month.month)),
        kept: stands.month.as_ref().map_or_else(Vec::new, |month| kept(&client, month)),
        figures: viewer.may(Action::ReadAttainment, &of),
        hours: care.hours.iter().map(|hours| sentence(hours, now)).collect(),
        channel_clauses: clause_ids(&care.ways),
        channels: care.ways.iter().map(channel).collect(),
        cards: care.topics.iter().map(card).collect(),
        rungs: ladder.as_ref().map_or_else(Vec::new, |ladder| ladder.rungs.clone()),
        reasons: ladder.as_ref().map_or_else(String::new, |ladder| {
            ladder.reasons.iter().map(|reason| title(reason).to_lowercase()).collect::<Vec<_>>().join(", ")
        }),
        ladder_clauses: ladder.as_ref().map_or_else(String::new, |ladder| clauses(&ladder.clauses)),
        contacts: people.iter().map(|person| contact(person, now)).collect(),
        gaps: gaps.iter().map(|gap| gap_line(gap, now)).collect(),
        shows_status,
        edits_status: viewer.may(Action::EditStatus, &of),
        tells_public: shows_status && viewer.may(Action::TellPublic, &of),
        ask: viewer.may(Action::OpenTicket, &of).then(|| path(&client, &["tickets", "new"])),
        shell: shell.of(&client).titled(&name).at(Section::Clients).live(),
        stands,
    }
}

fn under(view: &control::live::query::AgreementView) -> Under {
    let (terms, header) = (&view.terms, &view.terms.agreement().agreement);
    let current = view.versions.iter().find(|version| version.sha256 == terms.identity());
    Under {
        id: header.id.clone(),
        title: header.title.clone(),
        provider: header.provider.clone(),
        tier: terms.tier().map(str::to_owned),
        version: terms.identity().chars().take(12).collect(),
        since: current.and_then(|version| version.from).map_or_else(String::new, stamp),
        until: stamp(terms.term().end),
        in_force: view.in_force,
    }
}

fn channel(way: &Way) -> Channel {
    Channel {
        name: title(&way.name),
        mail: way.at.as_ref().is_some_and(|at| at.contains('@')),
        at: way.at.clone(),
        objectives: way.objectives,
        clauses: clauses(&way.clauses),
    }
}

fn card(topic: &Topic) -> Card {
    let first = topic.topic.chars().next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    Card {
        topic: first + topic.topic.get(1..).unwrap_or_default(),
        role: topic.role.replace('-', " "),
        people: topic.people.join(", "),
        clauses: clauses(&topic.clauses),
    }
}

fn contact(person: &Person, now: Instant) -> Contact {
    let stands = match person.membership(now) {
        Membership::Announced => {
            let from =
                person.effective.map_or_else(String::new, |at| format!("counts from {}", day(at, now)));
            badge(Word::Risk, &from)
        }
        _ if person.seen.is_none() => badge(Word::Risk, "invited"),
        _ => badge(Word::Kept, "counts"),
    };
    Contact { name: person.name.clone(), roles: person.roles.join(", "), stands }
}

fn gap_line(uncovered: &Uncovered, now: Instant) -> Gap {
    let promised = &uncovered.promised;
    let who = if promised.qualified { "A qualified person" } else { "A person" };
    let when = if promised.around_the_clock { "around the clock" } else { "in support hours" };
    let spans: Vec<String> = uncovered
        .gaps
        .iter()
        .map(|gap| format!("{} to {}, {}", time(gap.start, now), time(gap.end, now), about(gap.length())))
        .collect();
    Gap {
        what: format!("{who} answers, {when}"),
        clauses: clauses(&promised.clauses),
        more: spans.len().saturating_sub(GAPS_MAX),
        gaps: spans.into_iter().take(GAPS_MAX).collect(),
        stands: on_call(std::slice::from_ref(uncovered)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_titled_by_its_topic_and_names_who_holds_the_role() {
        let topic = Topic {
            topic: "price, contract".to_owned(),
            role: "account-executive".to_owned(),
            people: vec!["Eva".to_owned(), "Jan".to_owned()],
            clauses: vec!["MP-ESC-08".to_owned()],
        };
        let card = card(&topic);
        assert_eq!(
            (card.topic.as_str(), card.role.as_str(), card.people.as_str()),
            ("Price, contract", "account executive", "Eva, Jan")
        );
    }

    #[test]
    fn instances_are_told_the_worst_first() {
        let stands = Stands { up: 2, down: 1, ..Stands::default() };
        let told = instances(&stands);
        assert!(told.find("1 down") < told.find("2 up"), "{told}");
        assert!(instances(&Stands::default()).contains("none"));
    }
}
