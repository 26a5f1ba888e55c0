//! Consortia (*consorcios*): suppliers that bid as one, with pooled capacity.
//!
//! A supplier of the programme, from then on its *speaker*, names others by their tax ids. Each of them looks at
//! who would be in it and accepts for itself; a consortium is *ready*, and may offer and be matched, when all
//! have. A change of its members is another consortium: whoever had accepted is asked again.
//!
//! A consortium may bid in one network alone: then its speaker and its members are firms that the network has
//! selected, and of the institution only those see it who look after that network.
//!
//! Nobody learns from a consortium who takes part in the programme: naming a tax id is always possible, and
//! whether anybody stands behind it shows only when they accept.

use crate::{
    access,
    foundation::{
        access::{Role, SUPPLIER_WRITERS},
        clock::Timestamp,
        fields::{Fields, Input},
        ids::{ConsortiumId, NetworkId, OrganisationId, ProgrammeId},
    },
    organisations::tax_id::{Country, TaxId},
    words,
};

/// Who sees consortia: their members, and the programme's institution.
const READERS: &[Role] = &[
    Role::SupplierReader,
    Role::SupplierMember,
    Role::SupplierAdministrator,
    Role::InstitutionReader,
    Role::Officer,
    Role::Approver,
    Role::InstitutionAdministrator,
    Role::System,
];

access! {
    /// Form a consortium with other suppliers.
    Form = "consortia.form", SUPPLIER_WRITERS, &[];
    /// Look at a consortium.
    Read = "consortia.read", READERS, &[];
    /// List the consortia that one may see.
    List = "consortia.list", READERS, &[];
    /// Ask another supplier into a consortium.
    Ask = "consortia.ask", SUPPLIER_WRITERS, &["forming", "ready"];
    /// Take a supplier out of a consortium.
    Remove = "consortia.remove", SUPPLIER_WRITERS, &["forming", "ready"];
    /// Accept to be in a consortium.
    Accept = "consortia.accept", SUPPLIER_WRITERS, &["invited"];
    /// Decline to be in a consortium, or leave it.
    Decline = "consortia.decline", SUPPLIER_WRITERS, &["invited", "accepted"];
    /// Dissolve a consortium.
    Dissolve = "consortia.dissolve", SUPPLIER_WRITERS, &["forming", "ready"];
}

words! {
    /// How far a consortium is.
    #[schema(as = ConsortiumState)]
    pub enum State {
        /// Somebody has not accepted.
        Forming = "forming",
        /// All have accepted: it may offer and be matched.
        Ready = "ready",
        /// Its speaker has ended it.
        Dissolved = "dissolved",
    }
}

words! {
    /// How a supplier stands to a consortium.
    #[schema(as = ConsortiumAnswer)]
    pub enum Answer {
        /// It was asked.
        Invited = "invited",
        /// It is in.
        Accepted = "accepted",
        /// It is not.
        Declined = "declined",
    }
}

/// A step of a consortium, by its speaker or a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// A member says yes for itself.
    Accept,
    /// A member says no, or leaves.
    Decline,
    /// The speaker asks somebody in or takes somebody out: everybody else is asked again.
    Recompose,
}

impl Step {
    /// Every step.
    pub const ALL: &'static [Self] = &[Self::Accept, Self::Decline, Self::Recompose];

    /// The table of legal steps: what becomes of a member's answer; `None` when the step is not possible.
    pub const fn from(self, answer: Answer) -> Option<Answer> {
        use Answer::{Accepted, Declined, Invited};
        match (self, answer) {
            (Self::Accept, Invited) => Some(Accepted),
            (Self::Decline, Invited | Accepted) | (Self::Recompose, Declined) => Some(Declined),
            (Self::Recompose, Invited | Accepted) => Some(Invited),
            _ => None,
        }
    }
}

/// The fewest members of a consortium that is ready.
pub const FEWEST: usize = 2;
/// The most members of a consortium.
pub const MOST: usize = 50;

/// What the answers of its members make of a consortium that is not dissolved.
pub fn state_of(answers: impl IntoIterator<Item = Answer>) -> State {
    let (mut members, mut all) = (0, true);
    for answer in answers {
        members += 1;
        all &= answer == Answer::Accepted;
    }
    if all && members >= FEWEST { State::Ready } else { State::Forming }
}

/// A consortium.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consortium {
    /// Its id.
    pub id: ConsortiumId,
    /// The programme in which it bids.
    pub programme: ProgrammeId,
    /// The network in which alone it bids; `None`: the whole programme.
    pub network: Option<NetworkId>,
    /// Its name.
    pub name: String,
    /// The supplier that speaks for it: it enters the offers.
    pub speaker: OrganisationId,
    /// How far it is.
    pub state: State,
    /// Its members and those asked, by country and tax id.
    pub members: Vec<Member>,
    /// Grows with every change.
    pub version: i64,
}

