//! Rotates the secret that signs session tokens. Secrets Manager calls it four times a rotation, once a step, and any step
//! again after a failure; see "Rotation by Lambda function" in its user guide.
//!
//! What signs when, and what is accepted meanwhile, is decided in `shared::users::Sessions`.

mod step;

use aws_sdk_secretsmanager::Client;
use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use shared::app;
use shared::error::chain;
use shared::http::{ServeError, settings};

pub use step::{Request, Step, rotate};

/// Runs the function until its environment ends.
pub async fn serve() -> Result<(), ServeError> {
    let config = settings()?;
    let secrets = app::secrets_manager(&app::Aws::of_function().await.settings, &config);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Request>| answer(&secrets, event.payload))).await
}

async fn answer(secrets: &Client, request: Request) -> Result<(), ServeError> {
    let (step, version) = (request.step, request.client_request_token.clone());
    let done = rotate(secrets, request).await;
    match &done {
        Ok(()) => tracing::info!(?step, version, "rotated"),
        Err(error) => tracing::error!(?step, version, cause = chain(error), "not rotated"),
    }
    Ok(done?)
}
