//! What `cargo metadata` says of the workspace, as far as the house test asks.

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
    resolve: Resolve,
}

/// One package and what its manifest asks for.
#[derive(Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) manifest_path: String,
    pub(crate) dependencies: Vec<Dependency>,
    targets: Vec<Target>,
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

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
    features: Vec<String>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
struct EdgeKind {
    kind: Option<String>,
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

    /// The features a crate is built with anywhere in the workspace.
    pub(crate) fn features<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let packages = self.packages.iter().filter(move |package| package.name == name);
        packages.flat_map(|package| &self.node(&package.id).features).map(String::as_str)
    }

    /// Everything linked into `package`: each name with the path of names that leads to it. Procedural macros are left
    /// out with what they need, for they run in the compiler.
    pub(crate) fn beneath(&self, package: &Package) -> BTreeMap<&str, String> {
        let mut paths = BTreeMap::new();
        let mut open = vec![(package, package.name.clone())];
        while let Some((package, path)) = open.pop() {
            for below in self.linked(package) {
                if !paths.contains_key(below.name.as_str()) {
                    let path = format!("{path} > {}", below.name);
                    paths.insert(below.name.as_str(), path.clone());
                    open.push((below, path));
                }
            }
        }
        paths
    }

    fn linked(&self, package: &Package) -> impl Iterator<Item = &Package> {
        let normal = |edge: &&Edge| edge.dep_kinds.iter().any(|kind| kind.kind.is_none());
        let edges = self.node(&package.id).deps.iter().filter(normal);
        edges.map(|edge| self.package(&edge.pkg)).filter(|package| !package.is_macro())
    }

    fn package(&self, id: &str) -> &Package {
        self.packages.iter().find(|package| package.id == id).expect("cargo lists every package it names")
    }

    fn node(&self, id: &str) -> &Node {
        self.resolve.nodes.iter().find(|node| node.id == id).expect("cargo resolves every package it lists")
    }
}

impl Package {
    /// The folder of its manifest.
    pub(crate) fn folder(&self) -> &Path {
        Path::new(&self.manifest_path).parent().expect("a manifest lies in a folder")
    }

    fn is_macro(&self) -> bool {
        self.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "proc-macro"))
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
            json!({ "id": name, "name": name, "manifest_path": format!("nowhere/{name}/Cargo.toml"), "dependencies": dependencies, "targets": [] })
        })
        .collect();
    let nodes: Vec<_> = all
        .iter()
        .map(|(name, needs)| {
            let deps: Vec<_> = needs
                .iter()
                .map(|need| json!({ "pkg": bare(need), "dep_kinds": [{ "kind": kind(need) }] }))
                .collect();
            json!({ "id": name, "deps": deps, "features": [] })
        })
        .collect();
    let members: Vec<_> = members.iter().map(|(name, _)| name).collect();
    let all = json!({ "packages": packages, "workspace_members": members, "resolve": { "nodes": nodes } });
    Metadata::parse(&all.to_string()).expect("the planted workspace has cargo's shape")
}
