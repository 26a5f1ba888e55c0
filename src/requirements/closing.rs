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
