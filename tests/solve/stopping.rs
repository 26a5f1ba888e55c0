//! An interrupted solve ends, in every phase, with its own exit code and without a result.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{eslabon, json, results::Folder};

/// Interrupts a solve once it reports a phase; the exit code and what it printed.
fn interrupted_in(phase: &str, instance: &str) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_eslabon"))
        .args(["solve", "--json", "--progress", "json", "--time-limit", "600", instance])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let pid = Pid::from_child(&child);
    let progress = BufReader::new(child.stderr.take().expect("piped"));
    let mut told = false;
    for line in progress.lines().map_while(Result::ok) {
        // The last words are no progress.
        if told || !line.starts_with('{') {
            continue;
        }
        if json(line.as_bytes())["phase"] == phase {
            kill_process(pid, Signal::INT).expect("the process is there");
            told = true;
        }
    }
    assert!(told, "{phase} was never reached");
    let mut printed = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut printed).expect("UTF-8");
    (child.wait().expect("the command ends").code(), printed)
}

fn network(folder: &Folder, family: &str, suppliers: &str, lots: &str) -> String {
    let path = folder.path(family);
    let size = ["--suppliers", suppliers, "--lots", lots, "--buyers", "20", "--pairs-per-lot", "10"];
    let output = eslabon(&[&["generate", &path, "--family", family], &size[..]].concat(), "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    path
}

/// Without awards, if anything was printed at all.
fn assert_stopped((code, printed): (Option<i32>, String), phase: &str) {
    assert_eq!(code, Some(4), "{phase}: {printed}");
    assert!(printed.is_empty() || json(printed.as_bytes())["status"] == "interrupted", "{phase}: {printed}");
}

#[test]
fn a_linear_program_stops_in_every_phase() {
    let folder = Folder::new();
    let network = network(&folder, "tight", "200", "400");
    for phase in ["build", "coverage", "cost"] {
        assert_stopped(interrupted_in(phase, &network), phase);
    }
}

#[test]
fn an_integer_program_stops_in_its_search() {
    let folder = Folder::new();
    let network = network(&folder, "integer", "100", "50");
    assert_stopped(interrupted_in("coverage", &network), "coverage");
}
