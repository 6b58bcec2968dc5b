//! A function of Lambda: its routes, its log, and what keeps its environment awake behind an answer.

use futures_util::future::OptionFuture;
use lambda_http::Adapter;
use lambda_http::lambda_runtime::Runtime;
use tower::ServiceExt;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::edge::edge;
use super::extension::{Answered, register};
use super::routes::Routes;
use super::target::{as_told, readable};
use crate::app::App;
use crate::config::{Config, ConfigError};

/// Why a function could not start.
pub type ServeError = lambda_http::Error;

/// Runs a function of Lambda until its environment ends.
pub async fn serve(routes: Routes) -> Result<(), ServeError> {
    run(routes, false).await
}

/// The same for a function that leaves work behind its answers, for which an extension keeps its environment awake. That costs
/// a call at every start.
pub async fn serve_and_work_on(routes: Routes) -> Result<(), ServeError> {
    run(routes, true).await
}

async fn run(routes: Routes, works_on: bool) -> Result<(), ServeError> {
    let config = settings()?;
    // Lambda takes the extension in while the clients of AWS are made.
    let registering = OptionFuture::from(config.extensions_api.clone().filter(|_| works_on).map(register)).await;
    let (app, answered) = (App::of_function(config).await, Answered::none());
    match OptionFuture::from(registering).await {
        None => {}
        Some(Ok(registered)) => registered.stay_awake(app.background.clone(), answered.clone()),
        Some(Err(error)) => tracing::warn!(error, "no work is left behind an answer here"),
    }
    let requests = Adapter::from(edge(routes, app).map_request(as_told)).map_request(readable);
    Runtime::new(requests).layer(answered).run().await
}

/// The settings of this function, which has its log from here on: lines of JSON. What Lambda's runtime knows of an invocation
/// stands in every line, as `span`.
pub fn settings() -> Result<Config, ConfigError> {
    let config = Config::of_process()?;
    let format = tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false);
    let format = format.with_max_level(LevelFilter::TRACE).finish();
    // A second call finds the log in place, which is what it wants.
    let _ = format.with(config.log_filter.clone()).try_init();
    Ok(config)
}
