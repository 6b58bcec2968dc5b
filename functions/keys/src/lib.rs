//! `/api/v1/keys`: an account's API keys.

mod create;
mod get;
mod list;
mod regenerate;
mod revoke;
mod tier;
mod update;
mod usage;
mod view;

use shared::http::Routes;

/// What this function answers.
pub fn routes() -> Routes {
    Routes::default()
        .post("/api/v1/keys", create::create)
        .get("/api/v1/keys", list::list)
        .get("/api/v1/keys/{keyId}", get::get)
        .put("/api/v1/keys/{keyId}", update::update)
        .delete("/api/v1/keys/{keyId}", revoke::revoke)
        .get("/api/v1/keys/{keyId}/usage", usage::usage)
        .post("/api/v1/keys/{keyId}/regenerate", regenerate::regenerate)
}
