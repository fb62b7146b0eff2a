//! A small but real OpenID provider on loopback: discovery, keys (RSA and P-256), authorization, token; PKCE and codes that work
//! once. It signs in whoever it is told to, and lies when it is told to, so that tests see what a liar gets.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256},
};
use serde_json::{Value, json};

/// What we are called there.
pub const CLIENT: &str = "uphold";
/// What we show to be that.
pub const SECRET: &str = "a secret of the test";

/// What is wrong with its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Nothing: signed with RSA.
    Nothing,
    /// Nothing: signed with P-256.
    NothingByCurve,
    /// A nonce that nobody asked for.
    Nonce,
    /// For somebody else.
    Audience,
    /// By somebody else.
    Issuer,
    /// It has ended.
    Ended,
    /// Signed with a key that is not among the published ones.
    Key,
    /// `alg: none`, and no signature.
    Unsigned,
    /// Signed with what both know, which whoever reads our settings knows too.
    Shared,
    /// Signed by its public key taken for a shared secret.
    Confused,
    /// It says that somebody who was to show it again showed who they are an hour ago.
    Silent,
    /// It does not say when that was.
    Timeless,
}

/// A provider. It lasts as long as the process.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    port: u16,
    rsa: RsaKeyPair,
    other: RsaKeyPair,
    curve: EcdsaKeyPair,
    state: Mutex<State>,
}

struct State {
    subject: String,
    lie: Lie,
    now_s: i64,
    count: u64,
    /// Codes that were given out and not used, with what they are bound to.
    codes: BTreeMap<String, Asked>,
    /// Codes that came with another verifier than whoever was sent there has (RFC 7636).
    unproved: u64,
}

#[derive(Clone)]
struct Asked {
    nonce: String,
    challenge: String,
    back: String,
    subject: String,
    /// Whether they were to show it again.
    again: bool,
}

