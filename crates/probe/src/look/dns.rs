//! A DNS question, to this machine's resolvers or to one server.

use std::net::SocketAddr;

use facts::Cause;
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::Name;
use wire::Dns;

use super::{DNS, Fault, Looker, Trace};
use crate::name_query;
use crate::names::{record_type, texts};

impl Looker {
    pub(super) async fn dns(&self, dns: &Dns, trace: &mut Trace) -> Result<(), Fault> {
        let name = format!("{}.", dns.name.trim_end_matches('.'));
        let name =
            Name::from_ascii(name).map_err(|_| Fault::ours(Cause::Refused, "refused: no name to ask for"))?;
        let start = self.clock.mono_ns();
        let found = match dns.server {
            None => {
                trace.at = DNS;
                self.count_connect();
                self.names.records(name, dns.record).await?
            }
            Some(server) => {
                // The server is what is watched: its silence is its own.
                trace.at = "dns server";
                self.ask_server(server, name, dns).await?
            }
        };
        self.mark(&mut trace.phases.dns_us, start);
        judge(dns, &found)
    }

    async fn ask_server(&self, server: SocketAddr, name: Name, dns: &Dns) -> Result<Vec<String>, Fault> {
        let passed = self.guard.address(server.ip(), server.port())?;
        let server = SocketAddr::new(passed.address(), server.port());
        self.count_connect();
        let answer = name_query::ask(server, name, record_type(dns.record)).await;
        let answer = answer.map_err(|error| Fault::of(Cause::Dns, "dns server", &error))?;
        match answer.metadata.response_code {
            ResponseCode::NoError => Ok(texts(&answer.answers, dns.record)),
            code => Err(Fault::theirs(Cause::Dns, format!("dns server: {code}"))),
        }
    }
}

fn judge(dns: &Dns, found: &[String]) -> Result<(), Fault> {
    if found.is_empty() {
        return Err(Fault::theirs(Cause::Record, "dns: no such record"));
    }
    let same = |wanted: &String| found.iter().any(|found| found.eq_ignore_ascii_case(wanted));
    if dns.expect.is_empty() || dns.expect.iter().any(same) {
        Ok(())
    } else {
        Err(Fault::theirs(Cause::Record, "dns: not the record expected"))
    }
}
