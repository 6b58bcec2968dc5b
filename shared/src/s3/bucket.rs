//! A bucket, and who may write into it.

use aws_credential_types::Credentials;
use secrecy::{ExposeSecret, SecretString};

use crate::aws::Region;

/// A bucket of a customer's. It has no `Debug`: the key and its secret are in it.
pub struct Bucket {
    pub(super) region: Region,
    pub(super) name: String,
    access_key: SecretString,
    secret_key: SecretString,
}

/// What makes a bucket one that nobody could be asked for, as a sentence that says what would be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub &'static str);

impl Bucket {
    /// The bucket of this name in this region, with the key that writes into it.
    pub fn new(
        region: Region,
        name: String,
        access_key: SecretString,
        secret_key: SecretString,
    ) -> Result<Self, Unusable> {
        if !is_name(&name) {
            return Err(Unusable(
                "bucket has to be the name of a bucket: 3 to 63 lower-case letters, digits, hyphens and dots",
            ));
        }
        // It stands in the address of every request, with slashes between it and what follows.
        let is_of_key = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if access_key.expose_secret().is_empty() || !access_key.expose_secret().chars().all(is_of_key) {
            return Err(Unusable("access_key_id has to be the id of an access key: letters and digits"));
        }
        Ok(Self { region, name, access_key, secret_key })
    }

    pub(super) fn credentials(&self) -> Credentials {
        let (id, secret) = (self.access_key.expose_secret(), self.secret_key.expose_secret());
        Credentials::new(id, secret, None, None, "the owner of the bucket")
    }
}

/// As buckets have been named since 2018 ("General purpose bucket naming rules", user guide of Amazon S3).
fn is_name(name: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let is_outer = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.chars().all(is_inner)
        && name.starts_with(is_outer)
        && name.ends_with(is_outer)
        && !name.contains("..")
}
