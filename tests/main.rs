//! The suite: every behaviour that a user or an invariant cares about, on both engines.

#![cfg(test)]

#[macro_use]
mod support;

mod diagnostics;
mod foundation;
mod gaps;
mod organisations;
mod pages;
mod programmes;
mod requirements;
