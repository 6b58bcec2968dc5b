//! The Lambda function `rotation`.

#[tokio::main]
async fn main() -> Result<(), shared::http::ServeError> {
    rotation::serve().await
}
