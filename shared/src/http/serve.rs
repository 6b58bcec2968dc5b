//! A function of Lambda: its routes, and its log.

use lambda_http::Adapter;
use lambda_http::lambda_runtime::Runtime;
use tower::ServiceExt;
use tower::util::MapFutureLayer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::edge::edge;
use super::routes::Routes;
use super::target::{as_told, readable};
use crate::app::App;
use crate::config::{Config, ConfigError};

/// Why a function could not start.
pub type ServeError = lambda_http::Error;

/// Runs a function of Lambda until its environment ends. It asks for its next call, and lets Lambda freeze it by that, when its
/// answer was sent and the work behind that is done: a layer is around the sending too.
pub async fn serve(routes: Routes) -> Result<(), ServeError> {
    let app = App::of_function(settings()?).await;
    let background = app.background.clone();
    let requests = Adapter::from(edge(routes, app).map_request(as_told)).map_request(readable);
    let work_on = MapFutureLayer::new(move |answering| background.clone().settled_after(answering));
    Runtime::new(requests).layer(work_on).run().await
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
