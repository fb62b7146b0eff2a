//! Glewlwyd, the OpenID provider that is not ours (`testkit`): found, else installed with apt-get where we may, else one line that
//! says how.
//!
//! Here we only see to it that the programs exist: the tests start their own in a scratch folder. Debian's package would also make a
//! database and start a service; both are switched off while we install, and it does not start with the machine either.

use std::path::Path;
use std::process::Command;

use crate::outcome::Outcome;
use crate::shell;

const BY_HAND: &str = "apt-get install -y --no-install-recommends glewlwyd dbconfig-no-thanks faketime";

/// The package's tables, which the tests begin with.
const TABLES: &str = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3";

/// Without a configuration the package needs no database, so `dbconfig-no-thanks` keeps MySQL's client away.
const INSTALL: &str = r#"
set -eu
export DEBIAN_FRONTEND=noninteractive
# Whoever has it already keeps it as it is.
if dpkg -s glewlwyd >/dev/null 2>&1; then
    apt-get update -q
    apt-get install -y -q --no-remove --no-install-recommends faketime sqlite3
    exit 0
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
echo 'glewlwyd glewlwyd/config_type select No configuration' | debconf-set-selections
apt-get update -q
apt-get install -y -q --no-remove --no-install-recommends glewlwyd faketime dbconfig-no-thanks
update-rc.d glewlwyd disable
"#;

/// Passed when Glewlwyd can be called, and the library that tells it another date.
pub(crate) fn check() -> Outcome {
    if version().is_none() {
        shell::as_root("Glewlwyd", INSTALL);
    }
    match version() {
        None => Outcome::not_run("no glewlwyd, faketime and sqlite3 in PATH", BY_HAND),
        Some(version) => Outcome::passed(version),
    }
}

/// `Glewlwyd 2.7.5`.
fn version() -> Option<String> {
    let mut glewlwyd = Command::new("glewlwyd");
    glewlwyd.arg("--version");
    let said = shell::output(glewlwyd).ok()?;
    let others = ["faketime", "sqlite3"].into_iter().all(|program| shell::works(program, &["--version"]));
    (others && Path::new(TABLES).is_file()).then(|| format!("Glewlwyd {}", said.trim()))
}
