//! Identifiers and randomness: the only place that draws either.
//!
//! Ids are UUIDv7, so that a list in id order is a list in order of creation.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::{Builder, Uuid};

use super::clock::Timestamp;

/// Declares a typed id for each noun, so that one noun's id can't stand where another's belongs.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
            sea_orm::DeriveValueType, utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = uuid::Uuid)]
        pub struct $name(pub Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }

        /// No engine hands out these ids, so none can come back as a number.
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )+};
}

ids! {
    /// A person's account.
    AccountId,
    /// An API token.
    TokenId,
    /// A firm or an institution.
    OrganisationId,
    /// A group of buyers under common control.
    BuyerGroupId,
    /// A programme.
    ProgrammeId,
    /// A waiver of the dependency cap.
    WaiverId,
    /// A lead firm's requirement.
    RequirementId,
    /// A lot of a requirement.
    LotId,
    /// A criterion of a requirement.
    CriterionId,
    /// A diagnostic of an organisation.
    DiagnosticId,
    /// A gap analysis of a supplier against a requirement.
    GapAnalysisId,
    /// A solver run.
    RunId,
    /// A match: an award on its way to approval.
    MatchId,
    /// A background job.
    JobId,
    /// An audit entry.
    AuditEntryId,
}

/// Where ids and random bytes come from: the machine, or a test's seed.
#[derive(Clone, Debug)]
pub struct Ids(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Seeded(Arc<Mutex<StdRng>>),
}

impl Ids {
    /// The operating system's randomness.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// The same ids every time, for tests and the demo.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that draws randomness")]
            Source::System => rand::rng().fill_bytes(&mut bytes),
            Source::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes),
        }
        bytes
    }

    /// A new id, made at `now`.
    pub fn new_id<T: From<Uuid>>(&self, now: Timestamp) -> T {
        let millis = u64::try_from(now.micros() / 1_000).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid().into()
    }

    /// A secret of 32 random bytes, as 64 hexadecimal digits.
    pub fn secret(&self) -> String {
        hex::encode(self.bytes::<32>())
    }
}
