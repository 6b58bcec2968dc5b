//! The body of a request, as a type that can not be wrong.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

use crate::app::App;
use crate::error::{Error, Invalid, InvalidKind, Result};

/// The largest body: no request of ours needs more, and the gateway would let ten times as much through.
const BYTES_MAX: usize = 1024 * 1024;

/// The largest whole number up to which a float holds each: 2^53 − 1.
const EXACT_MAX: f64 = 9_007_199_254_740_991.0;

/// A body, parsed. An empty one or the literal `null` is an empty object, because clients send both where nothing is
/// asked for; unknown fields are passed over.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        let bytes = bytes_of(request).await?;
        let object = if is_form && !bytes.trim_ascii_start().starts_with(b"{") { form(&bytes) } else { whole(&bytes)? };
        parse(object).map(Self)
    }
}

/// A body together with the object that it was parsed from, for what is to be the same whenever the same was sent.
pub struct Sent<T> {
    /// The body, parsed.
    pub body: T,
    /// The object, unknown fields included.
    pub object: Map<String, Value>,
}

impl<T: DeserializeOwned> FromRequest<App> for Sent<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let Body(object) = Body::<Map<String, Value>>::from_request(request, app).await?;
        Ok(Self { body: parse(object.clone())?, object })
    }
}

/// The whole body, as it is.
pub(super) async fn bytes_of(request: Request) -> Result<Bytes> {
    to_bytes(request.into_body(), BYTES_MAX).await.map_err(|_| Error::BodyTooLarge { limit_bytes: BYTES_MAX })
}

/// The type that a JSON object spells.
pub(super) fn parse<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T> {
    serde_path_to_error::deserialize(Value::Object(object)).map_err(|e| {
        let path = e.path().to_string();
        invalid(if path == "." { String::new() } else { path }, &e.into_inner().to_string()).into()
    })
}

/// An object inside a body, for `#[serde(deserialize_with = "object")]`; `null` is an empty one. Without it serde takes a
/// list for an object too, by the order of the fields.
pub fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    let object = Option::<Map<String, Value>>::deserialize(deserializer)?.unwrap_or_default();
    serde_json::from_value(Value::Object(object)).map_err(D::Error::custom)
}

/// The same for a field that may be `null`, which is as good as one that is not there.
pub fn optional_object<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    let object = Option::<Map<String, Value>>::deserialize(deserializer)?;
    object.map(|object| serde_json::from_value(Value::Object(object)).map_err(D::Error::custom)).transpose()
}

fn whole(bytes: &[u8]) -> Result<Map<String, Value>> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match json(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(Invalid::new("", InvalidKind::Type, "the body must be a JSON object").into()),
        Err(e) => Err(Error::MalformedJson(e.to_string())),
    }
}

/// The JSON of a body, with every number that has no fraction as a whole one: JSON has one kind of numbers, and `20.0` is 20 (JSON
/// Schema 2020-12, "Mathematical Integers"). Beyond what a float holds exactly, a number stays as it was sent.
pub(super) fn json(bytes: &[u8]) -> serde_json::Result<Value> {
    let mut value = serde_json::from_slice(bytes)?;
    make_whole(&mut value);
    Ok(value)
}

