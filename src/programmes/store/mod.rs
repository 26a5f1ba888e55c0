//! What is kept of programmes, and who sees it.

mod entities;
mod members;
mod programmes;
mod waivers;

pub use members::{add_member, find_firm, is_member, list_members, members};
pub use programmes::{change_rules, close, create, find, hold, list, open, seen_by};
pub use waivers::{list_waivers, sign_waiver, waivers_in_force};
