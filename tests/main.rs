//! The suite: every behaviour that a user or an invariant cares about, on both engines.

#![cfg(test)]

#[macro_use]
mod support;

mod approvals;
mod contracts;
mod diagnostics;
mod exchange;
mod foundation;
mod gaps;
mod leaks;
mod matching;
mod monitoring;
mod notices;
mod objections;
mod organisations;
mod pages;
mod personal;
mod plans;
mod programmes;
mod requirements;
mod running;
mod solve;
mod stories;
mod tour;
mod trail;
mod webhooks;
mod world;
