//! Any bytes as a folder: files one after the other, each after a line `== NAME`.

#![no_main]

use std::{env, fs, path::PathBuf, process, sync::OnceLock};

use eslabon_solver_fuzz::{check, read};
use libfuzzer_sys::fuzz_target;

/// The names that a piece may have; any other is that of a file that has no business there.
const NAMES: [&str; 11] = [
    "instance.toml",
    "buyers.csv",
    "suppliers.csv",
    "caps.csv",
    "sales.csv",
    "capacity.csv",
    "lots.csv",
    "pairs.csv",
    "gaps.csv",
    "consortia.csv",
    "decisions.csv",
];

/// One folder for each process: in memory where the machine has that, as the names never change.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        let base = if memory.is_dir() { memory } else { env::temp_dir() };
        base.join(format!("eslabon-fuzz-{}", process::id()))
    })
}

fuzz_target!(|bytes: &[u8]| {
    let folder = folder();
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("the folder can be made");
    let mut rest = bytes;
    while let Some(at) = rest.windows(3).position(|w| w == b"== ") {
        let piece = &rest[at + 3..];
        let line = piece.iter().position(|b| *b == b'\n').unwrap_or(piece.len());
        let name = String::from_utf8_lossy(&piece[..line]);
        let name = NAMES.iter().find(|known| **known == name).copied().unwrap_or("other.csv");
        let body = piece.get(line + 1..).unwrap_or_default();
        let end = body.windows(4).position(|w| w == b"\n== ").map_or(body.len(), |at| at + 1);
        fs::write(folder.join(name), &body[..end]).expect("the file can be written");
        rest = &body[end..];
    }
    check(read::from_path(folder));
});
