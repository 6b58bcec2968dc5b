//! The Lambda function `search`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::http::ServeError> {
    shared::http::serve_and_work_on(search::routes()).await
}
