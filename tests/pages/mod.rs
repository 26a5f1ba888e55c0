//! What people see, through the HTML.

mod safety;
mod sessions;
