//! Certificates of authorities that nobody knows, made anew in every run.

use local::server::Identity;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// The names that the server's certificate is good for.
const NAMES: [&str; 2] = ["localhost", "db.example.test"];

/// A certificate and its key, both in PEM.
pub struct Pair {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

/// An authority and what it has signed, and one that has signed nothing.
pub struct Certificates {
    /// The authority of the server and of its clients, in PEM.
    pub ca: String,
    /// Another one, of the same name.
    pub other_ca: String,
    /// A client's.
    pub client: Pair,
    server: Pair,
}

impl Certificates {
    pub(crate) fn fresh() -> Self {
        let (ca, other) = (authority(), authority());
        Self {
            server: signed(&ca.1, "a server", &NAMES, ExtendedKeyUsagePurpose::ServerAuth),
            client: signed(&ca.1, "a client", &[], ExtendedKeyUsagePurpose::ClientAuth),
            ca: ca.0,
            other_ca: other.0,
        }
    }

    /// What the server proves itself with, and whose clients it takes.
    pub(crate) fn identity(&self) -> Identity {
        let Pair { certificate, key } = &self.server;
        Identity { client_ca: self.ca.clone(), certificate: certificate.clone(), key: key.clone() }
    }
}

fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = params("an authority of the tests", &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    (certificate.pem(), Issuer::new(params, key))
}

fn signed(issuer: &Issuer<'_, KeyPair>, subject: &str, names: &[&str], purpose: ExtendedKeyUsagePurpose) -> Pair {
    let mut params = params(subject, names);
    params.extended_key_usages = vec![purpose];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("a certificate");
    Pair { certificate: certificate.pem(), key: key.serialize_pem() }
}

/// Subjects differ, because OpenSSL takes a certificate that names itself as its issuer for its own authority.
fn params(subject: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().copied().map(String::from).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, subject);
    params
}
