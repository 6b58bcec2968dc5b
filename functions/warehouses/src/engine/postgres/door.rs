//! The way in: a connection, and TLS on it as it was wished for.

use std::io;
use std::sync::Arc;

use shared::databases::{Certificates, HostKey, Road, Wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::engine::{Refusal, Server, TlsWish};

/// Asks whether there is TLS (PostgreSQL manual, `SSLRequest` in "Message Formats").
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Where a server is entered, as often as is needed: to ask it, and to stop it.
pub(super) struct Door {
    road: Road,
    name: String,
    tls: TlsWish,
}

/// A connection on which nobody has logged in yet.
pub(super) struct Entered {
    pub(super) wire: Box<dyn Wire>,
    /// Whether nobody in between can read it.
    pub(super) is_verified: bool,
}

impl Door {
    pub(super) fn new(road: Road, server: &Server) -> Self {
        Self { road, name: server.host.bare().to_owned(), tls: server.tls.clone() }
    }

    pub(super) fn host_key(&self) -> Option<&HostKey> {
        self.road.host_key()
    }

    pub(super) async fn close(self) {
        self.road.close().await;
    }

    /// Connects. TLS is spoken to the name that the database has, wherever the way leads through.
    pub(super) async fn enter(&self) -> Result<Entered, Refusal> {
        let mut wire = self.road.wire().await?;
        let (config, is_verified) = match &self.tls {
            TlsWish::Off => return Ok(Entered { wire, is_verified: false }),
            TlsWish::IfOffered => (unverified()?, false),
            TlsWish::Verified { ca } => (verified(ca.as_ref())?, true),
        };
        match offer(&mut wire).await.map_err(|_| Refusal::Protocol)? {
            b'S' => Ok(Entered { wire: encrypted(wire, &self.name, config).await?, is_verified }),
            b'N' if is_verified => Err(Refusal::Tls),
            b'N' => Ok(Entered { wire, is_verified }),
            _ => Err(Refusal::Protocol),
        }
    }
}

/// What the server says to TLS: one byte, and no more is read, because whatever comes after it is not encrypted yet.
async fn offer(wire: &mut Box<dyn Wire>) -> io::Result<u8> {
    wire.write_all(&SSL_REQUEST).await?;
    wire.flush().await?;
    wire.read_u8().await
}

async fn encrypted(wire: Box<dyn Wire>, name: &str, config: ClientConfig) -> Result<Box<dyn Wire>, Refusal> {
    let name = ServerName::try_from(name.to_owned()).map_err(|_| Refusal::Tls)?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, wire).await.map_err(|_| Refusal::Tls)?;
    Ok(Box::new(stream))
}

/// A certificate for the name, by a public authority or one of these.
fn verified(ca: Option<&Certificates>) -> Result<ClientConfig, Refusal> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let own = ca.into_iter().flat_map(|ca| CertificateDer::pem_slice_iter(ca.as_str().as_bytes()));
    roots.add_parsable_certificates(own.filter_map(Result::ok));
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    Ok(builder.map_err(|_| Refusal::Tls)?.with_root_certificates(roots).with_no_client_auth())
}

/// Any certificate.
fn unverified() -> Result<ClientConfig, Refusal> {
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
