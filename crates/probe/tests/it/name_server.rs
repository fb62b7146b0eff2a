//! A name server that says what a test wants it to say.

use std::net::SocketAddr;
use std::sync::Arc;

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::{RData, Record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

/// What is said of a name.
#[derive(Clone)]
pub(crate) enum Says {
    Records(Vec<RData>),
    Code(ResponseCode),
    Nothing,
    /// Too long for a datagram: these over TCP.
    TooLong(Vec<RData>),
}

/// A server on a free port of loopback, over UDP and TCP. `says`: by the name asked for, with its final dot.
pub(crate) async fn name_server(says: impl Fn(&str) -> Says + Send + Sync + 'static) -> SocketAddr {
    let (socket, listener) = same_port().await;
    let address = socket.local_addr().unwrap();
    let says = Arc::new(says);
    let over_tcp = Arc::clone(&says);
    tokio::spawn(async move {
        let mut datagram = [0; 2_048];
        while let Ok((length, from)) = socket.recv_from(&mut datagram).await {
            if let Some(answer) = answer(&datagram[..length], &*says, false) {
                let _ = socket.send_to(&answer, from).await;
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = vec![0; usize::from(stream.read_u16().await.unwrap())];
            stream.read_exact(&mut asked).await.unwrap();
            let answer = answer(&asked, &*over_tcp, true).unwrap();
            stream.write_u16(answer.len().try_into().unwrap()).await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    });
    address
}

/// A port that is free for both.
async fn same_port() -> (UdpSocket, TcpListener) {
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(socket) = UdpSocket::bind(listener.local_addr().unwrap()).await {
            return (socket, listener);
        }
    }
}

fn answer(asked: &[u8], says: &dyn Fn(&str) -> Says, is_tcp: bool) -> Option<Vec<u8>> {
    let asked = Message::from_vec(asked).ok()?;
    let query = asked.queries[0].clone();
    let mut answer = Message::new(asked.metadata.id, MessageType::Response, OpCode::Query);
    answer.metadata.recursion_available = true;
    answer.add_query(query.clone());
    let records = match says(&query.name().to_string().to_lowercase()) {
        Says::Nothing => return None,
        Says::Code(code) => {
            answer.metadata.response_code = code;
            Vec::new()
        }
        Says::TooLong(_) if !is_tcp => {
            answer.metadata.truncation = true;
            Vec::new()
        }
        Says::Records(records) | Says::TooLong(records) => records,
    };
    let fitting = records.into_iter().filter(|data| data.record_type() == query.query_type());
    answer.add_answers(fitting.map(|data| Record::from_rdata(query.name().clone(), 1, data)));
    Some(answer.to_vec().unwrap())
}
