//! From a host to a connection, over every check that lies between.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use facts::Cause;
use rustix::io::Errno;
use socket2::SockRef;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use wire::Family;

use super::{DNS, Fault, Looker, Trace};
use crate::guard::{Passed, Port};
use crate::target::Host;

/// The most addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;
/// How long one address of several is tried before the next.
const ADDRESS_TIME: Duration = Duration::from_secs(3);

/// Where a packet for an address would go, as the kernel's table has it. No packet is sent to ask.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    Out,
    /// The address is one of this machine.
    Own,
    /// There is no route.
    None,
}

impl Looker {
    /// Connects to the host, over the addresses that pass, one after the other.
    pub(super) async fn connect(
        &self,
        host: &Host,
        port: impl Into<Port>,
        family: Family,
        trace: &mut Trace,
    ) -> Result<TcpStream, Fault> {
        let port = port.into();
        let addresses = self.addresses(host, port, family, trace).await?;
        let port = port.number();
        trace.at = "connect";
        let start = self.clock.mono_ns();
        let mut fault = None;
        let count = addresses.len();
        for (index, passed) in addresses.into_iter().enumerate() {
            let address = SocketAddr::new(passed.address(), port);
            self.count_connect();
            let attempt = dial(address);
            let result = if index + 1 == count {
                attempt.await
            } else {
                timeout(ADDRESS_TIME, attempt).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            };
            match result {
                Ok(stream) => {
                    self.mark(&mut trace.phases.connect_us, start);
                    return Ok(stream);
                }
                Err(error) => fault = Some(refusal(&error, passed.address())),
            }
        }
        Err(fault.unwrap_or_else(|| Fault::ours(Cause::Machine, "connect: no way to any address from here")))
    }

    /// Every address of the host that may be asked and that there is a way to.
    pub(super) async fn addresses(
        &self,
        host: &Host,
        port: Port,
        family: Family,
        trace: &mut Trace,
    ) -> Result<Vec<Passed>, Fault> {
        // Before the name is asked: what is never asked must not look like a name without an address.
        self.guard.port(port)?;
        let all = match host {
            Host::Address(address) if !fits(*address, family) => {
                return Err(Fault::ours(
                    Cause::Refused,
                    "refused: an address of another kind than asked for",
                ));
            }
            Host::Address(address) => vec![*address],
            Host::Name(name) => {
                trace.at = DNS;
                let start = self.clock.mono_ns();
                self.count_connect();
                let found = self.names.addresses(name).await?;
                self.mark(&mut trace.phases.dns_us, start);
                found
            }
        };
        let passed = self.guard.all(&all, port)?;
        let mut wanted: Vec<_> = passed.into_iter().filter(|passed| fits(passed.address(), family)).collect();
        if wanted.is_empty() {
            return Err(Fault::theirs(Cause::Dns, "dns: no address of the kind asked for"));
        }
        wanted.sort_by_key(|passed| passed.address().is_ipv4());
        self.on_the_way(wanted, port.number())
    }

    /// Drops what there is no way to, and refuses this machine itself where the operator does not allow it.
    fn on_the_way(&self, passed: Vec<Passed>, port: u16) -> Result<Vec<Passed>, Fault> {
        let mut reachable = Vec::with_capacity(passed.len().min(ADDRESSES_MAX));
        for passed in passed.into_iter().take(ADDRESSES_MAX) {
            match way(passed.address()) {
                Way::Own => {
                    self.guard.own(passed, port)?;
                    reachable.push(passed);
                }
                Way::Out => reachable.push(passed),
                Way::None => {}
            }
        }
        if reachable.is_empty() {
            Err(Fault::ours(Cause::Machine, "connect: no route from this machine"))
        } else {
            Ok(reachable)
        }
    }
}

/// Connects so that the last packet of the handshake waits for what is sent next, which is at once: a packet less for both sides.
async fn dial(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Only a saving: a system that does not know it connects all the same.
    let _ = SockRef::from(&socket).set_tcp_quickack(false);
    socket.connect(address).await
}

fn fits(address: IpAddr, family: Family) -> bool {
    match family {
        Family::Any => true,
        Family::V4 => address.is_ipv4(),
        Family::V6 => address.is_ipv6(),
    }
}

/// Connecting a datagram socket asks the routing table and nobody else.
fn way(address: IpAddr) -> Way {
    let from: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    if address.is_loopback() {
        return Way::Own;
    }
    let asked = UdpSocket::bind((from, 0)).and_then(|socket| {
        socket.connect((address, 9))?;
        socket.local_addr()
    });
    match asked {
        Ok(local) if local.ip() == address => Way::Own,
        Ok(_) => Way::Out,
        // Anything but a plain "no route" shows again, and is read, when the connection is tried.
        Err(error) => match Errno::from_io_error(&error) {
            Some(Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL) => {
                Way::None
            }
            _ => Way::Out,
        },
    }
}

/// A route that is gone by now is our own; a router that says no is somebody's on the way.
fn refusal(error: &io::Error, address: IpAddr) -> Fault {
    match Errno::from_io_error(error) {
        Some(Errno::NETUNREACH | Errno::HOSTUNREACH) if way(address) == Way::None => {
            Fault::ours(Cause::Machine, "connect: no route from this machine")
        }
        _ => Fault::of(Cause::Connect, "connect", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_this_machine_is_known_without_a_packet() {
        assert_eq!(way("127.8.9.10".parse().unwrap()), Way::Own);
        // Whatever address packets to the internet leave from here is ours; a machine without a way out has none to try.
        let out = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
            socket.connect("192.0.2.1:9")?;
            socket.local_addr()
        });
        if let Ok(own) = out {
            assert_eq!(way(own.ip()), Way::Own);
        }
    }
}
