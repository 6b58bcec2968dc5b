//! The Lambda function `scans`.

#[tokio::main]
async fn main() -> Result<(), shared::http::ServeError> {
    warehouses::scans::serve().await
}
