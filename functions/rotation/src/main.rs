//! The Lambda function `rotation`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::http::ServeError> {
    rotation::serve().await
}
