//! Databases that fail, that take long, and what their schemas lack. All of it is known already: none is connected to.

use serde_json::json;
use shared::analytics::DatabaseShare;
use shared::databases::{Database, Impact, Kind as Advice, Recommendation, Sample, advise};

use super::change::share_at_least;
use super::{Category, Insight, Kind, Wording};
use crate::figures::{hundredths, mean, share};

/// A database fails when, of its searches, at least this share does so for certain, and so many have.
const FAILED_SHARE_MIN: f64 = 0.02;
const FAILED_MIN: u64 = 3;

/// It is slow when so many answers of it took so long on average, in milliseconds.
const TIMED_MIN: u64 = 20;
const SLOW_MS: f64 = 500.0;
const VERY_SLOW_MS: f64 = 2_000.0;

/// The most recommendations of one database.
const ADVICE_MAX: usize = 3;

/// That it does not answer, more often than by accident.
pub fn failing(database: &Database, figures: &DatabaseShare) -> Option<Insight> {
    let DatabaseShare { searches, failed, .. } = *figures;
    let certain = share_at_least(failed, searches);
    if failed < FAILED_MIN || certain < FAILED_SHARE_MIN {
        return None;
    }
    let name = database.settings.name.as_str();
    Some(Insight {
        kind: Kind::DatabaseHealth,
        category: Category::Reliability,
        title: format!("{name} does not answer reliably"),
        description: format!("It failed in {failed} of {searches} searches, which then had to do without it"),
        wording: Wording::Rule,
        confidence: 0.99,
        actionable: true,
        impact: if share(failed, searches) >= 0.1 { Impact::High } else { Impact::Medium },
        action: format!("POST /api/v1/databases/{}/test says why it fails at present", database.id),
        data: json!({
            "database": database.id, "databaseName": name, "searches": searches, "failed": failed,
            "failureRate": share(failed, searches), "failureRateAtLeast": hundredths(certain),
            "status": database.status, "lastConnected": database.last_connected,
        }),
    })
}

/// That its answers take long, with the first thing that would help.
pub fn slow(database: &Database, figures: &DatabaseShare) -> Option<Insight> {
    let average_ms = mean(figures.sum_ms, figures.timed);
    if figures.timed < TIMED_MIN || average_ms < SLOW_MS {
        return None;
    }
    let name = database.settings.name.as_str();
    let (advice, id) = (advice(database).into_iter().next(), database.id);
    let action = match &advice {
        Some(advice) => format!("{}: {}", advice.description, advice.reason),
        None => {
            format!("Name the tables that matter in defaultSearchTables of {name}, and look at the load of its server")
        }
    };
    Some(Insight {
        kind: Kind::DatabaseHealth,
        category: Category::Performance,
        title: format!("{name} is slow"),
        description: format!("It took {average_ms} ms on average to say what matches, in {} searches", figures.timed),
        wording: Wording::Rule,
        confidence: 1.0,
        actionable: true,
        impact: if average_ms >= VERY_SLOW_MS { Impact::High } else { Impact::Medium },
        action,
        data: json!({
            "database": id, "databaseName": name, "timedSearches": figures.timed, "averageResponseTime": average_ms,
            "table": advice.as_ref().and_then(|advice| advice.table.clone()),
            "query": advice.and_then(|advice| advice.query),
        }),
    })
}

/// What the schema of a database lacks that is searched: the adviser's words, from the schema as it was read last.
pub fn advised(database: &Database, figures: &DatabaseShare) -> Vec<Insight> {
    let name = database.settings.name.as_str();
    let insight = |advice: Recommendation| Insight {
        kind: Kind::QueryOptimization,
        category: Category::Indexes,
        title: match &advice.table {
            Some(table) => format!("{table} of {name} could be searched better"),
            None => format!("{name} could be searched better"),
        },
        description: format!("{}. {}", advice.description, advice.reason),
        wording: Wording::Rule,
        confidence: 1.0,
        actionable: true,
        impact: advice.impact,
        action: match &advice.query {
            Some(query) => format!("Run {query}"),
            None => format!("GET /api/v1/databases/{}/advice has the whole of it", database.id),
        },
        data: json!({
            "database": database.id, "databaseName": name, "searches": figures.searches, "advice": advice.kind,
            "table": advice.table, "query": advice.query, "cost": advice.cost,
            "schemaReadAt": database.catalogue.as_ref().map(|catalogue| catalogue.read_at),
        }),
    };
    if figures.searches == 0 {
        return Vec::new();
    }
    advice(database).into_iter().take(ADVICE_MAX).map(insight).collect()
}

/// What matters of what the adviser says without a look at the texts. Words that are left out are told by those that
/// somebody has typed.
fn advice(database: &Database) -> Vec<Recommendation> {
    let Some(catalogue) = &database.catalogue else { return Vec::new() };
    let mut advice = advise(catalogue, &Sample::default());
    advice.retain(|one| one.impact < Impact::Low && !matches!(one.kind, Advice::TokenSize | Advice::Stopwords));
    advice
}
