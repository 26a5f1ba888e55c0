//! Runs and the matches that come of them.

mod facts;
pub mod matches;
pub mod runs;
