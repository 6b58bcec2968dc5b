use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join;
use serde::{Deserialize, Serialize};
use shared::Result;
use shared::analytics::SearchEvent;
use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::{Database, Entry, Lexis, Vocabulary};
use shared::error::{Invalid, InvalidKind, Refusal};
use shared::http::{Caller, Limit, Query, Reply, State, list, may, number};
use tokio::time::Instant;

use crate::named::databases_named;
use crate::query::{is_word_char, tokens};
use crate::request::database_ids;
use crate::spelling::{Suggestion, SuggestionKind, spellings};
use crate::vocabulary::{LEARNING, vocabularies};

/// The most suggestions of one answer.
const SUGGESTIONS_MAX: usize = 10;

/// Of the account's own searches, those of this span are looked at, and at most so many.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);
const SEARCHES_MAX: usize = 300;

/// Of each source, those that were met most: a beginning of one letter has thousands.
const KEPT_MAX: usize = 100;

/// What the scores of each source begin with, and how much frequency adds at most.
const OF_HISTORY: (f64, f64) = (0.7, 0.3);
const OF_TITLE: (f64, f64) = (0.5, 0.3);
const OF_TITLE_WITHIN: (f64, f64) = (0.4, 0.2);
const OF_WORD: (f64, f64) = (0.35, 0.35);

/// What is being typed, and where it would be looked for.
#[derive(Deserialize)]
pub struct Typed {
    query: Option<Beginning>,
    /// What a sample of the reference calls it.
    q: Option<Beginning>,
    #[serde(default, deserialize_with = "list")]
    databases: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    tables: Vec<String>,
    /// The reference passes it over, so that clients send more than there ever are.
    #[serde(default, deserialize_with = "number")]
    limit: Limit<SUGGESTIONS_MAX, 100>,
}

/// 1 to 100 characters.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Beginning(String);

impl TryFrom<String> for Beginning {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        match text.trim().chars().count() {
            0 => Err(Refusal(InvalidKind::TooSmall, "must not be empty")),
            1..=100 => Ok(Self(text.trim_start().to_owned())),
            _ => Err(Refusal(InvalidKind::TooBig, "must have at most 100 characters")),
        }
    }
}

/// What could be asked, the best first.
#[derive(Serialize)]
pub struct Suggestions {
    suggestions: Vec<Suggestion>,
}

/// `GET /api/v1/search/suggestions`: words and short titles of the databases, and what the account itself has asked.
pub async fn suggestions(
    State(app): State<App>,
    caller: Caller<may::Search>,
    Query(typed): Query<Typed>,
) -> Result<Reply<Suggestions>> {
    let beginning = typed.beginning()?;
    let databases = databases_named(&app, caller.user, &database_ids(&typed.databases)?).await?;
    typed.refuse_unknown_tables(&databases)?;
    let since =
        Timestamp::from_epoch_ms(app.clock.now().epoch_ms() - 1_000 * i64::try_from(REMEMBERED.as_secs()).unwrap_or(0));
    let asked: Vec<&Database> = databases.iter().collect();
    let (known, events) = join(
        vocabularies(&app, &asked, Instant::now() + LEARNING),
        app.analytics.since(caller.user, since, SEARCHES_MAX),
    )
    .await;
    let tables: Vec<&Lexis> = databases
        .iter()
        .zip(&known)
        .flat_map(|(database, known)| typed.tables_of(database, known.as_deref()))
        .collect();
    let suggestions = best(suggest(beginning, &tables, &events?), typed.limit.get().min(SUGGESTIONS_MAX));
    Ok(Reply::ok(Suggestions { suggestions }))
}

impl Typed {
    fn beginning(&self) -> Result<&str> {
        let beginning = self.query.as_ref().or(self.q.as_ref());
        let missing = || Invalid::new("query", InvalidKind::Type, "is required");
        Ok(&beginning.ok_or_else(missing)?.0)
    }

    /// As in a search: a name that none of the databases has is a mistake, unless a schema is not known.
    fn refuse_unknown_tables(&self, databases: &[Database]) -> Result<()> {
        let catalogues = || databases.iter().filter_map(|database| database.catalogue.as_ref());
        if databases.is_empty() || catalogues().count() < databases.len() {
            return Ok(());
        }
        let is_unknown = |name: &&String| catalogues().all(|catalogue| catalogue.table(name).is_none());
        let Some(name) = self.tables.iter().find(is_unknown) else { return Ok(()) };
        Err(Invalid::new("tables", InvalidKind::Choice, format!("none of the databases has a table named {name:?}"))
            .into())
    }

    /// The tables that a search would ask.
    fn tables_of<'a>(
        &'a self,
        database: &'a Database,
        known: Option<&'a Vocabulary>,
    ) -> impl Iterator<Item = &'a Lexis> {
        let named = match self.tables.as_slice() {
            [] => database.settings.search_options.default_search_tables.as_slice(),
            named => named,
        };
        let is_asked = |lexis: &&Lexis| named.is_empty() || named.iter().any(|name| name == lexis.table.as_str());
        known.into_iter().flat_map(|known| &known.tables).filter(is_asked)
    }
}

