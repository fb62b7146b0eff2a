//! Obligations: due in one way, about one thing.

use std::collections::BTreeSet;

use facts::{Event, Noun};
use spans::Length;

use super::{
    limits::AMOUNT_MAX,
    look::{At, Found, Look, instead, listed},
};
use crate::{
    section::obligation::{Between, ObligationRule, Then, Within},
    value::amount::Amount,
};

/// An obligation is due in exactly one way (`within`, `before`, `every`, `keep`, `effective_after`); the keys that
/// belong to one way stand with it. What meets, ends, cancels or supersedes it is about the thing that started it: a
/// ticket's obligation is met by a fact about that ticket. A release or a fix is met on an instance (`reaches`), and what
/// recurs by `period` by a fact of each period.
pub(crate) fn r_05_obligations_fit(look: &Look<'_>, found: &mut Found) {
    for obligation in &look.agreement.obligation {
        let one = One { look, obligation };
        one.due_once(found);
        one.keys_stand_together(found);
        one.amounts(found);
        one.subjects(found);
        one.references(found);
    }
    let onboarding = look.agreement.onboarding.as_ref();
    if let Some(onboarding) = onboarding.filter(|o| o.on.event.noun() != Noun::Service) {
        let message = format!("{} is not about the service", onboarding.on.event.name());
        let at = At(onboarding.on.place.clone(), &onboarding.clause.ids);
        found.error(at, message, "onboarding starts with \"service.activated\"");
    }
}

struct One<'l, 'a> {
    look: &'l Look<'a>,
    obligation: &'a ObligationRule,
}

