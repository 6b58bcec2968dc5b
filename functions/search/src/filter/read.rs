//! From JSON to conditions: what is wrong is told with its place.

use std::fmt;

use serde::de::{self, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use shared::error::{InvalidKind, Refusal};

use super::{CHARS_MAX, CONDITIONS_MAX, Comparison, Condition, Filters, Test, VALUES_MAX};

/// What can be asked of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Op {
    Eq,
    Ne,
    In,
    Lt,
    Lte,
    Gt,
    Gte,
    Between,
    Prefix,
    IsNull,
}

impl<'de> Deserialize<'de> for Filters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let filters = deserializer.deserialize_any(OfFilters)?;
        if filters.0.len() > CONDITIONS_MAX {
            return Err(D::Error::custom(Refusal(InvalidKind::TooBig, "must be at most 20 conditions")));
        }
        if filters.0.iter().map(Condition::values).sum::<usize>() > VALUES_MAX {
            return Err(D::Error::custom(Refusal(InvalidKind::TooBig, "must have at most 100 values in all")));
        }
        Ok(filters)
    }
}

struct OfFilters;

impl<'de> Visitor<'de> for OfFilters {
    type Value = Filters;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of conditions, or an object of columns")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Filters, E> {
        Ok(Filters::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Filters, A::Error> {
        let mut conditions = Vec::new();
        while let Some(listed) = list.next_element::<Listed>()? {
            let field = format!("filters[{}]", conditions.len());
            conditions.push(Condition { field, column: listed.column, test: listed.test });
        }
        Ok(Filters(conditions))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Filters, A::Error> {
        let mut conditions = Vec::new();
        while let Some(column) = object.next_key::<String>()? {
            for test in object.next_value::<Short>()?.0 {
                let field = format!("filters.{column}");
                conditions.push(Condition { field, column: column.clone(), test });
            }
        }
        Ok(Filters(conditions))
    }
}

/// A condition of the list.
#[derive(Deserialize)]
#[serde(try_from = "Written")]
struct Listed {
    column: String,
    test: Test,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    column: String,
    op: Op,
    #[serde(default, deserialize_with = "present")]
    value: Option<Value>,
}

impl TryFrom<Written> for Listed {
    type Error = Refusal;

    fn try_from(written: Written) -> Result<Self, Refusal> {
        let value = match (written.op, written.value) {
            (_, Some(value)) => value,
            (Op::IsNull, None) => Value::Bool(true),
            (_, None) => return Err(Refusal(InvalidKind::Type, "has no value")),
        };
        Ok(Self { column: written.column, test: Test::new(written.op, value)? })
    }
}

/// What stands behind a column in the object: a value, a list of them, or operators.
struct Short(Vec<Test>);

impl<'de> Deserialize<'de> for Short {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfShort)
    }
}

struct OfShort;

impl OfShort {
    fn one<E: de::Error>(op: Op, value: impl Into<Value>) -> Result<Short, E> {
        Test::new(op, value.into()).map(|test| Short(vec![test])).map_err(E::custom)
    }
}

impl<'de> Visitor<'de> for OfShort {
    type Value = Short;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list of values, or an object of operators")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Short, E> {
        Self::one(Op::Eq, Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Short, E> {
        Self::one(Op::Eq, value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Short, E> {
        Self::one(Op::Eq, value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Short, E> {
        Self::one(Op::Eq, value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Short, E> {
        Self::one(Op::Eq, value)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Short, E> {
        Self::one(Op::Eq, value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Short, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element::<Value>()? {
            values.push(value);
        }
        Self::one(Op::In, values)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Short, A::Error> {
        let mut tests = Vec::new();
        while let Some(name) = object.next_key::<String>()? {
            let op = Op::deserialize(name.as_str().into_deserializer())?;
            tests.push(Test::new(op, object.next_value()?).map_err(A::Error::custom)?);
        }
        if tests.is_empty() {
            return Err(A::Error::custom(Refusal(InvalidKind::TooSmall, "has no operator")));
        }
        Ok(Short(tests))
    }
}

impl Test {
    fn new(op: Op, value: Value) -> Result<Self, Refusal> {
        let compare = |comparison, value| scalar(value).map(|value| Self::Compare(comparison, value));
        match (op, value) {
            (Op::Eq, Value::Null) => Ok(Self::IsNull(true)),
            (Op::Ne, Value::Null) => Ok(Self::IsNull(false)),
            (Op::Eq, value) => compare(Comparison::Eq, value),
            (Op::Ne, value) => compare(Comparison::Ne, value),
            (Op::Lt, value) => compare(Comparison::Lt, value),
            (Op::Lte, value) => compare(Comparison::Lte, value),
            (Op::Gt, value) => compare(Comparison::Gt, value),
            (Op::Gte, value) => compare(Comparison::Gte, value),
            (Op::In, Value::Array(values)) if values.is_empty() => {
                Err(Refusal(InvalidKind::TooSmall, "must have at least one value"))
            }
            (Op::In, Value::Array(values)) => values.into_iter().map(scalar).collect::<Result<_, _>>().map(Self::In),
            (Op::In, _) => Err(Refusal(InvalidKind::Type, "must be a list of values")),
            (Op::Between, Value::Array(values)) => match <[Value; 2]>::try_from(values) {
                Ok([low, high]) => Ok(Self::Between(scalar(low)?, scalar(high)?)),
                Err(_) => Err(Refusal(InvalidKind::Type, "must be a list of two values")),
            },
            (Op::Between, _) => Err(Refusal(InvalidKind::Type, "must be a list of two values")),
            (Op::Prefix, Value::String(prefix)) => bounded(&prefix).map(|()| Self::Prefix(prefix)),
            (Op::Prefix, _) => Err(Refusal(InvalidKind::Type, "must be text")),
            (Op::IsNull, Value::Bool(is_null)) => Ok(Self::IsNull(is_null)),
            (Op::IsNull, _) => Err(Refusal(InvalidKind::Type, "must be true or false")),
        }
    }
}

impl Condition {
    fn values(&self) -> usize {
        match &self.test {
            Test::Compare(..) | Test::Prefix(_) | Test::IsNull(_) => 1,
            Test::Between(..) => 2,
            Test::In(values) => values.len(),
        }
    }
}

fn scalar(value: Value) -> Result<Value, Refusal> {
    match &value {
        Value::String(text) => bounded(text).map(|()| value),
        Value::Bool(_) | Value::Number(_) => Ok(value),
        Value::Null => Err(Refusal(InvalidKind::Type, "must not be null here: ask with isNull")),
        Value::Array(_) | Value::Object(_) => Err(Refusal(InvalidKind::Type, "must be text, a number, true or false")),
    }
}

fn bounded(text: &str) -> Result<(), Refusal> {
    if text.chars().count() <= CHARS_MAX {
        return Ok(());
    }
    Err(Refusal(InvalidKind::TooBig, "must have at most 1000 characters"))
}

/// A `null` that stands there is a value; one that does not is none.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
