//! Instances: how each stands now, and one of them with its day, its months, its checks and its maintenance.

mod apart;
mod asked;
mod chart;
mod check;
mod figures;
mod latency;
mod plot;

use std::{cmp::Reverse, collections::BTreeMap};

use agreement::Permission;
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use control::live::{
    Book,
    query::{Condition, InstanceNow, Line, MaintenanceRecord, Seen},
};
use desk::policy::{Action, Resource};
use facts::{ClientId, InstanceId, Outcome};
use spans::{Instant, Length, Span, Spans};
use wire::Phases;

pub(super) use self::check::{is_misused, tried_for};
pub(crate) use self::figures::Figures;
use self::{apart::Apart, asked::Check};
use super::{
    App, Problem, Route, Section, Shell, Viewer,
    form::new_key,
    moment::{self, clock, exact, stamp},
    page,
};
use crate::{
    part::{Mark, Minutes, State as Word, badge},
    when::about,
    why::why_item,
};

/// How far back the strip of a list reaches.
const LIST_BACK: Length = Length::from_hours(3);
/// How far back the strip of one instance reaches.
const DAY_BACK: Length = Length::from_hours(24);
/// Instances of one client in a list.
const INSTANCES_MAX: usize = 100;
/// Maintenance records on the page of an instance, the latest start first.
const MAINTENANCE_MAX: usize = 10;

pub(crate) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/instances", Action::ReadInstances, all),
        Route::get("/clients/{client}/instances", Action::ReadInstances, of_client),
        Route::get("/clients/{client}/instances/{instance}", Action::ReadInstances, one),
    ];
    routes.extend(latency::routes());
    routes.extend(check::routes());
    routes
}

/// An instance as a page draws it.
struct Drawn {
    path: String,
    id: InstanceId,
    name: String,
    about: String,
    /// Where it answers, and whether that can be followed.
    url: Option<(String, bool)>,
    badge: String,
    condition: Option<Condition>,
    strip: String,
    axis: Vec<String>,
    table: String,
    figures: Option<Figures>,
    seen: Vec<Answer>,
    certificates: Vec<String>,
    incidents: Vec<(String, String)>,
}

/// The newest answer from one place.
struct Answer {
    vantage: String,
    check: String,
    badge: String,
    /// Why it was no good answer, or says nothing.
    cause: Option<String>,
    time: String,
    /// What the time went into.
    phases: Option<String>,
    at: String,
    ago: String,
}

/// A client's instances.
struct Group {
    client: ClientId,
    instances: Vec<Drawn>,
    beyond: usize,
}

#[derive(Template)]
#[template(path = "instances.html")]
struct InstancesPage {
    shell: Shell,
    lead: String,
    groups: Vec<Group>,
    across: bool,
    staff: bool,
}

#[derive(Template)]
#[template(path = "instance.html")]
struct InstancePage {
    shell: Shell,
    it: Drawn,
    legend: Vec<String>,
    why: Option<String>,
    chart: Option<chart::Chart>,
    months: Vec<Figures>,
    /// Where places saw different things in the last thirty days, the newest first.
    differences: Vec<Apart>,
    checks: Vec<Check>,
    maintenance: Vec<Window>,
    /// Where all the records are, when some are not shown.
    more_maintenance: Option<String>,
    /// Where a check is added, for whoever may.
    new_check: Option<String>,
    /// Checks that were withdrawn, and when, as HTML.
    withdrawn: Vec<(String, String)>,
    /// Where the client says that it restarts it, with the key of the form (SH-EXCL-07).
    restart: Option<(String, String)>,
    /// Whether the agreement takes out what fails after a restart by the client.
    excuses_restart: bool,
}

struct Window {
    id: String,
    link: String,
    what: String,
    from: String,
    to: String,
    badge: String,
}

async fn all(State(app): State<App>, shell: Shell) -> Result<Response, Problem> {
    let books = app.books(|book, now| (instances(book, now, LIST_BACK), now)).await?;
    let groups = books.into_iter().map(|(client, (instances, _))| group(client, instances));
    let groups: Vec<Group> = groups.filter(|group| !group.instances.is_empty()).collect();
    let shell = shell.titled("Instances").at(Section::Instances).live();
    page(&InstancesPage { shell, lead: lead(&groups), groups, across: true, staff: true })
}

