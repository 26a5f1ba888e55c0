//! What a database is asked for, written down: for measurements that ask for the same without the service.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::Statement;

use super::{Db, note_statement};

/// One thing that a database is asked for.
#[derive(Clone, PartialEq, Debug)]
pub enum Asked {
    /// A transaction: what follows is in it.
    Begin,
    /// A statement, with its values.
    Statement(Statement),
}

/// Everything that was asked for, in order. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Heard(Arc<Mutex<Vec<Asked>>>);

impl Heard {
    pub(super) fn note(&self, asked: Asked) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }

    /// Takes what was heard since the last time.
    pub fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Db {
    /// The same pool for another user, and what that one asks it for: statements, but for those that go unprepared, and
    /// the transactions that begin.
    pub fn overheard(&self) -> (Self, Heard) {
        let heard = Heard::default();
        let (mut db, ear) = (self.clone(), heard.clone());
        db.connection.set_metric_callback(move |asked| {
            note_statement(asked.elapsed, asked.failed);
            ear.note(Asked::Statement(asked.statement.clone()));
        });
        db.heard = Some(heard.clone());
        (db, heard)
    }
}
