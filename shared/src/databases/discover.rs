//! Reads a schema in seven statements, however many tables it has; in eight where the server has a list of stopwords of
//! its own, and on MySQL in one more for each of the first few tables with a FULLTEXT index (see `parser`). Everything
//! here can be read by a user who has nothing but SELECT on the schema; measured on MySQL 9.7 and MariaDB 10.11.

mod keys;
mod parser;
mod server;

use std::collections::BTreeMap;

use mysql_async::prelude::FromRow;
use mysql_async::{Params, Row};

use super::catalogue::{Catalogue, Column, Flavour, Generated, Ident, Table, TableKind};
use super::connect::{Connector, Target};
use super::connection::Connection;
use super::fault::{Fault, Reason};
use super::probe::probe;
use super::sample::Sample;
use crate::clock::Timestamp;

/// Connects, reads the schema and closes.
pub async fn discover(connector: &Connector, target: Target<'_>, now: Timestamp) -> Result<Catalogue, Fault> {
    Ok(probe(connector, target, now).await?.catalogue)
}

/// The same, with a sample of what the tables hold, in at most four statements more.
pub async fn survey(connector: &Connector, target: Target<'_>, now: Timestamp) -> Result<(Catalogue, Sample), Fault> {
    let mut connection = connector.open(target).await?;
    let catalogue = read(&mut connection, now).await?;
    let sample = Sample::read(&mut connection, &catalogue).await;
    connection.close().await;
    Ok((catalogue, sample))
}

/// Puts an open connection under our limits and reads its tables, with their columns and keys: what there is to know of a
/// schema that is not searched.
pub async fn outline(connection: &mut Connection) -> Result<(Flavour, Vec<Table>), Fault> {
    let server = enter(connection).await?;
    Ok((server.flavour, structure(connection).await?.into_values().collect()))
}

/// Reads the schema of an open connection.
pub(super) async fn read(connection: &mut Connection, now: Timestamp) -> Result<Catalogue, Fault> {
    let server = enter(connection).await?;
    let stopwords = server.stopwords(connection).await?;
    let tables = structure(connection).await?;
    let mut catalogue = Catalogue {
        version: server.version,
        flavour: server.flavour,
        token_size_min: server.token_size_min,
        token_size_max: server.token_size_max,
        word_length_min: server.word_length_min,
        ngram_token_size: server.ngram_token_size,
        has_mroonga: server.has_mroonga,
        stopwords,
        language: None,
        tables: tables.into_values().collect(),
        read_at: now,
    };
    parser::read(connection, &mut catalogue).await?;
    catalogue.language = Sample::language(connection, &catalogue).await;
    Ok(catalogue)
}

/// Asks whose server it is, and puts the session under our limits.
async fn enter(connection: &mut Connection) -> Result<server::Server, Fault> {
    let server = server::Server::read(connection).await?;
    connection.begin(server.flavour, "").await?;
    connection.check_limits(server.flavour).await?;
    Ok(server)
}

type Tables = BTreeMap<String, Table>;

async fn structure(connection: &mut Connection) -> Result<Tables, Fault> {
    let mut tables = tables(connection).await?;
    columns(connection, &mut tables).await?;
    keys::own(connection, &mut tables).await?;
    keys::foreign(connection, &mut tables).await?;
    Ok(tables)
}

async fn tables(connection: &mut Connection) -> Result<Tables, Fault> {
    const SQL: &str = "SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION, COALESCE(CREATE_OPTIONS, ''), \
         COALESCE(TABLE_ROWS, 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()";
    type Found = (String, String, Option<String>, Option<String>, String, u64);
    let rows = connection.rows(SQL, Params::Empty).await?;
    rows.into_iter()
        .map(|row| {
            let (name, kind, engine, collation, options, estimated_rows): Found = parse(row)?;
            let table = Table {
                name: ident(&name)?,
                kind: if kind.ends_with("VIEW") { TableKind::View } else { TableKind::Table },
                engine,
                collation,
                partitioned: options.contains("partitioned"),
                columns: Vec::new(),
                indexes: Vec::new(),
                primary_key: Vec::new(),
                unique_keys: Vec::new(),
                foreign_keys: Vec::new(),
                estimated_rows,
            };
            Ok((name, table))
        })
        .collect()
}

async fn columns(connection: &mut Connection, tables: &mut Tables) -> Result<(), Fault> {
    const SQL: &str = "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY, COLLATION_NAME, EXTRA \
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION";
    type Found = (String, String, String, String, String, Option<String>, String);
    for row in connection.rows(SQL, Params::Empty).await? {
        let (table, name, type_name, nullable, key, collation, extra): Found = parse(row)?;
        let Some(table) = tables.get_mut(&table) else { continue };
        table.columns.push(Column {
            name: ident(&name)?,
            type_name,
            nullable: nullable == "YES",
            key,
            collation: collation.filter(|collation| table.collation.as_ref() != Some(collation)),
            generated: generated(&extra),
            auto_increment: extra.to_lowercase().contains("auto_increment"),
        });
    }
    Ok(())
}

/// `EXTRA` says `STORED GENERATED`, and on old servers of MariaDB `PERSISTENT`; `DEFAULT_GENERATED` is about defaults.
fn generated(extra: &str) -> Option<Generated> {
    let words = || extra.split_whitespace();
    match () {
        () if words().any(|word| word == "STORED" || word == "PERSISTENT") => Some(Generated::Stored),
        () if words().any(|word| word == "VIRTUAL") => Some(Generated::Virtual),
        () => None,
    }
}

pub(super) fn only<T: FromRow>(rows: Vec<Row>) -> Result<T, Fault> {
    rows.into_iter().next().ok_or(Reason::Protocol.alone()).and_then(parse)
}

/// A name as a server may have it (MySQL manual, "Identifiers" and "Identifier Length Limits"): 1 to 64 characters, none
/// of which is NUL.
fn ident(name: &str) -> Result<Ident, Fault> {
    let is_name = (1..=64).contains(&name.chars().count()) && !name.contains('\0');
    if is_name { Ok(Ident::from_server(name.to_owned())) } else { Err(Reason::Protocol.alone()) }
}

/// The values of a row; a row of another shape is a server that is not what it says.
fn parse<T: FromRow>(row: Row) -> Result<T, Fault> {
    T::from_row_opt(row).map_err(|_| Reason::Protocol.alone())
}
