//! What people see, through the HTML.

mod diagnostics;
mod matches;
mod plans;
mod requirements;
mod runs;
mod safety;
mod sessions;
mod talking;
mod together;
mod writing;
