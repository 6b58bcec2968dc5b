//! How the wire is protected.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};

use crate::error::{InvalidKind, Refusal};

/// The most bytes of certificates: a record has room for so many. The bundle of one region of a cloud fits, the bundle
/// of the whole cloud does not.
const CERTIFICATES_BYTES_MAX: usize = 65_536;

/// How the wire is protected. There is no "preferred": a server that offers no TLS where it was asked for is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Not at all.
    #[default]
    Off,
    /// TLS 1.2 or 1.3.
    On(TlsOptions),
}

/// How TLS is spoken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsOptions {
    /// Whether the server has to prove who it is.
    pub verification: TlsVerification,
    /// Our own certificate and its chain in PEM, for a server that asks for one. Its key is among the credentials.
    pub certificate: Option<Certificates>,
}

/// Whether the server has to prove who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsVerification {
    /// By a certificate for its name, from a public authority or from those given here in PEM.
    Full {
        /// Certificates of further authorities.
        ca: Option<Certificates>,
    },
    /// No: the owner has said in so many words not to reject the unauthorised.
    None,
}

impl Tls {
    /// Verified, by public authorities and the given ones.
    pub fn verified(ca: Option<Certificates>) -> Self {
        Self::On(TlsOptions { verification: TlsVerification::Full { ca }, certificate: None })
    }
}

/// One or more certificates in PEM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Certificates(String);

impl Certificates {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Certificates {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        if text.len() > CERTIFICATES_BYTES_MAX {
            return Err(Refusal(
                InvalidKind::TooBig,
                "must have at most 65536 bytes: send only the certificates you need",
            ));
        }
        let mut found = CertificateDer::pem_slice_iter(text.as_bytes()).peekable();
        if found.peek().is_none() || found.any(|certificate| certificate.is_err()) {
            return Err(Refusal(InvalidKind::Text, "must be one or more certificates in PEM"));
        }
        Ok(Self(text))
    }
}

impl From<Certificates> for String {
    fn from(certificates: Certificates) -> Self {
        certificates.0
    }
}

/// Whether this is a private key in PEM that needs no passphrase.
pub fn is_private_key(pem: &str) -> bool {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).is_ok()
}
