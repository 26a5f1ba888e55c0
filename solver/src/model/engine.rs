//! HiGHS, run from its own model: options, warm starts, progress and interruption.
//!
//! `good_lp` states the model and hands it over; from there on this module runs it, because `good_lp`
//! folds interrupts and time limits into one status, hides the bound, and drops options when it
//! hands the model over. Each run has a thread of its own ([`run`]), so that limits are kept whatever HiGHS
//! does. [`lock`] lets one solve at a time into the process: each uses all processors, and which models share
//! HiGHS's scheduler, one for each thread, is nothing to leave to chance.

use std::{
    ffi::c_int,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
    time::{Duration, Instant},
};

use good_lp::solvers::highs::HighsProblem;
use highs::{Col, HighsModelStatus, HighsSolutionStatus, Model, RowProblem, SolvedModel};

use crate::{
    instance::Limits,
    outcome::PhaseSeconds,
    solve::{Progress, SolveError},
};

mod face;
mod rows;
mod run;
mod warm;

pub(crate) use face::{Face, Spans};
#[cfg(test)]
pub(crate) use run::deaf;
use run::{Run, run};
pub(crate) use warm::Basis;

/// What the engine gets, once it shall stop, before it is left to itself: this part of the time limit, and
/// between these.
const PATIENCE: f64 = 0.1;
const LEAST_PATIENCE: Duration = Duration::from_millis(100);
const MOST_PATIENCE: Duration = Duration::from_millis(500);

/// The largest part of the time limit that is kept for figures and the check.
const MOST_END: f64 = 0.2;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Waits until no other thread of this process solves. Hold it until every model is dropped.
pub(crate) fn lock() -> MutexGuard<'static, ()> {
    // The mutex guards no data, so a panic elsewhere leaves nothing broken behind.
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives memory that nothing uses any more back to the system. The allocator keeps a store for each thread that there was
/// at a time, and what lies free there between runs differs: a process that solved 1,000 times held 1.13 of what it held
/// after 100.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "the allocator has no safe interface")]
    // SAFETY: it takes a number and touches only what is free.
    unsafe {
        unsafe extern "C" {
            fn malloc_trim(kept: usize) -> c_int;
        }
        malloc_trim(0);
    }
}

/// The engine and its version.
pub(crate) fn name() -> String {
    #[expect(unsafe_code, reason = "the version has no safe accessor")]
    // SAFETY: the three functions take nothing and return integers that were fixed at build time.
    let (major, minor, patch) = unsafe {
        (highs_sys::Highs_versionMajor(), highs_sys::Highs_versionMinor(), highs_sys::Highs_versionPatch())
    };
    format!("HiGHS {major}.{minor}.{patch}")
}

/// Who watches the solve, and until when it may run.
pub(crate) struct Watch<'a> {
    pub started: Instant,
    pub deadline: Instant,
    /// How long the engine may take to notice that it shall stop.
    patience: Duration,
    pub cancel: &'a AtomicBool,
    pub progress: &'a mut dyn FnMut(&Progress),
    pub phase: String,
    /// Best value and bound so far, for what is reported in between.
    pub best: Option<f64>,
    pub bound: Option<f64>,
    /// What the engine's objective is multiplied by in reports.
    pub unit: f64,
    /// Hears of every better solution of an integer program while the engine runs.
    pub news: Option<Sender<Vec<f64>>>,
    /// Time spent in every phase so far.
    pub seconds: Vec<PhaseSeconds>,
    entered: Instant,
    reported: Option<Instant>,
}

impl<'a> Watch<'a> {
    pub fn new(seconds: f64, cancel: &'a AtomicBool, progress: &'a mut dyn FnMut(&Progress)) -> Self {
        let started = Instant::now();
        // A limit beyond a century is none.
        let limit = Duration::try_from_secs_f64(seconds.clamp(0., 3e9)).unwrap_or_default();
        Self {
            started,
            deadline: started + limit,
            patience: limit.mul_f64(PATIENCE).clamp(LEAST_PATIENCE, MOST_PATIENCE),
            cancel,
            progress,
            phase: String::new(),
            best: None,
            bound: None,
            unit: 1.,
            news: None,
            seconds: Vec::new(),
            entered: started,
            reported: None,
        }
    }

