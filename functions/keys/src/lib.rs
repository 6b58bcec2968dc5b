//! `/api/v1/keys`: an account's API keys.

mod create;
mod get;
mod list;
mod revoke;

use shared::http::Routes;

/// What this function answers.
pub fn routes() -> Routes {
    Routes::default()
        .post("/api/v1/keys", create::create)
        .get("/api/v1/keys", list::list)
        .get("/api/v1/keys/{keyId}", get::get)
        .delete("/api/v1/keys/{keyId}", revoke::revoke)
}
