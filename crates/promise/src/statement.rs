//! The statement: one client, one month, every figure with its why.
//!
//! It is put together from what the engine computed and adds no figure of its own. A statement is never edited: evaluated again
//! with the same facts it is the same, and with later facts it is another one, with another number.

mod claim;
mod csv;
mod text;

use std::collections::BTreeMap;

use agreement::{Binding, OnMiss};
use facts::{Body, ClientId, Fact, InstanceId, MaintenanceId};
use serde::Serialize;
use spans::{Instant, Length, Month, Span};

pub use self::claim::Claim;
pub(crate) use self::{csv::quoted, text::Table};
use crate::{
    Evaluation, InstanceMonth, Ledger, Why,
    availability::{covered, percentage},
    credit::{ClientMonth, client_months, left_out},
    guard::announce_by,
    obligation::{Annotation, Duty, Obligation, Occurrence, Plan, Rule, State},
};

/// One month of one client under the agreement in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The client's id in the journal.
    pub client_id: ClientId,
    /// The client's name.
    pub client: String,
    /// The provider's name.
    pub provider: String,
    /// The agreement's id.
    pub agreement: String,
    /// Its title.
    pub title: String,
    /// SHA-256 of the agreement file, in hex: which version this is judged by.
    pub identity: String,
    /// The tier, where there are tiers.
    pub tier: Option<String>,
    /// The month.
    pub month: Month,
    /// The month as a span of instants.
    pub period: Span,
    /// Facts up to this instant were looked at.
    pub as_of: Instant,
    /// Whether the month was over by then.
    pub closed: bool,
    /// The version of the time zone rules it was computed with.
    pub tzdata: &'static str,
    /// Each instance that was covered, by id.
    pub instances: Vec<InstanceLine>,
    /// What is credited; nothing where the agreement has no credits or no month is judged.
    pub credit: Option<ClientMonth>,
    /// How that credit stands with the client; nothing where the month earns none.
    pub claim: Option<Claim>,
    /// How obligations that fell due in the month stood, by rule; the agreement's order.
    pub duties: Vec<DutyLine>,
    /// Maintenance that touched the month, by its planned start.
    pub maintenance: Vec<MaintenanceLine>,
    /// The readings both parties signed.
    pub readings: BTreeMap<String, String>,
    /// Sentences the agreement wants shown on statements, with the words it forbids left out by construction; and the charges
    /// that entered no figure, with why.
    pub remarks: Vec<String>,
}

/// One instance's month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceLine {
    /// Its name.
    pub name: String,
    /// Its figures.
    #[serde(flatten)]
    pub month: InstanceMonth,
}

/// How the obligations of one rule stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DutyLine {
    /// The rule's id in the file.
    pub id: String,
    /// The clauses of the rule; those of the matrix row that gave one its time stand in its derivation.
    pub clauses: Vec<String>,
    /// Who owes it.
    pub party: &'static str,
    /// How strongly.
    pub binding: &'static str,
    /// How a miss is called in this agreement.
    pub miss: String,
    /// How many stood how.
    pub count: Tally,
    /// The same without those that carry an annotation; absent where none does.
    pub without_annotated: Option<Tally>,
    /// Each of them; of cadences and backups only what was not simply met.
    pub items: Vec<DutyItem>,
}

/// How many obligations stood how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Met in time.
    pub met: u32,
    /// Not met in time.
    pub missed: u32,
    /// Not met in time, and not held against anybody.
    pub excused: u32,
    /// Ended before it was due.
    pub cancelled: u32,
    /// Still open.
    pub open: u32,
}

/// One obligation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DutyItem {
    /// What it is about.
    pub subject: String,
    /// A name that stays the same whenever it is evaluated.
    pub key: String,
    /// From when it ran.
    pub started: Instant,
    /// The last instant in time.
    pub due: Option<Instant>,
    /// The one word for how it stands.
    pub state: &'static str,
    /// How it stands, with when and who.
    pub text: String,
    /// Remarks beside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<String>,
    /// Why.
    pub why: Why,
}

