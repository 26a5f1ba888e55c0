//! Questions and answers: what suppliers ask about a published requirement, and what its lead firm answers.
//!
//! Everybody who may see the requirement reads an answered question, so that nobody knows more than the others, and
//! **nobody learns who asked**, the lead firm and the institution included: a question has a random id and no time,
//! and stands in the list by its answer. Until it is answered it is seen by the supplier that asked, the lead
//! firm and the institution. The institution may hide one, with a reason for those three.
//!
//! Asking ends at the requirement's `questions_until`, else when it closes. What was not answered by then stays where it
//! is, for the lead firm and the institution to see.

use crate::{
    access,
    foundation::{
        access::{ANYONE, LEAD_FIRM_WRITERS, OFFICERS, SUPPLIER_WRITERS},
        clock::Timestamp,
        fields::{Fields, Input},
        ids::{QuestionId, RequirementId},
    },
    moves, words,
};

access! {
    /// Ask about a published requirement; nobody learns who did.
    Ask = "questions.ask", SUPPLIER_WRITERS, &["published"];
    /// List the questions about a requirement that one may see.
    ListQuestions = "questions.list", ANYONE, &[];
    /// Look at a question.
    ReadQuestion = "questions.read", ANYONE, &[];
    /// Answer a question, for everybody who may see the requirement.
    Answer = "questions.answer", LEAD_FIRM_WRITERS, &["open", "answered"];
    /// Hide a question, with a reason.
    Hide = "questions.hide", OFFICERS, &["open", "answered"];
}

/// The most questions of a supplier about a requirement that wait for an answer.
pub const MOST_WAITING: u64 = 20;

words! {
    /// How far a question is.
    pub enum QuestionState {
        /// The lead firm has not answered it.
        Open = "open",
        /// Everybody who sees the requirement reads it.
        Answered = "answered",
        /// The institution has hidden it.
        Hidden = "hidden",
    }
}

moves! {
    /// What happens to a question.
    pub enum QuestionMove of QuestionState {
        /// The lead firm answers, or mends its answer.
        Answer by Answer: Open => Answered, Answered => Answered;
        /// The institution hides it.
        Hide by Hide: Open => Hidden, Answered => Hidden;
    }
}

/// A question as somebody sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// Its id, which tells nothing.
    pub id: QuestionId,
    /// What it is about.
    pub requirement: RequirementId,
    /// How far it is.
    pub state: QuestionState,
    /// What was asked.
    pub text: String,
    /// What the lead firm says.
    pub answer: Option<String>,
    /// When it said so, last.
    pub answered_at: Option<Timestamp>,
    /// Why the institution has hidden it.
    pub hidden_because: Option<String>,
    /// Whether the reader's own firm asked.
    pub own: bool,
    /// Grows with every change.
    pub version: i64,
}

/// A question to ask.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewQuestion {
    /// What is asked.
    pub text: String,
}

impl Input for NewQuestion {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { text: f.text("text", 10..=2_000)? })
    }
}

/// An answer to give.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAnswer {
    /// What the lead firm says.
    pub answer: String,
}

impl Input for NewAnswer {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { answer: f.text("answer", 1..=4_000)? })
    }
}
