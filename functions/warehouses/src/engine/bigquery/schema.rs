//! What BigQuery says of a table, in the words that all dialects share (REST reference, "Resource: Table").

use serde::Deserialize;
use serde_json::Value;

use crate::engine::{Column, ForeignKey, Table, TableName};

/// A table.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Described {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    pub(super) schema: Schema,
    #[serde(default)]
    table_constraints: Constraints,
}

#[derive(Default, Deserialize)]
pub(super) struct Schema {
    #[serde(default)]
    pub(super) fields: Vec<Field>,
}

/// A column, or a part of one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Field {
    pub(super) name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    mode: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    pub(super) fields: Vec<Field>,
    #[serde(default)]
    max_length: Option<Value>,
    #[serde(default)]
    precision: Option<Value>,
    #[serde(default)]
    scale: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Constraints {
    primary_key: PrimaryKey,
    foreign_keys: Vec<Reference>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PrimaryKey {
    columns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    referenced_table: Referenced,
    #[serde(default)]
    column_references: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Referenced {
    dataset_id: String,
    table_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pair {
    referencing_column: String,
    referenced_column: String,
}

impl Described {
    /// Whether its rows lie somewhere. Those of a view are found by a query, which costs its owner money; those of an external
    /// table are not listed.
    pub(super) fn has_rows(&self) -> bool {
        !matches!(self.kind.as_str(), "VIEW" | "MATERIALIZED_VIEW" | "EXTERNAL")
    }

    /// The table in the words of all dialects.
    pub(super) fn table(&self, name: TableName) -> Table {
        let columns = self.schema.fields.iter().map(|field| self.column(&name, field)).collect();
        Table { comment: self.description.clone(), columns, name }
    }

    fn column(&self, table: &TableName, field: &Field) -> Column {
        Column {
            name: field.name.clone(),
            data_type: field.data_type(),
            nullable: field.mode != "REQUIRED",
            comment: field.description.clone(),
            is_primary_key: self.table_constraints.primary_key.columns.contains(&field.name),
            foreign_key: self.table_constraints.foreign_keys.iter().find_map(|key| key.of(table, &field.name)),
        }
    }
}

impl Reference {
    fn of(&self, table: &TableName, column: &str) -> Option<ForeignKey> {
        let pair = self.column_references.iter().find(|pair| pair.referencing_column == column)?;
        let Referenced { dataset_id, table_id } = &self.referenced_table;
        let is_beside = *dataset_id == table.schema;
        let reference_table = if is_beside { table_id.clone() } else { format!("{dataset_id}.{table_id}") };
        Some(ForeignKey { reference_table, field: pair.referenced_column.clone() })
    }
}

impl Field {
    /// Whether it holds several values.
    pub(super) fn is_repeated(&self) -> bool {
        self.mode == "REPEATED"
    }

    /// The type as a statement has it; the service tells those of the dialect before it ("Data types", "`TableFieldSchema`").
    fn data_type(&self) -> String {
        let one = match self.kind.as_str() {
            "INTEGER" => "INT64".to_owned(),
            "FLOAT" => "FLOAT64".to_owned(),
            "BOOLEAN" => "BOOL".to_owned(),
            "RECORD" | "STRUCT" => {
                let part = |field: &Self| format!("{} {}", field.name, field.data_type());
                format!("STRUCT<{}>", self.fields.iter().map(part).collect::<Vec<_>>().join(", "))
            }
            other => other.to_owned(),
        };
        let sizes = [&self.max_length, &self.precision, &self.scale];
        let sizes: Vec<String> = sizes.into_iter().flatten().map(number).collect();
        let one = if sizes.is_empty() { one } else { format!("{one}({})", sizes.join(", ")) };
        if self.is_repeated() { format!("ARRAY<{one}>") } else { one }
    }
}

/// A number as the service writes it: as a text, because it has 64 bits.
fn number(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