/// One maintenance record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MaintenanceLine {
    /// The record.
    pub maintenance: MaintenanceId,
    /// Its kind.
    pub kind: &'static str,
    /// Its cause.
    pub cause: String,
    /// What it was expected to do (SH-MAINT-07).
    pub expected_impact: &'static str,
    /// The planned time.
    pub planned: Span,
    /// When it was put on file.
    pub recorded_at: Instant,
    /// The instances.
    pub instances: Vec<InstanceId>,
    /// When contacts were told; none if they were not (SH-MAINT-13: shown honestly).
    pub notice: Option<Instant>,
    /// The last instant at which they had to be told; none where no notice is owed (SH-MAINT-11, SH-MAINT-13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_by: Option<Instant>,
    /// Whether it was called off.
    pub cancelled: bool,
    /// When it was called off.
    #[serde(skip)]
    pub cancelled_at: Option<Instant>,
}

impl MaintenanceLine {
    /// Whether notice was owed and was not there in time: late, or none at all. Of what was called off before it began nobody has
    /// to be told.
    pub fn is_notice_late(&self) -> bool {
        let in_time = |by: Instant| self.notice.is_some_and(|at| at <= by);
        let began = self.cancelled_at.is_none_or(|at| self.planned.start <= at);
        began && self.notice_by.is_some_and(|by| !in_time(by))
    }
}

/// Why there is no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum NoStatement {
    #[error("{month} lies outside the term {term}: choose a month inside it")]
    OutsideTerm { month: Month, term: Span },
    #[error(
        "{month} is not over at {at}: its statement can be made from {over} on; `--preview` shows how it stands"
    )]
    NotOver { month: Month, at: Instant, over: Instant },
    #[error("no version of the agreement was in force in {month}")]
    NotInForce { month: Month },
}

/// The statement of a month as an evaluation gives it.
pub(crate) fn statement(evaluation: &Evaluation<'_>, month: Month) -> Result<Statement, NoStatement> {
    let (plan, ledgers) = evaluation.judging(month)?;
    let (terms, agreement, at) = (plan.terms(), plan.agreement(), evaluation.at());
    let period = month.span(&agreement.months_in());
    let instances = instance_lines(plan, evaluation, ledgers, month);
    let months: Vec<InstanceMonth> = instances.iter().map(|line| line.month.clone()).collect();
    let watched =
        watched(plan, evaluation.facts(), Span { end: period.end.min(at).max(period.start), ..period });
    let credit =
        client_months(terms, evaluation.facts(), &months).into_iter().find(|client| client.month == month);
    Ok(Statement {
        client_id: agreement.agreement.client_id.clone(),
        client: agreement.agreement.client.clone(),
        provider: agreement.agreement.provider.clone(),
        agreement: agreement.agreement.id.clone(),
        title: agreement.agreement.title.clone(),
        identity: terms.identity().to_owned(),
        tier: terms.tier().map(str::to_owned),
        month,
        period,
        as_of: at,
        closed: period.end <= at,
        tzdata: spans::tzdata(),
        claim: claim::claim(credit.as_ref(), evaluation.facts(), evaluation.obligations(), month),
        credit,
        instances,
        duties: duty_lines(plan, evaluation.obligations(), period, watched),
        maintenance: maintenance_lines(plan, evaluation.facts(), period),
        readings: agreement.readings.clone(),
        remarks: remarks(plan, evaluation.facts(), month),
    })
}

fn instance_lines(
    plan: &Plan,
    evaluation: &Evaluation<'_>,
    ledgers: &[Ledger],
    month: Month,
) -> Vec<InstanceLine> {
    let added = evaluation.facts().iter().filter_map(|fact| match &fact.body {
        Body::InstanceAdded(added) => Some((&added.instance, added.name.as_str())),
        _ => None,
    });
    let names: BTreeMap<&InstanceId, &str> = added.collect();
    let name = |id: &InstanceId| names.get(id).map_or_else(|| id.to_string(), |name| in_one_line(name));
    ledgers
        .iter()
        .filter_map(|ledger| ledger.month(plan.terms(), month, evaluation.at()))
        .filter(|month| !(month.covered + month.ahead).is_zero())
        .map(|month| InstanceLine { name: name(&month.instance), month })
        .collect()
}

