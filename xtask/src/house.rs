//! The house test: arrows run down only, and pure rooms stay pure (ARCHITECTURE.md, docs/decisions/0002).
//!
//! Read from `cargo metadata`, from the manifests, from the source of pure rooms and from `clippy.toml`. A new room is an
//! edit of the table below, a new colleague of a pure room one in `purity`, in the commit that brings it.

use std::fs;

use crate::metadata::{Dependency, Metadata, Package};
use crate::outcome::Outcome;
use crate::purity;

/// A room imports only from lower floors. `testkit` and `xtask` stand outside: see [`outside`].
const FLOORS: &[(&str, u8)] = &[
    ("spans", 0),
    ("facts", 1),
    ("agreement", 2),
    ("promise", 3),
    ("desk", 3),
    ("advisory", 3),
    ("journal", 4),
    ("wire", 4),
    ("status", 4),
    ("control", 5),
    ("courier", 5),
    ("door", 5),
    ("probe", 5),
    ("agent", 5),
    ("portal", 6),
    ("uphold", 7),
];

/// The whole house test.
pub(crate) fn check() -> Outcome {
    match Metadata::load() {
        Ok(house) => {
            let findings = [arrows(&house), manifests(&house), purity::findings(&house)];
            Outcome::of_findings(findings.concat(), format!("{} crates", house.members().count()))
        }
        Err(error) => Outcome::not_run(&error, "cargo metadata"),
    }
}

/// Every import between rooms goes to a lower floor; `testkit` is imported by tests only.
fn arrows(house: &Metadata) -> Vec<String> {
    let imports = |room: &Package| {
        room.dependencies
            .iter()
            .filter(|import| import.is_room())
            .filter_map(|import| arrow(room, import))
            .collect()
    };
    house
        .members()
        .flat_map(|room| homeless(room).map_or_else(|| imports(room), |finding| vec![finding]))
        .collect()
}

fn arrow(room: &Package, import: &Dependency) -> Option<String> {
    let (from, to) = (room.name.as_str(), import.name.as_str());
    match (floor(from), floor(to)) {
        _ if import.is_dev() && to == "testkit" => None,
        _ if to == "testkit" => Some(format!("{from} imports testkit outside its tests")),
        _ if from == "xtask" => {
            Some(format!("xtask imports {to}: it stands outside and must build when a room does not"))
        }
        (None, Some(7)) => Some(format!("{from} imports {to}: nothing imports the command line")),
        (None, _) => None,
        (Some(above), Some(below)) if below < above => None,
        (Some(above), below) => {
            let below = below.map_or("no floor".to_owned(), |floor| format!("floor {floor}"));
            Some(format!("{from} (floor {above}) imports {to} ({below}): arrows run down only"))
        }
    }
}

fn homeless(room: &Package) -> Option<String> {
    let known = floor(&room.name).is_some() || outside(&room.name);
    (!known)
        .then(|| format!("{} has no floor: give it one in xtask/src/house.rs and ARCHITECTURE.md", room.name))
}

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// `testkit` serves tests and may read any room below the command line; `xtask` reads none.
fn outside(room: &str) -> bool {
    ["testkit", "xtask"].contains(&room)
}

/// Every crate takes the workspace's lints, or `clippy.toml` and `unsafe_code` would not bind it.
fn manifests(house: &Metadata) -> Vec<String> {
    let deaf = |room: &&Package| !fs::read_to_string(&room.manifest_path).is_ok_and(|text| opts_in(&text));
    house
        .members()
        .filter(deaf)
        .map(|room| format!("{}: no `[lints] workspace = true`", room.manifest_path))
        .collect()
}

fn opts_in(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
    lines.any(|line| line == "workspace = true")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::planted;

    #[test]
    fn the_house_stands() {
        let outcome = check();
        assert_eq!(outcome.closing, Vec::<String>::new(), "{}", outcome.line);
        assert_eq!(outcome.failed, 0, "{}", outcome.line);
    }

    #[track_caller]
    fn refused(members: &[(&str, &[&str])], says: &[&str]) {
        assert_eq!(arrows(&planted(members, &[])), says);
    }

    #[test]
    fn a_house_with_arrows_down_only_is_quiet() {
        let rooms: &[(&str, &[&str])] = &[
            ("spans", &["jiff", "dev:testkit", "dev:proptest"]),
            ("facts", &["spans"]),
            ("journal", &["facts", "rusqlite"]),
            ("testkit", &["spans"]),
            ("xtask", &["serde_json"]),
        ];
        refused(rooms, &[]);
    }

    #[test]
    fn an_import_upward_or_across_is_refused() {
        refused(
            &[("facts", &["agreement"]), ("agreement", &[]), ("promise", &["desk"]), ("desk", &[])],
            &[
                "facts (floor 1) imports agreement (floor 2): arrows run down only",
                "promise (floor 3) imports desk (floor 3): arrows run down only",
            ],
        );
    }

    #[test]
    fn a_test_may_not_import_upward_either() {
        refused(
            &[("facts", &["dev:agreement"]), ("agreement", &[])],
            &["facts (floor 1) imports agreement (floor 2): arrows run down only"],
        );
    }

    #[test]
    fn testkit_belongs_to_tests_and_xtask_to_nobody() {
        refused(
            &[("control", &["testkit"]), ("testkit", &["uphold"]), ("uphold", &[]), ("xtask", &["uphold"])],
            &[
                "control imports testkit outside its tests",
                "testkit imports uphold: nothing imports the command line",
                "xtask imports uphold: it stands outside and must build when a room does not",
            ],
        );
    }

    #[test]
    fn a_room_without_a_floor_is_refused() {
        refused(
            &[("attic", &[])],
            &["attic has no floor: give it one in xtask/src/house.rs and ARCHITECTURE.md"],
        );
    }

    #[test]
    fn a_manifest_that_leaves_the_lints_is_noticed() {
        assert!(opts_in("[package]\n[lints]\nworkspace = true\n"));
        assert!(!opts_in("[package]\nedition.workspace = true\n[lints]\n"));
    }
}
