//! A table as its owner sees it: what was found, under what was said.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::clock::Timestamp;
use shared::id::{TableId, WarehouseId};
use shared::warehouses::{Column, Dialect, ForeignKey, Metadata, SaidOfColumn, Status, Table};

use super::ddl::create_table;
use crate::view::Instant;

/// A table.
#[derive(Serialize)]
pub struct TableView {
    id: TableId,
    db_connection_id: WarehouseId,
    schema_name: String,
    table_name: String,
    description: Option<String>,
    /// A statement that would make it.
    table_schema: Option<String>,
    columns: Vec<ColumnView>,
    examples: Vec<BTreeMap<String, Option<String>>>,
    last_schema_sync: Option<Instant>,
    status: Status,
    error_message: Option<String>,
    metadata: Option<Metadata>,
    created_at: Instant,
}

/// A column.
#[derive(Clone, Serialize)]
pub struct ColumnView {
    pub(super) name: String,
    pub(super) is_primary_key: bool,
    pub(super) data_type: String,
    pub(super) nullable: bool,
    description: Option<String>,
    low_cardinality: bool,
    categories: Option<Vec<String>>,
    pub(super) foreign_key: Option<ForeignKey>,
}

impl TableView {
    /// The table as it is now.
    pub fn new(table: Table, dialect: Dialect, now: Timestamp) -> Self {
        let (status, error_message) = table.status(now);
        let error_message = error_message.map(str::to_owned);
        let (scanned, said) = (table.scanned.unwrap_or_default(), table.said.unwrap_or_default());
        let names: Vec<String> = scanned.columns.iter().map(|column| column.name.clone()).collect();
        let columns: Vec<ColumnView> = scanned
            .columns
            .into_iter()
            .map(|column| {
                let said = said.columns.get(&column.name).cloned().unwrap_or_default();
                ColumnView::new(column, said)
            })
            .collect();
        let examples = scanned.examples.into_iter().map(|row| names.iter().cloned().zip(row).collect());
        Self {
            id: table.id,
            db_connection_id: table.id.warehouse(),
            table_schema: create_table(&table.schema, &table.name, &columns, dialect),
            schema_name: table.schema,
            table_name: table.name,
            description: said.description.or(scanned.comment),
            examples: examples.collect(),
            columns,
            last_schema_sync: table.last_schema_sync.map(Instant),
            status,
            error_message,
            metadata: said.metadata,
            created_at: Instant(table.created_at),
        }
    }
}

impl ColumnView {
    fn new(column: Column, said: SaidOfColumn) -> Self {
        Self {
            name: column.name,
            is_primary_key: said.is_primary_key.unwrap_or(column.is_primary_key),
            data_type: said.data_type.unwrap_or(column.data_type),
            nullable: column.nullable,
            description: said.description.or(column.comment),
            low_cardinality: said.low_cardinality.unwrap_or_default(),
            categories: said.categories,
            foreign_key: said.foreign_key.or(column.foreign_key),
        }
    }
}

#[cfg(test)]
pub(super) mod example {
    use super::*;

    /// A column that is nothing but named and typed.
    pub fn column(name: &str, data_type: &str, nullable: bool) -> ColumnView {
        let column = Column {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            nullable,
            is_primary_key: false,
            comment: None,
            foreign_key: None,
        };
        ColumnView::new(column, SaidOfColumn::default())
    }
}
