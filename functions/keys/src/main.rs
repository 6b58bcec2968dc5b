//! The Lambda function `keys`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve(keys::routes()).await
}
