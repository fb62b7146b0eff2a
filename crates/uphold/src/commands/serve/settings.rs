//! The settings of `uphold serve`, read once: what was said last counts, and every mistake is told, before anything is made.

use std::{
    fmt::Display,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

use control::live::{CALL_WAITS, TIMES_KEPT_BOUNDS};
use courier::mail::{MailSettings, RawMail};
use journal::Location;
use portal::server::Config;
use spans::Length;
use toml::{Table, Value};
use wire::{Family, Http, Icmp, REFERENCES_MAX, Reference, Tcp, What};

use super::{LISTEN, ServeCommand, paper};
use crate::{
    files,
    service::{Place, Settings},
    trouble::Trouble,
};

/// The longest password file.
const PASSWORD_BYTES_MAX: u64 = 4 * 1024;
/// The longest settings file.
const BYTES_MAX: u64 = 256 * 1024;
/// How long a reference point may take, in milliseconds.
const REFERENCE_TIMEOUT_MS: u32 = 2_000;
/// What a settings file may say, as on the command line.
const KEYS: [&str; 22] = [
    "store",
    "agreements",
    "listen",
    "origin",
    "files",
    "proxies",
    "allow",
    "secrets",
    "vantage",
    "no_looks",
    "references",
    "mail_host",
    "mail_port",
    "mail_security",
    "mail_user",
    "mail_password_file",
    "mail_from",
    "push_key",
    "call_after",
    "keep_times",
    "key",
    "elsewhere",
];

/// Settings that can be used, or everything that is wrong with them.
pub(super) fn read(said: ServeCommand) -> Result<Settings, Trouble> {
    let mut reader = Reader::of(said.config.as_deref());
    let store = reader.one(said.store, "store", Some("uphold.db"));
    let listen = reader.one(said.listen, "listen", Some(LISTEN));
    let vantage = reader.one(said.vantage, "vantage", Some("control"));
    let looks = !reader.flag(said.no_looks, "no_looks");
    let origin: Option<String> = reader.one(said.origin, "origin", None);
    let apart: Option<String> = reader.one(said.files, "files", None);
    let proxies = reader.all(said.proxies, "proxies");
    let allow = reader.all(said.allow, "allow");
    let secrets = reader.secrets(said.secrets);
    let files = said.agreements.iter().map(|path| path.display().to_string()).collect();
    let papers = reader.list(files, "agreements");
    let papers = papers.into_iter().filter_map(|path| reader.note("agreements", paper(&PathBuf::from(path))));
    let papers = papers.collect();
    let references = reader.references(said.references);
    let raw = RawMail {
        host: reader.one(said.mail_host, "mail_host", None),
        port: reader.one(said.mail_port, "mail_port", None),
        security: reader.one(said.mail_security, "mail_security", None),
        user: reader.one(said.mail_user, "mail_user", None),
        password: reader.password(said.mail_password_file),
        from: reader.one(said.mail_from, "mail_from", None),
    };
    let mail = reader.mail(raw);
    let push_key = reader.one(said.push_key, "push_key", None);
    let call_after = reader.call_after(said.call_after);
    let keep_times = reader.keep_times(said.keep_times);
    let key: Option<PathBuf> = reader.one(said.key, "key", None);
    let elsewhere = reader.elsewhere();
    if let Some(store) = &store {
        reader.refuse_no_folder(store);
    }
    reader.refuse_no_origin(origin.as_deref(), listen);
    reader.refuse_no_place_for_files(apart.as_deref(), origin.as_deref());
    let wrong = reader.end();
    match (store, listen, vantage) {
        (Some(store), Some(listen), Some(vantage)) if wrong.is_empty() => {
            let key = key.unwrap_or_else(|| beside(&store));
            let one_factor = false;
            Ok(Settings {
                store,
                papers,
                listen,
                origin,
                files: apart,
                proxies,
                allow,
                secrets,
                vantage,
                looks,
                key,
                elsewhere,
                one_factor,
                references,
                mail,
                push_key,
                call_after,
                keep_times,
            })
        }
        _ => Err(Trouble::usage(format!("the settings cannot be used:\n  {}", wrong.join("\n  ")))),
    }
}

/// The key file beside a journal that is a file, and where the server is started beside one that is not.
fn beside(store: &Location) -> PathBuf {
    match store {
        Location::Sqlite(path) => path.with_added_extension("key"),
        _ => PathBuf::from("uphold.key"),
    }
}

/// The settings file as far as it can be read, and what is wrong so far.
struct Reader {
    file: Table,
    wrong: Vec<String>,
}

impl Reader {
    fn of(path: Option<&Path>) -> Reader {
        let mut reader = Reader { file: Table::new(), wrong: Vec::new() };
        let Some(path) = path else { return reader };
        let text = reader.note("config", files::read_text(path, BYTES_MAX)).unwrap_or_default();
        match toml::from_str(&text) {
            Ok(table) => reader.file = table,
            Err(error) => reader.wrong.push(format!("{}: {error}", path.display())),
        }
        reader
    }

    /// What is right in it; what is wrong joins the rest.
    fn note<T, E: Display>(&mut self, key: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.wrong.push(format!("{key}: {error}"))).ok()
    }

    /// A value that was said, or what holds where nothing was.
    fn one<T: FromStr<Err: Display>>(
        &mut self,
        said: Option<String>,
        key: &str,
        otherwise: Option<&str>,
    ) -> Option<T> {
        let text = match (self.file.remove(key), said) {
            (_, Some(said)) => said,
            (Some(Value::String(text)), None) => text,
            (Some(other), None) => {
                self.wrong.push(format!("{key}: a text in quotes was expected, not {}", other.type_str()));
                return None;
            }
            (None, None) => otherwise?.to_owned(),
        };
        self.note(key, text.parse().map_err(|error| format!("`{text}`: {error}")))
    }

    /// Whether it was said, on the command line or as `true`.
    fn flag(&mut self, said: bool, key: &str) -> bool {
        match self.file.remove(key) {
            Some(Value::Boolean(is)) => is || said,
            Some(other) => {
                self.wrong.push(format!("{key}: true or false was expected, not {}", other.type_str()));
                said
            }
            None => said,
        }
    }

    /// Each of several that were said. What was said on the command line replaces the file's.
    fn all<T: FromStr<Err: Display>>(&mut self, said: Vec<String>, key: &str) -> Vec<T> {
        let texts = self.list(said, key);
        texts.into_iter().filter_map(|text| self.note(key, text.parse())).collect()
    }

    fn list(&mut self, said: Vec<String>, key: &str) -> Vec<String> {
        let texts: Vec<String> = match (self.file.remove(key), said.is_empty()) {
            (_, false) => said,
            (None, true) => Vec::new(),
            (Some(value), true) => {
                let list: Result<Vec<String>, _> = value.try_into();
                self.note(key, list.map_err(|_| "a list of texts was expected, as [\"…\", \"…\"]"))
                    .unwrap_or_default()
            }
        };
        texts.into_iter().filter(|text| !text.trim().is_empty()).collect()
    }

    /// Another place that signs people in: `[elsewhere]` with `name`, `issuer`, `client` and `secret_file`.
    fn elsewhere(&mut self) -> Option<Place> {
        let Value::Table(mut table) = self.file.remove("elsewhere")? else {
            self.wrong.push("elsewhere: a table was expected, as [elsewhere]".to_owned());
            return None;
        };
        let mut text = |key: &str| match table.remove(key) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let [name, issuer, client, secret] = ["name", "issuer", "client", "secret_file"].map(&mut text);
        for key in table.keys() {
            self.wrong.push(format!("`elsewhere.{key}` is no setting, or no text in quotes"));
        }
        let secret = match secret.map(|path| files::read_text(Path::new(&path), BYTES_MAX)) {
            Some(read) => self.note("elsewhere.secret_file", read).map(|text| text.trim().to_owned()),
            None => None,
        };
        let safe =
            |issuer: &String| issuer.starts_with("https://") || issuer.starts_with("http://127.0.0.1:");
        if issuer.as_ref().is_some_and(|issuer| !safe(issuer)) {
            self.wrong.push("elsewhere.issuer: an address that begins with https:// was expected".to_owned());
        }
        match (issuer, client) {
            (Some(issuer), Some(client)) => {
                let name = name.unwrap_or_else(|| "your organisation".to_owned());
                Some(Place { name, issuer, client, secret })
            }
            _ => {
                self.wrong.push("elsewhere: `issuer` and `client` are needed, texts in quotes".to_owned());
                None
            }
        }
    }

    /// None, or three to nine that can be asked.
    fn references(&mut self, said: Vec<String>) -> Vec<Reference> {
        let points = self.list(said, "references");
        let count = points.len();
        if count > 0 && !(3..=REFERENCES_MAX).contains(&count) {
            self.wrong.push(format!("references: {count} of them: name none, or three to nine"));
        }
        let read = |point: &String| reference(point).map_err(|problem| format!("`{point}`: {problem}"));
        let found = points.iter().filter_map(|point| self.note("references", read(point)));
        found.map(|what| Reference { what, timeout_ms: REFERENCE_TIMEOUT_MS }).collect()
    }

    /// What checks may name. The file says nothing of itself where it cannot be read.
    fn secrets(&mut self, said: Option<String>) -> probe::Secrets {
        let path: Option<String> = self.one(said, "secrets", None);
        let read = path.map(|path| probe::uplink::secrets_in(Path::new(&path)));
        read.and_then(|read| self.note("secrets", read)).unwrap_or_default()
    }

    /// What stands in the password file. It is no setting itself: what is typed or lies in the environment is read by others.
    fn password(&mut self, said: Option<String>) -> Option<String> {
        let path: String = self.one(said, "mail_password_file", None)?;
        self.note("mail_password_file", files::read_text(Path::new(&path), PASSWORD_BYTES_MAX))
    }

    fn mail(&mut self, raw: RawMail) -> Option<MailSettings> {
        match MailSettings::read(raw) {
            Ok(mail) => mail,
            Err(mistakes) => {
                self.wrong.extend(mistakes.into_iter().map(|mistake| mistake.replacen("mail.", "mail_", 2)));
                None
            }
        }
    }

    /// Whole minutes within what is allowed.
    fn call_after(&mut self, said: Option<String>) -> Option<Length> {
        let minutes: u16 = self.one(said, "call_after", None)?;
        let wait = Length::from_minutes(i64::from(minutes));
        if wait < CALL_WAITS.0 || CALL_WAITS.1 < wait {
            self.wrong.push(format!("call_after: 1 to 60 minutes, not {minutes}"));
            return None;
        }
        Some(wait)
    }

    /// Whole days within what is allowed.
    fn keep_times(&mut self, said: Option<String>) -> Option<Length> {
        let days: u16 = self.one(said, "keep_times", None)?;
        let kept = Length::from_hours(i64::from(days) * 24);
        if kept < TIMES_KEPT_BOUNDS.0 || TIMES_KEPT_BOUNDS.1 < kept {
            self.wrong.push(format!("keep_times: 31 to 3660 days, not {days}"));
            return None;
        }
        Some(kept)
    }

    fn refuse_no_folder(&mut self, store: &Location) {
        let Location::Sqlite(path) = store else { return };
        let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return };
        if !folder.is_dir() {
            let folder = folder.display();
            self.wrong.push(format!(
                "store: the folder {folder} is not there: make it first, with `install -d -m 700 {folder}`"
            ));
        }
    }

    /// What browsers show decides what is https and which host is ours; on this machine alone it can be read off the address.
    fn refuse_no_origin(&mut self, origin: Option<&str>, listen: Option<SocketAddr>) {
        match (origin, listen) {
            (Some(origin), _) => drop(self.note("origin", Config::new(origin))),
            (None, Some(listen)) if Config::new(&format!("http://{listen}")).is_err() => self.wrong.push(format!(
                "origin: is needed where {listen} is listened on, which is more than this machine: say what browsers show, such \
                 as https://desk.example, and let a proxy speak TLS for it"
            )),
            _ => {}
        }
    }

    /// Only beside an origin: what is read off the address is this machine, where there is no second host.
    fn refuse_no_place_for_files(&mut self, files: Option<&str>, origin: Option<&str>) {
        match (files, origin.and_then(|origin| Config::new(origin).ok())) {
            (Some(files), Some(config)) => drop(self.note("files", config.files_at(files))),
            (Some(_), None) if origin.is_none() => {
                self.wrong.push("files: needs `origin`, where the portal itself is".to_owned());
            }
            _ => {}
        }
    }

    /// All that is wrong, with the keys that nobody knows.
    fn end(mut self) -> Vec<String> {
        for key in self.file.keys() {
            self.wrong.push(format!("`{key}` is no setting: there are {}", KEYS.join(", ")));
        }
        self.wrong
    }
}

fn reference(point: &str) -> Result<What, &'static str> {
    let what = match point.split_once("://") {
        Some(("http" | "https", _)) => What::Http(Http::get(point)),
        Some(("tcp", place)) => {
            let (host, port) = place.rsplit_once(':').ok_or("the port is missing: tcp://HOST:PORT")?;
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            let port = port.parse().map_err(|_| "not a port: 1 to 65535")?;
            What::Tcp(Tcp { host, port, family: Family::Any })
        }
        Some(("icmp", host)) => What::Icmp(Icmp { host: host.to_owned(), family: Family::Any }),
        _ => return Err("https://HOST/, tcp://HOST:PORT or icmp://HOST was expected"),
    };
    what.problem().map_or(Ok(what), Err)
}
