use serde::Serialize;
use shared::app::App;
use shared::clock::Timestamp;
use shared::databases::{Catalogue, Database, FullTextIndex, Ident, Schema, Table};
use shared::http::{Owned, Reply, State};
use shared::{Error, Result};

use crate::test::reach;

/// One table or view.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableSchema {
    database: Schema,
    table: Ident,
    columns: Vec<ColumnSchema>,
    full_text_indexes: Vec<IndexSchema>,
    primary_key: Vec<Ident>,
    estimated_rows: u64,
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
}

#[derive(Serialize)]
struct IndexSchema {
    name: Ident,
    columns: Vec<Ident>,
    #[serde(rename = "type")]
    kind: &'static str,
    cardinality: Option<u64>,
}

/// `GET /api/v1/databases/{connectionId}/schema`: read anew, and kept for the searches that follow.
pub async fn schema(State(app): State<App>, Owned(database): Owned<Database>) -> Result<Reply<Vec<TableSchema>>> {
    let catalogue = reach(&app, &database, app.clock.now()).await?.map_err(Error::DatabaseFailed)?;
    Ok(Reply::ok(tables(&database.settings.schema, catalogue)))
}

fn tables(schema: &Schema, catalogue: Catalogue) -> Vec<TableSchema> {
    let read_at = catalogue.read_at;
    let of_table = |table: Table| TableSchema {
        database: schema.clone(),
        columns: columns(&table),
        full_text_indexes: table.indexes.iter().cloned().map(IndexSchema::from).collect(),
        table: table.name,
        primary_key: table.primary_key,
        estimated_rows: table.estimated_rows,
        last_analyzed: read_at,
    };
    catalogue.tables.into_iter().map(of_table).collect()
}

fn columns(table: &Table) -> Vec<ColumnSchema> {
    let of_column = |column: &shared::databases::Column| ColumnSchema {
        is_full_text_indexed: table.is_indexed(&column.name),
        is_searchable: column.is_text(),
        name: column.name.clone(),
        type_name: column.type_name.clone(),
        nullable: column.nullable,
        key: column.key.clone(),
    };
    table.columns.iter().map(of_column).collect()
}

impl From<FullTextIndex> for IndexSchema {
    fn from(index: FullTextIndex) -> Self {
        Self { name: index.name, columns: index.columns, kind: "FULLTEXT", cardinality: index.cardinality }
    }
}
