//! What the figures say, by rule: each insight has the numbers that it rests on and what to do about it. A model may put it
//! into words, and can change nothing else.

mod change;
mod databases;
mod nearest;
mod queries;
mod wording;
mod words;

use futures_util::future::try_join;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::Result;
use shared::analytics::Queries;
use shared::app::App;
use shared::databases::{Database, Impact};
use shared::http::{Caller, Compat, Limit, Query, Reply, State, list, may, number};
use shared::id::UserId;

use crate::figures::share;
use crate::gathered::Gathered;
use crate::span::Asked;

/// The most insights of one rule.
const EACH_MAX: usize = 5;

/// Which of them.
#[derive(Deserialize)]
pub struct Wanted {
    /// Those of these categories, of all where none is named.
    #[serde(default, deserialize_with = "list")]
    categories: Vec<String>,
    #[serde(default, deserialize_with = "number")]
    limit: Limit<10, 100>,
}

/// Something that the figures say, in the fields of the reference and of the SDK.
#[derive(Debug, Clone, Serialize)]
pub struct Insight {
    /// What kind of thing, in the words of the reference.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What it is about.
    pub category: Category,
    pub title: String,
    pub description: String,
    /// Whose the words of the description are.
    pub wording: Wording,
    /// How sure it is, from 0 to 1. What that is measured by depends on the category: `docs/analytics.md`.
    pub confidence: f64,
    /// Whether there is something to do.
    pub actionable: bool,
    pub impact: Impact,
    /// What to do.
    pub action: String,
    /// The numbers.
    pub data: Value,
}

/// What kind of thing an insight is.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    QueryOptimization,
    TrendAnalysis,
    DatabaseHealth,
}

/// Whose words a description has.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wording {
    /// Those of the rule.
    Rule,
    /// Those of a model, with the rule's numbers.
    Model,
}

/// What an insight is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    Trends,
    ZeroResults,
    Vocabulary,
    Indexes,
    Performance,
    Reliability,
}

impl Category {
    /// The name in requests and answers.
    fn name(self) -> &'static str {
        match self {
            Self::Trends => "trends",
            Self::ZeroResults => "zero-results",
            Self::Vocabulary => "vocabulary",
            Self::Indexes => "indexes",
            Self::Performance => "performance",
            Self::Reliability => "reliability",
        }
    }
}

/// Insights, in one of two shapes.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Insights {
    /// The list, as the reference has it.
    Plain(Vec<Insight>),
    /// In an object, as the types of the SDK have it.
    Sdk { insights: Vec<Insight> },
}

/// `GET /api/v1/analytics/insights`
pub async fn insights(
    State(app): State<App>,
    caller: Caller<may::ReadAnalytics>,
    compat: Compat,
    Query(asked): Query<Asked>,
    Query(wanted): Query<Wanted>,
) -> Result<Reply<Insights>> {
    let gathered = Gathered::read(&app, caller.user, asked.span(app.clock.now())?).await?;
    let mut insights = insights_of(&app, caller.user, &gathered).await?;
    insights.retain(|insight| wanted.is_of(insight.category));
    insights.truncate(wanted.limit.get());
    wording::word(&app, &mut insights).await;
    Ok(Reply::ok(match compat {
        Compat::Current => Insights::Plain(insights),
        Compat::Sdk => Insights::Sdk { insights },
    }))
}

impl Wanted {
    fn is_of(&self, category: Category) -> bool {
        self.categories.is_empty() || self.categories.iter().any(|name| name == category.name())
    }
}

/// All that the figures say, what matters most first.
pub async fn insights_of(app: &App, owner: UserId, gathered: &Gathered) -> Result<Vec<Insight>> {
    let before = async {
        match gathered.span.before() {
            Some(before) => app.analytics.queries(owner, before).await.map(Some),
            None => Ok(None),
        }
    };
    let (databases, before) = try_join(app.databases.list_active(owner), before).await?;
    Ok(all(gathered, before.as_ref(), &databases))
}

fn all(gathered: &Gathered, before: Option<&Queries>, databases: &[Database]) -> Vec<Insight> {
    let mut insights = queries::empty(gathered);
    insights.extend(before.into_iter().flat_map(|before| queries::changed(gathered, before)));
    for database in databases {
        let figures = gathered.total.databases.get(&database.id).cloned().unwrap_or_default();
        insights.extend(databases::failing(database, &figures));
        insights.extend(databases::slow(database, &figures));
        insights.extend(databases::advised(database, &figures));
        insights.extend(words::left_out(database, &figures, &gathered.queries));
    }
    insights.sort_by(|one, other| one.impact.cmp(&other.impact).then(other.confidence.total_cmp(&one.confidence)));
    insights
}

/// How much something matters that concerns so many of all searches.
fn impact_of(part: u64, whole: u64) -> Impact {
    match share(part, whole) {
        share if share >= 0.05 => Impact::High,
        share if share >= 0.01 => Impact::Medium,
        _ => Impact::Low,
    }
}
