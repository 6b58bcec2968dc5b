//! From a value of JSON to a parameter that its column can be compared with, so that no server has to guess or complain.

use data_encoding::{BASE64, HEXUPPER};
use mysql_async::Value as Sql;
use serde_json::Value;
use shared::databases::Zone;

use super::time::{clock, instant};
use crate::kind::Kind;

/// Digits of a `DECIMAL` before and after its point, of which it has 65 in all (MySQL manual, "Precision Math").
const DIGITS_MAX: (usize, usize) = (35, 30);

/// A placeholder with what it is made into, and its value.
pub struct Bound {
    /// `?`, or an expression that holds it.
    pub sql: &'static str,
    /// What is bound to it.
    pub value: Sql,
}

/// The value, as a column of this kind has it; or what would fit.
pub fn bind(kind: Kind, value: &Value, zone: &Zone) -> Result<Bound, &'static str> {
    let bound = |sql, value| Bound { sql, value };
    match kind {
        Kind::Integer => whole(value).map(|value| bound("?", value)).ok_or("must be a whole number"),
        Kind::Bits => match whole(value) {
            Some(Sql::Int(negative)) if negative < 0 => Err("must be a whole number, not less than 0"),
            Some(value) => Ok(bound("?", value)),
            None => Err("must be a whole number, not less than 0"),
        },
        Kind::Year => match whole(value) {
            Some(Sql::Int(year)) if (1_000..=9_999).contains(&year) => Ok(bound("?", Sql::Int(year))),
            _ => Err("must be a year of four digits"),
        },
        // Text would be compared as a double, which has 15 digits.
        Kind::Decimal => decimal(value)
            .map(|digits| bound("CAST(? AS DECIMAL(65,30))", Sql::from(digits)))
            .ok_or("must be a number of at most 35 digits before the point and 30 after it"),
        Kind::Double => double(value).map(|value| bound("?", Sql::Double(value))).ok_or("must be a number"),
        // What a column of 32 bits says is 0.1 is not what 64 bits say it is.
        Kind::Float => double(value)
            .map(|value| bound("?", Sql::Double(nearest_float(value).unwrap_or(value))))
            .ok_or("must be a number"),
        Kind::Text => value.as_str().map(|text| bound("?", Sql::from(text))).ok_or("must be text"),
        Kind::Bytes => value
            .as_str()
            .and_then(|text| BASE64.decode(text.as_bytes()).ok())
            .map(|bytes| bound("UNHEX(?)", Sql::from(HEXUPPER.encode(&bytes))))
            .ok_or("must be bytes in base64"),
        Kind::Instant => value
            .as_str()
            .and_then(|text| instant(text, zone))
            .map(|text| bound("CAST(? AS DATETIME(6))", Sql::from(text)))
            .ok_or("must be a date such as 2026-11-22, or with a time such as 2026-11-22T05:06:07Z"),
        Kind::Time => value
            .as_str()
            .and_then(clock)
            .map(|text| bound("CAST(? AS TIME(6))", Sql::from(text)))
            .ok_or("must be a time such as 05:06:07"),
        Kind::Other => Err("can only be asked with isNull: the column's values can not be compared"),
    }
}

/// A whole number, also as text, and a truth, which is 1 or 0.
fn whole(value: &Value) -> Option<Sql> {
    let digits = match value {
        Value::Bool(truth) => return Some(Sql::Int(i64::from(*truth))),
        Value::Number(number) if number.is_f64() => format!("{}", number.as_f64()?),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let signed = digits.parse().ok().map(Sql::Int);
    signed.or_else(|| digits.parse().ok().map(Sql::UInt))
}

fn decimal(value: &Value) -> Option<String> {
    let digits = match value {
        Value::Bool(truth) => return Some(u8::from(*truth).to_string()),
        // As 300 digits and not as 1e300.
        Value::Number(number) if number.is_f64() => format!("{}", number.as_f64()?),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let (before, after) = digits.split_once('.').unwrap_or((&digits, "0"));
    let before = before.strip_prefix('-').unwrap_or(before);
    let are_digits = |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    (are_digits(before, DIGITS_MAX.0) && are_digits(after, DIGITS_MAX.1)).then_some(digits)
}

fn double(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        Value::Number(number) => number.as_f64()?,
        Value::String(text) if text.bytes().all(|b| b.is_ascii_digit() || b".-+eE".contains(&b)) => {
            text.parse().ok()?
        }
        _ => return None,
    };
    number.is_finite().then_some(number)
}

fn nearest_float(number: f64) -> Option<f64> {
    number.to_string().parse::<f32>().ok().filter(|float| float.is_finite()).map(f64::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_a_kind_is_bound_as_it_and_nothing_else_is() {
        let date = || Sql::from("2026-11-22 05:06:07.000000");
        for (kind, value, expected) in [
            (Kind::Integer, json!(5), Some(Sql::Int(5))),
            (Kind::Integer, json!(5.0), Some(Sql::Int(5))),
            (Kind::Integer, json!("5"), Some(Sql::Int(5))),
            (Kind::Integer, json!(true), Some(Sql::Int(1))),
            (Kind::Integer, json!(u64::MAX), Some(Sql::UInt(u64::MAX))),
            (Kind::Integer, json!(5.5), None),
            (Kind::Integer, json!("5 OR 1=1"), None),
            (Kind::Bits, json!(-1), None),
            (Kind::Year, json!(2026), Some(Sql::Int(2026))),
            (Kind::Year, json!(26), None),
            (Kind::Decimal, json!(12.5), Some(Sql::from("12.5"))),
            (Kind::Decimal, json!("-0.10"), Some(Sql::from("-0.10"))),
            (Kind::Decimal, json!(1e300), None),
            (Kind::Decimal, json!("1e3"), None),
            (Kind::Decimal, json!("1."), None),
            (Kind::Double, json!("1e3"), Some(Sql::Double(1_000.0))),
            (Kind::Double, json!("inf"), None),
            (Kind::Float, json!(0.1), Some(Sql::Double(f64::from(0.1_f32)))),
            (Kind::Float, json!(1e300), Some(Sql::Double(1e300))),
            (Kind::Text, json!("x' OR 1=1"), Some(Sql::from("x' OR 1=1"))),
            (Kind::Text, json!(5), None),
            (Kind::Bytes, json!("/wA="), Some(Sql::from("FF00"))),
            (Kind::Bytes, json!("no"), None),
            (Kind::Instant, json!("2026-11-22T05:06:07"), Some(date())),
            (Kind::Instant, json!("2026-11-22T06:06:07+01:00"), Some(date())),
            (Kind::Instant, json!("2026-02-30"), None),
            (Kind::Instant, json!(20_261_122), None),
            (Kind::Time, json!("-26:03:04"), Some(Sql::from("-26:03:04"))),
            (Kind::Time, json!("839:00"), None),
            (Kind::Other, json!("{}"), None),
        ] {
            let bound = bind(kind, &value, &Zone::default()).ok().map(|bound| bound.value);
            assert_eq!(bound, expected, "{kind:?} {value}");
        }
    }
}
