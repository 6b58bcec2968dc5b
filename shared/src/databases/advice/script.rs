//! Chinese, Japanese and Korean, which the engines' own parsers do not cut into words: of a text without spaces only the
//! whole run between two marks is found.

use super::{Flavour, Ident, Impact, Kind, Recommendation, Subject, cost, indexes, named, quoted};
use crate::databases::catalogue::{FullTextIndex, Parser};

/// The most characters in the name of an index (MySQL manual, "Identifier Length Limits").
const NAME_CHARS_MAX: usize = 64;

const REASON: &str = "These scripts have no spaces between words, so that only whole sentences are found";

/// What would make such text searchable, where the sample holds some.
pub fn advise(subject: &Subject<'_>) -> Vec<Recommendation> {
    match subject.catalogue.flavour {
        Flavour::MySql => subject.table.indexes.iter().filter_map(|index| reparse(subject, index)).collect(),
        Flavour::MariaDb => convert(subject).into_iter().collect(),
    }
}

/// The index once more, by ngram. An index that should go anyway is not made anew.
fn reparse(subject: &Subject<'_>, index: &FullTextIndex) -> Option<Recommendation> {
    let is_plain = index.parser == Parser::BuiltIn && subject.wants_ngram(&index.columns);
    if !is_plain || indexes::is_superfluous(subject, index) {
        return None;
    }
    let (table, name) = (&subject.table.name, &index.name);
    let description =
        format!("The FULLTEXT index {name} of {table} holds Chinese, Japanese or Korean text as one word");
    let found = subject.recommend(Kind::NgramParser, Impact::High, description, REASON.to_owned());
    let has_twin = |twin: &FullTextIndex| matches!(twin.parser, Parser::Plugin(_)) && indexes::is_same(twin, index);
    Some(if subject.table.indexes.iter().any(has_twin) {
        found.by(subject.alter(&format!("DROP INDEX {}", name.quoted())), cost::OF_DROP)
    } else {
        let (columns, new) = (quoted(&index.columns), new_name(subject, index).quoted());
        let change = format!("DROP INDEX {}, ADD FULLTEXT {new} ({columns}) WITH PARSER ngram", name.quoted());
        let note = "An index of parts of words is several times as large, and finds Latin words by their parts too";
        found.by(subject.alter(&change), format!("{}. {note}", cost::of_index(subject)))
    })
}

/// Another name for the index. MySQL takes an index that is dropped and added under the same name for no change at all,
/// and keeps its parser; measured on 9.7.
fn new_name(subject: &Subject<'_>, index: &FullTextIndex) -> Ident {
    let base: String = index.name.as_str().chars().take(NAME_CHARS_MAX - "_ngram_9".len()).collect();
    let first = format!("{base}_ngram");
    let others = (2..10).map(|n| format!("{base}_ngram_{n}"));
    let is_free =
        |name: &String| subject.table.indexes.iter().all(|known| !known.name.as_str().eq_ignore_ascii_case(name));
    Ident::from_server(std::iter::once(first.clone()).chain(others).find(is_free).unwrap_or(first))
}

/// The table in Mroonga, the only engine of MariaDB that has such an index.
fn convert(subject: &Subject<'_>) -> Option<Recommendation> {
    let table = subject.table;
    let cjk: Vec<Ident> =
        subject.text().map(|column| column.name.clone()).filter(|name| subject.is_cjk(name)).collect();
    let is_done = table.engine.as_deref().is_some_and(|engine| engine.eq_ignore_ascii_case("Mroonga"));
    if cjk.is_empty() || is_done {
        return None;
    }
    let description = format!("Columns of {} hold Chinese, Japanese or Korean text: {}", table.name, named(&cjk));
    let has_rivals = is_referred_to(subject) || !table.foreign_keys.is_empty() || table.partitioned;
    let reason = match (subject.catalogue.has_mroonga, has_rivals) {
        (true, false) => REASON.to_owned(),
        (true, true) => format!(
            "{REASON}. A table of Mroonga can have no partitions and no foreign keys: put the texts into one of their own"
        ),
        (false, _) => format!(
            "{REASON}. Mroonga finds their parts: install it (package mariadb-plugin-mroonga, then INSTALL SONAME \
             'ha_mroonga') and ask again"
        ),
    };
    let found = subject.recommend(Kind::Mroonga, Impact::High, description, reason);
    if !subject.catalogue.has_mroonga || has_rivals || table.primary_key.is_empty() {
        return Some(found);
    }
    let note = "Mroonga has no transactions: what is written stays, also when the rest is rolled back";
    Some(found.by(subject.alter("ENGINE = Mroonga"), format!("{}. {note}", cost::of_rebuild(subject))))
}

fn is_referred_to(subject: &Subject<'_>) -> bool {
    let keys = subject.catalogue.tables.iter().flat_map(|table| &table.foreign_keys);
    keys.into_iter().any(|key| key.referenced_schema.is_none() && key.referenced_table == subject.table.name)
}