    /// Begins a phase.
    pub fn enter(&mut self, phase: &str) {
        self.leave();
        phase.clone_into(&mut self.phase);
        (self.best, self.bound) = (None, None);
        self.report();
    }

    /// Ends the phase.
    pub fn leave(&mut self) {
        let now = Instant::now();
        if !self.phase.is_empty() {
            self.seconds.push(PhaseSeconds {
                phase: std::mem::take(&mut self.phase),
                seconds: now.duration_since(self.entered).as_secs_f64(),
            });
        }
        self.entered = now;
    }

    /// Reports where the solve stands.
    pub fn report(&mut self) {
        self.reported = Some(Instant::now());
        let progress = Progress {
            phase: self.phase.clone(),
            best: self.best,
            bound: self.bound,
            seconds: self.started.elapsed().as_secs_f64(),
        };
        (self.progress)(&progress);
    }

    /// Keeps the end of the time limit for what no limit stops: figures and the check, which take about as long
    /// as everything until now, the instance being read and its rules stated; and an engine's patience.
    pub fn keep_the_end(&mut self) {
        let limit = self.deadline.saturating_duration_since(self.started);
        self.deadline -= self.started.elapsed().min(limit.mul_f64(MOST_END)) + self.patience.min(limit);
    }

    /// Leaves only a share of the time limit, for the phases that come first.
    pub fn shorten(&mut self, share: f64) {
        let limit = self.deadline.saturating_duration_since(self.started);
        self.deadline = self.started + limit.mul_f64(share);
    }

    /// Keeps a share of the time left back for what comes after.
    pub fn keep_back(&mut self, share: f64) {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.deadline -= left.mul_f64(share);
    }

    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Which limit was reached.
    fn limit(&self) -> Ended {
        if self.cancelled() { Ended::Cancelled } else { Ended::Limit }
    }

    /// Whether no time is left, or nobody waits any more.
    pub fn is_over(&self) -> bool {
        self.cancelled() || self.seconds_left() <= 0.
    }

    pub fn seconds_left(&self) -> f64 {
        self.deadline.saturating_duration_since(Instant::now()).as_secs_f64()
    }

    /// A look at the clock while the engine runs; whether to go on.
    fn look(&mut self) -> bool {
        let now = Instant::now();
        let quiet = self.reported.is_some_and(|at| now.duration_since(at) < Duration::from_millis(250));
        if !quiet {
            self.report();
        }
        !self.cancelled() && now < self.deadline
    }
}

/// What a run of the engine ended with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ended {
    Optimal,
    Infeasible,
    /// A limit was reached: time, nodes.
    Limit,
    /// The numbers are beyond the engine: figures that lie more than ten orders of magnitude apart.
    Failed,
    Cancelled,
}

/// The answer of one run.
#[derive(Debug)]
pub(crate) struct Answer {
    pub ended: Ended,
    /// Values of the columns, if the engine holds a feasible point.
    pub columns: Option<Vec<f64>>,
    /// Proven bound of the objective, of integer programs.
    pub bound: Option<f64>,
}

impl Answer {
    pub const fn without(ended: Ended) -> Self {
        Self { ended, columns: None, bound: None }
    }
}

/// What a model is run with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub threads: u32,
    pub seed: u32,
    /// `None` for linear programs.
    pub integer: Option<IntegerSettings>,
}

/// What an integer program is run with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IntegerSettings {
    pub relative_gap: f64,
    /// Ends a search at the same point on every machine, which a clock would not.
    pub most_nodes: Option<u32>,
    /// Of rows and of whole numbers.
    pub tolerance: f64,
}

impl From<&Limits> for Settings {
    fn from(limits: &Limits) -> Self {
        Self { threads: limits.threads, seed: limits.seed, integer: None }
    }
}

/// How a linear program is solved.
///
/// Measured on generated networks of 6,000 pairs, where the tightest need three times as many iterations and
/// ten times as long by one method as by another, and which one differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Method {
    /// From the beginning, or nearly: dual simplex, and interior point when that takes long.
    Fresh,
    /// The same without presolve, which on sums of a few columns each takes as long as it saves, and as long again to undo.
    Bare,
    /// From the optimum of another objective that leaves few solutions: primal simplex.
    Narrow,
    /// From the optimum of another objective that leaves many: dual simplex with approximate weights.
    Wide,
    /// From an optimum after small changes of rows: dual simplex to its end.
    Changed,
    /// From an optimum of another program like it: as `Changed`, and as `Anew` when that takes long.
    Mended,
    /// From the beginning, although there is an optimum: what was added asks for something else. As `Wide`.
    Anew,
}

