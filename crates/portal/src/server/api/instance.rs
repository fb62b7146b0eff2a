//! Instances: how each is, its months, its checks; and every minute of a month.

mod act;

use axum::response::Response;
use control::live::{
    Book,
    query::{Alike, InstanceNow, LedgerMonth, Seen},
};
use desk::policy::Action;
use facts::{Again, Cause, CheckDefined, CheckId, ClientId, InstanceId, Pace, Took, what::What};
use journal::latency::Hour;
use promise::{ExcludedTime, Run, Slow, probe::Departure};
use serde::{Deserialize, Serialize};
use spans::{Instant, Length, Month, Zone};
use utoipa::ToSchema;

use super::{
    head::Read,
    operation::{Kind, Operation},
    page::{LIMIT_MAX, list, wrong},
    shape::{AgainShape, At, Figures, PaceShape, QuestionShape, Stretch, at},
};
use crate::server::{Problem, Route};

/// Hours in one answer: a month of one check from two vantage points.
const HOURS_MAX: usize = 1_500;
/// Stretches of a ledger in one answer: a month that flickers has thousands.
const STRETCHES_MAX: usize = 2_000;

pub(super) fn routes() -> Vec<Route> {
    let list = Operation::read::<Instances>("Instances", "list_instances", "How each instance is, by id.");
    let one = Operation::read::<Instance>(
        "Instances",
        "get_instance",
        "One instance: how it is, every month so far with its uptime and what is left of its budget, its checks.",
    );
    let ledger = Operation::read::<Ledger>(
        "Instances",
        "get_ledger",
        "A month minute by minute: how each stood, which count, and what is taken out.",
    );
    let ledger = ledger.asks("month", Kind::Month, "Which; the one that runs where none is said.");
    let times = Operation::read::<ResponseTimes>(
        "Instances",
        "get_response_times",
        "How fast an instance answered: percentiles of its good answers by check, vantage point and hour of a month, UTC. Each is at most a \
         thirty-second part too high and never too low.",
    );
    let times = times.asks("month", Kind::Month, "Which; the one that runs where none is said.");
    let own = vec![
        Route::get("/api/v1/clients/{client}/instances", Action::ReadInstances, instances)
            .told(list.paged(LIMIT_MAX)),
        Route::get("/api/v1/clients/{client}/instances/{instance}", Action::ReadInstances, instance)
            .told(one),
        Route::get("/api/v1/clients/{client}/instances/{instance}/ledger", Action::ReadInstances, ledger_of)
            .told(ledger.paged(STRETCHES_MAX)),
        Route::get(
            "/api/v1/clients/{client}/instances/{instance}/response-times",
            Action::ReadInstances,
            response_times,
        )
        .told(times.paged(HOURS_MAX)),
    ];
    own.into_iter().chain(act::routes()).collect()
}

/// An instance as it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct InstanceLine {
    /// Its id.
    instance: String,
    name: String,
    url: Option<String>,
    /// Where it is used: `production` and the like.
    environment: &'static str,
    software: Option<String>,
    /// `up`, `down`, `excluded` or `unknown`; null while it is not covered.
    condition: Option<&'static str>,
    /// Since when.
    since: Option<At>,
    /// The objectives of response times that it misses: it is degraded, a state beside `condition` that is no downtime.
    degraded: Vec<Degraded>,
    /// The month that runs; null where the agreement has no objective.
    month: Option<Figures>,
    /// Where it is.
    href: String,
}

/// An objective of response times that is missed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Degraded {
    check: String,
    /// Since when, to the stretch of `over_s` seconds.
    since: At,
    /// 1 to 99.
    percentile: u8,
    within_us: u32,
    over_s: u32,
    /// Good answers of the newest stretch.
    answers: u32,
    /// Those of them that came within the time.
    within: u32,
}

/// The good answers of an hour.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResponseTime {
    check: String,
    /// From where.
    vantage: String,
    /// The first instant of the hour.
    hour: At,
    /// How many.
    answers: u64,
    p50_us: Option<u64>,
    p90_us: Option<u64>,
    p99_us: Option<u64>,
}

list! {
    /// Response times by the hour.
    ResponseTimes of ResponseTime
}

list! {
    /// Instances.
    Instances of InstanceLine
}

/// An instance with all that is known of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Instance {
    instance: InstanceLine,
    /// The newest answer from each place.
    seen: Vec<Answer>,
    /// Every month so far, the newest first.
    months: Vec<Figures>,
    /// What is asked of it.
    checks: Vec<Check>,
}

