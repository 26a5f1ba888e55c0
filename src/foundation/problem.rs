//! What went wrong, for the reader: RFC 9457 problems.
//!
//! Stages return a [`Problem`]; the outermost layer of [`super::http`] renders it, in the caller's
//! language, as `application/problem+json` or as a page. A problem names *what to do*, never what
//! the database said.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sea_orm::{DbErr, SqlErr};

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
        Self { status, code, args: Vec::new(), errors: Vec::new(), retry_after: None }
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

    /// 422: fields that are wrong, all at once.
    pub fn invalid(mut errors: Vec<FieldError>) -> Self {
        errors.sort();
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
        // PostgreSQL's lock_not_available, and SQLite's busy timeout: somebody else is writing.
        if text.contains("lock timeout") || text.contains("database is locked") {
            return Self { retry_after: Some(1), ..Self::conflict("busy") };
        }
        if matches!(error, DbErr::ConnectionAcquire(_)) {
            tracing::warn!(cause = %text, "no database connection to be had");
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Self { retry_after: Some(2), ..Self::new(status, "overloaded") };
        }
        Self::internal(text)
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
}