/// The simplex method may take an iteration for each row before the interior point method takes over; so many
/// at least.
const FEW_ROWS: usize = 1000;

/// Mending an optimum may take an iteration for so many rows before the program is solved from the beginning; so many
/// iterations at least. Measured on networks of 6,000 pairs, going from one cap to the next: mending takes half as long
/// as solving, or several times as long, and what it takes until here is a small part of that.
const ROWS_A_PIVOT: usize = 2;
const FEW_PIVOTS: usize = 500;

/// Values of HiGHS's `simplex_strategy` and `simplex_dual_edge_weight_strategy`.
const DUAL: i32 = 1;
const PRIMAL: i32 = 4;
const CHOSEN: i32 = -1;
const DEVEX: i32 = 1;

/// Values of columns and rows, and their duals.
struct Solution {
    columns: Vec<f64>,
    rows: Vec<f64>,
    of_columns: Vec<f64>,
    of_rows: Vec<f64>,
}

/// A model in the engine, kept warm between runs.
pub(crate) struct Engine {
    // `None` while a run has the model, and after a run that lost it.
    model: Option<Model>,
    integer: bool,
    /// Whether it was solved before, and only rows came to it that the solution keeps.
    feasible: bool,
    method: Method,
    columns: Vec<Col>,
}

impl Engine {
    pub fn new(problem: HighsProblem, settings: Settings) -> Result<Self, SolveError> {
        let mut model = problem.try_into_inner().map_err(|error| failure("build", &error))?;
        // Column handles are plain positions; the model does not give them out.
        let mut handles = RowProblem::default();
        let columns = (0..model.num_cols()).map(|_| handles.add_column(0., 0.0..)).collect();
        set_options(&mut model, settings).map_err(|error| failure("build", &error))?;
        Ok(Self {
            model: Some(model),
            integer: settings.integer.is_some(),
            feasible: false,
            method: Method::Fresh,
            columns,
        })
    }

    /// Adds a row, both limits included, and returns its position.
    pub fn add_row(&mut self, low: f64, high: f64, terms: &[(usize, f64)]) -> Result<usize, SolveError> {
        let terms: Vec<(Col, f64)> = terms.iter().map(|(i, f)| (self.columns[*i], *f)).collect();
        let Some(model) = &mut self.model else {
            return Ok(0);
        };
        let position = model.num_rows();
        model
            .try_add_row(low..=high, terms)
            .map_err(|status| failure("build", &format!("a row was refused: {status:?}")))?;
        Ok(position)
    }

    /// Adds a column from 0 upwards, in no row yet, and returns its position.
    pub fn add_column(&mut self, cost: f64) -> Result<usize, SolveError> {
        let Some(model) = &mut self.model else {
            return Ok(0);
        };
        let column = model
            .try_add_column(cost, 0.0.., [])
            .map_err(|status| failure("build", &format!("a column was refused: {status:?}")))?;
        self.columns.push(column);
        Ok(self.columns.len() - 1)
    }

    /// Moves the upper limit of a row, and one of its coefficients.
    pub fn change_row(
        &mut self,
        row: usize,
        high: f64,
        coefficient: Option<(usize, f64)>,
    ) -> Result<(), SolveError> {
        let Some(model) = &mut self.model else {
            return Ok(());
        };
        let position = |index: usize| c_int::try_from(index).map_err(|error| failure("build", &error));
        let row = position(row)?;
        let coefficient = coefficient.map(|(column, factor)| Ok((position(column)?, factor))).transpose()?;
        #[expect(unsafe_code, reason = "changing rows has no safe interface")]
        // SAFETY: the pointer is the model's own; positions that it does not have are refused by status.
        let status = unsafe {
            let pointer = model.as_mut_ptr();
            let limits = highs_sys::Highs_changeRowBounds(pointer, row, f64::NEG_INFINITY, high);
            let term = coefficient
                .map_or(0, |(column, factor)| highs_sys::Highs_changeCoeff(pointer, row, column, factor));
            limits.min(term)
        };
        // -1 is HiGHS's error.
        if status < 0 { Err(failure("build", &"a changed row was refused")) } else { Ok(()) }
    }

