//! A function of Lambda: its routes, its log, and what keeps its environment awake behind an answer.

use lambda_http::Adapter;
use lambda_http::lambda_runtime::Runtime;
use tower::ServiceExt;

use super::edge::edge;
use super::extension::{Answered, register};
use super::routes::Routes;
use super::target::{as_told, readable};
use crate::app::App;

/// Why a function could not start.
pub type ServeError = lambda_http::Error;

/// Runs a function of Lambda until its environment ends.
pub async fn serve(routes: Routes) -> Result<(), ServeError> {
    let app = App::start().await?;
    log_to_stdout(&app.config.log_filter);
    let answered = Answered::none();
    if let Some(api) = &app.config.extensions_api
        && let Err(error) = register(api, app.background.clone(), answered.clone()).await
    {
        tracing::warn!(error, "no work is left behind an answer here");
    }
    let requests = Adapter::from(edge(routes, app).map_request(as_told)).map_request(readable);
    Runtime::new(requests).layer(answered).run().await
}

/// Writes the log as lines of JSON. What Lambda's runtime knows of an invocation stands in every line, as `span`.
pub fn log_to_stdout(filter: &str) {
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let format = tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false);
    // A second call finds the log in place, which is what it wants.
    let _ = format.with_env_filter(filter).try_init();
}
