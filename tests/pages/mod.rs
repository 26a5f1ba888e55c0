//! What people see, through the HTML.

mod calls;
mod diagnostics;
mod matches;
mod monitoring;
mod networks;
mod plans;
mod requirements;
mod runs;
mod safety;
mod sessions;
mod talking;
mod together;
mod writing;
