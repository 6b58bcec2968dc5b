use aws_lc_rs::rand;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError;
use data_encoding::BASE64;
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use shared::aws::failed;
use shared::users::SigningKey;
use shared::{Error, Result};

const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";

/// Bytes of a new secret: 384 bits, half as much again as HS256 can use.
const SECRET_BYTES: usize = 48;

/// What Secrets Manager sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    /// Which step.
    pub step: Step,
    /// The ARN of the secret.
    pub secret_id: String,
    /// The id of the version that is to become the current one.
    pub client_request_token: String,
}

/// The steps of a rotation, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Makes the new version.
    CreateSecret,
    /// Tells it to whoever has to know it.
    SetSecret,
    /// Tries it.
    TestSecret,
    /// Makes it the current one.
    FinishSecret,
}

/// Does one step. Doing it again changes nothing.
pub async fn rotate(secrets: &Client, request: Request) -> Result<()> {
    let Request { step, secret_id: secret, client_request_token: version } = request;
    let current = current(secrets, &secret).await?;
    if current == version {
        return Ok(());
    }
    match step {
        Step::CreateSecret => create(secrets, &secret, &version).await,
        // Nobody else keeps it: the functions read it from where it is.
        Step::SetSecret => Ok(()),
        Step::TestSecret => test(secrets, &secret, &version).await,
        Step::FinishSecret => finish(secrets, &secret, &version, &current).await,
    }
}

/// The version that is the current one. A secret without one was not made by the template, and is left alone.
async fn current(secrets: &Client, secret: &str) -> Result<String> {
    let found = secrets.describe_secret().secret_id(secret).send().await.map_err(failed)?;
    let mut versions = found.version_ids_to_stages.into_iter().flatten();
    let current = versions.find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT));
    current.map(|(version, _)| version).ok_or_else(|| Error::internal("the secret has no current version"))
}

async fn create(secrets: &Client, secret: &str, version: &str) -> Result<()> {
    if pending(secrets, secret, version).await?.is_some() {
        return Ok(());
    }
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    rand::fill(&mut *bytes).map_err(|_| Error::internal("the system has no random bytes"))?;
    let put = secrets
        .put_secret_value()
        .secret_id(secret)
        .client_request_token(version)
        .secret_string(BASE64.encode(&*bytes))
        .version_stages(PENDING)
        .send()
        .await;
    match put {
        // This step, called a second time before the first was done, has made it.
        Err(e) if e.as_service_error().is_some_and(PutSecretValueError::is_resource_exists_exception) => Ok(()),
        put => put.map(drop).map_err(failed),
    }
}

/// Whether the sessions could be signed with it.
async fn test(secrets: &Client, secret: &str, version: &str) -> Result<()> {
    let text = pending(secrets, secret, version).await?.ok_or_else(|| Error::internal("there is no new version"))?;
    SigningKey::parse(&text).map(drop)
}

async fn finish(secrets: &Client, secret: &str, version: &str, current: &str) -> Result<()> {
    // The label AWSPENDING stays: taking it away would tell Secrets Manager that the rotation has failed.
    secrets
        .update_secret_version_stage()
        .secret_id(secret)
        .version_stage(CURRENT)
        .move_to_version_id(version)
        .remove_from_version_id(current)
        .send()
        .await
        .map(drop)
        .map_err(failed)
}

async fn pending(secrets: &Client, secret: &str, version: &str) -> Result<Option<Zeroizing<String>>> {
    let value = secrets.get_secret_value().secret_id(secret).version_id(version).version_stage(PENDING).send().await;
    match value {
        Ok(value) => Ok(value.secret_string.map(Zeroizing::new)),
        Err(e) if e.as_service_error().is_some_and(GetSecretValueError::is_resource_not_found_exception) => Ok(None),
        Err(e) => Err(failed(e)),
    }
}
