//! Who may do what, in which state: one table.
//!
//! Each stage declares its operations with [`access!`](crate::access): a unit type per operation,
//! its roles and its states. The type is the authorisation: a handler that takes
//! [`May<Publish>`] can't be reached by a role that may not publish, and a write can't begin without
//! one. `app.rs` collects the rows; the documentation page and the matrix test are made from them.
//!
//! **Invariant:** what another organisation may not see answers 404, exactly like what does not
//! exist. Roles are refused before anything is looked up, so a 403 says nothing about any resource.

use std::marker::PhantomData;

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{
    i18n::Locale,
    ids::{AccountId, OrganisationId},
    problem::Problem,
};
use crate::words;

words! {
    /// What a person is in the organisation for which they act.
    pub enum Role {
        /// Supplier: reads.
        SupplierReader = "supplier_reader",
        /// Supplier: answers, accepts.
        SupplierMember = "supplier_member",
        /// Supplier: also manages people.
        SupplierAdministrator = "supplier_administrator",
        /// Lead firm: reads.
        LeadFirmReader = "lead_firm_reader",
        /// Lead firm: posts requirements, accepts.
        LeadFirmMember = "lead_firm_member",
        /// Lead firm: also manages people.
        LeadFirmAdministrator = "lead_firm_administrator",
        /// Institution: reads.
        InstitutionReader = "institution_reader",
        /// Institution: runs programmes and the solver.
        Officer = "officer",
        /// Institution: approves matches.
        Approver = "approver",
        /// Institution: also manages people and opens organisations.
        InstitutionAdministrator = "institution_administrator",
        /// The service itself: background jobs and the operator's command line.
        System = "system",
        /// Nobody has logged in.
        Anonymous = "anonymous",
    }
}

/// Everybody, also without a login.
pub const PUBLIC: &[Role] = Role::ALL;
/// Everybody with a login.
pub const ANYONE: &[Role] = &[
    Role::SupplierReader,
    Role::SupplierMember,
    Role::SupplierAdministrator,
    Role::LeadFirmReader,
    Role::LeadFirmMember,
    Role::LeadFirmAdministrator,
    Role::InstitutionReader,
    Role::Officer,
    Role::Approver,
    Role::InstitutionAdministrator,
    Role::System,
];
/// Everybody in a supplier.
pub const SUPPLIER: &[Role] = &[Role::SupplierReader, Role::SupplierMember, Role::SupplierAdministrator];
/// Those in a supplier who write.
pub const SUPPLIER_WRITERS: &[Role] = &[Role::SupplierMember, Role::SupplierAdministrator, Role::System];
/// Everybody in a lead firm.
pub const LEAD_FIRM: &[Role] = &[Role::LeadFirmReader, Role::LeadFirmMember, Role::LeadFirmAdministrator];
/// Those in a lead firm who write.
pub const LEAD_FIRM_WRITERS: &[Role] = &[Role::LeadFirmMember, Role::LeadFirmAdministrator, Role::System];
/// Those in a supplier or a lead firm who write.
pub const FIRM_WRITERS: &[Role] = &[
    Role::SupplierMember,
    Role::SupplierAdministrator,
    Role::LeadFirmMember,
    Role::LeadFirmAdministrator,
    Role::System,
];
/// Those in an institution who run programmes.
pub const OFFICERS: &[Role] = &[Role::Officer, Role::Approver, Role::InstitutionAdministrator, Role::System];
/// Everybody who writes, in firms and institutions.
pub const WRITERS: &[Role] = &[
    Role::SupplierMember,
    Role::SupplierAdministrator,
    Role::LeadFirmMember,
    Role::LeadFirmAdministrator,
    Role::Officer,
    Role::Approver,
    Role::InstitutionAdministrator,
    Role::System,
];
/// Those in an institution who approve.
pub const APPROVERS: &[Role] = &[Role::Approver, Role::InstitutionAdministrator, Role::System];
/// Everybody in an institution.
pub const INSTITUTION: &[Role] =
    &[Role::InstitutionReader, Role::Officer, Role::Approver, Role::InstitutionAdministrator, Role::System];
/// Those who manage the people of their organisation.
pub const ADMINISTRATORS: &[Role] =
    &[Role::SupplierAdministrator, Role::LeadFirmAdministrator, Role::InstitutionAdministrator, Role::System];

