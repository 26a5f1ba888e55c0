//! Personal data: what is kept of people, for what, how long, and what they may ask of it.
//!
//! The *notice* ([`Entry`]) is versioned and stands in both languages; whoever gets an account accepts the version in
//! force. A person reads everything that is kept about them, corrects name and address, and has themselves erased:
//! name, address, password, sessions and tokens go, memberships end, and what they did stays under a number that says
//! nothing ([`Kept`] lists what stays and why). The trail's hashes still verify: its entries lose salt and details
//! together, and keep the hash. The last administrator of an organisation names another one first.
//!
//! Every day a job deletes what has outlived its period ([`RETENTION`]).

pub mod api;
pub mod jobs;
pub mod pages;
pub mod store;

use crate::{
    access,
    foundation::{
        access::{ANYONE, PUBLIC, Role},
        clock::Timestamp,
        fields::{Fault, Fields, Input},
        i18n::Locale,
        ids::{AccountId, OrganisationId},
    },
    notices::Notice,
    organisations, words,
};

access! {
    /// Read which personal data are kept, for what and how long.
    ReadNotice = "privacy.read", PUBLIC, &[];
    /// Accept the notice on personal data in its version of today.
    AcceptNotice = "privacy.accept", ANYONE, &[];
    /// Get everything that is kept about oneself.
    Export = "personal_data.export", ANYONE, &[];
    /// Correct one's name, e-mail address or language.
    Correct = "personal_data.correct", ANYONE, &[];
    /// Have oneself erased.
    Erase = "personal_data.erase", ANYONE, &[];
    /// Delete what has outlived its period.
    ApplyRetention = "personal_data.apply_retention", &[Role::System], &[];
}

words! {
    /// A kind of personal data.
    #[schema(as = PersonalData)]
    pub enum Entry {
        /// Name, e-mail address, language, password.
        Account = "account",
        /// In which organisations, in which role.
        Memberships = "memberships",
        /// Sessions and tokens.
        Access = "access",
        /// Invitations and requests for membership.
        Joining = "joining",
        /// Interests and recusals.
        Interests = "interests",
        /// Signatures under acts, plans and contracts.
        Signatures = "signatures",
        /// The trail: who did what when.
        Trail = "trail",
        /// Which suppliers' data somebody has read under a consent.
        Readings = "readings",
        /// What one was told, and how one wants to be told.
        Notices = "notices",
        /// Answers that were kept for repetitions.
        Repetitions = "repetitions",
    }
}

impl Entry {
    /// The text that says which data, for what, or how long.
    pub const fn key(self, part: Part) -> &'static str {
        match (self, part) {
            (Self::Account, Part::Data) => "privacy-account-data",
            (Self::Account, Part::Purpose) => "privacy-account-purpose",
            (Self::Account, Part::Period) => "privacy-account-period",
            (Self::Memberships, Part::Data) => "privacy-memberships-data",
            (Self::Memberships, Part::Purpose) => "privacy-memberships-purpose",
            (Self::Memberships, Part::Period) => "privacy-memberships-period",
            (Self::Access, Part::Data) => "privacy-access-data",
            (Self::Access, Part::Purpose) => "privacy-access-purpose",
            (Self::Access, Part::Period) => "privacy-access-period",
            (Self::Joining, Part::Data) => "privacy-joining-data",
            (Self::Joining, Part::Purpose) => "privacy-joining-purpose",
            (Self::Joining, Part::Period) => "privacy-joining-period",
            (Self::Interests, Part::Data) => "privacy-interests-data",
            (Self::Interests, Part::Purpose) => "privacy-interests-purpose",
            (Self::Interests, Part::Period) => "privacy-interests-period",
            (Self::Signatures, Part::Data) => "privacy-signatures-data",
            (Self::Signatures, Part::Purpose) => "privacy-signatures-purpose",
            (Self::Signatures, Part::Period) => "privacy-signatures-period",
            (Self::Trail, Part::Data) => "privacy-trail-data",
            (Self::Trail, Part::Purpose) => "privacy-trail-purpose",
            (Self::Trail, Part::Period) => "privacy-trail-period",
            (Self::Readings, Part::Data) => "privacy-readings-data",
            (Self::Readings, Part::Purpose) => "privacy-readings-purpose",
            (Self::Readings, Part::Period) => "privacy-readings-period",
            (Self::Notices, Part::Data) => "privacy-notices-data",
            (Self::Notices, Part::Purpose) => "privacy-notices-purpose",
            (Self::Notices, Part::Period) => "privacy-notices-period",
            (Self::Repetitions, Part::Data) => "privacy-repetitions-data",
            (Self::Repetitions, Part::Purpose) => "privacy-repetitions-purpose",
            (Self::Repetitions, Part::Period) => "privacy-repetitions-period",
        }
    }
}

