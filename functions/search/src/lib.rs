//! `/api/v1/search`: one question to all databases at once.
//!
//! The way of a search: `request` is parsed, `ask` brings candidates from every database by the statements of
//! `statement`, `merge` puts them on one scale and cuts the page, `answer` is what the client reads. What it rests on
//! is pure: `query` is the query language, `rank` the scale, `snippet` the passages.

mod answer;
mod ask;
mod cache;
mod categories;
mod feedback;
mod fetch;
mod highlight;
mod history;
mod mend;
mod merge;
mod plan;
mod query;
mod rank;
mod record;
mod request;
mod search;
mod semantic;
mod session;
mod snippet;
mod statement;
pub mod trial;
mod value;
mod way;

use shared::http::Routes;

/// What this function answers.
pub fn routes() -> Routes {
    Routes::default().post("/api/v1/search", search::search).get("/api/v1/search/history", history::history)
}
