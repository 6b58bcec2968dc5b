//! The rows of the page, read whole from the databases that found them.

use std::collections::HashMap;

use form_urlencoded::byte_serialize;
use futures_util::future::join_all;
use mysql_async::{Params, Row, Value as Sql};
use serde_json::{Map, Value};
use shared::databases::{Connection, Fault, Ident, Zone};
use shared::id::DatabaseId;
use tokio::time::Instant;

use crate::ask::{Asked, TableHits};
use crate::merge::Placed;
use crate::statement;
use crate::value::{json, text};

/// A row of a table, read whole.
pub struct Fetched {
    /// The values of its primary key, by column.
    pub key: Map<String, Value>,
    /// Its columns that were asked for, without those that look like secrets.
    pub data: Map<String, Value>,
}

/// Where a row stands: database, table, hit.
pub type Place = (usize, usize, usize);

/// Reads the rows of the page from all databases at once, in what is left of the search, and closes their connections. A database
/// that fails now is told by its place.
pub async fn fetch(
    asked: &mut [Asked],
    page: &[Placed],
    ends: Instant,
) -> (HashMap<Place, Fetched>, Vec<(usize, Fault)>) {
    let reads = asked.iter_mut().enumerate().map(|(database, asked)| async move {
        let connection = asked.connection.take()?;
        let wanted = page.iter().filter(|placed| placed.database == database);
        Some((database, fetch_from((connection, ends), &asked.tables, &wanted.collect::<Vec<_>>()).await))
    });
    let (mut rows, mut failed) = (HashMap::new(), Vec::new());
    for (database, read) in join_all(reads).await.into_iter().flatten() {
        match read {
            Ok(found) => rows.extend(found.into_iter().map(|(table, hit, row)| ((database, table, hit), row))),
            Err(fault) => failed.push((database, fault)),
        }
    }
    (rows, failed)
}

async fn fetch_from(
    (mut connection, ends): (Connection, Instant),
    tables: &[TableHits],
    wanted: &[&Placed],
) -> Result<Vec<(usize, usize, Fetched)>, Fault> {
    let mut fetched = Vec::new();
    connection.go_on(ends);
    for (table, found) in tables.iter().enumerate() {
        let hits: Vec<usize> = wanted.iter().filter(|placed| placed.table == table).map(|placed| placed.hit).collect();
        if !hits.is_empty() {
            let rows = fetch_table(&mut connection, found, &hits).await?;
            fetched.extend(rows.into_iter().map(|(hit, row)| (table, hit, row)));
        }
    }
    connection.close().await;
    Ok(fetched)
}

async fn fetch_table(
    connection: &mut Connection,
    found: &TableHits,
    hits: &[usize],
) -> Result<Vec<(usize, Fetched)>, Fault> {
    let table = &found.plan.table;
    let shown = &found.plan.shown;
    let keys = hits.iter().flat_map(|hit| found.hits[*hit].key.clone()).collect();
    let sql = statement::rows(&found.plan, shown, hits.len());
    let rows = connection.rows(&sql, Params::Positional(keys)).await?;
    let zone = connection.zone();
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let (key, row) = read(row, &table.primary_key, shown, zone);
            // A row that was changed between the two statements is no longer what was found.
            let hit = hits.iter().find(|hit| found.hits[**hit].key == key)?;
            Some((*hit, row))
        })
        .collect())
}

fn read(row: Row, key: &[Ident], shown: &[Ident], zone: &Zone) -> (Vec<Sql>, Fetched) {
    let columns = row.columns();
    let values: Vec<Sql> = row.unwrap_raw().into_iter().map(|value| value.unwrap_or(Sql::NULL)).collect();
    let named = |names: &[Ident], from: usize| {
        let cells = values.iter().zip(columns.iter()).skip(from);
        names.iter().zip(cells).map(|(name, (value, column))| (name.to_string(), json(value, column, zone))).collect()
    };
    let fetched = Fetched { key: named(key, 0), data: named(shown, key.len()) };
    (values[..key.len()].to_vec(), fetched)
}

/// The id of a row: connection, table and primary key, so that it is the same in every search.
pub fn result_id(database: DatabaseId, table: &Ident, key: &Map<String, Value>) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let key = key.values().map(|value| encode(&text(value))).collect::<Vec<_>>();
    format!("{database}:{}:{}", encode(table.as_str()), key.join(","))
}
