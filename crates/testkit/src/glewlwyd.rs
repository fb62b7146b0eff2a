//! An OpenID provider that is not ours: Debian's Glewlwyd in a scratch folder, on loopback, over SQLite.
//!
//! Our own ([`crate::openid`]) lies when it is told to, but was written by those who wrote what asks it. This one was not.
//! It runs at the date of the test desk (through `libfaketime`), since its tokens end. All of it is gone when the process
//! ends, however it ends.

use std::{
    env, fs,
    io::{Error, Read, Result, Write},
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use rcgen::{KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

/// What we are called there.
pub const CLIENT: &str = "uphold";
/// What we show to be that. Glewlwyd takes it as it comes and undoes no form encoding (RFC 6749, 2.3.1), so there is
/// nothing in it that would be encoded.
pub const SECRET: &str = "a-secret-of-the-test";

const MISSING: &str = "Glewlwyd is needed by the tests and was not found: run `cargo xtask test openid`, which installs \
    Debian's packages glewlwyd and faketime";
/// Its tables, as Debian's package keeps them.
const TABLES: &str = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3";
/// The desk's clock stands still at this second; Glewlwyd's goes on from there.
const DATE: &str = "@2027-01-15 08:00:00";
/// How often it is asked whether it is there, every 50 ms.
const LOOKS_MAX: u32 = 200;
/// How long an answer may take.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(20);
/// Who is known there, and by what.
const PERSON: (&str, &str) = ("bo", "a password there");
/// Who sets it up: its tables begin with this one.
const ADMIN: (&str, &str) = ("admin", "password");

/// A running Glewlwyd. Dropping it stops it and removes its folder; so does the end of the process.
pub struct Glewlwyd {
    port: u16,
    folder: PathBuf,
    /// Where it sends people back to.
    back: String,
    /// Its pipe closes with our process, which ends the server.
    watchdog: (Child, Option<ChildStdin>),
}

impl Glewlwyd {
    /// One that knows `bo` and sends people back to `client_redirect`.
    ///
    /// # Panics
    /// When it is missing or does not start: a test that skips proves nothing. So do all other methods when it answers
    /// as no provider would.
    pub fn start(client_redirect: &str) -> Glewlwyd {
        let found = ["glewlwyd", "faketime", "sqlite3"].into_iter().all(is_on_path);
        assert!(found && Path::new(TABLES).exists(), "{MISSING}");
        let start = || Glewlwyd::try_start(client_redirect);
        // Once more: somebody may have taken the free port in between.
        let glewlwyd = start().or_else(|_| start()).unwrap_or_else(|e| panic!("no Glewlwyd: {e}"));
        glewlwyd.set_up();
        glewlwyd
    }

    /// What it calls itself.
    pub fn issuer(&self) -> String {
        format!("{}/api/oidc", self.address())
    }

    /// What it calls `bo`, once it has told somebody.
    pub fn subject(&self) -> String {
        let mut sqlite = Command::new("sqlite3");
        sqlite.args(["-readonly", "-cmd", ".timeout 5000"]).arg(self.folder.join("db"));
        let sql = "SELECT gposi_sub FROM gpo_subject_identifier WHERE gposi_username = 'bo'";
        let output = sqlite.arg(sql).output().expect("sqlite3 runs");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What a browser does there that comes for the first time: it is asked who it is, `bo` signs in and agrees, and is
    /// sent back. Gives the path and query of the way back.
    pub fn visited(&self, url: &str) -> String {
        let path = url.strip_prefix(&self.address()).expect("an address of Glewlwyd").to_owned();
        let asked = self.ask("GET", &path, "", &Value::Null);
        let page = format!("{}/login.html?", self.address());
        assert!(asked.status == 302 && asked.header("location").starts_with(&page), "{asked:?}");
        let cookie = self.signed_in(PERSON);
        // Its page asks for this and then goes where it came from, saying that it was there.
        self.done("PUT", &format!("/api/auth/grant/{CLIENT}/"), &cookie, &json!({ "scope": "openid" }));
        let sent = self.ask("GET", &format!("{path}&g_continue"), &cookie, &Value::Null);
        let back = sent.header("location");
        assert!(sent.status == 302 && back.starts_with(&format!("{}?", self.back)), "{sent:?}");
        format!("/{}", back.splitn(4, '/').nth(3).expect("a path"))
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn try_start(back: &str) -> Result<Glewlwyd> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("uphold-glewlwyd-{}-{n}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        fs::write(folder.join("conf"), configuration(port, &folder))?;
        // The library leaves shared memory behind in a process that is killed, under its number.
        let script = r#"trap "" INT TERM HUP
            { echo "PRAGMA synchronous = OFF;"; cat "$1"; } | sqlite3 "$0/db"
            LD_PRELOAD=$(faketime -f +0 printenv LD_PRELOAD) FAKETIME="$2" FAKETIME_DONT_FAKE_MONOTONIC=1 TZ=UTC \
                glewlwyd --config-file="$0/conf" >"$0/log" 2>&1 &
            cat >/dev/null
            kill -KILL $!
            wait
            rm -rf "$0" /dev/shm/faketime_shm_$! /dev/shm/sem.faketime_sem_$!"#;
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(&folder).args([TABLES, DATE]);
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = shell.spawn()?;
        let pipe = child.stdin.take();
        let glewlwyd = Glewlwyd { port, folder, back: back.to_owned(), watchdog: (child, pipe) };
        glewlwyd.wait_until_ready()?;
        Ok(glewlwyd)
    }

    fn wait_until_ready(&self) -> Result<()> {
        let look = || exchange(self.port, "GET", "/config", "", &Value::Null);
        for _ in 0..LOOKS_MAX {
            if look().is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(Error::other(format!("it does not say that it is ready: {log}")))
    }

    /// Makes it a provider that knows us and `bo`.
    fn set_up(&self) {
        let admin = self.signed_in(ADMIN);
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("a key");
        let plugin = json!({
            "module": "oidc", "name": "oidc", "display_name": "OpenID Connect", "enabled": true,
            "parameters": {
                "iss": self.issuer(), "jwt-type": "rsa", "jwt-key-size": "256",
                "key": key.serialize_pem(), "cert": key.public_key_pem(),
                "code-duration": 600, "access-token-duration": 3_600, "refresh-token-duration": 3_600,
                "auth-type-code-enabled": true, "oauth-as-iss-id": true,
                "pkce-allowed": true, "pkce-required": true, "pkce-method-plain-allowed": false,
            },
        });
        self.done("POST", "/api/mod/plugin/", &admin, &plugin);
        let (login, password) = PERSON;
        let person = json!({ "username": login, "password": password, "name": "Bo", "scope": ["openid"] });
        self.done("POST", "/api/user/", &admin, &person);
        let client = json!({
            "client_id": CLIENT, "name": "Uphold", "confidential": true, "password": SECRET, "enabled": true,
            "redirect_uri": [self.back], "authorization_type": ["code"], "scope": [],
            "token_endpoint_auth_method": ["client_secret_basic"],
        });
        self.done("POST", "/api/client/", &admin, &client);
    }

    /// The cookie of a new session.
    fn signed_in(&self, (login, password): (&str, &str)) -> String {
        let sent = json!({ "username": login, "password": password });
        let answer = self.done("POST", "/api/auth/", "", &sent);
        answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }

    fn done(&self, method: &str, path: &str, cookie: &str, body: &Value) -> Answer {
        let answer = self.ask(method, path, cookie, body);
        assert_eq!(answer.status, 200, "{method} {path}: {answer:?}");
        answer
    }

    fn ask(&self, method: &str, path: &str, cookie: &str, body: &Value) -> Answer {
        exchange(self.port, method, path, cookie, body).unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }
}

impl Drop for Glewlwyd {
    fn drop(&mut self) {
        let (shell, pipe) = &mut self.watchdog;
        drop(pipe.take());
        let _ = shell.wait();
    }
}

/// An answer's status, and all of it.
#[derive(Debug)]
struct Answer {
    status: u16,
    text: String,
}

impl Answer {
    /// The first line of this name, names without regard to case.
    fn header(&self, name: &str) -> &str {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        let mut pairs = head.lines().filter_map(|line| line.split_once(':'));
        pairs.find(|(found, _)| found.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value.trim())
    }
}

/// One request over a connection of its own. No redirect is followed.
fn exchange(port: u16, method: &str, path: &str, cookie: &str, body: &Value) -> Result<Answer> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\ncookie: {cookie}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut bytes = Vec::new();
    stream.take(1 << 20).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(Answer { status: status.ok_or_else(|| Error::other(format!("no HTTP: {text}")))?, text })
}

fn is_on_path(program: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// What it would not assume by itself.
fn configuration(port: u16, folder: &Path) -> String {
    format!(
        r#"port = {port}
bind_address = "127.0.0.1"
external_url = "http://127.0.0.1:{port}"
cookie_domain = "127.0.0.1"
cookie_secure = 0
log_mode = "console"
user_module_path = "/usr/lib/glewlwyd/user"
user_auth_scheme_module_path = "/usr/lib/glewlwyd/scheme"
client_module_path = "/usr/lib/glewlwyd/client"
plugin_module_path = "/usr/lib/glewlwyd/plugin"
database = {{ type = "sqlite3"; path = "{}/db"; }};
"#,
        folder.display()
    )
}
