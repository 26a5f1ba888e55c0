//! An interrupted solve ends, in every phase, with its own exit code and without a result.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
    time::{Duration, Instant},
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

/// Whether a process catches SIGINT itself.
fn catches_interrupts(pid: Pid) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_pid())).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 2 != 0)
}

#[test]
fn an_interrupt_while_the_instance_is_read_says_so() {
    for command in ["solve", "frontier"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_eslabon"))
            .args([command, "--json", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        // It stays open, so that the instance never ends.
        let _input = child.stdin.take();
        let pid = Pid::from_child(&child);
        let started = Instant::now();
        while !catches_interrupts(pid) {
            assert!(started.elapsed() < Duration::from_secs(30), "{command} never listens");
            std::thread::yield_now();
        }
        let told = Instant::now();
        kill_process(pid, Signal::INT).expect("the process is there");
        let status = child.wait().expect("the command ends");
        assert!(told.elapsed() < Duration::from_secs(2), "{command}: {:?}", told.elapsed());
        assert_eq!(status.code(), Some(130), "{command}: {status}");
        let mut said = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut said).expect("UTF-8");
        assert!(said.contains("stopped while the instance was read"), "{command}: {said}");
    }
}