/// Obligations by rule, those that fell due (or, without a due time, began) in the period; of a watch also a month without a
/// silence.
fn duty_lines(plan: &Plan, obligations: &[Obligation], period: Span, watched: Length) -> Vec<DutyLine> {
    let position: BTreeMap<&str, usize> =
        plan.rules().iter().enumerate().map(|(index, rule)| (rule.duty.id.as_str(), index)).collect();
    let mut lines: BTreeMap<(usize, &str), (&Duty, Vec<&Obligation>)> = BTreeMap::new();
    let place = |duty: &Duty| position.get(duty.id.as_str()).copied().unwrap_or(usize::MAX);
    for rule in plan.rules().iter().filter(|rule| periods_in(rule, watched) > 0 && on_statement(&rule.duty)) {
        lines.insert((place(&rule.duty), &rule.duty.id), (&rule.duty, Vec::new()));
    }
    for obligation in obligations {
        let moment = obligation.due.unwrap_or(obligation.started);
        if on_statement(&obligation.duty) && period.contains(moment) {
            let duty: &Duty = &obligation.duty;
            lines.entry((place(duty), &duty.id)).or_insert((duty, Vec::new())).1.push(obligation);
        }
    }
    let line = |((position, _), (duty, list)): ((usize, &str), (&Duty, Vec<&Obligation>))| {
        let mut line = duty_line(duty, &list);
        if let Some(rule) = plan.rules().get(position).filter(|rule| rule.is_watch()) {
            // A period that a month's first or last instant cuts is whole in the month in which it was due.
            let apart = line.count.missed + line.count.excused;
            line.count.met = periods_in(rule, watched).saturating_sub(apart);
        }
        line
    };
    lines.into_iter().map(line).collect()
}

/// SH-MON-01: of a watch only its silences are obligations of their own; the periods in which somebody looked are the rest of
/// the covered time. Zero for any other rule.
fn periods_in(rule: &Rule, watched: Length) -> u32 {
    let Some(every) = rule.source.every.filter(|_| rule.is_watch()) else { return 0 };
    let every = every.length(Length::DAY).as_micros().max(1);
    u32::try_from(watched.as_micros() / every).unwrap_or(u32::MAX)
}

/// The covered time of all instances together in a period.
fn watched(plan: &Plan, facts: &[Fact], period: Span) -> Length {
    let mut stays: BTreeMap<&InstanceId, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        match &fact.body {
            Body::InstanceAdded(added) => stays.entry(&added.instance).or_default().push(fact),
            Body::InstanceEnded(ended) => stays.entry(&ended.instance).or_default().push(fact),
            _ => {}
        }
    }
    let term = &plan.agreement().agreement.term;
    let each = stays.into_iter().map(|(instance, facts)| covered(term, instance, facts).0);
    each.map(|spans| spans.measure(period.start, period.end)).sum()
}

/// The agreement says which misses belong on the statement; a nudge to one's own people never does (SH-RES-02).
fn on_statement(duty: &Duty) -> bool {
    duty.on_miss.contains(&OnMiss::Statement) && duty.binding != Binding::Internal
}

fn duty_line(duty: &Duty, list: &[&Obligation]) -> DutyLine {
    let annotated = list.iter().any(|o| !o.annotations.is_empty());
    let plain = || list.iter().filter(|o| o.annotations.is_empty()).copied();
    let routine = list.len() > ITEMS_LISTED_MAX;
    DutyLine {
        id: duty.id.clone(),
        clauses: duty.clauses.clone(),
        party: duty.party.name(),
        binding: duty.binding.name(),
        miss: duty.miss.clone(),
        count: Tally::of(list.iter().copied()),
        without_annotated: annotated.then(|| Tally::of(plain())),
        items: list
            .iter()
            .filter(|o| !routine || !matches!(o.state, State::Met { .. }))
            .map(|o| DutyItem::of(o))
            .collect(),
    }
}

/// A name as one line of a statement holds it: somebody else wrote it, and what steers a terminal or begins a line is no name.
fn in_one_line(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Of a rule with more obligations than this in a month, those simply met are counted and not listed: backups, cadences.
const ITEMS_LISTED_MAX: usize = 20;

impl Tally {
    pub(crate) fn of<'o>(list: impl Iterator<Item = &'o Obligation>) -> Tally {
        list.fold(Tally::default(), |mut tally, obligation| {
            let (slot, weight) = match &obligation.state {
                State::Met { .. } => (&mut tally.met, 1),
                State::Missed { .. } | State::Forfeited { .. } => (&mut tally.missed, periods(obligation)),
                State::Excused { .. } => (&mut tally.excused, periods(obligation)),
                State::Cancelled { .. } => (&mut tally.cancelled, 1),
                State::Waiting(_) | State::Running { .. } => (&mut tally.open, 1),
            };
            *slot += weight;
            tally
        })
    }

    /// Those that were decided: met or missed.
    pub fn decided(self) -> u32 {
        self.met + self.missed
    }

    /// The share of those decided that were met, as a percentage that is rounded once, down: `97.5%`. None where nothing was
    /// decided. At most six decimals.
    pub fn percent(self, decimals: u32) -> Option<String> {
        let whole = i128::from(self.decided());
        (whole > 0).then(|| percentage(i128::from(self.met), whole, decimals))
    }

    /// These and those together.
    #[must_use]
    pub fn plus(self, other: Tally) -> Tally {
        Tally {
            met: self.met + other.met,
            missed: self.missed + other.missed,
            excused: self.excused + other.excused,
            cancelled: self.cancelled + other.cancelled,
            open: self.open + other.open,
        }
    }
}

