//! A real browser for tests: Debian's Chromium without a screen, driven over the W3C WebDriver protocol.
//!
//! One `chromedriver` per test process, one browser with a profile of its own per story. Everything is gone when the process ends,
//! however it ends. The protocol is JSON over HTTP on loopback, so the client is a socket and these lines, not a crate.

use std::{
    env, fs,
    io::{Error, ErrorKind, Read, Result, Write},
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

const MISSING: &str = "Chromium's driver is needed by the tests and was not found: run `apt-get install chromium chromium-driver`";
/// How long the driver may take to start, and an answer to come.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);
/// How often a page is asked whether it is as awaited, every 50 ms.
const LOOKS_MAX: u32 = 200;
/// Bytes of one answer: a screenshot of a long page is some of them.
const ANSWER_BYTES_MAX: u64 = 64 << 20;
/// What WebDriver calls an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What kind of browser a story is told in.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The window, in CSS pixels.
    pub width: u32,
    /// The window, in CSS pixels.
    pub height: u32,
    /// The system asks for dark pages.
    pub dark: bool,
    /// Pages run no script.
    pub script_blocked: bool,
}

impl Kind {
    /// A desk: 1280 by 900, light, with script.
    pub const DESK: Kind = Kind { width: 1_280, height: 900, dark: false, script_blocked: false };
    /// A small telephone.
    pub const PHONE: Kind = Kind { width: 360, height: 780, ..Kind::DESK };
}

/// An open browser. Dropping it closes it.
pub struct Browser {
    port: u16,
    session: String,
}

