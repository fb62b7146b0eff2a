//! A client's status page, made from its book: what the public may see of it is decided here and nowhere else. Instances that were
//! put on the page by name; their downtime, as the statement has it; maintenance of theirs; and updates that were published.
//! No request, no person, no word that somebody wrote for somebody else.

use std::collections::BTreeMap;

use facts::{
    Body, Fact, Impact, IncidentId, IncidentStage, IncidentUpdatePublished, InstanceAdded, InstanceId,
    MaintenanceKind, StatusLogo, StatusPublished,
};
use promise::{Evaluation, InstanceMonth, Timeline, counted_minutes};
use spans::{Instant, Length, Month, Span, Spans};
use status::{
    Back, Component, Day, Incident, Logo, MONTHS_MAX, Maintenance, MonthLine, Page, Progress, State, Update,
    days, public_id,
};

use super::MaintenanceRecord;
use crate::live::Book;

/// Digits of a logo's digest in its address.
const LOGO_PRINT_CHARS: usize = 12;
/// Incidents on one page, and records: the newest.
const LISTED_MAX: usize = 100;
/// A failure that is shorter is in the figures of its day, and is no incident.
pub(in crate::live) const INCIDENT_MIN: Length = Length::MINUTE;

/// A status page as it was set up last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusSet {
    /// As it was said.
    pub set: StatusPublished,
    /// When a page of that address was put up first.
    pub since: Instant,
    /// When this was said.
    pub changed: Instant,
}

impl Book {
    /// How the client's status page is set up; none where it has none.
    pub fn status_set(&self) -> Option<StatusSet> {
        let last = self.facts().iter().rev().find_map(|fact| match &fact.body {
            Body::StatusPublished(set) => Some(Some((fact.at, set))),
            Body::StatusWithdrawn(_) => Some(None),
            _ => None,
        });
        let (changed, set) = last.flatten()?;
        let first = self.facts().iter().find(|fact| match &fact.body {
            Body::StatusPublished(before) => before.page == set.page,
            _ => false,
        });
        Some(StatusSet { set: set.clone(), since: first.map_or(changed, |fact| fact.at), changed })
    }

    /// Differs once something happened that may change the page. Answers of instances do not count: they come each second, and what
    /// they come to is a fact as soon as monitoring opens or closes an incident.
    pub(in crate::live) fn status_mark(&self) -> (usize, usize) {
        (self.facts().len(), self.tickets().map(|(_, facts)| facts.len()).sum())
    }

    /// The client's status page as it stands; none where it has none, or no agreement is in force.
    pub fn status_page(&self, now: Instant) -> Option<Page> {
        let found = self.status_set()?;
        let versions = self.versions()?;
        let zone = versions.latest().agreement().months_in();
        let measured = self.measured(now)?;
        let days = days(&zone, now);
        let from = days.first().map_or(now, |(_, span)| span.start);
        let shown = self.shown(&found.set);
        let seen: Vec<Seen> = shown.iter().map(|added| self.seen(added, &measured, now)).collect();
        let drawing = Drawing { book: self, found: &found, shown: &shown, from, now };
        // What is told of the page as a whole says nothing of what fails on it.
        let (named, whole) = drawing.published();
        let published = [named.clone(), whole].concat();
        let mut incidents = published.clone();
        for (place, seen) in seen.iter().enumerate() {
            incidents.extend(drawing.measured(place, seen, &named));
        }
        incidents.sort_by(|a, b| (b.began, &b.id).cmp(&(a.began, &a.id)));
        incidents.truncate(LISTED_MAX);
        let components =
            (0..shown.len()).map(|place| drawing.component(place, &seen[place], &days, &published));
        Some(Page {
            id: public_id(&["page", self.client().as_str()]),
            title: found.set.title.clone(),
            public: found.set.public,
            accent: found.set.accent.as_ref().and_then(|accent| accent.parse().ok()),
            scheme: found.set.scheme,
            logo: found.set.logo.as_ref().map(logo),
            // A fact may have been recorded from a file: what could not be said on the page is not shown either.
            back: found.set.back.as_ref().and_then(|back| Back::new(&back.label, &back.url).ok()),
            footer: found.set.footer.clone(),
            since: found.since,
            components: components.collect(),
            incidents,
            maintenance: drawing.maintenance(),
            written_at: now,
            zone,
        })
    }

