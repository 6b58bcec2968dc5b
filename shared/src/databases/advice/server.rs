//! Settings of the server by which words are not in any index. They are no statement's to change: they stand in the
//! server's configuration, or in the parameter group of a managed service.

use super::{Impact, Kind, Recommendation, Sample, tables};
use crate::databases::catalogue::{Catalogue, Parser, Stopwords, Table};

/// InnoDB's own minimum; what is longer than that was set by somebody.
const TOKEN_SIZE_USUAL: usize = 3;

/// Two letters are words: go, ai, tv, c#.
const TOKEN_SIZE_WANTED: usize = 2;

pub fn advise(catalogue: &Catalogue, sample: &Sample) -> Vec<Recommendation> {
    let is_of_innodb = |table: &&Table| tables::is_innodb(table);
    let has_plain = |table: &Table| table.indexes.iter().any(|index| index.parser == Parser::BuiltIn);
    let is_of_myisam = |table: &Table| {
        table
            .engine
            .as_deref()
            .is_some_and(|engine| ["MyISAM", "Aria"].iter().any(|known| known.eq_ignore_ascii_case(engine)))
    };
    let mut advice = Vec::new();
    if catalogue.tables.iter().filter(is_of_innodb).any(has_plain) {
        advice.extend(token_size("innodb_ft_min_token_size", catalogue.token_size_min, "InnoDB"));
        advice.extend(stopwords(catalogue, sample));
    }
    if catalogue.searchable().any(is_of_myisam) {
        let min = catalogue.word_length_min.unwrap_or_default();
        advice.extend(token_size("ft_min_word_len", min, "MyISAM and Aria"));
    }
    advice
}

fn token_size(variable: &str, min: usize, engines: &str) -> Option<Recommendation> {
    let description =
        format!("Words of fewer than {min} characters are not in the indexes of {engines} ({variable} = {min})");
    let reason = format!(
        "go, ai and tv find nothing. Set {variable} = {TOKEN_SIZE_WANTED} under [mysqld], or in the parameter group of a \
         managed service, restart the server, and make each FULLTEXT index anew: drop it and, in a second statement, add it again"
    );
    let impact = if min > TOKEN_SIZE_USUAL { Impact::Medium } else { Impact::Low };
    (min > TOKEN_SIZE_WANTED).then(|| Recommendation {
        kind: Kind::TokenSize,
        table: None,
        description,
        reason,
        impact,
        query: None,
        cost: Some(
            "A restart of the server, and a new index for every table; indexes become somewhat larger".to_owned(),
        ),
    })
}

fn stopwords(catalogue: &Catalogue, sample: &Sample) -> Option<Recommendation> {
    let is_wanted = catalogue.stopwords == Stopwords::BuiltIn && sample.is_foreign();
    is_wanted.then(|| Recommendation {
        kind: Kind::Stopwords,
        table: None,
        description: "The server leaves the stopwords of English out of texts in other languages".to_owned(),
        reason:
            "de, la, en, die, und and was are among its 36 words and are not found. Name a table with your own list, \
            or an empty one, in innodb_ft_server_stopword_table, or set innodb_ft_enable_stopword = OFF, and make each \
            FULLTEXT index anew"
                .to_owned(),
        impact: Impact::Low,
        query: None,
        cost: Some("A new index for every table; indexes become somewhat larger".to_owned()),
    })
}
