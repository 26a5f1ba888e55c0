//! Vertical networks (*redes verticales*): who works together within a programme.
//!
//! A network is of one of two models. In the *lead-firm* model one or more large buyers promote it, and the
//! first step is the selection of the suppliers: the network invites, a supplier applies, and the
//! institution **and** every lead firm of the network say yes or no, with reasons. In the *organised
//! suppliers* model the institution, which knows the sector, selects alone.
//!
//! Who sees it: the institution's administrators all of its networks, its other people those to which they
//! are assigned, a lead firm or a supplier those to which it belongs or is invited, and a supplier of the
//! programme those with an open call. A supplier sees its own membership and never anybody else's: neither a
//! list nor a count, and no version that moves when others move. What one side has decided shows to the
//! applicant only when all have.

use crate::{
    access,
    foundation::{
        access::{ANYONE, INSTITUTION, Kind, OFFICERS, Role, SUPPLIER, SUPPLIER_WRITERS},
        clock::Timestamp,
        fields::{Fields, Input},
        ids::{AccountId, NetworkId, OrganisationId, ProgrammeId},
    },
    words,
};

use super::NewMember;

/// Those who assign officers.
const INSTITUTION_ADMINISTRATORS: &[Role] = &[Role::InstitutionAdministrator, Role::System];
/// Those who invite and select: officers, and the network's lead firms.
const SELECTORS: &[Role] = &[
    Role::LeadFirmMember,
    Role::LeadFirmAdministrator,
    Role::Officer,
    Role::Approver,
    Role::InstitutionAdministrator,
    Role::System,
];
/// Those who see a network's members.
const SELECTION_READERS: &[Role] = &[
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
    /// Set up a network of a programme.
    Create = "networks.create", OFFICERS, &["draft", "open"];
    /// Look at a network.
    Read = "networks.read", ANYONE, &[];
    /// List the networks that one may see.
    List = "networks.list", ANYONE, &[];
    /// Rename a network, open or close its call.
    Change = "networks.change", OFFICERS, &["open"];
    /// Close a network.
    Close = "networks.close", OFFICERS, &["open"];
    /// Take a lead firm of the programme into a network.
    AddLeadFirm = "networks.add_lead_firm", OFFICERS, &["open"];
    /// List the officers assigned to a network.
    ListOfficers = "networks.list_officers", INSTITUTION, &[];
    /// Assign an officer to a network.
    AssignOfficer = "networks.assign_officer", INSTITUTION_ADMINISTRATORS, &[];
    /// Take an officer off a network.
    UnassignOfficer = "networks.unassign_officer", INSTITUTION_ADMINISTRATORS, &[];
    /// Invite a supplier to a network.
    Invite = "network_members.invite", SELECTORS, &["refused", "left"];
    /// List a network's members, invitations and applications.
    ListMembers = "network_members.list", SELECTION_READERS, &[];
    /// Select or refuse an applicant, with reasons.
    Decide = "network_members.decide", SELECTORS, &["applied"], decides;
    /// Take an invitation back, or a supplier out, with reasons.
    Exclude = "network_members.exclude", OFFICERS, &["invited", "selected"], decides;
    /// Look at one's own membership of a network.
    ReadOwn = "network_members.own", SUPPLIER, &[];
    /// Apply to a network.
    Apply = "network_members.apply", SUPPLIER_WRITERS, &["invited", "left"];
    /// Decline an invitation, withdraw an application, or leave.
    Leave = "network_members.leave", SUPPLIER_WRITERS, &["invited", "applied", "selected"];
}

words! {
    /// Who promotes a network, and so which risk it runs.
    #[schema(as = NetworkModel)]
    pub enum Model {
        /// One or more lead firms (*modelo empresa líder*). Its risk is monopsony.
        LeadFirm = "lead_firm",
        /// Suppliers that bid together (*modelo proveedores organizados*). Its risk is low efficiency.
        OrganisedSuppliers = "organised_suppliers",
    }
}

words! {
    /// How far a network is.
    #[schema(as = NetworkState)]
    pub enum State {
        /// It invites, selects and works.
        Open = "open",
        /// It is over: nobody joins and nothing is posted in it.
        Closed = "closed",
    }
}