async fn of_client(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let shell = shell.of(&client).titled("Instances").at(Section::Instances).live();
    let instances = match app.book(&client, |book, now| instances(book, now, LIST_BACK)).await {
        // A client's own people come in before anything is on file.
        Err(Problem::NotFound) if !viewer.is_staff() => Vec::new(),
        found => found?,
    };
    let groups = vec![group(client, instances)];
    page(&InstancesPage { shell, lead: lead(&groups), groups, across: false, staff: viewer.is_staff() })
}

async fn one(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path((client, instance)): Path<(ClientId, String)>,
) -> Result<Response, Problem> {
    let instance: InstanceId = instance.parse().map_err(|_| Problem::NotFound)?;
    let shell = shell
        .of(&client)
        .at(Section::Instances)
        .below("Instances", &format!("/clients/{client}/instances"))
        .live();
    let staff = viewer.is_staff();
    let restarts = viewer.may(Action::RestartInstance, &Resource::Client(&client));
    let key = if restarts { Some(new_key()?) } else { None };
    let restart = key.map(|key| (moment::path(&client, &["instances", instance.as_str(), "restart"]), key));
    let actor = viewer.actor();
    let found = app.book(&client, move |book, now| {
        // The policy lets the side restart it, the agreement says who of it.
        let restarts = book.permits(&actor, Permission::InstanceRestart);
        Some((instance_page(book, &instance, shell, staff, now)?, restarts))
    });
    let (found, restarts) = found.await?.ok_or(Problem::NotFound)?;
    // Where the agreement knows no restart by the client, nothing is offered that would change nothing.
    let restart = restart.filter(|_| found.excuses_restart && restarts);
    let edits = viewer.may(Action::EditInstances, &Resource::Client(&client));
    let new_check = edits.then(|| format!("{}/check", found.it.path));
    let checks = found.checks.into_iter().map(|check| check.edited_at(new_check.as_deref())).collect();
    page(&InstancePage { restart, new_check, checks, ..found })
}

fn group(client: ClientId, mut instances: Vec<Drawn>) -> Group {
    let beyond = instances.len().saturating_sub(INSTANCES_MAX);
    instances.truncate(INSTANCES_MAX);
    Group { client, instances, beyond }
}

/// `3 up, 1 down.`: the page in a sentence.
fn lead(groups: &[Group]) -> String {
    let all = || groups.iter().flat_map(|group| &group.instances);
    let words = [Condition::Down, Condition::Excluded, Condition::Unknown, Condition::Up];
    let mut parts: Vec<String> = words
        .iter()
        .map(|wanted| (word(*wanted).1, all().filter(|drawn| drawn.condition == Some(*wanted)).count()))
        .chain([("not covered", all().filter(|drawn| drawn.condition.is_none()).count())])
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    if let Some(last) = parts.pop() {
        parts.push(format!("{last}."));
    }
    parts.join(", ")
}

fn instances(book: &Book, now: Instant, back: Length) -> Vec<Drawn> {
    let drawer = Drawer::new(book, now, back);
    book.instances(now, back + Length::MINUTE).into_iter().map(|it| drawer.draw(it)).collect()
}

fn instance_page(
    book: &Book,
    instance: &InstanceId,
    shell: Shell,
    staff: bool,
    now: Instant,
) -> Option<InstancePage> {
    let drawer = Drawer { staff, ..Drawer::new(book, now, DAY_BACK) };
    let it = book.instance(instance, now, DAY_BACK + Length::MINUTE)?;
    let readings = book.versions().map(|v| &v.latest().agreement().readings);
    let why = it.month.as_ref().zip(readings).map(|(month, readings)| why_item(&month.why, readings));
    let chart = chart::Chart::of(&it.pace, drawer.window);
    let months = book.instance_months(instance, now);
    let mut records: Vec<&MaintenanceRecord> = drawer.concerning(instance).collect();
    records.sort_by_key(|record| Reverse(record.planned.starts_at));
    let legend = [
        (Word::Kept, "up"),
        (Word::Missed, "down"),
        (Word::Excluded, "down, excluded"),
        (Word::Unknown, "unknown"),
        (Word::Maintenance, "maintenance planned"),
    ];
    Some(InstancePage {
        shell: shell.titled(&it.name),
        legend: legend.into_iter().map(|(state, word)| badge(state, word)).collect(),
        why,
        chart,
        months: months.iter().map(|month| Figures::of(book.client(), month)).collect(),
        checks: book
            .checks_of(instance)
            .into_iter()
            .map(|of| Check::of(of, book.not_asked(of)).departing(book.departures(of)))
            .collect(),
        more_maintenance: (MAINTENANCE_MAX < records.len())
            .then(|| moment::path(book.client(), &["maintenance"])),
        maintenance: records.into_iter().take(MAINTENANCE_MAX).map(|r| drawer.record(r)).collect(),
        withdrawn: book
            .withdrawn_checks(instance)
            .into_iter()
            .map(|(check, at)| (check.to_string(), moment::time(at, now)))
            .collect(),
        new_check: None,
        differences: apart::differences(book, instance, now),
        restart: None,
        excuses_restart: book.excuses_restart(),
        it: drawer.draw(it),
    })
}

