//! Values that rows of all tables are ordered by: each kind in the order in which its own server has it.

use std::cmp::Ordering;

use mysql_async::Value as Sql;
use shared::databases::Zone;

use super::Order;
use crate::filter::seconds_of;

/// A value, comparable across tables and servers. Kinds that are not alike have an order, too: numbers, times, dates, texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortValue {
    /// Any number.
    Number(Digits),
    /// A time of a day, in microseconds.
    Time(i64),
    /// Microseconds since 1970 in UTC.
    Instant(i64),
    /// The weights of a text.
    Text(Vec<u8>),
    /// No value: last, whichever way.
    None,
}

/// A number by its digits, so that numbers of all types compare without loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits {
    is_negative: bool,
    before: String,
    after: String,
}

impl SortValue {
    /// What the server says of a row, in a session of this zone.
    pub fn new(value: &Sql, is_text: bool, zone: &Zone) -> Self {
        match value {
            Sql::NULL => Self::None,
            Sql::Bytes(bytes) if is_text => Self::Text(bytes.clone()),
            Sql::Bytes(bytes) => Self::Number(Digits::new(&String::from_utf8_lossy(bytes))),
            Sql::Int(number) => Self::Number(Digits::new(&number.to_string())),
            Sql::UInt(number) => Self::Number(Digits::new(&number.to_string())),
            // The shortest digits of a double: those of a greater double are greater.
            Sql::Float(number) => Self::Number(Digits::new(&number.to_string())),
            Sql::Double(number) => Self::Number(Digits::new(&number.to_string())),
            Sql::Date(year, month, day, hour, minute, second, micros) => {
                let days = days_since_1970(i64::from(*year), i64::from(*month), i64::from(*day));
                let seconds = i64::from(*hour) * 3_600 + i64::from(*minute) * 60 + i64::from(*second);
                let offset = i64::from(seconds_of(zone));
                Self::Instant((days * 86_400 + seconds - offset) * 1_000_000 + i64::from(*micros))
            }
            Sql::Time(is_negative, days, hours, minutes, seconds, micros) => {
                let hours = i64::from(*days) * 24 + i64::from(*hours);
                let seconds = hours * 3_600 + i64::from(*minutes) * 60 + i64::from(*seconds);
                let micros = seconds * 1_000_000 + i64::from(*micros);
                Self::Time(if *is_negative { -micros } else { micros })
            }
        }
    }

    /// Which of two rows comes first by one column.
    pub fn compare(&self, other: &Self, order: Order) -> Ordering {
        match (self, other, order) {
            (Self::None, _, _) | (_, Self::None, _) | (_, _, Order::Asc) => self.cmp(other),
            (_, _, Order::Desc) => other.cmp(self),
        }
    }
}

impl Digits {
    fn new(text: &str) -> Self {
        let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
        let (before, after) = (before.trim_start_matches('0'), after.trim_end_matches('0'));
        let is_zero = before.is_empty() && after.is_empty();
        Self { is_negative: is_negative && !is_zero, before: before.to_owned(), after: after.to_owned() }
    }
}

impl PartialOrd for Digits {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Digits {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |number: &Self| (number.before.len(), number.before.clone(), number.after.clone());
        match (self.is_negative, other.is_negative) {
            (false, false) => size(self).cmp(&size(other)),
            (true, true) => size(other).cmp(&size(self)),
            (is_negative, _) => {
                if is_negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

/// Days of the calendar that goes on before 1582 as after it, which is that of MySQL ("What Calendar Is Used By MySQL?").
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the day that is not always there is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(values: &[Sql], order: Order) -> Vec<usize> {
        let mut places: Vec<usize> = (0..values.len()).collect();
        let value = |place: usize| SortValue::new(&values[place], false, &Zone::default());
        places.sort_by(|a, b| value(*a).compare(&value(*b), order));
        places
    }

    #[test]
    fn numbers_of_all_types_have_one_order_and_nothing_comes_last() {
        let values = [
            Sql::NULL,
            Sql::from("-10.50"),
            Sql::Int(-10),
            Sql::Double(-0.0),
            Sql::from("0.05"),
            Sql::Float(0.1),
            Sql::from("9.99"),
            Sql::Int(10),
            Sql::UInt(u64::MAX),
            Sql::Double(1e30),
        ];
        assert_eq!(sorted(&values, Order::Asc), [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
        assert_eq!(sorted(&values, Order::Desc), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    }

    #[test]
    fn times_are_compared_in_utc() {
        let noon = Sql::Date(2024, 2, 29, 12, 0, 0, 0);
        let [utc, vienna] =
            ["Z", "+02:00"].map(|zone| SortValue::new(&noon, false, &Zone::try_from(zone.to_owned()).unwrap()));
        assert_eq!(utc, SortValue::Instant(1_709_208_000_000_000));
        assert!(vienna < utc);
        assert_eq!(days_since_1970(1970, 1, 1), 0);
        assert!(SortValue::new(&Sql::Time(true, 1, 0, 0, 0, 0), false, &Zone::default()) < SortValue::Time(0));
    }
}
