//! A search, and where a word finds nothing the search for another spelling.

use shared::Result;
use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::Database;

use crate::answer::SearchAnswer;
use crate::cursor::Position;
use crate::query::Query;
use crate::request::SearchRequest;
use crate::search::Outcome;
use crate::spelling::{Doubts, Suggestion};

/// The answer; with other spellings where a word finds nothing, and of the best of them where that is wanted.
pub async fn answer(
    app: &App,
    databases: &[Database],
    request: &SearchRequest,
    (query, position): (&Query, &Position),
    began: Timestamp,
) -> Result<SearchAnswer> {
    let outcome = Outcome::of(app, databases, request, query, position).await?;
    let terms = query.terms(&outcome.languages());
    let doubts = Doubts::of(&outcome.answered, &outcome.asked, &terms);
    let mut answer = outcome.answer(app, request, (&terms, position), began).await?;
    let Some(doubts) = doubts else { return Ok(answer) };
    answer.suggestions = doubts.spellings(app, request.text()).await;
    if !request.is_corrected(answer.total_count) {
        return Ok(answer);
    }
    Ok(corrected(app, databases, request, (&answer.suggestions, position), began).await.unwrap_or(answer))
}

/// The answer to the best other spelling, if that finds anything. What fails now has not been asked for.
async fn corrected(
    app: &App,
    databases: &[Database],
    request: &SearchRequest,
    (suggestions, position): (&[Suggestion], &Position),
    began: Timestamp,
) -> Option<SearchAnswer> {
    let best = suggestions.first()?;
    let query = request.query_as(&best.text).ok()?;
    let outcome = Outcome::of(app, databases, request, &query, position).await.ok()?;
    let terms = query.terms(&outcome.languages());
    let answer = outcome.answer(app, request, (&terms, position), began).await.ok()?;
    let spelling = SearchAnswer {
        suggestions: suggestions.to_vec(),
        corrected_query: Some(best.text.clone()),
        original_query: Some(request.text().to_owned()),
        ..answer
    };
    (spelling.total_count > 0).then_some(spelling)
}
