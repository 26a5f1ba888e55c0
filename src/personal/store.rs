//! Personal data over all stages: gathered, corrected, erased, and deleted after its period.

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{Correction, DAY, Done, Erased, Everything, RETENTION, SignatureOf};
use crate::{
    foundation::{access::Actor, audit, db::Write, http::IfVersion, problem::Problem},
    gaps::store::signatures,
    notices,
    organisations::{
        PRIVACY_NOTICE,
        store::personal::{self, Before},
    },
    programmes, webhooks,
};

/// The most entries of the trail that an export holds.
const MOST_DONE: u64 = 50_000;

/// Everything that is kept about the actor.
///
/// # Errors
/// 404 for the service itself.
pub async fn export(db: &impl ConnectionTrait, actor: &Actor) -> Result<Everything, Problem> {
    let account = personal::own(db, actor).await?;
    let signatures = signatures::of_account(db, actor).await?;
    let signatures = signatures.into_iter().map(|(subject, subject_id, name, signed_at)| SignatureOf {
        subject: subject.to_string(),
        subject_id,
        name,
        signed_at,
    });
    let entries = audit::of_account(db, actor, MOST_DONE).await?;
    let done = |entry: &audit::Entry| {
        let (subject, subject_id) = entry.subject();
        Done {
            at: entry.at(),
            organisation: entry.organisation(),
            operation: entry.operation().to_owned(),
            subject: subject.to_owned(),
            subject_id,
        }
    };
    let notices = notices::store::of_account(db, actor).await?;
    let trail = entries.iter().map(done).collect();
    Ok(Everything { account, signatures: signatures.collect(), notices, trail })
}

/// The actor accepts the notice of today.
///
/// # Errors
/// What the database said.
pub async fn accept(w: &Write) -> Result<(), Problem> {
    personal::accept_notice(w, w.actor().account, PRIVACY_NOTICE).await
}

/// Corrects the actor's own name, address and language.
///
/// # Errors
/// 404 for the service itself, 412 for a stale version, 422 for an address that another account has.
pub async fn correct(w: &Write, version: IfVersion, new: &Correction) -> Result<(), Problem> {
    personal::correct(w, version, &new.name, &new.email, new.locale).await
}

/// Erases the actor. What the trail says of them goes, its hashes stay.
///
/// # Errors
/// 404 for the service itself, 409 for the last administrator of an organisation.
pub async fn erase(w: &Write) -> Result<Erased, Problem> {
    let account = w.actor().account;
    let subjects = personal::erase(w).await?;
    programmes::store::forget_officer(w, account).await?;
    notices::store::forget(w).await?;
    w.erase_trail_of(&subjects).await?;
    w.forget_repetitions(account).await?;
    w.record("account", account, &json!({ "erased": true })).await?;
    Ok(Erased { account, at: w.at() })
}

/// Deletes what has outlived its period; for the service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn apply_retention(w: &Write) -> Result<(), Problem> {
    let ago = |days: i64| w.at().plus_seconds(-days * DAY);
    let before = Before {
        tokens: ago(RETENTION.tokens),
        invitations: ago(RETENTION.invitations),
        readings: ago(RETENTION.readings),
    };
    let deleted = personal::expire(w, before).await?;
    let notices = notices::store::expire(w, ago(RETENTION.notices)).await?;
    let calls = webhooks::store::expire(w, ago(RETENTION.calls)).await?;
    let repetitions = w.expire_repetitions(ago(RETENTION.repetitions)).await?;
    let deleted: serde_json::Map<_, _> =
        deleted.into_iter().map(|(name, rows)| (name.to_owned(), json!(rows))).collect();
    let details =
        json!({ "deleted": deleted, "repetitions": repetitions, "notices": notices, "calls": calls });
    w.record("retention", uuid::Uuid::nil(), &details).await?;
    personal::expire_readings(w, before).await
}
