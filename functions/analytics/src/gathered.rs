//! What an account searched in a span: the figures that several endpoints are made of, each read once.

use futures_util::future::try_join;
use shared::Result;
use shared::analytics::{Queries, QueryFigures, Rollup};
use shared::app::App;
use shared::clock::Date;
use shared::id::UserId;

use crate::figures::real;
use crate::span::Span;

/// The figures of a span, and what there was in as many days before.
pub struct Gathered {
    /// The days.
    pub span: Span,
    /// The days that have searches, oldest first.
    pub days: Vec<(Date, Rollup)>,
    /// All of them together.
    pub total: Rollup,
    /// The days before; nothing where they are not all kept any more.
    pub before: Option<Rollup>,
    /// What was asked.
    pub queries: Queries,
}

impl Gathered {
    /// Reads both. How many reads that takes depends on the days, not on how much was searched.
    pub async fn read(app: &App, owner: UserId, span: Span) -> Result<Self> {
        let days = app.analytics.days(owner, span.with_before());
        let (all, queries) = try_join(days, app.analytics.queries(owner, span.range)).await?;
        let (earlier, days): (Vec<_>, Vec<_>) = all.into_iter().partition(|(date, _)| *date < span.range.first());
        let before = span.before().map(|_| merged(&earlier));
        Ok(Self { span, total: merged(&days), before, queries, days })
    }
}

/// The queries that were asked most; of those asked equally often the ones that found more, then the later ones.
pub fn most_asked(queries: &Queries, most: usize) -> Vec<&QueryFigures> {
    let mut all: Vec<&QueryFigures> = queries.by_text.values().collect();
    let found = |figures: &QueryFigures| real(figures.matches) / real(figures.count.max(1));
    all.sort_by(|one, other| {
        let by_count = other.count.cmp(&one.count);
        by_count.then_with(|| found(other).total_cmp(&found(one))).then_with(|| other.last.cmp(&one.last))
    });
    all.truncate(most);
    all
}

/// Days as one span.
pub fn merged(days: &[(Date, Rollup)]) -> Rollup {
    let mut total = Rollup::default();
    for (_, day) in days {
        total.merge(day);
    }
    total
}
