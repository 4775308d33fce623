//! Times as the store keeps them: whole microseconds since 1970, so that they fit a column.

use jiff::Timestamp;

/// "Never over", in a column that holds until when something is kept.
pub(crate) const FOR_GOOD: i64 = i64::MAX;
/// "Not kept at all", in the column that holds until when something can be changed.
pub(crate) const NOT_AT_ALL: i64 = i64::MIN;

/// A time as a column holds it.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The time that a column holds.
pub(crate) fn time(micros: i64) -> Result<Timestamp, jiff::Error> {
    Timestamp::from_microsecond(micros)
}
