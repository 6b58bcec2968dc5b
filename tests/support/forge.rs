//! Tokens that we did not issue, and a look into those that we did.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// The version of the secret that a token names.
pub fn kid(token: &str) -> String {
    header(token)["kid"].as_str().expect("a kid").to_owned()
}

/// What a token says.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The token with another version in its header.
pub fn with_kid(token: &str, kid: &str) -> String {
    with_header(token, &json!({ "typ": "JWT", "alg": "HS256", "kid": kid }))
}

/// The token with another algorithm in its header.
pub fn with_alg(token: &str, alg: &str) -> String {
    with_header(token, &json!({ "typ": "JWT", "alg": alg, "kid": kid(token) }))
}

/// A token with this header and no signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}.", encode(header), encode(claims))
}

/// A token with these claims that names the version and is signed with this secret.
pub fn signed(claims: &Value, kid: &str, alg: Algorithm, secret: &[u8]) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(alg) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret)).expect("a token")
}

fn with_header(token: &str, header: &Value) -> String {
    let (_, rest) = token.split_once('.').expect("a token");
    format!("{}.{rest}", encode(header))
}

fn header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("a token");
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).expect("base64url")).expect("JSON")
}

fn encode(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}
