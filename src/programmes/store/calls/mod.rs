//! What is kept of calls, proposals and evaluations, and who sees it: a proposal nobody but its institution until the
//! call has closed.

mod commitments;
mod conduct;
mod decisions;
pub(super) mod entities;
mod evaluations;
mod evaluators;
mod proposals;
mod waiting;
mod writing;

pub use commitments::{confirm, find_commitment, list_commitments, unanswered, withdraw_commitment};
pub use conduct::{Filter, cancel, change, closing, create, find, finish_evaluation, list, open};
pub use decisions::{decide, lead_firms, own_decision, reconsider};
pub use evaluations::{evaluate, evaluations, ranking};
pub use evaluators::{appoint_evaluator, dismiss_evaluator, list_evaluators};
pub use proposals::{find_proposal, list_proposals};
pub use waiting::{Waiting, commitment_titles, proposal_titles, titles, waiting};
pub use writing::{change_proposal, propose, reopen, submit, withdraw_proposal};
