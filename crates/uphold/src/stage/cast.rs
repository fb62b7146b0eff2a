//! Who is there to be signed in as. Passwords and tokens are drawn anew each time, shown once, and gone with the folder.

use std::{fmt::Write, net::SocketAddr};

use journal::Journal;
use portal::people::{self, NewPerson};
use serde_json::{Value, json};
use spans::{Instant, Length};

use crate::{trouble::Trouble, wall};

/// How long an API token of the demonstration works.
const TOKEN_FOR: Length = Length::from_secs(7 * 86_400);
/// Characters of a password: 80 random bits.
const PASSWORD_CHARS: usize = 20;

/// Somebody to be.
struct Part {
    login: &'static str,
    name: &'static str,
    client: Option<&'static str>,
    roles: &'static [&'static str],
    skills: &'static [&'static str],
    told: &'static str,
}

const PARTS: [Part; 6] = [
    Part {
        login: "ada",
        name: "Ada",
        client: None,
        roles: &["administrator", "manager"],
        skills: &[],
        told: "administrator and manager of the provider",
    },
    Part {
        login: "anna",
        name: "Anna",
        client: None,
        roles: &["support"],
        skills: &[],
        told: "support engineer of the provider",
    },
    Part {
        login: "ines",
        name: "Ines",
        client: None,
        roles: &["engineer"],
        skills: &["atlassian-dc"],
        told: "qualified engineer of the provider",
    },
    Part {
        login: "jan",
        name: "Jan",
        client: Some("larkspur"),
        roles: &["contact"],
        skills: &[],
        told: "contact at Larkspur Press",
    },
    Part {
        login: "petra",
        name: "Petra",
        client: Some("larkspur"),
        roles: &["approver"],
        skills: &[],
        told: "approver at Larkspur Press",
    },
    Part {
        login: "pia",
        name: "Pia",
        client: Some("brightwater"),
        roles: &["poc"],
        skills: &[],
        told: "point of contact at Brightwater AG",
    },
];

/// Everybody, with what opens the door to them.
pub(super) struct Cast(Vec<Hired>);

struct Hired {
    part: &'static Part,
    password: String,
    token: String,
}

impl Cast {
    pub(super) fn hire(journal: &Journal, now: Instant) -> Result<Cast, Trouble> {
        PARTS.iter().map(|part| part.hired(journal, now)).collect::<Result<_, _>>().map(Cast)
    }

    /// One line for scripts.
    pub(super) fn to_json(&self, at: SocketAddr) -> Value {
        let people: Vec<Value> = self
            .0
            .iter()
            .map(|Hired { part, password, token }| {
                let role = part.roles[0];
                json!({"name": part.login, "role": role, "client": part.client, "password": password, "token": token})
            })
            .collect();
        json!({
            "portal": format!("http://{at}"),
            "openapi": format!("http://{at}/api/v1/openapi.json"),
            "status": null,
            "people": people,
        })
    }

    /// The same for people.
    pub(super) fn to_text(&self, at: SocketAddr, one_factor: bool) -> String {
        let mut text = format!(
            "Uphold, live: two clients, three services of its own, two vantage points, a year of history.\n\n\
             Portal  http://{at}\nAPI     http://{at}/api/v1/openapi.json\n\nSign in as\n"
        );
        for Hired { part, password, .. } in &self.0 {
            let _ = writeln!(text, "  {:<6} {password:<24} {}", part.login, part.told);
        }
        text.push_str(match one_factor {
            true => "\nStaff come in with a password alone here; `uphold demo --second-factor` asks them for a second factor, as `serve` does.\n",
            false => "\nStaff set up a second factor first, as with `serve`.\n",
        });
        text
    }
}

impl Part {
    fn hired(&'static self, journal: &Journal, now: Instant) -> Result<Hired, Trouble> {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        let new = NewPerson {
            login: self.login.to_owned(),
            name: self.name.to_owned(),
            client: self.client.map(str::parse).transpose()?,
            roles: words(self.roles),
            skills: words(self.skills),
        };
        people::add(journal, &new, now)?;
        let password = password()?;
        people::set_password(journal, self.login, &password)?;
        let token = people::token(journal, self.login, "demo", now, now + TOKEN_FOR)?;
        Ok(Hired { part: self, password, token })
    }
}

/// Four groups of five hexadecimal digits.
fn password() -> Result<String, Trouble> {
    let digits: String = wall::seed()?.iter().map(|byte| format!("{byte:02x}")).collect();
    let groups: Vec<&str> = (0..PASSWORD_CHARS).step_by(5).map(|at| &digits[at..at + 5]).collect();
    Ok(groups.join("-"))
}
