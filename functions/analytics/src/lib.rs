//! `/api/v1/analytics`: what an account has searched, and for administrators what all have.
//!
//! Figures come from roll-ups by day, so that an answer costs the same however much was searched (`gathered`); the history
//! and its export come from the searches themselves. `span` is the days of a request, `figures` how numbers are told.

mod admin;
mod dashboard;
mod export;
mod figures;
mod gathered;
mod insights;
mod named;
mod performance;
mod popular_queries;
mod search_history;
mod settings;
mod span;
mod trends;
mod usage;

use shared::http::Routes;

/// What this function answers. The paths without a hyphen, and `usage`, are those of the SDK; two of them have a newer name.
pub fn routes() -> Routes {
    Routes::default()
        .get("/api/v1/analytics/dashboard", dashboard::dashboard)
        .get("/api/v1/analytics/search-trends", trends::search_trends)
        .get("/api/v1/analytics/trends", trends::trends)
        .get("/api/v1/analytics/performance", performance::performance)
        .get("/api/v1/analytics/popular-queries", popular_queries::popular_queries)
        .get("/api/v1/analytics/search-history", search_history::search_history)
        .get("/api/v1/analytics/history", search_history::history)
        .get("/api/v1/analytics/usage", usage::usage)
        .get("/api/v1/analytics/insights", insights::insights)
        .get("/api/v1/analytics/export", export::export)
        .get("/api/v1/analytics/admin/system-overview", admin::system_overview)
        .get("/api/v1/analytics/admin/user-activity", admin::user_activity)
        .get("/api/v1/analytics/admin/performance-metrics", admin::performance_metrics)
        .get("/api/v1/analytics/settings", settings::settings)
        .put("/api/v1/analytics/settings", settings::change_settings)
        .alias("/api/v1/analytics/trends", "/api/v1/analytics/search-trends")
        .alias("/api/v1/analytics/history", "/api/v1/analytics/search-history")
}
