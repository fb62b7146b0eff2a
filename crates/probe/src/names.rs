//! Names to addresses, by this machine's resolvers, asked afresh every time.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RecordType};
use tokio::time::timeout;

use crate::look::Fault;

/// How long one try of one server takes.
const TRY: Duration = Duration::from_secs(2);
/// How long the resolver may take to prove that it is alive.
const PROOF: Duration = Duration::from_secs(1);

/// The resolvers that are asked.
pub struct Names {
    resolver: Result<TokioResolver, String>,
}

impl Names {
    /// Those of `/etc/resolv.conf`, with `/etc/hosts` before them. Without any, looks that need a name are void.
    pub fn system() -> Names {
        let builder = TokioResolver::builder_tokio().map_err(|error| error.to_string());
        let resolver = builder.and_then(|mut builder| {
            tune(builder.options_mut());
            builder.build().map_err(|error| error.to_string())
        });
        Names { resolver }
    }

    /// These servers, over UDP and TCP.
    pub fn servers(servers: &[SocketAddr]) -> Names {
        let server = |address: &SocketAddr| {
            let with_port = |mut connection: ConnectionConfig| {
                connection.port = address.port();
                connection
            };
            let connections = vec![with_port(ConnectionConfig::udp()), with_port(ConnectionConfig::tcp())];
            NameServerConfig::new(address.ip(), true, connections)
        };
        let config = ResolverConfig::from_parts(None, Vec::new(), servers.iter().map(server).collect());
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        tune(builder.options_mut());
        Names { resolver: builder.build().map_err(|error| error.to_string()) }
    }

    /// Every address of a name.
    pub(crate) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Fault> {
        // Absolute: a search list would ask for names nobody wrote.
        let name = format!("{}.", name.trim_end_matches('.'));
        match self.resolver()?.lookup_ip(name.as_str()).await {
            Ok(found) => Ok(found.iter().collect()),
            Err(error) => Err(self.fault(&error).await),
        }
    }

    /// The records of a name and type, as text; none when the name has none of that type.
    pub(crate) async fn records(&self, name: Name, record: wire::RecordType) -> Result<Vec<String>, Fault> {
        match self.resolver()?.lookup(name, record_type(record)).await {
            Ok(found) => {
                let wanted = found.answers().iter().filter(|r| r.record_type() == record_type(record));
                Ok(wanted.map(|record| record.data.to_string()).collect())
            }
            Err(error) => Err(self.fault(&error).await),
        }
    }

    /// A resolver that is silent on a name is to blame itself, unless it answers for the root: then the name's servers are.
    pub(crate) async fn whose_fault(&self, what: &str) -> Fault {
        if self.is_alive().await {
            Fault::theirs(format!("dns: {what}"))
        } else {
            Fault::ours("dns: the resolver of this machine does not answer")
        }
    }

    fn resolver(&self) -> Result<&TokioResolver, Fault> {
        self.resolver.as_ref().map_err(|why| Fault::ours(format!("dns: no resolver on this machine: {why}")))
    }

    async fn fault(&self, error: &NetError) -> Fault {
        match error {
            NetError::Dns(DnsError::NoRecordsFound(none)) if none.response_code == ResponseCode::NXDomain => {
                Fault::theirs("dns: no such name")
            }
            NetError::Dns(DnsError::NoRecordsFound(_)) => Fault::theirs("dns: no such record"),
            NetError::Dns(DnsError::ResponseCode(ResponseCode::Refused)) => {
                Fault::ours("dns: the resolver of this machine refuses us")
            }
            NetError::Dns(DnsError::ResponseCode(code)) => self.whose_fault(&code.to_string()).await,
            other => self.whose_fault(&other.to_string()).await,
        }
    }

    async fn is_alive(&self) -> bool {
        let Ok(resolver) = &self.resolver else { return false };
        match timeout(PROOF, resolver.lookup(Name::root(), RecordType::NS)).await {
            Ok(Ok(_) | Err(NetError::Dns(DnsError::NoRecordsFound(_)))) => true,
            Ok(Err(_)) | Err(_) => false,
        }
    }
}

fn tune(options: &mut ResolverOpts) {
    // A look asks what is true now; the machine's resolver keeps what may be kept.
    options.cache_size = 0;
    options.timeout = TRY;
    options.attempts = 2;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
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
