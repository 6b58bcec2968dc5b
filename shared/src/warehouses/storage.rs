//! Where an owner wants files: the bucket of a connection.

use super::{Field, FileStorage, Warehouse};
use crate::aws::{NoRegion, Region};
use crate::error::{Error, Result};
use crate::s3::{Bucket, Failure, Unusable};
use crate::vault::Vault;

/// The region of a bucket of which nobody has said it: S3's own.
const REGION: &str = "us-east-1";

impl Warehouse {
    /// Whether files can be put anywhere.
    pub fn has_storage(&self) -> bool {
        self.settings.file_storage.is_some()
    }

    /// Where files are put: one call of KMS, or none while it is warm.
    pub async fn bucket(&self, vault: &Vault) -> Result<Bucket> {
        let storage = self.settings.file_storage.as_ref().ok_or(Error::NoStorage)?;
        let region = checked(storage).map_err(Failure::from)?;
        let keyring = self.keyring(vault).await?;
        let secret = |field, what| {
            let missing = Failure::from(Unusable(what));
            keyring.open(field, &self.tokens)?.ok_or(Error::NotExported(missing))
        };
        let access_key = secret(Field::AccessKeyId, "access_key_id is missing")?;
        let secret_key = secret(Field::SecretAccessKey, "secret_access_key is missing")?;
        let bucket = Bucket::new(region, storage.bucket.clone(), access_key, secret_key);
        bucket.map_err(|unusable| Error::NotExported(unusable.into()))
    }
}

/// The region, of what is a bucket of S3.
fn checked(storage: &FileStorage) -> Result<Region, Unusable> {
    if !storage.name.trim().eq_ignore_ascii_case("s3") {
        return Err(Unusable("name has to be S3: no other file storage is known"));
    }
    let region = storage.region.as_deref().map(str::trim).filter(|region| !region.is_empty()).unwrap_or(REGION);
    region.parse().map_err(|NoRegion| Unusable("region has to have the form of eu-central-1"))
}
