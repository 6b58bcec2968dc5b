//! `/health` and `/api/v1/management`: whether the service lives, and an account's first API key. The paths right below
//! `/api/v1` are those that the SDK knows.

mod audit;
mod docs;
mod health;
mod metrics;
mod migration_status;
mod setup;

use shared::http::Routes;

/// What this function answers, and where no function does.
pub fn routes() -> Routes {
    Routes::default()
        .get("/health", health::health)
        .get("/api/v1/health", health::health)
        .get("/api/v1/status", health::status)
        .get("/api/v1/metrics", metrics::metrics)
        .get("/api/v1/management/health", health::management_health)
        .post("/api/v1/management/setup", setup::setup)
        .post("/api/v1/management/setup-initial-api-key", setup::setup)
        .get("/api/v1/management/audit", audit::audit)
        .get("/openapi.json", docs::openapi)
        .get("/docs", docs::docs)
        .get("/api/v1/management/migration-status", migration_status::migration_status)
        .alias("/api/v1/health", "/health")
        .alias("/api/v1/management/setup-initial-api-key", "/api/v1/management/setup")
        .elsewhere(docs::methods)
}
