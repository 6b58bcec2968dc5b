//! The Lambda function `search`.

#[tokio::main]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve(search::routes()).await
}
