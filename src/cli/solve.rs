//! `eslabon solve`: one matching problem from a folder, a file or standard input.
//!
//! The service runs this command as a child process (`eslabon solve --json --progress json -`), so its arguments,
//! output and exit codes are a public contract: 0 a result, 1 a defect, 2 invalid input, 3 no assignment obeys the
//! rules, 4 stopped without a result.

mod summary;

use std::{
    io::{IsTerminal, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use clap::ValueEnum;
use eslabon_solver::{
    Decimal, Outcome,
    problem::Problem,
    read::{self, Reading},
    solve::{Control, Progress, SolveError, solve},
};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

/// Exit code of a defect: the engine or the checker failed.
const DEFECT: u8 = 1;
/// Exit code of input that is no valid instance.
const INVALID: u8 = 2;
/// Exit code of a second signal, as shells report it: 128 + SIGINT.
const KILLED: i32 = 130;

/// Arguments of `eslabon solve`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    eslabon solve instance/                     solve a folder of tables, print a summary\n  \
    eslabon solve instance.json --json          print the whole result as JSON\n  \
    eslabon solve instance/ --cap 0.2           what would a cap of 20 % change?\n  \
    eslabon solve - --json < instance.json      read the instance from standard input\n\n\
    Exit codes: 0 solved, 1 defect, 2 invalid instance, 3 no assignment obeys the rules, 4 stopped without a result")]
pub struct SolveArgs {
    /// A folder of tables or a JSON document; `-` reads a document from standard input
    path: PathBuf,
    /// Print the result as JSON; invalid input as {"problems": […]}
    #[arg(long)]
    json: bool,
    /// Print progress on standard error; without it, a line that is rewritten on terminals
    #[arg(long, value_enum)]
    progress: Option<ProgressForm>,
    /// Use this dependency cap (0 to 1) instead of the instance's
    #[arg(long, value_parser = share)]
    cap: Option<Decimal>,
    /// Use this time limit instead of the instance's, in seconds
    #[arg(long, value_parser = positive, value_name = "SECONDS")]
    time_limit: Option<Decimal>,
    /// Use at most so much address space, in MiB
    #[arg(long, hide = true)]
    memory_mib: Option<u64>,
    /// Leave the processors to others
    #[arg(long, hide = true)]
    low_priority: bool,
}

#[derive(Clone, Copy, ValueEnum, Debug)]
enum ProgressForm {
    /// One JSON object a line
    Json,
}

/// Solves and prints; blocks until done, and stops early on SIGINT and SIGTERM.
pub fn run(args: &SolveArgs) -> ExitCode {
    if let Err(error) = limit(args) {
        eprintln!("eslabon: the operating system refuses the limits: {error}");
        return ExitCode::from(DEFECT);
    }
    let mut reading = match read_from(&args.path) {
        Ok(reading) => reading,
        Err(problems) => return refuse(&problems, args.json),
    };
    if let Some(cap) = args.cap {
        reading.instance.dependency_cap = Some(cap);
    }
    if let Some(seconds) = args.time_limit {
        reading.instance.limits.time_limit_seconds = seconds;
    }
    match solve_watched(&reading, args.progress) {
        Ok(outcome) => finish(&outcome, args.json),
        Err(defect) => {
            eprintln!("eslabon: {defect}. This is a defect: please report it with the instance");
            ExitCode::from(DEFECT)
        }
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

fn read_from(path: &Path) -> Result<Reading, Vec<Problem>> {
    if path != Path::new("-") {
        return read::from_path(path);
    }
    let mut document = Vec::new();
    match std::io::stdin().lock().read_to_end(&mut document) {
        Ok(_) => read::from_json(&document),
        Err(error) => Err(vec![Problem {
            code: "E1001".to_owned(),
            cause: format!("standard input cannot be read: {error}"),
            action: "Pipe one JSON document into the command".to_owned(),
            file: "-".to_owned(),
            row: 0,
            column: String::new(),
        }]),
    }
}

fn solve_watched(reading: &Reading, form: Option<ProgressForm>) -> Result<Outcome, SolveError> {
    let cancel = Arc::new(AtomicBool::new(false));
    cancel_on_signals(Arc::clone(&cancel));
    let rewrite = form.is_none() && std::io::stderr().is_terminal();
    let mut progress = |progress: &Progress| match form {
        // A reader that has gone away is no reason to stop.
        Some(ProgressForm::Json) => {
            let _ = writeln!(std::io::stderr(), "{}", json!(progress));
        }
        None if rewrite => {
            let _ = write!(std::io::stderr(), "\r\x1b[K{}", summary::progress_line(progress));
        }
        None => {}
    };
    let mut control = Control { progress: &mut progress, cancel: &cancel };
    let outcome = solve(reading, &mut control);
    if rewrite {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    outcome
}

/// The first signal asks the solver to stop; the second one does not wait for it.
fn cancel_on_signals(cancel: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        // Without a runtime signals keep their default, which ends the process.
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if cancel.swap(true, Ordering::Relaxed) {
                    #[expect(
                        clippy::exit,
                        reason = "somebody asked twice; nothing is written that could be torn"
                    )]
                    std::process::exit(KILLED);
                }
            }
        });
    });
}

fn finish(outcome: &Outcome, as_json: bool) -> ExitCode {
    let code = ExitCode::from(outcome.status.exit_code());
    if !as_json {
        return print(&summary::of(outcome), code);
    }
    // The fields in the order in which they are documented.
    match serde_json::to_string(outcome) {
        Ok(text) => print(&(text + "\n"), code),
        Err(error) => {
            eprintln!("eslabon: the result cannot be written as JSON: {error}");
            ExitCode::from(DEFECT)
        }
    }
}

fn refuse(problems: &[Problem], as_json: bool) -> ExitCode {
    let code = ExitCode::from(INVALID);
    if as_json {
        return print(&format!("{}\n", json!({ "problems": problems })), code);
    }
    for problem in problems {
        eprintln!("{problem}");
    }
    code
}

/// Prints to standard output. Whoever closed it early has seen enough.
fn print(text: &str, code: ExitCode) -> ExitCode {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("eslabon: standard output cannot be written: {error}");
            ExitCode::from(DEFECT)
        }
        _ => code,
    }
}

fn share(text: &str) -> Result<Decimal, String> {
    match text.parse::<Decimal>() {
        Ok(share) if !share.is_negative() && share <= Decimal::ONE => Ok(share),
        Ok(_) => Err("is not a share: write a number from 0 to 1, such as 0.3 for 30 %".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn positive(text: &str) -> Result<Decimal, String> {
    match text.parse::<Decimal>() {
        Ok(seconds) if !seconds.is_negative() && !seconds.is_zero() => Ok(seconds),
        Ok(_) => Err("is not more than 0".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
