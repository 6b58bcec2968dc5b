//! `/api/v1/auth`: accounts and their sessions.

mod change_password;
mod close;
mod login;
mod logout;
mod profile;
mod refresh;
mod register;
mod update_profile;
mod view;

use shared::http::Routes;

/// What this function answers.
pub fn routes() -> Routes {
    Routes::default()
        .post("/api/v1/auth/register", register::register)
        .post("/api/v1/auth/login", login::login)
        .post("/api/v1/auth/refresh", refresh::refresh)
        .post("/api/v1/auth/logout", logout::logout)
        .get("/api/v1/auth/profile", profile::profile)
        .put("/api/v1/auth/profile", update_profile::update_profile)
        .post("/api/v1/auth/change-password", change_password::change_password)
        .delete("/api/v1/auth/account", close::close)
}
