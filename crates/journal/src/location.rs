//! Where a journal lives: one file, or one PostgreSQL schema.

use std::{fmt, path::PathBuf, str::FromStr};

use crate::Error;

/// A SQLite file or a PostgreSQL database, as people write it: `PATH`, `sqlite:PATH` or
/// `postgres://USER@HOST:PORT/NAME`. `Display` hides the password, so a location may stand in any message.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file of this machine. Beside it SQLite keeps `PATH-wal` and `PATH-shm`.
    Sqlite(PathBuf),
    /// A connection URL; `options=-csearch_path%3DNAME` chooses a schema.
    Postgres(String),
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Location, Error> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return postgres_url(text);
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            return file(path.strip_prefix("//").unwrap_or(path));
        }
        match text.split_once("://") {
            Some((scheme, _)) => Err(refuse(&format!("`{scheme}` is no store that uphold knows"))),
            None => file(text),
        }
    }
}

fn file(path: &str) -> Result<Location, Error> {
    if path.is_empty() { Err(refuse("the path is empty")) } else { Ok(Location::Sqlite(PathBuf::from(path))) }
}

fn postgres_url(url: &str) -> Result<Location, Error> {
    url.parse::<postgres::Config>().map_err(|e| refuse(&crate::error::chain(&e)))?;
    Ok(Location::Postgres(url.to_owned()))
}

fn refuse(why: &str) -> Error {
    Error::NotALocation { why: why.to_owned() }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::Sqlite(path) => path.display().fmt(f),
            Location::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

/// As `Display`: a URL can hold a password.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let rest = rest.split_once('?').map_or(rest, |(place, _)| place);
    let Some((login, place)) = rest.rsplit_once('@') else { return format!("{scheme}://{rest}") };
    let user = login.split_once(':').map_or(login, |(user, _)| user);
    format!("{scheme}://{user}@{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_read_as_people_write_it() {
        let file = |path: &str| Ok(Location::Sqlite(PathBuf::from(path)));
        for text in ["data/uphold.db", "sqlite:data/uphold.db", "sqlite://data/uphold.db"] {
            assert_eq!(text.parse::<Location>().map_err(|e| e.to_string()), file("data/uphold.db"));
        }
        assert!(matches!("postgres://u@h/db".parse(), Ok(Location::Postgres(_))));
        for text in ["", "sqlite:", "mysql://h/db", "postgres://u@h/db?sslmode=perhaps"] {
            assert!(text.parse::<Location>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let location: Location = "postgres://ann:s3cret@db.example:5432/up?password=s3cret".parse().unwrap();
        assert_eq!(location.to_string(), "postgres://ann@db.example:5432/up");
        assert_eq!(format!("{location:?}"), "postgres://ann@db.example:5432/up");
    }
}
