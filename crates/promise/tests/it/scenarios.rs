//! Every file in `scenarios/` gives the statement that stands in it. `UPHOLD_BLESS=1` writes what comes out into the files, for a
//! person to read and commit.

use std::{fs, path::PathBuf};

use promise::Scenario;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn each_scenario_gives_its_statement() {
    let mut files: Vec<PathBuf> =
        fs::read_dir(root().join("scenarios")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ext| ext == "txt"));
    files.sort();
    assert!(files.len() >= 12, "there are at least twelve scenarios");
    let wrong: Vec<String> = files.iter().filter_map(differs).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What came out instead, if it was not what the file says.
#[expect(clippy::unwrap_used, reason = "a test that cannot read its files fails")]
fn differs(path: &PathBuf) -> Option<String> {
    let text = fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let scenario = match Scenario::read(&text, &"scenario".parse().unwrap()) {
        Ok(scenario) => scenario,
        Err(errors) => return Some(format!("{name}: {errors:?}")),
    };
    let agreement = fs::read_to_string(root().join("agreements").join(&scenario.agreement)).unwrap();
    let outcome = match scenario.statement(&agreement) {
        Ok(statement) => statement.to_text().trim().to_owned(),
        Err(error) => error.to_string(),
    };
    // The version's hash changes with every comment in the agreement file, and the zone rules with every release: neither is
    // what a scenario shows.
    let outcome: Vec<&str> = outcome.lines().filter(|line| !line.starts_with("as of ")).collect();
    let outcome = outcome.join("\n");
    if outcome == scenario.expected {
        return None;
    }
    if std::env::var_os("UPHOLD_BLESS").is_some() {
        fs::write(path, format!("{}{outcome}\n", &text[..scenario.expected_from])).unwrap();
        return None;
    }
    Some(format!("{name} expects\n{}\nand got\n{outcome}", scenario.expected))
}
