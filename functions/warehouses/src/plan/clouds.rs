//! The warehouses of clouds: which host a URI means, and what of it. A host is one of the vendor's, whatever stands before that;
//! or the emulator that the operator has put in the place of all.

use std::net::SocketAddr;

use shared::clock::Timestamp;
use shared::warehouses::{Dialect, Field, Refused};

use super::Said;
use crate::engine::{Account, Place, Project, Workspace};
use crate::uri::Uri;

/// Who gives tokens to service accounts of Google, and BigQuery itself.
const GOOGLE: [&str; 2] = ["oauth2.googleapis.com", "bigquery.googleapis.com"];

/// What hosts of workspaces end with, on the three clouds that Databricks is on.
const DATABRICKS: [&str; 3] = [".cloud.databricks.com", ".azuredatabricks.net", ".gcp.databricks.com"];

/// What hosts of accounts end with.
const SNOWFLAKE: &str = ".snowflakecomputing.com";

/// What a connection of these kinds depends on besides.
#[derive(Clone, Copy)]
pub struct Around {
    /// What takes the place of every vendor.
    pub emulator: Option<SocketAddr>,
    /// What time it is.
    pub now: Timestamp,
}

impl Around {
    fn place(self, host: &str) -> Result<Place, Refused> {
        let place = match self.emulator {
            Some(address) => Place::of_emulator(address),
            None => Place::of_host(host),
        };
        place.ok_or(Refused::UriFormat("the host is no host name"))
    }
}

/// The datasets of `bigquery://project/dataset`.
pub fn bigquery(uri: &Uri, said: Said<'_>, schemas: Vec<String>, around: Around) -> Result<Project, Refused> {
    if schemas.is_empty() {
        return Err(Refused::UriFormat("the URI names no dataset, as in bigquery://project/dataset"));
    }
    let key = said.secrets.get(Field::ServiceAccount).cloned();
    Ok(Project {
        name: uri.host.clone().unwrap_or_default(),
        datasets: schemas,
        key: key.ok_or(Refused::CredentialsFile(Field::ServiceAccount))?,
        tokens: around.place(GOOGLE[0])?,
        api: around.place(GOOGLE[1])?,
        now: around.now,
    })
}

/// The schemas of `databricks://token:<token>@<host>?http_path=…&catalog=…&schema=…`.
pub fn databricks(uri: &Uri, schemas: Vec<String>, around: Around) -> Result<Workspace, Refused> {
    let host = uri.host.as_deref().unwrap_or_default().to_ascii_lowercase();
    if !DATABRICKS.iter().any(|end| host.ends_with(end)) {
        return Err(Refused::UriFormat(
            "the host has to end with .cloud.databricks.com, .azuredatabricks.net or .gcp.databricks.com",
        ));
    }
    let path = uri.option("http_path").unwrap_or_default();
    let catalog = uri.option("catalog").filter(|name| !name.is_empty());
    Ok(Workspace {
        place: around.place(&own_port(uri, &host)?)?,
        token: uri.password.clone().unwrap_or_default(),
        warehouse: warehouse(path)?,
        catalog: catalog.ok_or(Refused::UriFormat("the URI needs catalog"))?.to_owned(),
        schemas,
    })
}

/// The id of a SQL warehouse, which is the end of its path.
fn warehouse(path: &str) -> Result<String, Refused> {
    let path = path.trim_matches('/');
    if path.starts_with("sql/protocolv1/") {
        return Err(Refused::ClusterPath);
    }
    let id = path.strip_prefix("sql/1.0/warehouses/").or_else(|| path.strip_prefix("sql/1.0/endpoints/"));
    let is_id = |id: &&str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let id = id.filter(is_id).ok_or(Refused::UriFormat("http_path has to be /sql/1.0/warehouses/<id>"))?;
    Ok(id.to_owned())
}

/// The schemas of `snowflake://user:password@account/database/schema`.
pub fn snowflake(uri: &Uri, schemas: Vec<String>, around: Around) -> Result<Account, Refused> {
    let named = uri.host.as_deref().unwrap_or_default().to_ascii_lowercase();
    let name = named.strip_suffix(SNOWFLAKE).unwrap_or(&named);
    // Names of hosts have no underscores; names of accounts have, and a hyphen there means one.
    let host = format!("{}{SNOWFLAKE}", name.replace('_', "-"));
    let database = uri.path.as_deref().and_then(|path| path.split('/').next());
    let option = |name| uri.option(name).filter(|value| !value.is_empty()).map(str::to_owned);
    Ok(Account {
        place: around.place(&own_port(uri, &host)?)?,
        name: name.split('.').next().unwrap_or_default().to_owned(),
        user: uri.user.clone().unwrap_or_default(),
        password: uri.password.clone().unwrap_or_default(),
        database: database
            .ok_or(Refused::UriFormat("the URI names no database, as in snowflake://user:password@account/database"))?
            .to_owned(),
        schemas,
        warehouse: option("warehouse"),
        role: option("role"),
    })
}