    /// Replaces one factor of a row.
    pub fn change_factor(&mut self, row: usize, column: usize, factor: f64) -> Result<(), SolveError> {
        let Some(model) = &mut self.model else {
            return Ok(());
        };
        let position = |index: usize| c_int::try_from(index).map_err(|error| failure("build", &error));
        let (row, column) = (position(row)?, position(column)?);
        #[expect(unsafe_code, reason = "changing rows has no safe interface")]
        // SAFETY: the pointer is the model's own; positions that it does not have are refused by status.
        let status = unsafe { highs_sys::Highs_changeCoeff(model.as_mut_ptr(), row, column, factor) };
        // -1 is HiGHS's error.
        if status < 0 { Err(failure("build", &"a changed row was refused")) } else { Ok(()) }
    }

    /// Sets both limits of a column.
    pub fn limit_column(&mut self, column: usize, low: f64, high: f64) -> Result<(), SolveError> {
        let Some(model) = &mut self.model else {
            return Ok(());
        };
        let column = c_int::try_from(column).map_err(|error| failure("build", &error))?;
        #[expect(unsafe_code, reason = "limits of a column have no safe interface")]
        // SAFETY: the pointer is the model's own; a position that it does not have is refused by status.
        let status = unsafe { highs_sys::Highs_changeColBounds(model.as_mut_ptr(), column, low, high) };
        // -1 is HiGHS's error.
        if status < 0 { Err(failure("build", &"limits of a column were refused")) } else { Ok(()) }
    }

    /// Duals of the rows and reduced costs of the columns at the last optimum: what the objective gains
    /// for one more unit of a row's limit, or of a column. `None` for integer programs.
    pub fn duals(&mut self) -> Option<(Vec<f64>, Vec<f64>)> {
        self.solution().map(|solution| (solution.of_rows, solution.of_columns))
    }

    /// The last solution; `None` for integer programs.
    fn solution(&mut self) -> Option<Solution> {
        let model = self.model.as_mut().filter(|_| !self.integer)?;
        let (columns, rows) = (vec![0.; self.columns.len()], vec![0.; model.num_rows()]);
        let mut solution = Solution { of_columns: columns.clone(), of_rows: rows.clone(), columns, rows };
        #[expect(unsafe_code, reason = "duals of a model have no safe accessor")]
        // SAFETY: the pointer is the model's own, and the four arrays have its numbers of columns and rows.
        let status = unsafe {
            highs_sys::Highs_getSolution(
                model.as_mut_ptr(),
                solution.columns.as_mut_ptr(),
                solution.of_columns.as_mut_ptr(),
                solution.rows.as_mut_ptr(),
                solution.of_rows.as_mut_ptr(),
            )
        };
        (status >= 0).then_some(solution)
    }

    /// Numbers of columns and rows.
    pub fn size(&self) -> (usize, usize) {
        self.model.as_ref().map_or((0, 0), |model| (model.num_cols(), model.num_rows()))
    }

    /// Writes the program to a file, in the format that its name's end says, with names for all columns
    /// and for the rows that have one.
    pub fn write(
        &mut self,
        path: &std::path::Path,
        columns: &[String],
        rows: &crate::export::RowNames,
    ) -> Result<(), SolveError> {
        let Some(model) = &mut self.model else {
            return Ok(());
        };
        let text = |text: &str| std::ffi::CString::new(text).map_err(|error| failure("export", &error));
        let last = model.num_rows().saturating_sub(rows.last.len());
        let meaning = (rows.first.len()..last).map(|row| format!("link_{row}"));
        let all = rows.first.iter().cloned().chain(meaning).chain(rows.last.iter().cloned());
        let columns = columns.iter().map(|name| text(name)).collect::<Result<Vec<_>, _>>()?;
        let all = all.map(|name| text(&name)).collect::<Result<Vec<_>, _>>()?;
        let file = text(&path.to_string_lossy())?;
        #[expect(unsafe_code, reason = "names and files have no safe interface")]
        // SAFETY: the pointer is the model's own; the texts end in NUL and outlive the calls; positions that
        // the model does not have are refused by status.
        let status = unsafe {
            let pointer = model.as_mut_ptr();
            for (at, name) in (0..).zip(&columns) {
                highs_sys::Highs_passColName(pointer, at, name.as_ptr());
            }
            for (at, name) in (0..).zip(&all) {
                highs_sys::Highs_passRowName(pointer, at, name.as_ptr());
            }
            highs_sys::Highs_writeModel(pointer, file.as_ptr())
        };
        // -1 is HiGHS's error.
        let cause = format!("{} cannot be written", path.display());
        if status < 0 { Err(failure("export", &cause)) } else { Ok(()) }
    }

