//! Exchange: data that comes in from elsewhere and goes out again.
//!
//! What arrives is written by other people's programs and is treated so: read tolerantly, never
//! trusted, every oddity told with the place where it stands. What cannot be used is refused with a
//! reason and what to do about it; nothing that arrives makes the program panic.

pub mod ocds;
