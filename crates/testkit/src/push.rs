//! A push service on loopback and the browser behind it, which opens what it gets (RFC 8291), by itself and not by our own sealing.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree},
    hmac,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls::{ServerConnection, StreamOwned};

use crate::authority::{Authority, provide};

/// A message as the service got it.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// The path it was sent to.
    pub path: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The sealed message.
    pub body: Vec<u8>,
}

impl Pushed {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

struct Kept {
    got: Vec<Pushed>,
    answer: String,
}

/// The service. It ends with the process.
pub struct PushService {
    at: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    /// Whose certificate it shows.
    pub authority: Arc<Authority>,
}

impl PushService {
    /// Starts one on a free port, which takes everything.
    pub fn start() -> PushService {
        provide();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let at = listener.local_addr().expect("an address");
        let kept = Arc::new(Mutex::new(Kept { got: Vec::new(), answer: "201 Created".to_owned() }));
        let authority = Arc::new(Authority::new());
        let (ours, theirs) = (Arc::clone(&kept), Arc::clone(&authority));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, authority) = (Arc::clone(&ours), Arc::clone(&theirs));
                thread::spawn(move || serve(stream, &kept, &authority));
            }
        });
        PushService { at, kept, authority }
    }

    /// The address that a browser would give.
    pub fn endpoint(&self, path: &str) -> String {
        format!("https://{}{path}", self.at)
    }

    /// What came so far.
    pub fn got(&self) -> Vec<Pushed> {
        self.kept.lock().expect("nobody panics with it").got.clone()
    }

    /// How it answers from now on: a status line, and headers after it.
    pub fn answer(&self, answer: &str) {
        self.kept.lock().expect("nobody panics with it").answer = answer.to_owned();
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Kept>, authority: &Authority) -> Option<()> {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    let connection = ServerConnection::new(authority.server()).ok()?;
    let mut lines = BufReader::new(StreamOwned::new(connection, stream));
    let mut first = String::new();
    lines.read_line(&mut first).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    let answer = {
        let mut kept = kept.lock().expect("nobody panics with it");
        kept.got.push(Pushed { path, headers, body });
        kept.answer.clone()
    };
    let stream = lines.get_mut();
    stream.write_all(format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n").as_bytes()).ok()?;
    stream.flush().ok()
}

/// A browser that subscribed.
pub struct Browser {
    key: PrivateKey,
    point: Vec<u8>,
    secret: [u8; 16],
}

impl Browser {
    /// A browser with a key of its own.
    pub fn new(number: u8) -> Browser {
        let key = PrivateKey::from_private_key(&ECDH_P256, &[number.max(1); 32]).expect("a key");
        let point = key.compute_public_key().expect("its public half").as_ref().to_vec();
        Browser { key, point, secret: [number; 16] }
    }

    /// What it tells: `p256dh` and `auth`.
    pub fn keys(&self) -> (String, String) {
        (URL_SAFE_NO_PAD.encode(&self.point), URL_SAFE_NO_PAD.encode(self.secret))
    }

    /// Opens a message: none where it is not for this browser. RFC 8291, 3.4 written out with HMAC.
    pub fn open(&self, body: &[u8]) -> Option<String> {
        let (salt, rest) = body.split_at_checked(16)?;
        let (_, rest) = rest.split_at_checked(4)?;
        let (length, rest) = rest.split_first()?;
        let (theirs, record) = rest.split_at_checked(usize::from(*length))?;
        let shared =
            agree(&self.key, UnparsedPublicKey::new(&ECDH_P256, theirs), (), |z| Ok(z.to_vec())).ok()?;
        let keyed = mac(&self.secret, &[&shared]);
        let input = mac(&keyed, &[b"WebPush: info\0", &self.point, theirs, &[1]]);
        let pseudo = mac(salt, &[&input]);
        let key = mac(&pseudo, &[b"Content-Encoding: aes128gcm\0", &[1]]);
        let nonce = mac(&pseudo, &[b"Content-Encoding: nonce\0", &[1]]);
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).ok()?);
        let mut record = record.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).ok()?;
        let text = cipher.open_in_place(nonce, Aad::empty(), &mut record).ok()?;
        let text = text.strip_suffix(&[2])?;
        String::from_utf8(text.to_vec()).ok()
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, &parts.concat()).as_ref().to_vec()
}
