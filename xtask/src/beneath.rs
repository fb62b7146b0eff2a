//! What is linked beneath rooms when they are built by themselves: other rooms of the workspace may turn on features of a shared
//! crate, which says nothing of these.

use crate::shell;

/// A crate beneath a room: how it is reached, and with which features.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Beneath {
    pub(crate) name: String,
    /// The names that lead to it, such as `facts > uuid`.
    pub(crate) path: String,
    pub(crate) features: Vec<String>,
}

/// Asks cargo. Procedural macros are left out with what they need, for they run in the compiler.
pub(crate) fn beneath(rooms: &[&str]) -> Result<Vec<Beneath>, String> {
    let mut command =
        shell::cargo(&["tree", "--edges", "normal", "--prefix", "depth", "--format", "|{p}|{f}"]);
    for room in rooms {
        command.args(["--package", room]);
    }
    Ok(parse(&shell::output(command)?))
}

/// `DEPTH|NAME VERSION …|FEATURES`, a line for each crate, deeper ones beneath.
fn parse(tree: &str) -> Vec<Beneath> {
    let mut found = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut skipped: Option<usize> = None;
    for line in tree.lines() {
        let mut parts = line.splitn(3, '|');
        let (Some(depth), Some(package), Some(features)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let Ok(depth) = depth.parse::<usize>() else { continue };
        if skipped.is_some_and(|skipped| depth > skipped) {
            continue;
        }
        skipped = package.contains("(proc-macro)").then_some(depth);
        if skipped.is_some() {
            continue;
        }
        names.truncate(depth);
        names.push(package.split(' ').next().unwrap_or(package));
        let features = features.trim_end_matches("(*)").trim();
        found.push(Beneath {
            name: names[depth].to_owned(),
            path: names.join(" > "),
            features: features.split(',').filter(|feature| !feature.is_empty()).map(str::to_owned).collect(),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_with_its_paths_and_macros_are_left_out() {
        let tree = "0|facts v0.1.0 (/here)|\n1|serde v1.0.0|derive,std\n2|serde_derive v1.0.0 (proc-macro)|\n3|syn v2.0.0|full\n\
                    1|uuid v1.0.0|std,v4\n2|getrandom v0.4.0| (*)\n";
        let found = parse(tree);
        let paths: Vec<&str> = found.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(paths, ["facts", "facts > serde", "facts > uuid", "facts > uuid > getrandom"]);
        assert_eq!(found[2].features, ["std", "v4"]);
        assert!(found[3].features.is_empty());
    }
}
