//! Amazon Athena, with the key that is in the URI.
//!
//! What there is is asked of its catalogue, which costs nothing and starts nothing. Only a sample is a statement: its result is
//! written to the place in S3 that the URI names, and that costs the owner what Athena reads.

mod refused;
mod statement;

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_athena::Client;
use aws_sdk_athena::config::retry::RetryConfig;
use aws_sdk_athena::config::timeout::TimeoutConfig;
use aws_sdk_athena::types::{Column as AthenaColumn, TableMetadata, WorkGroupState};
use secrecy::{ExposeSecret, SecretString};
use shared::aws::Region;
use tokio::time::Instant;

use super::bounds::{Deadlines, SAMPLE_ROWS_MAX, SAMPLE_TIME_MAX, by};
use super::{Column, Refusal, Rows, Table, TableName};
use refused::{of_catalogue, of_work_group};
use statement::Statement;

/// The catalogue that every account has: that of Glue.
const CATALOG: &str = "AwsDataCatalog";

/// The most tables that are taken of a database, which are a hundred calls: more than are kept of a connection.
const TABLES_MAX: usize = 5_000;

/// How many tables an answer of the catalogue has at most ("`ListTableMetadata`", API reference of Amazon Athena).
const PAGE: i32 = 50;

/// How long one attempt of a call may take before it is made once more.
const ATTEMPT_MAX: Duration = Duration::from_secs(5);

/// Whose Athena, where, and what of it.
pub struct AthenaPlace {
    /// In which region.
    pub region: Region,
    /// The id of an access key.
    pub access_key: SecretString,
    /// Its secret.
    pub secret_key: SecretString,
    /// The database that is looked into where a call names none.
    pub database: String,
    /// The work group in which statements run.
    pub work_group: String,
    /// Where in S3 their results are written, unless the work group says where.
    pub staging: String,
    /// Where Athena is, when it is not Athena.
    pub endpoint: Option<String>,
}

/// A session: nothing is open between its calls.
pub(super) struct Athena {
    client: Client,
    database: String,
    work_group: String,
    staging: String,
    deadlines: Deadlines,
}

/// Asks for the work group, which says whether the key is one, and may be used.
pub(super) async fn open(place: &AthenaPlace, deadline: Instant) -> Result<Athena, Refusal> {
    let (client, deadlines) = (client(place), Deadlines::before(deadline));
    let asked = async {
        let found =
            client.get_work_group().work_group(&place.work_group).send().await.map_err(|e| of_work_group(&e))?;
        let group = found.work_group.ok_or(Refusal::Protocol)?;
        if group.state == Some(WorkGroupState::Disabled) { Err(Refusal::NoSuchWorkGroup) } else { Ok(()) }
    };
    by(deadlines.statement, asked).await?;
    let (database, work_group) = (place.database.clone(), place.work_group.clone());
    Ok(Athena { client, database, work_group, staging: place.staging.clone(), deadlines })
}

#[expect(clippy::disallowed_methods, reason = "the key is a customer's: shared/src/app.rs makes those of our own")]
fn client(place: &AthenaPlace) -> Client {
    let (id, secret) = (place.access_key.expose_secret(), place.secret_key.expose_secret());
    let own = || format!("https://athena.{}.amazonaws.com", place.region);
    let settings = aws_sdk_athena::Config::builder()
        .behavior_version_latest()
        .region(aws_sdk_athena::config::Region::new(place.region.to_string()))
        .credentials_provider(Credentials::new(id, secret, None, None, "the owner of the connection"))
        .endpoint_url(place.endpoint.clone().unwrap_or_else(own))
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_MAX).build())
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(50)));
    Client::from_conf(settings.build())
}

impl Athena {
    pub(super) fn schemas(&self) -> Vec<String> {
        vec![self.database.clone()]
    }

    pub(super) async fn tables(&self, schemas: &[String]) -> Result<Vec<TableName>, Refusal> {
        let own = self.schemas();
        let schemas: BTreeSet<&String> =
            if schemas.is_empty() { own.iter().collect() } else { schemas.iter().collect() };
        let mut names = Vec::new();
        for schema in schemas {
            names.extend(self.list(schema).await?.into_iter().map(|table| table.name));
        }
        names.sort();
        Ok(names)
    }

    pub(super) async fn describe(&self, tables: &[TableName]) -> Result<Vec<Table>, Refusal> {
        let wanted: HashSet<&TableName> = tables.iter().collect();
        let schemas: BTreeSet<&String> = tables.iter().map(|table| &table.schema).collect();
        let mut described = Vec::new();
        for schema in schemas {
            described.extend(self.list(schema).await?.into_iter().filter(|table| wanted.contains(&table.name)));
        }
        described.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(described)
    }

    pub(super) async fn sample(&self, table: &TableName, rows: usize) -> Result<Rows, Refusal> {
        let described = self.describe(std::slice::from_ref(table)).await?;
        let table = described.into_iter().next().ok_or(Refusal::NoSuchTable)?;
        let rows = rows.min(SAMPLE_ROWS_MAX);
        if rows == 0 || table.columns.is_empty() {
            return Ok(Rows::new());
        }
        let ends = Instant::now() + self.deadlines.left(SAMPLE_TIME_MAX);
        let statement = Statement::start(self, &table, rows).await?;
        match tokio::time::timeout_at(ends, statement.end()).await {
            Ok(ended) => ended?,
            Err(_late) => {
                statement.stop().await;
                return Err(Refusal::Timeout);
            }
        }
        by(self.deadlines.statement, statement.rows()).await
    }

    /// What the catalogue has of a database.
    async fn list(&self, database: &str) -> Result<Vec<Table>, Refusal> {
        by(self.deadlines.statement, async {
            let (mut tables, mut next) = (Vec::new(), None);
            loop {
                let call = self.client.list_table_metadata().catalog_name(CATALOG).database_name(database);
                let page = call.max_results(PAGE).set_next_token(next).send().await.map_err(|e| of_catalogue(&e))?;
                tables.extend(
                    page.table_metadata_list.unwrap_or_default().into_iter().map(|found| table(database, found)),
                );
                next = page.next_token.filter(|token| !token.is_empty());
                if next.is_none() || tables.len() >= TABLES_MAX {
                    tables.truncate(TABLES_MAX);
                    return Ok(tables);
                }
            }
        })
        .await
    }
}

fn table(database: &str, found: TableMetadata) -> Table {
    let comment = found.parameters.and_then(|mut parameters| parameters.remove("comment"));
    let columns = found.columns.into_iter().chain(found.partition_keys).flatten();
    Table {
        name: TableName { schema: database.to_owned(), name: found.name },
        comment,
        columns: columns.map(column).collect(),
    }
}

/// Athena knows no keys, and nothing that may not be null.
fn column(found: AthenaColumn) -> Column {
    Column {
        name: found.name,
        data_type: found.r#type.unwrap_or_default(),
        nullable: true,
        comment: found.comment,
        is_primary_key: false,
        foreign_key: None,
    }
}
