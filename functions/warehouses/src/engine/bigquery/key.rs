//! The key of a service account, and the assertion that is signed with it (Google Identity, "Using OAuth 2.0 for Server to
//! Server Applications", "Preparing to make an authorized API call").

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use data_encoding::BASE64URL_NOPAD;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use shared::clock::Timestamp;

/// Who takes the assertion. What the file says of that is not looked at: it would have us sign for, and call, anybody.
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";

/// What the token is good for: reading, and nothing else.
const SCOPE: &str = "https://www.googleapis.com/auth/bigquery.readonly";

/// How long the assertion is good for: it is used at once, and clocks differ. Google takes an hour at most.
const LIFE: Duration = Duration::from_mins(10);

/// A service account, as the file with its key has it.
#[derive(Deserialize)]
pub(super) struct ServiceAccount {
    #[serde(rename = "type")]
    kind: String,
    client_email: String,
    private_key: SecretString,
    #[serde(default)]
    private_key_id: Option<String>,
}

impl ServiceAccount {
    /// Reads the file; none where it is no key of a service account.
    pub(super) fn read(file: &SecretString) -> Option<Self> {
        // The error of the parser could quote what it stumbled over.
        let key: Self = serde_json::from_str(file.expose_secret()).ok()?;
        (key.kind == "service_account").then_some(key)
    }

    /// What Google gives a token for; none where the private key is none.
    pub(super) fn assertion(&self, now: Timestamp) -> Option<SecretString> {
        let pem = PrivatePkcs8KeyDer::from_pem_slice(self.private_key.expose_secret().as_bytes()).ok()?;
        let key = KeyPair::from_pkcs8(pem.secret_pkcs8_der()).ok()?;
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.private_key_id });
        let claims = json!({
            "iss": self.client_email, "scope": SCOPE, "aud": AUDIENCE,
            "iat": now.epoch_s(), "exp": now.plus(LIFE).epoch_s(),
        });
        let encoded = |part: serde_json::Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
        Some(format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature)).into())
    }
}
