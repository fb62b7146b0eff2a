//! An ICMP echo, without privilege: a datagram socket of the kernel's own ping (`net.ipv4.ping_group_range`).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use facts::Cause;
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::time::timeout;
use wire::Family;

use super::{Fault, Looker, Trace};
use crate::target::Host;

/// A lost packet is not a lost host: an echo is sent again after this, until the time is up.
const AGAIN: Duration = Duration::from_secs(1);

impl Looker {
    pub(super) async fn echo(&self, host: &Host, family: Family, trace: &mut Trace) -> Result<(), Fault> {
        // An echo has no port; 0 is nobody's.
        let addresses = self.addresses(host, 0.into(), family, trace).await?;
        let address = addresses[0].address();
        trace.at = "icmp";
        let socket = open(address)?;
        self.count_connect();
        let failed = |error: std::io::Error| Fault::of(Cause::Connect, "icmp", &error);
        socket.connect(SocketAddr::new(address, 0)).await.map_err(failed)?;
        let start = self.clock.mono_ns();
        for sequence in 1_u16.. {
            let request = request(address, sequence, start);
            socket.send(&request).await.map_err(failed)?;
            if timeout(AGAIN, heard(&socket, &request)).await.is_ok_and(|heard| heard.is_ok()) {
                break;
            }
        }
        self.mark(&mut trace.phases.first_byte_us, start);
        Ok(())
    }
}

fn open(address: IpAddr) -> Result<UdpSocket, Fault> {
    let (domain, protocol) = match address {
        IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4),
        IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6),
    };
    let opened = Socket::new(domain, Type::DGRAM.nonblocking().cloexec(), Some(protocol));
    let opened = opened.and_then(|socket| UdpSocket::from_std(socket.into()));
    opened.map_err(|error| match Errno::from_io_error(&error) {
        Some(Errno::ACCESS | Errno::PERM) => Fault::ours(
            Cause::Machine,
            "icmp: the kernel forbids it: net.ipv4.ping_group_range does not hold our group",
        ),
        _ => Fault::ours(Cause::Machine, format!("icmp: {error}")),
    })
}

/// Type, code, checksum and id (the kernel fills both in), sequence, and sixteen bytes that are ours.
fn request(address: IpAddr, sequence: u16, nonce: u64) -> [u8; 24] {
    let mut packet = [0; 24];
    packet[0] = if address.is_ipv4() { 8 } else { 128 };
    packet[6..8].copy_from_slice(&sequence.to_be_bytes());
    packet[8..16].copy_from_slice(b"uphold!!");
    packet[16..].copy_from_slice(&nonce.to_be_bytes());
    packet
}

/// Waits for the echo of what was sent.
async fn heard(socket: &UdpSocket, request: &[u8; 24]) -> std::io::Result<()> {
    let mut packet = [0; 128];
    loop {
        let length = socket.recv(&mut packet).await?;
        let answers = packet[0] == if request[0] == 8 { 0 } else { 129 };
        if answers && length == request.len() && packet[6..length] == request[6..] {
            return Ok(());
        }
    }
}
