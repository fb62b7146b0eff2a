//! A small mail server on loopback that speaks real SMTP (RFC 5321) with STARTTLS (RFC 3207) and AUTH PLAIN/LOGIN, keeps what it is
//! given, and fails when told to.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::{ServerConnection, StreamOwned};

use crate::authority::{Authority, provide};

/// How the server greets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Plain, without STARTTLS.
    Plain,
    /// Plain, with STARTTLS.
    StartTls,
    /// TLS from the start.
    Tls,
}

/// A message as it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Of the envelope.
    pub from: String,
    /// Of the envelope.
    pub to: Vec<String>,
    /// Headers and body, as sent, dots undone.
    pub data: String,
    /// Whether it came under TLS.
    pub tls: bool,
    /// Who signed in.
    pub user: Option<String>,
}

/// What goes wrong with one message.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The recipient is answered so, such as `550 nobody`.
    Recipient(String),
    /// The message is answered so after it was given.
    Data(String),
    /// It is taken, and the connection ends before the answer.
    Silence,
}

#[derive(Default)]
struct Kept {
    mails: Vec<Mail>,
    faults: VecDeque<Fault>,
    sessions: usize,
}

/// The running server. It ends with the process.
pub struct Smtp {
    at: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    authority: Arc<Authority>,
}

impl Smtp {
    /// Starts one on a free port. With a login, nobody else may send.
    pub fn start(mode: Mode, login: Option<(&str, &str)>) -> Smtp {
        provide();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let at = listener.local_addr().expect("an address");
        let (kept, authority) = (Arc::new(Mutex::new(Kept::default())), Arc::new(Authority::new()));
        let login = login.map(|(user, password)| (user.to_owned(), password.to_owned()));
        let (ours, theirs) = (Arc::clone(&kept), Arc::clone(&authority));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, authority, login) = (Arc::clone(&ours), Arc::clone(&theirs), login.clone());
                thread::spawn(move || Session { mode, login, kept, authority }.serve(stream));
            }
        });
        Smtp { at, kept, authority }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.at.port()
    }

    /// The certificate to trust, PEM.
    pub fn root(&self) -> Vec<u8> {
        self.authority.pem()
    }

    /// What it was given so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.lock().mails.clone()
    }

    /// How many connections there were.
    pub fn sessions(&self) -> usize {
        self.lock().sessions
    }

    /// The next message goes wrong so.
    pub fn fail(&self, fault: Fault) {
        self.lock().faults.push_back(fault);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().expect("nobody panics with it")
    }
}

struct Session {
    mode: Mode,
    login: Option<(String, String)>,
    kept: Arc<Mutex<Kept>>,
    authority: Arc<Authority>,
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

impl Session {
    fn serve(self, stream: TcpStream) {
        self.kept.lock().expect("nobody panics with it").sessions += 1;
        let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
        if self.mode == Mode::Tls {
            let tls = self.tls(stream);
            self.talk(Box::new(tls), true, true);
            return;
        }
        let plain = stream.try_clone().expect("a second handle");
        if self.talk(Box::new(plain), false, true) {
            let tls = self.tls(stream);
            self.talk(Box::new(tls), true, false);
        }
    }

    fn tls(&self, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
        StreamOwned::new(ServerConnection::new(self.authority.server()).expect("a server"), stream)
    }

