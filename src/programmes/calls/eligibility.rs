//! Who may evaluate a proposal, and who may decide on it.
//!
//! The one place where an evaluator is refused: a ground more is a word here and a fact for [`Evaluator`], and both the
//! evaluation and the decision obey it.

use crate::{
    foundation::{
        i18n::Locale,
        ids::{AccountId, OrganisationId},
    },
    words,
};

words! {
    /// Why somebody may not judge a proposal.
    pub enum Unfit {
        /// They act for the institution that proposes.
        OwnInstitution = "own_institution",
        /// They belong to the institution that proposes, beside the one for which they act.
        MemberOfProposer = "member_of_proposer",
        /// They wrote or submitted it.
        Author = "author",
        /// They have declared an interest in who proposes or in a lead firm of the proposal, or step aside from it.
        Interest = "interest",
        /// They have evaluated it, and so do not decide on it.
        Evaluated = "evaluated",
    }
}

impl Unfit {
    /// The ground in words, to whom it concerns.
    pub fn said(self, locale: Locale) -> String {
        locale.text(match self {
            Self::OwnInstitution => "unfit-own-institution",
            Self::MemberOfProposer => "unfit-member-of-proposer",
            Self::Author => "unfit-author",
            Self::Interest => "unfit-interest",
            Self::Evaluated => "unfit-evaluated",
        })
    }
}

/// What matters of somebody who is to judge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evaluator {
    /// The person.
    pub account: AccountId,
    /// The institution for which they act.
    pub institution: OrganisationId,
    /// All organisations to which they belong.
    pub member_of: Vec<OrganisationId>,
    /// Those of the proposal's parties in which they have an interest on record now.
    pub interested_in: Vec<OrganisationId>,
}

/// What matters of a proposal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposed {
    /// The institution that proposes.
    pub by: OrganisationId,
    /// The lead firms that it names.
    pub lead_firms: Vec<OrganisationId>,
    /// Who wrote and who submitted it.
    pub authors: Vec<AccountId>,
    /// Who has evaluated it.
    pub evaluated_by: Vec<AccountId>,
}

impl Proposed {
    /// All organisations that win or lose by what is decided about it.
    pub fn parties(&self) -> impl Iterator<Item = OrganisationId> {
        std::iter::once(self.by).chain(self.lead_firms.iter().copied())
    }
}

impl Evaluator {
    /// Why they may not evaluate it; `None`: they may.
    pub fn unfit_to_evaluate(&self, proposed: &Proposed) -> Option<Unfit> {
        if self.institution == proposed.by {
            Some(Unfit::OwnInstitution)
        } else if proposed.authors.contains(&self.account) {
            Some(Unfit::Author)
        } else if self.member_of.contains(&proposed.by) {
            Some(Unfit::MemberOfProposer)
        } else if proposed.parties().any(|party| self.interested_in.contains(&party)) {
            Some(Unfit::Interest)
        } else {
            None
        }
    }

    /// Why they may not decide on it; `None`: they may. Four eyes: who has evaluated does not decide.
    pub fn unfit_to_decide(&self, proposed: &Proposed) -> Option<Unfit> {
        let evaluated = proposed.evaluated_by.contains(&self.account).then_some(Unfit::Evaluated);
        self.unfit_to_evaluate(proposed).or(evaluated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(byte: u8) -> AccountId {
        AccountId(uuid::Uuid::from_bytes([byte; 16]))
    }

    fn organisation(byte: u8) -> OrganisationId {
        OrganisationId(uuid::Uuid::from_bytes([byte; 16]))
    }

    #[test]
    fn nobody_judges_what_is_their_own() {
        let proposed = Proposed {
            by: organisation(1),
            lead_firms: vec![organisation(7)],
            authors: vec![account(1)],
            evaluated_by: vec![account(3)],
        };
        let judge = |person, institution, member_of: &[u8]| Evaluator {
            account: account(person),
            institution: organisation(institution),
            member_of: member_of.iter().map(|byte| organisation(*byte)).collect(),
            interested_in: Vec::new(),
        };
        assert_eq!(judge(2, 2, &[2]).unfit_to_evaluate(&proposed), None);
        assert_eq!(judge(2, 1, &[1]).unfit_to_evaluate(&proposed), Some(Unfit::OwnInstitution));
        assert_eq!(judge(2, 2, &[2, 1]).unfit_to_evaluate(&proposed), Some(Unfit::MemberOfProposer));
        assert_eq!(judge(1, 2, &[2]).unfit_to_decide(&proposed), Some(Unfit::Author));
        assert_eq!(judge(3, 2, &[2]).unfit_to_evaluate(&proposed), None);
        assert_eq!(judge(3, 2, &[2]).unfit_to_decide(&proposed), Some(Unfit::Evaluated));
        for (party, ground) in [(1, Some(Unfit::Interest)), (7, Some(Unfit::Interest)), (8, None)] {
            let person = Evaluator { interested_in: vec![organisation(party)], ..judge(2, 2, &[2]) };
            assert_eq!(person.unfit_to_evaluate(&proposed), ground);
            assert_eq!(person.unfit_to_decide(&proposed), ground);
        }
    }
}
