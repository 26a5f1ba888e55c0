//! What is kept of requirements and offers, and who sees it.

mod entities;
mod offers;
mod posting;
mod reading;

pub use offers::{import_offer, offer, offers_for_matching, own_offers, put_offer, withdraw_offer};
pub use posting::{change, close, create, import, publish};
pub use reading::{closed_in_programme, find, list, lot};
