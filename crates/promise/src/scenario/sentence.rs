//! One sentence of a scenario as a fact.

use facts::{
    BackupDeleted, BackupTaken, Body, CheckDefined, ClaimSubmitted, CreditApplied, Environment,
    ExclusionClaimed, ExclusionDisputed, ExclusionSettled, FixReleased, Impact, InstanceAdded,
    InstanceCharged, InstanceEnded, InstanceRestarted, InstanceVersionSeen, MaintenanceCancelled,
    MaintenanceEnded, MaintenanceKind, MaintenancePlanned, Money, NoticeDelivered, QuotaHit, ReleaseChannel,
    ReleasePublished, RequestAskedClient, RequestClassified, RequestClientReplied, RequestReceived,
    RequestReplied, RequestReprioritised, RequestResolved, RequestWithdrawn, Resolution, StatementPublished,
};
use serde_json::{Map, Value, json};

use super::words::Words;

type Said = Result<Body, String>;

/// A verb, how its sentence is written, and how it is read.
type Sentence = (&'static str, &'static str, fn(&mut Words) -> Said);

/// Every sentence there is.
const SENTENCES: &[Sentence] =
    &[
        ("instance", "instance wiki-1 production \"Wiki\" [software S] [until INSTANT]", instance),
        ("ended", "ended wiki-1 INSTANT", |w| {
            Ok(InstanceEnded { instance: w.id()?, until: w.instant()? }.into())
        }),
        ("check", "check wiki-1 every 20s", check),
        ("charge", "charge wiki-1 2026-06 EUR 480.00", charge),
        (
            "request",
            "request T-1 [priority P1] [class C] [kind K] [urgency U] [channel C] [about INSTANCE] by NAME",
            request,
        ),
        ("reply", "reply T-1 [next INSTANT] by NAME", reply),
        ("classify", "classify T-1 as feature [saying \"…\"] by NAME", classify),
        ("reprioritise", "reprioritise T-1 to P3 saying \"…\" by NAME", reprioritise),
        ("ask", "ask T-1 by NAME", |w| Ok(RequestAskedClient { ticket: w.id()?, text: None }.into())),
        ("answer", "answer T-1 by NAME", |w| Ok(RequestClientReplied { ticket: w.id()?, text: None }.into())),
        ("resolve", "resolve T-1 saying \"…\" by NAME", resolve),
        ("withdraw", "withdraw T-1 by NAME", |w| Ok(RequestWithdrawn { ticket: w.id()? }.into())),
        (
            "maintenance",
            "maintenance M-1 scheduled upgrade on wiki-1 from INSTANT to INSTANT impact down [because \"…\"]",
            maintenance,
        ),
        ("end", "end M-1", |w| Ok(MaintenanceEnded { maintenance: w.id()? }.into())),
        ("cancel", "cancel M-1", |w| Ok(MaintenanceCancelled { maintenance: w.id()? }.into())),
        ("notice", "notice M-1 to contact", notice),
        ("restart", "restart wiki-1 by NAME", |w| Ok(InstanceRestarted { instance: w.id()? }.into())),
        ("quota", "quota wiki-1 api until INSTANT", quota),
        (
            "exclude",
            "exclude E-1 wiki-1 from INSTANT to INSTANT because beyond-control proof \"…\" by NAME",
            exclude,
        ),
        ("dispute", "dispute E-1 saying \"…\" by NAME", dispute),
        ("settle", "settle E-1 stands|falls", settle),
        ("version", "version wiki-1 confluence 9.1.2", version),
        ("release", "release R-1 confluence 9.2.0", release),
        ("fix", "fix F-1 CVE-2026-1234 confluence 9.2.1 score 9.8", fix),
        ("backup", "backup wiki-1 B-1 [unproved]", backup),
        ("delete", "delete wiki-1 B-1", |w| Ok(BackupDeleted { instance: w.id()?, backup: w.id()? }.into())),
        ("statement", "statement S-1 2026-06 [credit EUR 120.00]", statement),
        ("claim", "claim S-1 via portal by NAME", claim),
        ("apply", "apply S-1 EUR 120.00 on INV-7", apply),
        ("fact", "fact EVENT field=value …", any_fact),
    ];

