//! What went wrong in SQLite, as the caller's next step.

use contract::StoreError;

/// The primary result codes of SQLite that are told apart (<https://sqlite.org/rescode.html>).
const CORRUPT: i64 = 11;
const FULL: i64 = 13;
const CONSTRAINT: i64 = 19;
const NOTADB: i64 = 26;
/// An SQL error: a table is missing that the migrations made.
const ERROR: i64 = 1;
/// Extended codes carry the primary one in their lowest byte.
const PRIMARY: i64 = 0xff;

/// Says during which operation something failed.
pub(super) trait Failure<T> {
    /// The value, or the error with its operation: a verb, as in "while it opens".
    fn during(self, operation: &'static str) -> Result<T, StoreError>;
}

impl<T> Failure<T> for Result<T, sqlx::Error> {
    fn during(self, operation: &'static str) -> Result<T, StoreError> {
        self.map_err(|error| sql(operation, error))
    }
}

impl<T> Failure<T> for Result<T, serde_json::Error> {
    fn during(self, operation: &'static str) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::Unavailable { operation, source: Box::new(error) })
    }
}

/// A file could not be made, read or moved.
pub(super) fn io(operation: &'static str, error: std::io::Error) -> StoreError {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return StoreError::Full;
    }
    StoreError::Unavailable { operation, source: Box::new(error) }
}

/// Something in the store cannot be read; `what` names it.
pub(super) fn unreadable(what: &str, error: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged { what: format!("{what} cannot be read: {error}") }
}

fn sql(operation: &'static str, error: sqlx::Error) -> StoreError {
    let code = error
        .as_database_error()
        .and_then(|error| error.code())
        .and_then(|code| code.parse::<i64>().ok())
        .map(|code| code & PRIMARY);
    match code {
        Some(FULL) => StoreError::Full,
        Some(CORRUPT | NOTADB | CONSTRAINT | ERROR) => damaged(operation, &error),
        // What a column holds is not what was put there.
        None if matches!(
            error,
            sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::Decode(_)
                | sqlx::Error::ColumnNotFound(_)
                | sqlx::Error::RowNotFound
        ) =>
        {
            damaged(operation, &error)
        }
        Some(_) | None => StoreError::Unavailable { operation, source: Box::new(error) },
    }
}

fn damaged(operation: &str, error: &sqlx::Error) -> StoreError {
    StoreError::Damaged { what: format!("{error}, while it {operation}") }
}
