//! Any bytes as a JSON document.

#![no_main]

use eslabon_solver_fuzz::{check, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| check(read::from_json(bytes)));
