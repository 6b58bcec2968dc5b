//! `/api/v1/search`: one question to all databases at once.
//!
//! The way of a search: `request` is parsed, `ask` brings candidates from every database by the statements of
//! `statement`, `merge` puts them on one scale and cuts the page, `answer` is what the client reads. What it rests on
//! is pure: `query` is the query language, `rank` the scale, `snippet` the passages. `filter`, `sort`, `facets`, `fields`
//! and `cursor` are the parts of a request beside the words.

mod answer;
mod ask;
mod cursor;
mod facets;
mod fetch;
mod fields;
mod filter;
mod history;
mod kind;
mod merge;
mod plan;
mod query;
mod rank;
mod request;
mod search;
mod snippet;
mod sort;
mod statement;
mod value;

use shared::http::Routes;

/// What this function answers.
pub fn routes() -> Routes {
    Routes::default().post("/api/v1/search", search::search).get("/api/v1/search/history", history::history)
}