words! {
    /// What an organisation is in the programmes.
    pub enum Kind {
        /// An SME that supplies (*proveedor*, PYME).
        Supplier = "supplier",
        /// A large buyer (*empresa líder*).
        LeadFirm = "lead_firm",
        /// A promoting institution (*institución promotora*).
        Institution = "institution",
    }
}

impl Role {
    /// The kind of organisation in which the role exists; the service itself belongs to none.
    pub const fn kind(self) -> Option<Kind> {
        match self {
            Self::SupplierReader | Self::SupplierMember | Self::SupplierAdministrator => Some(Kind::Supplier),
            Self::LeadFirmReader | Self::LeadFirmMember | Self::LeadFirmAdministrator => Some(Kind::LeadFirm),
            Self::InstitutionReader | Self::Officer | Self::Approver | Self::InstitutionAdministrator => {
                Some(Kind::Institution)
            }
            Self::System | Self::Anonymous => None,
        }
    }
}

/// Who acts: a person, for one organisation, in one role. Every query takes one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Actor {
    /// The person.
    pub account: AccountId,
    /// The organisation for which they act.
    pub organisation: OrganisationId,
    /// Their role in it.
    pub role: Role,
    /// The language in which they are answered.
    pub locale: Locale,
}

impl Actor {
    /// The service itself, acting for an organisation: background jobs and the operator's commands.
    pub const fn system(organisation: OrganisationId) -> Self {
        let nobody = AccountId(uuid::Uuid::nil());
        Self { account: nobody, organisation, role: Role::System, locale: Locale::Es }
    }

    /// Somebody who has not logged in.
    pub const fn anonymous(locale: Locale) -> Self {
        let nobody = uuid::Uuid::nil();
        Self {
            account: AccountId(nobody),
            organisation: OrganisationId(nobody),
            role: Role::Anonymous,
            locale,
        }
    }

    /// The kind of organisation for which they act; `None` for the service itself.
    pub const fn kind(&self) -> Option<Kind> {
        self.role.kind()
    }

    /// Whether this is the service itself.
    pub const fn is_system(&self) -> bool {
        matches!(self.role, Role::System)
    }

    /// The permission for `O`, when the role has it.
    ///
    /// # Errors
    /// 403 when it has not.
    pub fn may<O: Operation>(&self) -> Result<May<O>, Problem> {
        if O::ROW.roles.contains(&self.role) {
            Ok(May { actor: *self, operation: PhantomData })
        } else if self.role == Role::Anonymous {
            Err(Problem::unauthenticated())
        } else {
            Err(Problem::forbidden())
        }
    }

    /// Whether the actor's role may take the step in this state: what a page offers.
    pub fn takes<O: Operation>(&self, state: impl std::fmt::Display) -> bool {
        self.may::<O>().and_then(|may| may.in_state(state)).is_ok()
    }
}

/// One row of the access table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// `requirements.publish`; also the `operation_id` in the OpenAPI document, with `_` for `.`.
    pub operation: &'static str,
    /// The roles that may.
    pub roles: &'static [Role],
    /// The states in which the subject must be; empty: any.
    pub states: &'static [&'static str],
    /// What it does, in a line.
    pub description: &'static str,
    /// Whether it decides about somebody else: whoever has an interest in a party may not, and a write that has not
    /// asked does not commit.
    pub decides: bool,
    /// Whether it is such a decision that commits money or lifts a rule: where the settings say so, it takes a second factor.
    pub approves: bool,
}

/// Whether a row carries a mark.
pub const fn is_marked(marks: &[&str]) -> bool {
    !marks.is_empty()
}

/// Whether a row carries the mark `approves`; a row has one mark at most.
pub const fn is_approval(marks: &[&str]) -> bool {
    match marks {
        [mark] => matches!(mark.as_bytes(), b"approves"),
        _ => false,
    }
}

/// An operation: a type for each row of the table.
pub trait Operation: Send + Sync + 'static {
    /// Its row.
    const ROW: Row;
}

/// The permission to do `O`: proof that the role was checked.
#[derive(Debug)]
pub struct May<O> {
    actor: Actor,
    operation: PhantomData<fn() -> O>,
}

impl<O> Clone for May<O> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<O> Copy for May<O> {}

impl<O> May<O> {
    /// Who acts.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }
}

impl<O: Operation> May<O> {
    /// The check of the state, for the states in the row.
    ///
    /// # Errors
    /// 409 naming the present state and those in which the operation is possible.
    pub fn in_state(&self, state: impl std::fmt::Display) -> Result<(), Problem> {
        check_state(&O::ROW, &state.to_string())
    }
}

