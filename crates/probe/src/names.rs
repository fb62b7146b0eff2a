//! Names to addresses, by this machine's resolvers, asked afresh every time.
//!
//! A stub of its own rather than a resolver with a cache: a look asks what is true now and wants to know whose fault silence is.
//! No search list either: it would ask for names nobody wrote.

use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use facts::Cause;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::time::timeout;

use crate::look::Fault;
use crate::name_query;

/// How long one try of one server takes.
const TRY: Duration = Duration::from_secs(2);
/// How often every server is tried.
const TRIES: usize = 2;
/// How long the resolver may take to prove that it is alive.
const PROOF: Duration = Duration::from_secs(1);
/// The most servers that are asked (resolv.conf(5)).
const SERVERS_MAX: usize = 3;
/// The port of DNS.
const PORT: u16 = 53;

const RESOLV_CONF: &str = "/etc/resolv.conf";
const HOSTS: &str = "/etc/hosts";

/// The resolvers that are asked.
pub struct Names {
    /// Whether the files of the machine are read again when they change.
    is_system: bool,
    known: Mutex<Arc<Known>>,
}

/// What the files of the machine say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Known {
    servers: Vec<SocketAddr>,
    hosts: HashMap<String, Vec<IpAddr>>,
    as_of: [Option<SystemTime>; 2],
}

/// Why there is no answer that says anything.
enum Silence {
    NoServer,
    Code(ResponseCode),
    Error(String),
}

impl Names {
    /// Those of `/etc/resolv.conf`, with `/etc/hosts` before them, read again when they change. Without any, looks that need a
    /// name are void.
    pub fn system() -> Names {
        Names { is_system: true, known: Mutex::default() }
    }

    /// These servers and nothing else.
    pub fn servers(servers: &[SocketAddr]) -> Names {
        let known = Known { servers: servers.to_vec(), ..Known::default() };
        Names { is_system: false, known: Mutex::new(Arc::new(known)) }
    }

    /// Every address of a name.
    pub(crate) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Fault> {
        let name = name.trim_end_matches('.');
        if let Some(written) = self.known().hosts.get(&name.to_ascii_lowercase()) {
            return Ok(written.clone());
        }
        // RFC 6761, 6.3: never asked.
        if name.eq_ignore_ascii_case("localhost") {
            return Ok(vec![Ipv4Addr::LOCALHOST.into()]);
        }
        let name = Name::from_ascii(format!("{name}."))
            .map_err(|_| Fault::ours(Cause::Refused, "refused: no name to ask for"))?;
        let (v4, v6) = tokio::join!(self.ask(&name, RecordType::A), self.ask(&name, RecordType::AAAA));
        let mut found = Vec::new();
        let mut fault = None;
        for answer in [v4, v6] {
            match answer.map(|answer| (answer.metadata.response_code, answer)) {
                Ok((ResponseCode::NXDomain, _)) => {
                    return Err(Fault::theirs(Cause::Dns, "dns: no such name"));
                }
                Ok((_, answer)) => found.extend(answer.answers.iter().filter_map(address)),
                Err(silence) => fault = Some(silence),
            }
        }
        match fault {
            Some(silence) if found.is_empty() => Err(self.fault(silence).await),
            _ if found.is_empty() => Err(Fault::theirs(Cause::Dns, "dns: no address")),
            _ => Ok(found),
        }
    }

    /// The records of a name and type, as text; none when the name has none of that type.
    pub(crate) async fn records(&self, name: Name, record: wire::RecordType) -> Result<Vec<String>, Fault> {
        match self.ask(&name, record_type(record)).await {
            Ok(answer) if answer.metadata.response_code == ResponseCode::NXDomain => {
                Err(Fault::theirs(Cause::Dns, "dns: no such name"))
            }
            Ok(answer) => Ok(texts(&answer.answers, record)),
            Err(silence) => Err(self.fault(silence).await),
        }
    }

    /// A resolver that is silent on a name is to blame itself, unless it answers for the root: then the name's servers are.
    pub(crate) async fn whose_fault(&self, what: &str) -> Fault {
        let root = Name::root();
        if matches!(timeout(PROOF, self.ask(&root, RecordType::NS)).await, Ok(Ok(_))) {
            Fault::theirs(Cause::Dns, format!("dns: {what}"))
        } else {
            Fault::ours(Cause::Resolver, "dns: the resolver of this machine does not answer")
        }
    }

