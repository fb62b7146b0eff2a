//! The `uphold` command: a list of commands and a match. What they do lies in the rooms below.
//!
//! Answers go to stdout, troubles to stderr: one message that says what, where and what to do. The exit status is
//!
//! - 0 when it worked;
//! - 2 when the command line cannot be meant: an argument is wrong by itself (a negative price, a month that is none), or beside
//!   the agreement it is said with (a tier that this one has not, a month or an instant outside its term). Another command line
//!   is needed, whatever happens meanwhile;
//! - 1 when it can be meant and did not work: what is wrong lies in a file, in a journal, or in the hour (a month that is not
//!   over yet). The same command line may work once that is mended.

mod commands;
mod files;
mod log;
mod output;
mod progress;
mod service;
mod stage;
mod trouble;
mod wall;

use std::{io, process::ExitCode, sync::LazyLock};

use clap::{CommandFactory, Parser, Subcommand};

use crate::{commands::*, output::Output, trouble::Trouble};

/// A desk allocates and frees all day on many threads; this one gives back what it does not need (docs/decisions/0020).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Keeps the promises of a service provider: a signed agreement, a journal of facts, and every figure with its why.
#[derive(Parser)]
#[command(name = "uphold", version = version(), arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Agreement files: check, sign and ask them.
    #[command(subcommand)]
    Agreement(agreement::AgreementCommand),
    /// Everything live: two clients, three services of its own that fail on a timetable, and a made-up year before. Or what real
    /// histories say (`demo histories`).
    Demo(demo::DemoCommand),
    /// Five questions, one commented settings file.
    Init(init::InitCommand),
    /// The live service: portal, timer and one vantage point.
    Serve(Box<serve::ServeCommand>),
    /// Who may come in: invite people to the portal.
    #[command(subcommand)]
    People(people::PeopleCommand),
    /// Vantage points elsewhere: invite, list, revoke.
    #[command(subcommand)]
    Vantage(vantage::VantageCommand),
    /// A vantage point on this machine: joins once, watches, and reports to the server.
    Probe(probe::ProbeCommand),
    /// A new address at which a service calls by itself, so that its silence is noticed.
    Heartbeat(heartbeat::HeartbeatCommand),
    /// What is asked of instances: withdraw a check.
    #[command(subcommand)]
    Check(check::CheckCommand),
    /// A resource of an instance crossed its limit: opens an incident, and people are told at once.
    Alert(alert::AlertCommand),
    /// One client's month: availability, credits, promises kept.
    Statement(statement::StatementCommand),
    /// How promises about requests were kept in a month, by priority or urgency and tier.
    Attainment(attainment::AttainmentCommand),
    /// The derivation of one figure of a month.
    Why(why::WhyCommand),
    /// What is missed next, when, what it costs, and what would prevent it.
    Forecast(forecast::ForecastCommand),
    /// What the same facts would have meant under another tier or file.
    Replay(replay::ReplayCommand),
    /// A month in the life of a client, from a file of plain lines.
    Simulate(simulate::SimulateCommand),
    /// Facts that people write down, checked by the agreement and stored as one act.
    Record(record::RecordCommand),
    /// Real histories become facts in a journal.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Look after a journal: verify, rebuild, export, import.
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// Due times and elapsed times in a written calendar, without an agreement.
    #[command(subcommand)]
    Time(time::TimeCommand),
    /// The API of the portal, for programs.
    #[command(subcommand)]
    Api(api::ApiCommand),
    /// What can happen: the events that agreements and journals speak of.
    #[command(subcommand)]
    Facts(facts::FactsCommand),
    /// What a shell needs to complete our commands.
    Completions(shell::Completions),
    /// Manual pages, one for each command.
    Man(shell::Man),
}

/// Zone rules decide figures, so their version belongs to ours.
fn version() -> &'static str {
    static VERSION: LazyLock<String> =
        LazyLock::new(|| format!("{} (tzdata {})", env!("CARGO_PKG_VERSION"), spans::tzdata()));
    &VERSION
}

fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    let mut out = Output::new(io::stdout().lock());
    let done = run(command, &mut out);
    // Whoever closed the pipe has read enough.
    match done.and_then(|()| out.finish()) {
        Err(_) if out.is_closed() => ExitCode::SUCCESS,
        Err(trouble) => out.failure().unwrap_or(trouble).tell(),
        Ok(()) => ExitCode::SUCCESS,
    }
}

fn run(command: Command, out: &mut Output) -> Result<(), Trouble> {
    match command {
        Command::Agreement(agreement) => agreement.run(out),
        Command::Demo(demo) => demo.run(out),
        Command::Init(init) => init.run(out),
        Command::Serve(serve) => serve.run(out),
        Command::People(people) => people.run(out),
        Command::Vantage(vantage) => vantage.run(out),
        Command::Probe(probe) => probe.run(),
        Command::Heartbeat(heartbeat) => heartbeat.run(out),
        Command::Check(check) => check.run(out),
        Command::Alert(alert) => alert.run(out),
        Command::Statement(statement) => statement.run(out),
        Command::Attainment(attainment) => attainment.run(out),
        Command::Why(why) => why.run(out),
        Command::Forecast(forecast) => forecast.run(out),
        Command::Replay(replay) => replay.run(out),
        Command::Simulate(simulate) => simulate.run(out),
        Command::Record(record) => record.run(out),
        Command::Import(import) => import.run(out),
        Command::Journal(journal) => journal.run(out),
        Command::Time(time) => time.run(out),
        Command::Api(api) => api.run(out),
        Command::Facts(facts) => facts.run(out),
        Command::Completions(completions) => completions.run(CommandLine::command(), out),
        Command::Man(man) => man.run(CommandLine::command(), out),
    }
}
