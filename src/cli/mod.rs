//! The command line: one file a subcommand.

#![expect(clippy::print_stderr, reason = "the troubles of a command belong on standard error")]

/// Prints a line to standard output, of which a reader may have seen enough (`… | head`).
macro_rules! say {
    ($($text:tt)*) => {
        $crate::cli::files::tell(format!("{}\n", format_args!($($text)*)).as_bytes())
    };
}

mod audit;
mod backup;
mod call;
mod check;
mod compare;
mod config;
mod demo;
mod doctor;
mod export;
mod files;
mod frontier;
mod generate;
mod import;
mod indicators;
mod intake;
mod jobs;
mod log;
mod lookup;
mod migrate;
mod remote;
mod serve;
pub mod solve;
mod table;
mod user;
mod watch;
mod worker;

use std::{process::ExitCode, sync::Arc};

use clap::{ArgMatches, Parser, Subcommand};

use crate::{
    foundation::{Base, clock::Clock, config::Config, db::Db},
    notices,
};

/// Eslabón: supplier development in vertical networks, with a cap on dependency.
#[derive(Parser, Debug)]
#[command(version, about, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Examples:\n  \
    eslabon demo                          the whole chain on example data\n  \
    eslabon serve                         the service on http://127.0.0.1:8080\n  \
    eslabon solve instance/ --json        one matching problem, solved and checked\n  \
    eslabon doctor                        what is wrong, why, and what to type")]
pub struct Cli {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Walk the whole chain on a fictional case, and say where to look next
    Demo(demo::Args),
    /// Serve the pages and the API
    Serve,
    /// Run background jobs
    Worker,
    /// Bring the database's tables up to date
    Migrate,
    /// Show the settings and where each comes from
    Config(config::Args),
    /// Say what is wrong, why, and what to type
    Doctor,
    /// Import data from elsewhere: tables through the API, OCDS into the database
    Import(import::Args),
    /// Export lists as tables, and opened requirements as OCDS, through the API
    Export(export::Args),
    /// Calls for projects: list, show, open, rank, through the API
    Call(call::Args),
    /// Show what is measured of networks and firms, through the API
    Indicators(indicators::Args),
    /// Solve one matching problem, and check the result
    Solve(solve::SolveArgs),
    /// Check a result against its instance, in exact arithmetic and without the solver
    Check(check::Args),
    /// Compare two results: per tier, lot, supplier and buyer
    Compare(compare::Args),
    /// Show what every dependency cap leaves of coverage, and what it costs
    Frontier(frontier::Args),
    /// Make a network of any size from a seed, to try the solver on
    Generate(generate::Args),
    /// What public registries say: a legal entity identifier, exchange rates
    Lookup(lookup::Args),
    /// Manage accounts from the command line
    User(user::Args),
    /// Background jobs: list them, replay what failed for good, cancel
    Jobs(jobs::Args),
    /// Copy the database, evidence files and the last checkpoint into a folder, while the service runs
    Backup(backup::Backup),
    /// Put back what `backup` copied
    Restore(backup::Restore),
    /// The log of what was done: checkpoints, proofs, export, verification
    Audit(audit::Args),
}

/// What a command ends with when it fails: a sentence for the person at the terminal.
type Failure = Box<dyn std::error::Error>;

/// What the log says unless `ESLABON_LOG` says otherwise.
pub const LOGGED: &str = "info,sqlx=warn,sqlx::postgres::notice=error,sea_orm_migration=warn,highs=error";

impl Cli {
    /// Runs the command. Exit codes: 0 done, 1 failed, 2 wrong use.
    pub fn run(self, matches: &ArgMatches) -> ExitCode {
        let serves = matches!(self.command, Command::Serve | Command::Worker);
        let _traces = match log::begin(&self.config, serves) {
            Ok(traces) => traces,
            Err(failure) => return failed(&failure),
        };
        let config = Arc::new(self.config);
        let outcome = match self.command {
            Command::Config(args) => {
                config::run(&args, &config, matches);
                Ok(())
            }
            Command::Solve(args) => return solve::run(&args),
            Command::Check(args) => return check::run(&args),
            Command::Compare(args) => return compare::run(&args),
            Command::Frontier(args) => return frontier::run(&args),
            Command::Generate(args) => return generate::run(&args),
            command => runtime().and_then(|runtime| {
                runtime.block_on(async {
                    match command {
                        Command::Demo(args) => demo::run(args, config).await,
                        Command::Serve => serve::run(config).await,
                        Command::Worker => worker::run(config).await,
                        Command::Migrate => migrate::run(config).await,
                        Command::Doctor => doctor::run(config).await,
                        Command::Import(args) => import::run(args, config).await,
                        Command::Export(args) => export::run(&args).await,
                        Command::Call(args) => call::run(&args).await,
                        Command::Indicators(args) => indicators::run(&args).await,
                        Command::Lookup(args) => lookup::run(args, config).await,
                        Command::User(args) => user::run(args, config).await,
                        Command::Jobs(args) => jobs::run(args, config).await,
                        Command::Backup(args) => backup::back_up(args, config).await,
                        Command::Restore(args) => backup::restore(args, config).await,
                        Command::Audit(args) => audit::run(args, config).await,
                        // Those above need neither a runtime nor a database.
                        Command::Config(_)
                        | Command::Solve(_)
                        | Command::Check(_)
                        | Command::Compare(_)
                        | Command::Frontier(_)
                        | Command::Generate(_) => Ok(()),
                    }
                })
            }),
        };
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failed(&failure),
        }
    }
}

fn failed(failure: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("eslabon: {failure}");
    ExitCode::FAILURE
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Connects, and says what to do when that does not work.
async fn connect(config: Arc<Config>) -> Result<Base, Failure> {
    let db = Db::connect(config.database_url()).await.map_err(|error| {
        format!("the database can't be reached: {error}. Check --database-url (or DATABASE_URL); `eslabon doctor` tells more")
    })?;
    Ok(Base::new(db, Clock::System, config, notices::TOLD)?)
}
