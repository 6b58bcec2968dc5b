//! The queries of a span of time, however they were written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SearchEvent;
use crate::clock::Timestamp;

/// The most queries that are kept of a day or of a month.
const QUERIES_MAX: usize = 1_000;

/// Queries by what makes two of them the same: the words in lower case, with one blank between them. At most 1,000 are
/// kept of a day and of a month: beyond that the rarest are left out, of those the oldest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Queries {
    /// What was asked how often, by the text that [`normal`] makes of it.
    pub by_text: BTreeMap<String, QueryFigures>,
    /// Whether some were left out.
    cut: bool,
}

/// What came of one query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueryFigures {
    /// As it was written last.
    pub text: String,
    /// How often it was asked.
    pub count: u64,
    /// How often all databases answered and nothing was found.
    pub empty: u64,
    /// How often it failed.
    pub failed: u64,
    /// How long it took in all, in milliseconds.
    pub sum_ms: u64,
    /// How many rows matched in all.
    pub matches: u64,
    /// How many of the rows were opened.
    pub clicks: u64,
    /// When it was asked last.
    pub last: Timestamp,
}

/// The text by which two queries are the same.
pub fn normal(query: &str) -> String {
    query.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Queries {
    /// Whether all queries are here.
    pub fn is_complete(&self) -> bool {
        !self.cut
    }

    /// Adds a search, where its text was kept.
    pub fn add(&mut self, event: &SearchEvent) {
        if let Some(query) = &event.query {
            self.add_figures(normal(query), &QueryFigures::of(event, query));
        }
    }

    /// Adds those of another span.
    pub fn merge(&mut self, other: &Self) {
        self.cut |= other.cut;
        for (text, figures) in &other.by_text {
            self.add_figures(text.clone(), figures);
        }
    }

    /// Leaves out the rarest, as far as there are too many.
    pub(super) fn cut(&mut self) {
        self.cut_to(QUERIES_MAX);
    }

    /// Leaves out the rarest, until so many are left.
    pub(super) fn cut_to(&mut self, most: usize) {
        if self.by_text.len() <= most {
            return;
        }
        self.cut = true;
        let mut by_rank: Vec<(u64, Timestamp, String)> =
            self.by_text.iter().map(|(text, figures)| (figures.count, figures.last, text.clone())).collect();
        by_rank.sort_unstable();
        for (_, _, rarest) in &by_rank[..by_rank.len() - most] {
            self.by_text.remove(rarest);
        }
    }

    /// Tells what became different of a search that is among these.
    pub(super) fn change(&mut self, before: &SearchEvent, after: &SearchEvent) {
        let known = after.query.as_ref().and_then(|query| self.by_text.get_mut(&normal(query)));
        if let Some(figures) = known {
            figures.clicks = (figures.clicks + after.clicks.len() as u64).saturating_sub(before.clicks.len() as u64);
        }
    }

    fn add_figures(&mut self, text: String, figures: &QueryFigures) {
        match self.by_text.get_mut(&text) {
            Some(known) => known.merge(figures),
            None => drop(self.by_text.insert(text, figures.clone())),
        }
    }
}

impl QueryFigures {
    fn of(event: &SearchEvent, query: &str) -> Self {
        Self {
            text: query.to_owned(),
            count: 1,
            empty: u64::from(event.is_empty()),
            failed: u64::from(event.outcome == super::Outcome::Failed),
            sum_ms: event.duration_ms,
            matches: event.matches,
            clicks: event.clicks.len() as u64,
            last: event.at,
        }
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.empty += other.empty;
        self.failed += other.failed;
        self.sum_ms += other.sum_ms;
        self.matches += other.matches;
        self.clicks += other.clicks;
        // Of two at the same moment one has to be the last, whichever comes first here.
        if (other.last, &other.text) > (self.last, &self.text) {
            (self.last, self.text) = (other.last, other.text.clone());
        }
    }
}
