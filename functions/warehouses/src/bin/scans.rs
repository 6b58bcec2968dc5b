//! The Lambda function `scans`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::http::ServeError> {
    warehouses::scans::serve().await
}