words! {
    /// How a firm stands to a network.
    #[schema(as = NetworkStanding)]
    pub enum Standing {
        /// The network would have it.
        Invited = "invited",
        /// It would join.
        Applied = "applied",
        /// It belongs to the network.
        Selected = "selected",
        /// It does not, and knows why.
        Refused = "refused",
        /// It declined, withdrew or left.
        Left = "left",
    }
}

words! {
    /// What a side says to an application.
    #[schema(as = SelectionDecision)]
    pub enum Decision {
        /// Take it in.
        Select = "select",
        /// Don't.
        Refuse = "refuse",
    }
}

/// A step of a membership.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The network invites.
    Invite,
    /// The supplier applies, invited or on an open call.
    Apply,
    /// All sides have said yes.
    Select,
    /// One side has said no.
    Refuse,
    /// The institution takes an invitation back, or a supplier out.
    Exclude,
    /// The supplier declines, withdraws or leaves.
    Leave,
    /// An objection to the refusal was upheld: what it had applied for is open again.
    Reopen,
}

impl Step {
    /// Every step.
    pub const ALL: &'static [Self] =
        &[Self::Invite, Self::Apply, Self::Select, Self::Refuse, Self::Exclude, Self::Leave, Self::Reopen];

    /// The table of legal steps: where a step leads from a standing (`None`: no membership yet); `None` when
    /// it is not possible there.
    pub const fn from(self, standing: Option<Standing>) -> Option<Standing> {
        use Standing::{Applied, Invited, Left, Refused, Selected};
        match (self, standing) {
            (Self::Invite, None | Some(Refused | Left)) => Some(Invited),
            (Self::Apply, None | Some(Invited | Left)) | (Self::Reopen, Some(Refused)) => Some(Applied),
            (Self::Select, Some(Applied)) => Some(Selected),
            (Self::Refuse, Some(Applied)) | (Self::Exclude, Some(Invited | Selected)) => Some(Refused),
            (Self::Leave, Some(Invited | Applied | Selected)) => Some(Left),
            // Of a supplier that had applied in this round; the store knows that.
            _ => None,
        }
    }
}

/// What becomes of an application when these sides must say yes and those have spoken: selected when all
/// have said yes, refused as soon as one says no, `None` while somebody is still to speak.
pub fn outcome<'a>(
    sides: impl IntoIterator<Item = &'a OrganisationId>,
    decisions: &[(OrganisationId, Decision)],
) -> Option<Step> {
    if decisions.iter().any(|(_, decision)| *decision == Decision::Refuse) {
        return Some(Step::Refuse);
    }
    let mut sides = sides.into_iter();
    let all = sides.all(|side| decisions.iter().any(|(of, _)| of == side));
    all.then_some(Step::Select)
}

/// A network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Network {
    /// Its id.
    pub id: NetworkId,
    /// The programme in which it works.
    pub programme: ProgrammeId,
    /// Who promotes it.
    pub model: Model,
    /// Its name, unique in the programme.
    pub name: String,
    /// How far it is.
    pub state: State,
    /// Whether suppliers of the programme may apply without an invitation.
    pub call_open: bool,
    /// Its lead firms, in id order.
    pub lead_firms: Vec<OrganisationId>,
    /// Grows with every change of the above, and with nothing that suppliers do.
    pub version: i64,
}

impl Network {
    /// The sides that must say yes before it takes a supplier in: the institution of its programme, and in the
    /// lead-firm model every lead firm of it.
    pub fn sides(&self, institution: OrganisationId) -> Vec<OrganisationId> {
        let promoters = if self.model == Model::LeadFirm { self.lead_firms.as_slice() } else { &[] };
        std::iter::once(institution).chain(promoters.iter().copied()).collect()
    }
}

/// A firm's membership of a network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    /// The network.
    pub network: NetworkId,
    /// The firm.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How it stands.
    pub standing: Standing,
    /// What it said when it applied; may be empty.
    pub statement: String,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// What the sides have said. The applicant itself gets them once the standing is decided.
    pub decisions: Vec<Said>,
    /// Grows with every change of the standing.
    pub version: i64,
}

/// What one side said to an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// The institution or the lead firm.
    pub side: OrganisationId,
    /// Yes or no.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// Who said it. The applicant itself is not told.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
}

/// A network to set up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewNetwork {
    /// Who promotes it.
    pub model: Model,
    /// Its name.
    pub name: String,
    /// Whether suppliers of the programme may apply without an invitation.
    pub call_open: bool,
    /// Lead firms of the programme; at least one in the lead-firm model.
    pub lead_firms: Vec<OrganisationId>,
}

