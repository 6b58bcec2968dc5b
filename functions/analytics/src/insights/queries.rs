//! Queries that are asked more or less than before, and queries that find nothing.

use std::cmp::Reverse;

use serde_json::json;
use shared::analytics::{Queries, QueryFigures};

use super::change::{Change, Counts, share_at_least};
use super::nearest::nearest;
use super::{Category, EACH_MAX, Insight, Kind, Wording, impact_of};
use crate::figures::{growth, hundredths, mean, share};
use crate::gathered::Gathered;

/// A query has to find nothing so often before it is told.
const EMPTY_MIN: u64 = 3;

/// Queries that find something, among which the nearest is looked for: the most frequent.
const KNOWN_MAX: usize = 500;

/// Queries whose share of all searches is another one than before.
pub fn changed(gathered: &Gathered, before: &Queries) -> Vec<Insight> {
    let (total, Some(total_before)) = (&gathered.total, &gathered.before) else { return Vec::new() };
    let mut changed: Vec<(u64, Insight)> = Vec::new();
    let keys = gathered
        .queries
        .by_text
        .keys()
        .chain(before.by_text.keys().filter(|key| !gathered.queries.by_text.contains_key(*key)));
    for key in keys {
        let (now, then) = (gathered.queries.by_text.get(key), before.by_text.get(key));
        let Some(figures) = now.or(then) else { continue };
        // Where the rarest queries were left out, one that is not there may have been asked all the same.
        if now.is_none() && !gathered.queries.is_complete() || then.is_none() && !before.is_complete() {
            continue;
        }
        let count = |figures: Option<&QueryFigures>| figures.map_or(0, |figures| figures.count);
        let counts =
            Counts { now: count(now), before: count(then), all_now: total.searches, all_before: total_before.searches };
        if let Some(change) = counts.change() {
            changed.push((counts.now.abs_diff(counts.before), moved(&figures.text, counts, change)));
        }
    }
    changed.sort_by_key(|(by, _)| Reverse(*by));
    changed.into_iter().take(2 * EACH_MAX).map(|(_, insight)| insight).collect()
}

fn moved(query: &str, counts: Counts, change: Change) -> Insight {
    let Counts { now, before, all_now, all_before } = counts;
    let (word, more, action, confidence) = match change {
        Change::Rising(confidence) => {
            ("rising", "more", "Make sure that what is wanted of it is there and stands first", confidence)
        }
        Change::Falling(confidence) => {
            ("falling", "less", "See whether it still finds what it did, or is over for this season", confidence)
        }
    };
    Insight {
        kind: Kind::TrendAnalysis,
        category: Category::Trends,
        title: format!("\"{query}\" is {word}"),
        description: format!("It was asked {now} times, {more} than the {before} times in as many days before"),
        wording: Wording::Rule,
        confidence: hundredths(confidence),
        actionable: true,
        impact: impact_of(now.abs_diff(before), all_now.max(all_before)),
        action: action.to_owned(),
        data: json!({
            "query": query, "direction": word, "searches": now, "previousSearches": before,
            "share": share(now, all_now), "previousShare": share(before, all_before), "changePercent": growth(now, before),
        }),
    }
}

/// Queries that mostly find nothing, with what they may have meant.
pub fn empty(gathered: &Gathered) -> Vec<Insight> {
    let (finding, lost): (Vec<_>, Vec<_>) = gathered.queries.by_text.iter().partition(|(_, figures)| !is_lost(figures));
    let mut lost: Vec<_> = lost.into_iter().filter(|(_, figures)| figures.empty >= EMPTY_MIN).collect();
    lost.sort_by_key(|(_, figures)| Reverse((figures.empty, figures.last)));
    let mut known: Vec<(String, &QueryFigures)> = finding
        .into_iter()
        .filter(|(_, figures)| figures.matches > 0)
        .map(|(key, figures)| (key.clone(), figures))
        .collect();
    known.sort_by_key(|(_, figures)| Reverse((figures.count, figures.last)));
    known.truncate(KNOWN_MAX);
    lost.truncate(EACH_MAX);
    lost.into_iter()
        .map(|(key, figures)| nothing_found(figures, nearest(key, &known), gathered.total.searches))
        .collect()
}

/// Whether at least half of its searches found nothing.
fn is_lost(figures: &QueryFigures) -> bool {
    figures.empty > 0 && figures.empty * 2 >= figures.count
}

fn nothing_found(figures: &QueryFigures, nearest: Option<(&&QueryFigures, f64)>, all: u64) -> Insight {
    let QueryFigures { text, count, empty, .. } = figures;
    let action = match nearest {
        Some((nearest, _)) => format!(
            "If \"{}\" is meant, let your texts have this word too, or correct it where it is typed",
            nearest.text
        ),
        None => "See whether this is something that your data should have".to_owned(),
    };
    Insight {
        kind: Kind::QueryOptimization,
        category: Category::ZeroResults,
        title: format!("\"{text}\" finds nothing"),
        description: format!("{empty} of its {count} searches found nothing in any database"),
        wording: Wording::Rule,
        confidence: hundredths(share_at_least(*empty, *count)),
        actionable: true,
        impact: impact_of(*empty, all),
        action,
        data: json!({
            "query": text, "searches": count, "emptySearches": empty, "lastUsed": figures.last,
            "nearest": nearest.map(|(nearest, likeness)| json!({
                "query": nearest.text, "searches": nearest.count, "likeness": hundredths(likeness),
                "averageResults": mean(nearest.matches, nearest.count),
            })),
        }),
    }
}
