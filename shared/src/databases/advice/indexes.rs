//! Indexes that are missing, and those that could go.

use super::{Ident, Impact, Kind, Recommendation, Subject, cost, named, quoted};
use crate::databases::catalogue::{FullTextIndex, Parser};

/// The most columns that MySQL takes into an index; MariaDB takes 32.
const COLUMNS_MAX: usize = 16;

/// One index for each set of columns that should be searched together.
pub fn wanted(subject: &Subject<'_>) -> Vec<Recommendation> {
    let sets = sets(subject);
    sets.iter()
        .filter(|set| !subject.table.indexes.iter().any(|index| covers(index, set)))
        .map(|set| add(subject, set))
        .collect()
}

/// The columns that are worth an index, put together where one index can hold them: all columns of an index have one
/// collation (error 1283 otherwise).
fn sets(subject: &Subject<'_>) -> Vec<Vec<Ident>> {
    let mut by_collation: Vec<(Option<&str>, Vec<Ident>)> = Vec::new();
    for column in subject.worth_indexing() {
        let collation = subject.table.collation_of(column);
        match by_collation.iter_mut().find(|(known, _)| *known == collation) {
            Some((_, columns)) => columns.push(column.name.clone()),
            None => by_collation.push((collation, vec![column.name.clone()])),
        }
    }
    by_collation.iter().flat_map(|(_, columns)| columns.chunks(COLUMNS_MAX).map(<[Ident]>::to_vec)).collect()
}

fn add(subject: &Subject<'_>, columns: &[Ident]) -> Recommendation {
    let table = &subject.table.name;
    let (kind, impact, description, reason) = if subject.table.indexes.is_empty() {
        let description = format!("The table {table} has no FULLTEXT index");
        (
            Kind::MissingIndex,
            Impact::High,
            description,
            "MATCH needs an index; only small tables are searched without, row by row",
        )
    } else if columns.iter().all(|column| subject.table.is_indexed(column)) {
        let description = format!("No FULLTEXT index of {table} has all of: {}", named(columns));
        let reason = "Each index is asked by itself, so that words which are required together are not found where one \
            stands in one column and one in another";
        (Kind::CompoundIndex, Impact::Medium, description, reason)
    } else {
        let missing = columns.iter().filter(|column| !subject.table.is_indexed(column)).cloned().collect::<Vec<_>>();
        let description = format!("Columns of {table} with text are in no FULLTEXT index: {}", named(&missing));
        (Kind::UncoveredColumns, Impact::Medium, description, "What stands in them is not found")
    };
    let parser = if subject.wants_ngram(columns) { " WITH PARSER ngram" } else { "" };
    let query = subject.alter(&format!("ADD FULLTEXT ({}){parser}", quoted(columns)));
    subject.recommend(kind, impact, description, reason.to_owned()).by(query, cost::of_index(subject))
}

/// Indexes whose place another one takes.
pub fn superfluous(subject: &Subject<'_>) -> Vec<Recommendation> {
    let indexes = &subject.table.indexes;
    indexes.iter().enumerate().filter_map(|(place, index)| drop_of(subject, place, index)).collect()
}

/// Whether one of those is this index.
pub fn is_superfluous(subject: &Subject<'_>, index: &FullTextIndex) -> bool {
    let place = subject.table.indexes.iter().position(|known| known.name == index.name);
    place.is_some_and(|place| drop_of(subject, place, index).is_some())
}

fn drop_of(subject: &Subject<'_>, place: usize, index: &FullTextIndex) -> Option<Recommendation> {
    let indexes = &subject.table.indexes;
    let is_alike = |other: &&FullTextIndex| other.parser == index.parser && index.parser != Parser::Unread;
    let (table, name) = (&subject.table.name, &index.name);
    let query = subject.alter(&format!("DROP INDEX {}", name.quoted()));
    if let Some(twin) = indexes[..place].iter().filter(is_alike).find(|twin| is_same(twin, index)) {
        let description = format!("The FULLTEXT indexes {} and {name} of {table} have the same columns", twin.name);
        let reason = "MATCH uses one of them; every change of a row is written into both".to_owned();
        let found = subject.recommend(Kind::DuplicateIndex, Impact::Medium, description, reason);
        return Some(found.by(query, cost::OF_DROP));
    }
    let is_wider = |other: &&FullTextIndex| other.columns.len() > index.columns.len() && covers(other, &index.columns);
    let wider = indexes.iter().filter(is_alike).filter(is_wider).max_by_key(|wider| wider.columns.len())?;
    let part = if wider.columns.starts_with(&index.columns) { "the leading columns" } else { "columns" };
    let description = format!("The FULLTEXT index {name} of {table} has {part} of {}", wider.name);
    let reason = format!(
        "A search here asks the wider one, and every change of a row is written into both. Keep it if statements of \
         your own say MATCH ({}): MATCH has to name exactly the columns of an index",
        named(&index.columns)
    );
    Some(subject.recommend(Kind::CoveredIndex, Impact::Low, description, reason).by(query, cost::OF_DROP))
}

/// Whether the index has all of these columns.
fn covers(index: &FullTextIndex, columns: &[Ident]) -> bool {
    columns.iter().all(|column| index.columns.contains(column))
}

/// Whether both have the same columns, in whatever order: MATCH does not look at it.
pub fn is_same(one: &FullTextIndex, other: &FullTextIndex) -> bool {
    one.columns.len() == other.columns.len() && covers(one, &other.columns)
}