    async fn fault(&self, silence: Silence) -> Fault {
        match silence {
            Silence::NoServer => Fault::ours(Cause::Resolver, "dns: no resolver on this machine"),
            Silence::Code(ResponseCode::Refused) => {
                Fault::ours(Cause::Resolver, "dns: the resolver of this machine refuses us")
            }
            Silence::Code(code) => self.whose_fault(&code.to_string()).await,
            Silence::Error(why) => self.whose_fault(&why).await,
        }
    }

    /// The first answer that says whether there are records, of any server, in their order, twice.
    async fn ask(&self, name: &Name, record: RecordType) -> Result<Message, Silence> {
        let known = self.known();
        let mut silence = Silence::NoServer;
        for server in std::iter::repeat_n(&known.servers, TRIES).flatten() {
            silence = match timeout(TRY, name_query::ask(*server, name.clone(), record)).await {
                Ok(Ok(answer)) => match answer.metadata.response_code {
                    ResponseCode::NoError | ResponseCode::NXDomain => return Ok(answer),
                    code => Silence::Code(code),
                },
                Ok(Err(error)) => Silence::Error(error.to_string()),
                Err(_) => Silence::Error("no answer in time".to_owned()),
            };
        }
        Err(silence)
    }

    /// What the files say now.
    fn known(&self) -> Arc<Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_system {
            let as_of = [RESOLV_CONF, HOSTS].map(|path| changed(Path::new(path)));
            if known.as_of != as_of || known.servers.is_empty() {
                let read = |path| fs::read_to_string(path).unwrap_or_default();
                *known = Arc::new(Known { as_of, ..Known::read(&read(RESOLV_CONF), &read(HOSTS)) });
            }
        }
        Arc::clone(&known)
    }
}

impl Known {
    /// resolv.conf(5) and hosts(5), as far as they are needed.
    fn read(resolv_conf: &str, hosts: &str) -> Known {
        let words = |line: &str| -> Vec<String> {
            let line = line.split(['#', ';']).next().unwrap_or_default();
            line.split_whitespace().map(str::to_owned).collect()
        };
        let server = |line: &str| match words(line).as_slice() {
            [key, address, ..] if key == "nameserver" => address.parse::<IpAddr>().ok(),
            _ => None,
        };
        let servers = resolv_conf.lines().filter_map(server).take(SERVERS_MAX);
        let mut known = Known { servers: servers.map(|ip| (ip, PORT).into()).collect(), ..Known::default() };
        for line in hosts.lines().map(words) {
            let Some((address, names)) = line.split_first() else { continue };
            let Ok(address) = address.parse::<IpAddr>() else { continue };
            for name in names {
                known.hosts.entry(name.to_ascii_lowercase()).or_default().push(address);
            }
        }
        known
    }
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}

fn address(record: &Record) -> Option<IpAddr> {
    match &record.data {
        RData::A(v4) => Some(v4.0.into()),
        RData::AAAA(v6) => Some(v6.0.into()),
        _ => None,
    }
}

/// The records of one type, as text.
pub(crate) fn texts(records: &[Record], record: wire::RecordType) -> Vec<String> {
    let wanted = records.iter().filter(|found| found.record_type() == record_type(record));
    wanted.map(|record| record.data.to_string()).collect()
}

pub(crate) fn record_type(record: wire::RecordType) -> RecordType {
    match record {
        wire::RecordType::A => RecordType::A,
        wire::RecordType::Aaaa => RecordType::AAAA,
        wire::RecordType::Caa => RecordType::CAA,
        wire::RecordType::Cname => RecordType::CNAME,
        wire::RecordType::Mx => RecordType::MX,
        wire::RecordType::Ns => RecordType::NS,
        wire::RecordType::Soa => RecordType::SOA,
        wire::RecordType::Srv => RecordType::SRV,
        wire::RecordType::Txt => RecordType::TXT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_machine_are_read() {
        let resolv_conf = "# by hand\nsearch example.com\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\nnameserver 2001:db8::53 ; two\n";
        let known = Known::read(
            resolv_conf,
            "127.0.0.1 localhost Host.example.com # this one\n::1 localhost\nrubbish\n",
        );
        assert_eq!(known.servers, ["192.0.2.53:53".parse().unwrap(), "[2001:db8::53]:53".parse().unwrap()]);
        assert_eq!(known.hosts["localhost"].len(), 2);
        assert_eq!(known.hosts["host.example.com"], [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    }
}