impl Consortium {
    /// The suppliers that have accepted, in id order: all members, when it is ready.
    pub fn suppliers(&self) -> Vec<OrganisationId> {
        let mut suppliers: Vec<_> = self.members.iter().filter_map(|member| member.supplier).collect();
        suppliers.sort_unstable();
        suppliers
    }
}

/// A member of a consortium, or somebody who was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Country of the tax id.
    pub country: Country,
    /// Tax id, in canonical form.
    pub tax_id: String,
    /// The supplier behind it, while it is in.
    pub supplier: Option<OrganisationId>,
    /// What it says.
    pub answer: Answer,
    /// Since when.
    pub changed_at: Timestamp,
}

/// A supplier to ask in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// Its tax id.
    pub tax_id: TaxId,
}

impl Input for Named {
    fn read(f: &mut Fields) -> Option<Self> {
        let (country, number) = (f.required::<Country>("country"), f.text("tax_id", 2..=40));
        let tax_id = TaxId::parse(country?, &number?).map_err(|fault| f.fail("tax_id", fault)).ok()?;
        Some(Self { tax_id })
    }
}

/// A consortium to form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewConsortium {
    /// Its name.
    pub name: String,
    /// The network in which alone it bids.
    pub network: Option<NetworkId>,
    /// Whom to ask; the speaker itself is in.
    pub members: Vec<Named>,
}

impl Input for NewConsortium {
    fn read(f: &mut Fields) -> Option<Self> {
        let (name, members) = (f.text("name", 2..=200), f.list::<Named>("members", MOST - 1));
        let network = f.optional("network");
        if members.as_ref().is_some_and(Vec::is_empty) {
            f.fail("members", crate::foundation::fields::Fault::new("required"));
        }
        let members = members?;
        let mut is_right = true;
        for (at, member) in members.iter().enumerate() {
            let is_same = |other: &Named| {
                (other.tax_id.country, &other.tax_id.number) == (member.tax_id.country, &member.tax_id.number)
            };
            if members[..at].iter().any(is_same) {
                f.fail_within(
                    "members",
                    &format!("{at}/tax_id"),
                    crate::foundation::fields::Fault::new("twice"),
                );
                is_right = false;
            }
        }
        Some(Self { name: name?, network: network?, members: is_right.then_some(members)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::foundation::access::Operation;

    #[test]
    fn the_access_table_names_the_answers_from_which_a_step_is_possible() {
        for (step, row) in [(Step::Accept, super::Accept::ROW), (Step::Decline, super::Decline::ROW)] {
            let possible: Vec<_> = Answer::ALL.iter().filter(|a| step.from(**a).is_some()).collect();
            let possible: Vec<_> = possible.into_iter().map(|a| a.word()).collect();
            assert_eq!(possible, row.states, "{step:?}");
        }
    }

    proptest! {
        /// Over any sequence of steps by any member: ready means that each has accepted since the members last
        /// changed.
        #[test]
        fn ready_only_with_everybodys_own_acceptance(
            steps in proptest::collection::vec((0..3_usize, 0..Step::ALL.len()), 0..40),
        ) {
            let mut answers = [Answer::Accepted, Answer::Invited, Answer::Invited];
            let mut accepted = [true, false, false];
            for (member, step) in steps {
                match Step::ALL[step] {
                    Step::Recompose => {
                        for (at, answer) in answers.iter_mut().enumerate().skip(1) {
                            *answer = Step::Recompose.from(*answer).unwrap();
                            accepted[at] = false;
                        }
                    }
                    step => {
                        let Some(next) = step.from(answers[member]) else { continue };
                        answers[member] = next;
                        accepted[member] = step == Step::Accept;
                    }
                }
                let is_ready = state_of(answers) == State::Ready;
                prop_assert_eq!(is_ready, accepted.iter().all(|own| *own));
            }
        }
    }

    #[test]
    fn nobody_is_a_consortium_alone() {
        assert_eq!(state_of([Answer::Accepted]), State::Forming);
        assert_eq!(state_of([Answer::Accepted, Answer::Accepted]), State::Ready);
        assert_eq!(state_of([Answer::Accepted, Answer::Declined]), State::Forming);
    }

    #[test]
    fn with_its_leader_a_consortium_has_at_most_fifty_members() {
        let asks = |others: usize| {
            let members: Vec<_> =
                (0..others).map(|at| json!({ "country": "EC", "tax_id": format!("17{at:08}001") })).collect();
            let json = json!({ "name": "Taller común", "members": members });
            match Fields::from_json::<NewConsortium>(json.to_string().as_bytes()) {
                Ok(_) => Vec::new(),
                Err(problem) => problem.errors.into_iter().map(|error| error.pointer).collect(),
            }
        };
        assert!(!asks(MOST - 1).contains(&"/members".to_owned()));
        assert_eq!(asks(MOST), ["/members"]);
    }
}
