//! What a sweep over caps saves: `frontier` for 20 caps together, and for each of them alone, in one run.
//!
//! ```console
//! $ cargo bench --profile ci --workspace --bench sweep
//! ```
//!
//! Arguments: `-- SUPPLIERS LOTS PAIRS_PER_LOT`; by default 300 600 10, so 6,000 pairs.

use std::{
    error::Error,
    io::{self, Write},
    sync::atomic::AtomicBool,
    time::Instant,
};

use eslabon_solver::{
    Decimal, Frontier,
    frontier::{Points, frontier},
    generate::{Family, Options, generate},
    instance::{Objective, Tier},
    read::Reading,
    solve::{Control, Progress},
};

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let [suppliers, lots, pairs_per_lot] = numbers[..] else {
        return measure(300, 600, 10);
    };
    measure(suppliers, lots, pairs_per_lot)
}

fn measure(suppliers: usize, lots: usize, pairs_per_lot: usize) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    writeln!(out, "| family | 20 caps, each alone | together | part | of 20 caps solved |")?;
    writeln!(out, "|---|---|---|---|---|")?;
    for family in [Family::Tight, Family::Slack, Family::DominantBuyer] {
        let options =
            Options { suppliers, lots, buyers: 20, pairs_per_lot, tightness: None, family, seed: 1 };
        let mut instance = generate(&options);
        instance.objectives = [(Tier::Coverage, 0), (Tier::Fit, 1), (Tier::Cost, 1)]
            .map(|(tier, percent)| Objective { tier, tolerance: Decimal::new(percent, 2) })
            .to_vec();
        instance.limits.time_limit_seconds = Decimal::from(600);
        let reading = Reading { instance, warnings: Vec::new() };
        let points = Points::usual();
        let alone: Vec<(f64, Frontier)> =
            points.caps().iter().map(|cap| swept(&reading, &Points::new([*cap])).0).collect();
        let ((together, sweep), solved) = swept(&reading, &points);
        for (point, (_, alone)) in sweep.points.iter().zip(&alone) {
            for (tier, alone) in point.tiers.iter().zip(&alone.points[0].tiers) {
                let off = (tier.value - alone.value).abs() / alone.value.abs().max(1.);
                assert!(off < 1e-5, "{} {}: {tier:?} and alone {alone:?}", family.name(), point.cap);
            }
        }
        let alone: f64 = alone.iter().map(|(seconds, _)| seconds).sum();
        let part = together / alone;
        writeln!(out, "| {} | {alone:.1} s | {together:.1} s | {part:.2} | {solved} |", family.name())?;
        out.flush()?;
    }
    Ok(())
}

/// Seconds of a sweep, what it found, and how many caps it solved.
fn swept(reading: &Reading, points: &Points) -> ((f64, Frontier), usize) {
    let mut solved = 0;
    let mut last = String::new();
    let mut progress = |progress: &Progress| {
        if progress.phase.ends_with(": coverage") && progress.phase != last {
            solved += 1;
            last.clone_from(&progress.phase);
        }
    };
    let mut control = Control { progress: &mut progress, cancel: &AtomicBool::new(false) };
    let start = Instant::now();
    let found = frontier(reading, points, &mut control).unwrap_or_else(|error| panic!("{error}"));
    ((start.elapsed().as_secs_f64(), found), solved)
}
