//! The forms of a ticket's page: those that are always there, and those that what stands calls for.

use agreement::RequestRule;
use facts::{Event, Side};

use super::{
    notes::{about, closed_unsolved},
    one::{Act, Found, Said, typed},
    talk::timeline,
};
use crate::{
    part::escape,
    server::{
        field::Field,
        form::{Area, Minute, Pick, Refused},
    },
};

/// What this person may do about the ticket beside replying, the likeliest first.
pub(super) fn acts(found: &Found, staff: bool, said: Option<&Said>) -> Vec<Act> {
    let forms = Forms { found, said };
    let mut acts = if staff { forms.of_staff() } else { forms.of_client() };
    acts.extend(forms.pause(if staff { Side::Provider } else { Side::Client }));
    acts.iter_mut().for_each(|act| (act.clauses, act.key) = (forms.clauses(act.verb), key(act.verb)));
    acts
}

/// The single key of a form, where it has one (they can be turned off).
fn key(verb: &str) -> &'static str {
    match verb {
        "reprioritise" => "p",
        "classify" => "t",
        "escalate" | "answer" => "e",
        "resolve" => "d",
        _ => "",
    }
}

struct Forms<'f> {
    found: &'f Found,
    said: Option<&'f Said>,
}

impl Forms<'_> {
    fn refused(&self, verb: &str) -> Option<Refused> {
        self.said.filter(|said| said.verb == verb).map(|said| said.refused.clone())
    }

    fn act(
        &self,
        verb: &'static str,
        summary: &'static str,
        button: &'static str,
        fields: Vec<String>,
    ) -> Act {
        let (hint, clauses, refused) = (String::new(), String::new(), self.refused(verb));
        Act { verb, summary, fields, button, hint, refused, open: false, clauses, key: "" }
    }

    /// The clauses of the agreement that speak of what the form does.
    fn clauses(&self, verb: &str) -> String {
        let Some(agreement) = &self.found.agreement else { return String::new() };
        let event = match verb {
            "classify" => Event::RequestClassified,
            "reprioritise" => Event::RequestReprioritised,
            "resolve" => Event::RequestResolved,
            "cause" => Event::RcaPublished,
            "appeal" => Event::AppealOpened,
            "decide" => Event::AppealDecided,
            "answer" => Event::EscalationAnswered,
            "escalate" => {
                let rule = agreement.escalation.as_ref();
                return rule.map_or(String::new(), |rule| crate::part::clauses(&rule.clause.ids));
            }
            _ => return String::new(),
        };
        about(agreement, event)
    }

    /// A text of the form `verb`, which its id names: a page has several of one name.
    fn area(&self, verb: &'static str, name: &'static str, label: &'static str, hint: &str) -> String {
        let (value, hint) = (typed(self.said, &[verb], name), hint.to_owned());
        Area { id: verb, name, label, hint, value, required: true, most: Area::CHARS_MAX }.to_string()
    }

    fn line(
        &self,
        verb: &'static str,
        name: &'static str,
        label: &'static str,
        hint: &'static str,
    ) -> String {
        Field::text(name, label)
            .known_as(verb)
            .hint(hint)
            .value(&typed(self.said, &[verb.split('-').next().unwrap_or(verb)], name))
            .to_string()
    }

    fn is_open(&self) -> bool {
        self.found.view.line.turn.is_some()
    }

    fn of_staff(&self) -> Vec<Act> {
        let motions = &self.found.view.motions;
        let mut acts = Vec::new();
        if motions.appeal {
            acts.push(self.decide());
        }
        if motions.escalation {
            let text =
                self.area("answer", "text", "What you tell the client", "A person answers an escalation.");
            acts.push(Act {
                open: true,
                ..self.act("answer", "Answer the escalation", "Answer", vec![text])
            });
        }
        acts.extend(self.found.request.as_ref().map(|rule| self.classify(rule)));
        if self.is_open() {
            acts.extend(self.found.request.as_ref().map(|rule| self.reprioritise(rule)));
            acts.push(self.resolve());
            if !motions.escalation && !self.found.reasons.is_empty() {
                acts.push(self.escalate());
            }
            acts.push(self.merge());
            acts.push(self.split());
        } else {
            let text = self.cause();
            acts.push(self.act("cause", "Publish the root cause", "Publish", vec![text]));
        }
        acts.push(self.link());
        acts
    }

    fn of_client(&self) -> Vec<Act> {
        let motions = &self.found.view.motions;
        let mut acts = Vec::new();
        if self.is_open() && !self.found.reasons.is_empty() {
            acts.push(self.escalate());
        }
        if motions.may_appeal && !motions.appeal {
            let text = self.area(
                "appeal",
                "text",
                "Why the priority is wrong",
                "A manager of the provider decides, and writes why.",
            );
            acts.push(self.act("appeal", "Appeal against the priority", "Appeal", vec![text]));
        }
        if self.is_open() {
            acts.push(self.act("withdraw", "Take it back", "I no longer need this", Vec::new()));
        }
        acts
    }

    /// MP-SC-INC-03: the timeline is drawn from what is on record.
    fn cause(&self) -> String {
        let typed = typed(self.said, &["cause"], "text");
        let begun = || {
            let timeline = timeline(&self.found.view.remarks, self.found.now);
            format!(
                "What caused it:\n\nWhat is done so that it does not come again:\n\nTimeline:\n{timeline}"
            )
        };
        let area = Area {
            id: "cause",
            name: "text",
            label: "What caused it, and what is done so that it does not come again",
            hint: "The client reads it. The timeline is what is on record.".to_owned(),
            value: if typed.is_empty() { begun() } else { typed },
            required: true,
            most: Area::CHARS_MAX,
        };
        area.to_string()
    }

    fn decide(&self) -> Act {
        let options = [
            ("", "Choose"),
            ("yes", "The client is right: the former priority holds again"),
            ("no", "The priority stays as it was changed"),
        ];
        let options = options.map(|(v, n)| (v.to_owned(), n.to_owned())).into();
        let pick = self.pick("decide", ("upheld", "upheld"), "Decision", options, "");
        let text = self.area("decide", "text", "Why", "The client reads it.");
        Act { open: true, ..self.act("decide", "Decide the appeal", "Decide", vec![pick, text]) }
    }

    /// What was chosen before, where the form of that verb was refused; else `value`.
    fn pick(
        &self,
        verb: &'static str,
        (id, name): (&'static str, &'static str),
        label: &'static str,
        options: Vec<(String, String)>,
        value: &str,
    ) -> String {
        let value = match typed(self.said, &[verb], name) {
            nothing if nothing.is_empty() => value.to_owned(),
            chosen => chosen,
        };
        Pick { id, name, label, hint: String::new(), options, value }.to_string()
    }

    fn escalate(&self) -> Act {
        let found = self.found;
        let reasons = found.reasons.iter().map(|reason| (reason.clone(), reason.replace('-', " ")));
        let suggested = found.view.escalate_for.clone().unwrap_or_default();
        let reason = self.pick("escalate", ("reason", "reason"), "Why", reasons.collect(), &suggested);
        let text = Area {
            id: "escalate-text",
            name: "text",
            label: "What you need",
            hint: String::new(),
            value: typed(self.said, &["escalate"], "text"),
            required: false,
            most: Area::CHARS_MAX,
        };
        let hint = found
            .view
            .motions
            .next_rung
            .as_ref()
            .map_or(String::new(), |(level, who)| format!("This calls level {level}: {who}."));
        let act = self.act("escalate", "Escalate", "Escalate", vec![reason, text.to_string()]);
        Act { open: !found.view.escalate.is_empty(), hint, ..act }
    }

    fn classify(&self, rule: &RequestRule) -> Act {
        let hinted = self.found.view.hint.as_ref();
        let mut fields = Vec::new();
        if !rule.classes.is_empty() {
            let class =
                hinted.and_then(|hint| hint.class.as_deref()).or(self.word("class")).unwrap_or_default();
            fields.push(Pick::words("class", "class", "Class", &rule.classes, class).to_string());
        }
        if !rule.kinds.is_empty() {
            let kind = hinted.and_then(|hint| hint.kind.as_deref()).or(self.word("kind")).unwrap_or_default();
            fields.push(Pick::words("kind", "kind", "Kind", &rule.kinds, kind).to_string());
        }
        // Where it was said already, another word moves clocks or ends them: the client reads why.
        let was = ["class", "kind"].into_iter().filter_map(|field| self.word(field));
        let anew = was.into_iter().any(|word| word != super::notes::UNCLASSIFIED);
        let message = Area {
            id: "classify",
            name: "message",
            label: "The sentence that the client reads",
            hint: if anew { "Needed where you say something else than before." } else { "As you like." }
                .to_owned(),
            value: typed(self.said, &["classify"], "message"),
            required: false,
            most: Area::CHARS_MAX,
        };
        fields.push(message.to_string());
        let hint = "A feature request goes on the wish list in the same act, which closes it.".to_owned();
        Act { hint, ..self.act("classify", "Say what kind it is", "Classify", fields) }
    }

    fn word(&self, field: &str) -> Option<&str> {
        self.found.view.line.words.iter().find(|(name, _)| *name == field).map(|(_, word)| word.as_str())
    }

    fn reprioritise(&self, rule: &RequestRule) -> Act {
        let higher = self.found.view.hint.as_ref().and_then(|hint| hint.priority.as_deref());
        let by_urgency = rule.priority.is_empty();
        let pick = if by_urgency {
            Pick::words(
                "urgency",
                "urgency",
                "Urgency",
                &rule.urgencies,
                self.word("urgency").unwrap_or_default(),
            )
            .to_string()
        } else {
            let options =
                rule.priority.iter().map(|p| (p.id.clone(), format!("{}, {}", p.id, p.text))).collect();
            let value = higher.or(self.word("priority")).unwrap_or_default();
            self.pick("reprioritise", ("priority", "priority"), "Priority", options, value)
        };
        let message = self.area(
            "reprioritise",
            "message",
            "The sentence that the client reads",
            "It is not saved without one.",
        );
        let summary = if by_urgency { "Change the urgency" } else { "Change the priority" };
        self.act("reprioritise", summary, "Change it and tell the client", vec![pick, message])
    }

    fn resolve(&self) -> Act {
        if self.found.view.line.about.is_some() {
            let summary = self.area("resolve", "summary", "What came of it", "");
            return self.act("resolve", "Close it", "Close it", vec![summary]);
        }
        let summary = self.area(
            "resolve",
            "summary",
            "What was wrong and what was done, or why it cannot be solved",
            "The client reads it.",
        );
        let told = self.found.agreement.as_ref().map(closed_unsolved).unwrap_or_default();
        let told = told
            .iter()
            .map(|one| format!("{} <span class=\"clause\">{}</span>", escape(&one.text), one.clauses));
        let cannot = format!(
            "<label class=\"choice\"><input type=\"checkbox\" name=\"cannot\" value=\"yes\"><span>It cannot be solved. {}</span></label>",
            told.collect::<Vec<_>>().join(" ")
        );
        self.act("resolve", "Resolve", "Resolve", vec![summary, cannot])
    }

    fn merge(&self) -> Act {
        if let Some(into) = &self.found.view.line.merged_into {
            let hint = format!("It goes on in {into}.");
            return Act { hint, ..self.act("part", "Part it again", "Part", Vec::new()) };
        }
        let other = self.line(
            "merge-other",
            "other",
            "The ticket that goes on",
            "Such as T-12. Its clocks and this one's both go on.",
        );
        self.act("merge", "Merge it into another", "Merge", vec![other])
    }

    fn split(&self) -> Act {
        let title = self.line("split-title", "title", "What the part is about", "");
        let text = self.area("split", "text", "What it asks", "Its clocks run from the receipt of this one.");
        self.act("split", "Split a part off", "Split", vec![title, text])
    }

    fn link(&self) -> Act {
        let kinds = [("relates", "has to do with"), ("causes", "is the cause of"), ("blocks", "blocks")];
        let kinds = kinds.map(|(v, n)| (v.to_owned(), n.to_owned())).into();
        let kind = self.pick("link", ("link", "link"), "This one", kinds, "relates");
        let other = self.line("link-other", "other", "The other ticket", "Such as T-12.");
        self.act("link", "Link it to another", "Link", vec![kind, other])
    }

    /// Whether the claimed pause was one: nobody agrees by pressing a button that was there already.
    fn settle(&self) -> Act {
        let options =
            [("", "Choose"), ("yes", "I agree: the clocks stood still"), ("no", "I do not: they ran")];
        let options = options.map(|(v, n)| (v.to_owned(), n.to_owned())).into();
        let why = Field::text("reason", "Why not").known_as("settle-reason").optional();
        let why = why.hint("Needed where you do not agree.");
        let why = why.value(&typed(self.said, &["settle-pause"], "reason")).to_string();
        let claim = self.found.view.motions.pause.as_ref().map_or("", |pause| pause.as_str());
        // What was said of another one is not said of this.
        let read = typed(self.said, &["settle-pause"], "pause");
        let verb = if read.is_empty() || read == claim { "settle-pause" } else { "" };
        let agree = self.pick(verb, ("agree", "agree"), "The claimed pause", options, "");
        let hidden = format!("<input type=\"hidden\" name=\"pause\" value=\"{}\">", escape(claim));
        Act {
            open: true,
            ..self.act("settle-pause", "A pause is claimed", "Answer", vec![hidden, agree, why])
        }
    }

    /// What the agreement allows about pauses, and what the other side has claimed.
    fn pause(&self, side: Side) -> Vec<Act> {
        let (motions, reasons) = (&self.found.view.motions, &self.found.pauses);
        let mut acts = Vec::new();
        if motions.pause_by.is_some_and(|by| by != side) {
            acts.push(self.settle());
        }
        if reasons.is_empty() || !self.is_open() {
            return acts;
        }
        let reason = |id, verb| {
            let options = reasons.iter().map(|r| (r.clone(), r.replace('-', " "))).collect();
            self.pick(verb, (id, "reason"), "Reason", options, "")
        };
        let evidence = |id, verb| {
            let value = typed(self.said, &[verb], "evidence");
            Field::text("evidence", "What shows it").known_as(id).value(&value).to_string()
        };
        if side == Side::Provider {
            acts.push(match motions.paused {
                true => self.act("resume", "Let the clocks run again", "Resume", Vec::new()),
                false => self.act(
                    "pause",
                    "Pause the clocks",
                    "Pause",
                    vec![reason("pause-reason", "pause"), evidence("pause-evidence", "pause")],
                ),
            });
        }
        if motions.pause_by.is_none() {
            let minute = |id, name, label, required| {
                let value = typed(self.said, &["claim-pause"], name);
                Minute { id, name, label, hint: String::new(), value, required }.to_string()
            };
            let fields = vec![
                reason("claim-reason", "claim-pause"),
                minute("from", "from", "From", true),
                minute("until", "until", "Until", false),
                evidence("claim-evidence", "claim-pause"),
            ];
            let hint = "A pause said afterwards counts once the other side agrees.".to_owned();
            acts.push(Act {
                hint,
                ..self.act("claim-pause", "Say that the clocks stood still", "Claim it", fields)
            });
        }
        acts
    }
}
