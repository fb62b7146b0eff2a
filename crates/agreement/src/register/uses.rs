//! Which entry of a file executes which clause.

use crate::{Agreement, finding::Place, value::Clauses};

/// A table of the file that names clauses.
#[derive(Debug, Clone)]
pub struct Use<'a> {
    /// What it is, as people call it: `obligation first-response`, `calendar bh`.
    pub entry: String,
    /// The clauses it executes.
    pub clauses: &'a Clauses,
    /// Why it is there without a clause; `None` where this kind of table has no such key.
    pub added: Option<&'a Option<String>>,
    /// Where its list of clauses stands.
    pub place: Place,
}

/// One use for each `label => table`; those marked `added` may stand without a clause.
macro_rules! uses {
    ($out:ident; $($label:expr => $table:ident $($added:ident)?;)*) => { $(
        $out.push(Use {
            entry: $label.to_string(),
            clauses: &$table.clause,
            added: uses!(@ $table $($added)?),
            place: $table.places.of("clause"),
        });
    )* };
    (@ $table:ident) => { None };
    (@ $table:ident $added:ident) => { Some(&$table.$added) };
}

impl Agreement {
    /// Every table of the file that names clauses, roughly in the order of the file.
    pub fn uses(&self) -> Vec<Use<'_>> {
        let mut out = Vec::new();
        self.parties(&mut out);
        self.time(&mut out);
        self.availability_and_money(&mut out);
        self.work(&mut out);
        self.people(&mut out);
        out
    }

    fn parties<'a>(&'a self, out: &mut Vec<Use<'a>>) {
        let (header, term, signatures) = (&self.agreement, &self.agreement.term, &self.agreement.signatures);
        uses!(out; "agreement" => header; "term" => term added; "signatures" => signatures added;);
        if let Some(tiers) = &self.tiers {
            uses!(out; "tiers" => tiers;);
        }
        for surcharge in self.price.iter().filter_map(|price| price.surcharge.as_ref()) {
            uses!(out; "surcharge" => surcharge;);
        }
        if let Some(definitions) = &self.definitions {
            uses!(out; "definitions" => definitions;);
        }
        for alias in &self.alias {
            uses!(out; format!("alias {}", alias.word) => alias;);
        }
        if let Some(binding) = &self.binding {
            uses!(out; "binding words" => binding;);
        }
    }

    fn time<'a>(&'a self, out: &mut Vec<Use<'a>>) {
        for (name, calendar) in &self.calendar {
            uses!(out; format!("calendar {name}") => calendar added;);
        }
        for (name, holidays) in &self.holidays {
            uses!(out; format!("holidays {name}") => holidays added;);
        }
        if let Some(hours) = &self.support_hours {
            uses!(out; "support hours" => hours;);
        }
        if let Some(window) = &self.window {
            uses!(out; "maintenance window" => window;);
        }
    }

    fn availability_and_money<'a>(&'a self, out: &mut Vec<Use<'a>>) {
        if let Some(availability) = &self.availability {
            let (down, maintenance) = (&availability.down, &availability.maintenance);
            uses!(out; "availability" => availability; "downtime" => down; "maintenance in availability" => maintenance;);
        }
        if let Some(probe) = &self.probe {
            uses!(out; "probe" => probe;);
        }
        if let Some(credit) = &self.credit {
            uses!(out; "credit" => credit;);
            for (number, band) in (1..).zip(&credit.band) {
                uses!(out; format!("credit band {number}") => band;);
            }
            if let Some(cap) = &credit.cap {
                uses!(out; "credit cap" => cap;);
            }
        }
        if let Some(exclusions) = &self.exclusions {
            uses!(out; "exclusions" => exclusions added;);
        }
        for exclusion in &self.exclusion {
            uses!(out; format!("exclusion {}", exclusion.cause) => exclusion;);
        }
        for annotation in &self.annotation {
            uses!(out; "annotation" => annotation;);
        }
    }

    fn work<'a>(&'a self, out: &mut Vec<Use<'a>>) {
        for maintenance in &self.maintenance {
            uses!(out; format!("maintenance {}", maintenance.kind.name()) => maintenance;);
        }
        if let Some(severity) = &self.severity {
            uses!(out; "severity" => severity;);
        }
        if let Some(request) = &self.request {
            uses!(out; "requests" => request;);
            for priority in &request.priority {
                uses!(out; format!("priority {}", priority.id) => priority;);
            }
            for hint in &request.hint {
                uses!(out; format!("hint {}", hint.when.name()) => hint;);
            }
        }
        for (name, matrix) in &self.matrix {
            uses!(out; format!("matrix {name}") => matrix;);
            for (word, row) in &matrix.row {
                uses!(out; format!("matrix {name}, {word}") => row;);
            }
        }
        for obligation in &self.obligation {
            uses!(out; format!("obligation {}", obligation.id) => obligation added;);
        }
        if let Some(cadence) = &self.cadence {
            uses!(out; "cadence" => cadence;);
        }
        if let Some(reminders) = &self.reminders {
            uses!(out; "reminders" => reminders added;);
        }
        if let Some(pause) = &self.pause {
            uses!(out; "pauses" => pause added;);
        }
        for guard in &self.guard {
            uses!(out; format!("guard {}", guard.require.name()) => guard;);
        }
        for show in &self.show {
            uses!(out; "sentence shown" => show;);
        }
        if let Some(catalogue) = &self.catalogue {
            uses!(out; "catalogue" => catalogue;);
            for item in &catalogue.item {
                uses!(out; format!("catalogue item {}", item.id) => item;);
            }
        }
    }

    fn people<'a>(&'a self, out: &mut Vec<Use<'a>>) {
        for (name, role) in &self.role {
            uses!(out; format!("role {name}") => role added;);
        }
        if let Some(channels) = &self.channels {
            uses!(out; "channels" => channels;);
        }
        for (name, channel) in &self.channel {
            uses!(out; format!("channel {name}") => channel;);
        }
        for (name, approval) in &self.approval {
            uses!(out; format!("approval {name}") => approval;);
        }
        if let Some(onboarding) = &self.onboarding {
            uses!(out; "onboarding" => onboarding;);
            for task in &onboarding.task {
                uses!(out; format!("onboarding task {}", task.id) => task;);
            }
        }
        if let Some(escalation) = &self.escalation {
            uses!(out; "escalation" => escalation;);
            for reason in &escalation.reason {
                uses!(out; format!("escalation reason {}", reason.id) => reason;);
            }
        }
        for topic in &self.contact_topic {
            uses!(out; format!("contact for {}", topic.topic) => topic;);
        }
    }
}
