//! Forgotten passwords.
//!
//! Whoever has forgotten a password names the address of their account. What is answered, and how long that takes, is the
//! same whether there is such an account or not: only the letter tells, and it is sent later. Its secret works once, for
//! an hour, and is kept hashed. With a new password everything that began under the old one is over: sessions, tokens,
//! and other letters.

use crate::{
    access,
    foundation::{
        access::{PUBLIC, Role},
        fields::{Fields, Input},
    },
};

use super::{email, password};

access! {
    /// Ask for a letter with which a forgotten password is replaced.
    AskForReset = "password_resets.create", PUBLIC, &[];
    /// Replace a forgotten password, by the secret of the letter.
    ResetPassword = "password_resets.use", PUBLIC, &[];
    /// Send the letter (the service itself).
    MailReset = "password_resets.mail", &[Role::System], &[];
}

/// How long a letter works: an hour.
pub const RESET_SECONDS: i64 = 3_600;
/// So many letters go to an account within that time, however often somebody asks.
pub const MOST_LETTERS: u64 = 3;

/// Somebody who has forgotten a password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Forgotten {
    /// The address of the account; in lower case.
    pub email: String,
}

impl Input for Forgotten {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { email: email(f)? })
    }
}

/// A new password.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword {
    /// The secret of the letter.
    pub secret: String,
    /// At least ten characters.
    pub password: String,
}

/// It holds what no log should.
impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword")
    }
}

impl Input for NewPassword {
    fn read(f: &mut Fields) -> Option<Self> {
        let (secret, password) = (f.text("secret", 10..=200), password::chosen(f, &[]));
        Some(Self { secret: secret?, password: password? })
    }
}
