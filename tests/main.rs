//! The suite: every behaviour that a user or an invariant cares about, on both engines.

#[macro_use]
mod support;

mod foundation;
mod organisations;
mod pages;
