//! The Lambda function `warehouses`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve(warehouses::routes()).await
}