impl Input for NewNetwork {
    fn read(f: &mut Fields) -> Option<Self> {
        let (model, name) = (f.required("model"), f.text("name", 2..=200));
        let (call_open, lead_firms) = (f.or("call_open", false), f.values("lead_firms", 50));
        if model == Some(Model::LeadFirm) && lead_firms.as_ref().is_some_and(Vec::is_empty) {
            f.fail("lead_firms", crate::foundation::fields::Fault::new("required"));
        }
        Some(Self { model: model?, name: name?, call_open: call_open?, lead_firms: lead_firms? })
    }
}

/// What can be changed of a network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetworkChange {
    /// Its name.
    pub name: String,
    /// Whether suppliers of the programme may apply without an invitation.
    pub call_open: bool,
}

impl Input for NetworkChange {
    fn read(f: &mut Fields) -> Option<Self> {
        let (name, call_open) = (f.text("name", 2..=200), f.required("call_open"));
        Some(Self { name: name?, call_open: call_open? })
    }
}

/// A supplier to invite: by its id, or by its tax id.
pub type NewInvitation = NewMember;

/// An application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Application {
    /// Why it would join; may be empty.
    pub statement: String,
}

impl Input for Application {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { statement: f.optional_text("statement", 1..=2_000)?.unwrap_or_default() })
    }
}

/// A side's decision about an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDecision {
    /// Yes or no.
    pub decision: Decision,
    /// Why: a refused applicant reads it.
    pub reason: String,
}

impl Input for NewDecision {
    fn read(f: &mut Fields) -> Option<Self> {
        let (decision, reason) = (f.required("decision"), f.reason());
        Some(Self { decision: decision?, reason: reason? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::foundation::access::Operation;

    fn side(byte: u8) -> OrganisationId {
        OrganisationId(uuid::Uuid::from_bytes([byte; 16]))
    }

    #[test]
    fn the_access_table_names_the_standings_from_which_a_step_is_possible() {
        let rows = [
            (Step::Invite, Invite::ROW),
            (Step::Apply, Apply::ROW),
            (Step::Select, Decide::ROW),
            (Step::Refuse, Decide::ROW),
            (Step::Exclude, Exclude::ROW),
            (Step::Leave, Leave::ROW),
        ];
        for (step, row) in rows {
            let possible: Vec<_> = Standing::ALL.iter().filter(|s| step.from(Some(**s)).is_some()).collect();
            let possible: Vec<_> = possible.into_iter().map(|s| s.word()).collect();
            assert_eq!(possible, row.states, "{step:?}");
        }
    }

    #[test]
    fn all_must_say_yes_and_one_no_is_enough() {
        let sides = [side(1), side(2)];
        let yes = |byte| (side(byte), Decision::Select);
        assert_eq!(outcome(&sides, &[]), None);
        assert_eq!(outcome(&sides, &[yes(2)]), None);
        assert_eq!(outcome(&sides, &[yes(2), yes(1)]), Some(Step::Select));
        assert_eq!(outcome(&sides, &[(side(1), Decision::Refuse)]), Some(Step::Refuse));
        assert_eq!(outcome(&sides, &[yes(2), (side(1), Decision::Refuse)]), Some(Step::Refuse));
    }

    proptest! {
        /// Over any sequence of steps: nobody is selected who did not apply since it was last outside, and
        /// what the table refuses changes nothing.
        #[test]
        fn nobody_is_selected_without_an_application(steps in proptest::collection::vec(0..Step::ALL.len(), 0..40)) {
            let (mut standing, mut has_applied) = (None, false);
            for step in steps.into_iter().map(|at| Step::ALL[at]) {
                let Some(next) = step.from(standing) else { continue };
                match step {
                    Step::Apply => has_applied = true,
                    Step::Invite | Step::Leave => has_applied = false,
                    // What was refused stays an application, which an objection may open again.
                    Step::Exclude | Step::Refuse => {}
                    Step::Reopen if has_applied => {}
                    Step::Reopen => continue,
                    Step::Select => prop_assert!(has_applied, "selected without an application"),
                }
                standing = Some(next);
                prop_assert!(standing != Some(Standing::Selected) || has_applied);
            }
        }
    }
}
