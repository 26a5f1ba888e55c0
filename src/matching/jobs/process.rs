//! The solver's process: `eslabon solve --json --explain --progress json -`. Explanations take what the awards leave
//! of the time limit; the warning W2009 among the result's says when that was not enough for all of them.
//!
//! It knows nothing of the service: it has no environment (which may hold the database's password), gets the
//! instance on standard input, answers on standard output and tells its progress on standard error. It has a
//! process group of its own, so that Ctrl-C at the service's terminal does not reach it, and dies with the
//! future that waits for it.

use std::{io, path::Path, process::Stdio, time::Duration};

use eslabon_solver::{Outcome, solve::Progress};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    time::Instant,
};

/// Progress is passed on, and the wish to stop looked up, twice a second.
const BEAT: Duration = Duration::from_millis(500);
/// An interrupted solver has so long to answer before it is killed.
const TO_STOP: Duration = Duration::from_secs(2);
/// What a solver may take beyond its time limit, to read, write and check.
const GRACE: Duration = Duration::from_mins(1);

/// What a solver may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// For all tiers and whole units.
    pub time: Duration,
    /// Address space.
    pub memory_mib: u64,
}

/// Who looks on.
pub(super) trait Watch {
    /// The solver has got on.
    fn report(&mut self, progress: Progress) -> impl Future<Output = ()> + Send;
    /// Whether the solver shall stop.
    fn is_told_to_stop(&mut self) -> impl Future<Output = bool> + Send;
}

/// How a solver ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    /// With an answer, as JSON; also that there is none (infeasible).
    Answer(String),
    /// It refused the instance; what it said.
    Refused(String),
    /// It was told to stop.
    Stopped,
    /// Otherwise.
    Crashed {
        /// What the operating system or we say of it.
        status: String,
        /// What it said last.
        last_words: String,
    },
}

/// Lets the solver solve.
pub(super) async fn solve(
    program: &Path,
    limits: &Limits,
    instance: String,
    watch: impl Watch,
) -> io::Result<Ended> {
    let mut child = Command::new(program)
        .args(["solve", "--json", "--explain", "--progress", "json", "--low-priority"])
        .args(["--memory-mib", &limits.memory_mib.to_string()])
        .args(["--time-limit", &limits.time.as_secs().to_string(), "-"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let (Some(input), Some(output), Some(errors)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(io::Error::other("the solver's pipes are not there"));
    };
    let followed = follow(&mut child, errors, limits.time + GRACE, watch);
    let ((), answer, followed) = tokio::join!(feed(input, instance), read(output), followed);
    let status = child.wait().await?;
    if followed.told_to_stop {
        return Ok(Ended::Stopped);
    }
    let crashed = |status: String| Ended::Crashed { status, last_words: followed.last_words.clone() };
    if followed.overtime {
        return Ok(crashed("did not keep its time limit".to_owned()));
    }
    Ok(match (status.code(), answer) {
        (Some(code @ (0 | 3 | 4)), Ok(text)) if is_answer(&text, code) => Ended::Answer(text),
        (Some(2), Ok(text)) => Ended::Refused(text.chars().take(2_000).collect()),
        (Some(0 | 3 | 4), _) => crashed("printed no result".to_owned()),
        _ => crashed(status.to_string()),
    })
}

fn is_answer(text: &str, code: i32) -> bool {
    serde_json::from_str::<Outcome>(text).is_ok_and(|outcome| i32::from(outcome.status.exit_code()) == code)
}

/// A solver that closes its input has ended, and says so otherwise.
async fn feed(mut input: ChildStdin, instance: String) {
    let _ = input.write_all(instance.as_bytes()).await;
}

async fn read(mut output: ChildStdout) -> io::Result<String> {
    let mut text = String::new();
    output.read_to_string(&mut text).await?;
    Ok(text)
}

#[derive(Default)]
struct Followed {
    told_to_stop: bool,
    overtime: bool,
    last_words: String,
}

/// Follows a solver until it closes its standard error, which is its end.
async fn follow(child: &mut Child, errors: ChildStderr, limit: Duration, mut watch: impl Watch) -> Followed {
    let mut lines = BufReader::new(errors).lines();
    let mut beat = tokio::time::interval(BEAT);
    let (started, mut kill_at, mut latest) = (Instant::now(), None, None);
    let mut followed = Followed::default();
    loop {
        tokio::select! {
            line = lines.next_line() => match line {
                Ok(Some(line)) => match serde_json::from_str::<Progress>(&line) {
                    Ok(progress) => latest = Some(progress),
                    Err(_) => followed.last_words = line.chars().take(1_000).collect(),
                },
                Ok(None) | Err(_) => return followed,
            },
            now = beat.tick() => {
                if let Some(progress) = latest.take() {
                    watch.report(progress).await;
                }
                if !followed.told_to_stop && watch.is_told_to_stop().await {
                    followed.told_to_stop = true;
                    interrupt(child);
                    kill_at = Some(now + TO_STOP);
                }
                followed.overtime |= now > started + limit;
                if followed.overtime || kill_at.is_some_and(|at| now >= at) {
                    // It may have ended just now.
                    let _ = child.start_kill();
                }
            }
        }
    }
}

fn interrupt(child: &Child) {
    let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(id) = id {
        let _ = kill_process(id, Signal::INT);
    }
}
