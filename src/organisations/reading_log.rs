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
    let now = base.clock.now();
    let new = consents::unnoted(base.db.reads(), may.actor(), purpose, readings, now).await?;
    if new.is_empty() {
        return Ok(());
    }
    base.transact(may, async |w| {
        consents::note(&w, purpose, subject, &new).await?;
        Ok(w.done(()))
    })
    .await
}
