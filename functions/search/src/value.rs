//! Values of MySQL as JSON.

use data_encoding::BASE64;
use mysql_async::Value as Sql;
use mysql_async::consts::{ColumnFlags, ColumnType};
use serde_json::{Number, Value};
use shared::databases::Zone;

/// The character set of columns that hold bytes and not text (MySQL manual, "The binary Collation").
const BINARY: u16 = 63;

/// A value of this column as JSON: numbers as numbers, decimals as text so that no digit is lost, bytes in base64,
/// times in ISO 8601 with the zone of the session, JSON as itself, a date that is none as null.
pub fn json(value: &Sql, column: &mysql_async::Column, zone: &Zone) -> Value {
    match value {
        Sql::NULL => Value::Null,
        Sql::Int(number) => (*number).into(),
        Sql::UInt(number) => (*number).into(),
        Sql::Float(number) => finite(shortest(*number)),
        Sql::Double(number) => finite(*number),
        Sql::Date(year, month, day, hour, minute, second, micros) => {
            date(column, (*year, *month, *day), (*hour, *minute, *second, *micros), zone)
        }
        Sql::Time(negative, days, hours, minutes, seconds, micros) => {
            let (sign, hours) = (if *negative { "-" } else { "" }, u32::from(*hours) + 24 * days);
            format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{}", fraction(*micros)).into()
        }
        Sql::Bytes(bytes) => of_bytes(bytes, column),
    }
}

/// A text for a value, as it stands in an id.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn of_bytes(bytes: &[u8], column: &mysql_async::Column) -> Value {
    let is_binary = column.character_set() == BINARY && column.flags().contains(ColumnFlags::BINARY_FLAG);
    match column.column_type() {
        ColumnType::MYSQL_TYPE_BIT => bit(bytes),
        ColumnType::MYSQL_TYPE_JSON => {
            serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into())
        }
        ColumnType::MYSQL_TYPE_TINY_BLOB
        | ColumnType::MYSQL_TYPE_MEDIUM_BLOB
        | ColumnType::MYSQL_TYPE_LONG_BLOB
        | ColumnType::MYSQL_TYPE_BLOB
        | ColumnType::MYSQL_TYPE_STRING
        | ColumnType::MYSQL_TYPE_VAR_STRING
        | ColumnType::MYSQL_TYPE_VARCHAR
        | ColumnType::MYSQL_TYPE_GEOMETRY
            if is_binary =>
        {
            BASE64.encode(bytes).into()
        }
        _ => String::from_utf8_lossy(bytes).into(),
    }
}

/// Up to 64 bits, the most significant first.
fn bit(bytes: &[u8]) -> Value {
    bytes.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte)).into()
}

/// The double that prints like the float: 0.1 and not 0.10000000149011612.
fn shortest(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(f64::NAN)
}

fn finite(number: f64) -> Value {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

fn date(
    column: &mysql_async::Column,
    (year, month, day): (u16, u8, u8),
    (hour, minute, second, micros): (u8, u8, u8, u32),
    zone: &Zone,
) -> Value {
    if month == 0 || day == 0 {
        return Value::Null;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if column.column_type() == ColumnType::MYSQL_TYPE_DATE {
        return date.into();
    }
    format!("{date}T{hour:02}:{minute:02}:{second:02}.{:03}{}", micros / 1_000, zone.suffix()).into()
}

fn fraction(micros: u32) -> String {
    if micros == 0 { String::new() } else { format!(".{micros:06}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: ColumnType) -> mysql_async::Column {
        mysql_async::Column::new(kind)
    }

    #[test]
    fn every_kind_of_value_has_a_form() {
        use ColumnType::*;
        for (value, kind, expected) in [
            (Sql::NULL, MYSQL_TYPE_LONG, "null"),
            (Sql::UInt(u64::MAX), MYSQL_TYPE_LONGLONG, "18446744073709551615"),
            (Sql::Float(0.1), MYSQL_TYPE_FLOAT, "0.1"),
            (Sql::Double(f64::NAN), MYSQL_TYPE_DOUBLE, "null"),
            (Sql::Bytes(b"12.50".to_vec()), MYSQL_TYPE_NEWDECIMAL, "\"12.50\""),
            (Sql::Bytes(vec![1, 1]), MYSQL_TYPE_BIT, "257"),
            (Sql::Bytes(b"{\"a\":1}".to_vec()), MYSQL_TYPE_JSON, "{\"a\":1}"),
            (Sql::Date(2026, 11, 22, 0, 0, 0, 0), MYSQL_TYPE_DATE, "\"2026-11-22\""),
            (Sql::Date(2026, 11, 22, 5, 6, 7, 890_000), MYSQL_TYPE_DATETIME, "\"2026-11-22T05:06:07.890Z\""),
            (Sql::Date(0, 0, 0, 0, 0, 0, 0), MYSQL_TYPE_DATETIME, "null"),
            (Sql::Time(true, 1, 2, 3, 4, 0), MYSQL_TYPE_TIME, "\"-26:03:04\""),
            (Sql::Bytes(vec![0xff]), MYSQL_TYPE_STRING, "\"\u{fffd}\""),
        ] {
            assert_eq!(json(&value, &column(kind), &Zone::default()).to_string(), expected);
        }
    }

    #[test]
    fn bytes_are_base64() {
        let column =
            column(ColumnType::MYSQL_TYPE_BLOB).with_flags(ColumnFlags::BINARY_FLAG).with_character_set(BINARY);
        assert_eq!(json(&Sql::Bytes(vec![0xff, 0]), &column, &Zone::default()), "/wA=");
    }
}
