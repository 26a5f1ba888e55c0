//! The solver's readers and writers alone, as the fuzz targets take them.
//!
//! They stand on nothing else of the crate, so its sources are taken as they are: to build the crate
//! itself would build HiGHS with the fuzzer's flags as well, for ten minutes and to no use.

#[path = "../../src/decimal.rs"]
pub mod decimal;
#[path = "../../src/instance.rs"]
pub mod instance;
#[path = "../../src/problem.rs"]
pub mod problem;
#[expect(dead_code, reason = "the readers divide by little of it")]
#[path = "../../src/ratio.rs"]
mod ratio;
#[path = "../../src/read/mod.rs"]
pub mod read;
#[path = "../../src/write.rs"]
pub mod write;

pub use decimal::Decimal;
pub use instance::Instance;

use problem::Problem;
use read::Reading;

/// What must hold whatever was read: an instance says the same after it has been written and read
/// again, and a refusal names an error, each with words.
///
/// # Panics
/// Where it does not hold.
pub fn check(result: Result<Reading, Vec<Problem>>) {
    match result {
        Ok(reading) => {
            assert!(reading.warnings.iter().all(Problem::is_warning));
            let json = write::to_json(&reading.instance);
            let again = read::from_json(json.as_bytes()).map(|again| again.instance);
            assert_eq!(again.as_ref(), Ok(&reading.instance), "{json}");
        }
        Err(problems) => {
            assert!(problems.iter().any(|problem| !problem.is_warning()));
            assert!(problems.iter().all(|problem| !problem.cause.is_empty() && problem.column.len() < 1000));
        }
    }
}
