//! What a URI of each kind has to say, so that one that can lead nowhere is refused before anybody is asked.

use shared::warehouses::{Dialect, Refused};

use super::Uri;

/// Refuses a URI that lacks something that its kind can not do without.
pub(super) fn check(uri: &Uri) -> Result<(), Refused> {
    let needs = |is_there: bool, what: &'static str| if is_there { Ok(()) } else { Err(Refused::UriFormat(what)) };
    let is_there = |name: &str| uri.option(name).is_some_and(|value| !value.is_empty());
    match uri.dialect {
        Dialect::Sqlite | Dialect::Duckdb => Ok(()),
        Dialect::Bigquery => needs(uri.host.is_some(), "the URI names no project, as in bigquery://project/dataset"),
        Dialect::Awsathena => {
            needs(uri.region().is_some(), "the host has to be athena.<region>.amazonaws.com")?;
            needs(uri.port.is_none_or(|port| port == 443), "the port of Athena is 443")?;
            needs(uri.user.is_some() && uri.password.is_some(), "the URI names no access key and its secret")?;
            let is_in_s3 = uri.option("s3_staging_dir").is_some_and(|place| place.starts_with("s3://"));
            needs(is_in_s3, "the URI needs s3_staging_dir, which begins with s3://")
        }
        Dialect::Databricks => {
            needs(uri.host.is_some(), "the URI names no host")?;
            needs(uri.password.is_some(), "the URI names no token, as in databricks://token:<token>@<host>")?;
            needs(is_there("http_path"), "the URI needs http_path")
        }
        Dialect::Snowflake => {
            needs(uri.host.is_some(), "the URI names no account")?;
            needs(uri.user.is_some(), "the URI names no user")
        }
        Dialect::Postgresql | Dialect::Mysql | Dialect::Redshift | Dialect::Clickhouse | Dialect::Mssql => {
            needs(uri.host.is_some(), "the URI names no host")
        }
    }
}
