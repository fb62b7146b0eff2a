//! How many promises of a month were kept: by row and column of each matrix, and by rule where there is none (MP-SLO-05, MP-ESC-01).
//!
//! A promise belongs to the month in which it fell due; what has no due time, and what was cancelled, belongs to none. Tickets
//! that carry a remark are counted, and counted without them beside.

mod shown;

pub use self::shown::SHARE_DECIMALS;

use std::collections::BTreeSet;

use agreement::{Agreement, Binding, Keyed, MatrixAxis, Party};
use facts::{ClientId, Noun, TicketId};
use serde::Serialize;
use spans::{Instant, Month, Span};

use crate::{
    obligation::{Form, Obligation, Plan, Rule, State, Time},
    statement::{DutyItem, Tally, periods},
    versions::Versions,
    why::Why,
};

/// How a client's requests were served in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attainment {
    /// The client's id.
    pub client_id: ClientId,
    /// Its name, as the agreement writes it.
    pub client: String,
    /// The month, in the agreement's zone for months.
    pub month: Month,
    /// The agreement's id.
    pub agreement: String,
    /// SHA-256 of the version that was in force at the month's start, in hex.
    pub identity: String,
    /// The tier, where there are tiers.
    pub tier: Option<String>,
    /// Until when facts were looked at.
    pub as_of: Instant,
    /// Whether the month was over by then.
    pub closed: bool,
    /// The version of the time zone rules.
    pub tzdata: &'static str,
    /// The clauses of the agreement by which it is told at all.
    pub clauses: Vec<String>,
    /// One line for each cell of a matrix that a rule takes its time from, and one for each other rule.
    pub lines: Vec<Attained>,
}

/// A cell, or a rule without any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attained {
    /// The rule.
    pub rule: String,
    /// Its clauses, and those of its row.
    pub clauses: Vec<String>,
    /// How strongly it is owed.
    pub binding: &'static str,
    /// How a miss is called (MP-SLO-03).
    pub miss: String,
    /// The row of the matrix.
    pub row: Option<String>,
    /// The column of the matrix.
    pub column: Option<String>,
    /// The objective, such as `8h`; none where it differs from one to the next.
    pub within: Option<String>,
    /// How many began in the month.
    pub received: u32,
    /// How many fell due in the month.
    pub due: u32,
    /// How those stand.
    pub count: Tally,
    /// The same without those that carry a remark; none where none does.
    pub without_annotated: Option<Tally>,
    /// Those that fell due and were not simply met, and those with a remark, in order.
    pub items: Vec<DutyItem>,
    /// Everything that the figures above count, in order: what began in the month and what fell due in it.
    pub tickets: Vec<Counted>,
    /// Why.
    pub why: Why,
}

/// One promise about one ticket, as a figure counts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The ticket.
    pub ticket: TicketId,
    /// The obligation's name, by which its derivation is found ([`Obligation::key`]).
    pub key: String,
    /// When it began.
    pub started: Instant,
    /// The last instant in time, where there is one.
    pub due: Option<Instant>,
    /// Whether it began in the month: it is one of those received.
    pub received: bool,
    /// Whether it fell due in the month and was not cancelled: it is met, missed, excused or open.
    pub fell_due: bool,
    /// How it stands, in one word.
    pub state: &'static str,
    /// How many it stands for: the missed periods of one silence are told as one.
    pub times: u32,
    /// Whether it carries a remark.
    pub annotated: bool,
}

/// The figures of several lines together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    /// How many began in the month.
    pub received: u32,
    /// How many fell due in the month.
    pub due: u32,
    /// How those stand.
    pub count: Tally,
    /// The same without those that carry a remark; none where none does.
    pub without_annotated: Option<Tally>,
}

/// What a client's people were promised about their requests and what became of it, of these obligations of the instant `at`. A
/// version of the agreement with other cells gives lines of its own.
pub fn attainment(
    client: ClientId,
    versions: &Versions,
    obligations: &[Obligation],
    month: Month,
    at: Instant,
) -> Attainment {
    let zone = versions.latest().agreement().months_in();
    let period = month.span(&zone);
    let plan = in_force(versions, period);
    let agreement = plan.agreement();
    let mut cells = promised(plan);
    for obligation in obligations.iter().filter(|obligation| counts(obligation)) {
        let key = Key::of(obligation);
        if obligation.due.is_some_and(|due| period.contains(due)) || period.contains(obligation.started) {
            let place = cells.iter().position(|cell| cell.key == key).unwrap_or_else(|| {
                cells.push(Cell::of(obligation, key));
                cells.len() - 1
            });
            cells[place].found.push(obligation);
        }
    }
    Attainment {
        client_id: client,
        client: agreement.agreement.client.clone(),
        month,
        agreement: agreement.agreement.id.clone(),
        identity: plan.terms().identity().to_owned(),
        tier: plan.terms().tier().map(str::to_owned),
        as_of: at,
        closed: period.end <= at,
        tzdata: spans::tzdata(),
        clauses: told_by(agreement),
        lines: cells.into_iter().map(|cell| cell.line(month, period)).collect(),
    }
}

