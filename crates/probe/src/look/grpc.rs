//! The health of a gRPC service: one call of grpc.health.v1.Health/Check over HTTP/2.

use facts::Cause;
use prost::Message;
use wire::{Grpc, Header, Http, HttpVersion};

use super::http::{Answer, Ready as ReadyHttp};
use super::{Fault, Looker, Trace};
use crate::guard::Refused;

/// What stands before a message: whether it is compressed, and its length.
const PREFIX: usize = 5;

/// `HealthCheckRequest` of grpc.health.v1.
#[derive(Message)]
struct Asked {
    #[prost(string, tag = "1")]
    service: String,
}

/// `HealthCheckResponse` of grpc.health.v1.
#[derive(Message)]
struct Told {
    #[prost(enumeration = "Health", tag = "1")]
    status: i32,
}

/// What a service says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
enum Health {
    Unknown = 0,
    Serving = 1,
    NotServing = 2,
    ServiceUnknown = 3,
}

/// The call made ready.
pub(super) fn ready(grpc: &Grpc) -> Result<ReadyHttp, Refused> {
    let header = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
    let http = Http {
        method: "POST".to_owned(),
        headers: vec![header("content-type", "application/grpc"), header("te", "trailers")],
        version: HttpVersion::Http2,
        family: grpc.family,
        ..Http::get(format!("{}/grpc.health.v1.Health/Check", grpc.url.trim_end_matches('/')))
    };
    let message = Asked { service: grpc.service.clone() }.encode_to_vec();
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
    let framed = [&[0][..], &length, &message].concat();
    Ok(ReadyHttp::of(&http)?.with_body(framed).keeping_body())
}

impl Looker {
    pub(super) async fn grpc(&self, ready: &ReadyHttp, trace: &mut Trace) -> Result<(), Fault> {
        let answer = self.walk(ready, None, trace).await?;
        if answer.head.status() != hyper::StatusCode::OK {
            let code = answer.head.status().as_u16();
            return Err(Fault::theirs(Cause::Status, format!("grpc: code {code}")));
        }
        // An answer without a message has its status in front.
        let status = answer.trailers.get("grpc-status").or_else(|| answer.head.headers().get("grpc-status"));
        match status.and_then(|status| status.to_str().ok()?.parse::<u16>().ok()) {
            Some(0) => {}
            Some(5) => return Err(Fault::theirs(Cause::Told, "grpc: it knows no such service")),
            Some(status) => return Err(Fault::theirs(Cause::Told, format!("grpc: status {status}"))),
            None => return Err(fault("what it says is not gRPC")),
        }
        match told(&answer)? {
            Ok(Health::Serving) => Ok(()),
            Ok(Health::NotServing) => Err(Fault::theirs(Cause::Told, "grpc: it says that it does not serve")),
            _ => Err(Fault::theirs(Cause::Told, "grpc: it does not say that it serves")),
        }
    }
}

fn told(answer: &Answer) -> Result<Result<Health, prost::UnknownEnumValue>, Fault> {
    let (prefix, message) =
        answer.body.split_at_checked(PREFIX).ok_or_else(|| fault("it says too little"))?;
    let length = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]);
    if prefix[0] != 0 || usize::try_from(length) != Ok(message.len()) {
        return Err(fault("what it says is not one plain message"));
    }
    let told = Told::decode(message).map_err(|_| fault("what it says is no health"))?;
    Ok(Health::try_from(told.status))
}

fn fault(why: &str) -> Fault {
    Fault::theirs(Cause::Protocol, format!("grpc: {why}"))
}
