//! What a database holds, in one statement for schemas and for tables, and three for all that there is to say of tables,
//! however many they are. Everything here can be read by a user who may only connect.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use tokio_postgres::Row;
use tokio_postgres::types::FromSqlOwned;

use super::Postgres;
use crate::engine::{Column, ForeignKey, Refusal, Table, TableName};

/// With more tables than this a statement names schemas alone, and what was not meant is left out here.
const NAMES_MAX: usize = 1_000;

/// Tables, views, materialised views, partitioned and foreign tables of schemas that may be used. The parts of a partitioned
/// table are not tables that anybody asks for.
const VISIBLE: &str = "c.relkind IN ('r', 'p', 'v', 'm', 'f') \
     AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') \
     AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent \
         WHERE i.inhrelid = c.oid AND p.relkind = 'p')";

/// The schemas that the user may use, without the server's own.
pub(super) async fn schemas(session: &mut Postgres) -> Result<Vec<String>, Refusal> {
    const SQL: &str = "SELECT nspname::text FROM pg_catalog.pg_namespace \
         WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' \
         AND pg_catalog.has_schema_privilege(oid, 'USAGE')";
    let mut schemas: Vec<String> =
        session.rows(SQL, &[]).await?.iter().map(|row| get(row, 0)).collect::<Result<_, _>>()?;
    schemas.sort();
    Ok(schemas)
}

/// The tables of these schemas.
pub(super) async fn tables(session: &mut Postgres, schemas: &[String]) -> Result<Vec<TableName>, Refusal> {
    if schemas.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE {VISIBLE} AND n.nspname IN ({})",
        places(1, schemas.len()),
    );
    let params: Vec<&str> = schemas.iter().map(String::as_str).collect();
    let rows = session.rows(&sql, &params).await?;
    let mut tables: Vec<TableName> = rows.iter().map(name).collect::<Result<_, _>>()?;
    tables.sort();
    Ok(tables)
}

/// What these tables hold.
pub(super) async fn describe(session: &mut Postgres, tables: &[TableName]) -> Result<Vec<Table>, Refusal> {
    let Some(wanted) = Wanted::of(tables) else { return Ok(Vec::new()) };
    let mut described = comments(session, &wanted).await?;
    columns(session, &wanted, &mut described).await?;
    keys(session, &wanted, &mut described).await?;
    Ok(described.into_values().collect())
}

type Tables = BTreeMap<TableName, Table>;

/// A condition that names tables.
struct Wanted<'a> {
    condition: String,
    params: Vec<&'a str>,
    tables: HashSet<&'a TableName>,
}

impl<'a> Wanted<'a> {
    fn of(tables: &'a [TableName]) -> Option<Self> {
        let schemas: BTreeSet<&str> = tables.iter().map(|table| table.schema.as_str()).collect();
        let names: BTreeSet<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        if schemas.is_empty() {
            return None;
        }
        let tables = tables.iter().collect();
        let mut params: Vec<&str> = schemas.into_iter().collect();
        let of_schemas = format!("{VISIBLE} AND n.nspname IN ({})", places(1, params.len()));
        if names.len() > NAMES_MAX {
            return Some(Self { condition: of_schemas, params, tables });
        }
        let condition = format!("{of_schemas} AND c.relname IN ({})", places(params.len() + 1, names.len()));
        params.extend(names);
        Some(Self { condition, params, tables })
    }
}

/// The tables that are there, and what is said of them.
async fn comments(session: &mut Postgres, wanted: &Wanted<'_>) -> Result<Tables, Refusal> {
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text, d.description::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 \
             AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass \
         WHERE {}",
        wanted.condition
    );
    let mut tables = Tables::new();
    for row in session.rows(&sql, &wanted.params).await? {
        let table = Table { name: name(&row)?, comment: get(&row, 2)?, columns: Vec::new() };
        if wanted.tables.contains(&table.name) {
            tables.insert(table.name.clone(), table);
        }
    }
    Ok(tables)
}

