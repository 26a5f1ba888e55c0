//! Where somebody is logged in, and their password.
//!
//! A person sees their sessions at browsers and their tokens: since when, from where, when they were used last. They end
//! one, or all but the one with which they came. With another password all others end by themselves.

use super::password;
use crate::{
    access,
    foundation::{
        access::ANYONE,
        fields::{Fields, Input},
    },
};

access! {
    /// List one's open sessions at browsers.
    ListSessions = "sessions.list", ANYONE, &[];
    /// End one of one's sessions.
    EndSession = "sessions.end", ANYONE, &[];
    /// End all of one's sessions and tokens but the one with which one comes.
    EndOthers = "sessions.end_others", ANYONE, &[];
    /// Change one's password.
    ChangePassword = "passwords.change", ANYONE, &[];
}

/// Another password, for the present one.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordChange {
    /// The present one, as typed.
    pub present_password: String,
    /// The other one: at least ten characters, and none of the common ones.
    pub password: String,
}

/// It holds what no log should.
impl std::fmt::Debug for PasswordChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordChange")
    }
}

impl Input for PasswordChange {
    fn read(f: &mut Fields) -> Option<Self> {
        let (present_password, password) = (f.text("present_password", 1..=200), password::chosen(f, &[]));
        Some(Self { present_password: present_password?, password: password? })
    }
}
