//! MySQL and MariaDB, by the connector that searches have.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use mysql_async::{FromRowError, Params, Row, prelude::FromRow};
use shared::databases::{
    Column as MySqlColumn, Connection, ConnectionName, ConnectionOptions, Connector, Credentials, Dialer, Flavour,
    HostKey, Schema, SearchOptions, Settings, SshCredentials, Table as MySqlTable, Target, Tls, is_secret, outline,
};
use tokio::time::Instant;

use super::bounds::{SAMPLE_ROWS_MAX, SAMPLE_TIME_MAX, value_chars};
use super::{Column, ForeignKey, Reach, Refusal, Rows, Server, Table, TableName, TlsWish};

/// An open session, in which the schema has been read.
pub(super) struct MySql {
    connection: Connection,
    database: String,
    flavour: Flavour,
    tables: Vec<MySqlTable>,
}

/// Connects, logs in, and reads what the schema holds, in seven statements; `describe` asks two more for comments.
pub(super) async fn open(server: &Server, reach: &Reach, dialer: &Dialer, deadline: Instant) -> Result<MySql, Refusal> {
    let database = server.database.clone().ok_or(Refusal::NoSuchDatabase)?;
    let settings = settings(server, reach, &database)?;
    let ssh = reach.through().map(|(_, credentials)| copy(credentials));
    let credentials = Credentials { password: server.password.clone(), tls_key: None, ssh };
    let time = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    let connector = Connector::new(dialer.clone(), time);
    let target = Target { id: None, settings: &settings, credentials: &credentials };
    let mut connection = connector.open(target).await?;
    let (flavour, tables) = outline(&mut connection).await?;
    Ok(MySql { connection, database, flavour, tables })
}

fn settings(server: &Server, reach: &Reach, database: &str) -> Result<Settings, Refusal> {
    let no_such = |_| Refusal::NoSuchDatabase;
    Ok(Settings {
        name: ConnectionName::try_from(database.to_owned()).map_err(no_such)?,
        host: server.host.clone(),
        port: server.port,
        schema: Schema::try_from(database.to_owned()).map_err(no_such)?,
        username: server.user.clone(),
        tls: match &server.tls {
            TlsWish::Off | TlsWish::IfOffered => Tls::Off,
            TlsWish::Verified { ca } => Tls::verified(ca.clone()),
        },
        ssh: reach.through().map(|(ssh, _)| ssh.clone()),
        connection_options: ConnectionOptions::default(),
        search_options: SearchOptions::default(),
    })
}

fn copy(credentials: &SshCredentials) -> SshCredentials {
    match credentials {
        SshCredentials::Password(password) => SshCredentials::Password(password.clone()),
        SshCredentials::PrivateKey { key, passphrase } => {
            SshCredentials::PrivateKey { key: key.clone(), passphrase: passphrase.clone() }
        }
    }
}

impl MySql {
    pub(super) fn host_key(&self) -> Option<&HostKey> {
        self.connection.host_key()
    }

    pub(super) fn schemas(&self) -> Vec<String> {
        vec![self.database.clone()]
    }

    pub(super) fn tables(&self, schemas: &[String]) -> Vec<TableName> {
        let is_meant = schemas.is_empty() || schemas.contains(&self.database);
        let mut names: Vec<TableName> = self.tables.iter().filter(|_| is_meant).map(|table| self.name(table)).collect();
        names.sort();
        names
    }

    pub(super) async fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Table>, Refusal> {
        const OF_TABLES: &str = "SELECT TABLE_NAME, TABLE_COMMENT FROM information_schema.TABLES \
             WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE NOT LIKE '%VIEW' AND TABLE_COMMENT <> ''";
        const OF_COLUMNS: &str = "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_COMMENT FROM information_schema.COLUMNS \
             WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_COMMENT <> ''";
        let of_tables = self.rows::<(String, String)>(OF_TABLES).await?.into_iter().collect();
        let of_columns = self.rows::<(String, String, String)>(OF_COLUMNS).await?;
        let of_columns = of_columns.into_iter().map(|(table, column, text)| ((table, column), text)).collect();
        let comments = Comments { of_tables, of_columns };
        let wanted: HashSet<&TableName> = tables.iter().collect();
        let mut described: Vec<Table> = self
            .tables
            .iter()
            .map(|table| (self.name(table), table))
            .filter(|(name, _)| wanted.contains(name))
            .map(|(name, table)| comments.table(name, table))
            .collect();
        described.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(described)
    }

