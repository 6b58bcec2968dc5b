//! BigQuery, by five calls of its REST API, version 2, none of which runs a query.

mod key;
mod rows;
mod schema;

use std::collections::HashMap;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::clock::Timestamp;
use shared::databases::{Dialer, is_secret};
use shared::warehouses::TABLES_MAX;
use tokio::time::Instant;

use super::bounds::{PAGES_MAX, SAMPLE_ROWS_MAX, SAMPLE_TIME_MAX, by, value_chars};
use super::refusal::Cloud;
use super::web::{Answer, Place, Sent, Web, part, with_options};
use super::{Refusal, Rows, Table, TableName};
use key::ServiceAccount;
use rows::Listed;
use schema::Described;

/// Datasets of a project, and who reads them.
pub struct Project {
    /// Its id.
    pub name: String,
    /// The datasets that are meant.
    pub datasets: Vec<String>,
    /// The file with the key of a service account.
    pub key: SecretString,
    /// Who gives tokens for it.
    pub tokens: Place,
    /// The API.
    pub api: Place,
    /// What time it is.
    pub now: Timestamp,
}

/// A session: the token of the service account.
pub(super) struct BigQuery {
    web: Web,
    project: String,
    datasets: Vec<String>,
    /// What was described, so that a sample need not ask for it again.
    known: HashMap<TableName, Described>,
}

#[derive(Deserialize)]
struct Token {
    access_token: SecretString,
}

/// A page of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    datasets: Vec<Listing>,
    #[serde(default)]
    tables: Vec<Listing>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    #[serde(alias = "datasetReference", alias = "tableReference")]
    reference: Reference,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    dataset_id: String,
    #[serde(default)]
    table_id: String,
}

/// Gets a token, and looks whether one of the datasets is there.
pub(super) async fn open(project: &Project, dialer: &Dialer, deadline: Instant) -> Result<BigQuery, Refusal> {
    let assertion = ServiceAccount::read(&project.key)
        .and_then(|account| account.assertion(project.now))
        .ok_or(Cloud::GoogleKey)?;
    let token = token(Web::new(project.tokens.clone(), dialer, deadline), &assertion).await?;
    let web = Web::new(project.api.clone(), dialer, deadline).with_authorization("Bearer ", &token);
    let web = web.ok_or(Refusal::Protocol)?;
    let (name, datasets) = (project.name.clone(), project.datasets.clone());
    let mut session = BigQuery { web, project: name, datasets, known: HashMap::new() };
    for dataset in &project.datasets {
        let path = session.path(&["datasets", dataset]);
        if session.read::<serde::de::IgnoredAny>(&path).await?.is_some() {
            return Ok(session);
        }
    }
    Err(Cloud::GoogleDataset.into())
}

/// RFC 7523, 2.1: an assertion for a token.
async fn token(mut web: Web, assertion: &SecretString) -> Result<SecretString, Refusal> {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
        .append_pair("assertion", assertion.expose_secret())
        .finish();
    let answer = web.post("/token", Sent::Form(form)).await?;
    match answer.status {
        200 => Ok(answer.read::<Token>()?.access_token),
        400 | 401 | 403 => Err(Cloud::GoogleAuth.into()),
        _ => Err(refusal(&answer)),
    }
}

impl BigQuery {
    /// The datasets of the project.
    pub(super) async fn schemas(&mut self) -> Result<Vec<String>, Refusal> {
        let path = self.path(&["datasets"]);
        let listed = self.list(&path, |page| page.datasets).await?.unwrap_or_default();
        let mut names: Vec<String> = listed.into_iter().map(|listing| listing.reference.dataset_id).collect();
        names.sort();
        Ok(names)
    }

    pub(super) async fn tables(&mut self, schemas: &[String]) -> Result<Vec<TableName>, Refusal> {
        let datasets = if schemas.is_empty() { self.datasets.clone() } else { schemas.to_vec() };
        let mut names = Vec::new();
        for dataset in datasets {
            let path = self.path(&["datasets", &dataset, "tables"]);
            let listed = self.list(&path, |page| page.tables).await?.unwrap_or_default();
            let name = |listing: Listing| TableName { schema: dataset.clone(), name: listing.reference.table_id };
            names.extend(listed.into_iter().map(name));
        }
        names.sort();
        Ok(names)
    }

