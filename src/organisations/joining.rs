//! How people come into an organisation, and out of it.
//!
//! An administrator *invites* an e-mail address into a role: the invitation is a secret that works once, for a
//! week, and is kept hashed. Whoever holds it gives a password, and a name where there is no account yet. Who
//! finds their firm's tax id taken *asks* for membership; the answer is the same whether the firm is registered
//! or not, and its administrators decide.

use crate::{
    access,
    foundation::{
        access::{ADMINISTRATORS, PUBLIC, Role},
        clock::Timestamp,
        fields::{Fields, Input},
        i18n::Locale,
        ids::{AccountId, InvitationId, OrganisationId},
    },
    moves, words,
};

use super::{
    accepted_notice, email,
    tax_id::{Country, TaxId},
};

access! {
    /// Invite a person into one's organisation.
    Invite = "invitations.create", ADMINISTRATORS, &[];
    /// Send an invitation (the service itself).
    MailInvitation = "invitations.mail", &[Role::System], &[];
    /// List one's organisation's invitations.
    ListInvitations = "invitations.list", ADMINISTRATORS, &[];
    /// Take an invitation back.
    RevokeInvitation = "invitations.revoke", ADMINISTRATORS, &["pending"];
    /// Accept an invitation, by its secret.
    AcceptInvitation = "invitations.accept", PUBLIC, &["pending"];
    /// Remove a member from one's organisation.
    RemoveMember = "members.remove", ADMINISTRATORS, &[];
    /// Ask for membership of the organisation that has a tax id.
    AskForMembership = "membership_requests.create", PUBLIC, &[];
    /// List the requests for membership of one's organisation.
    ListRequests = "membership_requests.list", ADMINISTRATORS, &[];
    /// Invite who asked for membership.
    GrantRequest = "membership_requests.grant", ADMINISTRATORS, &["pending"];
    /// Dismiss a request for membership.
    DismissRequest = "membership_requests.dismiss", ADMINISTRATORS, &["pending"];
}

/// How long an invitation works: a week.
pub const INVITATION_SECONDS: i64 = 7 * 86_400;

words! {
    /// How far an invitation is.
    pub enum InvitationState {
        /// It can be accepted.
        Pending = "pending",
        /// It was, once.
        Accepted = "accepted",
        /// Its time has run out.
        Expired = "expired",
        /// It was taken back, or another one took its place.
        Revoked = "revoked",
    }
}

moves! {
    /// What happens to an invitation.
    pub enum InvitationMove of InvitationState {
        /// Whoever holds its secret accepts.
        Accept by AcceptInvitation: Pending => Accepted;
        /// An administrator takes it back.
        Revoke by RevokeInvitation: Pending => Revoked;
        /// Another invitation of the same address takes its place.
        Replace by Invite: Pending => Revoked, Expired => Revoked;
        /// A week goes by.
        Expire: Pending => Expired;
    }
}

/// An invitation, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Into which organisation.
    pub organisation: OrganisationId,
    /// Whom; in lower case.
    pub email: String,
    /// Into which role.
    pub role: Role,
    /// Who invited.
    pub invited_by: AccountId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Invitation {
    /// How far it is at a moment.
    pub fn state(&self, now: Timestamp) -> InvitationState {
        match (self.accepted_at, self.revoked_at) {
            (Some(_), _) => InvitationState::Accepted,
            (None, Some(_)) => InvitationState::Revoked,
            (None, None) if self.expires_at <= now => InvitationState::Expired,
            (None, None) => InvitationState::Pending,
        }
    }
}

words! {
    /// How far a request for membership is.
    pub enum RequestState {
        /// Nobody has answered.
        Pending = "pending",
        /// An administrator has invited the person.
        Granted = "granted",
        /// An administrator has dismissed it.
        Dismissed = "dismissed",
    }
}

moves! {
    /// What happens to a request for membership.
    pub enum RequestMove of RequestState {
        /// An administrator invites the person.
        Grant by GrantRequest: Pending => Granted;
        /// An administrator dismisses it.
        Dismiss by DismissRequest: Pending => Dismissed;
        /// The person asks again.
        AskAgain by AskForMembership: Pending => Pending, Granted => Pending, Dismissed => Pending;
    }
}

/// A request for membership.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MembershipRequest {
    /// Its id.
    pub id: InvitationId,
    /// Whom to invite; in lower case.
    pub email: String,
    /// What they call themselves.
    pub name: String,
    /// Why; may be empty.
    pub message: String,
    /// How far it is.
    pub state: RequestState,
    /// When they asked.
    pub created_at: Timestamp,
}

/// A person to invite.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewInvitation {
    /// In lower case.
    pub email: String,
    /// The role.
    pub role: Role,
}

impl Input for NewInvitation {
    fn read(f: &mut Fields) -> Option<Self> {
        let (email, role) = (email(f), f.required("role"));
        Some(Self { email: email?, role: role? })
    }
}

/// The role for whoever asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The role.
    pub role: Role,
}

impl Input for Grant {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { role: f.required("role")? })
    }
}

/// An acceptance: the secret, and who accepts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Acceptance {
    /// The invitation's secret.
    pub secret: String,
    /// The person's name, where the address has no account yet.
    pub name: Option<String>,
    /// The password of the account, or the one that it shall have.
    pub password: String,
    /// The language in which to write to them.
    pub locale: Locale,
    /// The version of the notice on personal data that they accept.
    pub privacy_notice: i64,
}

impl Input for Acceptance {
    fn read(f: &mut Fields) -> Option<Self> {
        let (secret, name) = (f.text("secret", 10..=200), f.optional_text("name", 2..=200));
        let (password, locale) = (f.text("password", 10..=200), f.or("locale", Locale::Es));
        let privacy_notice = accepted_notice(f, "privacy_notice");
        Some(Self {
            secret: secret?,
            name: name?,
            password: password?,
            locale: locale?,
            privacy_notice: privacy_notice?,
        })
    }
}

/// A request for membership to send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRequest {
    /// Of which firm.
    pub tax_id: TaxId,
    /// Whom to invite; in lower case.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// Why; may be empty.
    pub message: String,
}

impl Input for NewRequest {
    fn read(f: &mut Fields) -> Option<Self> {
        let (country, number) = (f.required::<Country>("country"), f.text("tax_id", 2..=40));
        let (email, name) = (email(f), f.text("name", 2..=200));
        let message = f.optional_text("message", 1..=1_000);
        let tax_id = match (country, number) {
            (Some(country), Some(number)) => {
                TaxId::parse(country, &number).map_err(|fault| f.fail("tax_id", fault)).ok()
            }
            _ => None,
        };
        Some(Self { tax_id: tax_id?, email: email?, name: name?, message: message?.unwrap_or_default() })
    }
}