    /// The instances that the page names and that are there, in its order.
    fn shown(&self, set: &StatusPublished) -> Vec<&InstanceAdded> {
        let added = self.added();
        let wanted = set.components.iter();
        wanted
            .filter_map(|shown| added.iter().find(|added| added.instance == shown.instance).copied())
            .collect()
    }

    fn seen(&self, added: &InstanceAdded, measured: &Evaluation<'_>, now: Instant) -> Seen {
        let mut seen = Seen::default();
        let months = self.months(now);
        for month in months.iter().take(MONTHS_MAX) {
            let Ok((plan, ledgers)) = measured.judging(*month) else { continue };
            let Some(ledger) = ledgers.iter().find(|ledger| *ledger.instance() == added.instance) else {
                continue;
            };
            let Some(figures) = ledger.month(plan.terms(), *month, now) else { continue };
            let period = month.span(&plan.agreement().months_in());
            let rule = plan.agreement().availability.as_ref().map(|availability| &availability.down);
            let minutes = |run| rule.into_iter().flat_map(move |rule| counted_minutes(rule, run, period));
            seen.minutes.extend(figures.runs.iter().flat_map(minutes));
            seen.months.push(line(&figures, *month, period.end <= now));
            seen.add(ledger.timeline(), ledger.down(), period);
        }
        if seen.months.is_empty() {
            // No share of time is promised: what was seen stands here all the same.
            let Some(versions) = self.versions() else { return seen };
            let covered =
                Span { start: added.from, end: added.until.unwrap_or(now).min(now).max(added.from) };
            let evidence = self.evidence(&added.instance, versions.latest().terms());
            let timeline = Timeline::new(Spans::one(covered), &evidence, None);
            seen.add(&timeline, &timeline.down, covered);
        }
        seen.minutes.sort_unstable();
        seen.months.retain(|line| line.uptime.is_some());
        seen
    }
}

fn logo(set: &StatusLogo) -> Logo {
    let print = set.sha256.chars().take(LOGO_PRINT_CHARS).collect();
    Logo { print, alt: set.alt.clone(), width: set.width, height: set.height }
}

fn line(figures: &InstanceMonth, month: Month, closed: bool) -> MonthLine {
    let share = figures.uptime.filter(|_| figures.covered > Length::ZERO);
    MonthLine {
        month,
        closed,
        uptime: share.map(|share| (share.percent(figures.decimals), share.to_string())),
        counted: figures.counted,
        excluded: figures.excluded,
        unknown: figures.unknown,
    }
}

/// What was seen of one instance, each month by the version that judges it.
#[derive(Debug, Default)]
struct Seen {
    covered: Spans,
    down: Spans,
    excluded: Spans,
    unknown: Spans,
    /// The start of every minute that counts.
    minutes: Vec<Instant>,
    /// Newest first.
    months: Vec<MonthLine>,
}

impl Seen {
    /// Adds a period of it. `down`: what nothing excludes.
    fn add(&mut self, timeline: &Timeline, down: &Spans, period: Span) {
        let clip = |spans: &Spans| spans.clip(period);
        self.covered = self.covered.union(&clip(&timeline.covered));
        self.down = self.down.union(&clip(down));
        self.excluded = self.excluded.union(&clip(&timeline.down.subtract(down)));
        self.unknown = self.unknown.union(&clip(&timeline.unknown));
    }

    fn up(&self) -> Spans {
        self.covered.subtract(&self.down).subtract(&self.excluded).subtract(&self.unknown)
    }

    fn day(&self, date: jiff::civil::Date, span: Span) -> Day {
        let measure = |spans: &Spans| spans.measure(span.start, span.end);
        let begun = |at: Instant| self.minutes.partition_point(|minute| *minute < at);
        Day {
            date,
            covered: measure(&self.covered),
            down: measure(&self.down),
            counted: i64::try_from(begun(span.end) - begun(span.start)).unwrap_or(i64::MAX),
            excluded: measure(&self.excluded),
            unknown: measure(&self.unknown),
        }
    }

    /// How it is just before an instant, and since when. What is excluded fails.
    fn just_before(&self, at: Instant) -> (State, Option<Instant>) {
        let before = at - Length::from_micros(1);
        let parts = [
            (State::Down, &self.down),
            (State::Maintenance, &self.excluded),
            (State::Unknown, &self.unknown),
            (State::Up, &self.up()),
        ];
        let found = parts.into_iter().find_map(|(state, spans)| {
            let span = spans.iter().find(|span| span.contains(before))?;
            Some((state, Some(span.start)))
        });
        found.unwrap_or((State::Unknown, None))
    }
}

