//! The words of the databases that are searched: those that are kept, or learnt now where it is time to.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use shared::app::App;
use shared::databases::{Database, Entry, Fault, Ident, Lexis, Vocabulary, texts};
use shared::error::chain;
use tokio::time::Instant;

use crate::ask::credentials;
use crate::query::{is_function_word, tokens};

/// How long learning the words of one database may take. What was read until then is kept.
pub const LEARNING: Duration = Duration::from_millis(2_500);

/// In less time there is nothing to be learnt.
const LEARNING_MIN: Duration = Duration::from_millis(100);

/// Lengths of a word in characters: others are not in an index as a rule, or are no words.
const WORD_CHARS: std::ops::RangeInclusive<usize> = 3..=32;

/// A value of at most so many characters and so many words is a title, unless it ends like a sentence.
const TITLE_CHARS_MAX: usize = 60;
const TITLE_WORDS_MAX: usize = 8;

/// Of a value of at most so many characters, pairs of words are remembered,
const PAIRED_CHARS_MAX: usize = 200;
/// if so many rows have them.
const PAIRS_MIN: u32 = 3;

/// The most different words, titles and pairs that are counted in a table: after that only known ones are.
const COUNTED_MAX: usize = 200_000;

/// The words of these databases, in their order; none for one whose words can not be had by then. It never fails, because
/// nothing that is asked for depends on it.
pub async fn vocabularies(app: &App, databases: &[&Database], ends: Instant) -> Vec<Option<Arc<Vocabulary>>> {
    let known = match app.vocabularies.get_all(databases).await {
        Ok(known) => known,
        Err(error) => {
            tracing::warn!(error = chain(&error), "vocabularies were not read");
            return vec![None; databases.len()];
        }
    };
    let each = databases.iter().zip(known).map(|(database, known)| async move {
        let learnt = if known.is_due { learn(app, database, ends).await } else { None };
        learnt.or(known.vocabulary)
    });
    join_all(each).await
}

/// Learns the words of a database and keeps them. Of many who need them at once, one learns and the others do without.
async fn learn(app: &App, database: &Database, ends: Instant) -> Option<Arc<Vocabulary>> {
    let time = ends.saturating_duration_since(Instant::now()).min(LEARNING);
    if time < LEARNING_MIN {
        return None;
    }
    app.vocabularies.claim(database);
    let learnt = match read(app, database, time).await {
        Ok(learnt) => Arc::new(learnt?),
        Err(fault) => {
            tracing::info!(error = chain(&fault), database = %database.id, "a vocabulary was not learnt");
            return None;
        }
    };
    if let Err(error) = app.vocabularies.put(database, &learnt).await {
        tracing::warn!(error = chain(&error), "a vocabulary was not kept");
    }
    Some(learnt)
}

/// Nothing where the schema is not known: the next search reads it.
async fn read(app: &App, database: &Database, time: Duration) -> Result<Option<Vocabulary>, Fault> {
    let Some(catalogue) = &database.catalogue else { return Ok(None) };
    let credentials = credentials(app, database).await?;
    let mut connection = app.connector.open_within(database.target(&credentials), time).await?;
    connection.begin(catalogue.flavour, "").await?;
    let mut pupil = Pupil::default();
    texts(&mut connection, catalogue, |table, values| pupil.take(table, &values)).await;
    connection.close().await;
    Ok(Some(pupil.vocabulary()))
}

/// Counts what it is shown.
#[derive(Default)]
struct Pupil {
    tables: HashMap<Ident, Counts>,
}

#[derive(Default)]
struct Counts {
    words: HashMap<String, Count>,
    titles: HashMap<String, Count>,
    pairs: HashMap<String, Count>,
}

struct Count {
    rows: u32,
    spelling: String,
}

impl Pupil {
    /// One row: the values of its columns. What stands in it twice counts once.
    fn take(&mut self, table: &Ident, values: &[String]) {
        if !self.tables.contains_key(table) {
            self.tables.insert(table.clone(), Counts::default());
        }
        let Some(counts) = self.tables.get_mut(table) else { return };
        let mut seen = HashSet::new();
        for value in values {
            let words: Vec<Found> =
                tokens(value).map(|token| (token.key.into_owned(), &value[token.start..token.end])).collect();
            for (key, spelling) in words.iter().filter(|(key, _)| is_word(key)) {
                if seen.insert(key.clone()) {
                    note(&mut counts.words, key.clone(), || spelling.to_lowercase());
                }
            }
            let chars = value.chars().count();
            let is_sentence = value.trim_end().ends_with(['.', '!', '?', ';', ':', '。']);
            if chars <= TITLE_CHARS_MAX && (2..=TITLE_WORDS_MAX).contains(&words.len()) && !is_sentence {
                note(&mut counts.titles, joined(&words, |word| &word.0), || joined_blanks(value));
            }
            if chars <= PAIRED_CHARS_MAX {
                for pair in words.windows(2).filter(|pair| pair.iter().all(|(key, _)| is_word(key) && !is_joint(key))) {
                    let key = joined(pair, |word| &word.0);
                    if seen.insert(key.clone()) {
                        note(&mut counts.pairs, key, || joined(pair, |word| word.1).to_lowercase());
                    }
                }
            }
        }
    }

    fn vocabulary(self) -> Vocabulary {
        let tables = self.tables.into_iter().map(|(table, counts)| {
            let mut titles = counts.titles;
            for (key, pair) in counts.pairs.into_iter().filter(|(_, pair)| pair.rows >= PAIRS_MIN) {
                titles.entry(key).or_insert(pair);
            }
            Lexis { table, words: entries(counts.words), titles: entries(titles) }
        });
        let mut tables: Vec<Lexis> = tables.collect();
        tables.sort_by(|a, b| a.table.cmp(&b.table));
        Vocabulary::new(tables)
    }
}

/// A word of a text: its key, and as it is written.
type Found<'a> = (String, &'a str);

/// Numbers are no words, and neither is what an index does not hold.
fn is_word(key: &str) -> bool {
    WORD_CHARS.contains(&key.chars().count()) && key.chars().any(char::is_alphabetic)
}

/// Words that make no pair with another.
fn is_joint(key: &str) -> bool {
    const MORE: [&str; 12] = ["all", "and", "any", "but", "can", "has", "have", "its", "not", "such", "these", "you"];
    is_function_word(key) || MORE.contains(&key)
}

fn joined<'a>(words: &'a [Found<'_>], part: impl Fn(&'a Found<'_>) -> &'a str) -> String {
    words.iter().map(part).collect::<Vec<_>>().join(" ")
}

fn joined_blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first spelling that is met stands for all.
fn note(counts: &mut HashMap<String, Count>, key: String, spelling: impl FnOnce() -> String) {
    if let Some(known) = counts.get_mut(&key) {
        known.rows += 1;
    } else if counts.len() < COUNTED_MAX {
        counts.insert(key, Count { rows: 1, spelling: spelling() });
    }
}

fn entries(counts: HashMap<String, Count>) -> Vec<Entry> {
    let entry = |(key, count): (String, Count)| Entry {
        spelling: (count.spelling != key).then(|| count.spelling.into()),
        key: key.into(),
        count: count.rows,
    };
    counts.into_iter().map(entry).collect()
}