    /// Says that the program may have become infeasible, as when a row is tightened on trial: such an
    /// answer is then not doubted.
    pub const fn expect_anything(&mut self) {
        self.feasible = false;
    }

    /// Leaves whole numbers out of account, or brings them back.
    pub fn relax(&mut self, relaxed: bool) -> Result<(), SolveError> {
        if let Some(model) = &mut self.model {
            model.try_set_option("solve_relaxation", relaxed).map_err(|error| failure("build", &error))?;
        }
        Ok(())
    }

    /// Sets an integer program up for runs with most of its whole numbers fixed: on one thread, and without what pays off
    /// in long searches alone.
    pub fn solve_small_parts(&mut self) -> Result<(), SolveError> {
        let Some(model) = &mut self.model else {
            return Ok(());
        };
        let set = model
            .try_set_option("threads", 1)
            .and_then(|()| model.try_set_option("mip_allow_restart", false))
            .and_then(|()| model.try_set_option("mip_detect_symmetry", false));
        set.map_err(|error| failure("build", &error))
    }

    /// A solution of an integer program's relaxation, by the interior point method without a vertex: near enough to choose
    /// by, and the dual simplex method took more than ten seconds of 1,000 suppliers and 500 lots.
    pub fn relaxation(&mut self, watch: &mut Watch<'_>) -> Result<Option<Vec<f64>>, SolveError> {
        let phase = watch.phase.clone();
        let Some(mut model) = self.model.take() else {
            return Ok(None);
        };
        let limit = run_time(&mut model) + watch.seconds_left();
        let set = |model: &mut Model, relaxed: bool, solver: &str, crossover: &str, limit: f64| {
            model
                .try_set_option("solve_relaxation", relaxed)
                .and_then(|()| model.try_set_option("solver", solver))
                .and_then(|()| model.try_set_option("run_crossover", crossover))
                .and_then(|()| model.try_set_option("time_limit", limit))
                .map_err(|error| failure(&phase, &error))
        };
        set(&mut model, true, "ipx", "off", limit)?;
        let Run::Solved(solved) = run(model, watch)? else {
            return Ok(None);
        };
        let ended = matches!(solved.status(), HighsModelStatus::Optimal | HighsModelStatus::Unknown);
        let columns = ended.then(|| solved.get_solution().columns().to_vec());
        let mut model = Model::from(solved);
        forget(&mut model);
        set(&mut model, false, "choose", "on", f64::INFINITY)?;
        self.model = Some(model);
        Ok(columns)
    }

    /// Gives an integer program a solution to start from.
    pub fn start_from(&mut self, columns: &[f64]) -> Result<(), SolveError> {
        let mut columns = columns.to_vec();
        columns.resize(self.columns.len(), 0.);
        match &mut self.model {
            Some(model) => model
                .try_set_solution(Some(&columns), None, None, None)
                .map_err(|status| failure("publish", &format!("a start was refused: {status:?}"))),
            None => Ok(()),
        }
    }

    /// How the next runs solve, if the program is linear.
    pub const fn solve_by(&mut self, method: Method) {
        self.method = method;
    }