/// The newest answer from one place.
#[derive(Serialize, ToSchema)]
pub(crate) struct Answer {
    /// From where.
    vantage: String,
    check: String,
    /// When it was asked.
    at: At,
    /// `up`, `down`, or `void` where nothing can be said of the service.
    #[schema(value_type = String)]
    outcome: facts::Outcome,
    /// Why it was no good answer, or why nothing can be said: a word of the reference of facts, such as `timeout` or `refused`.
    cause: Option<&'static str>,
    /// The HTTP status.
    code: Option<u16>,
    /// Rounded up.
    response_time_ms: Option<u32>,
    response_time_us: Option<u64>,
    /// What the time went into; null for a look from before this server began.
    phases: Option<Phases>,
    /// The certificate that it was shown last, where TLS is spoken.
    certificate: Option<Certificate>,
    /// Whether it still says something.
    holds: bool,
}

/// The phases of a look in microseconds, each on its own; null where it was not reached.
#[derive(Serialize, ToSchema)]
pub(crate) struct Phases {
    /// Until the name had an address.
    dns_us: Option<u32>,
    /// Until the connection was accepted.
    connect_us: Option<u32>,
    /// Until TLS was agreed.
    tls_us: Option<u32>,
    /// From the request until the head of the answer.
    first_byte_us: Option<u32>,
    /// From the beginning to the end, whatever the end.
    total_us: Option<u32>,
}

/// A certificate as it was shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct Certificate {
    /// Its last instant.
    ends: At,
    /// When it was shown, to the day.
    shown: At,
    /// Whole days that are left; null when it is over.
    days_left: Option<i64>,
}

/// What is asked of an instance.
#[derive(Serialize, ToSchema)]
pub(crate) struct Check {
    check: String,
    /// How many times it was defined: whoever defines it anew may say which version was read.
    version: usize,
    /// Seconds between two questions, or two beats at most.
    every_s: u32,
    /// The whole question; null for a heartbeat, and where it is not said.
    #[schema(value_type = Option<QuestionShape>)]
    what: Option<What>,
    /// A heartbeat: so many seconds after `every_s` a beat is missed.
    grace_s: Option<u32>,
    /// How soon it is asked again after a failure; null where it is not.
    #[schema(value_type = Option<AgainShape>)]
    again: Option<Again>,
    /// How fast it is meant to answer. Slower is degraded, and no downtime.
    #[schema(value_type = Vec<PaceShape>)]
    objectives: Vec<Pace>,
    method: Option<String>,
    url: Option<String>,
    /// The HTTP statuses that are a good answer; none: 200 to 299.
    expect: Vec<u16>,
    timeout_ms: Option<u32>,
    /// Why nobody asks it, where it is on record and breaks a limit; null where it is asked.
    problem: Option<&'static str>,
    /// In what it is asked otherwise than was signed (SH-AVAIL-07); null where in nothing.
    departs: Option<Departs>,
}

async fn instances(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let all = app.book(&client, |book, now| book.instances(now, Length::MINUTE)).await?;
    let (items, next) = asking.cut(all, |now: &InstanceNow| now.instance.to_string(), LIMIT_MAX)?;
    let items = items.into_iter().map(|now| line(&client, now)).collect();
    known.answer(&Instances { items, next })
}

fn line(client: &ClientId, now: InstanceNow) -> InstanceLine {
    InstanceLine {
        href: at(client, &["instances", now.instance.as_str()]),
        instance: now.instance.to_string(),
        name: now.name,
        url: now.url,
        environment: now.environment.name(),
        software: now.software,
        condition: now.condition.map(|condition| condition.name()),
        since: now.since.map(At),
        degraded: now.slow.iter().map(degraded).collect(),
        month: now.month.as_ref().map(|month| Figures::of(client, month)),
    }
}

fn degraded((check, slow): &(CheckId, Slow)) -> Degraded {
    let Slow { pace, since, within, answers } = *slow;
    Degraded {
        check: check.to_string(),
        since: since.into(),
        percentile: pace.percentile,
        within_us: pace.within_us,
        over_s: pace.over_s,
        answers,
        within,
    }
}

