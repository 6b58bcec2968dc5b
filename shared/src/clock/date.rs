//! Days of the calendar in UTC, and ranges of them.

use std::fmt;
use std::str::FromStr;

use jiff::Span;
use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{NoTimestamp, Timestamp};
use crate::error::{InvalidKind, Refusal};

/// A day in UTC, from the year 0 to the year 9999; as text `YYYY-MM-DD`, so that the order of the texts is that of the
/// days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

/// Days from the first to the last, both of them included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    first: Date,
    last: Date,
}

impl Date {
    /// Its first millisecond.
    pub fn midnight(self) -> Timestamp {
        let midnight = self.0.to_zoned(TimeZone::UTC).map_or(jiff::Timestamp::MAX, |zoned| zoned.timestamp());
        Timestamp::from_epoch_ms(midnight.as_millisecond())
    }

    /// The day so many days later, or earlier where the number is negative; the nearest end of the calendar where it
    /// lies outside.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(Span::new().days(days)))
    }

    /// The first day of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// The last day of its month.
    #[must_use]
    pub fn last_of_month(self) -> Self {
        Self(self.0.last_of_month())
    }

    /// Its month, `YYYY-MM`.
    pub fn month(self) -> String {
        format!("{:04}-{:02}", self.0.year(), self.0.month())
    }

    /// How many days later than `earlier` it is; negative when it is before.
    pub fn days_since(self, earlier: Self) -> i32 {
        earlier.0.until(self.0).map_or(0, |span| span.get_days())
    }
}

impl Timestamp {
    /// The day in UTC.
    pub fn date(self) -> Date {
        Date(self.0.to_zoned(TimeZone::UTC).date())
    }
}

impl DateRange {
    /// From one day to another; nothing where the last lies before the first.
    pub fn new(first: Date, last: Date) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// So many days, of which this is the last; one at least.
    pub fn ending(last: Date, days: i32) -> Self {
        Self { first: last.plus_days(1 - days.max(1)), last }
    }

    /// The first day.
    pub fn first(self) -> Date {
        self.first
    }

    /// The last day.
    pub fn last(self) -> Date {
        self.last
    }

    /// How many days.
    pub fn days(self) -> i32 {
        self.last.days_since(self.first) + 1
    }

    /// Each day.
    pub fn iter(self) -> impl Iterator<Item = Date> {
        (0..self.days()).map(move |days| self.first.plus_days(days))
    }

    /// As many days, which end where these begin.
    #[must_use]
    pub fn before(self) -> Self {
        Self::ending(self.first.plus_days(-1), self.days())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Date {
    type Err = NoTimestamp;

    /// Reads `YYYY-MM-DD` and no other form, of a day that the calendar has.
    fn from_str(text: &str) -> Result<Self, NoTimestamp> {
        let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        text.parse().ok().filter(|_| is_plain).map(Self).ok_or(NoTimestamp)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refused = Refusal(InvalidKind::Text, "must be a day of the calendar as YYYY-MM-DD");
        String::deserialize(deserializer)?.parse().map_err(|NoTimestamp| serde::de::Error::custom(refused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn only_days_that_the_calendar_has_are_read() {
        for text in
            ["2024-02-30", "2023-02-29", "2024-99-99", "2024-13-01", "2024-1-01", "20240101", "2024-01-01T00", ""]
        {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        for text in ["2024-02-29", "0000-01-01", "9999-12-30"] {
            assert_eq!(date(text).to_string(), text);
        }
    }

    #[test]
    fn a_day_begins_at_midnight_and_is_that_of_its_last_millisecond() {
        let day = date("2024-02-29");
        let end = Timestamp::from_epoch_ms(date("2024-03-01").midnight().epoch_ms() - 1);
        assert_eq!((day.midnight().date(), end.date()), (day, day));
        assert_eq!(day.midnight().to_string(), "2024-02-29T00:00:00.000Z");
    }

    #[test]
    fn a_range_has_its_days_and_as_many_before_it() {
        let range = DateRange::new(date("2024-02-27"), date("2024-03-02")).unwrap();
        let days: Vec<String> = range.iter().map(|day| day.to_string()).collect();
        assert_eq!(days, ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02"]);
        assert_eq!(range.before(), DateRange::new(date("2024-02-22"), date("2024-02-26")).unwrap());
        assert_eq!(DateRange::ending(date("2024-03-02"), 5), range);
        assert_eq!(DateRange::new(date("2024-03-02"), date("2024-03-01")), None);
        assert_eq!(date("2024-02-10").last_of_month().to_string(), "2024-02-29");
    }
}
