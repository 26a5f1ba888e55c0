//! Work on two cores, where there is enough of it.

use std::{panic::resume_unwind, thread};

/// From so many rows on the halves of a work are worth a thread: it starts in some ten microseconds, and each thread
/// keeps memory of its own.
const MANY: usize = 1000;

/// Whether there is enough work for a second thread.
pub(crate) const fn are_worth_a_thread(rows: usize) -> bool {
    rows >= MANY
}

/// Does two things about so many rows: at the same time, or one after the other.
pub(crate) fn both<A: Send, B>(
    rows: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    if !are_worth_a_thread(rows) {
        return (one(), other());
    }
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| resume_unwind(panic)), other)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_stay_on_one_thread_and_many_use_two() {
        let here = || thread::current().id();
        let (one, other) = both(MANY - 1, here, here);
        assert_eq!(one, other);
        let (one, other) = both(MANY, here, here);
        assert_ne!(one, other);
    }
}
