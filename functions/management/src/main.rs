//! The Lambda function `management`.

#[tokio::main]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve(management::routes()).await
}