pub(super) fn check_state(row: &Row, state: &str) -> Result<(), Problem> {
    if row.states.is_empty() || row.states.contains(&state) {
        Ok(())
    } else {
        Err(Problem::wrong_state(state, row.states))
    }
}

/// The extractor: 401 without a login, 403 without the role.
impl<O: Operation, S: Sync> FromRequestParts<S> for May<O> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Actor>().ok_or_else(Problem::unauthenticated)?.may()
    }
}

/// Declares a stage's rows of the access table: a unit type for each operation, and `ACCESS`. The mark `decides` after
/// the states says that it is a decision about somebody else, the mark `approves` that it is one that takes a second factor
/// where the settings say so.
#[macro_export]
macro_rules! access {
    ($($(#[doc = $doc:literal])+ $name:ident = $operation:literal, $roles:expr, $states:expr $(, $mark:ident)?;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl $crate::foundation::access::Operation for $name {
                const ROW: $crate::foundation::access::Row = $crate::foundation::access::Row {
                    operation: $operation,
                    roles: $roles,
                    states: $states,
                    description: concat!($($doc),+),
                    decides: $crate::foundation::access::is_marked(&[$(stringify!($mark))?]),
                    approves: $crate::foundation::access::is_approval(&[$(stringify!($mark))?]),
                };
            }
        )+

        /// This stage's rows of the access table.
        pub const ACCESS: &[$crate::foundation::access::Row] =
            &[$(<$name as $crate::foundation::access::Operation>::ROW),+];
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    access! {
        /// Compute.
        Compute = "compute", INSTITUTION, &["published", "closed"];
        /// Read.
        Read = "read", PUBLIC, &[];
        /// Confirm.
        Confirm = "confirm", INSTITUTION, &[], decides;
        /// Approve.
        Approve = "approve", INSTITUTION, &[], approves;
    }

    fn actor(role: Role) -> Actor {
        Actor { role, ..Actor::anonymous(Locale::Es) }
    }

    #[test]
    fn a_role_belongs_to_one_kind_of_organisation() {
        for role in Role::ALL.iter().copied() {
            let among = |roles: &[Role]| roles.contains(&role);
            let expected =
                if among(&[Role::SupplierReader, Role::SupplierMember, Role::SupplierAdministrator]) {
                    Some(Kind::Supplier)
                } else if among(&[Role::LeadFirmReader, Role::LeadFirmMember, Role::LeadFirmAdministrator]) {
                    Some(Kind::LeadFirm)
                } else if among(&[Role::System, Role::Anonymous]) {
                    None
                } else {
                    Some(Kind::Institution)
                };
            assert_eq!(actor(role).kind(), expected, "{role}");
            assert_eq!(actor(role).is_system(), role == Role::System, "{role}");
        }
        let organisation = OrganisationId(uuid::Uuid::from_u128(1));
        let system = Actor::system(organisation);
        assert_eq!((system.role, system.organisation), (Role::System, organisation));
    }

    #[test]
    fn who_is_not_in_the_row_may_not_and_who_is_may_in_its_states() {
        let status =
            |role| actor(role).may::<Compute>().map_or_else(|problem| problem.status.as_u16(), |_| 200);
        assert_eq!([Role::Officer, Role::SupplierMember, Role::Anonymous].map(status), [200, 403, 401]);
        let takes = |role, state| actor(role).takes::<Compute>(state);
        assert!(takes(Role::Officer, "published") && takes(Role::Officer, "closed"));
        assert!(!takes(Role::Officer, "draft") && !takes(Role::SupplierMember, "published"));
        // A row without states is for all of them.
        assert!(actor(Role::Officer).takes::<Read>("draft"));
        let Ok(may) = actor(Role::Officer).may::<Compute>() else { panic!("an officer may") };
        assert_eq!(may.actor().role, Role::Officer);
        assert!(may.in_state("published").is_ok() && may.in_state("draft").is_err());
    }

    #[test]
    fn marks_say_what_decides_and_what_approves() {
        let marks = ACCESS.iter().map(|row| (row.operation, row.decides, row.approves));
        let expected = [
            ("compute", false, false),
            ("read", false, false),
            ("confirm", true, false),
            ("approve", true, true),
        ];
        assert!(marks.eq(expected));
        // The rows are constants; the same as it is called at run time.
        assert!(
            is_marked(&["decides"]) && !is_marked(&[]) && !is_approval(&["decides"]) && !is_approval(&[])
        );
    }
}
