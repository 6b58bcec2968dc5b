//! The Lambda function `rollup`.

#[tokio::main]
async fn main() -> Result<(), shared::http::ServeError> {
    rollup::serve().await
}
