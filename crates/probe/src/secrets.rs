//! What a question names and only this machine knows: passwords and keys, given to a vantage point by who runs it.
//!
//! A check is written by somebody who need not know the secret, and must not learn it: so each is for one client and for the hosts
//! that are named with it, and goes nowhere else. It leaves over TLS alone, unless whoever gave it says otherwise. No fact, no report,
//! no reason and no log holds one.

use std::collections::BTreeMap;
use std::fmt;

use facts::{Cause, ClientId, what::SecretName};
use serde::Deserialize;

use crate::look::Fault;

/// The most secrets of one vantage point.
pub const SECRETS_MAX: usize = 1_000;
/// The most bytes of one.
const SECRET_BYTES_MAX: usize = 4_096;

/// The secrets of a vantage point.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<(ClientId, SecretName), Secret>);

#[derive(Clone)]
struct Secret {
    value: String,
    hosts: Vec<String>,
    clear: bool,
}

/// As it is written down: a list of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// As questions name it.
    name: SecretName,
    /// Whose checks may name it.
    client: ClientId,
    /// The hosts it may be sent to, as the check writes them: names or addresses.
    hosts: Vec<String>,
    /// The secret itself.
    value: String,
    /// Whether it may also go without TLS.
    #[serde(default)]
    clear: bool,
}

/// Why a list of secrets is not taken. It repeats nothing of the list.
#[derive(Debug, thiserror::Error)]
pub enum BadSecrets {
    /// Not the expected JSON.
    #[error("line {line}, column {column}: not a list of secrets, each with name, client, hosts and value")]
    Shape {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// One of them breaks a limit.
    #[error("secret {name} of {client}: {problem}")]
    Secret {
        /// Its name.
        name: SecretName,
        /// Whose.
        client: ClientId,
        /// What is wrong.
        problem: &'static str,
    },
    /// More than [`SECRETS_MAX`].
    #[error("{0} secrets, at most 1,000 are kept")]
    TooMany(usize),
}

/// Where a secret is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct For<'l> {
    /// Whose check; a reference point is nobody's.
    pub(crate) client: Option<&'l ClientId>,
    /// Who would get it.
    pub(crate) host: &'l str,
    /// Whether it goes over TLS.
    pub(crate) tls: bool,
}

impl Secrets {
    /// Reads a list: `[{"name": "db", "client": "acme", "hosts": ["db.acme.example"], "value": "…"}]`, with `"clear": true` for one
    /// that may go without TLS.
    ///
    /// # Errors
    /// What is wrong with it, without a word of it.
    pub fn read(json: &[u8]) -> Result<Secrets, BadSecrets> {
        let written: Vec<Written> = serde_json::from_slice(json)
            .map_err(|error| BadSecrets::Shape { line: error.line(), column: error.column() })?;
        if written.len() > SECRETS_MAX {
            return Err(BadSecrets::TooMany(written.len()));
        }
        let mut kept = BTreeMap::new();
        for Written { name, client, hosts, value, clear } in written {
            let problem =
                |problem| BadSecrets::Secret { name: name.clone(), client: client.clone(), problem };
            if hosts.is_empty() {
                return Err(problem("say for which hosts it is"));
            }
            if value.is_empty() || value.len() > SECRET_BYTES_MAX || value.chars().any(char::is_control) {
                return Err(problem("a secret is 1 to 4,096 bytes, without control characters"));
            }
            let hosts = hosts.iter().map(|host| plain(host)).collect();
            let twice = kept.insert((client.clone(), name.clone()), Secret { value, hosts, clear }).is_some();
            if twice {
                return Err(problem("it is listed twice"));
            }
        }
        Ok(Secrets(kept))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The secret of that name, where it may go there.
    pub(crate) fn get(&self, name: &str, wanted: For<'_>) -> Result<&str, Fault> {
        let name: SecretName = name.parse().map_err(|_| lacking(name, "there is none of this name"))?;
        let of = wanted.client.map(|client| (client.clone(), name.clone()));
        let secret = of.and_then(|of| self.0.get(&of));
        let secret =
            secret.ok_or_else(|| lacking(name.as_str(), "there is none of this name for this client"))?;
        if !secret.hosts.contains(&plain(wanted.host)) {
            return Err(lacking(name.as_str(), "it is not for this host"));
        }
        if !wanted.tls && !secret.clear {
            return Err(lacking(name.as_str(), "it goes over TLS only"));
        }
        Ok(&secret.value)
    }
}

fn lacking(name: &str, why: &str) -> Fault {
    Fault::ours(Cause::Secret, format!("secret {name}: {why}"))
}

fn plain(host: &str) -> String {
    host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()
}

/// How many, and nothing of them.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use facts::Outcome;

    const LIST: &str = r#"[{"name":"db","client":"acme","hosts":["DB.acme.example","10.0.0.5"],"value":"s3cret"},
        {"name":"cache","client":"acme","hosts":["10.0.0.5"],"value":"in-the-clear","clear":true}]"#;

    #[test]
    fn a_secret_goes_to_its_client_and_its_hosts_and_nowhere_else() {
        let secrets = Secrets::read(LIST.as_bytes()).unwrap();
        let (acme, other): (ClientId, ClientId) = ("acme".parse().unwrap(), "other".parse().unwrap());
        let get = |name, client, host, tls| secrets.get(name, For { client, host, tls });
        assert_eq!(get("db", Some(&acme), "db.acme.example.", true).unwrap(), "s3cret");
        assert_eq!(get("cache", Some(&acme), "10.0.0.5", false).unwrap(), "in-the-clear");
        for (name, client, host, tls) in [
            ("db", Some(&other), "db.acme.example", true),
            ("db", None, "db.acme.example", true),
            ("db", Some(&acme), "evil.example", true),
            ("db", Some(&acme), "db.acme.example.evil.example", true),
            ("db", Some(&acme), "db.acme.example", false),
            ("nothing", Some(&acme), "db.acme.example", true),
        ] {
            let fault = get(name, client, host, tls).unwrap_err();
            assert_eq!((fault.outcome(), fault.cause()), (Outcome::Void, Cause::Secret));
            assert!(!fault.reason().as_str().contains("s3cret"));
        }
    }

    #[test]
    fn a_bad_list_is_refused_without_a_word_of_it() {
        for bad in [
            LIST.replace("\"value\"", "\"worth\""),
            LIST.replace("[\"10.0.0.5\"]", "[]"),
            LIST.replace("cache", "db"),
            LIST.replace("s3cret", "s3cret\\n"),
            LIST[..60].to_owned(),
        ] {
            let said = Secrets::read(bad.as_bytes()).unwrap_err().to_string();
            assert!(!said.contains("s3cret") && !said.contains("in-the-clear"), "{said}");
        }
        assert_eq!(format!("{:?}", Secrets::read(LIST.as_bytes()).unwrap()), "2 secrets");
    }
}
