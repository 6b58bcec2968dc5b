//! What Snowflake's `SHOW` statements say of tables, in the words that all dialects share. None of them needs a warehouse (SQL
//! reference, "SHOW OBJECTS", "SHOW COLUMNS", "SHOW PRIMARY KEYS"; the last has the form of "SHOW IMPORTED KEYS" too).

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use shared::warehouses::TABLES_MAX;

use super::protocol::{Found, Login};
use crate::engine::{Column, ForeignKey, Refusal, Table, TableName, quoted};

/// A table or a view.
#[derive(Clone)]
pub(super) struct Object {
    pub(super) name: String,
    is_view: bool,
    comment: Option<String>,
}

/// The keys of a schema, by table and column.
#[derive(Default)]
pub(super) struct Keys {
    primary: HashSet<(String, String)>,
    foreign: HashMap<(String, String), ForeignKey>,
}

/// A type, as `SHOW COLUMNS` writes it in JSON.
#[derive(Deserialize)]
struct Type {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    precision: Option<u32>,
    #[serde(default)]
    scale: Option<u32>,
    #[serde(default)]
    length: Option<u64>,
}

/// The names of the schemas of a database.
pub(super) async fn schemas(login: &mut Login, database: &str) -> Result<Vec<String>, Refusal> {
    let found = login.ask(&format!("SHOW SCHEMAS IN DATABASE {}", quoted(database, '"'))).await?;
    let names = found.map(|found| found.only(["name"])).transpose()?.unwrap_or_default();
    let mut names: Vec<String> = names.into_iter().filter_map(|[name]| name).collect();
    names.retain(|name| name != "INFORMATION_SCHEMA");
    names.sort();
    Ok(names)
}

/// The tables and views of a schema, by name, but no more than anybody keeps; none where there is no such schema.
pub(super) async fn objects(login: &mut Login, schema: &str) -> Result<Option<Vec<Object>>, Refusal> {
    let found = login.ask(&format!("SHOW OBJECTS IN SCHEMA {schema} LIMIT {}", TABLES_MAX + 1)).await?;
    let Some(found) = found else { return Ok(None) };
    let object = |[name, kind, comment]: [Option<String>; 3]| {
        let is_view = kind.is_some_and(|kind| kind.to_ascii_uppercase().ends_with("VIEW"));
        Some(Object { name: name?, is_view, comment: comment.filter(|text| !text.is_empty()) })
    };
    let mut objects: Vec<Object> = found.only(["name", "kind", "comment"])?.into_iter().filter_map(object).collect();
    objects.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Some(objects))
}

/// The keys of a schema.
pub(super) async fn keys(login: &mut Login, schema: &str) -> Result<Keys, Refusal> {
    let primary = login.ask(&format!("SHOW PRIMARY KEYS IN SCHEMA {schema}")).await?;
    let foreign = login.ask(&format!("SHOW IMPORTED KEYS IN SCHEMA {schema}")).await?;
    let primary = primary.map(|found| found.only(["table_name", "column_name"])).transpose()?.unwrap_or_default();
    let key = |[table, column]: [Option<String>; 2]| Some((table?, column?));
    Ok(Keys {
        primary: primary.into_iter().filter_map(key).collect(),
        foreign: foreign.map(references).transpose()?.unwrap_or_default(),
    })
}

fn references(found: Found) -> Result<HashMap<(String, String), ForeignKey>, Refusal> {
    let names =
        ["fk_schema_name", "fk_table_name", "fk_column_name", "pk_schema_name", "pk_table_name", "pk_column_name"];
    let reference = |[schema, table, column, of_schema, of_table, field]: [Option<String>; 6]| {
        let (of_schema, of_table) = (of_schema?, of_table.filter(|name| !name.is_empty())?);
        let is_beside = schema? == of_schema;
        let reference_table = if is_beside { of_table } else { format!("{of_schema}.{of_table}") };
        Some(((table?, column?), ForeignKey { reference_table, field: field? }))
    };
    Ok(found.only(names)?.into_iter().filter_map(reference).collect())
}

/// What a table holds; none where it is not there any more. `place` is its whole name as it stands in statements.
pub(super) async fn table(
    login: &mut Login,
    object: &Object,
    name: TableName,
    place: &str,
    keys: &Keys,
) -> Result<Option<Table>, Refusal> {
    let kind = if object.is_view { "VIEW" } else { "TABLE" };
    let Some(found) = login.ask(&format!("SHOW COLUMNS IN {kind} {place}")).await? else { return Ok(None) };
    let column = |[column, data_type, nullable, comment]: [Option<String>; 4]| {
        let column = column.ok_or(Refusal::Protocol)?;
        let data_type: Type = serde_json::from_str(&data_type.unwrap_or_default()).map_err(|_| Refusal::Protocol)?;
        let place = (name.name.clone(), column.clone());
        Ok(Column {
            name: column,
            nullable: nullable.is_some_and(|word| word.eq_ignore_ascii_case("true")),
            data_type: data_type.name(),
            comment: comment.filter(|text| !text.is_empty()),
            is_primary_key: keys.primary.contains(&place),
            foreign_key: keys.foreign.get(&place).cloned(),
        })
    };
    let columns = found.only(["column_name", "data_type", "null?", "comment"])?.into_iter().map(column);
    let columns = columns.collect::<Result<_, Refusal>>()?;
    Ok(Some(Table { comment: object.comment.clone(), columns, name }))
}

impl Type {
    /// The type as a statement has it ("Summary of data types").
    fn name(&self) -> String {
        let sized = |name: &str, size: Option<u64>| match size {
            Some(size) => format!("{name}({size})"),
            None => name.to_owned(),
        };
        match self.kind.as_str() {
            "FIXED" => format!("NUMBER({},{})", self.precision.unwrap_or(38), self.scale.unwrap_or_default()),
            "REAL" => "FLOAT".to_owned(),
            "TEXT" => sized("VARCHAR", self.length),
            "BINARY" => sized("BINARY", self.length),
            kind if kind.starts_with("TIME") => sized(kind, self.scale.map(u64::from)),
            kind => kind.to_owned(),
        }
    }
}
