//! TLS on connections to customers' servers, of whatever protocol.

use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use secrecy::{ExposeSecret, SecretString};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{ClientConfig, WantsClientCert};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::{ConfigBuilder, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::dial::Wire;
use super::fault::{Fault, Reason};
use super::settings::Host;
use super::tls::{Certificates, TlsOptions, TlsVerification};

/// TLS as it is wanted of one server, for as many connections to it as there are.
#[derive(Clone)]
pub struct Encryption {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Encryption {
    /// TLS with the server that has this name, wherever the way to it leads through. `key` belongs to our own certificate.
    pub fn new(host: &Host, options: &TlsOptions, key: Option<&SecretString>) -> Result<Self, Fault> {
        let name = ServerName::try_from(host.bare().to_owned()).map_err(|_| Reason::Tls.alone())?;
        let config = config(options, key).map_err(|_| Reason::Tls.alone())?;
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// Speaks TLS on this connection. Nothing was said on it that is not an affair of everybody's.
    pub async fn over(&self, wire: Box<dyn Wire>) -> Result<Box<dyn Wire>, Fault> {
        let encrypted = self.connector.connect(self.name.clone(), wire).await;
        Ok(Box::new(encrypted.map_err(|_| Reason::Tls.alone())?))
    }
}

fn config(options: &TlsOptions, key: Option<&SecretString>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let builder = match &options.verification {
        TlsVerification::Full { ca } => builder.with_root_certificates(roots(ca.as_ref())),
        TlsVerification::None => builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider))),
    };
    match options.certificate.as_ref().zip(key) {
        Some((chain, key)) => identified(builder, chain, key),
        None => Ok(builder.with_no_client_auth()),
    }
}

/// The public authorities, and these.
fn roots(ca: Option<&Certificates>) -> RootCertStore {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    // One that can not be read proves nothing.
    roots.add_parsable_certificates(ca.into_iter().flat_map(certificates));
    roots
}

/// With a certificate of our own.
fn identified(
    builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    chain: &Certificates,
    key: &SecretString,
) -> Result<ClientConfig, Error> {
    let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes());
    let key = key.map_err(|_| Error::General("the key can not be read".to_owned()))?;
    builder.with_client_auth_cert(certificates(chain).collect(), key)
}

fn certificates(pem: &Certificates) -> impl Iterator<Item = CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_str().as_bytes()).filter_map(Result::ok)
}

/// Takes every certificate, and checks only that the server has its key.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
