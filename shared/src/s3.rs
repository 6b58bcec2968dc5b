//! Files that are put into buckets of customers' under keys of their own, and links with which anybody gets them for a while.
//!
//! A bucket is asked for by its path at the endpoint of its region: of the host a customer says nothing but the region, which
//! has to have the form of one. The signature stands in the address of a request, so that a link is an address that was signed
//! and that nobody has called yet ("Authenticating Requests: Using Query Parameters", API reference of Amazon S3).

mod bucket;
mod failure;

use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use data_encoding::BASE64;

use crate::clock::{Clock, Timestamp};
pub use bucket::{Bucket, Unusable};
pub use failure::Failure;

/// How long a link is good for.
const LINK: Duration = Duration::from_hours(1);

/// How long a request to put a file is good for: longer than anybody waits for its answer.
const PUT: Duration = Duration::from_mins(1);

/// The most bytes of a file: some rows more than an answer of this service could have.
pub const BYTES_MAX: usize = 32 * 1024 * 1024;

/// Puts files into buckets.
pub struct S3 {
    /// Where S3 is, when it is not S3.
    endpoint: Option<String>,
    https: fn() -> SharedHttpConnector,
    connector: OnceLock<SharedHttpConnector>,
    clock: Clock,
}

/// A file that is to be put.
pub struct File {
    /// What it is called in its bucket: lower-case letters, digits, hyphens, dots and slashes.
    pub key: String,
    /// What a browser calls it: letters, digits, dots and hyphens.
    pub name: String,
    /// What it is, such as `text/csv; charset=utf-8`.
    pub content_type: &'static str,
    /// What it holds.
    pub text: String,
}

/// A link to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The link. Whoever has it gets the file.
    pub url: String,
    /// Until when.
    pub until: Timestamp,
    /// How many bytes the file has.
    pub bytes: usize,
}

/// What is signed of a request.
#[derive(Clone, Copy)]
struct Signed<'a> {
    method: &'static str,
    url: &'a str,
    headers: &'a [(&'static str, String)],
    /// How long it is good for, from now on.
    span: Duration,
}

impl S3 {
    /// One at this endpoint, or at that of each bucket's region. `https` makes the client that calls it, when it is called first.
    pub fn new(endpoint: Option<String>, https: fn() -> SharedHttpConnector, clock: Clock) -> Self {
        Self { endpoint, https, connector: OnceLock::new(), clock }
    }

    /// Puts a file, in at most so much time, and links to it.
    pub async fn put(&self, bucket: &Bucket, file: File, patience: Duration) -> Result<Link, Failure> {
        if file.text.len() > BYTES_MAX {
            return Err(Failure::TooLarge);
        }
        let (url, bytes) = (self.url(bucket, &file.key), file.text.len());
        let putting = self.send(bucket, &url, file);
        tokio::time::timeout(patience, putting).await.unwrap_or(Err(Failure::Late))?;
        // The signature knows no parts of a second.
        let now = Timestamp::from_epoch_ms(self.clock.now().epoch_s() * 1_000);
        let link = Signed { method: "GET", url: &url, headers: &[], span: LINK };
        Ok(Link { url: signed(link, bucket, now)?, until: now.plus(LINK), bytes })
    }

    async fn send(&self, bucket: &Bucket, url: &str, file: File) -> Result<(), Failure> {
        let headers = [
            ("content-type", file.content_type.to_owned()),
            ("content-disposition", format!("attachment; filename=\"{}\"", file.name)),
            // S3 refuses what arrives as something else, and takes it for what buckets with locked objects ask for.
            ("x-amz-checksum-sha256", BASE64.encode(digest(&SHA256, file.text.as_bytes()).as_ref())),
        ];
        let put = Signed { method: "PUT", url, headers: &headers, span: PUT };
        let mut request = HttpRequest::new(SdkBody::from(file.text));
        request.set_method("PUT").map_err(|_| Failure::Wrong)?;
        request.set_uri(signed(put, bucket, self.clock.now())?).map_err(|_| Failure::Wrong)?;
        for (name, value) in headers {
            request.headers_mut().try_insert(name, value).map_err(|_| Failure::Wrong)?;
        }
        let connector = self.connector.get_or_init(self.https);
        let response = connector.call(request).await.map_err(|_| Failure::Unreachable)?;
        // A redirect is not followed: it would take the file to where nobody has looked.
        if response.status().is_success() { Ok(()) } else { Err(Failure::read(response).await) }
    }

    fn url(&self, bucket: &Bucket, key: &str) -> String {
        let host = self.endpoint.clone().unwrap_or_else(|| format!("https://s3.{}.amazonaws.com", bucket.region));
        format!("{}/{}/{key}", host.trim_end_matches('/'), bucket.name)
    }
}

/// The address of a request with its signature.
fn signed(request: Signed<'_>, bucket: &Bucket, now: Timestamp) -> Result<String, Failure> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(request.span);
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let identity = bucket.credentials().into();
    let since_epoch = Duration::from_secs(u64::try_from(now.epoch_s()).unwrap_or_default());
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(bucket.region.as_str())
        .name("s3")
        .time(UNIX_EPOCH + since_epoch)
        .settings(settings)
        .build()
        .map_err(|_| Failure::Wrong)?
        .into();
    let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let signable = SignableRequest::new(request.method, request.url, headers, SignableBody::UnsignedPayload);
    let signature = sign(signable.map_err(|_| Failure::Wrong)?, &params).map_err(|_| Failure::Wrong)?;
    let (_, query) = signature.into_parts().0.into_parts();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    Ok(format!("{}?{query}", request.url))
}

#[cfg(test)]
mod tests;