    pub(super) async fn sample(&mut self, table: &TableName, rows: usize) -> Result<Rows, Refusal> {
        let found = self.tables.iter().find(|known| self.name(known) == *table).ok_or(Refusal::NoSuchTable)?;
        let rows = rows.min(SAMPLE_ROWS_MAX);
        let chars = value_chars(rows, found.columns.len());
        let values = found.columns.iter().map(|column| value(column, chars)).collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT {values} FROM {} LIMIT {rows}", found.name.quoted());
        self.connection.hasten(self.flavour, SAMPLE_TIME_MAX).await?;
        let rows = self.rows::<Texts>(&sql).await?;
        Ok(rows.into_iter().map(|texts| texts.0).collect())
    }

    pub(super) async fn close(self) {
        self.connection.close().await;
    }

    fn name(&self, table: &MySqlTable) -> TableName {
        TableName { schema: self.database.clone(), name: table.name.as_str().to_owned() }
    }

    async fn rows<T: FromRow>(&mut self, sql: &str) -> Result<Vec<T>, Refusal> {
        let rows = self.connection.rows(sql, Params::Empty).await?;
        rows.into_iter().map(|row| T::from_row_opt(row).map_err(|_| Refusal::Protocol)).collect()
    }
}

/// What owners say of their tables and columns.
struct Comments {
    of_tables: HashMap<String, String>,
    of_columns: HashMap<(String, String), String>,
}

impl Comments {
    fn table(&self, name: TableName, table: &MySqlTable) -> Table {
        let columns = table.columns.iter().map(|column| self.column(&name, table, column)).collect();
        Table { comment: self.of_tables.get(&name.name).cloned(), name, columns }
    }

    fn column(&self, name: &TableName, table: &MySqlTable, column: &MySqlColumn) -> Column {
        let key = table.foreign_keys.iter().find_map(|key| {
            let place = key.columns.iter().position(|own| *own == column.name)?;
            let table = key.referenced_table.as_str();
            Some(ForeignKey {
                reference_table: match &key.referenced_schema {
                    Some(schema) => format!("{schema}.{table}"),
                    None => table.to_owned(),
                },
                field: key.referenced_columns.get(place)?.as_str().to_owned(),
            })
        });
        Column {
            name: column.name.as_str().to_owned(),
            data_type: column.type_name.clone(),
            nullable: column.nullable,
            comment: self.of_columns.get(&(name.name.clone(), column.name.as_str().to_owned())).cloned(),
            is_primary_key: table.primary_key.contains(&column.name),
            foreign_key: key,
        }
    }
}

/// The text of a column, cut at the server.
fn value(column: &MySqlColumn, chars: usize) -> String {
    let name = column.name.quoted();
    let base = column.base_type();
    match base.as_str() {
        _ if is_secret(column.name.as_str()) => "NULL".to_owned(),
        "geometry" | "geometrycollection" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring"
        | "multipolygon" => format!("LEFT(ST_AsText({name}), {chars})"),
        "bit" | "vector" => format!("LEFT(HEX({name}), {chars})"),
        _ if base.ends_with("blob") || base.ends_with("binary") => {
            format!("HEX(LEFT({name}, {}))", chars.div_ceil(2))
        }
        _ => format!("LEFT(CONVERT({name} USING utf8mb4), {chars})"),
    }
}

/// A row of texts, however many.
struct Texts(Vec<Option<String>>);

impl FromRow for Texts {
    fn from_row_opt(row: Row) -> Result<Self, FromRowError> {
        let texts = (0..row.len()).map(|place| row.get_opt(place).and_then(Result::ok)).collect::<Option<_>>();
        texts.map(Self).ok_or(FromRowError(row))
    }
}
