//! Dates and times as clients write them, as MySQL reads them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use shared::databases::Zone;

/// The most hours of a `TIME` (MySQL manual, "The TIME Type").
const HOURS_MAX: u32 = 838;

/// A day, or a day and a time, in the zone of the session. One without a zone is in that already.
pub fn instant(text: &str, zone: &Zone) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_digit() || "-:.+TtZz ".contains(c);
    if text.len() < 10 || !text.is_ascii() || !text.chars().all(is_plain) {
        return None;
    }
    let time = if text.len() == 10 {
        text.parse::<Date>().ok()?.at(0, 0, 0, 0)
    } else if text[10..].contains(['Z', 'z', '+', '-']) {
        let instant: Timestamp = text.parse().ok()?;
        instant.to_zoned(TimeZone::fixed(Offset::from_seconds(seconds_of(zone)).ok()?)).datetime()
    } else {
        text.parse::<DateTime>().ok()?
    };
    let (date, micros) = (time.date(), time.subsec_nanosecond() / 1_000);
    (date.year() > 0).then(|| {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}")
    })
}

/// Hours and minutes, with or without seconds and a fraction of them; up to 838 hours before and after.
pub fn clock(text: &str) -> Option<String> {
    let number = |digits: &str, lengths: std::ops::RangeInclusive<usize>, most: u32| {
        let is_number = lengths.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| digits.parse::<u32>().ok()).flatten().filter(|number| *number <= most)
    };
    let mut parts = text.strip_prefix('-').unwrap_or(text).split(':');
    number(parts.next()?, 1..=3, HOURS_MAX)?;
    number(parts.next()?, 2..=2, 59)?;
    if let Some(seconds) = parts.next() {
        let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
        number(seconds, 2..=2, 59)?;
        number(fraction, 1..=6, 999_999)?;
    }
    parts.next().is_none().then(|| text.to_owned())
}

/// How far a zone is ahead of UTC.
pub fn seconds_of(zone: &Zone) -> i32 {
    let (sign, rest) = zone.offset().split_at(1);
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
    let seconds = hours.parse().unwrap_or(0) * 3_600 + minutes.parse().unwrap_or(0) * 60;
    if sign == "-" { -seconds } else { seconds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_told_in_the_zone_of_the_session() {
        let vienna = Zone::try_from("+02:00".to_owned()).unwrap();
        for (text, expected) in [
            ("2026-11-22", "2026-11-22 00:00:00.000000"),
            ("2026-11-22 05:06:07.5", "2026-11-22 05:06:07.500000"),
            ("2026-11-22T05:06:07Z", "2026-11-22 07:06:07.000000"),
            ("2026-11-22T23:00:00-03:30", "2026-11-23 04:30:00.000000"),
        ] {
            assert_eq!(instant(text, &vienna).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "2026-13-01", "2026-02-30", "today", "0000-00-00", "2026-11-22T25:00:00", "2026-11-22'; --"] {
            assert_eq!(instant(text, &vienna), None, "{text}");
        }
    }

    #[test]
    fn a_time_may_be_a_span() {
        for (text, is_time) in
            [("05:06", true), ("-838:59:59.999999", true), ("5", false), ("05:60", false), ("1:2:3", false)]
        {
            assert_eq!(clock(text).is_some(), is_time, "{text}");
        }
    }
}
