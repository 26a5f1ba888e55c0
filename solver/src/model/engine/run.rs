//! One run of a model, on a thread of its own, so that whoever waits for it keeps the time whatever HiGHS does.
//!
//! HiGHS asks whether to go on in most of its loops and not in all: separating cuts of a large program takes
//! minutes without one look at a clock or a callback. So the run has its own thread, and the thread that asked
//! for it waits, reports, and looks at the clock. When time is up, or somebody cancels, the callback says so to
//! HiGHS; when HiGHS has not come back a moment later, the run is left to itself: its thread owns the model,
//! drops both when HiGHS returns, and nothing of it is used again. What the run had found until then is known,
//! since HiGHS hands every better solution of an integer program over as soon as it has it.
//!
//! A model that is left does not disturb those that come after it: what HiGHS shares between models, the
//! scheduler, is one for each thread that runs one.

use std::{
    ffi::{c_char, c_int, c_void},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use highs::{HighsStatus, Model, SolvedModel};

use super::{Watch, failure};
use crate::solve::SolveError;

/// Between two looks at the clock.
const LOOK: Duration = Duration::from_millis(20);

/// So many runs may be on their way at a time, those that were left included, before another one waits.
const MOST_RUNS: usize = 3;

/// As the main thread has, and more: HiGHS descends into programs within programs.
const STACK: usize = 16 << 20;

static RUNS: Mutex<usize> = Mutex::new(0);
static RUN_ENDED: Condvar = Condvar::new();

const INTERRUPTS: [c_int; 3] = [
    highs_sys::kHighsCallbackSimplexInterrupt,
    highs_sys::kHighsCallbackIpmInterrupt,
    highs_sys::kHighsCallbackMipInterrupt,
];

const SOLUTION: c_int = highs_sys::kHighsCallbackMipImprovingSolution;

/// What a run has shown so far, in the units of its objective.
#[derive(Default)]
pub(super) struct Seen {
    pub best: Option<f64>,
    pub bound: Option<f64>,
    /// The best solution of an integer program.
    pub columns: Option<Vec<f64>>,
    /// Whether nobody has looked at it yet.
    is_news: bool,
}

/// How a run ended.
pub(super) enum Run {
    Solved(SolvedModel),
    /// The engine refused it, and the model is lost.
    Refused,
    /// It did not end in time, and the model is lost.
    Left(Seen),
}

/// Runs a model until it is solved, or the watch has had enough.
pub(super) fn run(model: Model, watch: &mut Watch<'_>) -> Result<Run, SolveError> {
    let Some(running) = Running::begin(watch) else {
        return Ok(Run::Left(Seen::default()));
    };
    let seat = Arc::new(Seat::default());
    let (done, answer) = mpsc::sync_channel(1);
    let job = Job { model, seat: Arc::clone(&seat), running };
    #[cfg(test)]
    let deaf = deaf::for_this_thread();
    thread::Builder::new()
        .name("engine".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            let solved = job.run();
            #[cfg(test)]
            deaf::wait(deaf);
            // Nobody waits any more for a run that was left.
            let _ = done.send(solved);
        })
        .map_err(|error| failure(&watch.phase, &error))?;
    let mut stopped: Option<Instant> = None;
    loop {
        match answer.recv_timeout(LOOK) {
            Ok(Returned(Ok(solved))) => return Ok(Run::Solved(solved)),
            Ok(Returned(Err(_))) | Err(RecvTimeoutError::Disconnected) => return Ok(Run::Refused),
            Err(RecvTimeoutError::Timeout) => {}
        }
        {
            let mut seen = seat.seen();
            if std::mem::take(&mut seen.is_news)
                && let (Some(news), Some(columns)) = (&watch.news, &seen.columns)
            {
                // Whoever listened may have gone.
                let _ = news.send(columns.clone());
            }
            let of_watch = |value: Option<f64>| value.map(|value| value * watch.unit);
            (watch.best, watch.bound) =
                (of_watch(seen.best).or(watch.best), of_watch(seen.bound).or(watch.bound));
        }
        if watch.look() {
            continue;
        }
        seat.stop.store(true, Ordering::Relaxed);
        if stopped.get_or_insert_with(Instant::now).elapsed() >= watch.patience {
            return Ok(Run::Left(std::mem::take(&mut *seat.seen())));
        }
    }
}

/// A model on its way to the thread that runs it, and what it takes along.
struct Job {
    model: Model,
    seat: Arc<Seat>,
    running: Running,
}

#[expect(unsafe_code, reason = "the model holds a pointer")]
// SAFETY: HiGHS ties a model to no thread. Its scheduler belongs to the thread that runs a model, and is not
// part of the model. The model is owned by one thread at a time.
unsafe impl Send for Job {}

/// The same on the way back.
struct Returned(Result<SolvedModel, HighsStatus>);

#[expect(unsafe_code, reason = "the model holds a pointer")]
// SAFETY: as above.
unsafe impl Send for Returned {}

