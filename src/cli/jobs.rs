//! `eslabon jobs`: what lies in the queue, and what failed for good.

use std::sync::Arc;

use clap::Subcommand;
use uuid::Uuid;

use super::{Failure, connect};
use crate::{
    foundation::{
        access::Actor,
        config::Config,
        ids::{JobId, OrganisationId},
        jobs::{State, desk},
        problem::Problem,
    },
    trail::{CancelJob, ReplayJob},
};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List jobs that are not done
    List {
        /// Only those in this state: queued, running, done or dead
        #[arg(long)]
        state: Option<State>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        most: u64,
    },
    /// Let a job that failed for good begin anew
    #[command(after_help = "Examples:\n  \
        eslabon jobs list --state dead      what failed for good, and why\n  \
        eslabon jobs replay ID              once the cause is gone\n  \
        eslabon jobs replay --all           all of it")]
    Replay {
        /// The job's id
        #[arg(required_unless_present = "all")]
        job: Option<JobId>,
        /// All that failed for good, but what an operator has cancelled
        #[arg(long, conflicts_with = "job")]
        all: bool,
    },
    /// End a job that waits or runs
    Cancel {
        /// The job's id
        job: JobId,
    },
}

pub(super) async fn run(args: Args, config: Arc<Config>) -> Result<(), Failure> {
    let base = connect(config).await?;
    let service = Actor::system(OrganisationId(Uuid::nil()));
    match args.command {
        Command::List { state, most } => {
            let jobs = desk::list(base.db.reads(), state, most).await?;
            for job in &jobs {
                let (tries, most) = job.tries;
                let why = job.last_error.as_deref().unwrap_or_default();
                say!(
                    "{}  {:<8} {:<28} {tries}/{most}  due {}  {why}",
                    job.id,
                    job.state,
                    job.kind,
                    job.run_at
                );
            }
            eprintln!("{} jobs.", jobs.len());
        }
        Command::Replay { job, all } => {
            let dead = desk::list(base.db.reads(), Some(State::Dead), if all { 10_000 } else { 0 }).await?;
            let dead = dead.iter().filter(|job| !job.is_cancelled()).map(|job| job.id);
            let ids: Vec<_> = job.into_iter().chain(dead).collect();
            for id in &ids {
                base.transact(service.may::<ReplayJob>()?, async |w| {
                    desk::replay(&w, *id).await?;
                    Ok(w.done(()))
                })
                .await
                .map_err(said)?;
            }
            say!("{} jobs begin anew.", ids.len());
        }
        Command::Cancel { job } => {
            base.transact(service.may::<CancelJob>()?, async |w| {
                desk::cancel(&w, job).await?;
                Ok(w.done(()))
            })
            .await
            .map_err(said)?;
            say!("It is cancelled.");
        }
    }
    Ok(())
}

fn said(problem: Problem) -> Failure {
    match problem.code {
        "not-found" => "there is no such job: eslabon jobs list".into(),
        "wrong-state" => format!("it is in a state in which that is not possible: {problem}").into(),
        _ => problem.into(),
    }
}
