//! The Lambda function `warehouses`.

#[tokio::main]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve(warehouses::routes()).await
}
