//! The Lambda function `auth`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve(auth::routes()).await
}