/// MP-SLO-05, MP-ESC-01: reasonable effort to meet the objectives, and requests handled in agreed times, are shown as attainment.
fn told_by(agreement: &Agreement) -> Vec<String> {
    let effort = agreement.binding.iter().flat_map(|words| &words.clause.ids);
    let agreed = agreement.escalation.iter().flat_map(|rule| &rule.clause.ids);
    let named = effort.chain(agreed).filter(|id| ["MP-SLO-05", "MP-ESC-01"].contains(&id.as_str()));
    named.cloned().collect()
}

fn in_force(versions: &Versions, period: Span) -> &Plan {
    let from = versions.first().terms().term().start.max(period.start);
    versions.at(from).unwrap_or_else(|| versions.first())
}

/// What is owed by the provider about a request, other than a nudge to its own people (SH-RES-02).
fn counts(obligation: &Obligation) -> bool {
    let duty = &obligation.duty;
    obligation.subject.noun == Noun::Ticket
        && duty.party != Party::Client
        && duty.binding != Binding::Internal
}

/// Which line an obligation belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    rule: String,
    cell: Option<(String, String)>,
}

impl Key {
    fn of(obligation: &Obligation) -> Key {
        let cell = obligation.cell.as_deref().map(|cell| (cell.row.clone(), cell.column.clone()));
        Key { rule: obligation.duty.id.clone(), cell }
    }
}

/// A line in the making.
struct Cell<'o> {
    key: Key,
    clauses: Vec<String>,
    binding: &'static str,
    miss: String,
    within: Option<String>,
    found: Vec<&'o Obligation>,
}

/// The cells and rules of a version, in the file's order.
fn promised<'o>(plan: &Plan) -> Vec<Cell<'o>> {
    let rules = plan.rules().iter().filter(|rule| {
        let duty = &rule.duty;
        rule.source.on.event.noun() == Noun::Ticket
            && duty.party != Party::Client
            && duty.binding != Binding::Internal
            && rule.has_time()
    });
    rules.flat_map(|rule| of_rule(plan, rule)).collect()
}

fn of_rule<'o>(plan: &Plan, rule: &Rule) -> Vec<Cell<'o>> {
    let cell = |cell: Option<(String, String)>, more: &[String], within: Option<String>| {
        let mut clauses = rule.duty.clauses.clone();
        clauses.extend(more.iter().filter(|clause| !rule.duty.clauses.contains(clause)).cloned());
        let (binding, miss) = (rule.duty.binding.name(), rule.duty.miss.clone());
        Cell {
            key: Key { rule: rule.duty.id.clone(), cell },
            clauses,
            binding,
            miss,
            within,
            found: Vec::new(),
        }
    };
    let name = match &rule.form {
        Form::Within(Time::Matrix(name)) => name,
        Form::Within(Time::Amount(Keyed::One(amount))) => {
            return vec![cell(None, &[], Some(amount.to_string()))];
        }
        Form::Every(amount) => return vec![cell(None, &[], Some(amount.to_string()))],
        _ => return vec![cell(None, &[], None)],
    };
    let Some(matrix) = plan.agreement().matrix.get(name) else { return Vec::new() };
    let words = |axis, known: BTreeSet<&str>| in_order(plan, axis, known);
    let rows = words(matrix.rows, matrix.row.keys().map(String::as_str).collect());
    let columns = matrix.row.values().flat_map(|row| row.within.keys()).map(String::as_str).collect();
    let columns = words(matrix.columns, columns);
    let mut cells = Vec::new();
    for row in &rows {
        let Some(rule) = matrix.row.get(row) else { continue };
        for column in &columns {
            let within = rule.within.get(column).map(ToString::to_string);
            cells.push(cell(Some((row.clone(), column.clone())), &rule.clause.ids, within));
        }
    }
    cells
}

/// The words of an axis in the order of the file; of tiers only the one that was signed.
fn in_order(plan: &Plan, axis: MatrixAxis, known: BTreeSet<&str>) -> Vec<String> {
    let request = plan.agreement().request.iter();
    let listed: Vec<&str> = match axis {
        MatrixAxis::Tier => plan.terms().tier().into_iter().collect(),
        MatrixAxis::Priority => request.flat_map(|r| &r.priority).map(|p| p.id.as_str()).collect(),
        MatrixAxis::Kind => request.flat_map(|r| &r.kinds).map(String::as_str).collect(),
        MatrixAxis::Urgency => request.flat_map(|r| &r.urgencies).map(String::as_str).collect(),
    };
    listed.into_iter().filter(|word| known.contains(word)).map(str::to_owned).collect()
}

