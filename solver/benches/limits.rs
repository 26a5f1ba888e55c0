//! How strictly limits are kept where the engine works hardest: programs with binaries, from small ones to ones
//! that it does not finish.
//!
//! ```console
//! $ cargo bench --profile ci --workspace --bench limits
//! ```
//!
//! For every network and time limit: the seconds from the call to the checked result beyond the limit (less than
//! 0 where it was done before), the status, and the first tier's gap. `cancel` stands for a cancellation after 5
//! seconds; its seconds are those from then on.
//!
//! Arguments: `-- LARGEST`, the most pairs that a network may have; by default all.

use std::{
    error::Error,
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use eslabon_solver::{
    Decimal,
    generate::{Family, Options, generate},
    outcome::Status,
    read::Reading,
    solve::{Control, Progress, solve},
};

/// Suppliers, lots, buyers, pairs per lot.
const NETWORKS: [(Family, [usize; 4]); 6] = [
    (Family::Integer, [100, 50, 10, 8]),
    (Family::Integer, [300, 150, 20, 8]),
    (Family::Integer, [1000, 500, 50, 8]),
    (Family::RealLike, [300, 600, 50, 10]),
    (Family::RealLike, [1000, 2000, 50, 10]),
    (Family::RealLike, [3000, 6000, 50, 10]),
];

/// Seconds.
const LIMITS: [i64; 3] = [5, 20, 45];

const CANCEL_AFTER: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    let largest = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(usize::MAX);
    let mut out = io::stdout().lock();
    writeln!(out, "| network | pairs | limit | beyond | status | gap of the first tier |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for (family, [suppliers, lots, buyers, pairs_per_lot]) in NETWORKS {
        let options = Options { suppliers, lots, buyers, pairs_per_lot, tightness: None, family, seed: 1 };
        let instance = generate(&options);
        let pairs = instance.pairs.len();
        if pairs > largest {
            continue;
        }
        let mut reading = Reading { instance, warnings: Vec::new() };
        for limit in LIMITS.into_iter().map(Some).chain([None]) {
            reading.instance.limits.time_limit_seconds = Decimal::from(limit.unwrap_or(600));
            let (beyond, status, gap) = beyond(&reading, limit);
            let limit = limit.map_or_else(|| "cancel".to_owned(), |seconds| format!("{seconds} s"));
            let gap = gap.map_or_else(String::new, |gap| format!("{:.3} %", gap * 100.));
            writeln!(
                out,
                "| {family:?} {suppliers} × {lots} | {pairs} | {limit} | {beyond:+.2} s | {} | {gap} |",
                status.name()
            )?;
            out.flush()?;
        }
    }
    Ok(())
}

/// Seconds beyond the limit or the cancellation, the status, and the first tier's gap.
fn beyond(reading: &Reading, limit: Option<i64>) -> (f64, Status, Option<f64>) {
    let cancel = Arc::new(AtomicBool::new(false));
    if limit.is_none() {
        let cancel = Arc::clone(&cancel);
        #[expect(clippy::disallowed_methods, reason = "somebody cancels after a while")]
        thread::spawn(move || {
            thread::sleep(CANCEL_AFTER);
            cancel.store(true, Ordering::Relaxed);
        });
    }
    let start = Instant::now();
    let mut control = Control { progress: &mut |_: &Progress| {}, cancel: &cancel };
    let outcome = solve(reading, &mut control).unwrap_or_else(|error| panic!("{error}"));
    let seconds = start.elapsed().as_secs_f64();
    let phases: Vec<String> =
        outcome.seconds.iter().map(|phase| format!("{} {:.2}", phase.phase, phase.seconds)).collect();
    let tiers: Vec<String> = (outcome.tiers.iter())
        .map(|tier| format!("{} {} gap {:.5}", tier.name, tier.published, tier.gap))
        .collect();
    let _ = writeln!(io::stderr(), "{}; {}", phases.join(", "), tiers.join(", "));
    let asked = limit.map_or(CANCEL_AFTER, |seconds| Duration::from_secs(seconds.unsigned_abs()));
    (seconds - asked.as_secs_f64(), outcome.status, outcome.tiers.first().map(|tier| tier.gap))
}
