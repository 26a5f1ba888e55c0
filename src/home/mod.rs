//! What each role sees first: what to do next.
//!
//! The last stage of the tower: it may ask every other one what waits for the person who has come.

pub mod pages;
mod waiting;
