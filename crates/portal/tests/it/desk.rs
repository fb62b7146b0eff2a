//! A portal for tests, people in it, and browsers without a screen.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::Response,
};
use control::live::{Control, Shelf};
use door::vault::Vault;
use facts::{Actor, Environment, Fact, FactId, InstanceAdded};
use journal::{Journal, Location, people::Person};
use portal::{
    people::{self, NewPerson},
    server::{Admitted, App, Config, router},
};
use spans::{Instant, Length};
use tower::ServiceExt;

pub(crate) const HOST: &str = "portal.example";
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) journal: Arc<Journal>,
    pub(crate) control: Arc<Control>,
    router: Router,
    seconds: Arc<AtomicI64>,
    folder: PathBuf,
}

/// Staff without and with the administrator's role, people of two clients, and one of the first who may no longer come in.
pub(crate) const PEOPLE: [(&str, Option<&str>, &[&str]); 5] = [
    ("sam", None, &["manager", "support"]),
    ("ann", None, &["administrator"]),
    ("bo", Some("acme"), &["contact", "administrator"]),
    ("cy", Some("beta"), &["contact"]),
    ("dora", Some("acme"), &["contact"]),
];

/// With a key that seals second factors.
fn sealed(origin: &str) -> Config {
    Config::new(origin).unwrap().sealed_by(Vault::new(&[[7; 32]]).unwrap())
}

impl Desk {
    pub(crate) fn new() -> Desk {
        Desk::at(&format!("https://{HOST}"))
    }

    pub(crate) fn at(origin: &str) -> Desk {
        Desk::under(origin, Shelf::default())
    }

    /// With these agreement files at hand.
    pub(crate) fn under(origin: &str, shelf: Shelf) -> Desk {
        let (location, folder) = Desk::somewhere();
        Desk::kept_in(&location, folder, origin, shelf)
    }

    /// Which asks the provider's people for a second factor.
    pub(crate) fn strict(shelf: Shelf) -> Desk {
        Desk::with(&format!("https://{HOST}"), shelf, |config| config)
    }

    /// With other settings; it asks the provider's people for a second factor unless they say otherwise.
    pub(crate) fn with(origin: &str, shelf: Shelf, change: impl FnOnce(Config) -> Config) -> Desk {
        let (location, folder) = Desk::somewhere();
        Desk::configured(&location, folder, change(sealed(origin)), shelf)
    }

    fn somewhere() -> (Location, PathBuf) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("uphold-portal-{}-{n}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        (Location::Sqlite(folder.join("journal.db")), folder)
    }

    /// With its journal in another place; the folder goes with it. A password is enough, for staff too.
    pub(crate) fn kept_in(location: &Location, folder: PathBuf, origin: &str, shelf: Shelf) -> Desk {
        Desk::configured(location, folder, sealed(origin).without_second_factor(), shelf)
    }

