//! What people see, through the HTML.

mod diagnostics;
mod matches;
mod requirements;
mod safety;
mod sessions;
