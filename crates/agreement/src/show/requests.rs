//! Requests: how they come in, what they are, and how soon somebody answers.

use super::{
    Item, Section, Voice,
    terms::with_reason,
    words::{amount, and, capital, capitals, meaning, or, plain},
};
use crate::{
    section::{
        party::{Channel, Channels},
        request::{Cadence, Hint, HintWhen, Matrix, MatrixAxis, RequestRule},
    },
    value::Clauses,
};

impl Voice<'_> {
    /// Ways in, classes, priorities, targets.
    pub(super) fn requests(&self) -> Section {
        let mut section = Section::new("Requests and response times");
        if let Some(channels) = &self.agreement.channels {
            section.say(ways_in(channels), &channels.clause);
        }
        let channels = self.agreement.channel.iter().filter(|(_, channel)| self.has(channel));
        section.list(
            channels
                .map(|(name, channel)| Item::labelled(heading(name), self.channel(channel), &channel.clause))
                .collect(),
        );
        if let Some(request) = &self.agreement.request {
            section.say(kinds(request), &request.clause);
            let priorities = request.priority.iter();
            section.list(priorities.map(|p| Item::labelled(&p.id, capital(&p.text), &p.clause)).collect());
            section.list(request.hint.iter().map(|hint| Item::new(suggestion(hint), &hint.clause)).collect());
        }
        for (name, matrix) in &self.agreement.matrix {
            let (rows, columns) = (axis(matrix.rows), axis(matrix.columns));
            section.lead(format!("The table \"{name}\", times by {rows} and {columns}:"));
            self.matrix(matrix, &mut section);
        }
        if let Some(cadence) = &self.agreement.cadence {
            section.say(self.cadence(cadence), &cadence.clause);
        }
        if let Some(reminders) = &self.agreement.reminders {
            let hours = self.keyed(&reminders.calendar, |name| self.within(name));
            let text =
                format!("Reminders and notices that would go out in closed hours go out {hours} instead");
            section.say(with_reason(text, reminders.added.as_deref()), &reminders.clause);
        }
        if let Some(pause) = &self.agreement.pause {
            let reasons = or(pause.reasons.iter().map(|reason| plain(reason)).collect());
            let text = format!(
                "A clock that may stand still does so for one of these reasons: {reasons}. \
                 What is said afterwards counts once the other side agrees"
            );
            section.say(with_reason(text, pause.added.as_deref()), &pause.clause);
        }
        section
    }

    /// Whether the reader's tier has this way in.
    fn has(&self, channel: &Channel) -> bool {
        channel.tiers.is_empty() || self.tier.is_none_or(|tier| channel.tiers.iter().any(|t| t == tier))
    }

    fn channel(&self, channel: &Channel) -> String {
        let mut parts: Vec<String> = channel.address.iter().chain(&channel.number).cloned().collect();
        let all = self.tiers().iter().all(|tier| channel.tiers.iter().any(|t| t == tier));
        parts.push(match channel.tiers.is_empty() || all {
            true => "open to all".to_owned(),
            false => format!("for {}", and(capitals(&self.order(channel.tiers.iter().map(String::as_str))))),
        });
        if channel.slo == Some(false) {
            parts.push("may be slow, and has no response objective".to_owned());
        }
        parts.extend(channel.clock.map(|clock| format!("a request's clock runs {}", meaning(clock.about()))));
        parts.join("; ")
    }

    fn matrix(&self, matrix: &Matrix, section: &mut Section) {
        let known = self.column_order(matrix);
        let head = [capital(axis(matrix.rows))]
            .into_iter()
            .chain(known.iter().map(|column| capital(column)))
            .collect();
        let row = |name: &str| -> Option<Vec<String>> {
            let row = matrix.row.get(name)?;
            let times = known
                .iter()
                .map(|column| row.within.get(*column).map_or_else(String::new, |time| amount(*time)));
            Some([capital(name)].into_iter().chain(times).collect())
        };
        let order = self.row_order(matrix);
        let of_rows = order.iter().filter_map(|name| matrix.row.get(*name)).flat_map(|row| &row.clause.ids);
        let ids = matrix.clause.ids.iter().chain(of_rows).cloned().collect();
        let rows = order.iter().copied().filter_map(row).collect();
        section.table(head, rows, &Clauses { ids, places: Vec::new() });
    }

    fn column_order<'m>(&'m self, matrix: &'m Matrix) -> Vec<&'m str> {
        let words = matrix.row.values().flat_map(|row| row.within.keys()).map(String::as_str);
        self.axis_order(matrix.columns, words.collect())
    }

    fn row_order<'m>(&'m self, matrix: &'m Matrix) -> Vec<&'m str> {
        self.axis_order(matrix.rows, matrix.row.keys().map(String::as_str).collect())
    }

    /// Words of an axis in the file's order of them; tiers other than the reader's are left out.
    fn axis_order<'m>(&'m self, axis: MatrixAxis, words: Vec<&'m str>) -> Vec<&'m str> {
        let request = self.agreement.request.iter();
        let known: Vec<&str> = match axis {
            MatrixAxis::Tier => return self.tiers(),
            MatrixAxis::Kind => request.flat_map(|r| &r.kinds).map(String::as_str).collect(),
            MatrixAxis::Urgency => request.flat_map(|r| &r.urgencies).map(String::as_str).collect(),
            MatrixAxis::Priority => request.flat_map(|r| &r.priority).map(|p| p.id.as_str()).collect(),
        };
        known.into_iter().filter(|word| words.contains(word)).collect()
    }

    fn cadence(&self, cadence: &Cadence) -> String {
        let mut text = format!(
            "How often news comes can be changed by a message: what counts is {}",
            meaning(cadence.r#override.about()).split(" (`").next().unwrap_or_default()
        );
        if let Some(max) = &cadence.max {
            text +=
                &format!(". Such a promise reaches at most {} ahead", self.keyed(max, |max| amount(*max)));
        }
        text
    }
}