/// The host, where the URI names no port but that of HTTPS.
fn own_port(uri: &Uri, host: &str) -> Result<String, Refused> {
    let is_own = uri.port.is_none_or(|port| port == 443);
    if is_own { Ok(host.to_owned()) } else { Err(Refused::UriFormat("a warehouse of this kind has port 443")) }
}

/// The schemas that a URI of these kinds names, or those that are there by default.
pub fn schemas(uri: &Uri) -> Vec<String> {
    let path = uri.path.as_deref().unwrap_or_default();
    let (first, second) = path.split_once('/').unwrap_or((path, ""));
    let (named, default) = match uri.dialect {
        Dialect::Bigquery => (first, ""),
        Dialect::Snowflake => (second, "public"),
        _ => (uri.option("schema").unwrap_or_default(), "default"),
    };
    let schema = if named.is_empty() { default } else { named };
    Some(schema.to_owned()).filter(|schema| !schema.is_empty()).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        Uri::parse(&text.into()).unwrap()
    }

    fn around() -> Around {
        Around { emulator: None, now: Timestamp::from_epoch_ms(0) }
    }

    #[test]
    fn the_host_of_an_account_is_one_of_snowflakes_whatever_the_uri_says() {
        for (host, expected, name) in [
            ("foo-bar", "foo-bar.snowflakecomputing.com", "foo-bar"),
            ("Foo_Bar", "foo-bar.snowflakecomputing.com", "foo_bar"),
            ("xy12345.us-east-2.aws", "xy12345.us-east-2.aws.snowflakecomputing.com", "xy12345"),
            ("foo-bar.snowflakecomputing.com", "foo-bar.snowflakecomputing.com", "foo-bar"),
            ("evil.example.com", "evil.example.com.snowflakecomputing.com", "evil"),
            ("169.254.169.254", "169.254.169.254.snowflakecomputing.com", "169"),
        ] {
            let uri = uri(&format!("snowflake://jon:123456@{host}/my-database/public"));
            let account = snowflake(&uri, schemas(&uri), around()).unwrap();
            assert_eq!((Some(account.place), &*account.name), (Place::of_host(expected), name), "{host}");
            assert_eq!((&*account.database, account.schemas), ("my-database", vec!["public".to_owned()]), "{host}");
        }
    }

    #[test]
    fn a_host_of_databricks_has_one_of_three_ends() {
        let of = |host: &str| {
            let uri = uri(&format!("databricks://token:t@{host}?http_path=/sql/1.0/warehouses/1a2b&catalog=c"));
            databricks(&uri, schemas(&uri), around()).map(|workspace| (workspace.place, workspace.warehouse))
        };
        for host in ["foo-bar.cloud.databricks.com", "adb-1.2.azuredatabricks.net", "1.2.gcp.databricks.com:443"] {
            let place = Place::of_host(host.trim_end_matches(":443")).unwrap();
            assert_eq!(of(host), Ok((place, "1a2b".to_owned())), "{host}");
        }
        for host in
            ["cloud.databricks.com", "foo.cloud.databricks.com.evil.example", "foocloud.databricks.com", "10.0.0.1"]
        {
            assert!(matches!(of(host), Err(Refused::UriFormat(_))), "{host}");
        }
        assert!(matches!(of("foo.cloud.databricks.com:8443"), Err(Refused::UriFormat(_))));
    }

    #[test]
    fn a_path_leads_to_a_warehouse_and_that_of_a_cluster_is_told_from_nonsense() {
        for path in ["/sql/1.0/warehouses/a1b2", "sql/1.0/endpoints/a1b2"] {
            assert_eq!(warehouse(path), Ok("a1b2".to_owned()));
        }
        assert_eq!(warehouse("sql/protocolv1/o/123456/123-1234-abcdabcd"), Err(Refused::ClusterPath));
        for path in ["", "/sql/1.0/warehouses/", "sql/1.0/warehouses/a/b", "sql/1.0/warehouses/../x", "x"] {
            assert!(matches!(warehouse(path), Err(Refused::UriFormat(_))), "{path}");
        }
    }
}
