//! Answers that were made before: where they are looked for, and which are kept.
//!
//! The read rides on the one that brings the databases. Where databases are named it is one key more in the same
//! `BatchGetItem`; where all are asked, which is a query, it is a `GetItem` at the same time, and only where this process
//! has kept that answer itself. So a search that finds no kept answer makes no call more before it asks MySQL.

use std::collections::BTreeMap;

use futures_util::future::join;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use shared::analytics::{Fingerprint, Recording};
use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::Database;
use shared::dynamo::Item;
use shared::http::Freshness;
use shared::id::{DatabaseId, SearchId, UserId};
use shared::results::{KeptResult, KeptRows, ResultKey};
use shared::{Error, Result};

use crate::answer::SearchAnswer;

/// Fields that do not decide what the answer is: whether it is kept, and whether a file is made of it.
const NOT_ASKED: [&str; 3] = ["cache", "export", "exportTo"];

/// What may be done with kept answers in one search.
pub struct Cache {
    key: ResultKey,
    is_read: bool,
    is_kept: bool,
}

/// The databases of a caller, what is to be kept of the search, and a kept answer, if there is one that may be used.
pub struct Looked {
    pub databases: Vec<Database>,
    pub recording: Recording,
    found: Option<Item>,
}

impl Cache {
    /// What a client says of it: with `cache: false` in the body it plays no part; `Cache-Control` means what it means
    /// elsewhere.
    pub fn of(owner: UserId, object: &Map<String, Value>, freshness: Freshness) -> Self {
        // What others are asking just now is not kept.
        let is_of_now = object.get("includeAnalytics") == Some(&Value::Bool(true));
        let is_unwanted = object.get("cache") == Some(&Value::Bool(false));
        Self {
            key: ResultKey::new(owner, &normal(object)),
            is_read: !is_of_now && !is_unwanted && freshness == Freshness::Any,
            is_kept: !is_of_now && !is_unwanted && freshness != Freshness::Unkept,
        }
    }

    /// Reads the databases that were named, or all that are active, and at the same time what was kept.
    pub async fn look(&self, app: &App, owner: UserId, named: &[DatabaseId]) -> Result<Looked> {
        if !named.is_empty() {
            let kept = self.is_read.then(|| self.key.item());
            let beside = kept.into_iter().chain([Recording::key(owner)]).collect();
            let (databases, others) = app.databases.get_all(owner, named, beside).await?;
            let (settings, kept): (Vec<Item>, Vec<Item>) = others.into_iter().partition(Recording::is);
            let recording = Recording::read(settings.into_iter().next())?;
            return Ok(Looked { databases, recording, found: kept.into_iter().next() });
        }
        let kept =
            async { if self.is_read { app.results.get_if_known(&self.key, app.clock.now()).await } else { None } };
        let (read, found) = join(app.databases.list_active_after(owner, Recording::SORT_KEY), kept).await;
        let (databases, settings) = read?;
        Ok(Looked { databases, recording: Recording::read(settings)?, found })
    }

    /// What to keep of an answer that all databases have a part in.
    pub fn keeping(
        self,
        databases: &[Database],
        answer: &SearchAnswer,
        raw: &RawValue,
        now: Timestamp,
    ) -> Option<Keeping> {
        if !self.is_kept || answer.partial || answer.is_provisional || databases.is_empty() {
            return None;
        }
        let results = answer.results.iter().map(|row| Fingerprint::of(&row.id)).collect();
        let rows = KeptRows { matches: answer.total_count, results, passed: answer.passed };
        let kept = KeptResult::new(databases, raw, rows, now).unwrap_or_else(|error| {
            tracing::warn!(error = shared::error::chain(&error), "an answer was not packed");
            None
        });
        Some(Keeping { key: self.key, kept: kept?, now })
    }
}

/// An answer that is to be kept.
pub struct Keeping {
    key: ResultKey,
    kept: KeptResult,
    now: Timestamp,
}

impl Keeping {
    /// Keeps it.
    pub async fn keep(self, app: &App) {
        app.results.keep(&self.key, &self.kept, self.now).await;
    }
}

impl Looked {
    /// The kept answer, where it is one of these databases as they are now.
    pub fn kept(&mut self, app: &App) -> Option<KeptResult> {
        KeptResult::read(self.found.take()?, &self.databases, app.clock.now())
    }
}

/// A kept answer as that of another search, which took so many milliseconds.
pub fn anew(kept: &KeptResult, id: SearchId, took_ms: u64) -> Result<Box<RawValue>> {
    let mut fields: BTreeMap<String, Box<RawValue>> = kept.open()?;
    fields.insert("searchId".to_owned(), to_raw_value(&id).map_err(Error::internal)?);
    fields.insert("executionTime".to_owned(), to_raw_value(&took_ms).map_err(Error::internal)?);
    to_raw_value(&fields).map_err(Error::internal)
}

/// One text for all bodies that ask the same. Fields that nobody reads are part of it: whoever adds a field to searches
/// need not think of this place.
fn normal(object: &Map<String, Value>) -> String {
    let mut fields: BTreeMap<&str, Value> = object
        .iter()
        .filter(|(name, value)| !NOT_ASKED.contains(&name.as_str()) && !value.is_null())
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    if let Some(Value::String(query)) = fields.get_mut("query") {
        *query = query.trim().to_owned();
    }
    // The other name of the same field, which stands back where both are there.
    if let Some(mode) = fields.remove("mode") {
        fields.entry("searchMode").or_insert(mode);
    }
    serde_json::to_string(&fields).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(body: &Value) -> String {
        normal(body.as_object().unwrap())
    }

    #[test]
    fn what_asks_the_same_has_the_same_key() {
        let plain = text(&json!({ "query": "zebra", "searchMode": "boolean" }));
        for same in [
            json!({ "searchMode": "boolean", "query": " zebra " }),
            json!({ "query": "zebra", "mode": "boolean" }),
            json!({ "query": "zebra", "mode": "natural", "searchMode": "boolean" }),
            json!({ "query": "zebra", "searchMode": "boolean", "tables": null, "cache": true }),
            json!({ "query": "zebra", "searchMode": "boolean", "export": "csv", "exportTo": "x" }),
        ] {
            assert_eq!(text(&same), plain);
        }
    }

    #[test]
    fn what_asks_something_else_has_another() {
        let plain = text(&json!({ "query": "zebra" }));
        for other in [
            json!({ "query": "Zebra" }),
            json!({ "query": "zebra", "limit": 5 }),
            json!({ "query": "zebra", "a field of tomorrow": 1 }),
            json!({ "query": "zebra", "databases": ["a"] }),
        ] {
            assert_ne!(text(&other), plain);
        }
    }
}
