//! A name server that says what a test wants it to say.

use std::net::SocketAddr;

use hickory_resolver::proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_resolver::proto::rr::{RData, Record};
use tokio::net::UdpSocket;

/// What is said of a name.
#[derive(Clone)]
pub(crate) enum Says {
    Records(Vec<RData>),
    Code(ResponseCode),
    Nothing,
}

/// A server on a free UDP port of loopback. `says`: by the name asked for, with its final dot.
pub(crate) async fn name_server(says: impl Fn(&str) -> Says + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut datagram = [0; 2_048];
        while let Ok((length, from)) = socket.recv_from(&mut datagram).await {
            let Ok(asked) = Message::from_vec(&datagram[..length]) else { continue };
            let query = asked.queries[0].clone();
            let mut answer = Message::new(asked.metadata.id, MessageType::Response, OpCode::Query);
            answer.metadata.recursion_available = true;
            answer.add_query(query.clone());
            match says(&query.name().to_string().to_lowercase()) {
                Says::Nothing => continue,
                Says::Code(code) => answer.metadata.response_code = code,
                Says::Records(records) => {
                    let fitting = records.into_iter().filter(|data| data.record_type() == query.query_type());
                    answer.add_answers(fitting.map(|data| Record::from_rdata(query.name().clone(), 1, data)));
                }
            }
            let _ = socket.send_to(&answer.to_vec().unwrap(), from).await;
        }
    });
    address
}