    fn configured(location: &Location, folder: PathBuf, config: Config, shelf: Shelf) -> Desk {
        let journal = Arc::new(Journal::open(location).unwrap());
        let seconds = Arc::new(AtomicI64::new(1_800_000_000));
        let clock = seconds.clone();
        let now = move || Instant::from_second(clock.load(Ordering::Relaxed));
        let random = Box::new(|| {
            static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
            let mut bytes = [0; 10];
            bytes[2..].copy_from_slice(&NUMBER.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            bytes
        });
        let control = Arc::new(Control::open(journal.clone(), shelf, random, now()).unwrap());
        let app = App::new(control.clone(), config, now);
        let desk = Desk { router: router(&app), app, journal, control, seconds, folder };
        for (login, client, roles) in PEOPLE {
            desk.add(login, client, roles);
        }
        desk.instance("acme", "wiki");
        desk.instance("beta", "forum");
        desk
    }

    fn add(&self, login: &str, client: Option<&str>, roles: &[&str]) -> Person {
        self.add_named(login, &format!("Name of {login}"), client, roles)
    }

    pub(crate) fn add_named(&self, login: &str, name: &str, client: Option<&str>, roles: &[&str]) -> Person {
        self.add_skilled(login, name, client, roles, &[])
    }

    /// One password hash for all: hashing is slow on purpose.
    pub(crate) fn add_skilled(
        &self,
        login: &str,
        name: &str,
        client: Option<&str>,
        roles: &[&str],
        skills: &[&str],
    ) -> Person {
        static PHC: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        let new = NewPerson {
            login: login.to_owned(),
            name: name.to_owned(),
            client: client.map(|client| client.parse().unwrap()),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
        };
        let person = people::add(&self.journal, &new, self.now()).unwrap();
        let (id, phc) = (person.id.clone(), PHC.get_or_init(|| door::password::hash(PASSWORD).unwrap()));
        self.journal.write::<_, journal::Error>(move |tx| tx.set_password(&id, phc)).unwrap();
        person
    }

    pub(crate) fn instance(&self, client: &str, name: &str) {
        let body = InstanceAdded {
            instance: name.parse().unwrap(),
            name: format!("Instance {name}"),
            url: None,
            environment: Environment::Production,
            software: None,
            from: self.now(),
            until: None,
        };
        let mut random = [0; 10];
        random[..name.len().min(10)].copy_from_slice(&name.as_bytes()[..name.len().min(10)]);
        let at = self.now();
        let client: facts::ClientId = client.parse().unwrap();
        let fact = Fact {
            id: FactId::v7(at, random),
            client: client.clone(),
            at,
            recorded_at: at,
            actor: Actor::automaton("test"),
            body: body.into(),
        };
        self.journal.append(&client, &[fact], None).unwrap();
    }

    /// The portal as it is after a restart: over the same journal, and remembering nothing of its own.
    pub(crate) fn restart(&mut self) {
        let clock = self.seconds.clone();
        let now = move || Instant::from_second(clock.load(Ordering::Relaxed));
        self.app = App::new(self.control.clone(), self.app.config().clone(), now);
        self.router = router(&self.app);
    }

    /// Where its journal lies.
    pub(crate) fn store_path(&self) -> PathBuf {
        self.folder.join("journal.db")
    }

    /// Pages that are told of changes now.
    pub(crate) fn streams(&self) -> u64 {
        self.app.live().streams()
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::from_second(self.seconds.load(Ordering::Relaxed))
    }

    pub(crate) fn wait(&self, length: Length) {
        self.seconds.fetch_add(length.as_micros() / 1_000_000, Ordering::Relaxed);
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { desk: self, cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// A browser in which somebody is signed in.
    pub(crate) async fn signed_in(&self, login: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let answer = browser.sign_in(login, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    pub(crate) fn disable(&self, login: &str) {
        let (person, _) = self.journal.read(|tx| tx.person_by_login(login)).unwrap().unwrap();
        let at = self.now();
        assert!(
            self.journal.write::<_, journal::Error>(move |tx| tx.disable_person(&person.id, at)).unwrap()
        );
    }

    /// An answer that may not end.
    pub(crate) async fn open(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let admitted = response.extensions().get::<Admitted>().is_some();
        let (status, headers) = (response.status(), response.headers().clone());
        let stream = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let bytes =
            if stream { Vec::new() } else { to_bytes(response.into_body(), 4 << 20).await.unwrap().to_vec() };
        Answer { status, headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes, admitted }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// The same where it is no text.
    pub(crate) bytes: Vec<u8>,
    /// Whether a handler answered, not the guard.
    pub(crate) admitted: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

pub(crate) struct Browser<'d> {
    pub(crate) desk: &'d Desk,
    pub(crate) cookies: BTreeMap<String, String>,
    headers: Vec<(&'static str, String)>,
}

impl Browser<'_> {
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.request(Method::GET, path, "").await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.request(Method::POST, path, form).await
    }

    pub(crate) async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        self.post("/sign-in", &format!("login={login}&password={}", password.replace(' ', "+"))).await
    }

    pub(crate) async fn request(&mut self, method: Method, path: &str, form: &str) -> Answer {
        self.send(method, path, "application/x-www-form-urlencoded", form).await
    }

    /// As a form with a file is sent, its parts apart by `boundary`.
    pub(crate) async fn multipart(&mut self, path: &str, boundary: &str, body: &str) -> Answer {
        self.send(Method::POST, path, &format!("multipart/form-data; boundary={boundary}"), body).await
    }

    pub(crate) async fn json(&mut self, method: Method, path: &str, body: &str) -> Answer {
        self.send(method, path, "application/json", body).await
    }

    async fn send(&mut self, method: Method, path: &str, kind: &str, form: &str) -> Answer {
        self.bytes(method, path, kind, form.as_bytes().to_vec()).await
    }

    /// A body that is no text.
    pub(crate) async fn bytes(&mut self, method: Method, path: &str, kind: &str, form: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        if !self.cookies.is_empty() {
            let all: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, all.join("; "));
        }
        if !form.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = self.desk.send(request.body(Body::from(form)).unwrap()).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        answer
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, rest) = cookie.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        if rest.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
