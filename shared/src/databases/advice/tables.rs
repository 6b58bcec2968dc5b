//! What stands between a table and any index at all, and between its rows and a result.

use super::{Column, Flavour, Generated, Impact, Kind, Recommendation, Subject, Table, TableKind, cost, named};
use crate::databases::catalogue::UniqueKey;
use crate::databases::secret::is_secret;

/// Engines that have FULLTEXT indexes.
const WITH_FULLTEXT: [&str; 4] = ["InnoDB", "MyISAM", "Aria", "Mroonga"];

/// Engines that have none, and whose rows are in the table itself, so that another engine can take them over.
const CONVERTIBLE: [&str; 3] = ["MEMORY", "CSV", "ARCHIVE"];

/// Character sets that no FULLTEXT index takes (error 1283 on both servers).
const WIDE_CHARSETS: [&str; 4] = ["ucs2", "utf16", "utf16le", "utf32"];

pub fn is_innodb(table: &Table) -> bool {
    table.engine.as_deref().is_none_or(|engine| engine.eq_ignore_ascii_case("InnoDB"))
}

/// Why the table can have no FULLTEXT index.
pub fn excluded(subject: &Subject<'_>) -> Option<Recommendation> {
    let table = subject.table;
    let is_one_of = |engines: &[&str]| {
        table.engine.as_deref().is_none_or(|engine| engines.iter().any(|known| known.eq_ignore_ascii_case(engine)))
    };
    if table.kind == TableKind::View {
        let description = format!("{} is a view and can not be searched", table.name);
        let reason = "A view can have no FULLTEXT index. Index the tables beneath it: they are searched by themselves";
        return Some(subject.recommend(Kind::View, Impact::Low, description, reason.to_owned()));
    }
    if !is_one_of(&WITH_FULLTEXT) {
        let engine = table.engine.as_deref().unwrap_or_default();
        let description = format!("The table {} is of the engine {engine} and can not be searched", table.name);
        let reason = "Only InnoDB, MyISAM, Aria and Mroonga have FULLTEXT indexes".to_owned();
        let found = subject.recommend(Kind::UnsupportedEngine, Impact::Medium, description, reason);
        let is_convertible = is_one_of(&CONVERTIBLE);
        return Some(if is_convertible { convert(subject, found) } else { found });
    }
    if table.partitioned && subject.catalogue.flavour == Flavour::MySql {
        let description = format!("The table {} is partitioned and can not be searched", table.name);
        let reason = "MySQL has no FULLTEXT indexes on partitioned tables. A second table with the key and the texts, \
            kept by triggers, can have one";
        return Some(subject.recommend(Kind::Partitioned, Impact::Low, description, reason.to_owned()));
    }
    None
}

fn convert(subject: &Subject<'_>, found: Recommendation) -> Recommendation {
    let cost = format!(
        "{}. The table then lives on disk like others, with other costs than those that its engine was chosen for",
        cost::of_rebuild(subject)
    );
    found.by(subject.alter("ENGINE = InnoDB"), cost)
}

/// That the rows of a table can not be told apart.
pub fn missing_primary_key(subject: &Subject<'_>) -> Option<Recommendation> {
    let table = subject.table;
    if table.has_shown_key() {
        return None;
    }
    let reason = "A result is told by its primary key, and pages are ordered by it".to_owned();
    if !table.primary_key.is_empty() {
        let description =
            format!("The primary key of {} looks like a secret, so that the table is not searched", table.name);
        return Some(subject.recommend(Kind::MissingPrimaryKey, Impact::High, description, reason));
    }
    let description = format!("The table {} has no primary key and is not searched", table.name);
    let found = subject.recommend(Kind::MissingPrimaryKey, Impact::High, description, reason);
    Some(match new_key(subject) {
        Some((change, note)) => found.by(subject.alter(&change), format!("{}. {note}", cost::of_rebuild(subject))),
        None => found,
    })
}

/// A key that the table could have, and what to know of it.
fn new_key(subject: &Subject<'_>) -> Option<(String, &'static str)> {
    let table = subject.table;
    if let Some(key) = table.unique_keys.iter().find(|key| could_be_primary(table, key)) {
        let part = |(column, length): &(super::Ident, Option<u64>)| {
            length.map_or_else(|| column.quoted(), |length| format!("{}({length})", column.quoted()))
        };
        let parts = key.parts.iter().map(part).collect::<Vec<_>>().join(", ");
        return Some((format!("ADD PRIMARY KEY ({parts})"), "These columns are unique and never null already"));
    }
    if let Some(counted) = table.columns.iter().find(|column| column.auto_increment) {
        let change = format!("ADD PRIMARY KEY ({})", counted.name.quoted());
        return Some((change, "Where two rows have the same value it fails, and changes nothing"));
    }
    if table.partitioned {
        // Its key would have to hold the columns of the partitions, which are not known.
        return None;
    }
    let name = ["id", "altus4_id", "altus4_row_id"].into_iter().find(|name| table.column(name).is_none())?;
    let change = format!("ADD COLUMN `{name}` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY");
    Some((change, "Statements that insert rows without naming columns have to name them from then on"))
}

fn could_be_primary(table: &Table, key: &UniqueKey) -> bool {
    key.parts.iter().all(|(name, length)| {
        table.column(name.as_str()).is_some_and(|column| {
            let kind = column.base_type();
            let is_whole = length.is_some() || !(kind.ends_with("text") || kind.ends_with("blob"));
            let is_stored = column.generated.is_none_or(|generated| generated == Generated::Stored);
            is_whole && is_stored && !column.nullable && !is_secret(name.as_str())
        })
    })
}

/// That columns are written in a character set that no index takes.
pub fn unsupported_charset(subject: &Subject<'_>) -> Option<Recommendation> {
    let wide = subject.text().filter(|column| has_wide_charset(subject, column));
    let wide: Vec<_> = wide.map(|column| column.name.clone()).collect();
    let description =
        format!("Columns of {} are in a character set of fixed or double width: {}", subject.table.name, named(&wide));
    let reason = "No FULLTEXT index takes ucs2, utf16 or utf32. utf8mb4 holds the same characters; change a column with \
        ALTER TABLE … MODIFY, which has to repeat all that was said of it";
    let found = subject.recommend(Kind::UnsupportedCharset, Impact::Medium, description, reason.to_owned());
    (!wide.is_empty()).then_some(found)
}

pub fn has_wide_charset(subject: &Subject<'_>, column: &Column) -> bool {
    let collation = subject.table.collation_of(column).unwrap_or_default();
    let charset = collation.split('_').next().unwrap_or_default();
    WIDE_CHARSETS.contains(&charset)
}
