//! The background job that solves a run, and the solver's process.

mod process;

use std::time::{Duration, Instant};

use eslabon_solver::solve::Progress;
use process::{Ended, Limits, Watch};
use tracing::Instrument;

use super::{
    Cause, Solve, Step,
    store::runs::{self, Ending},
};
use crate::foundation::{
    Base,
    access::Actor,
    ids::RunId,
    jobs::{Handler, Outcome, Task},
    metrics::{self, Counter, Span},
    problem::Problem,
    telemetry,
};

/// The kind of job that solves a run; its payload is `{"run": id}`.
pub const SOLVE: &str = "matching.solve";
/// How often the solver is tried.
const ATTEMPTS: i32 = 3;
/// How often the job is tried: more often, so that a run whose workers died each time is still told.
pub(super) const JOB_ATTEMPTS: i32 = 10;

/// Runs [`SOLVE`].
#[derive(Clone, Copy, Debug)]
pub struct Solver;

impl Handler for Solver {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(solve(task))
    }
}

/// Dropped at any point, this leaves a run in state running, no child process, and no part of an answer.
async fn solve(task: Task) -> Result<(), Problem> {
    let run: RunId = serde_json::from_value(task.payload["run"].clone())?;
    let (base, actor) = (&task.base, Actor::system(task.organisation));
    let started = base
        .transact(actor.may::<Solve>()?, async |w| {
            let started = runs::start(&w, run, task.attempt).await?;
            Ok(w.done(started))
        })
        .await?;
    if !started {
        return Ok(());
    }
    if task.attempt > ATTEMPTS {
        return end(&task, &actor, run, Ending::Failure(Cause::WorkersDied, String::new())).await;
    }
    let ending = match ask(base, &actor, run).await? {
        Ended::Answer(text) => Ending::Answer(text),
        Ended::Stopped => Ending::Cancelled,
        Ended::Refused(problems) => Ending::Failure(Cause::Refused, problems),
        Ended::Crashed { status, last_words } => {
            tracing::warn!(%run, attempt = task.attempt, %status, "the solver ended without an answer");
            if task.attempt < ATTEMPTS {
                return Err(Problem::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "internal"));
            }
            Ending::Failure(Cause::Crashed, format!("{status}. {last_words}"))
        }
    };
    end(&task, &actor, run, ending).await
}

/// The answer and the end of the job are one write: a worker that has lost its lease writes nothing.
async fn end(task: &Task, actor: &Actor, run: RunId, ending: Ending) -> Result<(), Problem> {
    task.base
        .transact(actor.may::<Solve>()?, async |w| {
            runs::end(&w, run, ending).await?;
            task.complete(&w).await?;
            Ok(w.done(()))
        })
        .await
}

async fn ask(base: &Base, actor: &Actor, run: RunId) -> Result<Ended, Problem> {
    let instance = runs::instance(base.db.reads(), actor, run).await?;
    let present = runs::glance(base.db.reads(), actor, run).await?;
    if present.cancel_requested {
        return Ok(Ended::Stopped);
    }
    let sequence = present.progress.map_or(0, |step| step.sequence);
    let limits = Limits {
        time: Duration::from_secs(base.config.solver_seconds.into()),
        memory_mib: base.config.solver_memory_mib,
    };
    let program = base.config.solver_path().map_err(Problem::internal)?;
    let (began, span) = (Instant::now(), telemetry::solver(run));
    let solving = process::solve(&program, &limits, instance, OfRun { base, actor, run, sequence });
    let ended = solving.instrument(span.clone()).await;
    let word = match &ended {
        Ok(Ended::Answer(_)) => "answered",
        Ok(Ended::Refused(_)) => "refused",
        Ok(Ended::Stopped) => "stopped",
        Ok(Ended::Crashed { .. }) | Err(_) => "crashed",
    };
    telemetry::ended(&span, word, word == "crashed");
    metrics::count(Counter::SolverRuns, &[("ended", word)]);
    metrics::time(Span::Solver, &[], began.elapsed());
    ended.map_err(Problem::internal)
}

/// Keeps the run's row and the solver's process in step.
struct OfRun<'a> {
    base: &'a Base,
    actor: &'a Actor,
    run: RunId,
    sequence: i64,
}

impl Watch for OfRun<'_> {
    async fn report(&mut self, progress: Progress) {
        self.sequence += 1;
        let step = Step { sequence: self.sequence, progress };
        // The next report replaces a lost one.
        if let Err(problem) = runs::note_progress(self.base.db.reads(), self.actor, self.run, &step).await {
            tracing::warn!(run = %self.run, %problem, "progress was not noted");
        }
        self.base.live.wake_all(self.base.db.reads(), self.run.0).await;
    }

    async fn is_told_to_stop(&mut self) -> bool {
        let run = runs::glance(self.base.db.reads(), self.actor, self.run).await;
        run.is_ok_and(|run| run.cancel_requested)
    }
}
