//! Places that are no journal, or not one to write to: one message that says what, where and what to do.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use journal::{Journal, Location};

use crate::{
    child,
    store::{Store, acme, both, fact, scratch_folder},
};

/// A folder with one file in it that is to be refused.
struct Place {
    folder: PathBuf,
    path: PathBuf,
}

impl Place {
    fn with(bytes: &[u8]) -> Place {
        let folder = scratch_folder();
        let path = folder.join("file");
        fs::write(&path, bytes).unwrap();
        Place { folder, path }
    }

    #[track_caller]
    fn refused(&self, says: &str) {
        let before = fs::read(&self.path).ok();
        let location = Location::Sqlite(self.path.clone());
        for open in [Journal::open, Journal::open_existing, Journal::open_to_read] {
            let message = open(&location).err().expect("to be refused").to_string();
            assert!(message.contains(says) && message.contains(&location.to_string()), "{message}");
        }
        assert_eq!(fs::read(&self.path).ok(), before, "what is not ours is left as it was");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_journal_that_is_not_there_is_not_made_by_mistake() {
    both(|store| {
        let missing = Journal::open_existing(&store.location).err().expect("to be refused").to_string();
        let said =
            format!("there is no journal at {}: check the path, or start one with an import", store.location);
        assert_eq!(missing, said);
        let missing = Journal::open_to_read(&store.location).err().expect("to be refused").to_string();
        assert_eq!(missing, said);
        if let Location::Sqlite(path) = &store.location {
            assert!(!path.exists());
        }
        drop(store.open());
        assert!(Journal::open_existing(&store.location).is_ok());
    });
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    Place::with(b"site,time,status\nexample.org,2026-03-01T00:00:00Z,up\n")
        .refused("is not a journal: it is no SQLite database");
    Place::with(&[7; 5_000]).refused("is not a journal: it is no SQLite database");
}

#[test]
fn the_database_of_another_program_is_refused_and_not_touched() {
    let place = Place::with(b"");
    let other = rusqlite::Connection::open(&place.path).unwrap();
    other.execute_batch("CREATE TABLE entry (client TEXT)").unwrap();
    drop(other);
    place.refused("it is the SQLite database of another program");
}

#[test]
fn a_folder_and_a_path_into_nowhere_are_refused() {
    let mut place = Place::with(b"");
    place.path = place.folder.clone();
    place.refused("cannot be reached");
    let nowhere = Location::Sqlite(place.folder.join("no/such/folder/journal.db"));
    let message = Journal::open(&nowhere).err().expect("to be refused").to_string();
    assert!(
        message.contains("install -d") && message.contains("no/such/folder, which is not there"),
        "{message}"
    );
}

#[test]
fn a_newer_or_altered_schema_is_refused() {
    both(|store| {
        drop(store.open());
        store.raw("INSERT INTO migration (number, checksum) VALUES (99, 'x')").unwrap();
        let newer = Journal::open(&store.location).err().expect("to be refused").to_string();
        assert!(newer.contains("written by a newer uphold (schema 99, this one knows up to "), "{newer}");
        store.raw("DELETE FROM migration WHERE number = 99; UPDATE migration SET checksum = 'x'").unwrap();
        let altered = Journal::open(&store.location).err().expect("to be refused").to_string();
        assert!(altered.contains("was altered: migration 1"), "{altered}");
    });
}

#[test]
fn a_locked_journal_says_so_and_nothing_is_written() {
    both(|store| {
        let journal = store.open();
        journal.append(&acme(), &[fact(0)], None).unwrap();
        let refused = match &store.location {
            Location::Sqlite(path) => {
                let other = rusqlite::Connection::open(path).unwrap();
                other.execute_batch("BEGIN IMMEDIATE").unwrap();
                journal.append(&acme(), &[fact(1)], None)
            }
            Location::Postgres(url) => {
                let mut other = postgres::Client::connect(url, postgres::NoTls).unwrap();
                other.batch_execute("BEGIN; SELECT 1 FROM head FOR UPDATE").unwrap();
                journal.append(&acme(), &[fact(1)], None)
            }
        };
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("is locked by another process"), "{message}");
        assert_eq!(journal.facts(&acme(), None).unwrap(), [fact(0)]);
        assert_eq!(journal.append(&acme(), &[fact(1)], None).unwrap().first_seq, 2);
    });
}

#[test]
fn a_journal_that_may_not_be_written_says_so() {
    let store = Store::sqlite();
    drop(store.open());
    let Location::Sqlite(path) = &store.location else { unreachable!() };
    let folder = path.parent().unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    let mut reader = child::playing_as_nobody("open::one_who_may_only_read", folder);
    let output = reader.env("UPHOLD_STORE", path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("cannot be written: let this user write the file and its folder"), "{said}");
}

#[test]
#[ignore = "a part in a_journal_that_may_not_be_written_says_so"]
fn one_who_may_only_read() {
    let location: Location = child::told("UPHOLD_STORE").parse().unwrap();
    println!("{}", Journal::open(&location).err().expect("to be refused"));
}

#[test]
fn postgres_that_is_not_there_or_would_be_spoken_to_in_clear_text_is_refused() {
    let refused = |url: &str| Journal::open(&url.parse().unwrap()).err().expect("to be refused").to_string();
    let gone = refused("postgres://ann:secret@127.0.0.1:1/db");
    assert!(gone.contains("postgres://ann@127.0.0.1:1/db cannot be reached"), "{gone}");
    for url in ["postgres://ann:secret@db.example/db", "postgres://ann:secret@127.0.0.1/db?sslmode=require"] {
        let clear = refused(url);
        assert!(clear.contains("in clear text") && !clear.contains("secret"), "{clear}");
    }
}

#[test]
fn postgres_that_would_lose_acknowledged_facts_is_refused() {
    let cluster = testkit::postgres::Cluster::start().unwrap();
    cluster.sql("ALTER SYSTEM SET fsync = off").unwrap();
    cluster.sql("SELECT pg_reload_conf()").unwrap();
    let message = Journal::open(&cluster.url().parse().unwrap()).err().expect("to be refused").to_string();
    assert!(
        message.contains("would lose acknowledged facts in a power cut: fsync is off; set it to on"),
        "{message}"
    );
}

#[test]
fn a_new_journal_is_its_owners_alone() {
    let store = Store::sqlite();
    let journal = store.open();
    journal.append(&acme(), &[fact(0)], None).unwrap();
    let Location::Sqlite(path) = &store.location else { unreachable!() };
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{}", entry.path().display());
    }
}
