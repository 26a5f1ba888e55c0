//! Plans as they are kept, and who sees them: whoever sees how the supplier stands to the requirement.

mod entities;
mod evidence;
mod log;
mod reading;
mod waiting;
mod writing;

pub use super::content::GapAction;
pub use evidence::{action_of, add_evidence, evidence_beside, evidence_of};
pub use log::{record_progress, record_visit};
pub use reading::{Condition, Standing, closing, condition, find, list, of_programme, suggest, under_way};
pub use waiting::{Waiting, about, waiting};
pub use writing::{abandon, change, complete, create, propose, sign, start};