/// The fact a sentence tells, and who acted in it.
pub(super) fn read(words: &mut Words) -> Result<(Body, Option<String>), String> {
    let verb = words.any()?;
    let Some((_, form, sentence)) = SENTENCES.iter().find(|(name, ..)| *name == verb) else {
        let verbs: Vec<&str> = SENTENCES.iter().map(|(name, ..)| *name).collect();
        return Err(format!("`{verb}` is no sentence: begin with one of {}", verbs.join(", ")));
    };
    let body = sentence(words).map_err(|problem| format!("{problem} (write: {form})"))?;
    let by = words.after("by", Words::any)?;
    Ok((body, by))
}

fn instance(w: &mut Words) -> Said {
    let instance = w.id()?;
    let environment = w.any()?;
    let environment = Environment::named(&environment).ok_or("an instance is for production or test")?;
    let name = w.any()?;
    let software = w.after("software", Words::any)?;
    let from = w.after("from", Words::instant)?.ok_or("say `from INSTANT`")?;
    let until = w.after("until", Words::instant)?;
    Ok(InstanceAdded { instance, name, url: None, environment, software, from, until }.into())
}

fn check(w: &mut Words) -> Said {
    let instance = w.id()?;
    w.word("every")?;
    let seconds = w.length()?.as_micros() / 1_000_000;
    let every_s = u32::try_from(seconds).map_err(|_| "that is too long between two checks")?;
    let check = "http".parse().map_err(|e: facts::IdError| e.to_string())?;
    Ok(CheckDefined {
        instance,
        check,
        every_s,
        method: None,
        url: None,
        expect: Vec::new(),
        timeout_ms: None,
        what: None,
        grace_s: None,
        again: None,
        objectives: Vec::new(),
    }
    .into())
}

fn money(w: &mut Words) -> Result<Money, String> {
    format!("{} {}", w.any()?, w.any()?).parse().map_err(|e: facts::MoneyError| e.to_string())
}

fn charge(w: &mut Words) -> Said {
    Ok(InstanceCharged { instance: w.id()?, month: w.id()?, amount: money(w)? }.into())
}

fn request(w: &mut Words) -> Said {
    let ticket = w.id()?;
    let mut said = RequestReceived {
        ticket,
        channel: "portal".to_owned(),
        title: None,
        instance: None,
        priority: None,
        class: None,
        kind: None,
        urgency: None,
        text: None,
        split_from: None,
        about: None,
    };
    while let Some(key) = w.next_if(&["priority", "class", "kind", "urgency", "channel", "about", "title"]) {
        match key {
            "priority" => said.priority = Some(w.any()?),
            "class" => said.class = Some(w.any()?),
            "kind" => said.kind = Some(w.any()?),
            "urgency" => said.urgency = Some(w.any()?),
            "channel" => said.channel = w.any()?,
            "about" => said.instance = Some(w.id()?),
            _ => said.title = Some(w.any()?),
        }
    }
    Ok(said.into())
}

fn reply(w: &mut Words) -> Said {
    Ok(RequestReplied { ticket: w.id()?, next_update_by: w.after("next", Words::instant)?, text: None }
        .into())
}

fn classify(w: &mut Words) -> Said {
    let ticket = w.id()?;
    let class = w.after("as", Words::any)?;
    let kind = w.after("kind", Words::any)?;
    let message = w.after("saying", Words::any)?;
    Ok(RequestClassified { ticket, class, kind, message }.into())
}

fn reprioritise(w: &mut Words) -> Said {
    let ticket = w.id()?;
    let priority = w.after("to", Words::any)?;
    let urgency = w.after("urgency", Words::any)?;
    w.word("saying")?;
    Ok(RequestReprioritised { ticket, priority, urgency, message: w.any()? }.into())
}

fn resolve(w: &mut Words) -> Said {
    let ticket = w.id()?;
    w.word("saying")?;
    Ok(RequestResolved { ticket, summary: w.any()?, outcome: Resolution::Solved }.into())
}

