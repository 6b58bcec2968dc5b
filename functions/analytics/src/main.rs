//! The Lambda function `analytics`.

#[tokio::main]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve(analytics::routes()).await
}
