//! README's tour, run as a reader runs it: every `sh` block of the section, in order, in one bash, against
//! the real program serving the demo. A block fails with its commands, and when something that it promises
//! with `# → …` is missing from what it prints.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use eslabon::foundation::ids::Ids;

const SECTION: &str = "## Ten minutes with the API";
/// Stands between what one block prints and what the next one does.
const MARK: &str = "=== the next block ===";
/// The first start migrates and may share the machine with a whole suite.
const START_LIMIT: Duration = Duration::from_mins(2);

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("eslabon-tour-{}", Ids::system().secret()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server that is gone after the test, however it ends.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn eslabon(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eslabon"));
    command.current_dir(folder);
    for name in ["DATABASE_URL", "ESLABON_LISTEN", "ESLABON_LOG", "ESLABON_WORKERS", "ESLABON_SOLVER_PROGRAM"]
    {
        command.env_remove(name);
    }
    command
}

impl Server {
    /// Serves the demo's database on a free port, which its log names.
    async fn start(folder: &Path) -> Self {
        let log = folder.join("serve.log");
        let child = eslabon(folder)
            .args(["serve", "--database-url", "sqlite:eslabon-demo.sqlite", "--listen", "127.0.0.1:0"])
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut server = Self { child, address: String::new() };
        let started = Instant::now();
        loop {
            let told = fs::read_to_string(&log).unwrap();
            if let Some((_, rest)) = told.split_once("listening on http://")
                && let Some((address, _)) = rest.split_once('\n')
            {
                server.address = address.trim().to_owned();
                return server;
            }
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none() && started.elapsed() < START_LIMIT, "the server did not start: {told}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The `sh` blocks of the section.
fn blocks(readme: &str) -> Vec<&str> {
    let section = readme.split_once(SECTION).expect("README has the tour").1;
    let section = section.split("\n## ").next().unwrap();
    section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

fn promises(block: &str) -> impl Iterator<Item = &str> {
    block.lines().filter_map(|line| line.trim_start().strip_prefix("# → "))
}

/// Whether a line of the output holds the promised text, `…` standing for anything in between.
fn keeps(output: &str, promise: &str) -> bool {
    output.lines().any(|line| {
        let mut rest = line;
        promise.split('…').all(|piece| match rest.split_once(piece) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    })
}

#[expect(clippy::disallowed_methods, reason = "CI is no setting of the service")]
fn on_ci() -> bool {
    std::env::var_os("CI").is_some()
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

#[tokio::test]
async fn every_block_of_the_readmes_tour_works_and_prints_what_it_promises() {
    if !has("bash") || !has("curl") {
        assert!(!on_ci(), "CI must walk README's tour: bash or curl is missing");
        eprintln!("SKIPPED: README's tour needs bash and curl");
        return;
    }
    let folder = Folder::new();
    let demo = eslabon(&folder.0).arg("demo").output().unwrap();
    assert!(demo.status.success(), "eslabon demo: {}", String::from_utf8_lossy(&demo.stderr));
    let server = Server::start(&folder.0).await;

    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let blocks = blocks(&readme);
    assert!(
        blocks.len() > 8,
        "only {} blocks were found: is the test still looking at the right place?",
        blocks.len()
    );
    let script = format!("exec 2>&1\nset -euo pipefail\n{}", blocks.join(&format!("\necho '{MARK}'\n")));
    let path = folder.0.join("tour.sh");
    fs::write(&path, script).unwrap();
    let tour =
        Command::new("bash").arg(path).env("ESLABON", format!("http://{}", server.address)).output().unwrap();

    let told = String::from_utf8(tour.stdout).unwrap();
    let outputs: Vec<_> = told.split(MARK).collect();
    let reached = blocks[outputs.len() - 1];
    assert!(tour.status.success(), "{}\nfailed here:\n{reached}\n{told}", tour.status);
    for (block, output) in blocks.iter().zip(outputs) {
        for promise in promises(block) {
            assert!(
                keeps(output, promise),
                "{promise}\nis missing from what this prints:\n{block}\n{output}"
            );
        }
    }
}

#[test]
fn a_broken_promise_is_noticed() {
    assert!(keeps("a\n\"etag\":\"\\\"3\\\"\"\n", "\"etag\":\"…3…\""));
    assert!(!keeps("one\ntwo", "one…two"));
    assert!(!keeps("\"status\":428", "\"status\":412"));
}
