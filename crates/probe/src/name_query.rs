//! One DNS question to one server: over UDP, and over TCP when the answer is too long for a datagram (RFC 7766).
//!
//! The question has a random id and a port of its own, and only an answer from the server asked, to the question asked, is taken.

use std::io;
use std::net::SocketAddr;

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// The longest answer over UDP that is read whole.
const DATAGRAM_MAX: usize = 4_096;

/// Asks, and waits for an answer as long as the caller does.
pub(crate) async fn ask(server: SocketAddr, name: Name, record: RecordType) -> io::Result<Message> {
    let mut query = Message::query();
    query.metadata.recursion_desired = true;
    query.add_query(Query::query(name, record));
    let bytes = query.to_vec().map_err(io::Error::other)?;
    let from: SocketAddr = if server.is_ipv4() { ([0; 4], 0).into() } else { ([0; 16], 0).into() };
    let socket = UdpSocket::bind(from).await?;
    socket.connect(server).await?;
    socket.send(&bytes).await?;
    let mut datagram = vec![0; DATAGRAM_MAX];
    loop {
        let length = socket.recv(&mut datagram).await?;
        match fitting(&query, &datagram[..length]) {
            Some(answer) if answer.metadata.truncation => return ask_whole(server, &query, &bytes).await,
            Some(answer) => return Ok(answer),
            None => {}
        }
    }
}

async fn ask_whole(server: SocketAddr, query: &Message, bytes: &[u8]) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), bytes].concat()).await?;
    let length = stream.read_u16().await?;
    let mut whole = vec![0; usize::from(length)];
    stream.read_exact(&mut whole).await?;
    fitting(query, &whole).ok_or_else(|| io::Error::other("not an answer to the question"))
}

/// An answer to the question; anything else is passed over.
fn fitting(query: &Message, bytes: &[u8]) -> Option<Message> {
    let answer = Message::from_vec(bytes).ok()?;
    (answer.metadata.id == query.metadata.id && answer.queries == query.queries).then_some(answer)
}
