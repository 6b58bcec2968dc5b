//! Time: one type for an instant, and a clock that comes in as an argument.

mod date;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{InvalidKind, Refusal};

pub use date::{Date, DateRange};

/// An instant in UTC, in whole milliseconds, from the year 0 to the 30th of December 9999.
///
/// On the wire and in the table it is text such as `2026-11-22T05:19:18.123Z`, always of 24 characters, so that
/// the order of the texts is the order of the instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// A text that is no instant, or one outside the range of [`Timestamp`].
#[derive(Debug, thiserror::Error)]
#[error("not a date or a date and time in ISO 8601")]
pub struct NoTimestamp;

impl Timestamp {
    /// Later than every instant that a client may name: an expiry that never comes.
    pub const NEVER_MS: i64 = 253_402_207_200_000;

    /// The instant so many milliseconds after the Unix epoch; the nearest end of the range where it lies outside.
    pub fn from_epoch_ms(ms: i64) -> Self {
        const FIRST_MS: i64 = -62_167_219_200_000;
        let ms = ms.clamp(FIRST_MS, Self::NEVER_MS);
        Self(jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::MAX))
    }

    /// The expiry that never comes.
    pub fn never() -> Self {
        Self::from_epoch_ms(Self::NEVER_MS)
    }

    /// Milliseconds since the Unix epoch.
    pub fn epoch_ms(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Seconds since the Unix epoch, rounded down: the unit of token claims and of DynamoDB's TTL.
    pub fn epoch_s(self) -> i64 {
        self.epoch_ms().div_euclid(1000)
    }

    /// The instant that much later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let span_ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self::from_epoch_ms(self.epoch_ms().saturating_add(span_ms))
    }

    /// This instant, or the first after `last` where the clock has not moved since: what is changed twice is later each time.
    #[must_use]
    pub fn after(self, last: Self) -> Self {
        self.max(last.plus(Duration::from_millis(1)))
    }

    /// How long after `earlier` this is; nothing when it is before.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.epoch_ms() - earlier.epoch_ms()).unwrap_or(0))
    }

    /// The day in UTC, `YYYY-MM-DD`.
    pub fn day(self) -> String {
        self.date().to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl FromStr for Timestamp {
    type Err = NoTimestamp;

    /// Reads a date and time with an offset (RFC 3339), or a date alone, which is its midnight in UTC.
    fn from_str(text: &str) -> Result<Self, NoTimestamp> {
        let instant = text.parse::<jiff::Timestamp>().or_else(|_| {
            // The library takes a date out of a longer text too, such as a time without an offset.
            let date = text
                .parse::<jiff::civil::Date>()
                .ok()
                .filter(|_| text.len() == "2026-11-22".len())
                .ok_or(NoTimestamp)?;
            date.to_zoned(TimeZone::UTC).map(|midnight| midnight.timestamp()).map_err(|_| NoTimestamp)
        })?;
        let parsed = Self::from_epoch_ms(instant.as_millisecond());
        if parsed.epoch_ms() == instant.as_millisecond() { Ok(parsed) } else { Err(NoTimestamp) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refused = Refusal(InvalidKind::Text, "must be a date or a date and time in ISO 8601");
        String::deserialize(deserializer)?.parse().map_err(|NoTimestamp| serde::de::Error::custom(refused))
    }
}

/// What says what time it is. Tests bring one that they can move.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's own.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the place that asks the machine for the time")]
        Self::from_fn(|| Timestamp::from_epoch_ms(jiff::Timestamp::now().as_millisecond()))
    }

    /// One that answers what the function says.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_always_has_milliseconds_and_a_z() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_763_788_758_120, "2025-11-22T05:19:18.120Z"),
            (Timestamp::NEVER_MS, "9999-12-30T22:00:00.000Z"),
        ] {
            assert_eq!(Timestamp::from_epoch_ms(ms).to_string(), text);
            assert_eq!(text.parse::<Timestamp>().unwrap().epoch_ms(), ms);
        }
    }

    #[test]
    fn a_date_alone_is_its_midnight() {
        assert_eq!("2027-01-31".parse::<Timestamp>().unwrap().to_string(), "2027-01-31T00:00:00.000Z");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "tomorrow", "2027-02-30", "-000001-01-01", "2027-13-01T00:00:00Z", "2027-01-01T00:00:00"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