    /// Until the end, or until TLS is to begin: then true.
    fn talk(&self, stream: Box<dyn Stream>, tls: bool, greet: bool) -> bool {
        let mut lines = BufReader::new(stream);
        if greet && say(&mut lines, "220 test").is_err() {
            return false;
        }
        let (mut from, mut to, mut user) = (String::new(), Vec::new(), None);
        let mut line = String::new();
        loop {
            line.clear();
            if lines.read_line(&mut line).unwrap_or(0) == 0 {
                return false;
            }
            let word = line.trim_end().to_owned();
            let verb = word.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let argument = word.split_once([' ', ':']).map_or("", |(_, rest)| rest);
            let answer = match verb.as_str() {
                "EHLO" => self.extensions(tls),
                "STARTTLS" if self.mode == Mode::StartTls && !tls => {
                    let _ = say(&mut lines, "220 go on");
                    return true;
                }
                "AUTH" => self.sign_in(&mut lines, argument, &mut user),
                "MAIL" if self.login.is_some() && user.is_none() => "530 sign in first".to_owned(),
                "MAIL" => {
                    (from, to) = (address(argument), Vec::new());
                    "250 ok".to_owned()
                }
                "RCPT" => match self.fault(|fault| matches!(fault, Fault::Recipient(_))) {
                    Some(Fault::Recipient(answer)) => answer,
                    _ => {
                        to.push(address(argument));
                        "250 ok".to_owned()
                    }
                },
                "DATA" => {
                    let _ = say(&mut lines, "354 go on");
                    let Some(data) = body(&mut lines) else { return false };
                    match self.fault(|fault| !matches!(fault, Fault::Recipient(_))) {
                        Some(Fault::Data(answer)) => answer,
                        fault => {
                            let mail =
                                Mail { from: from.clone(), to: to.clone(), data, tls, user: user.clone() };
                            self.kept.lock().expect("nobody panics with it").mails.push(mail);
                            if fault.is_some() {
                                return false;
                            }
                            "250 taken".to_owned()
                        }
                    }
                }
                "QUIT" => {
                    let _ = say(&mut lines, "221 bye");
                    return false;
                }
                "RSET" | "NOOP" => "250 ok".to_owned(),
                _ => "502 no".to_owned(),
            };
            if say(&mut lines, &answer).is_err() {
                return false;
            }
        }
    }

    fn extensions(&self, tls: bool) -> String {
        let mut lines = vec!["test", "8BITMIME", "SMTPUTF8"];
        if self.mode == Mode::StartTls && !tls {
            lines.push("STARTTLS");
        }
        if self.login.is_some() {
            lines.push("AUTH PLAIN LOGIN");
        }
        let last = lines.len() - 1;
        let line =
            |(index, line): (usize, &&str)| format!("250{}{line}", if index == last { ' ' } else { '-' });
        lines.iter().enumerate().map(line).collect::<Vec<_>>().join("\r\n")
    }

    fn sign_in(
        &self,
        lines: &mut BufReader<Box<dyn Stream>>,
        argument: &str,
        user: &mut Option<String>,
    ) -> String {
        let given = match argument.split_once(' ') {
            Some((_, given)) => given.to_owned(),
            None => {
                let _ = say(lines, "334 ");
                let mut line = String::new();
                let _ = lines.read_line(&mut line);
                line.trim_end().to_owned()
            }
        };
        let text =
            STANDARD.decode(given).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        let parts: Vec<&str> = text.split('\0').collect();
        match (&self.login, parts.as_slice()) {
            (Some((known, secret)), [_, name, word]) if known == name && secret == word => {
                *user = Some(known.clone());
                "235 come in".to_owned()
            }
            _ => "535 no".to_owned(),
        }
    }

    fn fault(&self, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut kept = self.kept.lock().expect("nobody panics with it");
        let fits = kept.faults.front().is_some_and(fits);
        if fits { kept.faults.pop_front() } else { None }
    }
}

fn say(lines: &mut BufReader<Box<dyn Stream>>, answer: &str) -> std::io::Result<()> {
    let stream = lines.get_mut();
    stream.write_all(format!("{answer}\r\n").as_bytes())?;
    stream.flush()
}

fn body(lines: &mut BufReader<Box<dyn Stream>>) -> Option<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == ".\r\n" {
            return Some(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// What stands between the angle brackets.
fn address(argument: &str) -> String {
    let inside = argument.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(argument, |(address, _)| address).to_owned()
}