impl Browser {
    /// Opens one.
    ///
    /// # Panics
    /// When there is no driver or it opens none: a story that skips proves nothing. So do all other methods when the page is not
    /// as the story says, with what was looked for.
    pub fn open(kind: Kind) -> Browser {
        let port = driver();
        let answer =
            send(port, "POST", "/session", &json!({ "capabilities": { "alwaysMatch": capabilities(kind) } }))
                .unwrap_or_else(|e| panic!("no browser: {e}"));
        let session =
            answer["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}")).to_owned();
        Browser { port, session }
    }

    /// Goes to an address and waits until the page is loaded.
    pub fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// The address.
    pub fn url(&self) -> String {
        self.get("/url").as_str().unwrap_or_default().to_owned()
    }

    /// The text of the first element a CSS selector finds, as it is seen.
    pub fn text(&self, selector: &str) -> String {
        let read = || self.call("GET", &format!("/element/{}/text", self.find(selector)), &Value::Null);
        // A page that draws itself anew puts another element in its place: that one is read then.
        let text = read().or_else(|_| read()).unwrap_or_else(|e| panic!("`{selector}` cannot be read: {e}"));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// How many elements a CSS selector finds.
    pub fn count(&self, selector: &str) -> usize {
        let found = self.post("/elements", &json!({ "using": "css selector", "value": selector }));
        found.as_array().map_or(0, Vec::len)
    }

    /// Clicks.
    pub fn click(&self, selector: &str) {
        let element = self.find(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Clicks what leads to another page, and waits until the page it stood on is gone and the next one is there.
    pub fn follow(&self, selector: &str) {
        let page = self.find("html");
        self.click(selector);
        self.wait("another page", |b| {
            let left = b.call("GET", &format!("/element/{page}/name"), &Value::Null).is_err();
            left && b.is_loaded()
        });
    }

    /// Types into a field, after emptying it.
    pub fn fill(&self, selector: &str, text: &str) {
        let element = self.find(selector);
        self.post(&format!("/element/{element}/clear"), &json!({}));
        self.post(&format!("/element/{element}/value"), &json!({ "text": text }));
    }

    /// Presses keys one after the other, wherever the focus is. Those without a letter have code points of WebDriver:
    /// [`key`] has names for them. Held keys are released at the end.
    /// A page still loading has no script yet that hears them, so it is waited for.
    pub fn press(&self, keys: &str) {
        self.wait("a loaded page", Browser::is_loaded);
        let down_and_up = keys.chars().flat_map(|key| {
            let up = json!({ "type": "keyUp", "value": key.to_string() });
            let down = json!({ "type": "keyDown", "value": key.to_string() });
            if key == key::CONTROL { vec![down] } else { vec![down, up] }
        });
        let actions: Vec<Value> = down_and_up.collect();
        self.post("/actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] }));
        self.call("DELETE", "/actions", &json!({})).unwrap_or_else(|e| panic!("keys are not released: {e}"));
    }

    /// Runs script in the page and gives what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs script whose last argument is a function to be called with the result.
    pub fn run_until_called(&self, script: &str) -> Value {
        self.post("/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Looks again and again until it is so.
    pub fn wait(&self, what: &str, is_so: impl Fn(&Browser) -> bool) {
        for _ in 0..LOOKS_MAX {
            if is_so(self) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("{what}: not so after {LOOKS_MAX} looks, at {}: {}", self.url(), self.standing());
    }

    /// What a story that stands still is told with: what has the focus, which dialogs are there, what was complained about.
    fn standing(&self) -> String {
        let script = "return [document.readyState, document.hasFocus(), document.activeElement?.outerHTML.slice(0, 200),
            ...[...document.querySelectorAll('dialog, details[open]')].map(e => e.outerHTML.slice(0, 200))]";
        let seen = self.call("POST", "/execute/sync", &json!({ "script": script, "args": [] }));
        format!("{} {:?}", seen.unwrap_or_default(), self.complaints())
    }

    /// Its scripts have run: an address changes before they do.
    fn is_loaded(&self) -> bool {
        let asked = json!({ "script": "return document.readyState", "args": [] });
        self.call("POST", "/execute/sync", &asked).is_ok_and(|state| state == "complete")
    }

    /// A cookie as the browser keeps it.
    pub fn cookie(&self, name: &str) -> Option<Value> {
        self.get("/cookie").as_array()?.iter().find(|cookie| cookie["name"] == name).cloned()
    }

    /// Gives the browser a device that holds passkeys and whose owner has just unlocked it.
    pub fn gets_passkeys(&self) {
        let device = json!({ "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserConsenting": true, "isUserVerified": true });
        self.post("/webauthn/authenticator", &device);
    }

    /// What pages complained about since it was asked last: refused by policy, failed, missing.
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({ "type": "browser" }));
        let lines = entries.as_array().into_iter().flatten().filter_map(|entry| entry["message"].as_str());
        lines.map(str::to_owned).collect()
    }

    /// Keeps a picture of the window under `target/screenshots`, for people to look at.
    pub fn picture(&self, name: &str) {
        let encoded = self.get("/screenshot");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots");
        let bytes = unbase64(encoded.as_str().unwrap_or_default());
        let kept =
            fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(format!("{name}.png")), bytes));
        kept.unwrap_or_else(|e| panic!("the picture {name} cannot be kept: {e}"));
    }

    /// Looks again for a while: between two pages there is none of it.
    fn find(&self, selector: &str) -> String {
        let asked = json!({ "using": "css selector", "value": selector });
        let mut found = self.call("POST", "/element", &asked);
        for _ in 0..LOOKS_MAX {
            if found.is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
            found = self.call("POST", "/element", &asked);
        }
        let found = found.unwrap_or_else(|e| panic!("`{selector}` is not at {}: {e}", self.url()));
        found[ELEMENT].as_str().unwrap_or_default().to_owned()
    }

    fn get(&self, path: &str) -> Value {
        self.call("GET", path, &Value::Null).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.call("POST", path, body).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        send(self.port, method, &format!("/session/{}{path}", self.session), body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.call("DELETE", "", &Value::Null);
    }
}

/// Keys without a letter, as WebDriver numbers them.
pub mod key {
    /// Moves the focus.
    pub const TAB: char = '\u{e004}';
    /// Follows a link, presses a button, sends a form.
    pub const ENTER: char = '\u{e007}';
    /// Closes what is open.
    pub const ESCAPE: char = '\u{e00c}';
    /// Held until the other keys were pressed.
    pub const CONTROL: char = '\u{e009}';
    /// Moves among several of which one is chosen.
    pub const DOWN: char = '\u{e015}';
}

fn capabilities(kind: Kind) -> Value {
    let Kind { width, height, dark, script_blocked } = kind;
    let mut args = vec![
        "--headless".to_owned(),
        "--no-sandbox".to_owned(), // Tests run as root in CI, where Chromium refuses its sandbox.
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        format!("--window-size={width},{height}"),
    ];
    args.extend(dark.then(|| "--blink-settings=preferredColorScheme=0".to_owned()));
    let script = if script_blocked { 2 } else { 1 };
    let mut options = json!({
        "args": args,
        "prefs": { "profile.managed_default_content_settings.javascript": script },
    });
    if width < 500 {
        // A desktop window has a least width; a telephone's is emulated.
        options["mobileEmulation"] = json!({ "deviceMetrics": { "width": width, "height": height, "pixelRatio": 2, "mobile": true, "touch": true } });
    }
    json!({ "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } })
}

/// The port of this process's driver, started by whoever asks first.
fn driver() -> u16 {
    static DRIVER: OnceLock<Driver> = OnceLock::new();
    DRIVER.get_or_init(|| Driver::start().unwrap_or_else(|e| panic!("{e}"))).port
}

struct Driver {
    port: u16,
    /// Its pipe closes with our process, which ends the driver and its browsers.
    _watchdog: Mutex<(Child, Option<ChildStdin>)>,
}

impl Driver {
    fn start() -> Result<Driver> {
        let program = find_driver().ok_or_else(|| Error::new(ErrorKind::NotFound, MISSING))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = env::temp_dir().join(format!("uphold-browser-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let script = r#"trap "" INT TERM HUP
            TMPDIR="$2" HOME="$2" "$0" --port="$1" >/dev/null 2>&1 &
            cat >/dev/null
            rm -rf "$2"
            kill -KILL 0"#;
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(program).arg(port.to_string()).arg(&folder);
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = shell.spawn()?;
        let pipe = child.stdin.take();
        let driver = Driver { port, _watchdog: Mutex::new((child, pipe)) };
        driver.wait_until_ready()?;
        Ok(driver)
    }

    fn wait_until_ready(&self) -> Result<()> {
        for _ in 0..LOOKS_MAX {
            if send(self.port, "GET", "/status", &Value::Null).is_ok_and(|status| status["ready"] == true) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(Error::new(ErrorKind::TimedOut, "chromedriver does not say that it is ready"))
    }
}

fn find_driver() -> Option<PathBuf> {
    let folders =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let places = folders.into_iter().map(|folder| folder.join("chromedriver"));
    places.chain([PathBuf::from("/usr/lib/chromium/chromedriver")]).find(|path| path.is_file())
}

/// One request and its answer's `value`.
fn send(port: u16, method: &str, path: &str, body: &Value) -> Result<Value> {
    // A driver under load starts browsers one after the other.
    static STARTING: Mutex<()> = Mutex::new(());
    let _turn = (path == "/session").then(|| STARTING.lock().unwrap_or_else(PoisonError::into_inner));
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let answer = read_answer(&mut stream)?;
    let mut answer: Value = serde_json::from_slice(&answer)?;
    let value = answer["value"].take();
    match value["error"].as_str() {
        Some(error) => {
            Err(Error::other(format!("{error}: {}", value["message"].as_str().unwrap_or_default())))
        }
        None => Ok(value),
    }
}

/// The body, as long as its head says.
fn read_answer(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut part = [0; 16 << 10];
    loop {
        let read = stream.take(ANSWER_BYTES_MAX).read(&mut part)?;
        bytes.extend_from_slice(&part[..read]);
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head {
            let length = length(&bytes[..head]).ok_or_else(|| Error::other("an answer without a length"))?;
            if bytes.len() >= head + length {
                return Ok(bytes[head..head + length].to_vec());
            }
        }
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}

fn length(head: &[u8]) -> Option<usize> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    head.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok()
}

/// RFC 4648, as the driver writes pictures; anything else is skipped.
fn unbase64(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter_map(|byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    });
    let digits: Vec<u8> = digits.collect();
    let group = |four: &[u8]| {
        let bits =
            four.iter().fold(0u32, |bits, digit| bits << 6 | u32::from(*digit)) << (6 * (4 - four.len()));
        bits.to_be_bytes()[1..four.len().max(1)].to_vec()
    };
    digits.chunks(4).flat_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_decoded() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob")]
        {
            assert_eq!(unbase64(text), bytes.as_bytes());
        }
    }

    #[test]
    fn the_length_of_an_answer_is_read_whatever_its_case() {
        assert_eq!(length(b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n"), Some(17));
        assert_eq!(length(b"HTTP/1.1 200 OK\r\n\r\n"), None);
    }
}
