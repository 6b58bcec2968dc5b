//! Indexes and keys of all tables, in two statements.

use mysql_async::Params;

use super::{Tables, ident, parse};
use crate::databases::catalogue::{ForeignKey, FullTextIndex, Ident, Parser, Table, UniqueKey};
use crate::databases::connection::Connection;
use crate::databases::fault::Fault;

/// FULLTEXT indexes, the primary key and other unique ones.
pub async fn own(connection: &mut Connection, tables: &mut Tables) -> Result<(), Fault> {
    const SQL: &str = "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART, INDEX_TYPE, CARDINALITY \
         FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() \
         AND (INDEX_TYPE = 'FULLTEXT' OR NON_UNIQUE = 0) ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";
    type Found = (String, String, Option<String>, Option<u64>, String, Option<u64>);
    for row in connection.rows(SQL, Params::Empty).await? {
        let (table, index, column, length, kind, cardinality): Found = parse(row)?;
        let Some(table) = tables.get_mut(&table) else { continue };
        let index = ident(&index)?;
        match column.as_deref().map(ident).transpose()? {
            // The part of a key over an expression has no name: such a key can not be used.
            None => table.unique_keys.retain(|known| known.name != index),
            Some(column) if kind == "FULLTEXT" => index_column(table, index, column, cardinality),
            Some(column) if index.as_str() == "PRIMARY" => table.primary_key.push(column),
            Some(column) => unique_part(table, index, (column, length)),
        }
    }
    Ok(())
}

fn index_column(table: &mut Table, index: Ident, column: Ident, cardinality: Option<u64>) {
    match table.indexes.iter_mut().find(|known| known.name == index) {
        Some(known) => known.columns.push(column),
        None => table.indexes.push(FullTextIndex {
            name: index,
            columns: vec![column],
            parser: Parser::BuiltIn,
            cardinality,
        }),
    }
}

fn unique_part(table: &mut Table, index: Ident, part: (Ident, Option<u64>)) {
    match table.unique_keys.iter_mut().find(|known| known.name == index) {
        Some(known) => known.parts.push(part),
        None => table.unique_keys.push(UniqueKey { name: index, parts: vec![part] }),
    }
}

/// What tables refer to.
pub async fn foreign(connection: &mut Connection, tables: &mut Tables) -> Result<(), Fault> {
    const SQL: &str = "SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, \
         NULLIF(REFERENCED_TABLE_SCHEMA, TABLE_SCHEMA), REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME \
         FROM information_schema.KEY_COLUMN_USAGE \
         WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL AND REFERENCED_COLUMN_NAME IS NOT NULL \
         ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION";
    type Found = (String, String, String, Option<String>, String, String);
    for row in connection.rows(SQL, Params::Empty).await? {
        let (table, name, column, schema, referenced, referenced_column): Found = parse(row)?;
        let Some(table) = tables.get_mut(&table) else { continue };
        let (name, column, referenced_column) = (ident(&name)?, ident(&column)?, ident(&referenced_column)?);
        if let Some(known) = table.foreign_keys.iter_mut().find(|known| known.name == name) {
            known.columns.push(column);
            known.referenced_columns.push(referenced_column);
            continue;
        }
        table.foreign_keys.push(ForeignKey {
            name,
            columns: vec![column],
            referenced_schema: schema.as_deref().map(ident).transpose()?,
            referenced_table: ident(&referenced)?,
            referenced_columns: vec![referenced_column],
        });
    }
    Ok(())
}
