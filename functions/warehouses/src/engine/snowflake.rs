//! Snowflake, by the protocol of its drivers. What there is, it tells without a warehouse; rows need one.

mod catalogue;
mod protocol;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use secrecy::SecretString;
use shared::databases::{Dialer, is_secret};
use tokio::time::{Instant, timeout};

use super::bounds::{SAMPLE_ROWS_MAX, SAMPLE_TIME_MAX, by, value_chars};
use super::refusal::Cloud;
use super::web::Place;
use super::{Column, Refusal, Rows, Table, TableName, quoted};
use catalogue::Object;
use protocol::Login;

/// How long a logout may take: it is only a courtesy.
const GOODBYE_MAX: Duration = Duration::from_secs(1);

/// An account, and what is meant of it.
pub struct Account {
    /// Where it is.
    pub place: Place,
    /// Its name, without the region that the host may have.
    pub name: String,
    /// Who logs in.
    pub user: String,
    /// With what: a password or a programmatic access token.
    pub password: SecretString,
    /// The database.
    pub database: String,
    /// Its schemas that are meant.
    pub schemas: Vec<String>,
    /// What reads rows; what the user has by default where none is named.
    pub warehouse: Option<String>,
    /// As whom; as above.
    pub role: Option<String>,
}

/// A session.
pub(super) struct Snowflake {
    login: Login,
    database: String,
    schemas: Vec<String>,
    known: HashMap<String, Vec<Object>>,
    /// What was described, so that a sample need not ask for it again.
    described: HashMap<TableName, Table>,
}

/// Logs in, and looks whether one of the schemas is there.
pub(super) async fn open(account: &Account, dialer: &Dialer, deadline: Instant) -> Result<Snowflake, Refusal> {
    let login = protocol::login(account, dialer, deadline).await?;
    let database = login.database.clone().ok_or(Cloud::SnowflakeDatabase)?;
    let schemas: Vec<String> = account.schemas.iter().map(|schema| resolved(schema)).collect();
    let mut session =
        Snowflake { login, database, schemas: schemas.clone(), known: HashMap::new(), described: HashMap::new() };
    for schema in &schemas {
        if !session.objects(schema).await?.is_empty() || session.is_there(schema) {
            return Ok(session);
        }
    }
    session.close().await;
    Err(Cloud::SnowflakeDatabase.into())
}

impl Snowflake {
    pub(super) async fn schemas(&mut self) -> Result<Vec<String>, Refusal> {
        catalogue::schemas(&mut self.login, &self.database).await
    }

    pub(super) async fn tables(&mut self, schemas: &[String]) -> Result<Vec<TableName>, Refusal> {
        let schemas = if schemas.is_empty() { self.schemas.clone() } else { schemas.to_vec() };
        let mut names = Vec::new();
        for schema in schemas {
            let objects = self.objects(&schema).await?;
            let name = |object: &Object| TableName { schema: schema.clone(), name: object.name.clone() };
            names.extend(objects.iter().map(name));
        }
        names.sort();
        Ok(names)
    }

    pub(super) async fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Table>, Refusal> {
        let schemas: BTreeSet<&String> = tables.iter().map(|table| &table.schema).collect();
        let mut described = Vec::new();
        for schema in schemas {
            let objects = self.objects(schema).await?.to_vec();
            if objects.is_empty() {
                continue;
            }
            let place = self.place(&[schema]);
            let keys = catalogue::keys(&mut self.login, &place).await?;
            for name in tables.iter().filter(|table| table.schema == *schema) {
                let Some(object) = objects.iter().find(|object| object.name == name.name) else { continue };
                let place = self.place(&[schema, &name.name]);
                described.extend(catalogue::table(&mut self.login, object, name.clone(), &place, &keys).await?);
            }
        }
        described.sort_by(|one, other| one.name.cmp(&other.name));
        self.described.extend(described.iter().map(|table| (table.name.clone(), table.clone())));
        Ok(described)
    }

    pub(super) async fn sample(&mut self, table: &TableName, rows: usize) -> Result<Rows, Refusal> {
        if !self.described.contains_key(table) {
            self.describe(std::slice::from_ref(table)).await?;
        }
        let described = self.described.remove(table).ok_or(Refusal::NoSuchTable)?;
        let rows = rows.min(SAMPLE_ROWS_MAX);
        let chars = value_chars(rows, described.columns.len());
        let values: Vec<String> = described.columns.iter().map(|column| value(column, chars)).collect();
        let place = self.place(&[&table.schema, &table.name]);
        let sql = format!("SELECT {} FROM {place} LIMIT {rows}", values.join(", "));
        let found = by(Instant::now() + SAMPLE_TIME_MAX, self.login.ask(&sql)).await?.ok_or(Refusal::NoSuchTable)?;
        Ok(found.rows.into_iter().take(rows).collect())
    }

    /// Says good-bye.
    pub(super) async fn close(self) {
        let _ = timeout(GOODBYE_MAX, self.login.end()).await;
    }

    /// The tables of a schema, which are asked for once; none where there is no such schema.
    async fn objects(&mut self, schema: &str) -> Result<&[Object], Refusal> {
        if !self.known.contains_key(schema) {
            let place = self.place(&[schema]);
            if let Some(found) = catalogue::objects(&mut self.login, &place).await? {
                self.known.insert(schema.to_owned(), found);
            }
        }
        Ok(self.known.get(schema).map(Vec::as_slice).unwrap_or_default())
    }

    fn is_there(&self, schema: &str) -> bool {
        self.known.contains_key(schema)
    }

    /// Something in the database, as it stands in statements.
    fn place(&self, parts: &[&str]) -> String {
        let parts = std::iter::once(&*self.database).chain(parts.iter().copied());
        parts.map(|name| quoted(name, '"')).collect::<Vec<_>>().join(".")
    }
}

/// The text of a column, cut by the warehouse.
fn value(column: &Column, chars: usize) -> String {
    let name = quoted(&column.name, '"');
    match column.data_type.split('(').next().unwrap_or_default() {
        _ if is_secret(&column.name) => "NULL".to_owned(),
        "BINARY" => format!("LEFT(HEX_ENCODE({name}), {chars})"),
        "VARIANT" | "OBJECT" | "ARRAY" => format!("LEFT(TO_JSON(TO_VARIANT({name})), {chars})"),
        "VECTOR" => format!("LEFT(TO_JSON(TO_VARIANT({name}::ARRAY)), {chars})"),
        "GEOGRAPHY" | "GEOMETRY" => format!("LEFT(ST_ASTEXT({name}), {chars})"),
        _ => format!("LEFT(TO_VARCHAR({name}), {chars})"),
    }
}

/// A name as the server keeps it: in capitals, unless it was written with some, which is how `SQLAlchemy` has it ("Object Name
/// Case Handling" of Snowflake's dialect).
fn resolved(name: &str) -> String {
    if name.chars().any(char::is_uppercase) { name.to_owned() } else { name.to_uppercase() }
}
