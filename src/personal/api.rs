//! The notice, and what a person may ask of their data.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    AcceptNotice, Acceptance, Confirmation, Correct, Correction, Entry, Erase, Everything, Export, Kept,
    Part, ReadNotice, store,
};
use crate::{
    foundation::{
        Base,
        access::{Actor, May, Role},
        clock::Timestamp,
        http::{Body, IfVersion, Reply, etag},
        i18n::Locale,
        ids::{AccountId, OrganisationId, TokenId},
        problem::Problem,
    },
    organisations::PRIVACY_NOTICE,
};

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(notice))
        .routes(routes!(accept))
        .routes(routes!(export))
        .routes(routes!(correct))
        .routes(routes!(erase))
}

/// What the notice says of a kind of data.
#[derive(Serialize, ToSchema)]
#[schema(as = NoticeEntry)]
struct EntryJson {
    kind: Entry,
    /// Which data.
    data: String,
    /// For what.
    purpose: String,
    /// How long.
    kept: String,
}

/// Which personal data are kept, for what and how long.
#[derive(Serialize, ToSchema)]
#[schema(as = PrivacyNotice)]
struct NoticeJson {
    /// Whoever gets an account accepts this version.
    version: i64,
    language: Locale,
    /// What people may ask.
    rights: String,
    data: Vec<EntryJson>,
}

/// Tells which personal data are kept, for what and how long, in the caller's language.
#[utoipa::path(
    get, path = "/privacy", operation_id = "privacy_read", tag = "personal data",
    responses((status = OK, body = NoticeJson)), security(())
)]
async fn notice(may: May<ReadNotice>) -> Result<Reply, Problem> {
    let locale = may.actor().locale;
    let entry = |kind: &Entry| EntryJson {
        kind: *kind,
        data: locale.text(kind.key(Part::Data)),
        purpose: locale.text(kind.key(Part::Purpose)),
        kept: locale.text(kind.key(Part::Period)),
    };
    let rights = locale.text("privacy-rights");
    let data = Entry::ALL.iter().map(entry).collect();
    Reply::ok(&NoticeJson { version: PRIVACY_NOTICE, language: locale, rights, data })
}

/// The version of the notice that one accepts.
#[derive(ToSchema)]
#[schema(as = AcceptNotice)]
#[expect(dead_code, reason = "describes what `Acceptance` reads")]
struct AcceptanceJson {
    /// The one in force, as `GET /privacy` tells it.
    #[schema(example = 1)]
    version: i64,
}

/// Accepts the notice on personal data.
#[utoipa::path(
    post, path = "/me/privacy", operation_id = "privacy_accept", tag = "personal data",
    request_body = AcceptanceJson, responses((status = NO_CONTENT))
)]
async fn accept(
    State(base): State<Base>,
    may: May<AcceptNotice>,
    Body { once, .. }: Body<Acceptance>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        store::accept(&w).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// A membership.
#[derive(Serialize, ToSchema)]
struct OwnMembership {
    organisation: OrganisationId,
    role: Role,
    since: Timestamp,
}

/// A token, without its secret, which is kept nowhere.
#[derive(Serialize, ToSchema)]
struct OwnToken {
    id: TokenId,
    name: String,
    created_at: Timestamp,
}

/// An invitation to one's address, or a request for membership from it.
#[derive(Serialize, ToSchema)]
struct OwnJoining {
    organisation: OrganisationId,
    at: Timestamp,
}

/// An interest on record.
#[derive(Serialize, ToSchema)]
struct OwnInterest {
    party: OrganisationId,
    text: String,
}

/// A reading of a supplier's data under its consent.
#[derive(Serialize, ToSchema)]
struct OwnReading {
    supplier: OrganisationId,
    subject: Option<String>,
    at: Timestamp,
}

/// A signature.
#[derive(Serialize, ToSchema)]
struct OwnSignature {
    subject: String,
    subject_id: Uuid,
    name: String,
    signed_at: Timestamp,
}

/// Something that one was told.
#[derive(Serialize, ToSchema)]
struct OwnNotice {
    event: String,
    subject: String,
    subject_id: Uuid,
    at: Timestamp,
    read_at: Option<Timestamp>,
}

/// Something that one has done.
#[derive(Serialize, ToSchema)]
struct OwnDeed {
    at: Timestamp,
    organisation: OrganisationId,
    operation: String,
    subject: String,
    subject_id: Uuid,
}

/// Everything that is kept about a person.
#[derive(Serialize, ToSchema)]
struct EverythingJson {
    account: AccountId,
    email: String,
    name: String,
    locale: Locale,
    created_at: Timestamp,
    privacy_notice: Option<i64>,
    privacy_accepted_at: Option<Timestamp>,
    memberships: Vec<OwnMembership>,
    tokens: Vec<OwnToken>,
    /// How many sessions at browsers are kept; `GET /sessions` lists the open ones.
    sessions: usize,
    /// Since when a second factor is asked for.
    second_factor_since: Option<Timestamp>,
    invitations: Vec<OwnJoining>,
    membership_requests: Vec<OwnJoining>,
    interests: Vec<OwnInterest>,
    readings: Vec<OwnReading>,
    signatures: Vec<OwnSignature>,
    /// What one was told, oldest first.
    notices: Vec<OwnNotice>,
    /// What one has done, newest first.
    trail: Vec<OwnDeed>,
    #[schema(example = "\"1\"")]
    etag: String,
}

impl From<Everything> for EverythingJson {
    fn from(everything: Everything) -> Self {
        let Everything { account: a, signatures, notices, trail } = everything;
        let joining = |all: Vec<(OrganisationId, Timestamp)>| {
            all.into_iter().map(|(organisation, at)| OwnJoining { organisation, at }).collect()
        };
        let membership = |(organisation, role, since)| OwnMembership { organisation, role, since };
        let reading = |(supplier, subject, at)| OwnReading { supplier, subject, at };
        let signature = |s: super::SignatureOf| OwnSignature {
            subject: s.subject,
            subject_id: s.subject_id,
            name: s.name,
            signed_at: s.signed_at,
        };
        let notice = |n: crate::notices::Notice| OwnNotice {
            event: n.event,
            subject: n.subject,
            subject_id: n.subject_id,
            at: n.at,
            read_at: n.read_at,
        };
        let deed = |d: super::Done| OwnDeed {
            at: d.at,
            organisation: d.organisation,
            operation: d.operation,
            subject: d.subject,
            subject_id: d.subject_id,
        };
        Self {
            account: a.id,
            email: a.email,
            name: a.name,
            locale: a.locale,
            created_at: a.created_at,
            privacy_notice: a.privacy_notice,
            privacy_accepted_at: a.privacy_accepted_at,
            memberships: a.memberships.into_iter().map(membership).collect(),
            tokens: a
                .tokens
                .into_iter()
                .map(|(id, name, created_at)| OwnToken { id, name, created_at })
                .collect(),
            sessions: a.sessions,
            second_factor_since: a.second_factor_since,
            invitations: joining(a.invitations),
            membership_requests: joining(a.requests),
            interests: a.interests.into_iter().map(|(party, text)| OwnInterest { party, text }).collect(),
            readings: a.readings.into_iter().map(reading).collect(),
            signatures: signatures.into_iter().map(signature).collect(),
            notices: notices.into_iter().map(notice).collect(),
            trail: trail.into_iter().map(deed).collect(),
            etag: etag(a.version),
        }
    }
}

/// Everything that is kept of somebody, as the API gives it.
pub(super) async fn everything(base: &Base, actor: &Actor) -> Result<Reply, Problem> {
    let found = store::export(base.db.reads(), actor).await?;
    let version = found.account.version;
    Ok(Reply::ok(&EverythingJson::from(found))?.version(version))
}

/// Gives everything that is kept about oneself.
#[utoipa::path(
    get, path = "/me/data", operation_id = "personal_data_export", tag = "personal data",
    responses((status = OK, body = EverythingJson))
)]
async fn export(State(base): State<Base>, may: May<Export>) -> Result<Reply, Problem> {
    everything(&base, may.actor()).await
}