/// How many misses one obligation stands for: those of a silence are told as one.
pub(crate) fn periods(obligation: &Obligation) -> u32 {
    match obligation.occurrence {
        Occurrence::Periods(_, count) => count,
        _ => 1,
    }
}

impl DutyItem {
    pub(crate) fn of(obligation: &Obligation) -> DutyItem {
        let mut subject = obligation.subject.to_string();
        if let Some(instance) = &obligation.instance {
            subject = format!("{subject} on {instance}");
        }
        DutyItem {
            subject,
            key: obligation.key(),
            started: obligation.started,
            due: obligation.due,
            state: obligation.state.name(),
            text: obligation.state.to_string(),
            annotations: obligation.annotations.iter().map(remark).collect(),
            why: obligation.why.clone(),
        }
    }
}

fn remark(annotation: &Annotation) -> String {
    match annotation {
        Annotation::During { cause, from, until: Some(until) } => {
            format!("{} {from} to {until}", cause.name())
        }
        Annotation::During { cause, from, until: None } => format!("{} since {from}", cause.name()),
        Annotation::ExclusionDisputed(exclusion) => format!("exclusion {exclusion} is disputed"),
    }
}

fn maintenance_lines(plan: &Plan, facts: &[Fact], period: Span) -> Vec<MaintenanceLine> {
    let told = |id: &MaintenanceId| {
        facts
            .iter()
            .filter(|f| matches!(&f.body, Body::NoticeDelivered(n) if n.maintenance == *id))
            .map(|f| f.at)
            .min()
    };
    let called_off = |id: &MaintenanceId| {
        let cancelled = |f: &&Fact| matches!(&f.body, Body::MaintenanceCancelled(c) if c.maintenance == *id);
        facts.iter().filter(cancelled).map(|f| f.at).min()
    };
    let mut lines: Vec<MaintenanceLine> = facts
        .iter()
        .filter_map(|fact| match &fact.body {
            Body::MaintenancePlanned(record) => Some((fact, record)),
            _ => None,
        })
        .filter_map(|(fact, record)| {
            let planned = Span::new(record.starts_at, record.ends_at)?;
            planned.intersect(period)?;
            let cancelled_at = called_off(&record.maintenance);
            Some(MaintenanceLine {
                maintenance: record.maintenance.clone(),
                kind: record.kind.name(),
                cause: record.cause.clone(),
                expected_impact: record.expected_impact.name(),
                planned,
                recorded_at: fact.recorded_at,
                instances: record.instances.clone(),
                notice: told(&record.maintenance),
                notice_by: announce_by(plan, record.kind, record.expected_impact, record.starts_at)
                    .map(|(by, _)| by),
                cancelled: cancelled_at.is_some(),
                cancelled_at,
            })
        })
        .collect();
    lines.sort_by_key(|line| line.planned.start);
    lines
}

/// What the agreement itself wants said beside the figures: MP-SLO-03 and MP-SLO-04 where objectives are aspirations. And the
/// charges that entered none of them.
fn remarks(plan: &Plan, facts: &[Fact], month: Month) -> Vec<String> {
    let agreement = plan.agreement();
    let shown = agreement.show.iter().filter(|show| show.at.contains(&agreement::ShowAt::Statement));
    let mut remarks: Vec<String> = shown.map(|show| show.text.clone()).collect();
    if agreement.credit.is_none() {
        remarks.push("This agreement knows no credits.".to_owned());
    }
    remarks.extend(left_out(plan.terms(), facts, month));
    remarks
}
