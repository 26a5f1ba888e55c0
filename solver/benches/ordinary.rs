//! How long ordinary programmes take, as ratios to one cold solve of the first tier by HiGHS.
//!
//! ```console
//! $ cargo bench --profile ci --workspace --bench ordinary
//! ```
//!
//! The baseline is the linear program of the first tier, coverage, written here straight from the format's
//! definition and handed to HiGHS with its default options: demand, capacity and dependency rows, N a column of
//! its own. Its building is not counted. Ours is everything: building, the tiers, whole units, the check.
//! Baseline and ours run one after the other in the same process, several times, and the least times are compared,
//! as whatever else the machine does only adds to them.
//!
//! A session solves the instance from the beginning, then after one award of the result was forbidden, which is the
//! first time that it solves again; then with another forbidden instead, and then with a pair forbidden that has no
//! award. Each of the three is compared with the solve from the beginning of the same session, and the medians over
//! several sessions, with awards all over the lots, are stated.
//!
//! Arguments: `-- SUPPLIERS LOTS PAIRS_PER_LOT REPETITIONS`; by default 300 600 10 3, so 6,000 pairs.

use std::{
    collections::BTreeMap,
    error::Error,
    io::{self, Write},
    sync::atomic::AtomicBool,
    time::Instant,
};

use eslabon_solver::{
    Decimal, Instance, Outcome, Session,
    generate::{Family, Options, generate},
    instance::{Objective, Tier},
    read::Reading,
    solve::{Control, Progress, SolveError, solve},
};
use highs::{RowProblem, Sense};

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let [suppliers, lots, pairs_per_lot, repetitions] = numbers[..] else {
        return measure(300, 600, 10, 3);
    };
    measure(suppliers, lots, pairs_per_lot, repetitions)
}

fn measure(
    suppliers: usize,
    lots: usize,
    pairs_per_lot: usize,
    repetitions: usize,
) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "| family | cap | HiGHS, first tier | three tiers | ratio | with spread | ratio | award forbidden | part of the first solve | pair without award | first time again |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|---|")?;
    for family in [Family::Tight, Family::Slack, Family::DominantBuyer] {
        for cap in [10, 20, 30] {
            let options =
                Options { suppliers, lots, buyers: 20, pairs_per_lot, tightness: None, family, seed: 1 };
            let mut instance = plain(generate(&options));
            instance.dependency_cap = Some(Decimal::new(cap, 2));
            let mut even = instance.clone();
            even.objectives.push(Objective { tier: Tier::Spread, tolerance: Decimal::ZERO });
            let turns =
                (0..repetitions.max(1)).map(|_| [first_tier(&instance), ours(&instance), ours(&even)]);
            let [baseline, three, spread] = turns.fold([f64::INFINITY; 3], |least, turn| {
                [least[0].min(turn[0]), least[1].min(turn[1]), least[2].min(turn[2])]
            });
            let again = again(&instance, 2 * repetitions + 1);
            writeln!(
                out,
                "| {} | {cap} % | {baseline:.3} s | {three:.3} s | {:.1} | {spread:.3} s | {:.1} | {:.4} s | {:.3} | {:.3} | {:.3} |",
                family.name(),
                three / baseline,
                spread / baseline,
                again.seconds,
                again.used,
                again.unused,
                again.first,
            )?;
            out.flush()?;
        }
    }
    Ok(())
}

/// The linear part of a network: rules that the first tier's program below has as well.
fn plain(mut instance: Instance) -> Instance {
    instance.objectives = [(Tier::Coverage, 0), (Tier::Fit, 1), (Tier::Cost, 1)]
        .map(|(tier, percent)| Objective { tier, tolerance: Decimal::new(percent, 2) })
        .to_vec();
    instance.limits.time_limit_seconds = Decimal::from(300);
    instance
}