/// Whether an incident is about systems by name, as was said last.
fn names_systems(updates: &[(&Fact, &IncidentUpdatePublished)]) -> bool {
    updates.last().is_some_and(|(_, update)| !update.instances.is_empty())
}

/// What a page is drawn from.
struct Drawing<'b> {
    book: &'b Book,
    found: &'b StatusSet,
    shown: &'b [&'b InstanceAdded],
    /// The first instant of the strip.
    from: Instant,
    now: Instant,
}

impl Drawing<'_> {
    fn id(&self, parts: &[&str]) -> String {
        public_id(&[&[self.book.client().as_str()], parts].concat())
    }

    fn name(&self, place: usize) -> &str {
        let instance = &self.shown[place].instance;
        let named = self.found.set.components.iter().find(|shown| shown.instance == *instance);
        named.map_or("", |shown| shown.name.as_str())
    }

    /// Places of those instances that are shown.
    fn places(&self, of: &[InstanceId]) -> Vec<usize> {
        (0..self.shown.len()).filter(|place| of.contains(&self.shown[*place].instance)).collect()
    }

    fn component(
        &self,
        place: usize,
        seen: &Seen,
        days: &[(jiff::civil::Date, Span)],
        published: &[Incident],
    ) -> Component {
        let added = self.shown[place];
        let said = self.found.set.components.iter().find(|shown| shown.instance == added.instance);
        let (state, since) = self.state(place, seen, published);
        Component {
            id: self.id(&["system", added.instance.as_str()]),
            name: self.name(place).to_owned(),
            about: said.and_then(|said| said.about.clone()),
            state,
            since,
            days: days.iter().map(|(date, span)| seen.day(*date, *span)).collect(),
            months: seen.months.clone(),
        }
    }

    /// What is measured, and what people said of it where that is worse than well. Work that was declared hides no failure but its
    /// own.
    fn state(&self, place: usize, seen: &Seen, published: &[Incident]) -> (State, Option<Instant>) {
        let instance = &self.shown[place].instance;
        let works = |record: &MaintenanceRecord| {
            record.word(self.now) == "under way" && record.planned.instances.contains(instance)
        };
        let at_work = self.book.maintenance().iter().any(works);
        let told = published
            .iter()
            .filter(|incident| incident.is_open() && incident.components.contains(&place))
            .any(|incident| incident.impact != Impact::None);
        let (state, since) = seen.just_before(self.now);
        match state {
            State::Down | State::Unknown => (state, since),
            // A claim takes it out of the figures; it fails all the same.
            State::Maintenance if !at_work => (State::Down, since),
            State::Up if told || !self.book.slow(instance, self.now).is_empty() => (State::Degraded, None),
            State::Up if at_work => (State::Maintenance, None),
            state => (state, since),
        }
    }

    /// Incidents that people told the public of: those that name systems, and those about the page as a whole. One about nothing that is
    /// shown is not shown.
    fn published(&self) -> (Vec<Incident>, Vec<Incident>) {
        let mut told: BTreeMap<&IncidentId, Vec<(&Fact, &IncidentUpdatePublished)>> = BTreeMap::new();
        for fact in self.book.facts() {
            if let Body::IncidentUpdatePublished(update) = &fact.body {
                told.entry(&update.incident).or_default().push((fact, update));
            }
        }
        let recent =
            |incident: &Incident| incident.is_open() || incident.ended.is_none_or(|at| self.from <= at);
        let (named, whole): (Vec<_>, Vec<_>) = told.into_values().partition(|updates| names_systems(updates));
        let drawn =
            |of: Vec<Vec<_>>| of.iter().filter_map(|updates| self.one(updates)).filter(recent).collect();
        (drawn(named), drawn(whole))
    }

    fn one(&self, updates: &[(&Fact, &IncidentUpdatePublished)]) -> Option<Incident> {
        let (first, last) = (updates.first()?, updates.last()?);
        let components = match last.1.instances.as_slice() {
            [] => (0..self.shown.len()).collect(),
            some => self.places(some),
        };
        if components.is_empty() {
            return None;
        }
        let is_over = |stage| matches!(stage, IncidentStage::Resolved | IncidentStage::Postmortem);
        let over = updates.iter().rev().take_while(|(_, update)| is_over(update.stage)).last();
        let told = updates.iter().rev().map(|(fact, update)| Update {
            id: self.id(&["update", &fact.id.to_string()]),
            at: fact.at,
            stage: update.stage,
            message: update.message.clone(),
        });
        Some(Incident {
            id: self.id(&["incident", last.1.incident.as_str()]),
            title: last.1.title.clone(),
            stage: last.1.stage,
            impact: last.1.impact,
            components,
            began: first.0.at,
            ended: over.map(|(fact, _)| fact.at),
            updates: told.collect(),
            next_update_by: last.1.next_update_by,
        })
    }

    /// Downtime that nobody has told of: it is told by itself, from the same runs that the statement lists. `published`: what people told
    /// of systems by name.
    fn measured(&self, place: usize, seen: &Seen, published: &[Incident]) -> Vec<Incident> {
        let up = seen.up();
        let within = |incident: &Incident, run: Span| {
            incident.components.contains(&place)
                && incident.began <= run.end
                && incident.ended.is_none_or(|ended| run.start <= ended)
        };
        let told = |run: Span| published.iter().any(|incident| within(incident, run));
        let runs = seen.down.iter().filter(|run| INCIDENT_MIN <= run.length() && self.from < run.end);
        runs.filter(|run| !told(*run)).map(|run| self.run(place, run, &up)).collect()
    }

    /// It is over once it answered again; that nobody looks any more does not end it.
    fn run(&self, place: usize, run: Span, up: &Spans) -> Incident {
        let name = self.name(place);
        let answered = run.end < self.now && up.measure(run.end, self.now) > Length::ZERO;
        let began = run.start.to_string();
        let own = |what: &str| self.id(&[what, self.shown[place].instance.as_str(), &began]);
        let update = |what: &str, at, stage, message: String| Update { id: own(what), at, stage, message };
        let mut updates = vec![update(
            "began",
            run.start,
            IncidentStage::Investigating,
            format!("{name} does not answer. This was measured, and is told by itself."),
        )];
        if answered {
            let lasted = format!("{name} answers again. Measured: {} without an answer.", run.length());
            updates.insert(0, update("ended", run.end, IncidentStage::Resolved, lasted));
        }
        Incident {
            id: own("run"),
            title: format!("{name} {} not answer", if answered { "did" } else { "does" }),
            stage: if answered { IncidentStage::Resolved } else { IncidentStage::Investigating },
            impact: Impact::Down,
            components: vec![place],
            began: run.start,
            ended: answered.then_some(run.end),
            updates,
            next_update_by: None,
        }
    }

    fn maintenance(&self) -> Vec<Maintenance> {
        let records = self.book.maintenance().into_iter().filter(|record| self.from < record.planned.ends_at);
        records.filter_map(|record| self.work(&record)).take(LISTED_MAX).collect()
    }

    fn work(&self, record: &MaintenanceRecord) -> Option<Maintenance> {
        let MaintenanceRecord { planned, recorded_at, started, ended, cancelled, .. } = record;
        let components = self.places(&planned.instances);
        if components.is_empty() {
            return None;
        }
        let progress = match record.word(self.now) {
            "called off" => Progress::CalledOff,
            "done" | "over" => Progress::Done,
            "under way" | "overrun" => Progress::UnderWay,
            _ => Progress::Planned,
        };
        let kind = match planned.kind {
            MaintenanceKind::Scheduled => "Scheduled maintenance",
            MaintenanceKind::CriticalPatch => "Critical patch",
            MaintenanceKind::Emergency => "Emergency maintenance",
        };
        let steps = [Some(*recorded_at), *started, *ended, *cancelled];
        let about = self.book.facts_about(facts::Noun::Maintenance, &planned.maintenance.0);
        Some(Maintenance {
            id: self.id(&["maintenance", planned.maintenance.as_str()]),
            title: format!("{kind}: {}", planned.cause),
            progress,
            impact: planned.expected_impact,
            components,
            starts: planned.starts_at,
            ends: planned.ends_at,
            ended: *ended,
            announced: *recorded_at,
            changed: steps.into_iter().flatten().max().unwrap_or(*recorded_at),
            revision: u32::try_from(about.saturating_sub(1)).unwrap_or(u32::MAX),
        })
    }
}
