//! Rows as `tabledata.list` tells them: values without names, in the order of the fields.

use serde::Deserialize;
use serde_json::{Map, Value};
use shared::databases::is_secret;

use super::schema::Field;
use crate::engine::shortened;

/// Some rows of a table.
#[derive(Deserialize)]
pub(super) struct Listed {
    #[serde(default)]
    pub(super) rows: Vec<Row>,
}

#[derive(Deserialize)]
pub(super) struct Row {
    #[serde(default, rename = "f")]
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    #[serde(default, rename = "v")]
    value: Value,
}

impl Row {
    /// Its values in the order of all columns, of which those that hold a secret were not asked for; each after so many
    /// characters cut.
    pub(super) fn texts(self, columns: &[Field], chars: usize) -> Vec<Option<String>> {
        let mut cells = self.cells.into_iter();
        let mut text = |field: &Field| {
            let value = if is_secret(&field.name) { Value::Null } else { cells.next()?.value };
            text(value, field).map(|text| shortened(text, chars))
        };
        columns.iter().map(&mut text).collect()
    }
}

fn text(value: Value, field: &Field) -> Option<String> {
    match named(value, field) {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// A value with the names of its parts, without those that hold a secret.
fn named(value: Value, field: &Field) -> Value {
    match value {
        Value::Array(values) if field.is_repeated() => {
            let inner = |cell: Value| one(unwrapped(cell), field);
            Value::Array(values.into_iter().map(inner).collect())
        }
        value => one(value, field),
    }
}

fn one(value: Value, field: &Field) -> Value {
    let Value::Object(mut record) = value else { return value };
    let Some(Value::Array(cells)) = record.remove("f") else { return Value::Null };
    let part = |(cell, field): (Value, &Field)| {
        let value = if is_secret(&field.name) { Value::Null } else { named(unwrapped(cell), field) };
        (field.name.clone(), value)
    };
    Value::Object(cells.into_iter().zip(&field.fields).map(part).collect::<Map<_, _>>())
}

/// What is in a cell.
fn unwrapped(cell: Value) -> Value {
    match cell {
        Value::Object(mut cell) => cell.remove("v").unwrap_or_default(),
        other => other,
    }
}
