//! What is kept of requirements and offers, and who sees it.

mod amendments;
mod entities;
mod offers;
mod posting;
pub mod questions;
mod reading;
mod waiting;

pub use amendments::{amend, amendments};
pub use offers::{
    Verified, bidders, confirm_offer, import_offer, offer, offers_for_matching, own_offers, put_offer,
    verify_offers, withdraw_offer,
};
pub use posting::{announce, change, close, close_due, create, import, is_due, mark_awarded, publish};
pub use reading::{
    Filter, closed_in_programme, closing, count, find, is_imported, is_of_here, list, lot, lots_named,
    seen_by, titled, to_match, within_network,
};
pub use waiting::{closed, lot_names, titles, to_answer, under_way};
