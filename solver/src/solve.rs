//! The whole way from an instance to a checked result.

use std::{panic::resume_unwind, sync::atomic::AtomicBool, thread};

use serde::{Deserialize, Serialize};

use crate::{
    Instance, Outcome, check,
    explain::{self, Explain},
    first_order,
    halves::{are_worth_a_thread, both},
    instance::{Engine, Tier},
    model::{
        Network, Rules, Standings, Stated, Warm, conflict, double, engine,
        engine::Watch,
        linear::{Grain, columns_of},
        relax, start,
        tiers::{Goal, Relaxed, Search},
    },
    outcome::{CheckerReport, RuleName, Status},
    problem::Problem,
    publish::{
        amount, context, figures,
        rounding::Rounding,
        units::{self, Published},
    },
    read::{Reading, codes},
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
    solve_explained(reading, &Explain::Nothing, control)
}

/// The same, with explanations: they take what the awards leave of the time limit.
///
/// # Errors
/// As [`solve`].
pub fn solve_explained(
    reading: &Reading,
    explain: &Explain,
    control: &mut Control<'_>,
) -> Result<Outcome, SolveError> {
    // Held until every model of this solve is dropped.
    let _alone = engine::lock();
    let mut warm = if *explain == Explain::Nothing { Warm::default() } else { Warm::keeping() };
    let outcome = solve_from(reading, &mut warm, explain, control);
    drop(warm);
    engine::give_back();
    outcome
}

/// The same from what was solved before. The caller holds the engine's lock for as long as `warm` lives.
pub(crate) fn solve_from(
    reading: &Reading,
    warm: &mut Warm,
    explain: &Explain,
    control: &mut Control<'_>,
) -> Result<Outcome, SolveError> {
    let instance = &reading.instance;
    let limit = instance.limits.time_limit_seconds.to_f64();
    let mut watch = Watch::new(limit, control.cancel, control.progress);
    watch.enter("build");
    let stated = warm.state(instance);
    watch.keep_the_end();
    // The engine has a thread, and this one waits for it: so there is another for what needs no shares.
    let prepared = || (blank(reading, &stated), Rounding::new(&stated.network, &stated.rules));
    let outcome = if are_worth_a_thread(stated.network.offers.len()) {
        thread::scope(|scope| {
            let beside = scope.spawn(prepared);
            let prepared = || beside.join().unwrap_or_else(|panic| resume_unwind(panic));
            solve_stated(&stated, prepared, warm, explain, watch)
        })
    } else {
        solve_stated(&stated, prepared, warm, explain, watch)
    };
    warm.keep(stated);
    outcome
}

