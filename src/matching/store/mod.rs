//! Runs and the matches that come of them.

mod adoption;
pub mod explaining;
mod facts;
mod feeding;
pub mod matches;
pub mod runs;
pub mod telling;
