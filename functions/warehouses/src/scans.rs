//! Looking into tables, behind the answer that said so. The stream of the table brings the keys of what was put into it, at
//! least once and in the order of each account; a scan that was done before has no lease any more, and does nothing.

use std::collections::HashMap;
use std::time::Duration;

use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use shared::app::App;
use shared::dynamo::events::{Failed, Failures, Record, Records};
use shared::error::chain;
use shared::http::{ServeError, settings};
use shared::warehouses::{Column, Ended, ForeignKey, Scan, Scanned, Table, Warehouse};
use shared::{Error, Result};
use tokio::time::Instant;

use crate::attempt::Attempt;
use crate::engine::{self, Refusal, Session, TableName, shortened};
use crate::secrets::Secrets;

/// How long one scan may take with its database: less than its function has.
const LIMIT: Duration = Duration::from_secs(20);

/// How many rows are kept of a table.
const EXAMPLES: usize = 3;

/// The most characters of a value that are kept.
const EXAMPLE_CHARS: usize = 200;

/// Runs the function `scans` until its environment ends.
pub async fn serve() -> Result<(), ServeError> {
    let app = App::of_function(settings()?).await;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Records>| Box::pin(answer(&app, event.payload)))).await
}

async fn answer(app: &App, records: Records) -> Result<Failures, ServeError> {
    let failures = scan(app, &records, |error| {
        tracing::error!(cause = chain(error), "tables were not looked into");
    });
    Ok(failures.await)
}

/// Does the scans among these records. The first that fails is told, and is to be delivered again with all that came
/// after it. A database that does not answer is no failure: that is what the scan has found.
pub async fn scan(app: &App, records: &Records, mut told: impl FnMut(&Error)) -> Failures {
    for record in records.records.iter().filter(|record| record.is_new()) {
        if let Err(error) = one(app, record).await {
            told(&error);
            return Failures {
                batch_item_failures: vec![Failed { item_identifier: record.dynamodb.sequence_number.clone() }],
            };
        }
    }
    Failures::default()
}

async fn one(app: &App, record: &Record) -> Result<()> {
    let keys = &record.dynamodb.keys;
    let Some(scan) = app.warehouses.scan(&keys.pk.text, &keys.sk.text).await? else { return Ok(()) };
    let mut tables = app.warehouses.tables_of(scan.owner, &scan.tables).await?;
    tables.retain(|table| table.is_leased_by(scan.id));
    let Some(first) = tables.first() else { return Ok(()) };
    let Some(warehouse) = app.warehouses.get(scan.owner, first.id.warehouse()).await? else { return Ok(()) };
    let found = match look(app, &warehouse, &tables).await {
        Err(Error::Warehouse(refused)) => tables.iter().map(|_| Ended::Failed(refused.to_string())).collect(),
        found => found?,
    };
    for (table, found) in tables.iter().zip(found) {
        end(app, &scan, table, found).await?;
    }
    Ok(())
}

async fn end(app: &App, scan: &Scan, table: &Table, ended: Ended) -> Result<()> {
    app.warehouses.end_scan(scan.owner, table.id, scan.id, ended, app.clock.now()).await
}

/// What became of each table, in their order: in one session for all of them.
async fn look(app: &App, warehouse: &Warehouse, tables: &[Table]) -> Result<Vec<Ended>> {
    let keyring = warehouse.keyring(&app.vault).await?;
    let secrets = Secrets::stored(&keyring, &warehouse.tokens)?;
    let attempt = Attempt::of_stored(warehouse, &secrets, app)?.until(Instant::now() + LIMIT);
    let mut session = attempt.open(app).await?;
    let names: Vec<TableName> = tables.iter().map(name_of).collect();
    let described = session.describe(&names).await;
    let ended = match described {
        Err(refusal) => tables.iter().map(|_| failed(refusal)).collect(),
        Ok(described) => {
            let mut described: HashMap<TableName, engine::Table> =
                described.into_iter().map(|table| (table.name.clone(), table)).collect();
            let mut ended = Vec::new();
            for name in &names {
                ended.push(match described.remove(name) {
                    None => Ended::Gone,
                    Some(table) => sampled(&mut session, table).await,
                });
            }
            ended
        }
    };
    session.close().await;
    Ok(ended)
}

async fn sampled(session: &mut Session, table: engine::Table) -> Ended {
    match session.sample(&table.name, EXAMPLES).await {
        Err(Refusal::NoSuchTable) => Ended::Gone,
        Err(refusal) => failed(refusal),
        Ok(rows) => Ended::Scanned(Scanned {
            comment: table.comment.filter(|comment| !comment.is_empty()),
            columns: table.columns.into_iter().map(column).collect(),
            examples: rows
                .into_iter()
                .map(|row| row.into_iter().map(|value| value.map(|value| shortened(value, EXAMPLE_CHARS))).collect())
                .collect(),
        }),
    }
}

fn failed(refusal: Refusal) -> Ended {
    Ended::Failed(refusal.to_string())
}

fn name_of(table: &Table) -> TableName {
    TableName { schema: table.schema.clone(), name: table.name.clone() }
}

fn column(column: engine::Column) -> Column {
    let foreign_key = column.foreign_key;
    Column {
        name: column.name,
        data_type: column.data_type,
        nullable: column.nullable,
        is_primary_key: column.is_primary_key,
        comment: column.comment.filter(|comment| !comment.is_empty()),
        foreign_key: foreign_key.map(|key| ForeignKey { field_name: key.field, reference_table: key.reference_table }),
    }
}
