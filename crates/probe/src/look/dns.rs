//! A DNS question, to this machine's resolvers or to one server.

use std::net::SocketAddr;

use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, Record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use wire::Dns;

use super::{DNS, Fault, Looker, Trace};
use crate::names::record_type;

/// The longest answer over UDP that is read whole.
const DATAGRAM_MAX: usize = 4_096;

impl Looker {
    pub(super) async fn dns(&self, dns: &Dns, trace: &mut Trace) -> Result<(), Fault> {
        let name = format!("{}.", dns.name.trim_end_matches('.'));
        let name = Name::from_ascii(name).map_err(|_| Fault::ours("refused: no name to ask for"))?;
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
        let failed = |error: std::io::Error| Fault::of("dns server", &error);
        let mut query = Message::query();
        query.metadata.recursion_desired = true;
        query.add_query(Query::query(name, record_type(dns.record)));
        let bytes = query.to_vec().map_err(|_| Fault::ours("refused: no question to ask"))?;
        self.count_connect();
        let from: SocketAddr = if server.is_ipv4() { ([0; 4], 0).into() } else { ([0; 16], 0).into() };
        let socket = UdpSocket::bind(from).await.map_err(failed)?;
        socket.connect(server).await.map_err(failed)?;
        socket.send(&bytes).await.map_err(failed)?;
        let mut datagram = vec![0; DATAGRAM_MAX];
        let answer = loop {
            let length = socket.recv(&mut datagram).await.map_err(failed)?;
            if let Some(answer) = fitting(&query, &datagram[..length]) {
                break answer;
            }
        };
        let answer =
            if answer.metadata.truncation { self.ask_whole(server, &query, &bytes).await? } else { answer };
        match answer.metadata.response_code {
            ResponseCode::NoError => Ok(texts(&answer.answers, dns)),
            code => Err(Fault::theirs(format!("dns server: {code}"))),
        }
    }

    /// Over TCP, when the answer is too long for a datagram (RFC 7766).
    async fn ask_whole(&self, server: SocketAddr, query: &Message, bytes: &[u8]) -> Result<Message, Fault> {
        let failed = |error: std::io::Error| Fault::of("dns server", &error);
        self.count_connect();
        let mut stream = TcpStream::connect(server).await.map_err(failed)?;
        let length = u16::try_from(bytes.len()).map_err(|_| Fault::ours("refused: no question to ask"))?;
        stream.write_all(&[&length.to_be_bytes(), bytes].concat()).await.map_err(failed)?;
        let length = stream.read_u16().await.map_err(failed)?;
        let mut whole = vec![0; usize::from(length)];
        stream.read_exact(&mut whole).await.map_err(failed)?;
        fitting(query, &whole).ok_or_else(|| Fault::theirs("dns server: not an answer to the question"))
    }
}

/// A datagram that answers the question; others are passed over.
fn fitting(query: &Message, bytes: &[u8]) -> Option<Message> {
    let answer = Message::from_vec(bytes).ok()?;
    (answer.metadata.id == query.metadata.id && answer.queries == query.queries).then_some(answer)
}

fn texts(records: &[Record], dns: &Dns) -> Vec<String> {
    let wanted = records.iter().filter(|record| record.record_type() == record_type(dns.record));
    wanted.map(|record| record.data.to_string()).collect()
}

fn judge(dns: &Dns, found: &[String]) -> Result<(), Fault> {
    if found.is_empty() {
        return Err(Fault::theirs("dns: no such record"));
    }
    let same = |wanted: &String| found.iter().any(|found| found.eq_ignore_ascii_case(wanted));
    if dns.expect.is_empty() || dns.expect.iter().any(same) {
        Ok(())
    } else {
        Err(Fault::theirs("dns: not the record expected"))
    }
}
