//! The project's own chores, in the project's own language: `cargo xtask test` is the whole gate.
//!
//! `gate` runs the checks in order, `outcome` prints how each ended; one file per check beside them.

mod bench;
mod beneath;
mod browser;
mod codegen;
mod compare;
mod deny;
mod gate;
mod house;
mod metadata;
mod openid;
mod outcome;
mod postgres;
mod purity;
mod schemathesis;
mod shell;
mod tidy;
mod watch;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  test [check ...]  every check of the project (or those named), in order, with a table at the end
  tidy              leftovers, long lines, dead files, dead links; part of test
  codegen [--check] write the generated files, or only say which are out of date; part of test
  bench [filter]    every benchmark; figures and their limits are in docs/performance.md
  compare probe [seconds [kept]]  what a look costs, alone and recorded and evaluated (`kept`: only that), beside a bare client and
                           blackbox_exporter; needs Debian's packages, says which
  watch [figures|stories|NAME …] [--checks N] [--every S] [--seconds S] [--fails S] [--away S] [--program PATH]
                           a node and four vantage points against a site that is told when to fail: what it costs, and whether the
                           ledger says what happened; docs/performance.md has the method
  schemathesis      what openapi.json says of each operation against a demo that runs: five minutes, needs PyPI
  fuzz [minutes]    fuzz the readers of strangers' input; needs nightly and cargo-fuzz, and says how to get them
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test", only @ ..] => gate::run(only),
        ["tidy"] => gate::run(&["tidy"]),
        ["codegen"] => gate::one("codegen", codegen::write),
        ["codegen", "--check"] => gate::run(&["codegen"]),
        ["bench", filter @ ..] => bench::run(filter),
        ["compare", "probe", words @ ..] => compare::probe(words),
        ["schemathesis"] => gate::one("schemathesis", schemathesis::check),
        ["watch", words @ ..] => watch::run(words),
        ["fuzz", minutes @ ..] => bench::fuzz(minutes.first().copied()),
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
