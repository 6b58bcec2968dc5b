//! TLS on a wire, as whoever speaks over it wishes for.

use std::sync::Arc;

use shared::databases::{Certificates, Wire};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::Refusal;

/// TLS to this name. Whatever goes wrong with it is the same to who waits for it.
pub(super) async fn encrypted(wire: Box<dyn Wire>, name: &str, config: ClientConfig) -> Result<Box<dyn Wire>, Refusal> {
    let name = ServerName::try_from(name.to_owned()).map_err(|_| Refusal::Tls)?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, wire).await.map_err(|_| Refusal::Tls)?;
    Ok(Box::new(stream))
}

/// A certificate for the name, by a public authority or one of these.
pub(super) fn verified(ca: Option<&Certificates>) -> Result<ClientConfig, Refusal> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let own = ca.into_iter().flat_map(|ca| CertificateDer::pem_slice_iter(ca.as_str().as_bytes()));
    roots.add_parsable_certificates(own.filter_map(Result::ok));
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    Ok(builder.map_err(|_| Refusal::Tls)?.with_root_certificates(roots).with_no_client_auth())
}

/// Any certificate.
pub(super) fn unverified() -> Result<ClientConfig, Refusal> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|_| Refusal::Tls)?.dangerous();
    Ok(builder.with_custom_certificate_verifier(Arc::new(Anybody(provider()))).with_no_client_auth())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
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
