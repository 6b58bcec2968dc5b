//! `/api/v1/auth`: accounts and their sessions.

mod login;
mod profile;
mod register;
mod view;

use shared::http::Routes;

/// What this function answers.
pub fn routes() -> Routes {
    Routes::default()
        .post("/api/v1/auth/register", register::register)
        .post("/api/v1/auth/login", login::login)
        .get("/api/v1/auth/profile", profile::profile)
}
