//! What Unity Catalog says of a table, in the words that all dialects share (REST reference, "Unity Catalog", "Tables").

use serde::Deserialize;

use crate::engine::{Column, ForeignKey, Table, TableName};

/// A table.
#[derive(Deserialize)]
pub(super) struct Described {
    #[serde(default)]
    pub(super) columns: Vec<Listed>,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default)]
    table_constraints: Vec<Constraint>,
}

/// A column.
#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) name: String,
    #[serde(default)]
    pub(super) type_text: String,
    #[serde(default)]
    position: u32,
    #[serde(default = "yes")]
    nullable: bool,
    #[serde(default)]
    comment: Option<String>,
}

#[derive(Deserialize)]
struct Constraint {
    #[serde(default)]
    primary_key_constraint: Option<PrimaryKey>,
    #[serde(default)]
    foreign_key_constraint: Option<Reference>,
}

#[derive(Deserialize)]
struct PrimaryKey {
    child_columns: Vec<String>,
}

#[derive(Deserialize)]
struct Reference {
    child_columns: Vec<String>,
    /// With its catalog and its schema.
    parent_table: String,
    parent_columns: Vec<String>,
}

fn yes() -> bool {
    true
}

impl Described {
    /// The columns in their own order, which the service does not promise.
    pub(super) fn in_order(mut self) -> Self {
        self.columns.sort_by_key(|column| column.position);
        self
    }

    /// The table in the words of all dialects.
    pub(super) fn table(&self, name: TableName) -> Table {
        let columns = self.columns.iter().map(|column| self.column(&name, column)).collect();
        Table { comment: self.comment.clone(), columns, name }
    }

    fn column(&self, table: &TableName, column: &Listed) -> Column {
        let mut keys = self.table_constraints.iter().filter_map(|of| of.primary_key_constraint.as_ref());
        let mut references = self.table_constraints.iter().filter_map(|of| of.foreign_key_constraint.as_ref());
        Column {
            name: column.name.clone(),
            data_type: column.type_text.clone(),
            nullable: column.nullable,
            comment: column.comment.clone(),
            is_primary_key: keys.any(|key| key.child_columns.contains(&column.name)),
            foreign_key: references.find_map(|reference| reference.of(table, &column.name)),
        }
    }
}

impl Reference {
    fn of(&self, table: &TableName, column: &str) -> Option<ForeignKey> {
        let place = self.child_columns.iter().position(|own| own == column)?;
        let field = self.parent_columns.get(place)?.clone();
        let parent = self.parent_table.split_once('.').map_or(&*self.parent_table, |(_catalog, parent)| parent);
        let beside = parent.strip_prefix(&table.schema).and_then(|rest| rest.strip_prefix('.'));
        Some(ForeignKey { reference_table: beside.unwrap_or(parent).to_owned(), field })
    }
}