    /// One run, by the method chosen.
    fn run_once(&self, mut model: Model, watch: &mut Watch<'_>) -> Result<Run, SolveError> {
        if self.integer {
            return run(model, watch);
        }
        let phase = watch.phase.clone();
        let refused = |error: highs::TrySetOptionError| failure(&phase, &error);
        let (strategy, weights) = match self.method {
            Method::Fresh | Method::Bare | Method::Changed | Method::Mended => (DUAL, CHOSEN),
            Method::Narrow => (PRIMAL, CHOSEN),
            Method::Wide | Method::Anew => (DUAL, DEVEX),
        };
        let rows = model.num_rows();
        let iterations = |most: usize| i32::try_from(most).unwrap_or(i32::MAX);
        let patience = match self.method {
            Method::Changed => i32::MAX,
            Method::Mended => iterations((rows / ROWS_A_PIVOT).max(FEW_PIVOTS)),
            _ => iterations(rows.max(FEW_ROWS)),
        };
        if self.method == Method::Anew {
            forget(&mut model);
        }
        let presolve = if self.method == Method::Bare { "off" } else { "choose" };
        model.try_set_option("presolve", presolve).map_err(refused)?;
        model.try_set_option("solver", "choose").map_err(refused)?;
        model.try_set_option("simplex_strategy", strategy).map_err(refused)?;
        model.try_set_option("simplex_dual_edge_weight_strategy", weights).map_err(refused)?;
        model.try_set_option("simplex_iteration_limit", patience).map_err(refused)?;
        let mut ended = run(model, watch)?;
        if self.method == Method::Mended
            && let Some(mut model) = take_unfinished(&mut ended)
        {
            model.try_set_option("simplex_dual_edge_weight_strategy", DEVEX).map_err(refused)?;
            let patience = iterations(rows.max(FEW_ROWS));
            model.try_set_option("simplex_iteration_limit", patience).map_err(refused)?;
            ended = run(model, watch)?;
        }
        let Some(mut model) = take_unfinished(&mut ended) else {
            return Ok(ended);
        };
        model.try_set_option("simplex_iteration_limit", i32::MAX).map_err(refused)?;
        model.try_set_option("presolve", "choose").map_err(refused)?;
        model.try_set_option("solver", "ipx").map_err(refused)?;
        run(model, watch)
    }

    /// Runs until solved, a limit, or a cancellation.
    pub fn run(&mut self, watch: &mut Watch<'_>) -> Result<Answer, SolveError> {
        let phase = watch.phase.clone();
        let Some(mut model) = self.model.take() else {
            return Ok(Answer::without(Ended::Failed));
        };
        // A small model can be solved before the engine asks for the first time.
        if watch.is_over() {
            self.model = Some(model);
            return Ok(Answer::without(watch.limit()));
        }
        // The engine's clock runs on between runs.
        let limit = run_time(&mut model) + watch.seconds_left();
        model.try_set_option("time_limit", limit).map_err(|error| failure(&phase, &error))?;
        let mut ended = self.run_once(model, watch)?;
        for tolerance in [1e-9, 1e-7] {
            let solved = match ended {
                Run::Solved(solved)
                    if !self.integer && !watch.cancelled() && self.doubts(solved.status()) =>
                {
                    solved
                }
                _ => break,
            };
            // Once more from the beginning, then with the engine's own tolerances.
            let mut model = Model::from(solved);
            forget(&mut model);
            if !self.integer {
                let presolved = model.try_set_option("presolve", "choose");
                presolved.map_err(|error| failure(&phase, &error))?;
            }
            set_tolerances(&mut model, tolerance).map_err(|error| failure(&phase, &error))?;
            ended = run(model, watch)?;
        }
        match ended {
            Run::Solved(solved) => {
                let answer = answer(&solved, self.integer, watch);
                self.model = Some(Model::from(solved));
                self.feasible |= answer.ended == Ended::Optimal;
                Ok(answer)
            }
            Run::Refused => Ok(Answer::without(Ended::Failed)),
            Run::Left(seen) => Ok(Answer { ended: watch.limit(), columns: seen.columns, bound: seen.bound }),
        }
    }

    /// Whether the model is gone, so that nothing can be solved with it any more.
    pub const fn is_lost(&self) -> bool {
        self.model.is_none()
    }

    /// Whether a run ended without an answer although no limit was reached, or with one that cannot
    /// be: rows are only added that the last solution keeps.
    fn doubts(&self, status: HighsModelStatus) -> bool {
        match status {
            HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => self.feasible,
            HighsModelStatus::Unknown
            | HighsModelStatus::SolveError
            | HighsModelStatus::PresolveError
            | HighsModelStatus::PostsolveError
            | HighsModelStatus::NotSet => true,
            _ => false,
        }
    }
}