fn make_whole(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(whole) = whole_number(number) {
                *number = whole.into();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(make_whole),
        Value::Object(object) => object.values_mut().for_each(make_whole),
        _ => {}
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it has no fraction, and is no larger than an integer may be")]
fn whole_number(number: &Number) -> Option<i64> {
    let float = number.as_f64().filter(|_| number.is_f64())?;
    (float.fract() == 0.0 && float.abs() <= EXACT_MAX).then_some(float as i64)
}

fn form(bytes: &[u8]) -> Map<String, Value> {
    form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
}

/// What serde says, in the contract's terms. A `Refusal` of ours comes through as «kind: sentence».
fn invalid(path: String, message: &str) -> Invalid {
    let ours = InvalidKind::ALL.into_iter().find_map(|kind| {
        let reason = message.strip_prefix(kind.code())?.strip_prefix(": ")?;
        Some((kind, reason.to_owned()))
    });
    if let Some((kind, reason)) = ours {
        return Invalid::new(path, kind, reason);
    }
    if let Some(field) = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        let path = if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") };
        return Invalid::new(path, InvalidKind::Type, "is required");
    }
    let kind = if message.starts_with("unknown variant") { InvalidKind::Choice } else { InvalidKind::Type };
    Invalid::new(path, kind, wanted(message))
}

/// What serde expected, for somebody who has never seen a type of Rust.
fn wanted(message: &str) -> String {
    let expected = message.rsplit_once("expected ").map_or("", |(_, expected)| expected);
    let wanted = match expected {
        "a string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        "f64" => "a number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not less than 0",
        // What types of ours expect is told in plain words.
        plain
            if plain.starts_with("a list of ") || plain.starts_with("a value, ") || plain.starts_with("a column, ") =>
        {
            plain
        }
        // The names of a choice are those of the contract.
        choice if message.starts_with("unknown variant") => return format!("must be {}", choice.replace('`', "")),
        _ => "of another type",
    };
    format!("must be {wanted}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::{Email, Role};

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its errors are looked at")]
    struct Example {
        email: Email,
        #[serde(default)]
        limit: u8,
        role: Option<Role>,
        #[serde(default)]
        inner: Vec<Email>,
    }

    fn refused(body: &str) -> Invalid {
        match whole(body.as_bytes()).and_then(parse::<Example>) {
            Err(Error::Validation(invalid)) => invalid,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_wrong_field_is_named_with_its_kind() {
        for (body, field, kind) in [
            ("{}", "email", InvalidKind::Type),
            ("null", "email", InvalidKind::Type),
            ("", "email", InvalidKind::Type),
            ("[]", "", InvalidKind::Type),
            (r#"["a@b.cd"]"#, "", InvalidKind::Type),
            (r#"{"email": "x"}"#, "email", InvalidKind::Text),
            (r#"{"email": 5}"#, "email", InvalidKind::Type),
            (r#"{"email": "a@b.cd", "limit": 1.5}"#, "limit", InvalidKind::Type),
            (r#"{"email": "a@b.cd", "role": "king"}"#, "role", InvalidKind::Choice),
            (r#"{"email": "a@b.cd", "inner": ["a@b.cd", "x"]}"#, "inner[1]", InvalidKind::Text),
        ] {
            let invalid = refused(body);
            assert_eq!((invalid.field.as_str(), invalid.kind), (field, kind), "{body}");
        }
    }

    #[test]
    fn what_would_be_right_is_told_without_a_word_of_rust() {
        for (body, reason) in [
            (r#"{"email": 5}"#, "must be text"),
            (r#"{"email": "a@b.cd", "limit": 1.5}"#, "must be a whole number, not less than 0"),
            (r#"{"email": "a@b.cd", "limit": -1}"#, "must be a whole number, not less than 0"),
            (r#"{"email": "a@b.cd", "role": "king"}"#, "must be user or admin"),
            (r#"{"email": "a@b.cd", "inner": {}}"#, "must be a list"),
            ("{}", "is required"),
        ] {
            assert_eq!(refused(body).reason, reason, "{body}");
        }
    }

    #[test]
    fn a_number_without_a_fraction_is_a_whole_one_wherever_it_stands() {
        let read = |body: &str| Value::Object(whole(body.as_bytes()).unwrap()).to_string();
        assert_eq!(read(r#"{"a":20.0,"b":[-1e2,{"c":-0.0}]}"#), r#"{"a":20,"b":[-100,{"c":0}]}"#);
        for same in
            [r#"{"a":0.5}"#, r#"{"a":1e+16}"#, r#"{"a":-1e+300}"#, r#"{"a":18446744073709551615}"#, r#"{"a":"1.0"}"#]
        {
            assert_eq!(read(same), same);
        }
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        let deep = "[".repeat(100_000);
        for body in ["{", "{'a': 1}", "\u{feff}{}", "{\"email\": \"\\ud800\"}", deep.as_str()] {
            assert!(matches!(whole(body.as_bytes()), Err(Error::MalformedJson(_))), "{body:.20}");
        }
    }
}
