//! The Lambda function `keys`.

#[tokio::main]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve(keys::routes()).await
}
