//! Reads a schema in five statements, however many tables it has. Everything here can be read by a user who has
//! nothing but SELECT on the schema.

use std::collections::BTreeMap;

use mysql_async::prelude::FromRow;
use mysql_async::{Params, Row};

use super::catalogue::{Catalogue, Column, Flavour, FullTextIndex, Ident, Stopwords, Table};
use super::connect::{Connector, Target};
use super::connection::Connection;
use super::fault::{Fault, Reason};
use super::probe::probe;
use crate::clock::Timestamp;

/// Connects, reads the schema and closes.
pub async fn discover(connector: &Connector, target: Target<'_>, now: Timestamp) -> Result<Catalogue, Fault> {
    Ok(probe(connector, target, now).await?.catalogue)
}

/// Reads the schema of an open connection.
pub(super) async fn read(connection: &mut Connection, now: Timestamp) -> Result<Catalogue, Fault> {
    let server = server(connection).await?;
    connection.begin(server.flavour, "").await?;
    connection.check_limits(server.flavour).await?;
    let stopwords = stopwords(connection, &server).await?;
    let mut tables = tables(connection).await?;
    columns(connection, &mut tables).await?;
    keys(connection, &mut tables).await?;
    Ok(Catalogue {
        version: server.version,
        flavour: server.flavour,
        token_size_min: server.token_size_min,
        token_size_max: server.token_size_max,
        stopwords,
        tables: tables.into_values().collect(),
        read_at: now,
    })
}

struct Server {
    version: String,
    flavour: Flavour,
    token_size_min: usize,
    token_size_max: usize,
    stopwords_on: bool,
    stopword_table: Option<String>,
}

async fn server(connection: &mut Connection) -> Result<Server, Fault> {
    const SQL: &str = "SELECT @@version, @@innodb_ft_min_token_size, @@innodb_ft_max_token_size, \
         @@innodb_ft_enable_stopword, COALESCE(@@innodb_ft_user_stopword_table, @@innodb_ft_server_stopword_table)";
    type Settings = (String, usize, usize, i64, Option<String>);
    let (version, token_size_min, token_size_max, stopwords_on, stopword_table): Settings =
        only(connection.rows(SQL, Params::Empty).await?)?;
    let flavour = if version.to_lowercase().contains("mariadb") { Flavour::MariaDb } else { Flavour::MySql };
    let stopwords_on = stopwords_on != 0;
    Ok(Server { version, flavour, token_size_min, token_size_max, stopwords_on, stopword_table })
}

/// The words that the server leaves out. A list that our user may not read is taken to be the built-in one, which is
/// the better guess: a word that is wrongly thought to be indexed makes a search find nothing.
async fn stopwords(connection: &mut Connection, server: &Server) -> Result<Stopwords, Fault> {
    let Some((schema, table)) = server.stopword_table.as_deref().and_then(|name| name.split_once('/')) else {
        return Ok(if server.stopwords_on { Stopwords::BuiltIn } else { Stopwords::Off });
    };
    let name = |text: &str| Ident::from_server(text.to_owned()).quoted();
    let sql = format!("SELECT LOWER(value) FROM {}.{} LIMIT 10000", name(schema), name(table));
    match connection.rows(&sql, Params::Empty).await {
        Ok(rows) => Ok(Stopwords::Own(
            rows.into_iter().map(parse::<(String,)>).map(|row| Ok(row?.0)).collect::<Result<_, Fault>>()?,
        )),
        Err(Fault { reason: Reason::Permission | Reason::SchemaChanged | Reason::NoSuchDatabase, .. }) => {
            Ok(Stopwords::BuiltIn)
        }
        Err(fault) => Err(fault),
    }
}

async fn tables(connection: &mut Connection) -> Result<BTreeMap<String, Table>, Fault> {
    const SQL: &str = "SELECT TABLE_NAME, COALESCE(TABLE_ROWS, 0) FROM information_schema.TABLES \
         WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME";
    let rows = connection.rows(SQL, Params::Empty).await?;
    rows.into_iter()
        .map(|row| {
            let (name, estimated_rows): (String, u64) = parse(row)?;
            let ident = Ident::from_server(name.clone());
            let table = Table { name: ident, columns: vec![], indexes: vec![], primary_key: vec![], estimated_rows };
            Ok((name, table))
        })
        .collect()
}

async fn columns(connection: &mut Connection, tables: &mut BTreeMap<String, Table>) -> Result<(), Fault> {
    const SQL: &str = "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY \
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION";
    for row in connection.rows(SQL, Params::Empty).await? {
        let (table, name, type_name, nullable, key): (String, String, String, String, String) = parse(row)?;
        if let Some(table) = tables.get_mut(&table) {
            let name = Ident::from_server(name);
            table.columns.push(Column { name, type_name, nullable: nullable == "YES", key });
        }
    }
    Ok(())
}

async fn keys(connection: &mut Connection, tables: &mut BTreeMap<String, Table>) -> Result<(), Fault> {
    const SQL: &str = "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, INDEX_TYPE, CARDINALITY \
         FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() \
         AND (INDEX_TYPE = 'FULLTEXT' OR INDEX_NAME = 'PRIMARY') ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";
    for row in connection.rows(SQL, Params::Empty).await? {
        // The column of a functional index has no name; no primary key or FULLTEXT index is one.
        let (table, index, column, kind, cardinality): (String, String, Option<String>, String, Option<u64>) =
            parse(row)?;
        let (Some(table), Some(column)) = (tables.get_mut(&table), column.map(Ident::from_server)) else { continue };
        if kind != "FULLTEXT" {
            table.primary_key.push(column);
        } else if let Some(known) = table.indexes.iter_mut().find(|known| known.name.as_str() == index) {
            known.columns.push(column);
        } else {
            table.indexes.push(FullTextIndex { name: Ident::from_server(index), columns: vec![column], cardinality });
        }
    }
    Ok(())
}

pub(super) fn only<T: FromRow>(rows: Vec<Row>) -> Result<T, Fault> {
    rows.into_iter().next().ok_or(Reason::Protocol.alone()).and_then(parse)
}

/// The values of a row; a row of another shape is a server that is not what it says.
fn parse<T: FromRow>(row: Row) -> Result<T, Fault> {
    T::from_row_opt(row).map_err(|_| Reason::Protocol.alone())
}
