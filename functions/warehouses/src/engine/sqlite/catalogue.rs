//! What a file holds, in three statements however many tables it has.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::SCHEMA;
use crate::engine::{Column, ForeignKey, Table, TableName};

/// Tables and views, without SQLite's own and what its extensions keep their data in.
const TABLES: &str = "pragma_table_list AS t WHERE t.schema = 'main' AND t.type IN ('table', 'view', 'virtual') \
     AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

/// The names of the tables.
pub(super) fn tables(connection: &Connection) -> rusqlite::Result<Vec<TableName>> {
    let mut statement = connection.prepare(&format!("SELECT t.name FROM {TABLES} ORDER BY t.name"))?;
    statement.query_map((), |row| Ok(name(row.get(0)?)))?.collect()
}

/// All of them, with their columns and keys.
pub(super) fn describe(connection: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut described: BTreeMap<String, Table> = tables(connection)?
        .into_iter()
        .map(|name| (name.name.clone(), Table { name, comment: None, columns: Vec::new() }))
        .collect();
    let keys = columns(connection, &mut described)?;
    references(connection, &mut described, &keys)?;
    Ok(described.into_values().collect())
}

type Tables = BTreeMap<String, Table>;

/// The columns of primary keys by the table and their place in its key, from 1.
type Keys = BTreeMap<(String, i64), String>;

/// The columns, generated ones included; those that a virtual table hides are left out.
fn columns(connection: &Connection, tables: &mut Tables) -> rusqlite::Result<Keys> {
    let sql = format!(
        "SELECT t.name, c.name, c.type, c.\"notnull\", c.pk FROM (SELECT t.name FROM {TABLES}) AS t \
         JOIN pragma_table_xinfo(t.name) AS c WHERE c.hidden <> 1 ORDER BY t.name, c.cid"
    );
    let mut keys = Keys::new();
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let (table, column, place): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(4)?);
        if let Some(table) = tables.get_mut(&table) {
            table.columns.push(Column {
                name: column.clone(),
                data_type: row.get(2)?,
                nullable: !row.get::<_, bool>(3)?,
                comment: None,
                is_primary_key: place > 0,
                foreign_key: None,
            });
        }
        if place > 0 {
            keys.insert((table, place), column);
        }
    }
    Ok(keys)
}

/// What columns refer to. A reference without a column means the primary key of the other table. Names of tables and columns
/// are the same in any case, and a reference need not have the case of what it means.
fn references(connection: &Connection, tables: &mut Tables, keys: &Keys) -> rusqlite::Result<()> {
    let sql = format!(
        "SELECT t.name, k.\"from\", k.\"table\", k.\"to\", k.seq FROM (SELECT t.name FROM {TABLES}) AS t \
         JOIN pragma_foreign_key_list(t.name) AS k ORDER BY t.name, k.id, k.seq"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let (table, column, other): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let other = tables.keys().find(|known| known.eq_ignore_ascii_case(&other)).cloned().unwrap_or(other);
        let place: i64 = row.get(4)?;
        let field = row.get::<_, Option<String>>(3)?.or_else(|| keys.get(&(other.clone(), place + 1)).cloned());
        let columns = tables.get_mut(&table).into_iter().flat_map(|table| &mut table.columns);
        let own = columns.into_iter().find(|known| known.name.eq_ignore_ascii_case(&column));
        if let (Some(own), Some(field)) = (own, field)
            && own.foreign_key.is_none()
        {
            own.foreign_key = Some(ForeignKey { reference_table: other, field });
        }
    }
    Ok(())
}

fn name(name: String) -> TableName {
    TableName { schema: SCHEMA.to_owned(), name }
}
