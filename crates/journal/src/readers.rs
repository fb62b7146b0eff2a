//! Reader connections, opened when first needed and lent to one reader at a time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::{
    Error, READERS_MAX, Result, Tx,
    conn::{Access, Conn, Opener},
};

pub(crate) struct Readers {
    opener: Opener,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Conn>,
    lent: usize,
}

impl Readers {
    pub(crate) fn new(opener: Opener) -> Readers {
        Readers { opener, pool: Mutex::default(), returned: Condvar::new() }
    }

    /// Runs the work on one snapshot of the journal, on this thread.
    pub(crate) fn read<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lent = self.lend();
        let conn = lent.begin()?;
        let mut tx = Tx::new(conn);
        let answer = work(&mut tx);
        let fault = tx.fault();
        let ended = conn.rollback();
        let relied_on = conn.still_as_opened();
        if fault.is_some() || ended.is_err() || relied_on.is_err() {
            lent.conn = None;
        }
        relied_on?;
        answer
    }

    /// Runs the work without a snapshot. A connection that idled may have been closed by the server: then it runs on another.
    pub(crate) fn glance<T, E: From<Error>>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lent = self.lend();
        loop {
            let idled = lent.conn.is_some();
            let conn = lent.open()?;
            let mut tx = Tx::new(conn);
            let answer = work(&mut tx);
            let fault = tx.fault();
            let relied_on = conn.still_as_opened();
            if fault.is_some() || relied_on.is_err() {
                lent.conn = None;
            }
            relied_on?;
            if !(idled && matches!(fault, Some(Error::Unreachable { .. }))) {
                return answer;
            }
        }
    }

    fn lend(&self) -> Lent<'_> {
        let mut pool = self.lock();
        while pool.lent == READERS_MAX {
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
        pool.lent += 1;
        Lent { readers: self, conn: pool.idle.pop() }
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lent connection; it goes back when dropped, also by a panic in the work, unless it was taken out as unfit.
struct Lent<'r> {
    readers: &'r Readers,
    conn: Option<Conn>,
}

impl Lent<'_> {
    /// A connection in a fresh read transaction. One that idled may have been closed by the server: then it is
    /// replaced.
    fn begin(&mut self) -> Result<&mut Conn> {
        let usable = self.conn.as_mut().is_some_and(|conn| conn.begin(Access::Read).is_ok());
        if !usable {
            self.conn = None;
            self.open()?.begin(Access::Read)?;
        }
        self.open()
    }

    /// Its connection, opened where there is none.
    fn open(&mut self) -> Result<&mut Conn> {
        if self.conn.is_none() {
            self.conn = Some(self.readers.opener.open(Access::Read)?);
        }
        Ok(self.conn.as_mut().expect("just opened"))
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let unwinding = std::thread::panicking();
        let mut pool = self.readers.lock();
        pool.lent -= 1;
        pool.idle.extend(self.conn.take().filter(|_| !unwinding));
        drop(pool);
        self.readers.returned.notify_one();
    }
}