/// From stated rules to the result. `prepared`: a result without awards, and a rounding.
fn solve_stated(
    stated: &Stated<'_>,
    prepared: impl FnOnce() -> (Outcome, Rounding),
    warm: &mut Warm,
    explain: &Explain,
    mut watch: Watch<'_>,
) -> Result<Outcome, SolveError> {
    let Stated { network, rules, .. } = stated;
    let instance = network.instance;
    let end = watch.deadline;
    watch.shorten(TIERS_SHARE);
    let search = match first_order::optimise(network, rules, &mut watch)? {
        Some(search) => search,
        None => warm.solve(network, rules, true, &mut watch)?,
    };
    watch.deadline = end;
    let (mut outcome, rounding) = prepared();
    let relaxed = match search {
        Search::Found(relaxed) => relaxed,
        Search::Cancelled => {
            return without_awards(instance, outcome, Status::Interrupted, Vec::new(), watch);
        }
        // What keeps every rule in exact numbers refutes an engine that finds nothing.
        without => match (found_without_engine(network, rules, &without, &watch), without) {
            (Some(relaxed), _) => relaxed,
            (None, Search::Infeasible) => {
                watch.enter("conflict");
                let found = conflict::find(network, rules, &mut watch)?;
                let conflict = conflict::names(rules, &found);
                outcome.relaxation = relax::least(network, rules, &found, &mut watch)?;
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
    publish_and_check(stated, &relaxed, (outcome, rounding), (explain, warm), watch)
}

/// The result of shares: whole units that keep every rule, every figure, and the checker's report. Begins with a
/// result without awards, and a rounding.
pub(crate) fn publish_and_check(
    Stated { network, standings, rules, .. }: &Stated<'_>,
    relaxed: &Relaxed,
    (mut outcome, rounding): (Outcome, Rounding),
    (explain, warm): (&Explain, &mut Warm),
    mut watch: Watch<'_>,
) -> Result<Outcome, SolveError> {
    let instance = network.instance;
    watch.enter("publish");
    let units = match units::publish(network, rules, relaxed, rounding, &mut watch)? {
        Published::Units(units) => units,
        Published::Impossible(broken) => {
            return without_awards(instance, outcome, Status::Unpublishable, broken, watch);
        }
        Published::Cancelled => {
            return without_awards(instance, outcome, Status::Interrupted, Vec::new(), watch);
        }
    };
    if !relaxed.first_order {
        warm.publish(&units);
    }
    let in_time = watch.seconds_left() > 0.;
    outcome.status = if relaxed.complete && in_time { Status::Optimal } else { Status::Feasible };
    let places = amount::minor_unit(&instance.currency);
    if relaxed.first_order {
        first_order::NAME.clone_into(&mut outcome.engine);
    } else if instance.limits.engine == Engine::FirstOrder {
        outcome.warnings.push(not_first_order());
    }
    outcome.warnings.extend(relaxed.warnings.iter().cloned());
    outcome.warnings.extend(without_hhi_rule(network, standings));
    let half = || {
        let hhi = context::hhi(network, standings, &units);
        (figures::dependency(network, standings, rules, &relaxed.shares, &units), hhi)
    };
    let other = || {
        outcome.tiers = figures::tiers(network, rules, &relaxed.reached, &units, places);
        outcome.awards = figures::awards(network, &units, places);
        outcome.unmet = figures::unmet(network, &units);
        outcome.market = context::market(network, &units, places);
        outcome.development = context::development(network, &units, places);
    };
    let ((dependency, hhi), ()) = both(units.len(), half, other);
    (outcome.dependency, outcome.hhi) = (dependency, hhi);
    let solved = (relaxed, &units[..]);
    explain::add(network, standings, rules, solved, (explain, places, warm), &mut outcome, &mut watch)?;

    watch.enter("check");
    outcome.checker = checked(instance, &outcome)?;
    watch.leave();
    outcome.seconds = watch.seconds;
    Ok(outcome)
}

pub(crate) fn blank(reading: &Reading, stated: &Stated<'_>) -> Outcome {
    Outcome {
        engine: engine::name(),
        fingerprint: stated.fingerprint(),
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

/// Awards that need no engine: simple ones that keep every rule where time ran out, and otherwise what people
/// fixed and nothing else, if that does.
fn found_without_engine(
    network: &Network<'_>,
    rules: &Rules,
    search: &Search,
    watch: &Watch<'_>,
) -> Option<Relaxed> {
    let units = match search {
        Search::Nothing => start::awards(network, rules, || watch.is_over()),
        _ => rules.decided_only(network),
    }?;
    let columns = columns_of(network, rules, Grain::Shares, &units);
    let reached = network
        .instance
        .objectives
        .iter()
        .map(|objective| {
            let goal = Goal::new(network, rules, objective, Grain::Shares);
            let value = match objective.tier {
                Tier::Spread => double(&rules.tier_value(network, Tier::Spread, &units)),
                _ => goal.value(&columns),
            };
            goal.unproven(value)
        })
        .collect();
    let whole = network.instance.whole_units;
    Some(Relaxed {
        reached,
        shares: columns[..network.offers.len()].to_vec(),
        units: whole.then_some(units),
        published: None,
        path: Vec::new(),
        complete: false,
        duals: None,
        first_order: false,
        warnings: Vec::new(),
    })
}

/// Says that HiGHS solved what the first-order engine was asked for.
fn not_first_order() -> Problem {
    let codes::Code { code, action, .. } = codes::W2019;
    Problem {
        code: code.to_owned(),
        cause: "the first-order engine knows no rules or tiers that count awards, no least awards and no HHI cap; \
            HiGHS solved the instance"
            .to_owned(),
        action: action.to_owned(),
        file: String::new(),
        row: 0,
        column: "engine".to_owned(),
    }
}

/// Warns of suppliers that could be awarded and whom the instance's HHI cap cannot limit.
fn without_hhi_rule(network: &Network<'_>, standings: &Standings) -> Option<Problem> {
    let cap = network.instance.hhi_cap?;
    let ids: Vec<&str> = (0..network.suppliers.len())
        .filter(|i| !network.by_supplier[*i].is_empty() && standings.hhi_cap(*i, Some(cap)).is_none())
        .map(|i| network.suppliers[i].id.as_str())
        .collect();
    let codes::Code { code, action, .. } = codes::W2006;
    (!ids.is_empty()).then(|| Problem {
        code: code.to_owned(),
        cause: format!("without annual sales the HHI cap does not limit {}", ids.join(", ")),
        action: action.to_owned(),
        file: String::new(),
        row: 0,
        column: "hhi_cap".to_owned(),
    })
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

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::Ordering,
        time::{Duration, Instant},
    };

    use super::*;
    use crate::{model::engine::deaf, read::from_json};

    /// The engine's time beyond its end, deaf to every limit, as long as HiGHS separates cuts of a large program.
    const LONG: Duration = Duration::from_secs(30);

    /// What must be enough, however busy the machine is.
    const SOON: Duration = Duration::from_secs(4);

    /// A supplier with room for the two lots of 50 or for the one of 60, which a simple search takes first.
    fn reading(extra: &str) -> Reading {
        let lot = |id: &str, quantity: u32| {
            format!(
                r#"{{"id": "{id}", "buyer": "A", "process": "p", "quantity": {quantity}, "reference_price": 1 {extra}}}"#
            )
        };
        let json = format!(
            r#"{{"format": "eslabon-instance/1", "currency": "USD", "time_limit_seconds": 1,
                "objectives": ["coverage", "cost"],
                "buyers": [{{"id": "A"}}], "suppliers": [{{"id": "S"}}],
                "capacity": [{{"supplier": "S", "process": "p", "amount": 100}}],
                "lots": [{}, {}, {}],
                "pairs": [{{"supplier": "S", "lot": "L"}}, {{"supplier": "S", "lot": "M"}},
                    {{"supplier": "S", "lot": "N"}}]}}"#,
            lot("L", 60),
            lot("M", 50),
            lot("N", 50)
        );
        from_json(json.as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    fn solved_in(reading: &Reading, control: &mut Control<'_>) -> (Outcome, Duration) {
        let start = Instant::now();
        let outcome = deaf::with(LONG, || solve(reading, control)).expect("no defect");
        (outcome, start.elapsed())
    }

    #[test]
    fn an_engine_that_does_not_come_back_is_left_and_what_it_found_is_published() {
        let cancel = AtomicBool::new(false);
        let mut control = Control { progress: &mut |_| {}, cancel: &cancel };
        let (outcome, took) = solved_in(&reading(r#", "divisible": false"#), &mut control);
        assert!(took < SOON, "{took:?}");
        assert_eq!(outcome.status, Status::Feasible);
        assert!(outcome.checker.passed);
        assert_eq!(outcome.tiers[0].published, "100.00", "{outcome:#?}");
        assert!(outcome.tiers[0].bound >= 100., "{outcome:#?}");
    }

    #[test]
    fn a_linear_program_that_does_not_come_back_leaves_what_is_found_without_an_engine() {
        let cancel = AtomicBool::new(false);
        let mut control = Control { progress: &mut |_| {}, cancel: &cancel };
        let (outcome, took) = solved_in(&reading(""), &mut control);
        assert!(took < SOON, "{took:?}");
        assert_eq!(outcome.status, Status::Feasible);
        assert_eq!(outcome.tiers[0].published, "100.00", "{outcome:#?}");
        assert!(outcome.tiers[0].gap >= 0.5, "a bound of 160 is all that is proven: {outcome:#?}");
    }

    #[test]
    fn cancelling_does_not_wait_for_the_engine() {
        for extra in [r#", "divisible": false"#, ""] {
            let mut reading = reading(extra);
            reading.instance.limits.time_limit_seconds = crate::Decimal::from(60);
            let cancel = AtomicBool::new(false);
            let mut reports = 0;
            let mut progress = |progress: &Progress| {
                // The second comes while the engine runs.
                reports += usize::from(progress.phase == "coverage");
                if reports == 2 {
                    cancel.store(true, Ordering::Relaxed);
                }
            };
            let (outcome, took) =
                solved_in(&reading, &mut Control { progress: &mut progress, cancel: &cancel });
            assert!(took < Duration::from_secs(2), "{took:?}");
            assert_eq!(outcome.status, Status::Interrupted);
        }
    }
}
