//! A check as the page of its instance tells it: what is asked, how often, and what counts as a good answer.

use facts::{CheckDefined, what::What};
use promise::probe::{Departure, listed};

use crate::part::clauses;

/// A check.
pub(super) struct Check {
    pub(super) id: String,
    pub(super) what: String,
    pub(super) every: String,
    pub(super) expect: String,
    pub(super) timeout: String,
    /// Why nobody asks it.
    pub(super) problem: Option<&'static str>,
    /// In what it departs from what was signed, and the clauses, as HTML (SH-AVAIL-07).
    pub(super) departs: Option<(String, String)>,
    /// Whether anything is asked: a heartbeat asks nothing.
    asks: bool,
    /// Where it is asked otherwise, for whoever may; a heartbeat is not.
    pub(super) edit: Option<String>,
}

impl Check {
    /// `problem`: why nobody asks it.
    pub(super) fn of(check: &CheckDefined, problem: Option<&'static str>) -> Check {
        let question = check.question();
        Check {
            id: check.check.to_string(),
            what: match &question {
                Some(question) => question.to_string(),
                None if check.grace_s.is_some() => "heartbeat".to_owned(),
                None => "–".to_owned(),
            },
            every: check.grace_s.map_or_else(
                || format!("{} s", check.every_s),
                |grace| format!("{} s, then {grace} s", check.every_s),
            ),
            expect: question.as_ref().map_or_else(|| "–".to_owned(), expected),
            timeout: check.timeout_ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms} ms")),
            problem,
            departs: None,
            asks: question.is_some(),
            edit: None,
        }
    }

    /// Beside what was signed.
    pub(super) fn departing(self, departs: Option<(Vec<Departure>, Vec<String>)>) -> Check {
        let departs = departs.map(|(departures, ids)| (listed(&departures), clauses(&ids)));
        Check { departs, ..self }
    }

    /// With a link to where it is asked otherwise, if anything is asked.
    pub(super) fn edited_at(self, at: Option<&str>) -> Check {
        let at = at.filter(|_| self.asks);
        Check { edit: at.map(|at| format!("{at}?check={}", self.id)), ..self }
    }
}

/// What counts as a good answer.
fn expected(what: &What) -> String {
    match what {
        What::Http(http) if http.expect.is_empty() => "200 to 299".to_owned(),
        What::Http(http) => http.expect.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        What::Tcp(_) => "it is accepted".to_owned(),
        What::Dns(dns) if dns.expect.is_empty() => "a record".to_owned(),
        What::Dns(dns) => dns.expect.join(" or "),
        What::Icmp(_) => "it comes back".to_owned(),
        What::Flow(flow) => format!("every one of {} steps", flow.steps.len()),
        What::Tls(tls) => tls.days_left.map_or_else(
            || "its certificate holds".to_owned(),
            |days| format!("its certificate holds for {days} days or more"),
        ),
        What::Smtp(_) | What::Imap(_) => "it greets".to_owned(),
        What::Postgres(postgres) if postgres.user.is_none() => "it says whether it speaks TLS".to_owned(),
        What::Postgres(_) => "it answers SELECT 1".to_owned(),
        What::Redis(_) => "PONG".to_owned(),
        What::WebSocket(socket) if socket.send.is_none() => "it answers a ping".to_owned(),
        What::WebSocket(_) => "the message expected".to_owned(),
        What::Grpc(_) => "SERVING".to_owned(),
    }
}
