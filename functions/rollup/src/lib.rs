//! Adds searches to the figures of their day. The stream of the table brings the keys of what was put into it, at least
//! once and in the order of each history; see "Using AWS Lambda with Amazon DynamoDB" in Lambda's Developer Guide.
//!
//! What counts an event once is decided in `shared::analytics`.

mod records;

use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use shared::app::App;
use shared::dynamo::events::{Failures, Records};
use shared::error::chain;
use shared::http::{ServeError, settings};

pub use records::roll_up;

/// Runs the function until its environment ends.
pub async fn serve() -> Result<(), ServeError> {
    let app = App::of_function(settings()?).await;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Records>| Box::pin(answer(&app, event.payload)))).await
}

/// Answers which records are to be delivered again, with all that came after them.
async fn answer(app: &App, records: Records) -> Result<Failures, ServeError> {
    let failures = roll_up(&app.analytics, &records, |error| {
        tracing::error!(cause = chain(error), "searches were not added to the figures");
    });
    Ok(failures.await)
}