/// The median of what runs report.
fn median(repetitions: usize, run: impl FnMut(usize) -> f64) -> f64 {
    let mut seconds: Vec<f64> = (0..repetitions.max(1)).map(run).collect();
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// Seconds of a whole solve.
fn ours(instance: &Instance) -> f64 {
    let reading = Reading { instance: instance.clone(), warnings: Vec::new() };
    timed(|control| solve(&reading, control)).0
}

/// A session's later solves: medians, the last three as parts of the first solve.
struct Again {
    /// After an award was forbidden.
    seconds: f64,
    used: f64,
    /// After a pair without award was forbidden.
    unused: f64,
    /// The first time.
    first: f64,
}

fn again(instance: &Instance, sessions: usize) -> Again {
    let turns: Vec<[f64; 4]> = (0..sessions).map(|turn| turn_of(instance, turn, sessions)).collect();
    let of = |place: usize| median(sessions, |turn| turns[turn][place]);
    Again { seconds: of(0), used: of(1), unused: of(2), first: of(3) }
}

fn turn_of(instance: &Instance, turn: usize, turns: usize) -> [f64; 4] {
    let mut session = Session::new(Reading { instance: instance.clone(), warnings: Vec::new() });
    let (anew, Some(best)) = timed(|control| session.solve(control)) else { return [f64::NAN; 4] };
    let chosen = |place: usize| &best.awards[place * best.awards.len() / (2 * turns)];
    let mut without = |supplier: &str, lot: &str| {
        if session.forbid(supplier, lot).is_err() {
            return f64::NAN;
        }
        let seconds = timed(|control| session.solve(control)).0;
        session.withdraw(supplier, lot);
        seconds
    };
    let first = without(&chosen(2 * turn).supplier, &chosen(2 * turn).lot);
    let used = without(&chosen(2 * turn + 1).supplier, &chosen(2 * turn + 1).lot);
    let idle: Vec<_> = (instance.pairs.iter())
        .filter(|pair| {
            !best.awards.iter().any(|award| (&award.supplier, &award.lot) == (&pair.supplier, &pair.lot))
        })
        .collect();
    let idle = idle[turn * idle.len() / turns];
    let unused = without(&idle.supplier, &idle.lot);
    [used, used / anew, unused / anew, first / anew]
}

/// Seconds of a solve, and what it found.
fn timed(solve: impl FnOnce(&mut Control<'_>) -> Result<Outcome, SolveError>) -> (f64, Option<Outcome>) {
    let start = Instant::now();
    let cancel = AtomicBool::new(false);
    let mut control = Control { progress: &mut |_: &Progress| {}, cancel: &cancel };
    let found = solve(&mut control);
    let seconds = start.elapsed().as_secs_f64();
    match &found {
        Ok(outcome) => {
            let phases: Vec<String> =
                outcome.seconds.iter().map(|phase| format!("{} {:.3}", phase.phase, phase.seconds)).collect();
            let _ = writeln!(io::stderr(), "{:?}: {}", outcome.status, phases.join(", "));
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
        }
    }
    (seconds, found.ok())
}

/// Solves the first tier's program from the beginning, by HiGHS alone; seconds without building.
fn first_tier(instance: &Instance) -> f64 {
    let mut problem = RowProblem::default();
    let lots: BTreeMap<&str, &eslabon_solver::instance::Lot> =
        instance.lots.iter().map(|lot| (lot.id.as_str(), lot)).collect();
    let groups: BTreeMap<&str, &str> =
        instance.buyers.iter().map(|buyer| (buyer.id.as_str(), buyer.group.as_str())).collect();
    let mut demand: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    let mut load: BTreeMap<(&str, &str), Vec<_>> = BTreeMap::new();
    let mut from_group: BTreeMap<(&str, &str), Vec<_>> = BTreeMap::new();
    let mut from_all: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for pair in &instance.pairs {
        let lot = lots[pair.lot.as_str()];
        let quantity = lot.quantity.to_string().parse::<f64>().unwrap_or(f64::NAN);
        let worth = lot.weight.to_f64() * lot.reference_price.to_f64() * quantity;
        let column = problem.add_column(worth, 0.0..=pair.max_share.min(lot.max_share).to_f64());
        let annual = pair.unit_price.to_f64() * quantity / lot.years.to_f64();
        let supplier = pair.supplier.as_str();
        demand.entry(&pair.lot).or_default().push((column, 1.));
        load.entry((supplier, &lot.process)).or_default().push((column, pair.load.to_f64() * quantity));
        from_group.entry((supplier, groups[lot.buyer.as_str()])).or_default().push((column, annual));
        from_all.entry(supplier).or_default().push((column, annual));
    }
    for terms in demand.values() {
        problem.add_row(..=1., terms);
    }
    for row in &instance.capacity {
        if let Some(terms) = load.get(&(row.supplier.as_str(), row.process.as_str())) {
            problem.add_row(..=row.amount.to_f64(), terms);
        }
    }
    let sold: BTreeMap<(&str, &str), f64> = instance
        .sales
        .iter()
        .map(|row| ((row.supplier.as_str(), row.group.as_str()), row.amount.to_f64() - row.expiring.to_f64()))
        .collect();
    let cap = instance.dependency_cap.map_or(1., Decimal::to_f64);
    for supplier in &instance.suppliers {
        let Some(all) = from_all.get(supplier.id.as_str()) else { continue };
        let sales = supplier.annual_sales.map_or(0., Decimal::to_f64);
        let scale = all.iter().map(|(_, annual)| annual).sum::<f64>().max(sales).max(1.);
        let new = problem.add_column(0., 0.0..);
        let mut terms: Vec<_> = all.iter().map(|(column, annual)| (*column, annual / scale)).collect();
        terms.push((new, -1.));
        problem.add_row(0.0..=0.0, terms);
        for ((_, group), offers) in
            from_group.range((supplier.id.as_str(), "")..).take_while(|((s, _), _)| *s == supplier.id)
        {
            let existing = sold.get(&(supplier.id.as_str(), *group)).copied().unwrap_or(0.);
            let room = instance.dependency_allowance.to_f64().max(existing - cap * sales);
            let mut terms: Vec<_> = offers.iter().map(|(column, annual)| (*column, annual / scale)).collect();
            terms.push((new, -cap));
            problem.add_row(..=(cap * sales + room - existing) / scale, terms);
        }
    }
    let mut model = problem.optimise(Sense::Maximise);
    model.make_quiet();
    let start = Instant::now();
    let solved = model.solve();
    let seconds = start.elapsed().as_secs_f64();
    let _ = writeln!(io::stderr(), "HiGHS: {:?} {:.2} s", solved.status(), seconds);
    seconds
}
