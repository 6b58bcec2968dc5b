//! The Lambda function `databases`.

#[tokio::main]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve(databases::routes()).await
}
