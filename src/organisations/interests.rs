//! Conflicts of interest: what could bias whoever decides, declared beforehand.
//!
//! A person declares an interest in an organisation (owning it, working for it, kin in it, business with it), or that
//! they step aside from whatever concerns it (*recusación*); an administrator of their organisation can record one for
//! them. While it is in force the person decides nothing about that organisation, nor about one under common control
//! with it: every operation that is marked `decides` in the access table asks
//! [`store::interests::demand_none`](super::store::interests::demand_none), and a write that does not ask does not
//! commit. Declarations are seen by the person and the administrators of their organisation.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access,
    foundation::{
        access::{ADMINISTRATORS, ANYONE},
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input, JUSTIFICATION},
        ids::{AccountId, InterestId, OrganisationId},
    },
    moves, words,
};

access! {
    /// Declare an interest of one's own in an organisation, or step aside from what concerns it.
    Declare = "interests.declare", ANYONE, &[];
    /// Record an interest of a person of one's organisation.
    Record = "interests.record", ADMINISTRATORS, &[];
    /// List one's own interests; for administrators, those of their organisation's people.
    ListInterests = "interests.list", ANYONE, &[];
    /// Look at a declared interest.
    ReadInterest = "interests.read", ANYONE, &[];
    /// End an interest, with a reason.
    EndInterest = "interests.end", ANYONE, &["to_come", "in_force"];
}

words! {
    /// What an interest is.
    pub enum Nature {
        /// Owning a part of it.
        Ownership = "ownership",
        /// Working for it, now or lately.
        Employment = "employment",
        /// Kin who own it or work for it.
        Family = "family",
        /// Business with it.
        Business = "business",
        /// Another one.
        Other = "other",
        /// None that is told: the person steps aside.
        Recusal = "recusal",
    }
}

words! {
    /// How far a declared interest is.
    pub enum InterestState {
        /// It is yet to begin.
        ToCome = "to_come",
        /// The person decides nothing about the organisation.
        InForce = "in_force",
        /// It has ended.
        Over = "over",
    }
}

moves! {
    /// What happens to a declared interest.
    pub enum InterestMove of InterestState {
        /// Its day comes.
        Begin: ToCome => InForce;
        /// Its last day passes.
        Pass: InForce => Over;
        /// Somebody ends it before.
        End by EndInterest: ToCome => Over, InForce => Over;
    }
}

/// A declared interest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interest {
    /// Its id.
    pub id: InterestId,
    /// Whose it is.
    pub account: AccountId,
    /// For which organisation the person acts.
    pub organisation: OrganisationId,
    /// In which organisation.
    pub party: OrganisationId,
    /// What it is.
    pub nature: Nature,
    /// What there is to know of it; may be empty for a recusal.
    pub text: String,
    /// Its first day.
    pub from: Day,
    /// Its last day; `None`: open.
    pub until: Option<Day>,
    /// Who wrote it down: the person, or an administrator.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: Timestamp,
    /// When somebody ended it.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub ended_because: Option<String>,
    /// Grows with every change.
    pub version: i64,
}

impl Interest {
    /// How far it is on that day.
    pub fn state(&self, on: Day) -> InterestState {
        if self.ended_at.is_some() || self.until.is_some_and(|until| until < on) {
            InterestState::Over
        } else if self.from > on {
            InterestState::ToCome
        } else {
            InterestState::InForce
        }
    }
}

/// An interest to declare.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewInterest {
    /// In which organisation.
    pub party: OrganisationId,
    /// What it is.
    pub nature: Nature,
    /// What there is to know of it.
    pub text: String,
    /// Its first day; `None`: today.
    pub from: Option<Day>,
    /// Its last day.
    pub until: Option<Day>,
}

impl Input for NewInterest {
    fn read(f: &mut Fields) -> Option<Self> {
        let (party, nature) = (f.required("party"), f.required::<Nature>("nature"));
        let text = f.optional_text("text", JUSTIFICATION);
        let (from, until) = (f.optional::<Day>("from"), f.optional::<Day>("until"));
        // Whoever steps aside need not say why.
        if text == Some(None) && nature.is_some_and(|nature| nature != Nature::Recusal) {
            f.fail("text", Fault::new("required"));
        }
        if let (Some(Some(from)), Some(Some(until))) = (from, until)
            && until < from
        {
            f.fail("until", Fault::new("ends-before-start"));
        }
        Some(Self {
            party: party?,
            nature: nature?,
            text: text?.unwrap_or_default(),
            from: from?,
            until: until?,
        })
    }
}

/// Something in a list of what is to be decided.
#[derive(Serialize, ToSchema)]
pub struct Queued<T> {
    #[serde(flatten)]
    item: T,
    /// Whether one has declared an interest in a party and so decides nothing about it; for the institution that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    recused: Option<bool>,
}

impl<T> Queued<T> {
    /// As it stands in the list of whoever is recused from it, or not, or does not decide.
    pub const fn new(item: T, recused: Option<bool>) -> Self {
        Self { item, recused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interest_holds_from_its_first_day_to_its_last() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let id = uuid::Uuid::nil();
        let interest = Interest {
            id: InterestId(id),
            account: AccountId(id),
            organisation: OrganisationId(id),
            party: OrganisationId(id),
            nature: Nature::Family,
            text: String::new(),
            from: day("2026-03-02"),
            until: Some(day("2026-03-31")),
            recorded_by: AccountId(id),
            recorded_at: Timestamp::from_micros(0),
            ended_at: None,
            ended_because: None,
            version: 1,
        };
        let states =
            ["2026-03-01", "2026-03-02", "2026-03-31", "2026-04-01"].map(|on| interest.state(day(on)));
        assert_eq!(
            states,
            [InterestState::ToCome, InterestState::InForce, InterestState::InForce, InterestState::Over]
        );
        let ended = Interest { ended_at: Some(Timestamp::from_micros(1)), ..interest };
        assert_eq!(ended.state(day("2026-03-02")), InterestState::Over);
    }
}