/// The model of a run that took too many iterations, as if it had not been solved.
fn take_unfinished(ended: &mut Run) -> Option<Model> {
    match std::mem::replace(ended, Run::Refused) {
        Run::Solved(solved) if solved.status() == HighsModelStatus::ReachedIterationLimit => {
            let mut model = Model::from(solved);
            forget(&mut model);
            Some(model)
        }
        other => {
            *ended = other;
            None
        }
    }
}

fn failure(phase: &str, cause: &dyn std::fmt::Display) -> SolveError {
    SolveError::Engine { phase: phase.to_owned(), cause: cause.to_string() }
}

fn set_options(model: &mut Model, settings: Settings) -> Result<(), highs::TrySetOptionError> {
    // With `output_flag` off HiGHS also drops its callbacks.
    model.try_set_option("log_to_console", false)?;
    model.try_set_option("output_flag", true)?;
    let all = std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(1));
    // Nothing that solves linear programs here uses a second one.
    let threads = match settings.integer {
        None => 1,
        Some(_) if settings.threads == 0 => all,
        Some(_) => settings.threads,
    };
    model.try_set_option("threads", i32::try_from(threads).unwrap_or(i32::MAX))?;
    model.try_set_option("random_seed", i32::try_from(settings.seed).unwrap_or(i32::MAX))?;
    if let Some(integer) = settings.integer {
        model.try_set_option("mip_rel_gap", integer.relative_gap)?;
        model.try_set_option("mip_abs_gap", 0.)?;
        model.try_set_option("mip_feasibility_tolerance", integer.tolerance)?;
        if let Some(nodes) = integer.most_nodes {
            model.try_set_option("mip_max_nodes", i32::try_from(nodes).unwrap_or(i32::MAX))?;
        }
    } else {
        // Hold rows leave 1e-9 of room; the default of 1e-7 would swallow it.
        set_tolerances(model, 1e-9)?;
    }
    Ok(())
}

fn set_tolerances(model: &mut Model, tolerance: f64) -> Result<(), highs::TrySetOptionError> {
    model.try_set_option("primal_feasibility_tolerance", tolerance)?;
    model.try_set_option("dual_feasibility_tolerance", tolerance)
}

fn answer(solved: &SolvedModel, integer: bool, watch: &Watch<'_>) -> Answer {
    let ended = match solved.status() {
        HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty => Ended::Optimal,
        // Every column is bounded by the demand rows, so "unbounded or infeasible" is infeasible.
        HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => Ended::Infeasible,
        _ if watch.cancelled() => Ended::Cancelled,
        HighsModelStatus::ReachedTimeLimit
        | HighsModelStatus::ReachedIterationLimit
        | HighsModelStatus::ReachedSolutionLimit
        | HighsModelStatus::ReachedInterrupt
        | HighsModelStatus::ReachedMemoryLimit => Ended::Limit,
        _ => Ended::Failed,
    };
    let feasible = match ended {
        Ended::Optimal => true,
        Ended::Limit | Ended::Cancelled => solved.primal_solution_status() == HighsSolutionStatus::Feasible,
        Ended::Infeasible | Ended::Failed => false,
    };
    let bound = if integer { solved.double_info_value(c"mip_dual_bound").ok() } else { None };
    Answer {
        ended,
        columns: feasible.then(|| solved.get_solution().columns().to_vec()),
        bound: bound.filter(|bound| bound.is_finite()),
    }
}

fn run_time(model: &mut Model) -> f64 {
    #[expect(unsafe_code, reason = "the run time has no safe accessor")]
    // SAFETY: the pointer is the model's own and lives as long as `model`.
    unsafe {
        highs_sys::Highs_getRunTime(model.as_mut_ptr())
    }
}

/// Drops the basis and whatever else would warm the next run.
fn forget(model: &mut Model) {
    #[expect(unsafe_code, reason = "dropping the basis has no safe interface")]
    // SAFETY: the pointer is the model's own and lives as long as `model`.
    unsafe {
        highs_sys::Highs_clearSolver(model.as_mut_ptr());
    }
}
