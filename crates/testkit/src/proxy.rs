//! A wire to PostgreSQL that can be cut around a commit: before it arrives, or after it is done and before its answer is.

use std::{
    io::{Read, Result, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    thread,
};

/// What is done to the next commit that comes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Cut {
    /// It never arrives.
    Before = 1,
    /// It is done, and its answer is lost.
    After = 2,
}

const PASS: u8 = 0;

/// The wire. It lasts as long as the process.
pub struct Proxy {
    port: u16,
    next: Arc<AtomicU8>,
    /// Whether nobody is let through once a commit was cut.
    then_down: Arc<AtomicBool>,
    down: Arc<AtomicBool>,
}

impl Proxy {
    /// Before the server at this port of this machine.
    ///
    /// # Errors
    /// When there is no port to listen on.
    pub fn before(server: u16) -> Result<Proxy> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let proxy = Proxy {
            port: listener.local_addr()?.port(),
            next: Arc::default(),
            then_down: Arc::default(),
            down: Arc::default(),
        };
        let (next, then_down, down) = (proxy.next.clone(), proxy.then_down.clone(), proxy.down.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten().filter(|_| !down.load(Ordering::SeqCst)) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let cut = (next.clone(), then_down.clone(), down.clone());
                let _ = wire(client, server, cut);
            }
        });
        Ok(proxy)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the connection of the next commit.
    pub fn cut(&self, how: Cut) {
        self.next.store(how as u8, Ordering::SeqCst);
    }

    /// The same, and whoever says anything afterwards is cut off too, until [`Proxy::mend`].
    pub fn cut_for_good(&self, how: Cut) {
        self.then_down.store(true, Ordering::SeqCst);
        self.cut(how);
    }

    /// Lets everybody through again.
    pub fn mend(&self) {
        self.then_down.store(false, Ordering::SeqCst);
        self.down.store(false, Ordering::SeqCst);
    }

    /// Whether the commit that was to be cut came by.
    pub fn was_cut(&self) -> bool {
        self.next.load(Ordering::SeqCst) == PASS
    }
}

fn wire(
    client: TcpStream,
    server: TcpStream,
    (next, then_down, down): (Arc<AtomicU8>, Arc<AtomicBool>, Arc<AtomicBool>),
) -> Result<()> {
    let muted = Arc::new(AtomicU8::new(PASS));
    let (client_back, server_back, mute) = (client.try_clone()?, server.try_clone()?, muted.clone());
    thread::spawn(move || {
        pump(client, server, |bytes| {
            if down.load(Ordering::SeqCst) {
                return false;
            }
            if !bytes.windows(7).any(|seven| seven == b"COMMIT\0") {
                return true;
            }
            let how = next.swap(PASS, Ordering::SeqCst);
            if how != PASS && then_down.load(Ordering::SeqCst) {
                down.store(true, Ordering::SeqCst);
            }
            muted.store(how, Ordering::SeqCst);
            how != Cut::Before as u8
        });
    });
    thread::spawn(move || pump(server_back, client_back, |_| mute.load(Ordering::SeqCst) == PASS));
    Ok(())
}

fn pump(mut from: TcpStream, mut to: TcpStream, mut passes: impl FnMut(&[u8]) -> bool) {
    let mut buffer = [0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if !passes(&buffer[..read]) || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
