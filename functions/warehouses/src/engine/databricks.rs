//! Databricks: Unity Catalog for what there is, which needs no compute, and a SQL warehouse for rows.

mod catalogue;
mod statement;

use std::collections::HashMap;

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use shared::databases::Dialer;
use shared::warehouses::TABLES_MAX;
use tokio::time::Instant;

use super::bounds::{PAGES_MAX, SAMPLE_ROWS_MAX, value_chars};
use super::refusal::Cloud;
use super::web::{Answer, Place, Web, part, with_options};
use super::{Refusal, Rows, Table, TableName, quoted};
use catalogue::Described;

/// A workspace, and what is meant of it.
pub struct Workspace {
    /// Where it is.
    pub place: Place,
    /// A personal access token.
    pub token: SecretString,
    /// The id of the SQL warehouse that reads rows.
    pub warehouse: String,
    /// The catalog.
    pub catalog: String,
    /// Its schemas that are meant.
    pub schemas: Vec<String>,
}

/// A session: nothing but the token in every request.
pub(super) struct Databricks {
    web: Web,
    deadline: Instant,
    warehouse: String,
    catalog: String,
    schemas: Vec<String>,
    /// What was described, so that a sample need not ask for it again.
    known: HashMap<TableName, Described>,
}

/// A page of a list.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    schemas: Vec<Listing>,
    #[serde(default)]
    tables: Vec<Listing>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Listing {
    name: String,
}

/// What a warehouse is doing.
#[derive(Deserialize)]
struct Warehouse {
    #[serde(default)]
    state: String,
}

/// Looks whether the warehouse and one of the schemas are there. A warehouse that runs is asked something; one that is asleep
/// is not woken, because that takes minutes and costs its owner money.
pub(super) async fn open(workspace: &Workspace, dialer: &Dialer, deadline: Instant) -> Result<Databricks, Refusal> {
    let web = Web::new(workspace.place.clone(), dialer, deadline).with_authorization("Bearer ", &workspace.token);
    let mut session = Databricks {
        web: web.ok_or(Cloud::DatabricksAuth)?,
        deadline,
        warehouse: workspace.warehouse.clone(),
        catalog: workspace.catalog.clone(),
        schemas: workspace.schemas.clone(),
        known: HashMap::new(),
    };
    let path = format!("/api/2.0/sql/warehouses/{}", part(&workspace.warehouse));
    let warehouse: Option<Warehouse> = session.read(&path).await?;
    if warehouse.ok_or(Cloud::DatabricksWarehouse)?.state == "RUNNING" {
        statement::rows(&mut session, "SELECT 1", 1).await?;
    }
    for schema in &workspace.schemas {
        let name = format!("{}.{}", part(&workspace.catalog), part(schema));
        if session.read::<IgnoredAny>(&format!("/api/2.1/unity-catalog/schemas/{name}")).await?.is_some() {
            return Ok(session);
        }
    }
    Err(Cloud::DatabricksSchema.into())
}

impl Databricks {
    /// The schemas of the catalog, but for the one that it has to describe itself.
    pub(super) async fn schemas(&mut self) -> Result<Vec<String>, Refusal> {
        let listed = self.list("schemas", &[], |page| page.schemas).await?.unwrap_or_default();
        let names = listed.into_iter().map(|listing| listing.name);
        let mut names: Vec<String> = names.filter(|name| name != "information_schema").collect();
        names.sort();
        Ok(names)
    }

    pub(super) async fn tables(&mut self, schemas: &[String]) -> Result<Vec<TableName>, Refusal> {
        let schemas = if schemas.is_empty() { self.schemas.clone() } else { schemas.to_vec() };
        let mut names = Vec::new();
        for schema in schemas {
            let options = [("schema_name", schema.as_str()), ("omit_columns", "true"), ("omit_properties", "true")];
            let listed = self.list("tables", &options, |page| page.tables).await?.unwrap_or_default();
            names.extend(listed.into_iter().map(|listing| TableName { schema: schema.clone(), name: listing.name }));
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
        let found = match self.known.remove(table) {
            Some(found) => found,
            None => self.table(table).await?.ok_or(Refusal::NoSuchTable)?,
        };
        let rows = rows.min(SAMPLE_ROWS_MAX);
        let chars = value_chars(rows, found.columns.len());
        let values: Vec<String> = found.columns.iter().map(|column| statement::value(column, chars)).collect();
        let place = [&self.catalog, &table.schema, &table.name].map(|name| quoted(name, '`')).join(".");
        let sql = format!("SELECT {} FROM {place} LIMIT {rows}", values.join(", "));
        let found_rows = statement::rows(self, &sql, rows).await?;
        let is_whole = found_rows.iter().all(|row| row.len() == found.columns.len());
        if is_whole { Ok(found_rows) } else { Err(Refusal::Protocol) }
    }

    async fn table(&mut self, name: &TableName) -> Result<Option<Described>, Refusal> {
        let whole = [&self.catalog, &name.schema, &name.name].map(|name| part(name)).join(".");
        let found: Option<Described> = self.read(&format!("/api/2.1/unity-catalog/tables/{whole}")).await?;
        Ok(found.map(Described::in_order))
    }

    /// All of a list of the catalog, page by page, but no more than anybody keeps; none where what it is of is not there.
    async fn list(
        &mut self,
        what: &str,
        options: &[(&str, &str)],
        of: fn(Page) -> Vec<Listing>,
    ) -> Result<Option<Vec<Listing>>, Refusal> {
        let (mut found, mut place) = (Vec::new(), String::new());
        let catalog = self.catalog.clone();
        for _ in 0..PAGES_MAX {
            let mut options = [&[("catalog_name", catalog.as_str()), ("max_results", "50")], options].concat();
            if !place.is_empty() {
                options.push(("page_token", &place));
            }
            let path = with_options(&format!("/api/2.1/unity-catalog/{what}"), &options);
            let Some(mut page) = self.read::<Page>(&path).await? else { return Ok(None) };
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
            _ => Err(refusal(&answer, Cloud::DatabricksSchema)),
        }
    }
}

/// What an error means ("REST API reference", "Status codes"). A token that is none is a 403 too, whose code is that number.
fn refusal(answer: &Answer, missing: Cloud) -> Refusal {
    let error = answer.error();
    let is_denied = error["error_code"].as_str().is_some_and(|code| code.contains("PERMISSION_DENIED"));
    match answer.status {
        403 if is_denied => Cloud::DatabricksPermission.into(),
        401 | 403 => Cloud::DatabricksAuth.into(),
        404 => missing.into(),
        429 | 500..=599 => Cloud::Unavailable.into(),
        _ => Refusal::Protocol,
    }
}
