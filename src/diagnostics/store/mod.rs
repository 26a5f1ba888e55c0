//! What is kept of diagnostics, and who sees it.

mod assisted;
mod diagnostics;
mod entities;
mod evidence;
mod instruments;
mod rounds;

pub use assisted::{assist, confirm_assisted};
pub use diagnostics::{
    answer, answers, create, find, first_submitted, latest_submitted, list, standings, submit, verify,
    with_consent,
};
pub use evidence::{add_evidence, delete_evidence, evidence, evidence_of, has_evidence};
pub use instruments::{authored, authored_one, change_instrument, create_instrument, publish_instrument};
pub use rounds::{changes, confirm, prefilled};