    pub(super) async fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Table>, Refusal> {
        let mut described = Vec::new();
        for name in tables {
            if let Some(found) = self.table(name).await? {
                described.push(found.table(name.clone()));
                self.known.insert(name.clone(), found);
            }
        }
        described.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(described)
    }

    pub(super) async fn sample(&mut self, table: &TableName, rows: usize) -> Result<Rows, Refusal> {
        by(Instant::now() + SAMPLE_TIME_MAX, self.rows(table, rows.min(SAMPLE_ROWS_MAX))).await
    }

    async fn rows(&mut self, table: &TableName, rows: usize) -> Result<Rows, Refusal> {
        let found = match self.known.remove(table) {
            Some(found) => found,
            None => self.table(table).await?.ok_or(Refusal::NoSuchTable)?,
        };
        let columns = &found.schema.fields;
        let wanted: Vec<&str> = columns.iter().map(|field| &*field.name).filter(|name| !is_secret(name)).collect();
        // Without a name in it, a choice of columns is all of them.
        if !found.has_rows() || wanted.is_empty() {
            return Ok(Rows::new());
        }
        let path = self.path(&["datasets", &table.schema, "tables", &table.name, "data"]);
        let (rows_max, wanted) = (rows.to_string(), wanted.join(","));
        let options = [
            ("maxResults", rows_max.as_str()),
            ("selectedFields", &wanted),
            ("formatOptions.timestampOutputFormat", "ISO8601_STRING"),
        ];
        let listed: Option<Listed> = self.read(&with_options(&path, &options)).await?;
        let chars = value_chars(rows, columns.len());
        let listed = listed.ok_or(Refusal::NoSuchTable)?.rows.into_iter().take(rows);
        Ok(listed.map(|row| row.texts(columns, chars)).collect())
    }

    async fn table(&mut self, name: &TableName) -> Result<Option<Described>, Refusal> {
        let path = self.path(&["datasets", &name.schema, "tables", &name.name]);
        self.read(&path).await
    }

    /// All of a list, page by page, but no more than anybody keeps; none where what it is of is not there.
    async fn list(&mut self, path: &str, of: fn(Page) -> Vec<Listing>) -> Result<Option<Vec<Listing>>, Refusal> {
        let (mut found, mut place) = (Vec::new(), String::new());
        for _ in 0..PAGES_MAX {
            let options = [("maxResults", "1000"), ("pageToken", &place)];
            let options = if place.is_empty() { &options[..1] } else { &options };
            let Some(mut page) = self.read::<Page>(&with_options(path, options)).await? else { return Ok(None) };
            place = page.next_page_token.take().unwrap_or_default();
            found.extend(of(page));
            if place.is_empty() || found.len() > TABLES_MAX {
                return Ok(Some(found));
            }
        }
        Err(Refusal::Protocol)
    }

    /// What is at this path; none where nothing is.
    async fn read<T: DeserializeOwned>(&mut self, path: &str) -> Result<Option<T>, Refusal> {
        let answer = self.web.get(path).await?;
        match answer.status {
            200 => answer.read().map(Some),
            404 => Ok(None),
            _ => Err(refusal(&answer)),
        }
    }

    fn path(&self, parts: &[&str]) -> String {
        let parts: Vec<String> = parts.iter().map(|text| part(text)).collect();
        format!("/bigquery/v2/projects/{}/{}", part(&self.project), parts.join("/"))
    }
}

/// What an error means ("Error messages" in BigQuery's documentation: the table of codes and reasons).
fn refusal(answer: &Answer) -> Refusal {
    let error = answer.error();
    let reason = error.pointer("/error/errors/0/reason").and_then(serde_json::Value::as_str).unwrap_or_default();
    match (answer.status, reason) {
        (401, _) => Cloud::GoogleAuth.into(),
        (403, "rateLimitExceeded" | "quotaExceeded" | "billingTierLimitExceeded") | (429 | 500..=599, _) => {
            Cloud::Unavailable.into()
        }
        (403, _) => Cloud::GooglePermission.into(),
        _ => Refusal::Protocol,
    }
}
