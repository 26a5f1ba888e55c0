//! Until when a requirement takes questions and offers.

use crate::foundation::{
    clock::Timestamp,
    closing::ClosingTime,
    problem::{FieldError, Problem},
};

/// The moments until which suppliers may ask and offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Times {
    /// When it closes by itself.
    pub closes_at: Option<Timestamp>,
    /// Until when suppliers may ask; `None`: until it closes.
    pub questions_until: Option<Timestamp>,
}

impl Times {
    /// The moments that were written, by the clocks of that zone: still to come, the questions' first.
    ///
    /// # Errors
    /// 422 for a moment that is past, or questions that outlast the requirement.
    pub fn resolve(
        closes_at: Option<ClosingTime>,
        questions_until: Option<ClosingTime>,
        zone: &str,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let resolve = |at: Option<ClosingTime>| at.map(|at| at.resolve(zone)).transpose();
        let (closes_at, questions_until) = (resolve(closes_at)?, resolve(questions_until)?);
        let mut errors = Vec::new();
        for (pointer, at) in [("/closes_at", closes_at), ("/questions_until", questions_until)] {
            if at.is_some_and(|at| at <= now) {
                errors.push(FieldError::new(pointer, "not-in-future"));
            }
        }
        if closes_at.zip(questions_until).is_some_and(|(closes_at, until)| until > closes_at) {
            errors.push(FieldError::new("/questions_until", "after-closing"));
        }
        if errors.is_empty() {
            Ok(Self { closes_at, questions_until })
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_may_ask_until_the_requirement_closes() {
        let at = |seconds| Timestamp::from_micros(0).plus_seconds(seconds);
        let faults = |closes_at, until| {
            let (closes_at, until) = (ClosingTime::At(at(closes_at)), ClosingTime::At(at(until)));
            match Times::resolve(Some(closes_at), Some(until), "UTC", at(0)) {
                Ok(_) => Vec::new(),
                Err(problem) => problem.errors.into_iter().map(|error| error.code).collect(),
            }
        };
        assert_eq!(faults(60, 60), [""; 0]);
        assert_eq!(faults(60, 61), ["after-closing"]);
        assert_eq!(faults(1, 0), ["not-in-future"]);
    }
}