impl Job {
    /// Takes the job whole: a closure would take the model alone, which may not go to another thread.
    fn run(self) -> Returned {
        let Self { mut model, seat, running } = self;
        let _running = running;
        #[expect(unsafe_code, reason = "callbacks have no safe interface")]
        // SAFETY: the pointer is the model's own. The seat outlives the run below, and the callback is
        // taken away again after it.
        unsafe {
            let pointer = model.as_mut_ptr();
            highs_sys::Highs_setCallback(pointer, Some(on_call), Arc::as_ptr(&seat).cast_mut().cast());
            for kind in INTERRUPTS.into_iter().chain([SOLUTION]) {
                highs_sys::Highs_startCallback(pointer, kind);
            }
        }
        let solved = model.try_solve();
        #[expect(unsafe_code, reason = "the scheduler has no safe interface")]
        // SAFETY: it takes nothing of a model; the scheduler is this thread's, which runs nothing any more. So its
        // workers end before the next run brings others, and their memory is there for those.
        unsafe {
            highs_sys::Highs_resetGlobalScheduler(1);
        }
        Returned(solved.map(|mut solved| {
            #[expect(unsafe_code, reason = "callbacks have no safe interface")]
            // SAFETY: as above; stopped kinds are never called, so the dangling seat is never read.
            unsafe {
                let pointer = solved.as_mut_ptr();
                for kind in INTERRUPTS.into_iter().chain([SOLUTION]) {
                    highs_sys::Highs_stopCallback(pointer, kind);
                }
                highs_sys::Highs_setCallback(pointer, Some(on_call), std::ptr::null_mut());
            }
            solved
        }))
    }
}

/// Counts the runs on their way.
struct Running;

impl Running {
    /// Waits until there are few enough; `None` when the watch has had enough before.
    fn begin(watch: &mut Watch<'_>) -> Option<Self> {
        // A number, so a panic elsewhere leaves nothing broken behind.
        let mut runs = RUNS.lock().unwrap_or_else(PoisonError::into_inner);
        while *runs >= MOST_RUNS {
            if !watch.look() {
                return None;
            }
            (runs, _) = RUN_ENDED.wait_timeout(runs, LOOK).unwrap_or_else(PoisonError::into_inner);
        }
        *runs += 1;
        Some(Self)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *RUNS.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        RUN_ENDED.notify_one();
    }
}

/// What the callback and the thread that waits have in common.
#[derive(Default)]
struct Seat {
    stop: AtomicBool,
    seen: Mutex<Seen>,
}

impl Seat {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Whole values are put in, so a panic elsewhere leaves nothing broken behind.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(unsafe_code, reason = "HiGHS calls it with raw pointers")]
/// Keeps what the engine has found, and says whether to go on.
///
/// # Safety
/// `seat` is null or points to the [`Seat`] of a run in progress; `out` and `into` are null or valid.
unsafe extern "C" fn on_call(
    kind: c_int,
    _message: *const c_char,
    out: *const highs_sys::HighsCallbackDataOut,
    into: *mut highs_sys::HighsCallbackDataIn,
    seat: *mut c_void,
) {
    // SAFETY: see above. Any of the engine's threads may call; the seat is made for that.
    unsafe {
        let (Some(seat), Some(out)) = (seat.cast::<Seat>().as_ref(), out.as_ref()) else {
            return;
        };
        if kind == SOLUTION {
            let length = usize::try_from(out.mip_solution_size).unwrap_or(0);
            if length > 0 && !out.mip_solution.is_null() {
                let columns = std::slice::from_raw_parts(out.mip_solution, length).to_vec();
                let mut seen = seat.seen();
                (seen.columns, seen.is_news) = (Some(columns), true);
            }
            // HiGHS asks nothing here.
            return;
        }
        if kind == highs_sys::kHighsCallbackMipInterrupt {
            let finite = |value: f64| value.is_finite().then_some(value);
            let mut seen = seat.seen();
            (seen.best, seen.bound) = (finite(out.mip_primal_bound), finite(out.mip_dual_bound));
        }
        if let Some(into) = into.as_mut()
            && seat.stop.load(Ordering::Relaxed)
        {
            into.user_interrupt = 1;
        }
    }
}

/// An engine that does not come back, for tests.
#[cfg(test)]
pub(crate) mod deaf {
    use std::{cell::Cell, time::Duration};

    thread_local! {
        static DEAF: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    }

    /// What every run that this thread asks for takes beyond its end, deaf to everything.
    pub(crate) fn for_this_thread() -> Duration {
        DEAF.get()
    }

    #[expect(clippy::disallowed_methods, reason = "nothing is to happen for a while")]
    pub(super) fn wait(time: Duration) {
        std::thread::sleep(time);
    }

    /// Makes runs of this thread take so much longer until the end of `work`.
    pub(crate) fn with<T>(time: Duration, work: impl FnOnce() -> T) -> T {
        DEAF.set(time);
        let done = work();
        DEAF.set(Duration::ZERO);
        done
    }
}
