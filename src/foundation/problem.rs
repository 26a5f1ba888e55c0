//! What went wrong, for the reader: RFC 9457 problems.
//!
//! Stages return a [`Problem`]; the outermost layer of [`super::http`] renders it, in the caller's
//! language, as `application/problem+json` or as a page. A problem names *what to do*, never what
//! the database said.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// So many faults of fields are told of at once, at most: two in each row of the longest table that a form has.
const MOST_ERRORS: usize = 1_000;

/// A value that a message mentions.
pub type Arg = (&'static str, String);

/// Something that the caller should know and can act on. Texts are looked up by `code`:
/// `problem-CODE-title` and `problem-CODE-detail`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable, machine-readable: `stale-version`.
    pub code: &'static str,
    /// Values that the detail mentions.
    pub args: Vec<Arg>,
    /// What is wrong with single fields, all at once.
    pub errors: Vec<FieldError>,
    /// Seconds after which to try again.
    pub retry_after: Option<u32>,
    /// Whether the database took the write back for the sake of another that it stood in the way of: the same once more
    /// may well succeed. [`super::http::layers::tried_again`] does that by itself.
    pub again: bool,
}

/// What is wrong with one field. Text: `field-CODE`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FieldError {
    /// JSON pointer into the request body: `/lots/0/quantity`.
    pub pointer: String,
    /// Stable, machine-readable: `required`.
    pub code: &'static str,
    /// Values that the text mentions.
    pub args: Vec<Arg>,
}

impl FieldError {
    /// An error at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str) -> Self {
        Self { pointer: pointer.into(), code, args: Vec::new() }
    }

    /// Adds a value that the text mentions.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

impl Problem {
    /// A problem of this status and code.
    pub const fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, args: Vec::new(), errors: Vec::new(), retry_after: None, again: false }
    }

    /// Adds a value that the detail mentions.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    /// 404: what does not exist, or what this caller may not see; nobody can tell which.
    pub const fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found")
    }

    /// 401: no valid token or session.
    pub const fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated")
    }

    /// 403: the caller's role does not allow this operation on anything.
    pub const fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden")
    }

    /// 409: a rule of the domain says no, in the present state.
    pub const fn conflict(code: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, code)
    }

    /// 422: fields that are wrong, all at once. Of more than anybody reads the first are told; each has a text made for it.
    pub fn invalid(mut errors: Vec<FieldError>) -> Self {
        errors.sort();
        errors.truncate(MOST_ERRORS);
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-fields") }
    }

    /// 422: one field that is wrong.
    pub fn field(pointer: impl Into<String>, code: &'static str) -> Self {
        Self::invalid(vec![FieldError::new(pointer, code)])
    }

    /// 409: the operation is not possible in this state.
    pub fn wrong_state(state: &str, allowed: &[&str]) -> Self {
        Self::conflict("wrong-state").with("state", state).with("allowed", allowed.join(", "))
    }

    /// 412: somebody changed the resource since the caller read it.
    pub const fn stale() -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "stale-version")
    }

    /// 503: the same will be possible again in so many seconds.
    pub fn unavailable(code: &'static str, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code) }
    }

    /// What is wrong with the database, by its [code](Self::code) alone: for what has come through a library that knows
    /// texts only.
    pub fn of_outage(code: &str) -> Option<Self> {
        Outage::ALL.into_iter().map(Outage::problem).find(|problem| problem.code == code)
    }

    /// 429: too many of the same in too short a time.
    pub fn too_many(seconds: u32) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests");
        Self { retry_after: Some(seconds), ..problem.with("minutes", seconds.div_ceil(60)) }
    }

    /// 500: a defect or an outage. The cause goes to the log, not to the caller.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }
}

/// What the database refused, for callers who can say what it means.
pub trait OnConstraint<T> {
    /// Turns a violation of the named unique constraint (`uq_table__cols`) into this problem.
    ///
    /// # Errors
    /// The given problem, or what the database said otherwise.
    fn on_constraint(self, name: &str, problem: impl FnOnce() -> Problem) -> Result<T, Problem>;
}

impl<T> OnConstraint<T> for Result<T, DbErr> {
    fn on_constraint(self, name: &str, problem: impl FnOnce() -> Problem) -> Result<T, Problem> {
        self.map_err(|error| match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(text)) if violates(&text, name) => problem(),
            _ => error.into(),
        })
    }
}

/// PostgreSQL names the constraint; SQLite names the columns, which our names spell out.
fn violates(text: &str, name: &str) -> bool {
    let Some((table, columns)) = name.strip_prefix("uq_").and_then(|rest| rest.split_once("__")) else {
        return text.contains(name);
    };
    let listed = columns.split("__").map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ");
    text.contains(name) || text.contains(&listed)
}

impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        let text = error.to_string();
        let Some(problem) = outage(&error).map(Outage::problem) else { return Self::internal(text) };
        if problem.status == StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(cause = %text, "the database does not do what is asked of it: {}", problem.code);
        }
        problem
    }
}

/// Why the database did not do what it was asked for, where that is no defect of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outage {
    /// Somebody else writes the same, for longer than one waits.
    Busy,
    /// Two writes stood in each other's way, and this one was taken back.
    Crossed,
    /// No connection is free.
    Overloaded,
    /// It has no space left.
    Full,
    /// It does not answer, or has ended the connection.
    Gone,
}

impl Outage {
    /// Whoever is known by its code alone is the first of its code.
    const ALL: [Self; 5] = [Self::Busy, Self::Crossed, Self::Overloaded, Self::Full, Self::Gone];

    fn problem(self) -> Problem {
        match self {
            Self::Busy => Problem { retry_after: Some(1), ..Problem::conflict("busy") },
            Self::Crossed => Problem { again: true, ..Self::Busy.problem() },
            Self::Overloaded => Problem::unavailable("overloaded", 2),
            Self::Full => Problem::unavailable("storage-full", 10),
            Self::Gone => Problem::unavailable("database-gone", 2),
        }
    }
}

/// Sorts out what is no defect: by PostgreSQL's code (SQLSTATE), by SQLite's, or by how the connection failed.
fn outage(error: &DbErr) -> Option<Outage> {
    let cause = match error {
        DbErr::ConnectionAcquire(_) => return Some(Outage::Overloaded),
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause,
        _ => return None,
    };
    match &**cause {
        sqlx::Error::Database(refused) => of_code(&refused.code()?),
        sqlx::Error::PoolTimedOut => Some(Outage::Overloaded),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Some(Outage::Gone),
        _ => None,
    }
}

/// What a code of an engine means: five characters are PostgreSQL's, a number is SQLite's, whose lowest byte is the kind.
fn of_code(code: &str) -> Option<Outage> {
    if code.len() == 5 {
        return match code {
            "55P03" => Some(Outage::Busy),
            // deadlock_detected, serialization_failure
            "40P01" | "40001" => Some(Outage::Crossed),
            "53100" => Some(Outage::Full),
            // admin_shutdown, crash_shutdown, cannot_connect_now, idle transactions that were ended
            "57P01" | "57P02" | "57P03" | "25P03" => Some(Outage::Gone),
            code if code.starts_with("53") => Some(Outage::Overloaded),
            code if code.starts_with("08") => Some(Outage::Gone),
            _ => None,
        };
    }
    match code.parse::<u32>().ok()? & 0xff {
        // SQLITE_BUSY, SQLITE_LOCKED
        5 | 6 => Some(Outage::Busy),
        13 => Some(Outage::Full),
        // SQLITE_IOERR, SQLITE_CANTOPEN
        10 | 14 => Some(Outage::Gone),
        _ => None,
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.code)?;
        for (name, value) in &self.args {
            write!(f, " {name}={value}")?;
        }
        for error in &self.errors {
            write!(f, "; {}: {}", error.pointer, error.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// Carries the problem to the outermost layer, which knows the caller's language.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_name_the_same_constraint() {
        let name = "uq_organisations__country__tax_id";
        assert!(violates(
            "duplicate key value violates unique constraint \"uq_organisations__country__tax_id\"",
            name
        ));
        assert!(violates("UNIQUE constraint failed: organisations.country, organisations.tax_id", name));
        assert!(!violates("UNIQUE constraint failed: accounts.email", name));
    }

    #[test]
    fn of_more_faults_than_anybody_reads_the_first_are_told() {
        let errors =
            |count: usize| (0..count).rev().map(|at| FieldError::new(format!("/{at:06}"), "required"));
        let all = Problem::invalid(errors(MOST_ERRORS).collect());
        let many = Problem::invalid(errors(50 * MOST_ERRORS).collect());
        assert_eq!(all.errors.len(), MOST_ERRORS);
        assert_eq!(many, all);
    }

    #[test]
    fn what_is_no_defect_of_ours_is_told_apart() {
        let codes = [
            "55P03", "40P01", "40001", "53100", "53300", "57P01", "57P03", "08006", "5", "517", "13", "1034",
            "14",
        ];
        let told = codes.map(|code| of_code(code).unwrap());
        let [busy, crossed, full, overloaded, gone] =
            [Outage::Busy, Outage::Crossed, Outage::Full, Outage::Overloaded, Outage::Gone];
        assert_eq!(
            told,
            [busy, crossed, crossed, full, overloaded, gone, gone, gone, busy, busy, full, gone, gone]
        );
        // A constraint, a table that is missing, a statement that can't be read: ours.
        assert_eq!(["23505", "42P01", "42601", "1", "19", "2067"].map(of_code), [None; 6]);
    }
}