async fn response_times(Read { app, known, asking, place }: Read<Place>) -> Result<Response, Problem> {
    asking.knows(&["month", "limit", "cursor"])?;
    let month: Option<Month> = asking.read("month", "write a month as 2026-06.")?;
    let Place { client, instance } = place;
    let of = instance.clone();
    let is_known =
        app.book(&client, move |book, _| book.instance_names().iter().any(|(known, _)| *known == of));
    if !is_known.await? {
        return Err(Problem::NotFound);
    }
    let hours = app.ask_control(move |control, now| {
        let month = month.unwrap_or_else(|| Month::of(now, &Zone::UTC));
        control.latency(&client, &instance, month.span(&Zone::UTC))
    });
    let place = |hour: &Hour| (hour.check.to_string(), hour.vantage.to_string(), hour.start.as_micros());
    let (items, next) = asking.cut(hours.await?, place, HOURS_MAX)?;
    known.answer(&ResponseTimes { items: items.into_iter().map(response_time).collect(), next })
}

fn response_time(hour: Hour) -> ResponseTime {
    let Hour { check, vantage, start, sketch } = hour;
    ResponseTime {
        check: check.to_string(),
        vantage: vantage.to_string(),
        hour: start.into(),
        answers: sketch.count(),
        p50_us: sketch.percentile(50),
        p90_us: sketch.percentile(90),
        p99_us: sketch.percentile(99),
    }
}

/// Which instance an address names.
#[derive(Debug, Clone, Deserialize)]
struct Place {
    client: ClientId,
    instance: InstanceId,
}

async fn instance(Read { app, known, asking, place }: Read<Place>) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let (client, instance) = (place.client, place.instance);
    let found = app.book(&client, move |book, now| one(book, &instance, now)).await?;
    known.answer(&found.ok_or(Problem::NotFound)?)
}

fn one(book: &Book, instance: &InstanceId, now: Instant) -> Option<Instance> {
    let mut found = book.instance(instance, now, Length::MINUTE)?;
    let seen = std::mem::take(&mut found.seen);
    let months = book.instance_months(instance, now);
    Some(Instance {
        seen: seen.into_iter().map(|seen| answer(seen, now)).collect(),
        months: months.iter().map(|month| Figures::of(book.client(), month)).collect(),
        checks: book.checks_of(instance).into_iter().map(|of| check(book, of)).collect(),
        instance: line(book.client(), found),
    })
}

fn answer(seen: Seen, now: Instant) -> Answer {
    Answer {
        vantage: seen.vantage,
        check: seen.check,
        at: seen.last.at.into(),
        outcome: seen.last.outcome,
        cause: seen.last.cause.map(Cause::word),
        code: seen.last.code,
        response_time_ms: seen.last.took.map(Took::as_millis),
        response_time_us: seen.last.took.map(Took::as_micros),
        phases: seen.detail.map(|detail| phases(detail.phases)),
        certificate: seen.certificate.map(|shown| Certificate {
            ends: shown.ends.into(),
            shown: shown.shown.into(),
            days_left: shown.days_left(now),
        }),
        holds: seen.holds,
    }
}

fn phases(of: wire::Phases) -> Phases {
    let wire::Phases { dns_us, connect_us, tls_us, first_byte_us, total_us } = of;
    Phases { dns_us, connect_us, tls_us, first_byte_us, total_us }
}

fn check(book: &Book, check: &CheckDefined) -> Check {
    Check {
        check: check.check.to_string(),
        version: book.check_version(&check.instance, &check.check),
        every_s: check.every_s,
        what: check.question(),
        grace_s: check.grace_s,
        again: check.again,
        objectives: check.objectives.clone(),
        method: check.method.clone(),
        url: check.url.clone(),
        expect: check.expect.clone(),
        timeout_ms: check.timeout_ms,
        problem: book.not_asked(check),
        departs: departs(book.departures(check)),
    }
}

fn departs(found: Option<(Vec<Departure>, Vec<String>)>) -> Option<Departs> {
    found.map(|(departures, clauses)| Departs {
        how: departures
            .into_iter()
            .map(|Departure { what, signed, asked }| DepartureOf { what, signed, asked })
            .collect(),
        clauses,
    })
}

/// In what a check is asked otherwise than was signed.
#[derive(Serialize, ToSchema)]
struct Departs {
    how: Vec<DepartureOf>,
    clauses: Vec<String>,
}

/// One thing that is asked otherwise.
#[derive(Serialize, ToSchema)]
#[schema(as = Departure)]
struct DepartureOf {
    /// What, such as `method`.
    what: &'static str,
    signed: String,
    asked: String,
}

