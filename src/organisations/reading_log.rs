//! Noting what lead firms read under consents: a reading that leaves a trace is a write after the answer is known.

use super::{
    consents::Purpose,
    store::consents::{self, Reading},
};
use crate::foundation::{
    Base,
    access::{May, Operation},
    problem::Problem,
};

/// Notes in the suppliers' logs what a lead firm has just read of them; everybody else leaves no trace here, and
/// reading the same again within the hour leaves none more. When it can't be noted, it is not shown.
///
/// # Errors
/// What the database said.
pub async fn note<O: Operation>(
    base: &Base,
    may: May<O>,
    purpose: Purpose,
    subject: &'static str,
    readings: Vec<Reading>,
) -> Result<(), Problem> {
    note_all(base, may, subject, vec![(purpose, readings)]).await
}

/// The same for one answer that rests on consents for several purposes.
///
/// # Errors
/// What the database said.
pub async fn note_all<O: Operation>(
    base: &Base,
    may: May<O>,
    subject: &'static str,
    readings: Vec<(Purpose, Vec<Reading>)>,
) -> Result<(), Problem> {
    let now = base.clock.now();
    let mut new = Vec::new();
    for (purpose, readings) in readings {
        let unnoted = consents::unnoted(base.db.reads(), may.actor(), purpose, readings, now).await?;
        if !unnoted.is_empty() {
            new.push((purpose, unnoted));
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    base.transact(may, async |w| {
        for (purpose, readings) in &new {
            consents::note(&w, *purpose, subject, readings).await?;
        }
        Ok(w.done(()))
    })
    .await
}
