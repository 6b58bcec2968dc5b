//! The query string, in each of the ways in which clients write it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::body::parse;
use crate::app::App;
use crate::error::{Error, InvalidKind, Refusal, Result};

/// A query string, parsed; unknown parameters are passed over.
///
/// A parameter that comes more than once (`a=x&a=y`), or with brackets (`a[]=x`, `a[0]=x`), is an array.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        parse(object(parts.uri.query().unwrap_or_default())).map(Self)
    }
}

fn object(query: &str) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = Value::String(value.into_owned());
        let plain = name.split('[').next().unwrap_or_default();
        match object.get_mut(plain) {
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None if plain.len() < name.len() => drop(object.insert(plain.to_owned(), Value::Array(vec![value]))),
            None => drop(object.insert(plain.to_owned(), value)),
        }
    }
    object
}

/// A whole number in a query string, for `#[serde(deserialize_with = "number")]`.
pub fn number<'de, D: Deserializer<'de>, T: TryFrom<u64, Error = Refusal>>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = text.parse().map_err(|_| D::Error::custom(Refusal(InvalidKind::Type, "must be a whole number")))?;
    T::try_from(number).map_err(D::Error::custom)
}

/// A yes or no in a query string, for `#[serde(default, deserialize_with = "flag")]`; nothing behind the name is a yes.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match String::deserialize(deserializer)?.to_ascii_lowercase().as_str() {
        "" | "1" | "true" => Ok(Some(true)),
        "0" | "false" => Ok(Some(false)),
        _ => Err(D::Error::custom(Refusal(InvalidKind::Type, "must be true or false"))),
    }
}

/// A list in a query string, for `#[serde(default, deserialize_with = "list")]`: a parameter that is an array, or one value
/// with commas between the parts. What is empty is not there.
pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let parts: Vec<String> = match Value::deserialize(deserializer)? {
        Value::String(one) => one.split(',').map(str::to_owned).collect(),
        several => serde_json::from_value(several).map_err(D::Error::custom)?,
    };
    let trimmed = parts.iter().map(|part| part.trim().to_owned());
    Ok(trimmed.filter(|part| !part.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_to_write_an_array_is_one() {
        for query in ["a=x&a=y", "a[]=x&a[]=y", "a[0]=x&a[1]=y", "a%5B%5D=x&a%5B%5D=y"] {
            assert_eq!(Value::Object(object(query)), json!({ "a": ["x", "y"] }), "{query}");
        }
        assert_eq!(Value::Object(object("a[]=x&b=%C3%A9+1")), json!({ "a": ["x"], "b": "é 1" }));
    }
    #[test]
    fn a_list_is_one_in_all_five_forms() {
        #[derive(Deserialize)]
        struct Example {
            #[serde(default, deserialize_with = "list")]
            a: Vec<String>,
        }
        for query in ["a=x&a=y", "a[]=x&a[]=y", "a[0]=x&a[1]=y", "a=x,y", "a=x,%20y,"] {
            let Example { a } = parse(object(query)).unwrap();
            assert_eq!(a, ["x", "y"], "{query}");
        }
        for (query, length) in [("a=x", 1), ("a[]=x,y", 1), ("a=", 0), ("b=x", 0)] {
            assert_eq!(parse::<Example>(object(query)).unwrap().a.len(), length, "{query}");
        }
    }
}
