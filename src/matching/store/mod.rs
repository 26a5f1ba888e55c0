//! Runs and the matches that come of them.

mod adoption;
mod facts;
pub mod matches;
pub mod runs;
