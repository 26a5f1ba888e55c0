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
    /// A session at a browser.
    SessionId,
    /// A firm or an institution.
    OrganisationId,
    /// A group of buyers under common control.
    BuyerGroupId,
    /// A programme.
    ProgrammeId,
    /// A waiver of the dependency cap.
    WaiverId,
    /// An amendment of a published requirement.
    AmendmentId,
    /// A vertical network of a programme.
    NetworkId,
    /// An institution's appointment to a function of a programme.
    AppointmentId,
    /// An entry about funds that are assigned to a programme.
    FundEntryId,
    /// A review of a programme's coordinating body.
    ReviewId,
    /// A call for projects.
    CallId,
    /// A proposal to a call.
    ProposalId,
    /// A lead firm's commitment to a proposal.
    CommitmentId,
    /// An evaluator's evaluation of a proposal.
    EvaluationId,
    /// A project.
    ProjectId,
    /// An expense that a project justifies.
    ExpenseId,
    /// A consortium of suppliers.
    ConsortiumId,
    /// A visit or a meeting of a network.
    MeetingId,
    /// What was agreed on at a meeting.
    AgreementId,
    /// An invitation to join an organisation.
    InvitationId,
    /// Somebody who has forgotten a password.
    PasswordResetId,
    /// A declaration of common control.
    DeclarationId,
    /// A declared interest of a person in an organisation.
    InterestId,
    /// A supplier's mandate to an institution.
    MandateId,
    /// A supplier's certificate.
    CertificateId,
    /// An instrument that an institution has made.
    InstrumentId,
    /// A file that shows an answer.
    EvidenceId,
    /// A lead firm's requirement.
    RequirementId,
    /// A lot of a requirement.
    LotId,
    /// A question about a requirement.
    QuestionId,
    /// A criterion of a requirement.
    CriterionId,
    /// A diagnostic of an organisation.
    DiagnosticId,
    /// A gap analysis of a supplier against a requirement.
    GapAnalysisId,
    /// A gap act of a supplier for a requirement.
    GapActId,
    /// A dispute about a line of a gap act.
    GapDisputeId,
    /// A signature under a gap act or a plan.
    SignatureId,
    /// An improvement plan.
    PlanId,
    /// An action of an improvement plan.
    PlanActionId,
    /// An entry of a plan's log: progress, or a visit.
    PlanEntryId,
    /// A solver run.
    RunId,
    /// A match: an award on its way to approval.
    MatchId,
    /// A supply contract.
    ContractId,
    /// An entry about a delivery.
    DeliveryId,
    /// An entry about an invoice and its payment.
    PaymentId,
    /// An objection to a decision.
    ObjectionId,
    /// A round in which a network's indicators are measured.
    MeasurementRoundId,
    /// An indicator of one firm in a round.
    MeasurementId,
    /// A good practice.
    PracticeId,
    /// An evaluation of a programme's impact.
    ImpactEvaluationId,
    /// A notice to a person.
    NoticeId,
    /// An address that is called with what has happened.
    WebhookId,
    /// A call of such an address.
    WebhookCallId,
    /// A background job.
    JobId,
    /// An audit entry.
    AuditEntryId,
    /// A checkpoint of the audit log.
    CheckpointId,
}

/// Of sessions that were kept before they had one: nil.
impl Default for SessionId {
    fn default() -> Self {
        Self(Uuid::nil())
    }
}

/// Where ids and random bytes come from: the machine, or a test's seed. Clones share it.
#[derive(Clone, Debug)]
pub struct Ids(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// `None`: the operating system's randomness.
    seeded: Option<StdRng>,
    /// The millisecond of the last id, and how many ids that millisecond has had.
    last: (u64, u16),
}

/// The twelve bits after the time count the ids of a millisecond, so that ids of one process never go back.
const IDS_PER_MILLISECOND: u16 = 1 << 12;

impl Ids {
    /// The operating system's randomness.
    pub fn system() -> Self {
        Self(Arc::new(Mutex::new(State { seeded: None, last: (0, 0) })))
    }

    /// The same ids every time, for tests and the demo.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State { seeded: Some(StdRng::seed_from_u64(seed)), last: (0, 0) })))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes()
    }

    /// A new id, made at `now`: greater than every id that this process made before.
    pub fn new_id<T: From<Uuid>>(&self, now: Timestamp) -> T {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let millis = u64::try_from(now.micros() / 1_000).unwrap_or_default();
        state.last = match state.last {
            (last, _) if millis > last => (millis, 0),
            (last, count) if count + 1 < IDS_PER_MILLISECOND => (last, count + 1),
            (last, _) => (last + 1, 0),
        };
        let mut tail: [u8; 10] = state.bytes();
        tail[..2].copy_from_slice(&state.last.1.to_be_bytes());
        Builder::from_unix_timestamp_millis(state.last.0, &tail).into_uuid().into()
    }

    /// A new id that tells nothing of when it was made: for what must not be put in order by who came first.
    pub fn random_id<T: From<Uuid>>(&self) -> T {
        Builder::from_random_bytes(self.bytes()).into_uuid().into()
    }

    /// A secret of 32 random bytes, as 64 hexadecimal digits.
    pub fn secret(&self) -> String {
        hex::encode(self.bytes::<32>())
    }
}

/// The least id that can have been made at that moment.
pub fn first_at(moment: Timestamp) -> Uuid {
    let millis = u64::try_from(moment.micros() / 1_000).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// The millisecond in which an id was made, if it is one of ours; of any other, some moment.
pub fn moment_of(id: Uuid) -> Timestamp {
    let millis = i64::try_from(id.as_u128() >> 80).unwrap_or_default();
    Timestamp::from_micros(millis.saturating_mul(1_000))
}

impl State {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        match &mut self.seeded {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that draws randomness")]
            None => rand::rng().fill_bytes(&mut bytes),
            Some(rng) => rng.fill_bytes(&mut bytes),
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_only_grow_even_when_the_clock_stands_or_goes_back() {
        let (ids, now) = (Ids::system(), Timestamp::from_micros(1_800_000_000_000_000));
        let mut made: Vec<Uuid> = (0..10_000).map(|_| ids.new_id(now)).collect();
        made.push(ids.new_id(now.plus_seconds(-5)));
        let back = made.windows(2).find(|pair| pair[0] >= pair[1]);
        assert_eq!(back, None);
        assert_eq!(made[0].get_version_num(), 7);
    }

    #[test]
    fn a_seed_makes_the_same_ids() {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let made = |seed| (0..3).map(|_| Ids::seeded(seed).new_id::<Uuid>(now)).collect::<Vec<_>>();
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
    }
}
