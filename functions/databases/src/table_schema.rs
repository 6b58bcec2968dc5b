//! A table as a client reads it: the fields of the documentation, of its samples and of the SDK, side by side.

use serde::Serialize;
use shared::clock::Timestamp;
use shared::databases::{
    Catalogue, Column, ForeignKey, FullTextIndex, Generated, Ident, Parser, Sample, Schema, Table, TableKind,
    UniqueKey, is_secret,
};

/// One table or view.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableSchema {
    database: Schema,
    table: Ident,
    /// The table's name once more, where samples and the SDK look for it; so with the other pairs.
    name: Ident,
    kind: TableKind,
    engine: Option<String>,
    collation: Option<String>,
    partitioned: bool,
    columns: Vec<ColumnSchema>,
    full_text_indexes: Vec<IndexSchema>,
    #[serde(rename = "fulltextIndexes")]
    fulltext_indexes: Vec<IndexSchema>,
    full_text_columns: Vec<Ident>,
    searchable: bool,
    primary_key: Vec<Ident>,
    unique_keys: Vec<KeySchema>,
    foreign_keys: Vec<ForeignKeySchema>,
    estimated_rows: u64,
    row_count: u64,
    last_analyzed: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ColumnSchema {
    name: Ident,
    #[serde(rename = "type")]
    type_name: String,
    is_full_text_indexed: bool,
    is_searchable: bool,
    nullable: bool,
    key: String,
    collation: Option<String>,
    generated: Option<Generated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_preview: Option<Vec<String>>,
}

#[derive(Clone, Serialize)]
struct IndexSchema {
    name: Ident,
    columns: Vec<Ident>,
    #[serde(rename = "type")]
    kind: &'static str,
    /// The plugin that cuts its texts into words; null for the engine itself, or where it was not asked.
    parser: Option<String>,
    cardinality: Option<u64>,
}

#[derive(Serialize)]
struct KeySchema {
    name: Ident,
    columns: Vec<Ident>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ForeignKeySchema {
    name: Ident,
    columns: Vec<Ident>,
    /// Null where it is the same.
    referenced_database: Option<Ident>,
    referenced_table: Ident,
    referenced_columns: Vec<Ident>,
}

/// All tables of a catalogue; with values of their columns, where a sample is given.
pub fn tables(schema: &Schema, catalogue: Catalogue, shown: Option<&Sample>) -> Vec<TableSchema> {
    let read_at = catalogue.read_at;
    catalogue.tables.into_iter().map(|table| of_table(schema, table, read_at, shown)).collect()
}

fn of_table(schema: &Schema, table: Table, read_at: Timestamp, shown: Option<&Sample>) -> TableSchema {
    let indexes: Vec<IndexSchema> = table.indexes.iter().cloned().map(IndexSchema::from).collect();
    let columns: Vec<ColumnSchema> = table.columns.iter().map(|column| of_column(&table, column, shown)).collect();
    let searched = columns.iter().filter(|column| column.is_full_text_indexed && column.is_searchable);
    TableSchema {
        database: schema.clone(),
        full_text_columns: searched.map(|column| column.name.clone()).collect(),
        searchable: table.is_searchable(),
        columns,
        full_text_indexes: indexes.clone(),
        fulltext_indexes: indexes,
        name: table.name.clone(),
        table: table.name,
        kind: table.kind,
        engine: table.engine,
        collation: table.collation,
        partitioned: table.partitioned,
        primary_key: table.primary_key,
        unique_keys: table.unique_keys.into_iter().map(KeySchema::from).collect(),
        foreign_keys: table.foreign_keys.into_iter().map(ForeignKeySchema::from).collect(),
        estimated_rows: table.estimated_rows,
        row_count: table.estimated_rows,
        last_analyzed: read_at,
    }
}

fn of_column(table: &Table, column: &Column, shown: Option<&Sample>) -> ColumnSchema {
    let is_searchable = column.is_text() && !is_secret(column.name.as_str());
    let shown = shown.filter(|_| is_searchable);
    ColumnSchema {
        is_full_text_indexed: table.is_indexed(&column.name),
        is_searchable,
        name: column.name.clone(),
        type_name: column.type_name.clone(),
        nullable: column.nullable,
        key: column.key.clone(),
        collation: table.collation_of(column).filter(|_| column.is_text()).map(str::to_owned),
        generated: column.generated,
        data_preview: shown.map(|sample| sample.shown(&table.name, &column.name).to_vec()),
    }
}

impl From<FullTextIndex> for IndexSchema {
    fn from(index: FullTextIndex) -> Self {
        let parser = match index.parser {
            Parser::Plugin(name) => Some(name),
            Parser::BuiltIn | Parser::Unread => None,
        };
        Self { name: index.name, columns: index.columns, kind: "FULLTEXT", parser, cardinality: index.cardinality }
    }
}

impl From<UniqueKey> for KeySchema {
    fn from(key: UniqueKey) -> Self {
        Self { name: key.name, columns: key.parts.into_iter().map(|(column, _)| column).collect() }
    }
}

impl From<ForeignKey> for ForeignKeySchema {
    fn from(key: ForeignKey) -> Self {
        Self {
            name: key.name,
            columns: key.columns,
            referenced_database: key.referenced_schema,
            referenced_table: key.referenced_table,
            referenced_columns: key.referenced_columns,
        }
    }
}
