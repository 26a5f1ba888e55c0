//! `eslabon solve`: one matching problem from a folder, a file or standard input.
//!
//! The service runs this command as a child process (`eslabon solve --json --progress json -`), so its arguments,
//! output and exit codes are a public contract: 0 a result, 1 a defect, 2 invalid input, 3 no assignment obeys the
//! rules, 4 stopped without a result, 130 stopped while the instance was read.

mod several;
mod summary;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use eslabon_solver::{
    Decimal, Outcome, alternatives,
    explain::Explain,
    export::mps,
    instance::Limits,
    outcome::{reading::DOCUMENT, tables::tables},
    read::Reading,
    solve::{SolveError, solve_explained},
};

use super::{
    files::{self, DEFECT, INVALID, OutFolder, fail, print, refuse},
    watch::{ProgressForm, Signals},
};

/// Arguments of `eslabon solve`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    eslabon solve instance/                      solve a folder of tables, print a summary\n  \
    eslabon solve instance/ --out result/        and write the result: result.json and a CSV table for each list\n  \
    eslabon solve instance.json --json           print the whole result as JSON\n  \
    eslabon solve instance/ --cap 0.2            what would a cap of 20 % change?\n  \
    eslabon solve instance/ --explain            and what limits cost, what gaps are worth, why pairs got nothing\n  \
    eslabon solve instance/ --explain=luz        the same for one supplier\n  \
    eslabon solve instance/ --alternatives 3     and three others, within 1 % and as different as they can be\n  \
    eslabon solve instance/ --export-mps m.mps   the first tier's program, for another solver to check\n  \
    eslabon solve - --json < instance.json       read the instance from standard input\n\n\
    Exit codes: 0 solved, 1 defect, 2 invalid instance, 3 no assignment obeys the rules, 4 stopped without a result, \
    130 stopped before anything was solved\n\n\
    The format of instances and results: solver/README.md")]
pub struct SolveArgs {
    /// A folder of tables or a JSON document; `-` reads a document from standard input
    path: PathBuf,
    /// Print the result as JSON; invalid input as {"problems": […]}
    #[arg(long)]
    json: bool,
    /// Write the result into this folder: result.json, and a CSV table for each of its lists
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Say why: what limits cost, what closing gaps is worth, why pairs got nothing; `=SUPPLIER` for one of them
    #[arg(long, value_name = "SUPPLIER", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    explain: Option<String>,
    /// Also find up to so many other results, nearly as good and as different as they can be
    #[arg(long, value_name = "K", default_value_t = 0, hide_default_value = true)]
    alternatives: usize,
    /// What an alternative may lose of every tier's best value (0.01 = 1 %)
    #[arg(long, value_parser = files::share, default_value = "0.01", requires = "alternatives")]
    tolerance: Decimal,
    /// Write the first tier's program to this file (.mps) for other solvers, instead of solving it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "alternatives", "json"])]
    export_mps: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
    /// Use at most so much address space, in MiB
    #[arg(long, hide = true)]
    memory_mib: Option<u64>,
    /// Leave the processors to others
    #[arg(long, hide = true)]
    low_priority: bool,
}

/// What every command that solves can change about the instance, and how it is watched.
#[derive(clap::Args, Debug)]
pub(super) struct Options {
    /// Print progress on standard error; by default a bar on terminals and nothing elsewhere
    #[arg(long, value_enum)]
    pub(super) progress: Option<ProgressForm>,
    /// Use this dependency cap (0 to 1) instead of the instance's; own caps of suppliers and caps.csv stay
    #[arg(long, value_parser = files::share)]
    cap: Option<Decimal>,
    /// Use this time limit instead of the instance's, in seconds
    #[arg(long, value_parser = files::positive, value_name = "SECONDS")]
    time_limit: Option<Decimal>,
    /// Stop integer programs at this relative gap instead of the instance's (0.01 = 1 %)
    #[arg(long, value_parser = files::share)]
    gap: Option<Decimal>,
    /// Use so many threads instead of the instance's; 0 = all
    #[arg(long)]
    threads: Option<u32>,
    /// Use this random seed of the engine instead of the instance's
    #[arg(long)]
    seed: Option<u32>,
    /// What solves: HiGHS is exact; the first-order engine solves large linear programs to within the gap, with a proof
    #[arg(long, value_enum, default_value_t = Engine::Auto)]
    engine: Engine,
}

/// The engines by name.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Engine {
    Auto,
    Highs,
    FirstOrder,
}

