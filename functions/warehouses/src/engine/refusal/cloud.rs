//! Why a warehouse of a cloud did not do what was asked, and what its owner can do about it.

/// A reason, as a sentence that is written here: the words of a provider may repeat what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Cloud {
    /// It answers that it can not answer, or that too many ask.
    #[error("the service of the warehouse is overloaded, or limits how often it may be asked: try again later")]
    Unavailable,
    /// It answers without an end.
    #[error("the service of the warehouse answered with more than 16 MiB, which is not read")]
    TooMuch,
    /// What should be the key of a service account is something else.
    #[error(
        "bigquery_credential_file_content is not the JSON of a service account's key, which has a type of \
         service_account, a client_email and a private_key in PEM"
    )]
    GoogleKey,
    /// Google does not take it.
    #[error("Google refused the key of the service account: it may be deleted, disabled, or of another account")]
    GoogleAuth,
    /// The account may not do it.
    #[error(
        "the service account may not read this: give it BigQuery Metadata Viewer and, for samples, BigQuery Data Viewer, \
         and enable the BigQuery API of the project"
    )]
    GooglePermission,
    /// No such project or dataset.
    #[error("BigQuery has no such dataset in this project; names of datasets differ by their case")]
    GoogleDataset,
    /// Databricks does not take the token.
    #[error("the workspace refused the token: it may have expired, been revoked, or be of another workspace")]
    DatabricksAuth,
    /// The token may not do it.
    #[error(
        "the token may not read this: its owner needs USE CATALOG, USE SCHEMA and SELECT in Unity Catalog, and CAN USE \
         of the SQL warehouse"
    )]
    DatabricksPermission,
    /// No such catalog or schema.
    #[error("Unity Catalog has no such catalog or schema; hive_metastore is not one of its catalogs")]
    DatabricksSchema,
    /// No such SQL warehouse.
    #[error("the workspace has no SQL warehouse of this id: copy http_path from its connection details")]
    DatabricksWarehouse,
    /// The warehouse was asleep, or is slow.
    #[error("the SQL warehouse did not answer in time: it may have been asleep, and be awake at the next try")]
    DatabricksAsleep,
    /// Nobody answers for this account.
    #[error("Snowflake has no such account: the host is <organization>-<account>, or <locator>.<region>")]
    SnowflakeAccount,
    /// Snowflake lets nobody in.
    #[error(
        "Snowflake refused the user, the password or the role; where it asks for a second factor, put a programmatic access \
         token in the place of the password"
    )]
    SnowflakeAuth,
    /// The role may not do it.
    #[error("the role may not read this: it needs USAGE of the database and the schema, and SELECT on the tables")]
    SnowflakePermission,
    /// No such database or schema, or not for this role.
    #[error("Snowflake has no such database or schema, or hides it from this role")]
    SnowflakeDatabase,
    /// There is nothing that would run a query.
    #[error("rows are read by a warehouse, and this session has none: name one, as in ?warehouse=<name>")]
    SnowflakeWarehouse,
}

impl Cloud {
    /// The word for it in answers.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Unavailable | Self::TooMuch => "refused",
            Self::GoogleKey => "bad_credentials_file",
            Self::GoogleAuth | Self::DatabricksAuth | Self::SnowflakeAuth => "auth",
            Self::GooglePermission
            | Self::DatabricksPermission
            | Self::SnowflakePermission
            | Self::SnowflakeWarehouse => "permission",
            Self::GoogleDataset
            | Self::DatabricksSchema
            | Self::DatabricksWarehouse
            | Self::SnowflakeAccount
            | Self::SnowflakeDatabase => "no_such_database",
            Self::DatabricksAsleep => "timeout",
        }
    }
}