impl<'o> Cell<'o> {
    /// Of a version that has no such cell.
    fn of(obligation: &Obligation, key: Key) -> Cell<'o> {
        let duty = &obligation.duty;
        let (clauses, miss) = (obligation.clauses().to_vec(), duty.miss.clone());
        Cell { key, clauses, binding: duty.binding.name(), miss, within: None, found: Vec::new() }
    }

    fn line(self, month: Month, period: Span) -> Attained {
        let is_due = |o: &&&Obligation| {
            o.due.is_some_and(|due| period.contains(due)) && !matches!(o.state, State::Cancelled { .. })
        };
        let due: Vec<&Obligation> = self.found.iter().filter(is_due).copied().collect();
        let plain = || due.iter().filter(|o| o.annotations.is_empty()).copied();
        let annotated = due.iter().any(|o| !o.annotations.is_empty());
        let began = self.found.iter().filter(|o| period.contains(o.started));
        let count = Tally::of(due.iter().copied());
        let is_told = |o: &&&Obligation| !matches!(o.state, State::Met { .. }) || !o.annotations.is_empty();
        let (row, column) = self.key.cell.clone().unzip();
        Attained {
            received: began.map(|o| periods(o)).sum(),
            due: count.met + count.missed + count.excused + count.open,
            without_annotated: annotated.then(|| Tally::of(plain())),
            items: due.iter().filter(is_told).map(|o| DutyItem::of(o)).collect(),
            tickets: self.found.iter().filter_map(|o| Counted::of(o, period)).collect(),
            why: self.why(month, count),
            count,
            rule: self.key.rule,
            clauses: self.clauses,
            binding: self.binding,
            miss: self.miss,
            row,
            column,
            within: self.within,
        }
    }

    fn why(&self, month: Month, count: Tally) -> Why {
        let cell = self.key.cell.as_ref().map_or(String::new(), |(row, column)| format!(" {row} {column}"));
        let what = format!("attained of {}{cell} in {month}", self.key.rule);
        let rule = "met, of those met or missed that fell due in the month";
        let why = Why::new(what, count.attained(), rule).under(&self.clauses);
        let why = why.given("met", count.met).given("missed", count.missed);
        why.given("excused", count.excused).given("open", count.open)
    }
}

impl Counted {
    fn of(obligation: &Obligation, period: Span) -> Option<Counted> {
        let cancelled = matches!(obligation.state, State::Cancelled { .. });
        let counted = Counted {
            ticket: TicketId(obligation.subject.id.clone()),
            key: obligation.key(),
            started: obligation.started,
            due: obligation.due,
            received: period.contains(obligation.started),
            fell_due: !cancelled && obligation.due.is_some_and(|due| period.contains(due)),
            state: obligation.state.name(),
            times: periods(obligation),
            annotated: !obligation.annotations.is_empty(),
        };
        (counted.received || counted.fell_due).then_some(counted)
    }
}

impl Total {
    /// Of these lines.
    pub fn of<'l>(lines: impl IntoIterator<Item = &'l Attained>) -> Total {
        let (mut total, mut without, mut annotated) = (Total::default(), Tally::default(), false);
        for line in lines {
            total.received += line.received;
            total.due += line.due;
            total.count = total.count.plus(line.count);
            without = without.plus(line.without_annotated.unwrap_or(line.count));
            annotated |= line.without_annotated.is_some();
        }
        Total { without_annotated: annotated.then_some(without), ..total }
    }
}

/// The lines by promise, for those who look one up.
impl Attainment {
    /// The lines of each promise, in the agreement's order. Their figures add up; those of different promises mean different things.
    pub fn promises(&self) -> Vec<(&str, Vec<&Attained>)> {
        let mut promises: Vec<(&str, Vec<&Attained>)> = Vec::new();
        for line in &self.lines {
            match promises.iter_mut().find(|(rule, _)| *rule == line.rule) {
                Some((_, lines)) => lines.push(line),
                None => promises.push((&line.rule, vec![line])),
            }
        }
        promises
    }

    /// Why the share of these lines of one promise is what it is.
    pub fn why_of(&self, lines: &[&Attained]) -> Why {
        let [first, rest @ ..] = lines else { return Why::new("attained", "-", "nothing is counted") };
        if rest.is_empty() {
            return first.why.clone();
        }
        let total = Total::of(lines.iter().copied());
        let what = format!("attained of {} in {}", first.rule, self.month);
        let rule = "met, of those met or missed that fell due in the month, whatever their cell";
        let why = Why::new(what, total.count.attained(), rule);
        lines.iter().filter(|line| line.due > 0).fold(why, |why, line| why.from(line.why.clone()))
    }

    /// A line by its rule and, where it is a cell, its row and column.
    pub fn line(&self, rule: &str, cell: Option<(&str, &str)>) -> Option<&Attained> {
        let is =
            |line: &&Attained| line.rule == rule && line.row.as_deref().zip(line.column.as_deref()) == cell;
        self.lines.iter().find(is)
    }
}
