//! The whole way from an instance to a checked result.

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use crate::{
    Instance, Outcome, check,
    model::{
        Network, Rules, Standings, conflict, count, engine,
        engine::Watch,
        tiers::{self, Goal, Relaxed, Search},
    },
    outcome::{CheckerReport, RuleName, Status},
    publish::{
        amount, figures,
        units::{self, Published},
    },
    read::Reading,
    write,
};

/// Share of the time limit that the tiers may use; the rest is for whole units.
const TIERS_SHARE: f64 = 0.8;

/// Where a solve stands. Printed as one JSON line each by `eslabon solve --progress json`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Progress {
    /// `build`, a tier's name, `publish`, `check`.
    pub phase: String,
    /// Best value of the tier so far.
    pub best: Option<f64>,
    /// Proven bound of the tier so far.
    pub bound: Option<f64>,
    /// Seconds since the start.
    pub seconds: f64,
}

/// How the caller watches and stops a solve.
pub struct Control<'a> {
    /// Called at every phase and while the engine runs.
    pub progress: &'a mut dyn FnMut(&Progress),
    /// Set it to stop within two seconds.
    pub cancel: &'a AtomicBool,
}

/// Why there is no result at all.
#[derive(Debug, thiserror::Error)]
pub enum SolveError {
    /// The engine answered with something that it should not: a defect.
    #[error("the engine failed in phase {phase}: {cause}")]
    Engine {
        /// Where.
        phase: String,
        /// What it said.
        cause: String,
    },
    /// The checker refused the result: a defect; the result is not returned.
    #[error("the result failed its own check: {0}")]
    Check(String),
}

/// Solves a valid instance.
///
/// # Errors
/// [`SolveError`] on defects only; infeasible and stopped solves are outcomes.
pub fn solve(reading: &Reading, control: &mut Control<'_>) -> Result<Outcome, SolveError> {
    // Held until every model of this solve is dropped.
    let _alone = engine::lock();
    let instance = &reading.instance;
    let limit = instance.limits.time_limit_seconds.to_f64();
    let mut watch = Watch::new(limit, control.cancel, control.progress);
    watch.enter("build");
    let network = Network::new(instance);
    let standings = Standings::new(&network);
    let rules = Rules::new(&network, &standings);
    let mut outcome = blank(reading);

    let end = watch.deadline;
    watch.shorten(TIERS_SHARE);
    let search = tiers::solve(&network, &rules, &mut watch)?;
    watch.deadline = end;
    let relaxed = match search {
        Search::Found(relaxed) => relaxed,
        Search::Cancelled => {
            return without_awards(instance, outcome, Status::Interrupted, Vec::new(), watch);
        }
        // What keeps every rule in exact numbers refutes an engine that finds nothing.
        without => match (decided_only(&network, &rules), without) {
            (Some(relaxed), _) => relaxed,
            (None, Search::Infeasible) => {
                watch.enter("conflict");
                let conflict = conflict::find(&network, &rules, &mut watch)?;
                return without_awards(instance, outcome, Status::Infeasible, conflict, watch);
            }
            (None, Search::Failed(tier)) => {
                return Err(SolveError::Engine {
                    phase: tier.name().to_owned(),
                    cause: "its numbers lie too many orders of magnitude apart".to_owned(),
                });
            }
            (None, _) => {
                return without_awards(instance, outcome, Status::Interrupted, Vec::new(), watch);
            }
        },
    };

    watch.enter("publish");
    let units = match units::publish(&network, &rules, &relaxed, &mut watch)? {
        Published::Units(units) => units,
        Published::Impossible(broken) => {
            return without_awards(instance, outcome, Status::Unpublishable, broken, watch);
        }
        Published::Cancelled => {
            return without_awards(instance, outcome, Status::Interrupted, Vec::new(), watch);
        }
    };
    let in_time = watch.seconds_left() > 0.;
    outcome.status = if relaxed.complete && in_time { Status::Optimal } else { Status::Feasible };
    let places = amount::minor_unit(&instance.currency);
    outcome.warnings.extend(relaxed.warnings);
    outcome.tiers = figures::tiers(&network, &relaxed.reached, &units, places);
    outcome.awards = figures::awards(&network, &units, places);
    outcome.unmet = figures::unmet(&network, &units);
    outcome.dependency = figures::dependency(&network, &standings, &rules, &relaxed.shares, &units);

    watch.enter("check");
    outcome.checker = checked(instance, &outcome)?;
    watch.leave();
    outcome.seconds = watch.seconds;
    Ok(outcome)
}

fn blank(reading: &Reading) -> Outcome {
    Outcome {
        engine: engine::name(),
        fingerprint: write::fingerprint(&reading.instance),
        warnings: reading.warnings.clone(),
        ..Outcome::blank(&reading.instance.currency)
    }
}

fn without_awards(
    instance: &Instance,
    mut outcome: Outcome,
    status: Status,
    conflict: Vec<RuleName>,
    mut watch: Watch<'_>,
) -> Result<Outcome, SolveError> {
    outcome.status = status;
    outcome.conflict = conflict;
    outcome.checker = checked(instance, &outcome)?;
    watch.leave();
    outcome.seconds = watch.seconds;
    Ok(outcome)
}

/// What people fixed and nothing else, if that keeps every rule: what is left when there is no
/// other solution.
fn decided_only(network: &Network<'_>, rules: &Rules) -> Option<Relaxed> {
    let units = rules.decided_only(network)?;
    let shares: Vec<f64> =
        units.iter().enumerate().map(|(i, units)| count(*units) / count(network.quantity(i))).collect();
    let reached = network
        .instance
        .objectives
        .iter()
        .map(|objective| Goal::over_shares(network, rules, objective).unproven(&shares))
        .collect();
    Some(Relaxed { reached, shares, complete: false, warnings: Vec::new() })
}

/// The independent checker's report; a result that it refuses is never returned.
fn checked(instance: &Instance, outcome: &Outcome) -> Result<CheckerReport, SolveError> {
    let verdict = check::check(instance, outcome);
    if verdict.report.passed {
        return Ok(verdict.report);
    }
    let found: Vec<String> = verdict
        .violations
        .iter()
        .map(|violation| {
            let subject = violation.rule.subject.join(", ");
            format!("{} ({subject}): {}", violation.rule.rule, violation.detail)
        })
        .collect();
    Err(SolveError::Check(found.join("; ")))
}
