//! A check as a form writes it, and as it is read from there. A plain HTTP request has fields of its own; any other question is written
//! as the API takes it, beginning with one of its kind.

use std::fmt::Display;

use facts::{
    Again, CheckDefined, CheckId, InstanceId, PACES_MAX, Pace,
    what::{HeaderWanted, Http, JsonMust, JsonWanted, Must, Redirects, Scalar, WANTED_MAX, Wanted, What},
};
use promise::probe::SignedProbe;

use crate::server::form::Sent;

/// Kinds of questions: how an address and a person call them, and one to begin with, in which `HOST` is the instance's.
pub(super) const KINDS: &[(&str, &str, &str)] = &[
    ("http", "HTTP", ""),
    (
        "json",
        "HTTP as JSON",
        r#"{"http": {"url": "https://HOST/", "headers": [{"name": "accept", "value": "text/html"}]}}"#,
    ),
    (
        "flow",
        "Several requests",
        r#"{"flow": {"steps": [{"http": {"url": "https://HOST/"}}, {"http": {"url": "https://HOST/status"}}]}}"#,
    ),
    ("tls", "TLS", r#"{"tls": {"host": "HOST", "port": 443, "days_left": 14}}"#),
    ("tcp", "TCP", r#"{"tcp": {"host": "HOST", "port": 443}}"#),
    ("dns", "DNS", r#"{"dns": {"name": "HOST", "record": "A"}}"#),
    ("icmp", "Ping", r#"{"icmp": {"host": "HOST"}}"#),
    ("smtp", "SMTP", r#"{"smtp": {"host": "HOST", "port": 25}}"#),
    ("imap", "IMAP", r#"{"imap": {"host": "HOST", "port": 143}}"#),
    ("postgres", "PostgreSQL", r#"{"postgres": {"host": "HOST"}}"#),
    ("redis", "Redis", r#"{"redis": {"host": "HOST"}}"#),
    ("web-socket", "WebSocket", r#"{"web-socket": {"url": "wss://HOST/"}}"#),
    ("grpc", "gRPC", r#"{"grpc": {"url": "https://HOST/"}}"#),
];
/// What nothing else is known as, where an example needs a host.
const NO_HOST: &str = "service.example";
/// Lines for more that is wanted of an answer, beside those that are there.
const ROWS_MORE: usize = 2;

/// Of what of an answer something is wanted.
pub(super) const OF: [(&str, &str); 4] =
    [("", "–"), ("header", "header"), ("body", "body"), ("json", "JSON value")];
/// What it must be.
pub(super) const MUST: [(&str, &str); 9] = [
    ("contains", "contains"),
    ("lacks", "does not contain"),
    ("is", "is"),
    ("matches", "matches the expression"),
    ("unlike", "does not match the expression"),
    ("present", "is there"),
    ("absent", "is not there"),
    ("at-least", "is at least"),
    ("at-most", "is at most"),
];

/// A line of what is wanted.
pub(super) struct Row {
    pub(super) number: usize,
    pub(super) of: String,
    pub(super) name: String,
    pub(super) must: String,
    pub(super) value: String,
}

impl Row {
    fn read(number: usize, sent: &Sent) -> Row {
        let of = |field: &str| sent.get(&format!("{field}-{number}")).to_owned();
        Row { number, of: of("of"), name: of("name"), must: of("must"), value: of("value") }
    }

    /// Those that say something, and some more.
    pub(super) fn all(sent: &Sent) -> Vec<Row> {
        let rows: Vec<Row> = (1..=WANTED_MAX).map(|number| Row::read(number, sent)).collect();
        let used = rows.iter().rposition(|row| !row.of.is_empty()).map_or(0, |place| place + 1);
        rows.into_iter().take(used + ROWS_MORE).collect()
    }

    fn wanted(&self) -> Result<Option<Wanted>, String> {
        let value = self.value.clone();
        let must = || match self.must.as_str() {
            "is" => Ok(Must::Is(value.clone())),
            "contains" => Ok(Must::Contains(value.clone())),
            "lacks" => Ok(Must::Lacks(value.clone())),
            "matches" => Ok(Must::Matches(value.clone())),
            "unlike" => Ok(Must::Unlike(value.clone())),
            "present" => Ok(Must::Present),
            "absent" => Ok(Must::Absent),
            _ => Err(format!("Line {}: only a JSON value is compared with a number.", self.number)),
        };
        Ok(Some(match self.of.as_str() {
            "" => return Ok(None),
            "header" => Wanted::Header(HeaderWanted { name: self.name.clone(), must: must()? }),
            "body" => Wanted::Body(must()?),
            _ => Wanted::Json(JsonWanted { path: self.name.clone(), must: self.json_must()? }),
        }))
    }

    fn json_must(&self) -> Result<JsonMust, String> {
        let whole = || {
            let number = self.value.parse();
            number.map_err(|_| format!("Line {}: `{}` is no whole number.", self.number, self.value))
        };
        Ok(match self.must.as_str() {
            "is" => JsonMust::Is(scalar(&self.value)),
            "matches" => JsonMust::Matches(self.value.clone()),
            "present" => JsonMust::Present,
            "absent" => JsonMust::Absent,
            "at-least" => JsonMust::AtLeast(whole()?),
            "at-most" => JsonMust::AtMost(whole()?),
            _ => {
                return Err(format!(
                    "Line {}: a JSON value is, matches, is there or not, or is compared.",
                    self.number
                ));
            }
        })
    }
}

/// `true`, a whole number, or a text; in quotes it is a text whatever it looks like.
fn scalar(text: &str) -> Scalar {
    serde_json::from_str(text).unwrap_or_else(|_| Scalar::Text(text.to_owned()))
}

/// A new one, of a kind, with what was signed (SH-AVAIL-07); of a kind that is none, a plain request.
pub(super) fn start(kind: &str, url: Option<&str>, taken: &[CheckId], signed: Option<&SignedProbe>) -> Sent {
    let (kind, _, example) = KINDS.iter().find(|(id, ..)| *id == kind).unwrap_or(&KINDS[0]);
    let host = url.and_then(host).unwrap_or(NO_HOST);
    let url = url.filter(|url| url.starts_with("http"));
    let mut fields = vec![
        ("kind", (*kind).to_owned()),
        ("check", free(kind, taken)),
        ("every", signed.map_or_else(|| "20".to_owned(), |signed| signed.every_s.to_string())),
        ("url", url.map_or_else(|| format!("https://{host}/"), str::to_owned)),
        ("question", example.replace("HOST", host)),
    ];
    if let Some(signed) = signed.filter(|_| *kind == "http") {
        let codes: Vec<String> = signed.expect.iter().map(ToString::to_string).collect();
        fields.push(("method", signed.method.clone()));
        fields.push(("expect", codes.join(" ")));
        fields.push(("timeout", signed.timeout_ms.to_string()));
    }
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A name that no check has yet.
fn free(kind: &str, taken: &[CheckId]) -> String {
    let is_taken = |name: &String| taken.iter().any(|id| id.as_str() == name);
    let numbered = (2..).map(|number| format!("{kind}-{number}"));
    std::iter::once(kind.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

/// `wiki.example.org` of `https://wiki.example.org:8443/start`.
fn host(url: &str) -> Option<&str> {
    let authority = url.split_once("://")?.1.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    Some(host).filter(|host| !host.is_empty() && !host.contains(['[', '@', '"', '\\']))
}

/// A check that is there, as the form writes it.
pub(super) fn draft(check: &CheckDefined) -> Sent {
    let mut fields = Vec::new();
    let mut put = |name: &str, value: &dyn Display| fields.push((name.to_owned(), value.to_string()));
    put("check", &check.check);
    put("every", &check.every_s);
    if let Some(timeout) = check.timeout_ms {
        put("timeout", &timeout);
    }
    if let Some(again) = check.again {
        put("again", &again.times);
        put("after", &again.after_ms);
    }
    for (number, pace) in (1..).zip(&check.objectives) {
        put(&format!("percentile-{number}"), &pace.percentile);
        put(&format!("within-{number}"), &millis(pace.within_us));
        put(&format!("over-{number}"), &pace.over_s);
    }
    match check.question() {
        Some(What::Http(http)) if is_plain(&http) => plain(&http, &mut put),
        Some(other) => {
            put("kind", &"json");
            put("question", &serde_json::to_string_pretty(&other).unwrap_or_default());
        }
        None => put("kind", &"http"),
    }
    fields.into_iter().collect()
}

/// Whether the form's own fields say all of it.
fn is_plain(http: &Http) -> bool {
    let said = Http { url: String::new(), method: String::new(), ..http.clone() };
    let plain = Http {
        method: String::new(),
        expect: http.expect.clone(),
        wanted: http.wanted.clone(),
        within_ms: http.within_ms,
        redirects: http.redirects,
        ..Http::get("")
    };
    said == plain
}

fn plain(http: &Http, put: &mut dyn FnMut(&str, &dyn Display)) {
    put("kind", &"http");
    put("url", &http.url);
    put("method", &http.method);
    put("expect", &http.expect.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    put("redirects", &redirects_word(http.redirects));
    if let Some(within) = http.within_ms {
        put("within", &within);
    }
    for (number, wanted) in (1..).zip(&http.wanted) {
        let [of, name, must, value] = words(wanted);
        put(&format!("of-{number}"), &of);
        put(&format!("name-{number}"), &name);
        put(&format!("must-{number}"), &must);
        put(&format!("value-{number}"), &value);
    }
}

fn redirects_word(redirects: Redirects) -> &'static str {
    match redirects {
        Redirects::Never => "never",
        Redirects::SameOrigin => "same-origin",
        Redirects::Follow => "follow",
    }
}

fn words(wanted: &Wanted) -> [String; 4] {
    let of_text = |must: &Must| match must {
        Must::Present => ("present", String::new()),
        Must::Absent => ("absent", String::new()),
        Must::Is(text) => ("is", text.clone()),
        Must::Contains(text) => ("contains", text.clone()),
        Must::Lacks(text) => ("lacks", text.clone()),
        Must::Matches(text) => ("matches", text.clone()),
        Must::Unlike(text) => ("unlike", text.clone()),
    };
    let (of, name, (must, value)) = match wanted {
        Wanted::Header(header) => ("header", header.name.clone(), of_text(&header.must)),
        Wanted::Body(must) => ("body", String::new(), of_text(must)),
        Wanted::Json(json) => ("json", json.path.clone(), of_json(&json.must)),
    };
    [of.to_owned(), name, must.to_owned(), value]
}

fn of_json(must: &JsonMust) -> (&'static str, String) {
    match must {
        JsonMust::Present => ("present", String::new()),
        JsonMust::Absent => ("absent", String::new()),
        JsonMust::Is(value) => ("is", written(value)),
        JsonMust::AtLeast(number) => ("at-least", number.to_string()),
        JsonMust::AtMost(number) => ("at-most", number.to_string()),
        JsonMust::Matches(pattern) => ("matches", pattern.clone()),
    }
}

/// So that [`scalar`] reads the same.
fn written(value: &Scalar) -> String {
    match value {
        Scalar::Text(text) if scalar(text) == *value => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

/// How fast it is meant to answer, as the form's lines: a number, and its three fields.
pub(super) fn paces(sent: &Sent) -> Vec<[String; 4]> {
    let of = |number: usize| {
        let field = |name: &str| sent.get(&format!("{name}-{number}")).to_owned();
        [number.to_string(), field("percentile"), field("within"), field("over")]
    };
    let lines: Vec<[String; 4]> = (1..=PACES_MAX).map(of).collect();
    let used = lines.iter().rposition(|line| !line[1].is_empty()).map_or(0, |place| place + 1);
    lines.into_iter().take(used + 1).collect()
}

/// The check that a form says; or what to write instead.
///
/// # Errors
/// What cannot be read, as a sentence.
pub(super) fn read(sent: &Sent, instance: InstanceId) -> Result<CheckDefined, String> {
    let check = sent.get("check").parse();
    let what = if sent.get("kind") == "http" { What::Http(http(sent)?) } else { question(sent)? };
    if let Some(problem) = what.problem().or_else(|| what.secret()) {
        return Err(format!("Nobody would ask it: {problem}."));
    }
    let again = match whole(sent, "again")? {
        None | Some(0) => None,
        Some(times) => Some(Again { times, after_ms: whole(sent, "after")?.unwrap_or(1_000) }),
    };
    let defined = CheckDefined {
        instance,
        check: check.map_err(|_| "Write its name in small letters, digits and hyphens.".to_owned())?,
        every_s: whole(sent, "every")?.ok_or("Say every how many seconds it is asked.")?,
        method: None,
        url: None,
        expect: Vec::new(),
        timeout_ms: whole(sent, "timeout")?,
        what: Some(what),
        grace_s: None,
        again,
        objectives: paces(sent).iter().filter_map(|line| pace(line).transpose()).collect::<Result<_, _>>()?,
    };
    match defined.problem() {
        Some(problem) => Err(format!("Nobody would ask it: {problem}.")),
        None => Ok(defined),
    }
}

/// A whole number; none where nothing was typed.
fn whole<N: std::str::FromStr>(sent: &Sent, name: &str) -> Result<Option<N>, String> {
    sent.given(name).map(|text| text.parse().map_err(|_| no_number(text))).transpose()
}

fn no_number(text: &str) -> String {
    format!("`{text}` is no whole number, or too large.")
}

fn http(sent: &Sent) -> Result<Http, String> {
    let codes = sent.get("expect").split([' ', ',']).filter(|code| !code.is_empty());
    let wanted = (1..=WANTED_MAX).filter_map(|number| Row::read(number, sent).wanted().transpose());
    let method = sent.given("method").unwrap_or("GET");
    Ok(Http {
        method: method.to_owned(),
        expect: codes.map(|code| code.parse().map_err(|_| no_number(code))).collect::<Result<_, _>>()?,
        wanted: wanted.collect::<Result<_, _>>()?,
        within_ms: whole(sent, "within")?,
        redirects: match sent.get("redirects") {
            "same-origin" => Redirects::SameOrigin,
            "follow" => Redirects::Follow,
            _ => Redirects::Never,
        },
        ..Http::get(sent.get("url"))
    })
}

fn question(sent: &Sent) -> Result<What, String> {
    serde_json::from_str(sent.get("question")).map_err(|e| format!("The question cannot be read: {e}."))
}

fn pace([_, percentile, within, over]: &[String; 4]) -> Result<Option<Pace>, String> {
    if percentile.is_empty() && within.is_empty() {
        return Ok(None);
    }
    let number = |text: &str| text.parse::<u32>().map_err(|_| no_number(text));
    Ok(Some(Pace {
        percentile: percentile.parse().map_err(|_| no_number(percentile))?,
        within_us: micros(within).ok_or_else(|| no_number(within))?,
        over_s: if over.is_empty() { 300 } else { number(over)? },
    }))
}

/// Microseconds as milliseconds: `800`, or `1.5`.
fn millis(micros: u32) -> String {
    let text = format!("{}.{:03}", micros / 1_000, micros % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Milliseconds, with up to three digits behind a point, as microseconds.
fn micros(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if part.is_empty() || part.len() > 3 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part: u32 = format!("{part:0<3}").parse().ok()?;
    whole.parse::<u32>().ok()?.checked_mul(1_000)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance() -> InstanceId {
        "wiki".parse().unwrap()
    }

    #[test]
    fn every_kind_begins_with_a_question_that_can_be_asked() {
        for (kind, name, _) in KINDS {
            let check =
                read(&start(kind, Some("https://wiki.acme.example:8443/start"), &[], None), instance())
                    .expect(name);
            let text = serde_json::to_string(&check.what).unwrap();
            assert!(text.contains("wiki.acme.example"), "{kind}: {text}");
            assert_eq!(read(&draft(&check), instance()).expect(name), check, "{kind}");
        }
        assert!(
            read(&start("tcp", Some("javascript:alert(1)"), &[], None), instance()).is_ok(),
            "an example instead"
        );
        assert_eq!(start("tcp", None, &["tcp".parse().unwrap()], None).get("check"), "tcp-2");
    }

    #[test]
    fn what_a_check_says_stands_in_the_form_and_is_read_from_there() {
        let json = r#"{"instance":"wiki","check":"start","every_s":20,"timeout_ms":900,"again":{"times":2,"after_ms":500},
            "what":{"http":{"url":"https://a.example/","method":"HEAD","expect":[200,204],"within_ms":800,"redirects":"follow",
            "wanted":[{"header":{"name":"server","must":{"is":"nginx"}}},{"body":{"unlike":"err+or"}},
            {"json":{"path":"$.a","must":{"is":"12"}}},{"json":{"path":"$.b","must":{"is":12}}},{"json":{"path":"$.c","must":{"at-most":3}}}]}},
            "objectives":[{"percentile":99,"within_us":800000},{"percentile":50,"within_us":1500,"over_s":600}]}"#;
        let check: CheckDefined = serde_json::from_str(json).unwrap();
        let sent = draft(&check);
        assert_eq!((sent.get("kind"), sent.get("value-3"), sent.get("value-4")), ("http", "\"12\"", "12"));
        assert_eq!(read(&sent, instance()).unwrap(), check);
        assert_eq!((Row::all(&sent).len(), paces(&sent).len()), (7, 3));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let with = |name: &str, value: &str| {
            let fields: Sent =
                [("kind", "http"), ("check", "a"), ("every", "20"), ("url", "https://a.example/")]
                    .into_iter()
                    .filter(|(known, _)| *known != name)
                    .chain([(name, value), ("must-1", "at-least"), ("value-1", "x")])
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect();
            read(&fields, instance()).unwrap_err()
        };
        assert_eq!(with("every", "often"), "`often` is no whole number, or too large.");
        assert_eq!(with("expect", "200 ok"), "`ok` is no whole number, or too large.");
        assert_eq!(with("of-1", "body"), "Line 1: only a JSON value is compared with a number.");
        assert_eq!(with("of-1", "json"), "Line 1: `x` is no whole number.");
        assert_eq!(with("check", "A B"), "Write its name in small letters, digits and hyphens.");
        assert!(with("url", "https://user:pw@a.example/").starts_with("Nobody would ask it: "));
        assert!(with("kind", "tcp").starts_with("The question cannot be read: "));
    }
}
