//! Whether what the ledger says is what happened: one control node on SQLite, four vantage points in processes of their own, and a
//! site that is told when to fail and for whom. `figures` measures, `stories` lets go wrong what goes wrong, and after each story
//! every look is held against what the site answered, and every microsecond of the ledger against a reckoning of our own.
//!
//! | story | what happens | what the ledger must say |
//! |---|---|---|
//! | blackout | a vantage point is killed, and a part of the instances fails meanwhile | that failure, seen by the others; nothing unknown |
//! | falsely-down | one vantage point sees a part of the instances fail that answers the others | no downtime at all |
//! | falsely-up | a part fails for all vantage points but one | no downtime, and that they disagree |
//! | lost | the control node is killed, a part fails meanwhile, and it comes back | that failure as if it had been there |

mod account;
mod crew;
mod evidence;
mod figures;
mod site;
mod stories;
mod when;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::shell;
use crew::Crew;
use site::Site;

/// As many vantage points as the figures are asked for.
const VANTAGES: usize = 4;
/// Instances by what befalls them: the number of one, by this, is its part.
const PARTS: usize = 4;

/// What to do, and how much of it.
struct Plan {
    /// Instances, each with one check.
    checks: u32,
    every_s: u64,
    /// How long the figures are taken.
    seconds: u64,
    /// How long a part of the instances fails in a story.
    fails_s: u64,
    /// How long the control node is away.
    away_s: u64,
    program: Option<PathBuf>,
    wanted: Vec<String>,
}

/// Runs what is asked for: figures, stories, or stories by name.
pub(crate) fn run(words: &[&str]) -> ExitCode {
    match Plan::read(words).and_then(|plan| plan.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

impl Plan {
    fn read(words: &[&str]) -> Result<Plan, String> {
        let mut plan = Plan {
            checks: 40,
            every_s: 2,
            seconds: 60,
            fails_s: 0,
            away_s: 0,
            program: None,
            wanted: Vec::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().copied().ok_or_else(|| format!("{word} of what?"));
            match *word {
                "--checks" => plan.checks = number(value()?)?,
                "--every" => plan.every_s = number(value()?)?,
                "--seconds" => plan.seconds = number(value()?)?,
                "--fails" => plan.fails_s = number(value()?)?,
                "--away" => plan.away_s = number(value()?)?,
                "--program" => plan.program = Some(value()?.into()),
                "figures" | "stories" => plan.wanted.push((*word).to_owned()),
                story if stories::NAMES.contains(&story) => plan.wanted.push(story.to_owned()),
                other => return Err(format!("{other}: figures, stories, or one of {:?}", stories::NAMES)),
            }
        }
        if plan.fails_s == 0 {
            plan.fails_s = 75.max(60 + 3 * plan.every_s);
        }
        plan.away_s = plan.away_s.max(plan.fails_s + 4 * plan.every_s);
        if plan.wanted.is_empty() {
            plan.wanted = vec!["figures".to_owned(), "stories".to_owned()];
        }
        let at_least = [(plan.every_s, 2), (plan.fails_s, 60 + 2 * plan.every_s), (plan.checks.into(), 4)];
        match at_least.iter().all(|(is, least)| is >= least) {
            true => Ok(plan),
            false => {
                Err("every 2 s at least, failing for a minute and two intervals, and four checks".to_owned())
            }
        }
    }

    fn run(&self) -> Result<(), String> {
        let program = self.program()?;
        if self.wants("figures") {
            let site = Site::start()?;
            let mut crew = Crew::set_up("figures", &program, self, site.port, false)?;
            figures::take(self, &site, &mut crew)?;
        }
        if stories::NAMES.iter().any(|name| self.wants(name)) {
            let site = Site::start()?;
            let crew = Crew::set_up("stories", &program, self, site.port, true)?;
            stories::tell(self, site, crew)?;
        }
        Ok(())
    }

    fn wants(&self, what: &str) -> bool {
        let is_story = what != "figures";
        self.wanted.iter().any(|wanted| wanted == what || is_story && wanted == "stories")
    }

    /// The release build, unless another is named.
    fn program(&self) -> Result<PathBuf, String> {
        match &self.program {
            Some(program) => {
                program.canonicalize().map_err(|error| format!("{}: {error}", program.display()))
            }
            None => {
                shell::output(shell::cargo(&["build", "--release", "-p", "uphold"]))?;
                Ok(shell::root().join("target/release/uphold"))
            }
        }
    }
}

fn number<N: std::str::FromStr>(word: &str) -> Result<N, String> {
    word.parse().map_err(|_| format!("`{word}` is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_and_what_cannot_be_judged_is_refused() {
        let plan = Plan::read(&["stories", "--checks", "80", "--every", "5", "--fails", "90"]).unwrap();
        assert_eq!((plan.checks, plan.every_s, plan.away_s), (80, 5, 110));
        assert!(plan.wants("lost") && !plan.wants("figures"));
        assert_eq!(Plan::read(&["--every", "20"]).unwrap().fails_s, 120);
        let refused = |words: &[&str]| Plan::read(words).is_err();
        assert!(refused(&["--fails", "60"]) && refused(&["--every", "1"]) && refused(&["tale"]));
    }
}
