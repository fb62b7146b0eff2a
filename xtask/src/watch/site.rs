//! The site that is watched: it answers each part of the instances well or badly, by who asks, and writes down what it answered.
//!
//! Who asks says so in a header: each vantage point has a secret of its own under the same name. Threads that take turns at one
//! socket; an answer is a hundred bytes, and the connection is closed.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::when::now_us;
use super::{PARTS, VANTAGES};

/// The header by which the site knows who asks.
pub(super) const HEADER: &str = "x-from";
/// All vantage points, as a set.
pub(super) const EVERYBODY: u8 = (1 << VANTAGES) - 1;
/// Threads that answer.
const THREADS: usize = 4;
/// The longest request that is read.
const REQUEST_BYTES_MAX: usize = 4_096;

/// One answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    /// When the request had been read.
    pub(super) at_us: i64,
    /// Who asked, from 0; none where nobody said so.
    pub(super) vantage: Option<usize>,
    pub(super) instance: u32,
    pub(super) good: bool,
}

/// A site at work. It ends when it is dropped.
pub(super) struct Site {
    pub(super) port: u16,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    listener: TcpListener,
    /// Of each part, whom it fails.
    fails: [AtomicU8; PARTS],
    answers: [Mutex<Vec<Answer>>; THREADS],
    ended: AtomicBool,
}

impl Site {
    pub(super) fn start() -> Result<Site, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let shared = Arc::new(Shared {
            listener,
            fails: Default::default(),
            answers: Default::default(),
            ended: AtomicBool::new(false),
        });
        let work = |mine: usize| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.work(mine))
        };
        Ok(Site { port, threads: (0..THREADS).map(work).collect(), shared })
    }

    /// From now on a part fails these vantage points, and answers the others.
    pub(super) fn fail(&self, part: usize, vantages: u8) {
        self.shared.fails[part].store(vantages, Ordering::SeqCst);
    }

    /// Everything it answered so far.
    pub(super) fn answers(&self) -> Vec<Answer> {
        let all = self.shared.answers.iter();
        let mut all: Vec<Answer> =
            all.flat_map(|some| some.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect();
        all.sort_by_key(|answer| answer.at_us);
        all
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        for _ in 0..THREADS {
            let _ = TcpStream::connect(("127.0.0.1", self.port));
        }
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}

impl Shared {
    fn work(&self, mine: usize) {
        while !self.ended.load(Ordering::SeqCst) {
            let Ok((stream, _)) = self.listener.accept() else { continue };
            let _ = self.answer(stream, mine);
        }
    }

    /// Nothing for who asks nothing that we know. It is written down before it is given: whoever has it finds it there.
    fn answer(&self, mut stream: TcpStream, mine: usize) -> Option<()> {
        stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
        let mut request = Vec::with_capacity(512);
        let mut some = [0; 512];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            let read = stream.read(&mut some).ok().filter(|read| *read > 0)?;
            request.extend_from_slice(&some[..read]);
            (request.len() <= REQUEST_BYTES_MAX).then_some(())?;
        }
        let (instance, vantage) = asked(&String::from_utf8_lossy(&request))?;
        let part = instance as usize % PARTS;
        let set = vantage.map_or(EVERYBODY, |vantage| 1 << vantage);
        let good = self.fails[part].load(Ordering::SeqCst) & set == 0;
        let at_us = now_us();
        let status = if good { "200 OK" } else { "503 Told To Fail" };
        let text = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi");
        let answer = Answer { at_us, vantage, instance, good };
        self.answers[mine].lock().unwrap_or_else(PoisonError::into_inner).push(answer);
        stream.write_all(text.as_bytes()).ok()
    }
}

/// `GET /<instance> …`, and who says to ask.
fn asked(request: &str) -> Option<(u32, Option<usize>)> {
    let path = request.strip_prefix("GET /")?.split(' ').next()?;
    let header = request.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(HEADER).then(|| value.trim().to_owned())
    });
    Some((path.parse().ok()?, header.and_then(|from| from.parse().ok())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(port: u16, from: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(stream, "GET /6 HTTP/1.1\r\nX-From: {from}\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn it_fails_whom_it_is_told_to_fail_and_writes_it_down() {
        let site = Site::start().unwrap();
        site.fail(2, 0b0101);
        assert!(ask(site.port, "0").contains(" 503 ") && ask(site.port, "1").contains(" 200 "));
        site.fail(2, 0);
        assert!(ask(site.port, "0").contains(" 200 "));
        let good: Vec<_> = site.answers().iter().map(|a| (a.instance, a.vantage, a.good)).collect();
        assert_eq!(good, [(6, Some(0), false), (6, Some(1), true), (6, Some(0), true)]);
    }
}
