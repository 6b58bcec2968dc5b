//! Which days a request is about.

use serde::Deserialize;
use shared::Result;
use shared::clock::{Date, DateRange, Timestamp};
use shared::error::{Invalid, InvalidKind};

/// The most days of one answer: as long as figures are kept.
pub const DAYS_MAX: i32 = 400;

/// The days as clients name them. Those from `startDate` on, or as many as the period has; the last is `endDate`, or today.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    #[serde(default)]
    period: Period,
    start_date: Option<Date>,
    end_date: Option<Date>,
}

/// So many days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Period {
    Day,
    #[default]
    Week,
    Month,
    #[serde(rename = "3months")]
    ThreeMonths,
    #[serde(rename = "6months")]
    SixMonths,
    Year,
}

/// Days in UTC, at most [`DAYS_MAX`], and what they are called.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// The days.
    pub range: DateRange,
    /// The period that was named, or `custom`.
    pub period: &'static str,
    /// The day on which it was asked.
    pub today: Date,
}

impl Asked {
    /// The days, seen from now.
    pub fn span(&self, now: Timestamp) -> Result<Span> {
        let today = now.date();
        let last = self.end_date.unwrap_or(today);
        let range = match self.start_date {
            None => DateRange::ending(last, self.period.days()),
            Some(first) => DateRange::new(first, last).ok_or_else(|| self.no_day(today))?,
        };
        if range.days() > DAYS_MAX {
            let reason = format!("must be at most {DAYS_MAX} days before the end: figures are kept no longer");
            return Err(Invalid::new("startDate", InvalidKind::TooBig, reason).into());
        }
        let period = if self.start_date.is_some() { "custom" } else { self.period.name() };
        Ok(Span { range, period, today })
    }

    /// The field is the one that the client has sent.
    fn no_day(&self, today: Date) -> Invalid {
        match self.end_date {
            Some(_) => Invalid::new("endDate", InvalidKind::TooSmall, "must not be before startDate"),
            None => Invalid::new("startDate", InvalidKind::TooBig, format!("must not be after today, {today}")),
        }
    }
}

impl Span {
    /// The same number of days just before, where figures of all of them are still kept.
    pub fn before(&self) -> Option<DateRange> {
        let before = self.range.before();
        (self.today.days_since(before.first()) < DAYS_MAX).then_some(before)
    }

    /// How many hours the days have.
    pub fn hours(&self) -> u64 {
        24 * u64::try_from(self.range.days()).unwrap_or(1)
    }

    /// The days from the first of those before, where there are any, to the last.
    pub fn with_before(&self) -> DateRange {
        let whole = self.before().and_then(|before| DateRange::new(before.first(), self.range.last()));
        whole.unwrap_or(self.range)
    }
}

impl Period {
    fn days(self) -> i32 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::ThreeMonths => 90,
            Self::SixMonths => 180,
            Self::Year => 365,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::ThreeMonths => "3months",
            Self::SixMonths => "6months",
            Self::Year => "year",
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::Error;

    use super::*;

    fn asked(period: Period, start: Option<&str>, end: Option<&str>) -> Result<Span> {
        let date = |text: &str| text.parse().unwrap();
        let asked = Asked { period, start_date: start.map(date), end_date: end.map(date) };
        asked.span("2026-11-22T23:59:59.999Z".parse().unwrap())
    }

    #[test]
    fn a_period_ends_today_and_a_start_is_worth_more() {
        for (period, start, end, first, last, name) in [
            (Period::Day, None, None, "2026-11-22", "2026-11-22", "day"),
            (Period::Week, None, None, "2026-11-16", "2026-11-22", "week"),
            (Period::Year, None, None, "2025-11-23", "2026-11-22", "year"),
            (Period::Month, None, Some("2026-03-01"), "2026-01-31", "2026-03-01", "month"),
            (Period::Day, Some("2026-11-01"), None, "2026-11-01", "2026-11-22", "custom"),
            (Period::Day, Some("2024-02-29"), Some("2024-02-29"), "2024-02-29", "2024-02-29", "custom"),
            (Period::Day, Some("2026-11-30"), Some("2026-12-01"), "2026-11-30", "2026-12-01", "custom"),
        ] {
            let span = asked(period, start, end).unwrap();
            let days = (span.range.first().to_string(), span.range.last().to_string());
            assert_eq!((days.0.as_str(), days.1.as_str(), span.period), (first, last, name));
        }
    }

    #[test]
    fn what_is_no_range_names_its_field() {
        for (start, end, field) in [
            ("2026-11-23", None, "startDate"),
            ("2026-11-02", Some("2026-11-01"), "endDate"),
            ("2016-11-22", None, "startDate"),
            ("2025-10-18", None, "startDate"),
        ] {
            let Err(Error::Validation(invalid)) = asked(Period::Day, Some(start), end) else { panic!("{start}") };
            assert_eq!(invalid.field, field, "{start}");
        }
        assert_eq!(asked(Period::Day, Some("2025-10-19"), None).unwrap().range.days(), DAYS_MAX);
    }

    #[test]
    fn the_days_before_are_compared_only_where_all_of_them_are_kept() {
        let before = |period| asked(period, None, None).unwrap().before().map(DateRange::days);
        assert_eq!(before(Period::SixMonths), Some(180));
        assert_eq!(before(Period::Year), None);
    }
}
