//! What the reader makes of instances: valid ones, in both forms, and every fault that has a number.

#![cfg(test)]

#[path = "reading/faults.rs"]
mod faults;
#[path = "reading/forms.rs"]
mod forms;
#[path = "reading/junk.rs"]
mod junk;
#[path = "reading/support.rs"]
mod support;