impl From<Engine> for eslabon_solver::instance::Engine {
    fn from(engine: Engine) -> Self {
        match engine {
            Engine::Auto => Self::Auto,
            Engine::Highs => Self::Highs,
            Engine::FirstOrder => Self::FirstOrder,
        }
    }
}

impl Options {
    /// The instance as asked for.
    pub(super) fn apply(&self, reading: &mut Reading) {
        let instance = &mut reading.instance;
        instance.dependency_cap = self.cap.or(instance.dependency_cap);
        let limits = instance.limits;
        instance.limits = Limits {
            time_limit_seconds: self.time_limit.unwrap_or(limits.time_limit_seconds),
            relative_gap: self.gap.unwrap_or(limits.relative_gap),
            threads: self.threads.unwrap_or(limits.threads),
            seed: self.seed.unwrap_or(limits.seed),
            engine: self.engine.into(),
        };
    }
}

/// Solves and prints; blocks until done, and stops early on SIGINT and SIGTERM.
pub fn run(args: &SolveArgs) -> ExitCode {
    if let Err(error) = limit(args) {
        return fail(DEFECT, &format!("the operating system refuses the limits: {error}"));
    }
    let out = match args.out.as_ref().map(|path| OutFolder::new(path, DOCUMENT)).transpose() {
        Ok(out) => out,
        Err(cause) => return fail(INVALID, &cause),
    };
    let signals = Signals::listen();
    let mut reading = match files::instance(&args.path) {
        Ok(reading) => reading,
        Err(problems) => return refuse(&problems, args.json),
    };
    args.options.apply(&mut reading);
    if let Some(file) = &args.export_mps {
        return export(&reading, file);
    }
    let seconds = reading.instance.limits.time_limit_seconds.to_f64();
    let explain = match args.explain.as_deref() {
        None => Explain::Nothing,
        Some("") => Explain::Everything,
        Some(id) if knows(&reading, id) => Explain::Supplier(id.to_owned()),
        Some(id) => {
            let cause = format!("the instance has no supplier or consortium {id}: give an id of its tables");
            return fail(INVALID, &cause);
        }
    };
    let found = signals.watched(args.options.progress, seconds, |control| match args.alternatives {
        0 => solve_explained(&reading, &explain, control).map(|outcome| vec![outcome]),
        most => alternatives(&reading, most, args.tolerance, &explain, control),
    });
    match found.as_deref() {
        Ok([outcome]) if args.alternatives == 0 => finish(&reading, outcome, out.as_ref(), args.json),
        Ok(outcomes) => several::finish(&reading, outcomes, args),
        Err(error) => defect(error),
    }
}

fn knows(reading: &Reading, id: &str) -> bool {
    let instance = &reading.instance;
    instance.suppliers.iter().any(|supplier| supplier.id == id)
        || instance.consortia.iter().any(|consortium| consortium.id == id)
}

fn export(reading: &Reading, file: &Path) -> ExitCode {
    if file.extension().is_none_or(|end| end != "mps") {
        let cause = format!("{} does not end in .mps, the one format that is written", file.display());
        return fail(INVALID, &cause);
    }
    match mps(reading, file) {
        Ok(()) => print(&format!("{}: the first tier's program.\n", file.display()), ExitCode::SUCCESS),
        Err(error) => fail(DEFECT, &format!("{error}. Check that the folder is there and has room")),
    }
}

/// What the service asks of its child process. A process may always make itself smaller.
fn limit(args: &SolveArgs) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, nice, setrlimit};
    if args.low_priority {
        nice(10)?;
    }
    if let Some(mib) = args.memory_mib {
        let bytes = Some(mib.saturating_mul(1 << 20));
        setrlimit(Resource::As, Rlimit { current: bytes, maximum: bytes })?;
    }
    Ok(())
}

/// Says that the solver itself is wrong.
pub(super) fn defect(error: &SolveError) -> ExitCode {
    fail(DEFECT, &format!("{error}. This is a defect: please report it with the instance"))
}

fn finish(reading: &Reading, outcome: &Outcome, out: Option<&OutFolder>, as_json: bool) -> ExitCode {
    let code = ExitCode::from(outcome.status.exit_code());
    // The fields in the order in which they are documented.
    let document = match serde_json::to_string(outcome) {
        Ok(document) => document + "\n",
        Err(error) => return fail(DEFECT, &format!("the result cannot be written as JSON: {error}")),
    };
    if let Some(Err(cause)) = out.map(|out| out.write_all((DOCUMENT, &document), &tables(outcome))) {
        return fail(DEFECT, &cause);
    }
    if as_json { print(&document, code) } else { print(&summary::of(&reading.instance, outcome), code) }
}
