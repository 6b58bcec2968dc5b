//! The kinds of warehouses.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of warehouse that URIs name. For which of them there is an engine is the business of who connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// PostgreSQL.
    Postgresql,
    /// MySQL and MariaDB.
    Mysql,
    /// A file of SQLite.
    Sqlite,
    /// Amazon Athena.
    Awsathena,
    /// Snowflake.
    Snowflake,
    /// Google BigQuery.
    Bigquery,
    /// Databricks.
    Databricks,
    /// Amazon Redshift.
    Redshift,
    /// MotherDuck, and DuckDB's own files.
    Duckdb,
    /// ClickHouse.
    Clickhouse,
    /// Microsoft SQL Server.
    Mssql,
}

impl Dialect {
    /// Every kind, in the order in which engines for them are made.
    pub const ALL: [Self; 11] = [
        Self::Postgresql,
        Self::Mysql,
        Self::Sqlite,
        Self::Awsathena,
        Self::Snowflake,
        Self::Bigquery,
        Self::Databricks,
        Self::Redshift,
        Self::Duckdb,
        Self::Clickhouse,
        Self::Mssql,
    ];

    /// Whether it is called by HTTPS, at a host of its vendor's.
    pub fn is_of_https(self) -> bool {
        matches!(self, Self::Awsathena | Self::Snowflake | Self::Bigquery | Self::Databricks)
    }

    /// The name in URIs and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Mysql => "mysql",
            Self::Sqlite => "sqlite",
            Self::Awsathena => "awsathena",
            Self::Snowflake => "snowflake",
            Self::Bigquery => "bigquery",
            Self::Databricks => "databricks",
            Self::Redshift => "redshift",
            Self::Duckdb => "duckdb",
            Self::Clickhouse => "clickhouse",
            Self::Mssql => "mssql",
        }
    }

    /// The kind that the beginning of a URI names, in whatever case. What clients call PostgreSQL and MariaDB besides is
    /// known too.
    pub fn of_scheme(scheme: &str) -> Option<Self> {
        match scheme.to_ascii_lowercase().as_str() {
            "postgres" => Some(Self::Postgresql),
            "mariadb" => Some(Self::Mysql),
            name => Self::ALL.into_iter().find(|dialect| dialect.name() == name),
        }
    }

    /// Whether a request may name schemas of it, as in the original of this API.
    pub fn has_schemas(self) -> bool {
        matches!(self, Self::Postgresql | Self::Bigquery | Self::Snowflake | Self::Databricks)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