impl Provider {
    /// At this second since 1970, signing in this subject.
    ///
    /// # Panics
    /// When there is no port or no key: a test that skips proves nothing.
    pub fn start(now_s: i64, subject: &str) -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of loopback");
        let port = listener.local_addr().expect("its number").port();
        let rsa = || RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        let state = State {
            subject: subject.to_owned(),
            lie: Lie::Nothing,
            now_s,
            count: 0,
            codes: BTreeMap::new(),
            unproved: 0,
        };
        let provider = Provider(Arc::new(Inner {
            port,
            rsa: rsa(),
            other: rsa(),
            curve: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"),
            state: Mutex::new(state),
        }));
        let serving = provider.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = serving.serve(stream);
            }
        });
        provider
    }

    /// What it calls itself.
    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.0.port)
    }

    /// Signs in somebody else from now on.
    pub fn is(&self, subject: &str) {
        self.state(|state| state.subject = subject.to_owned());
    }

    /// Lies from now on.
    pub fn lies(&self, lie: Lie) {
        self.state(|state| state.lie = lie);
    }

    /// How many codes came with another verifier than the one they are bound to (RFC 7636).
    pub fn unproved(&self) -> u64 {
        self.state(|state| state.unproved)
    }

    /// Its clock.
    pub fn sets_clock(&self, now_s: i64) {
        self.state(|state| state.now_s = now_s);
    }

    /// What a browser does there: signs in, and is sent back. Gives the path and query of the way back.
    ///
    /// # Panics
    /// When the request is none that a provider would take.
    pub fn visited(&self, url: &str) -> String {
        let query = url.split_once('?').map(|(_, query)| parameters(query)).expect("a query");
        assert_eq!(url.split_once('?').map(|(at, _)| at), Some(&*format!("{}/authorize", self.issuer())));
        assert_eq!((&*query["client_id"], &*query["response_type"]), (CLIENT, "code"), "{url}");
        assert_eq!(query["code_challenge_method"], "S256", "{url}");
        assert!(query["scope"].split(' ').any(|scope| scope == "openid"), "{url}");
        let code = self.state(|state| {
            state.count += 1;
            let code = format!("code-{}", state.count);
            let asked = Asked {
                nonce: query["nonce"].clone(),
                challenge: query["code_challenge"].clone(),
                back: query["redirect_uri"].clone(),
                subject: state.subject.clone(),
                again: query.get("max_age").is_some_and(|age| age == "0"),
            };
            state.codes.insert(code.clone(), asked);
            code
        });
        let path = query["redirect_uri"].splitn(4, '/').nth(3).expect("a path").to_owned();
        format!("/{path}?code={code}&state={}&iss={}", query["state"], encoded(&self.issuer()))
    }

    fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut first, mut length, mut basic) = (String::new(), 0, String::new());
        reader.read_line(&mut first)?;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? <= 2 {
                break;
            }
            let (name, value) = line.trim().split_once(':').unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap_or(0),
                "authorization" => value.trim().clone_into(&mut basic),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let path = first.split(' ').nth(1).unwrap_or_default();
        let (status, answer) = match path {
            "/.well-known/openid-configuration" => (200, self.discovery()),
            "/keys" => (200, self.keys()),
            "/token" => self.token(&parameters(&String::from_utf8_lossy(&body)), &basic),
            _ => (404, json!({})),
        };
        let text = answer.to_string();
        write!(
            stream,
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
            text.len()
        )
    }

    fn discovery(&self) -> Value {
        let issuer = self.issuer();
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    fn keys(&self) -> Value {
        let (modulus, exponent) = rsa_parts(self.0.rsa.public_key().as_ref());
        let point = self.0.curve.public_key().as_ref();
        json!({ "keys": [
            { "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "rsa", "n": base64(modulus), "e": base64(exponent) },
            { "kty": "EC", "use": "sig", "alg": "ES256", "kid": "curve", "crv": "P-256",
              "x": base64(&point[1..33]), "y": base64(&point[33..]) },
        ] })
    }

    /// A code is taken once, from who was sent with it, for the way back and the verifier it is bound to.
    fn token(&self, sent: &BTreeMap<String, String>, basic: &str) -> (u16, Value) {
        let get = |name: &str| sent.get(name).map_or("", String::as_str);
        let refused = (400, json!({ "error": "invalid_grant" }));
        if basic != format!("Basic {}", standard_base64(format!("{CLIENT}:{}", encoded(SECRET)).as_bytes())) {
            return (401, json!({ "error": "invalid_client" }));
        }
        let Some(asked) = self.state(|state| state.codes.remove(get("code"))) else { return refused };
        let challenge = base64(digest(&SHA256, get("code_verifier").as_bytes()).as_ref());
        if challenge != asked.challenge {
            self.state(|state| state.unproved += 1);
            return refused;
        }
        if get("redirect_uri") != asked.back {
            return refused;
        }
        let token = self.id_token(&asked);
        (200, json!({ "access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": token }))
    }

    fn id_token(&self, asked: &Asked) -> String {
        let (lie, now_s) = self.state(|state| (state.lie, state.now_s));
        let or = |this: Lie, lied: String, truth: String| if lie == this { lied } else { truth };
        let mut claims = json!({
            "iss": or(Lie::Issuer, "https://evil.example".to_owned(), self.issuer()),
            "sub": asked.subject,
            "aud": or(Lie::Audience, "another".to_owned(), CLIENT.to_owned()),
            "nonce": or(Lie::Nonce, "another".to_owned(), asked.nonce.clone()),
            "iat": if lie == Lie::Ended { now_s - 900 } else { now_s },
            "exp": if lie == Lie::Ended { now_s - 600 } else { now_s + 300 },
            "email": "bo@portal.example",
            "email_verified": true,
        });
        if asked.again && lie != Lie::Timeless {
            claims["auth_time"] = json!(if lie == Lie::Silent { now_s - 3_600 } else { now_s });
        }
        let (alg, kid) = match lie {
            Lie::Unsigned => ("none", None),
            Lie::Shared | Lie::Confused => ("HS256", None),
            Lie::NothingByCurve => ("ES256", Some("curve")),
            _ => ("RS256", Some("rsa")),
        };
        let head = match kid {
            Some(kid) => json!({ "alg": alg, "kid": kid, "typ": "JWT" }),
            None => json!({ "alg": alg, "typ": "JWT" }),
        };
        let text =
            format!("{}.{}", base64(head.to_string().as_bytes()), base64(claims.to_string().as_bytes()));
        let signature = self.signature(lie, text.as_bytes());
        format!("{text}.{}", base64(&signature))
    }

    fn signature(&self, lie: Lie, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |key: &RsaKeyPair| {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).expect("a signature");
            signature
        };
        let shared =
            |secret: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text).as_ref().to_vec();
        match lie {
            Lie::Unsigned => Vec::new(),
            Lie::Shared => shared(SECRET.as_bytes()),
            Lie::Confused => shared(self.0.rsa.public_key().as_ref()),
            Lie::NothingByCurve => self.0.curve.sign(&random, text).expect("a signature").as_ref().to_vec(),
            Lie::Key => rsa(&self.0.other),
            _ => rsa(&self.0.rsa),
        }
    }
}

/// Modulus and exponent of a PKCS #1 public key: a sequence of two numbers.
fn rsa_parts(der: &[u8]) -> (&[u8], &[u8]) {
    let (_, inside) = item(der).0;
    let ((_, modulus), rest) = item(inside);
    let ((_, exponent), _) = item(rest);
    (modulus.strip_prefix(&[0]).unwrap_or(modulus), exponent)
}

/// The first item of DER, and what follows it.
fn item(der: &[u8]) -> ((u8, &[u8]), &[u8]) {
    let (length, head) = match der[1] {
        short @ 0..=0x7f => (usize::from(short), 2),
        long => {
            let bytes = usize::from(long & 0x7f);
            (der[2..2 + bytes].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), 2 + bytes)
        }
    };
    ((der[0], &der[head..head + length]), &der[head + length..])
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let (mut out, mut bytes) = (Vec::new(), text.bytes());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap_or(b'0'), bytes.next().unwrap_or(b'0')];
                u8::from_str_radix(&String::from_utf8_lossy(&digits), 16).unwrap_or(0)
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() || b"-._*".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn base64(bytes: &[u8]) -> String {
    let group = |chunk: &[u8]| {
        let all = chunk.iter().chain(&[0, 0]).take(3).fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
        let chars = (0..=chunk.len()).map(move |at| char::from(URL[all >> (18 - 6 * at) & 63]));
        chars.collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

fn standard_base64(bytes: &[u8]) -> String {
    let text = base64(bytes).replace('-', "+").replace('_', "/");
    format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4))
}
