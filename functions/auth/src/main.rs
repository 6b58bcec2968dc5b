//! The Lambda function `auth`.

#[tokio::main]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve(auth::routes()).await
}
