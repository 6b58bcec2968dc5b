//! Who a server is, for those that come by TLS.

use std::ffi::OsString;
use std::io;

use super::folder::{Folder, write_private};
use super::process::flag;

/// A certificate with its key, and whose client certificates are good. All of it in PEM. It has no `Debug`, because of the
/// key.
pub struct Identity {
    /// The authority that signs certificates of clients.
    pub client_ca: String,
    /// The server's certificate, with those between it and its authority.
    pub certificate: String,
    /// The certificate's private key.
    pub key: String,
}

impl Identity {
    /// Puts it beside the server's data; the flags that name it there.
    pub(super) fn write(&self, folder: &Folder) -> io::Result<Vec<OsString>> {
        let parts = [
            ("--ssl-ca=", "client-ca.pem", &self.client_ca),
            ("--ssl-cert=", "certificate.pem", &self.certificate),
            ("--ssl-key=", "key.pem", &self.key),
        ];
        let write = |(name, file, text): (&str, &str, &String)| {
            let path = folder.file(file);
            write_private(&path, text)?;
            Ok(flag(name, &path))
        };
        parts.into_iter().map(write).collect()
    }
}