fn maintenance(w: &mut Words) -> Said {
    let maintenance = w.id()?;
    let kind =
        MaintenanceKind::named(&w.any()?).ok_or("maintenance is scheduled, critical-patch or emergency")?;
    let cause = w.any()?;
    w.word("on")?;
    let instances = vec![w.id()?];
    w.word("from")?;
    let starts_at = w.instant()?;
    w.word("to")?;
    let ends_at = w.instant()?;
    w.word("impact")?;
    let expected_impact = Impact::named(&w.any()?).ok_or("the impact is none, degraded or down")?;
    let cve = w.after("cve", Words::id)?;
    let outside_slot = w.after("because", Words::any)?;
    Ok(MaintenancePlanned {
        maintenance,
        kind,
        cause,
        expected_impact,
        instances,
        starts_at,
        ends_at,
        cve,
        outside_slot,
        series: None,
    }
    .into())
}

fn notice(w: &mut Words) -> Said {
    let maintenance = w.id()?;
    w.word("to")?;
    Ok(NoticeDelivered { maintenance, to: w.any()? }.into())
}

fn quota(w: &mut Words) -> Said {
    let (instance, quota) = (w.id()?, w.any()?);
    w.word("until")?;
    Ok(QuotaHit { instance, quota, until: w.instant()? }.into())
}

fn exclude(w: &mut Words) -> Said {
    let (exclusion, instance) = (w.id()?, w.id()?);
    w.word("from")?;
    let from = w.instant()?;
    w.word("to")?;
    let until = w.instant()?;
    w.word("because")?;
    let cause = w.any()?;
    w.word("proof")?;
    Ok(ExclusionClaimed { exclusion, instance, cause, from, until, evidence: w.any()? }.into())
}

fn dispute(w: &mut Words) -> Said {
    Ok(ExclusionDisputed { exclusion: w.id()?, reason: w.after("saying", Words::any)? }.into())
}

fn settle(w: &mut Words) -> Said {
    let exclusion = w.id()?;
    let stands = match w.any()?.as_str() {
        "stands" => true,
        "falls" => false,
        other => return Err(format!("a claim stands or falls, it does not `{other}`")),
    };
    Ok(ExclusionSettled { exclusion, stands }.into())
}

fn version(w: &mut Words) -> Said {
    Ok(InstanceVersionSeen { instance: w.id()?, software: w.any()?, version: w.id()? }.into())
}

fn release(w: &mut Words) -> Said {
    let (release, software, version) = (w.id()?, w.any()?, w.id()?);
    let channel =
        if w.next_if(&["preview"]).is_some() { ReleaseChannel::Preview } else { ReleaseChannel::Official };
    Ok(ReleasePublished { release, software, version, channel }.into())
}

fn fix(w: &mut Words) -> Said {
    let (fix, cve, software, version) = (w.id()?, w.id()?, w.any()?, w.id()?);
    w.word("score")?;
    Ok(FixReleased { fix, cve, software, version, score: w.id()? }.into())
}

fn backup(w: &mut Words) -> Said {
    let (instance, backup) = (w.id()?, w.id()?);
    Ok(BackupTaken { instance, backup, restorable: w.next_if(&["unproved"]).is_none() }.into())
}

fn statement(w: &mut Words) -> Said {
    Ok(StatementPublished { statement: w.id()?, month: w.id()?, entitlement: w.after("credit", money)? }
        .into())
}

fn claim(w: &mut Words) -> Said {
    let statement = w.id()?;
    w.word("via")?;
    Ok(ClaimSubmitted { statement, via: w.any()? }.into())
}

fn apply(w: &mut Words) -> Said {
    let (statement, amount) = (w.id()?, money(w)?);
    w.word("on")?;
    Ok(CreditApplied { statement, amount, invoice: w.any()? }.into())
}

/// Any event by its name, its fields as `field=value`: words, numbers, `true` and `false` as JSON reads them.
fn any_fact(w: &mut Words) -> Said {
    let event = w.any()?;
    let mut data = Map::new();
    while let Some((key, value)) = w.peek().and_then(|word| word.split_once('=')) {
        data.insert(key.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)));
        w.any()?;
    }
    serde_json::from_value(json!({ "event": event, "data": data })).map_err(|e| format!("{event}: {e}"))
}