/// What the notice says of a kind of data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Which data.
    Data,
    /// For what.
    Purpose,
    /// How long.
    Period,
}

words! {
    /// What stays of a person who was erased.
    #[schema(as = KeptAfterErasure)]
    pub enum Kept {
        /// A number in place of the person.
        Pseudonym = "pseudonym",
        /// The trail's entries with their hashes.
        Trail = "trail",
        /// Signatures, with the name.
        Signatures = "signatures",
        /// That an interest was on record, without its text.
        Interests = "interests",
    }
}

impl Kept {
    /// The text that says why.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pseudonym => "privacy-kept-pseudonym",
            Self::Trail => "privacy-kept-trail",
            Self::Signatures => "privacy-kept-signatures",
            Self::Interests => "privacy-kept-interests",
        }
    }
}

/// A day in seconds.
pub const DAY: i64 = 86_400;

/// How many days after their end things are deleted.
pub struct Retention {
    /// Tokens that have expired or were revoked.
    pub tokens: i64,
    /// Invitations that were accepted, were revoked or have expired, and answered requests for membership.
    pub invitations: i64,
    /// Answers kept for repetitions, after they were given.
    pub repetitions: i64,
    /// What was read under consents; the database keeps it so long whoever asks.
    pub readings: i64,
    /// Notices, after what they tell of.
    pub notices: i64,
    /// What webhooks were called.
    pub calls: i64,
}

/// The periods; the notice tells them.
pub const RETENTION: Retention =
    Retention { tokens: 90, invitations: 180, repetitions: 30, readings: 1_095, notices: 365, calls: 90 };

/// What is kept about a person.
#[derive(Clone, Debug)]
pub struct Everything {
    /// Their account.
    pub account: organisations::store::personal::Person,
    /// Their signatures.
    pub signatures: Vec<SignatureOf>,
    /// What they were told, oldest first.
    pub notices: Vec<Notice>,
    /// What they have done, newest first.
    pub trail: Vec<Done>,
}

/// A signature of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureOf {
    /// Under what: a gap act or a plan.
    pub subject: String,
    /// Which.
    pub subject_id: uuid::Uuid,
    /// The name under it.
    pub name: String,
    /// When.
    pub signed_at: Timestamp,
}

/// Something that a person has done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// What.
    pub operation: String,
    /// To which kind of thing.
    pub subject: String,
    /// Which.
    pub subject_id: uuid::Uuid,
}

/// Somebody who was erased.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Erased {
    /// The number that stays.
    pub account: AccountId,
    /// When.
    pub at: Timestamp,
}

/// The version of the notice that somebody accepts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Acceptance {
    /// The one in force.
    pub version: i64,
}

impl Input for Acceptance {
    fn read(f: &mut Fields) -> Option<Self> {
        let version = organisations::accepted_notice(f, "version")?;
        Some(Self { version })
    }
}

/// What a person says of themselves now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Correction {
    /// Their name.
    pub name: String,
    /// Their address, in lower case.
    pub email: String,
    /// The language in which to write to them.
    pub locale: Locale,
}

impl Input for Correction {
    fn read(f: &mut Fields) -> Option<Self> {
        let (name, email) = (f.text("name", 2..=200), organisations::email(f));
        let locale = f.required("locale");
        Some(Self { name: name?, email: email?, locale: locale? })
    }
}

/// That somebody means it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Confirmation;

impl Input for Confirmation {
    fn read(f: &mut Fields) -> Option<Self> {
        if f.required::<bool>("erase_me")? {
            return Some(Self);
        }
        f.fail("erase_me", Fault::new("must-be-confirmed"));
        None
    }
}
