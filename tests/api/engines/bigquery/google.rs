//! Google, as it documents itself: who takes assertions and gives tokens, and the form of errors.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use data_encoding::BASE64;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use secrecy::SecretString;
use serde_json::{Value, json};
use tests::{Asked, Reply};

/// The service account.
pub const EMAIL: &str = "reader@v2-real-estate.iam.gserviceaccount.com";

/// Its key.
static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

/// The file with its key, with these fields in the place of its own.
pub fn key_file(other: &Value) -> SecretString {
    let der: Pkcs8V1Der = KEY.as_der().unwrap();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64.encode(der.as_ref()));
    let mut file = json!({
        "type": "service_account", "project_id": "v2-real-estate", "private_key_id": "a-key-id", "private_key": pem,
        "client_email": EMAIL, "client_id": "1", "token_uri": "https://oauth2.googleapis.com/token",
    });
    for (name, value) in other.as_object().unwrap() {
        file[name] = value.clone();
    }
    file.to_string().into()
}

/// The head and the claims of an assertion, where it is signed with the key, for Google, by the account, and just now.
pub fn claims_of(asked: &Asked) -> Option<(Header, Value)> {
    let assertion = asked.body.split_once("&assertion=")?.1;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["https://oauth2.googleapis.com/token"]);
    validation.set_issuer(&[EMAIL]);
    let key = DecodingKey::from_rsa_der(KEY.public_key().as_ref());
    let opened = jsonwebtoken::decode::<Value>(assertion, &key, &validation).ok()?;
    Some((opened.header, opened.claims))
}

/// Gives a token for a good assertion, and has nothing else.
pub fn token(asked: &Asked) -> Reply {
    match (&*asked.path, claims_of(asked)) {
        ("/token", Some(_)) => Reply::Json(
            200,
            json!({ "access_token": "ya29.of-the-account", "expires_in": 3_599, "token_type": "Bearer" }),
        ),
        ("/token", None) => {
            Reply::Json(400, json!({ "error": "invalid_grant", "error_description": "Invalid JWT Signature." }))
        }
        _ => error(404, "notFound", "Not found"),
    }
}

/// A dataset.
pub fn dataset() -> Reply {
    Reply::Json(200, json!({ "kind": "bigquery#dataset", "datasetReference": { "datasetId": "K2" } }))
}

/// An error, in the envelope that all of Google's have.
pub fn error(status: u16, reason: &str, message: &str) -> Reply {
    let one = json!({ "message": message, "domain": "global", "reason": reason });
    Reply::Json(status, json!({ "error": { "code": status, "message": message, "errors": [one], "status": "SAID" } }))
}
