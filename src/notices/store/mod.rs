//! Who is told what and how, and what is kept of it.

mod channels;
mod days;
mod entities;
mod funding;
mod inbox;
mod letters;
mod naming;
mod reminders;
mod telling;

pub use channels::{preferences, put_preferences};
pub use days::{begin, has_begun};
pub use inbox::{arrived, count_unread, expire, find, forget, list, mark_read, of_account};
pub use letters::{Written, collect, letter, mark_mailed};
pub use naming::named;
pub use reminders::remind;
pub use telling::{set_aside, tell};