/// What all instances of a client are drawn from.
struct Drawer<'b> {
    client: &'b ClientId,
    now: Instant,
    /// Whether a vantage point's own words are shown: they name addresses that may be nobody else's business.
    staff: bool,
    /// Whole minutes, the one that runs included.
    window: Span,
    maintenance: Vec<MaintenanceRecord>,
    incidents: Vec<control::live::query::Line>,
}

impl<'b> Drawer<'b> {
    fn new(book: &'b Book, now: Instant, back: Length) -> Drawer<'b> {
        let minute = Length::MINUTE.as_micros();
        let end = now + Length::from_micros((minute - now.as_micros().rem_euclid(minute)) % minute);
        let open = book.open_ticket_lines(now).into_iter().filter(Line::is_incident);
        Drawer {
            client: book.client(),
            now,
            staff: false,
            window: Span { start: end - back, end },
            maintenance: book.maintenance(),
            incidents: open.collect(),
        }
    }

    fn draw(&self, it: InstanceNow) -> Drawn {
        let minutes = self.minutes(&it);
        let path = moment::path(self.client, &["instances", it.instance.0.as_str()]);
        let incidents = self.incidents.iter().filter(|line| line.instance.as_ref() == Some(&it.instance));
        let environment = it.environment.name();
        Drawn {
            path,
            badge: standing(&it, self.now),
            condition: it.condition,
            strip: minutes.strip(&it.name),
            axis: axis(self.window),
            table: minutes.table(&it.name),
            figures: it.month.as_ref().map(|month| Figures::of(self.client, month)),
            seen: it.seen.iter().map(|seen| answer(seen, self.staff, self.now)).collect(),
            certificates: certificates(&it.seen, self.now),
            incidents: incidents
                .map(|line| {
                    let title = line.title.clone().unwrap_or_else(|| line.ticket.to_string());
                    (moment::path(self.client, &["incidents", line.ticket.0.as_str()]), title)
                })
                .collect(),
            about: it
                .software
                .as_ref()
                .map_or_else(|| environment.to_owned(), |s| format!("{s}, {environment}")),
            url: it.url.map(|url| {
                let followed = url.starts_with("https://") || url.starts_with("http://");
                (url, followed)
            }),
            name: it.name,
            id: it.instance,
        }
    }

    fn minutes(&self, it: &InstanceNow) -> Minutes {
        let of = |condition: Condition| -> Spans {
            let parts = it.strip.iter().filter(|part| part.condition == condition);
            Spans::from_unsorted(parts.map(|part| part.span))
        };
        let planned = self.concerning(&it.instance).filter(|record| record.cancelled.is_none());
        let planned = planned.filter_map(|r| Span::new(r.planned.starts_at, r.planned.ends_at));
        Minutes::over(self.window)
            .layer(Mark::Up, &of(Condition::Up))
            .layer(Mark::Maintenance, &Spans::from_unsorted(planned).clip(self.window))
            .layer(Mark::Unknown, &of(Condition::Unknown))
            .layer(Mark::Excluded, &of(Condition::Excluded))
            .layer(Mark::Down, &of(Condition::Down))
    }

    fn record(&self, record: &MaintenanceRecord) -> Window {
        let word = record.word(self.now);
        let state = match word {
            "called off" | "done" | "over" => Word::Excluded,
            "overrun" => Word::Risk,
            _ => Word::Maintenance,
        };
        let id = record.planned.maintenance.to_string();
        Window {
            link: moment::path(self.client, &["maintenance", &id]),
            id,
            what: format!("{}, {}", record.planned.kind.name(), record.planned.cause),
            from: stamp(record.planned.starts_at),
            to: stamp(record.planned.ends_at),
            badge: badge(state, word),
        }
    }

    fn concerning(&self, instance: &InstanceId) -> impl Iterator<Item = &MaintenanceRecord> {
        self.maintenance.iter().filter(|record| record.planned.instances.contains(instance))
    }
}

/// A condition's state and its word.
pub(crate) fn word(condition: Condition) -> (Word, &'static str) {
    match condition {
        Condition::Up => (Word::Kept, "up"),
        Condition::Down => (Word::Missed, "down"),
        Condition::Excluded => (Word::Excluded, "down, excluded"),
        Condition::Unknown => (Word::Unknown, "unknown"),
    }
}

/// `down since 2026-06-02 10:05:03 UTC, for 12 min`.
fn standing(it: &InstanceNow, now: Instant) -> String {
    let Some((condition, since)) = it.condition.zip(it.since) else {
        return badge(Word::Unknown, "not covered now");
    };
    let (state, word) = word(condition);
    format!(
        "{} <span class=\"soft small\">since {}, {}</span>",
        badge(state, word),
        exact(since),
        about(now - since)
    )
}

/// Five instants, evenly, the first with its day and the last with its zone.
fn axis(window: Span) -> Vec<String> {
    let quarter = Length::from_micros(window.length().as_micros() / 4);
    (0..5)
        .map(|n| {
            let at = window.start + quarter * n;
            if n == 4 { format!("{} {}", clock(at), moment::zone(at)) } else { clock(at) }
        })
        .collect()
}

fn answer(seen: &Seen, staff: bool, now: Instant) -> Answer {
    let (state, word) = match (seen.last.outcome, seen.holds) {
        (Outcome::Void, _) => (Word::Unknown, "says nothing"),
        (_, false) => (Word::Unknown, "silent since"),
        (Outcome::Up, true) => (Word::Kept, "good"),
        (Outcome::Down, true) => (Word::Missed, "failed"),
    };
    let code = seen.last.code.map_or(String::new(), |code| format!(" {code}"));
    Answer {
        vantage: seen.vantage.clone(),
        check: seen.check.clone(),
        badge: badge(state, &format!("{word}{code}")),
        cause: cause(seen, staff),
        phases: seen.detail.as_ref().and_then(|detail| phases(&detail.phases)),
        time: seen.last.took.map_or_else(|| "–".to_owned(), |took| format!("{} ms", took.as_millis())),
        at: exact(seen.last.at),
        ago: about(now - seen.last.at),
    }
}

/// `the rules of the vantage point forbid to ask it (refused: 10.0.0.5 is private)`.
fn cause(seen: &Seen, staff: bool) -> Option<String> {
    let cause = seen.last.cause?.about();
    let own_words = seen.detail.as_ref().and_then(|detail| detail.reason.as_ref()).filter(|_| staff);
    Some(own_words.map_or_else(|| cause.to_owned(), |words| format!("{cause} ({words})")))
}

/// `DNS 0.9 ms, connect 1.2 ms, TLS 20.1 ms, first byte 12.0 ms`: those that were reached.
fn phases(phases: &Phases) -> Option<String> {
    let Phases { dns_us, connect_us, tls_us, first_byte_us, .. } = *phases;
    let all = [("DNS", dns_us), ("connect", connect_us), ("TLS", tls_us), ("first byte", first_byte_us)];
    let ms = |us: u32| format!("{}.{} ms", us / 1_000, us % 1_000 / 100);
    let reached = all.into_iter().filter_map(|(name, us)| Some(format!("{name} {}", ms(us?))));
    let line = reached.collect::<Vec<_>>().join(", ");
    (!line.is_empty()).then_some(line)
}

/// `The certificate ends 2026-12-01 00:00:00 UTC, 41 days left`: once for each that is shown, with who was shown it where they differ.
fn certificates(seen: &[Seen], now: Instant) -> Vec<String> {
    let mut by_end: BTreeMap<Instant, (String, Vec<String>)> = BTreeMap::new();
    for (seen, certificate) in seen.iter().filter_map(|seen| Some((seen, seen.certificate?))) {
        let left = match certificate.days_left(now) {
            Some(1) => "1 day left".to_owned(),
            Some(days) => format!("{days} days left"),
            None => "it is over".to_owned(),
        };
        let (_, shown) = by_end.entry(certificate.ends).or_insert((left, Vec::new()));
        shown.push(format!("{} {}", seen.vantage, seen.check));
    }
    let differ = by_end.len() > 1;
    let line = |(ends, (left, shown)): (&Instant, &(String, Vec<String>))| {
        let whom = if differ { format!(" shown to {}", shown.join(", ")) } else { String::new() };
        format!("The certificate{whom} ends {}, {left}.", exact(*ends))
    };
    by_end.iter().map(line).collect()
}
