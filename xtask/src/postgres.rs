//! PostgreSQL's programs for the tests, which start a cluster of their own in a scratch folder (`testkit`).
//!
//! Here we only see to it that the programs exist: found, else installed with apt-get where we may, else one line that
//! says how. Debian's package would also start a cluster of its own; that is switched off while we install.

use std::path::PathBuf;
use std::process::Command;

use crate::outcome::Outcome;
use crate::shell;

/// The oldest PostgreSQL the journal is tested on.
const MAJOR_MIN: u32 = 15;

const BY_HAND: &str = "apt-get install -y --no-install-recommends postgresql";

/// Installs the server without Debian's own `main` cluster, and leaves the setting as it was found.
const INSTALL: &str = r#"
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends postgresql-common
conf=/etc/postgresql-common/createcluster.conf
cp "$conf" "$conf.before-uphold"
trap 'mv "$conf.before-uphold" "$conf"' EXIT
sed -i '/create_main_cluster/d' "$conf"
echo 'create_main_cluster = false' >> "$conf"
apt-get install -y -q --no-install-recommends postgresql
"#;

/// Passed when an `initdb` of a supported version can be called.
pub(crate) fn check() -> Outcome {
    if newest().is_none() {
        shell::as_root("PostgreSQL", INSTALL);
    }
    match newest() {
        None => {
            Outcome::not_run("PostgreSQL's initdb is neither in PATH nor in /usr/lib/postgresql", BY_HAND)
        }
        Some((major, path)) if major < MAJOR_MIN => {
            let why = format!("{} is of PostgreSQL {major}, tests need {MAJOR_MIN} or newer", path.display());
            Outcome::not_run(&why, "install a newer one beside it; the newest found is used")
        }
        Some((major, path)) => Outcome::passed(format!("PostgreSQL {major}, {}", path.display())),
    }
}

/// The newest `initdb` in PATH or where Debian keeps its versions side by side.
fn newest() -> Option<(u32, PathBuf)> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let places = debian.map(|version| version.path().join("bin/initdb")).chain([PathBuf::from("initdb")]);
    places.filter_map(|path| Some((major(&version(&path)?)?, path))).max()
}

fn version(initdb: &PathBuf) -> Option<String> {
    let mut command = Command::new(initdb);
    command.arg("--version");
    shell::output(command).ok()
}

/// 15 from `initdb (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`; also from `17beta1`.
fn major(version: &str) -> Option<u32> {
    let number = version.split("(PostgreSQL) ").nth(1)?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_as_initdb_prints_it() {
        assert_eq!(major("initdb (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("initdb (PostgreSQL) 17beta1"), Some(17));
        assert_eq!(major("something else"), None);
    }
}