/// A month minute by minute.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ledger {
    instance: String,
    name: String,
    /// The figures; null where the agreement has no objective.
    figures: Option<Figures>,
    /// The runs of downtime, each with the minutes of it that count.
    runs: Vec<Counted>,
    /// What takes downtime out, or would have.
    excluded: Vec<Excluded>,
    /// When nobody looked.
    unknown: Vec<Stretch>,
    /// Minutes that follow each other and stood alike, in order; what is not covered is left out.
    items: Vec<Minutes>,
    /// Where the minutes go on; null at their end.
    next: Option<String>,
}

/// A run of downtime.
#[derive(Serialize, ToSchema)]
pub(crate) struct Counted {
    /// The whole run; it may begin before the month.
    run: Stretch,
    /// The minutes of it that count, in whatever month; none where it is seen and not counted.
    minutes: i64,
    /// The starts of those that count in this month.
    counted: Vec<At>,
}

/// What takes downtime out, or would have.
#[derive(Serialize, ToSchema)]
pub(crate) struct Excluded {
    /// The maintenance record or claim.
    record: String,
    cause: String,
    /// Whether it takes it out.
    excludes: bool,
    /// How it stands, in words.
    standing: String,
    /// The downtime it is about.
    spans: Vec<Stretch>,
}

/// Minutes that stood alike. The rest of each minute's 60 s is not covered, or not over.
#[derive(Serialize, ToSchema)]
pub(crate) struct Minutes {
    /// The start of the first.
    start: At,
    /// How many.
    minutes: usize,
    /// Milliseconds of each that were up.
    up_ms: u32,
    /// Down, and counted against the objective where enough of it stands together.
    down_ms: u32,
    /// Down, and taken out.
    excluded_ms: u32,
    /// Nobody looked.
    unknown_ms: u32,
}

async fn ledger_of(Read { app, known, asking, place }: Read<Place>) -> Result<Response, Problem> {
    asking.knows(&["month", "limit", "cursor"])?;
    let month: Option<Month> = asking.read("month", "write a month as 2026-06.")?;
    let (client, instance) = (place.client, place.instance);
    let found = app.book(&client, move |book, now| {
        let months = book.months(now);
        book.instance_names().iter().any(|(known, _)| *known == instance).then_some(())?;
        let month = month.or_else(|| months.first().copied()).filter(|month| months.contains(month));
        Some(month.map(|month| book.ledger(&instance, month, now)))
    });
    let found = found.await?.ok_or(Problem::NotFound)?;
    let ledger =
        found.ok_or_else(|| wrong("month", "there is no ledger of it."))?.ok_or(Problem::NotFound)?;
    let minutes = ledger.days.iter().flat_map(|day| day.alike()).collect();
    let place = |alike: &Alike| alike.start.as_micros();
    let (items, next) = asking.cut(minutes, place, STRETCHES_MAX)?;
    known.answer(&told(&client, ledger, items, next))
}

fn told(client: &ClientId, ledger: LedgerMonth, items: Vec<Alike>, next: Option<String>) -> Ledger {
    let figures = ledger.figures.as_ref();
    Ledger {
        instance: ledger.instance.to_string(),
        excluded: figures.iter().flat_map(|figures| &figures.exclusions).map(excluded).collect(),
        unknown: figures.iter().flat_map(|f| f.unknown_spans.iter()).map(Stretch::from).collect(),
        figures: figures.map(|figures| Figures::of(client, figures)),
        runs: ledger.runs.iter().map(|(run, minutes)| counted(run, minutes)).collect(),
        name: ledger.name,
        items: items.into_iter().map(alike).collect(),
        next,
    }
}

fn counted(run: &Run, minutes: &[Instant]) -> Counted {
    Counted {
        run: run.span.into(),
        minutes: run.minutes,
        counted: minutes.iter().map(|minute| At(*minute)).collect(),
    }
}

fn excluded(time: &ExcludedTime) -> Excluded {
    Excluded {
        record: time.record.clone(),
        cause: time.cause.clone(),
        excludes: time.standing.excludes(),
        standing: time.standing.text(),
        spans: time.spans.iter().map(Stretch::from).collect(),
    }
}

fn alike(alike: Alike) -> Minutes {
    Minutes {
        start: alike.start.into(),
        minutes: alike.minutes,
        up_ms: alike.cell.up_ms,
        down_ms: alike.cell.down_ms,
        excluded_ms: alike.cell.excluded_ms,
        unknown_ms: alike.cell.unknown_ms,
    }
}
