//! What keeps a red supplier from a requirement's lots and stands in no plan.
//!
//! Nobody has said what closing it costs, so no budget closes it and nothing is awarded. The solver says all the same what
//! closing it would be worth, so that plans begin where they pay. It is one gap of the solver's: the criteria that it is
//! about have to be fulfilled together before the supplier is red no more.

use std::fmt;

use crate::foundation::ids::{OrganisationId, RequirementId};

/// As many characters as the solver's format allows an id.
const LONGEST: usize = 200;

/// The criteria of a requirement that keep a supplier red without an action that fulfils them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unplanned {
    /// The requirement.
    pub requirement: RequirementId,
    /// The supplier.
    pub supplier: OrganisationId,
    /// The criteria's questions, the most decisive first.
    pub questions: Vec<String>,
}

impl Unplanned {
    /// What a solver's gap is about; `None` for the action of a plan.
    pub fn read(gap: &str) -> Option<Self> {
        let mut parts = gap.splitn(3, '/');
        let (requirement, supplier) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let questions = parts.next()?.split('+').map(str::to_owned).collect();
        Some(Self { requirement, supplier, questions })
    }

    /// Of gaps as the solver names them, the actions of plans, and the questions that stand in none.
    pub fn parted(gaps: &[String]) -> (Vec<String>, Vec<String>) {
        let (mut actions, mut questions) = (Vec::new(), Vec::new());
        for gap in gaps {
            match Self::read(gap) {
                Some(unplanned) => questions.extend(unplanned.questions),
                None => actions.push(gap.clone()),
            }
        }
        (actions, questions)
    }
}

/// As the solver's gap is named. Questions that no longer fit are left out, the least decisive first.
impl fmt::Display for Unplanned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("{}/{}/", self.requirement.0.simple(), self.supplier.0.simple());
        for (at, question) in self.questions.iter().enumerate() {
            let separator = if at == 0 { "" } else { "+" };
            if at > 0 && text.chars().count() + 1 + question.chars().count() > LONGEST {
                break;
            }
            text.push_str(separator);
            text.push_str(question);
        }
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unplanned(questions: &[&str]) -> Unplanned {
        let [requirement, supplier] = [1, 2].map(uuid::Uuid::from_u128);
        let questions = questions.iter().map(|question| (*question).to_owned()).collect();
        Unplanned { requirement: RequirementId(requirement), supplier: OrganisationId(supplier), questions }
    }

    #[test]
    fn its_name_says_what_it_is_about() {
        for questions in [vec!["quality-iso-9001"], vec!["quality-iso-9001", "delivery-on-time"]] {
            let gap = unplanned(&questions);
            assert_eq!(Unplanned::read(&gap.to_string()), Some(gap));
        }
        let action = uuid::Uuid::from_u128(3).to_string();
        let gaps = [action.clone(), unplanned(&["a", "b"]).to_string()];
        assert_eq!(Unplanned::parted(&gaps), (vec![action], vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn its_name_is_never_longer_than_the_format_allows() {
        let long = "q".repeat(80);
        let name = unplanned(&[&long, &long, "short"]).to_string();
        assert!(name.chars().count() <= LONGEST, "{name}");
        assert_eq!(Unplanned::read(&name), Some(unplanned(&[&long])));
    }
}
