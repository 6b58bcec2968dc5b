//! The Lambda function `analytics`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve(analytics::routes()).await
}
