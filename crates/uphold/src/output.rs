//! Stdout that may be closed by its reader: `uphold … | head` ends quietly.

use std::io::{self, BufWriter, StdoutLock, Write};

use crate::trouble::Trouble;

/// What a command writes to. Remembers when nobody reads on, whatever the error became on its way up.
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    closed: bool,
}

impl Output {
    pub(crate) fn new(out: StdoutLock<'static>) -> Output {
        Output { out: BufWriter::with_capacity(1 << 16, out), closed: false }
    }

    /// Whether the reader went away.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Writes out what is still here.
    pub(crate) fn finish(&mut self) -> Result<(), Trouble> {
        Ok(self.flush()?)
    }

    fn note<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        self.closed |= done.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::BrokenPipe);
        done
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.out.write(bytes);
        self.note(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.out.flush();
        self.note(done)
    }
}
