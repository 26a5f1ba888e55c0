//! Assisted entry (*ingreso asistido*): an adviser answers for the firm during a visit, the firm confirms.
//!
//! With a [mandate](crate::organisations::mandates) of the supplier an officer of the institution enters answers into its
//! draft. They are the firm's own answers (a verifier's stand beside them, later), and their provenance says who entered
//! them under which mandate. Nobody but the firm makes them count: it confirms each, and submits nothing before. What the
//! firm has answered itself no adviser changes.

use crate::{
    access,
    foundation::{
        access::{FIRM_WRITERS, OFFICERS},
        clock::Timestamp,
        fields::{Fault, Fields, Input},
        ids::{AccountId, MandateId},
    },
};

access! {
    /// Answer a question for a supplier, with its mandate.
    Assist = "diagnostics.assist", OFFICERS, &["draft"];
    /// Confirm answers that an adviser has entered for one's firm.
    ConfirmAssisted = "diagnostics.confirm_assisted", FIRM_WRITERS, &["draft"];
}

/// Who entered an answer for the firm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assisted {
    /// The adviser.
    pub by: AccountId,
    /// Under which mandate.
    pub mandate: MandateId,
    /// When the firm confirmed it; `None`: it has not.
    pub confirmed_at: Option<Timestamp>,
}

/// Answers to confirm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confirmed {
    /// By the codes of their questions; at least one.
    pub questions: Vec<String>,
}

impl Input for Confirmed {
    fn read(f: &mut Fields) -> Option<Self> {
        let questions = f.values::<String>("questions", 500)?;
        if questions.is_empty() {
            f.fail("questions", Fault::new("required"));
            return None;
        }
        Some(Self { questions })
    }
}