/// Everything that goes on from this beginning, in no order.
fn suggest(beginning: &str, tables: &[&Lexis], events: &[SearchEvent]) -> Vec<Suggestion> {
    let words: Vec<String> = tokens(beginning).map(|token| token.key.into_owned()).collect();
    let Some(last) = words.last() else { return Vec::new() };
    let key = words.join(" ");
    let mut all = of_history(&key, events);
    all.extend(of_titles(&key, tables));
    let is_open = beginning.ends_with(is_word_char);
    if is_open {
        all.extend(of_words(beginning, last, tables));
    }
    let is_known = |word: &&String| {
        let begins = is_open && *word == last;
        tables
            .iter()
            .any(|lexis| lexis.count(word).is_some() || begins && !Lexis::beginning(&lexis.words, word).is_empty())
    };
    let unknown: Vec<String> = words.iter().filter(|word| !is_known(word)).cloned().collect();
    all.extend(spellings(beginning.trim_end(), &unknown, tables));
    all
}

/// What the account has asked and found, by its words.
fn of_history(key: &str, newest_first: &[SearchEvent]) -> Vec<Suggestion> {
    let mut counts: HashMap<String, (u32, &str)> = HashMap::new();
    for query in newest_first.iter().filter(|event| event.matches > 0).filter_map(|event| event.query.as_ref()) {
        let words: Vec<String> = tokens(query).map(|token| token.key.into_owned()).collect();
        counts.entry(words.join(" ")).or_insert((0, query)).0 += 1;
    }
    let later_word = later_word(key);
    let goes_on = |asked: &str| asked.starts_with(key) || later_word.as_ref().is_some_and(|word| asked.contains(word));
    let found: Vec<(u32, &str)> =
        counts.into_iter().filter(|(asked, _)| goes_on(asked)).map(|(_, count)| count).collect();
    popular(found, OF_HISTORY)
}

/// Titles that begin like this, and those in which a later word does.
fn of_titles(key: &str, tables: &[&Lexis]) -> Vec<Suggestion> {
    let beginning = tables.iter().flat_map(|lexis| Lexis::beginning(&lexis.titles, key));
    let later_word = later_word(key);
    let is_within = |entry: &&Entry| {
        later_word.as_ref().is_some_and(|word| entry.key.contains(word)) && !entry.key.starts_with(key)
    };
    let within = tables.iter().flat_map(|lexis| lexis.titles.iter().filter(is_within));
    let mut found = popular(beginning.map(|entry| (entry.count, entry.text())).collect(), OF_TITLE);
    found.extend(popular(within.map(|entry| (entry.count, entry.text())).collect(), OF_TITLE_WITHIN));
    found
}

/// The key where a later word begins with it; none for a single letter, with which nearly every text has a word.
fn later_word(key: &str) -> Option<String> {
    (key.chars().count() > 1).then(|| format!(" {key}"))
}

/// The beginning with its last word gone on with.
fn of_words(beginning: &str, last: &str, tables: &[&Lexis]) -> Vec<Suggestion> {
    let before = beginning.trim_end_matches(is_word_char);
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for entry in tables.iter().flat_map(|lexis| Lexis::beginning(&lexis.words, last)) {
        *counts.entry(entry.text()).or_default() += entry.count;
    }
    let texts: Vec<(u32, String)> =
        counts.into_iter().map(|(word, count)| (count, format!("{before}{word}"))).collect();
    popular(texts.iter().map(|(count, text)| (*count, text.as_str())).collect(), OF_WORD)
}

/// By how often each was met, compared with the one that was met most.
fn popular(mut found: Vec<(u32, &str)>, (least, share): (f64, f64)) -> Vec<Suggestion> {
    let weight = |count: u32| (1.0 + f64::from(count)).ln();
    let most = found.iter().map(|(count, _)| *count).max().map_or(1.0, weight);
    found.sort_unstable_by_key(|(count, _)| std::cmp::Reverse(*count));
    found.truncate(KEPT_MAX);
    let suggestion = |(count, text): (u32, &str)| Suggestion {
        text: text.to_owned(),
        score: least + share * weight(count) / most,
        kind: SuggestionKind::Popular,
    };
    found.into_iter().map(suggestion).collect()
}

/// The best, each text once, whatever its case.
fn best(mut all: Vec<Suggestion>, most: usize) -> Vec<Suggestion> {
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.text.cmp(&b.text)));
    let mut kept: Vec<Suggestion> = Vec::new();
    for suggestion in all {
        let text = suggestion.text.to_lowercase();
        if kept.iter().all(|known| known.text.to_lowercase() != text) {
            kept.push(suggestion);
        }
        if kept.len() == most {
            break;
        }
    }
    kept
}