/// The columns. One of a domain may not be null where the domain may not.
async fn columns(session: &mut Postgres, wanted: &Wanted<'_>, tables: &mut Tables) -> Result<(), Refusal> {
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text, a.attname::text, \
             pg_catalog.format_type(a.atttypid, a.atttypmod)::text, \
             a.attnotnull OR (t.typtype = 'd' AND t.typnotnull), d.description::text \
         FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
         LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = a.attnum \
             AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass \
         WHERE a.attnum > 0 AND NOT a.attisdropped AND {} ORDER BY a.attrelid, a.attnum",
        wanted.condition
    );
    for row in session.rows(&sql, &wanted.params).await? {
        let Some(table) = tables.get_mut(&name(&row)?) else { continue };
        table.columns.push(Column {
            name: get(&row, 2)?,
            data_type: get(&row, 3)?,
            nullable: !get::<bool>(&row, 4)?,
            comment: get(&row, 5)?,
            is_primary_key: false,
            foreign_key: None,
        });
    }
    Ok(())
}

/// The keys. A row is a column of a key beside a column of what it refers to, and the places of both in their keys, because
/// Redshift has no way to take an array apart: what does not belong together is left out here.
async fn keys(session: &mut Postgres, wanted: &Wanted<'_>, tables: &mut Tables) -> Result<(), Refusal> {
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text, a.attname::text, a.attnum, k.conkey, \
             fn.nspname::text, fc.relname::text, fa.attname::text, fa.attnum, k.confkey \
         FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) \
         LEFT JOIN pg_catalog.pg_class fc ON fc.oid = k.confrelid \
         LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace \
         LEFT JOIN pg_catalog.pg_attribute fa ON fa.attrelid = k.confrelid AND fa.attnum = ANY (k.confkey) \
         WHERE k.contype IN ('p', 'f') AND {} ORDER BY k.conname, k.oid",
        wanted.condition
    );
    for row in session.rows(&sql, &wanted.params).await? {
        let Some(table) = tables.get_mut(&name(&row)?) else { continue };
        let column: String = get(&row, 2)?;
        let Some(column) = table.columns.iter_mut().find(|known| known.name == column) else { continue };
        match reference(&row, &table.name.schema)? {
            Reference::None => column.is_primary_key = true,
            Reference::To(reference) if column.foreign_key.is_none() => column.foreign_key = Some(reference),
            Reference::To(_) | Reference::OfAnother => {}
        }
    }
    Ok(())
}

/// What a row of keys says that its column refers to.
enum Reference {
    /// Nothing: it is of a primary key.
    None,
    To(ForeignKey),
    /// It stands beside the column of another one.
    OfAnother,
}

fn reference(row: &Row, own_schema: &str) -> Result<Reference, Refusal> {
    let (schema, table, field): (Option<String>, Option<String>, Option<String>) =
        (get(row, 5)?, get(row, 6)?, get(row, 7)?);
    let (Some(schema), Some(table), Some(field)) = (schema, table, field) else { return Ok(Reference::None) };
    if place(row, 3, 4)? != place(row, 8, 9)? {
        return Ok(Reference::OfAnother);
    }
    let reference_table = if schema == own_schema { table } else { format!("{schema}.{table}") };
    Ok(Reference::To(ForeignKey { reference_table, field }))
}

/// Where the number of a column stands in a key.
fn place(row: &Row, number: usize, key: usize) -> Result<Option<usize>, Refusal> {
    let number: i16 = get(row, number)?;
    Ok(get::<Vec<i16>>(row, key)?.iter().position(|known| *known == number))
}

/// The places of parameters: `$3, $4`.
fn places(from: usize, count: usize) -> String {
    (from..from + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

/// The first two columns of a row.
fn name(row: &Row) -> Result<TableName, Refusal> {
    Ok(TableName { schema: get(row, 0)?, name: get(row, 1)? })
}

/// A value of a row; a row of another shape is a server that is not what it says.
pub(super) fn get<T: FromSqlOwned>(row: &Row, place: usize) -> Result<T, Refusal> {
    row.try_get(place).map_err(|_| Refusal::Protocol)
}
