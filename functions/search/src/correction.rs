//! A search, and where a word finds nothing the search for another spelling.

use shared::Result;
use shared::app::App;
use shared::databases::Database;
use tokio::time::Instant;

use crate::answer::SearchAnswer;
use crate::cursor::Position;
use crate::outcome::Outcome;
use crate::query::Query;
use crate::request::SearchRequest;
use crate::spelling::Doubts;
use crate::time::Time;

/// The answer; with other spellings where a word finds nothing, and of the best of them where that is wanted. Where a database has
/// used up the time of the search, there is none left for spellings.
pub async fn answer(
    app: &App,
    databases: &[Database],
    request: &SearchRequest,
    (query, position): (&Query, &Position),
    time: Time,
) -> Result<SearchAnswer> {
    let databases: Vec<&Database> = databases.iter().collect();
    let outcome = Outcome::of(app, &databases, request, (query, position), time.ends).await?;
    let terms = query.terms(&outcome.languages());
    let answered = outcome.answered.clone();
    let doubts = Doubts::of(&answered, &outcome.asked, &terms);
    let mut answer = outcome.answer(app, request, (&terms, position), time).await?;
    let Some(doubts) = doubts.filter(|_| Instant::now() < time.ends) else { return Ok(answer) };
    answer.suggestions = doubts.spellings(app, request.text(), time.ends).await;
    if !request.is_corrected(answer.total_count) {
        return Ok(answer);
    }
    Ok(corrected(app, &answered, request, (&answer, position), time).await.unwrap_or(answer))
}

/// The answer to the best other spelling, if that finds anything. Only those are asked that have answered; what fails now has not
/// been asked for.
async fn corrected(
    app: &App,
    databases: &[&Database],
    request: &SearchRequest,
    (first, position): (&SearchAnswer, &Position),
    time: Time,
) -> Option<SearchAnswer> {
    let best = first.suggestions.first()?;
    let query = request.query_as(&best.text).ok()?;
    let outcome = Outcome::of(app, databases, request, (&query, position), time.ends).await.ok()?;
    let terms = query.terms(&outcome.languages());
    let answer = outcome.answer(app, request, (&terms, position), time).await.ok()?;
    let failed = [first.failed_databases.as_slice(), &answer.failed_databases].concat();
    let spelling = SearchAnswer {
        suggestions: first.suggestions.clone(),
        corrected_query: Some(best.text.clone()),
        original_query: Some(request.text().to_owned()),
        partial: !failed.is_empty(),
        failed_databases: failed,
        ..answer
    };
    (spelling.total_count > 0).then_some(spelling)
}