/// What is right of oneself.
#[derive(ToSchema)]
#[schema(as = PersonalCorrection)]
#[expect(dead_code, reason = "describes what `Correction` reads")]
struct CorrectionJson {
    #[schema(example = "Ana Rojas", min_length = 2, max_length = 200)]
    name: String,
    #[schema(example = "ana@andes.example")]
    email: String,
    locale: Locale,
}

/// Corrects one's name, e-mail address and language. The version is that of `GET /me/data`.
#[utoipa::path(
    put, path = "/me/data", operation_id = "personal_data_correct", tag = "personal data",
    params(("If-Match" = String, Header)), request_body = CorrectionJson, responses((status = NO_CONTENT))
)]
async fn correct(
    State(base): State<Base>,
    may: May<Correct>,
    version: IfVersion,
    Body { value, once }: Body<Correction>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        store::correct(&w, version, &value).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// That one means it.
#[derive(ToSchema)]
#[schema(as = EraseMe)]
#[expect(dead_code, reason = "describes what `Confirmation` reads")]
struct ConfirmationJson {
    /// `true`: it can't be taken back.
    #[schema(example = true)]
    erase_me: bool,
}

/// What stays, and why.
#[derive(Serialize, ToSchema)]
#[schema(as = KeptData)]
struct KeptJson {
    kind: Kept,
    why: String,
}

/// Somebody who was erased.
#[derive(Serialize, ToSchema)]
#[schema(as = Erased)]
struct ErasedJson {
    /// The number that stays in place of the person.
    account: AccountId,
    erased_at: Timestamp,
    kept: Vec<KeptJson>,
}

/// Erases oneself: name, address, password, sessions, tokens and memberships go at once and for good. The answer says
/// what stays and why. The last administrator of an organisation names another one first.
#[utoipa::path(
    post, path = "/me/erasure", operation_id = "personal_data_erase", tag = "personal data",
    request_body = ConfirmationJson, responses((status = OK, body = ErasedJson))
)]
async fn erase(
    State(base): State<Base>,
    may: May<Erase>,
    Body { .. }: Body<Confirmation>,
) -> Result<Reply, Problem> {
    // No answer is kept for a repetition: whoever repeats it is nobody any more.
    let locale = may.actor().locale;
    base.write(may, crate::foundation::db::Once::never(), async |w| {
        let erased = store::erase(&w).await?;
        let kept = Kept::ALL.iter().map(|kind| KeptJson { kind: *kind, why: locale.text(kind.key()) });
        let (account, erased_at) = (erased.account, erased.at);
        let reply = Reply::ok(&ErasedJson { account, erased_at, kept: kept.collect() })?;
        Ok(w.done(reply))
    })
    .await
}
