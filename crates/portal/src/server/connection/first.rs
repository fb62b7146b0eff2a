//! The first bytes of a connection have to come soon. Until they tell HTTP/1 from HTTP/2 no other time runs, and somebody who
//! sends none would hold a connection for ever.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// How long the first bytes may take.
pub const FIRST_TIME_MAX: Duration = Duration::from_secs(10);
/// What HTTP/2 begins with (RFC 9113, 3.4). Anything else is HTTP/1, whose heads have a time of their own.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A connection that fails when its first bytes do not come in time.
pub(super) struct First<S> {
    stream: S,
    /// Bytes so far, all of them as HTTP/2 begins.
    alike: usize,
    /// None once it is known what is spoken.
    until: Option<Pin<Box<Sleep>>>,
}

impl<S> First<S> {
    pub(super) fn of(stream: S) -> First<S> {
        First { stream, alike: 0, until: Some(Box::pin(sleep(FIRST_TIME_MAX))) }
    }

    fn came(&mut self, bytes: &[u8]) {
        let rest = &PREFACE[self.alike..];
        let alike = rest.iter().zip(bytes).take_while(|(expected, came)| expected == came).count();
        self.alike += alike;
        if alike < bytes.len() || self.alike == PREFACE.len() {
            self.until = None;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for First<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.until.is_none() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) {
            self.came(&buffer.filled()[before..]);
            return Poll::Ready(read);
        }
        match self.until.as_mut().map(|until| until.as_mut().poll(context)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            _ => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for First<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether it is known what is spoken after these bytes, in these pieces.
    fn known(pieces: &[&[u8]]) -> bool {
        let mut first = First::of(());
        for piece in pieces {
            if first.until.is_some() {
                first.came(piece);
            }
        }
        first.until.is_none()
    }

    #[tokio::test]
    async fn http_1_is_known_by_its_first_other_byte_and_http_2_by_its_whole_preface() {
        assert!(known(&[b"G"]) && known(&[b"PRI", b" * HTTP/1"]) && known(&[b"POST / HTTP/1.1"]));
        assert!(!known(&[b""]) && !known(&[b"P"]) && !known(&[b"PRI * ", b"HTTP/2.0\r\n\r\nSM\r\n\r"]));
        assert!(
            known(&[PREFACE])
                && known(&[PREFACE, b"more"])
                && known(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nmore"])
        );
    }
}
