//! What people see, through the HTML.

mod diagnostics;
mod matches;
mod networks;
mod requirements;
mod runs;
mod safety;
mod sessions;
mod writing;
