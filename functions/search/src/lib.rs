//! `/api/v1/search`: one question to all databases at once.
//!
//! The way of a search: `request` is parsed, `ask` brings candidates from every database by the statements of
//! `statement`, `merge` puts them on one scale and cuts the page, `answer` is what the client reads. What it rests on
//! is pure: `query` is the query language, `rank` the scale, `snippet` the passages. `filter`, `sort`, `facets`, `fields`
//! and `cursor` are the parts of a request beside the words. Where a word finds nothing, `spelling` looks for others in
//! the `vocabulary`, and `correction` searches for them.

mod analyze;
mod answer;
mod ask;
mod cache;
mod categories;
mod click;
mod correction;
mod cursor;
mod export;
mod facets;
mod feedback;
mod fetch;
mod fields;
mod filter;
mod highlight;
mod history;
pub mod inputs;
mod kind;
mod mend;
mod merge;
mod named;
mod outcome;
mod plan;
mod query;
mod rank;
mod rating;
mod record;
mod request;
mod search;
mod semantic;
mod session;
mod snippet;
mod sort;
mod spelling;
mod statement;
mod stopwatch;
mod suggestions;
mod time;
mod trends;
pub mod trial;
mod value;
mod vocabulary;
mod way;

use shared::http::Routes;

/// What this function answers.
pub fn routes() -> Routes {
    Routes::default()
        .post("/api/v1/search", search::search)
        .get("/api/v1/search/suggestions", suggestions::suggestions)
        .post("/api/v1/search/analyze", analyze::analyze)
        .post("/api/v1/search/{searchId}/click", click::click)
        .post("/api/v1/search/{searchId}/rating", rating::rating)
        .get("/api/v1/search/history", history::history)
        .get("/api/v1/search/trends", trends::search_trends)
}
