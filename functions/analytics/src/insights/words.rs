//! Words that users type and an index does not hold: too short for it, or on its list of stopwords.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::analytics::{DatabaseShare, Queries};
use shared::databases::{Catalogue, Database, Parser, Table};

use super::{Category, EACH_MAX, Insight, Kind, Wording, impact_of};

/// Such words have to be typed so often in all before they are told.
const SEARCHES_MIN: u64 = 5;

/// Operators of the query language, which are no words of a query.
const OPERATORS: [&str; 3] = ["and", "or", "not"];

/// In scripts from Thai on, a word is not what stands between two blanks, and its length tells nothing.
const FIRST_UNSEGMENTED: char = '\u{0E00}';

/// What of the typed words the InnoDB indexes of a database do not hold.
pub fn left_out(database: &Database, figures: &DatabaseShare, queries: &Queries) -> Vec<Insight> {
    let indexed = database.catalogue.as_ref().filter(|catalogue| catalogue.tables.iter().any(has_plain_index));
    let (Some(catalogue), true) = (indexed, figures.searches > 0) else { return Vec::new() };
    let (min, stopwords) = (catalogue.token_size_min, &catalogue.stopwords);
    let short = typed(queries, |word| word.chars().count() < min);
    let common = typed(queries, |word| word.chars().count() >= min && stopwords.has(word));
    let mut insights = Vec::new();
    insights.extend(short.insight(
        database,
        "are too short for its indexes",
        &size_advice(catalogue),
        &json!({ "tokenSizeMin": min }),
    ));
    let advice = "Name a table with a list of your own, or an empty one, in innodb_ft_server_stopword_table, and make each FULLTEXT index anew";
    insights.extend(common.insight(database, "are stopwords of its server", advice, &json!({})));
    insights
}

fn size_advice(catalogue: &Catalogue) -> String {
    format!(
        "Set innodb_ft_min_token_size under {}, restart the server, and make each FULLTEXT index anew",
        catalogue.token_size_min
    )
}

fn has_plain_index(table: &Table) -> bool {
    let is_innodb = table.engine.as_deref().is_some_and(|engine| engine.eq_ignore_ascii_case("InnoDB"));
    is_innodb && table.indexes.iter().any(|index| index.parser == Parser::BuiltIn)
}

/// Words with the number of searches that have them, and how many searches have any.
struct Typed {
    words: BTreeMap<String, u64>,
    searches: u64,
    all: u64,
}

fn typed(queries: &Queries, is_left_out: impl Fn(&str) -> bool) -> Typed {
    let mut typed = Typed { words: BTreeMap::new(), searches: 0, all: 0 };
    for (text, figures) in &queries.by_text {
        typed.all += figures.count;
        let mut words: Vec<&str> = words(text).filter(|word| is_left_out(word)).collect();
        words.sort_unstable();
        words.dedup();
        typed.searches += if words.is_empty() { 0 } else { figures.count };
        for word in words {
            *typed.words.entry(word.to_owned()).or_default() += figures.count;
        }
    }
    typed
}

/// The words of a text in lower case, without operators, and without those whose script has no blanks.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.filter(|word| !OPERATORS.contains(word) && word.chars().all(|c| c < FIRST_UNSEGMENTED))
}

impl Typed {
    fn insight(self, database: &Database, why: &str, action: &str, setting: &Value) -> Option<Insight> {
        let mut words: Vec<(String, u64)> = self.words.into_iter().collect();
        words.sort_by_key(|(_, searches)| Reverse(*searches));
        words.truncate(EACH_MAX);
        let named = words.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        let name = database.settings.name.as_str();
        let told =
            words.iter().map(|(word, searches)| json!({ "word": word, "searches": searches })).collect::<Vec<_>>();
        (self.searches >= SEARCHES_MIN).then(|| Insight {
            kind: Kind::QueryOptimization,
            category: Category::Vocabulary,
            title: format!("Words that {name} can not look up: {named}"),
            description: format!("{} searches have words that {why}, so that at most small tables are read for them", self.searches),
            wording: Wording::Rule,
            confidence: 1.0,
            actionable: true,
            impact: impact_of(self.searches, self.all),
            action: action.to_owned(),
            data: json!({
                "database": database.id, "databaseName": name, "searches": self.searches, "words": told, "setting": setting,
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use shared::databases::Stopwords;

    use super::*;

    #[test]
    fn words_are_what_stands_between_marks() {
        let found: Vec<&str> = words("the \"go\" or c++ -tv 東京 user_id*").collect();
        assert_eq!(found, ["the", "go", "c", "tv", "user_id"]);
        assert!(Stopwords::BuiltIn.has("the") && !Stopwords::Off.has("the"));
    }
}
