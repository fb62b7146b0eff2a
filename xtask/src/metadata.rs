//! What `cargo metadata` says of the workspace, as far as the house test asks.

#[cfg(test)]
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::shell;

/// Every package of the build, ours and others'.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
}

/// One package and what its manifest asks for.
#[derive(Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) manifest_path: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependencies.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None`: a normal dependency; otherwise `dev` or `build`.
    kind: Option<String>,
    /// Set for a crate of this workspace.
    path: Option<String>,
}

impl Metadata {
    /// Asks cargo, for the platform we run on.
    pub(crate) fn load() -> Result<Self, String> {
        let platform = shell::output(host()).ok();
        let mut command = shell::cargo(&["metadata", "--format-version", "1"]);
        if let Some(platform) = &platform {
            command.args(["--filter-platform", platform.trim()]);
        }
        Self::parse(&shell::output(command)?)
    }

    pub(crate) fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| format!("cargo metadata: {error}"))
    }

    /// The crates of this workspace.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }
}

impl Package {
    /// The folder of its manifest.
    pub(crate) fn folder(&self) -> &Path {
        Path::new(&self.manifest_path).parent().expect("a manifest lies in a folder")
    }
}

impl Dependency {
    /// A crate of this workspace.
    pub(crate) fn is_room(&self) -> bool {
        self.path.is_some()
    }

    /// For tests, examples and benches only.
    pub(crate) fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

fn host() -> Command {
    let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command.args(["--print", "host-tuple"]);
    command
}

/// A workspace written by hand, for tests: `("spans", &["jiff", "dev:testkit"])`; who is not listed is a stranger without needs.
#[cfg(test)]
pub(crate) fn planted(members: &[(&str, &[&str])], strangers: &[(&str, &[&str])]) -> Metadata {
    use serde_json::json;
    let kind = |need: &str| need.starts_with("dev:").then_some("dev");
    let bare = |need: &str| need.trim_start_matches("dev:").to_owned();
    let room = |name: &str| members.iter().any(|(member, _)| *member == name);
    let mut all: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, needs) in members.iter().chain(strangers) {
        for need in *needs {
            all.entry(bare(need)).or_default();
        }
        all.entry((*name).to_owned()).or_default().extend(*needs);
    }
    let packages: Vec<_> = all
        .iter()
        .map(|(name, needs)| {
            let dependencies: Vec<_> = needs
                .iter()
                .map(|need| json!({ "name": bare(need), "kind": kind(need), "path": room(&bare(need)).then_some("here") }))
                .collect();
            json!({ "id": name, "name": name, "manifest_path": format!("nowhere/{name}/Cargo.toml"), "dependencies": dependencies })
        })
        .collect();
    let members: Vec<_> = members.iter().map(|(name, _)| name).collect();
    let all = json!({ "packages": packages, "workspace_members": members });
    Metadata::parse(&all.to_string()).expect("the planted workspace has cargo's shape")
}
