//! Common control: which lead firms count as one buyer.
//!
//! A lead firm *declares* that it is under common control with another one, or that it no longer is with
//! anybody; an institution that works with it *confirms* or rejects, with a reason. Confirmed, both firms belong to
//! one buyer group (two groups become one), or the firm leaves its group. Nobody gets into a group or out of it
//! otherwise. What was approved before stands; from then on every rule about dependency counts the group as it is.
//!
//! Common control is a fact, so there is one group over all programmes, and each group is looked after by the
//! institution under which it came about. Another institution may confirm that a firm joins it, but moves nobody who is
//! in it: of two groups the own one goes over into the other, and who leaves is confirmed by the institution that looks
//! after the group, which sees the declarations of all its firms.

use crate::{
    access,
    foundation::{
        access::{LEAD_FIRM_WRITERS, OFFICERS, Role},
        clock::Timestamp,
        fields::{Fields, Input, JUSTIFICATION},
        ids::{AccountId, BuyerGroupId, DeclarationId, OrganisationId},
    },
    moves, words,
};

/// Who sees declarations: the lead firm's people and the institution's.
const READERS: &[Role] = &[
    Role::LeadFirmReader,
    Role::LeadFirmMember,
    Role::LeadFirmAdministrator,
    Role::InstitutionReader,
    Role::Officer,
    Role::Approver,
    Role::InstitutionAdministrator,
    Role::System,
];

access! {
    /// Declare common control with another lead firm, or its end.
    Declare = "control_declarations.create", LEAD_FIRM_WRITERS, &[];
    /// List declarations of common control.
    ListDeclarations = "control_declarations.list", READERS, &[];
    /// Look at a declaration of common control.
    ReadDeclaration = "control_declarations.read", READERS, &[];
    /// Withdraw a declaration of common control.
    WithdrawDeclaration = "control_declarations.withdraw", LEAD_FIRM_WRITERS, &["declared"];
    /// Confirm a declaration of common control.
    ConfirmDeclaration = "control_declarations.confirm", OFFICERS, &["declared"], decides;
    /// Reject a declaration of common control.
    RejectDeclaration = "control_declarations.reject", OFFICERS, &["declared"], decides;
}

words! {
    /// How far a declaration is.
    pub enum DeclarationState {
        /// An institution has to look at it.
        Declared = "declared",
        /// It holds.
        Confirmed = "confirmed",
        /// An institution did not believe it.
        Rejected = "rejected",
        /// The firm took it back.
        Withdrawn = "withdrawn",
    }
}

moves! {
    /// What happens to a declaration.
    pub enum DeclarationMove of DeclarationState {
        /// An institution confirms it.
        Confirm by ConfirmDeclaration: Declared => Confirmed;
        /// An institution does not believe it.
        Reject by RejectDeclaration: Declared => Rejected;
        /// The firm takes it back.
        Withdraw by WithdrawDeclaration: Declared => Withdrawn;
    }
}

/// A declaration of common control, or of its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declaration {
    /// Its id.
    pub id: DeclarationId,
    /// Who declares.
    pub firm: OrganisationId,
    /// With whom; `None`: with nobody any more.
    pub with: Option<OrganisationId>,
    /// On which ground: who owns whom, since when.
    pub ground: String,
    /// How far it is.
    pub state: DeclarationState,
    /// Who declared it.
    pub declared_by: AccountId,
    /// When.
    pub declared_at: Timestamp,
    /// What the institution said to it.
    pub reason: Option<String>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

/// A declaration to make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDeclaration {
    /// With whom; `None`: with nobody any more.
    pub with: Option<OrganisationId>,
    /// On which ground.
    pub ground: String,
}

/// How an institution confirms a declaration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confirming {
    /// Why it believes it.
    pub reason: String,
    /// Which group it shall be, where there is a choice: one of the institution's own, or one of the firms'.
    pub buyer_group: Option<BuyerGroupId>,
}

impl Input for Confirming {
    fn read(f: &mut Fields) -> Option<Self> {
        let (reason, buyer_group) = (f.reason(), f.optional("buyer_group"));
        Some(Self { reason: reason?, buyer_group: buyer_group? })
    }
}

impl Input for NewDeclaration {
    fn read(f: &mut Fields) -> Option<Self> {
        let (with, ground) = (f.optional("with"), f.text("ground", JUSTIFICATION));
        Some(Self { with: with?, ground: ground? })
    }
}
