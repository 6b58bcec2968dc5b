//! The Lambda function `rollup`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::http::ServeError> {
    rollup::serve().await
}
