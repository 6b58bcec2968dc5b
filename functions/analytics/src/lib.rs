//! `/api/v1/analytics`: what an account has searched.

mod search_history;

use shared::http::Routes;

/// What this function answers.
pub fn routes() -> Routes {
    Routes::default().get("/api/v1/analytics/search-history", search_history::search_history)
}
