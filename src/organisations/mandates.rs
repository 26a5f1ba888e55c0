//! Mandates (*mandatos*): a supplier lets an institution, or one person of it, act for it in one thing.
//!
//! An adviser who visits a workshop answers its diagnostic on the spot, for it and in its name. That takes a mandate
//! which the supplier's administrator has given: to an institution with which it works or to a person there, for a
//! scope, with the purpose, until a day. It is revoked at any time, and what was done under it says so (the diagnostic
//! names the mandate of each answer that an adviser has entered).

use crate::{
    access,
    foundation::{
        access::{ANYONE, Role},
        clock::{Day, Timestamp},
        fields::{Fields, Input, JUSTIFICATION},
        ids::{AccountId, MandateId, OrganisationId},
    },
    moves, words,
};

/// Those who give mandates.
const SUPPLIER_ADMINISTRATORS: &[Role] = &[Role::SupplierAdministrator, Role::System];

access! {
    /// Give an institution, or a person of it, a mandate to act for one's supplier.
    Mandate = "mandates.give", SUPPLIER_ADMINISTRATORS, &[];
    /// List the mandates that one's firm has given, or one's institution has.
    ListMandates = "mandates.list", ANYONE, &[];
    /// Look at a mandate.
    ReadMandate = "mandates.read", ANYONE, &[];
    /// Revoke a mandate.
    RevokeMandate = "mandates.revoke", SUPPLIER_ADMINISTRATORS, &["in_force"];
}

words! {
    /// What a mandate is for.
    #[schema(as = MandateScope)]
    pub enum Scope {
        /// Answering the supplier's diagnostic.
        Diagnostic = "diagnostic",
    }
}

words! {
    /// How far a mandate is.
    pub enum MandateState {
        /// It can be used.
        InForce = "in_force",
        /// Its last day has passed.
        Expired = "expired",
        /// The supplier took it back.
        Revoked = "revoked",
    }
}

moves! {
    /// What happens to a mandate.
    pub enum MandateMove of MandateState {
        /// Its last day passes.
        Expire: InForce => Expired;
        /// The supplier takes it back.
        Revoke by RevokeMandate: InForce => Revoked;
    }
}

/// A mandate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// Its id.
    pub id: MandateId,
    /// The supplier that gave it.
    pub firm: OrganisationId,
    /// The institution that has it.
    pub institution: OrganisationId,
    /// The one person of it who has it; `None`: all its officers.
    pub account: Option<AccountId>,
    /// What it is for.
    pub scope: Scope,
    /// Why it is given.
    pub purpose: String,
    /// Its last day, by the supplier's calendar.
    pub until: Day,
    /// Who gave it.
    pub given_by: AccountId,
    /// When.
    pub given_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

impl Given {
    /// How far it is on that day.
    pub fn state(&self, on: Day) -> MandateState {
        if self.revoked_at.is_some() {
            MandateState::Revoked
        } else if self.until < on {
            MandateState::Expired
        } else {
            MandateState::InForce
        }
    }
}

/// A mandate to give.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMandate {
    /// An institution that works with the supplier.
    pub institution: OrganisationId,
    /// One person of it; `None`: all its officers.
    pub account: Option<AccountId>,
    /// What it is for.
    pub scope: Scope,
    /// Why it is given.
    pub purpose: String,
    /// Its last day.
    pub until: Day,
}

impl Input for NewMandate {
    fn read(f: &mut Fields) -> Option<Self> {
        let (institution, account) = (f.required("institution"), f.optional("account"));
        let (scope, purpose) = (f.required("scope"), f.text("purpose", JUSTIFICATION));
        let until = f.required("until");
        Some(Self {
            institution: institution?,
            account: account?,
            scope: scope?,
            purpose: purpose?,
            until: until?,
        })
    }
}
