use secrecy::{ExposeSecret, SecretString};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use shared::databases::{Certificates, Tls, TlsOptions, TlsVerification, is_private_key};
use shared::error::{InvalidKind, Refusal};

use crate::secret::PrivateKey;

/// How the wire is protected: `true`, `false`, or an object `{ enabled?, rejectUnauthorized?, ca?, cert?, key? }`.
#[derive(Default)]
pub struct Ssl {
    /// What is stored in the clear.
    pub tls: Tls,
    /// The key of our own certificate.
    pub key: Option<SecretString>,
    /// Whether it was an object: clients that send one read another shape of answer.
    pub is_object: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    enabled: Option<bool>,
    reject_unauthorized: Option<bool>,
    ca: Option<Certificates>,
    cert: Option<Certificates>,
    key: Option<PrivateKey>,
}

impl<'de> Deserialize<'de> for Ssl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Spelled {
            Flag(bool),
            Options(Map<String, Value>),
            Other(Value),
        }
        match Spelled::deserialize(deserializer)? {
            Spelled::Flag(false) | Spelled::Other(Value::Null) => Ok(Self::default()),
            Spelled::Flag(true) => Ok(Self { tls: Tls::verified(None), ..Self::default() }),
            Spelled::Options(options) => {
                let options: Options = serde_json::from_value(Value::Object(options)).map_err(D::Error::custom)?;
                options.into_ssl().map_err(D::Error::custom)
            }
            Spelled::Other(_) => Err(D::Error::custom(Refusal(InvalidKind::Type, "must be a boolean or an object"))),
        }
    }
}

impl Options {
    fn into_ssl(self) -> Result<Ssl, Refusal> {
        let refuse = |why| Err(Refusal(InvalidKind::Text, why));
        if self.enabled == Some(false) {
            return Ok(Ssl { is_object: true, ..Ssl::default() });
        }
        let key = self.key.map(|key| key.0);
        if self.cert.is_some() != key.is_some() {
            return refuse("cert and key belong together: send both or neither");
        }
        if key.as_ref().is_some_and(|key| !is_private_key(key.expose_secret())) {
            return refuse("key must be a private key in PEM, without a passphrase");
        }
        let verification = match self.reject_unauthorized {
            Some(false) => TlsVerification::None,
            _ => TlsVerification::Full { ca: self.ca },
        };
        Ok(Ssl { tls: Tls::On(TlsOptions { verification, certificate: self.cert }), key, is_object: true })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ssl_is_a_boolean_or_an_object() {
        let unverified = Tls::On(TlsOptions { verification: TlsVerification::None, certificate: None });
        for (value, tls) in [
            (json!(null), Tls::Off),
            (json!(false), Tls::Off),
            (json!(true), Tls::verified(None)),
            (json!({}), Tls::verified(None)),
            (json!({ "enabled": false, "cert": null }), Tls::Off),
            (json!({ "enabled": true, "rejectUnauthorized": true, "ca": null }), Tls::verified(None)),
            (json!({ "enabled": true, "rejectUnauthorized": false }), unverified),
        ] {
            let ssl: Ssl = serde_json::from_value(value.clone()).unwrap();
            assert_eq!((ssl.tls, ssl.is_object), (tls, value.is_object()), "{value}");
        }
        for value in [
            json!("true"),
            json!(1),
            json!([]),
            json!({ "enabled": "yes" }),
            json!({ "ca": 1 }),
            json!({ "ca": "no PEM" }),
            json!({ "key": "no certificate beside it" }),
        ] {
            assert!(serde_json::from_value::<Ssl>(value.clone()).is_err(), "{value}");
        }
    }
}
