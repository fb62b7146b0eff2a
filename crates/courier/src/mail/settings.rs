//! What an operator says of mail, and every mistake in it at once.

use std::net::IpAddr;

/// The port of submission (RFC 6409), of submission over TLS (RFC 8314).
const PORTS: (u16, u16) = (587, 465);

/// As it was written: each key where somebody wrote it.
#[derive(Debug, Clone, Default)]
pub struct RawMail {
    /// The server, as a name or an address.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<String>,
    /// `starttls`, `tls` or `none`.
    pub security: Option<String>,
    /// Who signs in.
    pub user: Option<String>,
    /// With what: the text of the password file.
    pub password: Option<String>,
    /// From whom mail comes.
    pub from: Option<String>,
}

/// Settings that fit together.
#[derive(Clone)]
pub struct MailSettings {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is protected.
    pub security: Security,
    /// User and password.
    pub login: Option<(String, String)>,
    /// From whom mail comes.
    pub from: Sender,
}

/// How the way to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS after a plain greeting (RFC 3207); without it nothing is sent.
    StartTls,
    /// TLS from the start (RFC 8314).
    Tls,
    /// None: on this machine only.
    Plain,
}

/// From whom mail comes.
#[derive(Debug, Clone)]
pub struct Sender(pub(super) lettre::message::Mailbox);

impl Sender {
    /// The address alone.
    pub fn address(&self) -> String {
        self.0.email.to_string()
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> Option<&str> {
        Some(self.0.email.domain())
    }
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let user = self.login.as_ref().map(|(user, _)| user);
        write!(f, "{}:{} {:?} as {user:?}", self.host, self.port, self.security)
    }
}

impl MailSettings {
    /// Reads what was written; nothing written at all means no mail.
    ///
    /// # Errors
    /// Every mistake, each a sentence that says what to do.
    pub fn read(raw: RawMail) -> Result<Option<MailSettings>, Vec<String>> {
        let RawMail { host, port, security, user, password, from } = raw;
        if [&host, &port, &security, &user, &password, &from].iter().all(|key| key.is_none()) {
            return Ok(None);
        }
        let mut mistakes = Vec::new();
        let host = host.filter(|host| is_host(host)).unwrap_or_else(|| {
            mistakes.push("mail.host: name the mail server, such as mail.example".to_owned());
            String::new()
        });
        let here = is_this_machine(&host);
        let security = match security.as_deref() {
            None if here => Security::Plain,
            None | Some("starttls") => Security::StartTls,
            Some("tls") => Security::Tls,
            Some("none") if here || host.is_empty() => Security::Plain,
            Some("none") => {
                mistakes.push(format!(
                    "mail.security: without TLS mail goes to this machine only, not to {host}"
                ));
                Security::StartTls
            }
            Some(other) => {
                mistakes.push(format!("mail.security: `{other}` is none of starttls, tls and none"));
                Security::StartTls
            }
        };
        let usual = if security == Security::Tls { PORTS.1 } else { PORTS.0 };
        let port = port.map_or(Some(usual), |port| port.parse().ok().filter(|port| *port != 0));
        if port.is_none() {
            mistakes.push("mail.port: a port is a number from 1 to 65535".to_owned());
        }
        let login = match (user, password) {
            (None, None) => None,
            (Some(user), Some(password)) => Some((user, password.trim_end_matches(['\r', '\n']).to_owned())),
            (Some(_), None) => {
                mistakes.push(
                    "mail.password_file: name the file that holds the password of mail.user".to_owned(),
                );
                None
            }
            (None, Some(_)) => {
                mistakes.push("mail.user: name who signs in with the password".to_owned());
                None
            }
        };
        if login.is_some() && security == Security::Plain {
            mistakes.push("mail.security: a password is sent under TLS only: use starttls or tls".to_owned());
        }
        let from = from.and_then(|from| from.parse().ok().map(Sender));
        if from.is_none() {
            mistakes.push("mail.from: name the sender, such as Support <support@example.com>".to_owned());
        }
        match (mistakes.is_empty(), port, from) {
            (true, Some(port), Some(from)) => Ok(Some(MailSettings { host, port, security, login, from })),
            _ => Err(mistakes),
        }
    }
}

fn is_host(host: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    !host.is_empty() && (host.parse::<IpAddr>().is_ok() || host.chars().all(is_name))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(host: &str, from: &str) -> RawMail {
        RawMail { host: Some(host.to_owned()), from: Some(from.to_owned()), ..RawMail::default() }
    }

    #[test]
    fn nothing_said_means_no_mail_and_little_is_enough() {
        assert!(MailSettings::read(RawMail::default()).unwrap().is_none());
        let read = MailSettings::read(raw("mail.example", "Support <support@example.com>")).unwrap().unwrap();
        assert_eq!((read.port, read.security), (587, Security::StartTls));
        let here = MailSettings::read(raw("127.0.0.1", "support@example.com")).unwrap().unwrap();
        assert_eq!(here.security, Security::Plain);
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let wrong = RawMail {
            host: Some("mail example".to_owned()),
            port: Some("0".to_owned()),
            security: Some("ssl".to_owned()),
            user: Some("ann".to_owned()),
            ..RawMail::default()
        };
        let mistakes = MailSettings::read(wrong).unwrap_err();
        let keys: Vec<&str> = mistakes.iter().filter_map(|text| text.split(':').next()).collect();
        assert_eq!(keys, ["mail.host", "mail.security", "mail.port", "mail.password_file", "mail.from"]);
    }

    #[test]
    fn without_tls_mail_stays_on_this_machine_and_a_password_is_never_sent() {
        let none = |host: &str| RawMail { security: Some("none".to_owned()), ..raw(host, "a@b.example") };
        assert!(MailSettings::read(none("localhost")).unwrap().is_some());
        assert!(MailSettings::read(none("mail.example")).unwrap_err()[0].contains("this machine only"));
        let login = RawMail {
            user: Some("ann".to_owned()),
            password: Some("secret\n".to_owned()),
            ..none("localhost")
        };
        assert!(MailSettings::read(login.clone()).unwrap_err()[0].contains("under TLS only"));
        let over_tls = RawMail { security: Some("tls".to_owned()), ..login };
        let read = MailSettings::read(over_tls).unwrap().unwrap();
        assert_eq!((read.port, read.login.as_ref().map(|(_, word)| word.as_str())), (465, Some("secret")));
        assert!(!format!("{read:?}").contains("secret"));
    }
}
