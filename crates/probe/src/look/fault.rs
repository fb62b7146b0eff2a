//! Whose fault a failure is.
//!
//! **The service's (down):** its name does not exist or has no address; its name servers give no answer while this machine's
//! resolver answers for the root; the connection is refused, reset or not accepted in time, or a router on the way says it cannot
//! be reached; TLS is not agreed or its chain does not hold; its certificate ends sooner than is allowed; what it says is not the
//! protocol it was asked in, or ends early; no answer in time, or a slower one than is allowed; a code, a header, a body or a record
//! that is not the one expected; it lets us not in, or says itself that it is not well; more than three redirects. Whether the way
//! there was ours is for the reference points to say, after every failure.
//!
//! **Our own (void):** this machine has no route to any of its addresses; it is out of descriptors, ports, buffers or memory, or
//! its firewall forbids the connection; its resolver does not answer, refuses us, or there is none; the kernel forbids ICMP; there
//! are no roots to trust; a secret that is named was not given to it for that host; the rules of [`Guard`](crate::Guard) refuse the
//! address, the port or where a redirect leads: no valid request was made (SH-AVAIL-07).

use std::error::Error;
use std::io;

use facts::{Cause, Outcome};
use rustix::io::Errno;
use wire::Reason;

use crate::guard::Refused;

/// Why a look was no good answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    ours: bool,
    cause: Cause,
    why: String,
}

impl Fault {
    /// The service failed.
    pub(crate) fn theirs(cause: Cause, why: impl Into<String>) -> Fault {
        Fault { ours: false, cause, why: why.into() }
    }

    /// Nothing can be said of the service.
    pub(crate) fn ours(cause: Cause, why: impl Into<String>) -> Fault {
        Fault { ours: true, cause, why: why.into() }
    }

    /// Reads an error of a system call, or one around it, in a phase. `phase`: the word it is told with.
    pub(crate) fn of(cause: Cause, phase: &str, error: &(dyn Error + 'static)) -> Fault {
        let io = causes(error).find_map(|cause| cause.downcast_ref::<io::Error>());
        match io.and_then(Errno::from_io_error).and_then(want) {
            Some(want) => Fault::ours(Cause::Machine, format!("{phase}: {want}")),
            None if io.is_some_and(|io| io.kind() == io::ErrorKind::TimedOut) => {
                Fault::theirs(Cause::Timeout, format!("{phase}: {}", last(error)))
            }
            None => Fault::theirs(cause, format!("{phase}: {}", last(error))),
        }
    }

    /// The same, told with the step of a flow at which it came.
    pub(crate) fn in_step(self, step: usize) -> Fault {
        Fault { why: format!("step {step}: {}", self.why), ..self }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        if self.ours { Outcome::Void } else { Outcome::Down }
    }

    pub(crate) fn cause(&self) -> Cause {
        self.cause
    }

    pub(crate) fn reason(&self) -> Reason {
        Reason::of(&self.why)
    }
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Fault {
        Fault::ours(Cause::Refused, format!("refused: {refused}"))
    }
}

/// What this machine lacks, if that is what the error says.
fn want(errno: Errno) -> Option<&'static str> {
    Some(match errno {
        Errno::MFILE | Errno::NFILE => "out of file descriptors",
        Errno::NOBUFS | Errno::NOMEM => "out of memory for connections",
        Errno::ADDRNOTAVAIL | Errno::ADDRINUSE => "out of ports",
        Errno::ACCESS | Errno::PERM => "forbidden on this machine",
        Errno::NETDOWN => "the network of this machine is down",
        Errno::AFNOSUPPORT => "this machine does not speak that kind of address",
        _ => return None,
    })
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The innermost cause: the one that says what happened.
fn last(error: &(dyn Error + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_machine_lacks_is_no_failure_of_a_service() {
        for errno in
            [Errno::MFILE, Errno::NFILE, Errno::ADDRNOTAVAIL, Errno::PERM, Errno::NOBUFS, Errno::NETDOWN]
        {
            assert_eq!(
                Fault::of(Cause::Connect, "connect", &io::Error::from(errno)).outcome(),
                Outcome::Void,
                "{errno:?}"
            );
        }
        for errno in [Errno::CONNREFUSED, Errno::CONNRESET, Errno::TIMEDOUT, Errno::HOSTUNREACH, Errno::PIPE]
        {
            assert_eq!(
                Fault::of(Cause::Connect, "connect", &io::Error::from(errno)).outcome(),
                Outcome::Down,
                "{errno:?}"
            );
        }
    }
}
