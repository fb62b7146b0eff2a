//! Files that are printed from the types: written by `cargo xtask codegen`, compared by `cargo xtask codegen --check`.

use std::{env, fs, process::Command};

use crate::outcome::Outcome;
use crate::shell;

/// A file in the repository and the `uphold` command that prints it.
struct Generated {
    file: &'static str,
    command: &'static [&'static str],
}

const GENERATED: &[Generated] = &[
    Generated { file: "agreements/agreement.schema.json", command: &["agreement", "schema"] },
    Generated { file: "docs/facts.md", command: &["facts", "reference"] },
    Generated { file: "docs/authorization.md", command: &["api", "authorization"] },
    Generated { file: "docs/openapi.json", command: &["api", "openapi"] },
];

/// Passed when every file is what its command prints today.
pub(crate) fn check() -> Outcome {
    each(|generated, printed| match fs::read_to_string(shell::root().join(generated.file)) {
        Ok(kept) if kept == printed => None,
        Ok(kept) => {
            Some(format!("{}: {}; run cargo xtask codegen", generated.file, difference(&kept, &printed)))
        }
        Err(error) => Some(format!("{}: {error}; run cargo xtask codegen", generated.file)),
    })
}

/// Writes every file anew.
pub(crate) fn write() -> Outcome {
    each(|generated, printed| {
        let written = fs::write(shell::root().join(generated.file), printed);
        written.err().map(|error| format!("{}: {error}", generated.file))
    })
}

fn each(finding: impl Fn(&Generated, String) -> Option<String>) -> Outcome {
    // As the tests build it: by itself it would be compiled anew, with fewer features of the crates it shares with them.
    if let Err(error) = shell::output(shell::cargo(&["build", "--quiet", "--workspace", "--tests"])) {
        return Outcome { closing: vec![error], ..Outcome::failed("uphold does not build") };
    }
    let findings = GENERATED.iter().filter_map(|generated| match printed(generated) {
        Ok(text) => finding(generated, text),
        Err(error) => Some(error),
    });
    Outcome::of_findings(findings.collect(), format!("{} files as printed", GENERATED.len()))
}

fn printed(generated: &Generated) -> Result<String, String> {
    let chores =
        env::current_exe().map_err(|error| format!("where this program lies is unknown: {error}"))?;
    let mut command = Command::new(chores.with_file_name("uphold"));
    command.args(generated.command);
    shell::output(command)
}

/// The first line that differs, so that a reader knows where to look.
fn difference(kept: &str, printed: &str) -> String {
    let same = kept.lines().zip(printed.lines()).take_while(|(kept, printed)| kept == printed).count();
    format!("line {} is out of date", same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(difference("a\nb\nc\n", "a\nx\nc\n"), "line 2 is out of date");
        assert_eq!(difference("a\n", "a\nb\n"), "line 2 is out of date");
    }
}