/// A way in as people write it.
fn heading(name: &str) -> String {
    match name {
        "email" => "E-mail".to_owned(),
        "api" => "API".to_owned(),
        name => capital(&plain(name)),
    }
}

fn ways_in(channels: &Channels) -> String {
    let mut text = "Requests come in by the ways listed here".to_owned();
    if let Some(unentitled) = channels.unentitled {
        text += &format!(
            ". One that comes by a way its level does not have is not lost: {}",
            meaning(unentitled.about())
        );
    }
    if let Some(unknown) = channels.unknown_sender {
        text += &format!(". What somebody unknown sends is kept apart: {}", meaning(unknown.about()));
    }
    if !channels.agreed_in_writing.is_empty() {
        let agreed = and(channels.agreed_in_writing.iter().map(|name| plain(name)).collect());
        text += &format!(". Response objectives were agreed in writing for {agreed}");
    }
    text
}

fn kinds(request: &RequestRule) -> String {
    let list = |words: &[String]| super::words::or(words.iter().map(|word| plain(word)).collect());
    let mut parts = Vec::new();
    if !request.classes.is_empty() {
        parts.push(format!("On receipt the provider says what a request is: {}", list(&request.classes)));
    }
    if !request.kinds.is_empty() {
        parts.push(format!("A request is of the kind {}", list(&request.kinds)));
    }
    if !request.urgencies.is_empty() {
        parts.push(format!("Its urgency is {}", list(&request.urgencies)));
    }
    parts.extend(request.default_priority.iter().map(|p| format!("One that names no priority is {p}")));
    parts.extend(request.default_urgency.iter().map(|u| format!("One that names no urgency is {u}")));
    if let Some(rule) = &request.urgency {
        let change = meaning(rule.change_by.about());
        let appeal = meaning(rule.appeal.about());
        parts.push(format!(
            "The {} gives the urgency; {change}, may change it; the client objects {appeal}",
            rule.set_by.name()
        ));
    }
    parts.join(". ")
}

fn suggestion(hint: &Hint) -> String {
    let what = hint
        .class
        .iter()
        .map(|class| format!("class {class}"))
        .chain(hint.kind.iter().map(|kind| format!("kind {kind}")));
    let when = match (hint.when, hint.longer_than) {
        (HintWhen::LedgerDown, Some(longer)) => {
            format!("its instance was down for longer than {}", amount(longer))
        }
        (HintWhen::LedgerDown, None) => "its instance is down".to_owned(),
        (HintWhen::PartlyFailing, _) => {
            "some vantage points see its instance fail and others do not".to_owned()
        }
    };
    format!("The {} is suggested when {when}; a person decides", and(what.collect()))
}

/// What a row or column is named by.
fn axis(axis: MatrixAxis) -> &'static str {
    match axis {
        MatrixAxis::Priority => "priority",
        MatrixAxis::Tier => "level",
        MatrixAxis::Kind => "kind",
        MatrixAxis::Urgency => "urgency",
    }
}