impl<'a> One<'_, 'a> {
    fn at(&self, key: &str) -> At<'a> {
        At::key(&self.obligation.places, key, &self.obligation.clause.ids)
    }

    fn has(&self, key: &str) -> bool {
        self.obligation.places.has(key)
    }

    fn due_once(&self, found: &mut Found) {
        const FORMS: [&str; 5] = ["within", "before", "every", "keep", "effective_after"];
        let forms: Vec<&str> = FORMS.into_iter().filter(|form| self.has(form)).collect();
        match forms.as_slice() {
            [_] => {}
            [] => {
                let message = format!("`{}` says nothing about when it is due", self.obligation.id);
                found.error(
                    self.at(""),
                    message,
                    "add one of `within`, `before`, `every`, `keep`, `effective_after`",
                );
            }
            [_, second, ..] => {
                let message = format!("it is due in {} ways: {}", forms.len(), listed(forms.iter().copied()));
                found.error(self.at(second), message, "keep one of them");
            }
        }
    }

    fn keys_stand_together(&self, found: &mut Found) {
        const TOGETHER: [(&str, &str); 7] = [
            ("period", "within"),
            ("until", "every"),
            ("forbid", "keep"),
            ("immediate", "effective_after"),
            ("then_item", "then"),
            ("on_change", "within"),
            ("pause", "within"),
        ];
        for (key, needs) in TOGETHER.into_iter().filter(|(key, needs)| self.has(key) && !self.has(needs)) {
            found.error(
                self.at(key),
                format!("`{key}` means nothing without `{needs}`"),
                format!("add `{needs}`, or take `{key}` out"),
            );
        }
        if self.obligation.then == Some(Then::OpenRequest) && self.obligation.then_item.is_none() {
            found.error(
                self.at("then"),
                "which item of the catalogue is the request for?",
                "add `then_item = \"…\"`",
            );
        }
        if self.obligation.auto_claim.is_some() && !self.is_met_by(Event::ClaimSubmitted) {
            let way_out = "take it out, or let \"claim.submitted\" meet the obligation";
            found.error(self.at("auto_claim"), "only a claim can be made without asking", way_out);
        }
    }

    /// What repeats must take time, and nothing is longer than any agreement.
    fn amounts(&self, found: &mut Found) {
        let o = self.obligation;
        if o.every.is_some_and(|every| every.count == 0) {
            found.error(
                self.at("every"),
                "what repeats without a pause never ends",
                "write how often, such as \"24h\"",
            );
        }
        let within =
            o.within.iter().filter_map(|w| if let Within::Amount(amount) = w { Some(amount) } else { None });
        let keyed = within.chain(&o.keep).flat_map(|amount| amount.iter().map(|(_, amount)| *amount));
        let plain = [o.every, o.effective_after, o.before.as_ref().map(|before| before.by)];
        for amount in keyed.chain(plain.into_iter().flatten()).filter(|amount| is_too_long(*amount)) {
            found.error(self.at(""), format!("{amount} is longer than 25 years"), "name a shorter time");
        }
    }

    fn subjects(&self, found: &mut Found) {
        let o = self.obligation;
        let noun = o.on.event.noun();
        if let Some(before) = &o.before
            && before.moment.carried_by() != o.on.event
        {
            let message = format!("{} does not say when `{}` is", o.on.event.name(), before.moment.name());
            let way_out =
                format!("start from \"{}\", or name another moment", before.moment.carried_by().name());
            found.error(self.at("before"), message, way_out);
        }
        self.met_by(noun, found);
        let ends = o.until.iter().chain(&o.cancel_on).chain(&o.notify_on);
        for trigger in ends.filter(|trigger| trigger.event.noun() != noun) {
            found.error(At(trigger.place.clone(), &o.clause.ids), self.other(trigger.event), self.same(noun));
        }
        if let Some(event) = o.superseded_by.filter(|event| event.noun() != noun) {
            let way_out = format!("name what starts it: \"{}\"", o.on.event.name());
            found.error(self.at("superseded_by"), self.other(event), way_out);
        }
        if let Some(change) = o.on_change.as_ref().filter(|change| change.event.noun() != noun) {
            found.error(self.at("on_change"), self.other(change.event), self.same(noun));
        }
        self.between("pause", &o.pause, Some(noun), found);
        self.between("excused", &o.excused, None, found);
    }

    fn met_by(&self, noun: Noun, found: &mut Found) {
        let Some(met) = &self.obligation.met_by else { return };
        let on = self.obligation.on.event;
        let carries = |name: &str| on.fields().iter().any(|field| field.name == name);
        if met.reaches.is_some() {
            let versioned = carries("software") && carries("version");
            if !versioned || met.event != Event::InstanceVersionSeen {
                let message = format!("{} cannot reach what {} names", met.event.name(), on.name());
                let way_out = "`reaches` leads from a release or a fix to \"instance.version_seen\"";
                found.error(self.at("met_by"), message, way_out);
            }
        } else if self.obligation.period.is_none() && met.event.noun() != noun {
            found.error(self.at("met_by"), self.other(met.event), self.same(noun));
        }
    }

    /// Both ends of a pause are about one thing; a pause is about the obligation's own.
    fn between(&self, key: &str, between: &Option<Between>, noun: Option<Noun>, found: &mut Found) {
        let Some(between) = between else { return };
        if between.from.noun() != between.to.noun() {
            let message =
                format!("{} and {} are about different things", between.from.name(), between.to.name());
            found.error(self.at(key), message, "begin and end it by facts about one thing");
        } else if let Some(noun) = noun.filter(|noun| *noun != between.from.noun()) {
            found.error(self.at(key), self.other(between.from), self.same(noun));
        }
    }

    fn other(&self, event: Event) -> String {
        let own = self.obligation.on.event;
        format!("{} is about {}, {} about {}", event.name(), a(event.noun()), own.name(), a(own.noun()))
    }

    fn same(&self, noun: Noun) -> String {
        let same =
            Event::ALL.iter().filter(|event| event.noun() == noun && **event != self.obligation.on.event);
        match listed(same.map(|event| event.name()).take(6)).as_str() {
            "none" => format!("nothing else is known about {}", a(noun)),
            names => format!("name a fact about the same {}: {names}", noun.name()),
        }
    }

    /// Matrices, other obligations and catalogue items that it names.
    fn references(&self, found: &mut Found) {
        let (o, agreement) = (self.obligation, self.look.agreement);
        match &o.within {
            Some(Within::Matrix(name)) if !agreement.matrix.contains_key(name) => {
                let way_out =
                    instead(name, agreement.matrix.keys().map(String::as_str), "add it with its cells");
                found.error(self.at("within"), format!("there is no matrix `{name}`"), way_out);
            }
            Some(Within::With(id)) => self.with(id, found),
            _ => {}
        }
        let items = || agreement.catalogue.iter().flat_map(|catalogue| &catalogue.item);
        if let Some(item) = o.then_item.as_ref().filter(|id| !items().any(|item| item.id == **id)) {
            let way_out = instead(item, items().map(|item| item.id.as_str()), "add it to the catalogue");
            found.error(self.at("then_item"), format!("there is no catalogue item `{item}`"), way_out);
        }
        let causes = || agreement.annotation.iter().flat_map(|a| a.causes.iter().map(|cause| cause.name()));
        if let Some(cause) = o.annotate.as_ref().filter(|name| !causes().any(|cause| cause == **name)) {
            let way_out = instead(cause, causes(), "add it to an [[annotation]]");
            found.error(
                self.at("annotate"),
                format!("`{cause}` is no cause that figures are annotated with"),
                way_out,
            );
        }
    }

    /// The obligation whose due time it shares: there is one, about the same thing, that has a time of its own.
    fn with(&self, id: &str, found: &mut Found) {
        let all = &self.look.agreement.obligation;
        let find = |id: &str| all.iter().find(|o| o.id == id);
        let Some(mut other) = find(id) else {
            let way_out = instead(id, all.iter().map(|o| o.id.as_str()), "add it");
            found.error(self.at("within"), format!("there is no obligation `{id}`"), way_out);
            return;
        };
        if other.on.event.noun() != self.obligation.on.event.noun() {
            let message = format!("`{id}` is about {}", a(other.on.event.noun()));
            found.error(self.at("within"), message, "share the time of an obligation about the same thing");
        }
        let mut passed = BTreeSet::from([self.obligation.id.as_str()]);
        while let Some(Within::With(next)) = &other.within {
            if !passed.insert(&other.id) || passed.len() > WITH_MAX {
                found.error(
                    self.at("within"),
                    "the obligations take their time from each other",
                    "give one of them a time of its own",
                );
                return;
            }
            let Some(next) = find(next) else { return };
            other = next;
        }
    }

    fn is_met_by(&self, event: Event) -> bool {
        self.obligation.met_by.as_ref().is_some_and(|met| met.event == event)
    }
}

/// The most obligations that take their time one from the other.
const WITH_MAX: usize = 8;

fn is_too_long(amount: Amount) -> bool {
    amount.length(Length::DAY) > AMOUNT_MAX
}

/// A noun in a sentence.
fn a(noun: Noun) -> String {
    match noun {
        Noun::Maintenance => "maintenance".to_owned(),
        Noun::Work => "work".to_owned(),
        _ => format!("{} {}", crate::read::article(noun.name()), noun.name()),
    }
}
