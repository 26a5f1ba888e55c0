//! How a command that solves is watched and stopped: its progress on standard error, its signals.

use std::{
    fmt::Write as _,
    io::{IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clap::ValueEnum;
use eslabon_solver::solve::{Control, Progress};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

/// Exit code of a command that was stopped and has no result.
pub(super) const STOPPED: u8 = 4;
/// Exit code of a signal before there is anything to stop, and of a second one, as shells report it: 128 + SIGINT.
const KILLED: i32 = 130;
/// Whoever stops a solve waits no longer than two seconds. The engine looks up by itself far more
/// often in its long phases, but not in every one of its short ones; what it has not noticed by then
/// it need not notice: nothing of a solve that was stopped is kept.
const PATIENCE: Duration = Duration::from_millis(1_700);
/// Cells of the progress bar.
const BAR: usize = 24;

/// What is said while solving.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(super) enum ProgressForm {
    /// One JSON object a line
    Json,
    /// A line that is rewritten
    Bar,
    /// Nothing
    None,
}

impl ProgressForm {
    /// A bar where somebody can see it move.
    pub(super) fn or_default(form: Option<Self>) -> Self {
        let default = if std::io::stderr().is_terminal() { Self::Bar } else { Self::None };
        form.unwrap_or(default)
    }
}

/// Listens to signals, from before an instance is read until the command ends.
pub(super) struct Signals {
    /// Whether there is nothing yet that could be asked to stop.
    reading: Arc<AtomicBool>,
    cancel: Arc<AtomicBool>,
    finished: Arc<AtomicBool>,
}

impl Signals {
    /// Begins to listen. Until work is [`watched`](Self::watched) a signal ends the process at once.
    ///
    /// Then the first one asks the solver to stop, and ends the process when that takes too long; the second one does
    /// not wait.
    pub(super) fn listen() -> Self {
        let signals = Self {
            reading: Arc::new(AtomicBool::new(true)),
            cancel: Arc::default(),
            finished: Arc::default(),
        };
        let (listening, listened) = std::sync::mpsc::channel();
        let theirs = signals.shared();
        std::thread::spawn(move || theirs.wait(&listening));
        // Until then a signal would end the process without its exit code. A thread that gives up hangs up.
        let _ = listened.recv();
        signals
    }

    fn shared(&self) -> Self {
        let Self { reading, cancel, finished } = self;
        Self { reading: Arc::clone(reading), cancel: Arc::clone(cancel), finished: Arc::clone(finished) }
    }

    /// Does work that can be watched and stopped. `limit`: seconds that it may take, for the bar.
    pub(super) fn watched<T>(
        self,
        form: Option<ProgressForm>,
        limit: f64,
        work: impl FnOnce(&mut Control<'_>) -> T,
    ) -> T {
        let form = ProgressForm::or_default(form);
        self.reading.store(false, Ordering::Release);
        // A reader that has gone away is no reason to stop.
        let mut progress = |progress: &Progress| match form {
            ProgressForm::Json => {
                let _ = writeln!(std::io::stderr(), "{}", json!(progress));
            }
            ProgressForm::Bar => {
                let _ = write!(std::io::stderr(), "\r\x1b[K{}", line(progress, limit));
            }
            ProgressForm::None => {}
        };
        let done = work(&mut Control { progress: &mut progress, cancel: &self.cancel });
        if form == ProgressForm::Bar {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
        if self.finished.swap(true, Ordering::AcqRel) {
            // The other thread has lost its patience, and ends the process.
            loop {
                std::thread::park();
            }
        }
        done
    }

    /// Waits for signals, and does what they ask for. `listening`: whom to tell that it does.
    fn wait(self, listening: &std::sync::mpsc::Sender<()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without a runtime signals keep their default, which ends the process.
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            // Nobody waits for it any more only if the process is about to end.
            let _ = listening.send(());
            let mut one = async || {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            };
            one().await;
            if self.reading.load(Ordering::Acquire) {
                let _ = writeln!(
                    std::io::stderr(),
                    "eslabon: stopped while the instance was read; nothing was solved"
                );
                end(KILLED);
            }
            self.cancel.store(true, Ordering::Relaxed);
            if tokio::time::timeout(PATIENCE, one()).await.is_ok() {
                end(KILLED);
            }
            if !self.finished.swap(true, Ordering::AcqRel) {
                let _ = writeln!(std::io::stderr(), "\reslabon: stopped without a result");
                end(STOPPED.into());
            }
            one().await;
            end(KILLED);
        });
    }
}

#[expect(clippy::exit, reason = "somebody asked to stop; nothing is written that could be torn")]
fn end(code: i32) -> ! {
    std::process::exit(code)
}

/// Where a solve stands, on one line: how much of its time is used, and how good it is.
fn line(progress: &Progress, limit: f64) -> String {
    let used = if limit > 0. { (progress.seconds / limit).clamp(0., 1.) } else { 0. };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to BAR")]
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let full = (used * BAR as f64).round() as usize;
    let bar = "█".repeat(full) + &"░".repeat(BAR - full);
    let mut line = format!("{:<10} {bar} {:.0} of {limit:.0} s", progress.phase, progress.seconds);
    let (best, bound) = (progress.best, progress.bound);
    if let Some(best) = best {
        let _ = write!(line, "  best {best:.2}");
    }
    if let (Some(best), Some(bound)) = (best, bound) {
        let _ = write!(line, "  gap {:.2} %", (best - bound).abs() / best.abs().max(1e-9) * 100.);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_time_and_quality() {
        let mut progress = Progress { phase: "coverage".to_owned(), best: None, bound: None, seconds: 15. };
        let quarter = "██████░░░░░░░░░░░░░░░░░░";
        assert_eq!(line(&progress, 60.), format!("coverage   {quarter} 15 of 60 s"));
        (progress.best, progress.bound, progress.seconds) = (Some(200.), Some(201.), 600.);
        let shown = line(&progress, 60.);
        assert!(shown.ends_with("600 of 60 s  best 200.00  gap 0.50 %"), "{shown}");
    }
}
