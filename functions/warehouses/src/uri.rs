//! The URI of a warehouse, as clients write it for SQLAlchemy: `dialect+driver://user:password@host:port/path?query`.
//!
//! It is taken apart first, and each part is decoded once. So a password may hold `@`, `/`, `:`, `#` and a percent sign
//! that begins no escape, whether they are escaped or not. What needs its escape is `%3F` for a question mark before the
//! query, `%3A` for a colon in a user's name, and `%40` for an at sign in a path.

mod needs;
#[cfg(test)]
mod properties;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use shared::aws::Region;
use shared::warehouses::{Dialect, Refused};

/// The longest URI. Those of Databricks and Athena have some hundred characters.
const BYTES_MAX: usize = 8_192;

/// A URI, taken apart. It has no `Debug`: the password is not the only secret that clients put into it.
pub struct Uri {
    /// The kind of warehouse.
    pub dialect: Dialect,
    /// Who logs in, where somebody does.
    pub user: Option<String>,
    /// With what.
    pub password: Option<SecretString>,
    /// Where; an address of IPv6 without its brackets.
    pub host: Option<String>,
    /// On which port.
    pub port: Option<u16>,
    /// What is behind the host and its slash; nothing where that is empty.
    pub path: Option<String>,
    query: Vec<(String, String)>,
}

impl Uri {
    /// Takes a URI apart.
    pub fn parse(text: &SecretString) -> Result<Self, Refused> {
        let text = text.expose_secret().trim();
        if text.len() > BYTES_MAX {
            return Err(Refused::UriFormat("the URI is longer than 8192 bytes"));
        }
        if text.chars().any(char::is_control) {
            return Err(Refused::UriFormat("the URI holds control characters"));
        }
        let (scheme, rest) = text.split_once("://").ok_or(Refused::UnknownDialect)?;
        let dialect = dialect(scheme)?;
        let (head, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut uri = Self { query: pairs(query), ..Self::empty(dialect) };
        if uri.is_of_files() {
            uri.path = Some(file(head)?);
        } else {
            uri.read_head(head)?;
        }
        needs::check(&uri)?;
        Ok(uri)
    }

    /// The same of an SSH server's database, which the first generation of requests describes field by field. `driver` is
    /// what stands at the beginning of a URI.
    pub fn of_fields(driver: &str, user: String, password: SecretString, database: String) -> Result<Self, Refused> {
        let dialect = dialect(driver.split("://").next().unwrap_or_default().trim())?;
        let path = Some(database).filter(|database| !database.is_empty());
        Ok(Self { user: Some(user), password: Some(password), path, ..Self::empty(dialect) })
    }

    fn empty(dialect: Dialect) -> Self {
        Self { dialect, user: None, password: None, host: None, port: None, path: None, query: Vec::new() }
    }

    /// An option of the query, whatever the case of its name.
    pub fn option(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The region in the name of Athena's host, such as `athena.us-east-2.amazonaws.com`.
    pub fn region(&self) -> Option<Region> {
        let host = self.host.as_deref()?.to_ascii_lowercase();
        host.strip_prefix("athena.")?.strip_suffix(".amazonaws.com")?.parse().ok()
    }

    /// The schemas that `options=-csearch_path=…` names, in their order (PostgreSQL manual, `options` and `search_path`).
    pub fn search_path(&self) -> Vec<String> {
        let words = self.option("options").unwrap_or_default().replace("-c ", "-c");
        let setting = words.split_whitespace().rev().find_map(|word| {
            let (name, value) = word.trim_start_matches("-c").trim_start_matches("--").split_once('=')?;
            name.eq_ignore_ascii_case("search_path").then_some(value)
        });
        let named = setting.unwrap_or_default().split(',').map(|name| name.trim_matches(['"', '\'', ' ']).to_owned());
        named.filter(|name| !name.is_empty()).collect()
    }

    /// Whether it names a file, and no server.
    pub fn is_of_files(&self) -> bool {
        matches!(self.dialect, Dialect::Sqlite | Dialect::Duckdb)
    }

    fn read_head(&mut self, head: &str) -> Result<(), Refused> {
        let (who, place) = head.rsplit_once('@').map_or((None, head), |(who, place)| (Some(who), place));
        if let Some(who) = who {
            let (user, password) = who.split_once(':').map_or((who, None), |(user, password)| (user, Some(password)));
            self.user = Some(decoded(user)?).filter(|user| !user.is_empty());
            self.password = password.map(decoded).transpose()?.map(SecretString::from);
        }
        let (place, path) = place.split_once('/').unwrap_or((place, ""));
        (self.host, self.port) = host_and_port(place)?;
        self.path = Some(decoded(path.trim_end_matches('/'))?).filter(|path| !path.is_empty());
        Ok(())
    }
}

/// The kind that a scheme names. What follows a plus sign is the driver of another language.
fn dialect(scheme: &str) -> Result<Dialect, Refused> {
    let name = scheme.split('+').next().unwrap_or_default();
    Dialect::of_scheme(name).ok_or(Refused::UnknownDialect)
}

/// The path of a file: three slashes before one that begins in some folder, four before one that begins at the root.
fn file(head: &str) -> Result<String, Refused> {
    let path = head
        .strip_prefix('/')
        .ok_or(Refused::UriFormat("a file is named after three slashes, as in sqlite:///name.db"))?;
    let path = decoded(path)?;
    if path.is_empty() || path == ":memory:" { Err(Refused::UriFormat("no file is named")) } else { Ok(path) }
}

fn host_and_port(place: &str) -> Result<(Option<String>, Option<u16>), Refused> {
    let bracketed = place.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (host, port) = if let Some((address, rest)) = bracketed {
        if address.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(Refused::UriFormat("what stands in brackets is no address of IPv6"));
        }
        (address.to_owned(), rest.strip_prefix(':').or_else(|| rest.is_empty().then_some("")))
    } else {
        let (host, port) = place.split_once(':').unwrap_or((place, ""));
        (decoded(host)?, Some(port))
    };
    let is_of_host = |c: char| c.is_alphanumeric() || ".-_:".contains(c);
    if !host.chars().all(is_of_host) {
        return Err(Refused::UriFormat("the host is no host name and no address; escape ? in a password as %3F"));
    }
    let port = match port.ok_or(Refused::UriFormat("behind the brackets only a port may follow"))? {
        "" => None,
        digits => {
            let number: Option<u16> = digits.parse().ok().filter(|port| *port != 0);
            Some(number.ok_or(Refused::UriFormat("the port is no number from 1 to 65535"))?)
        }
    };
    Ok((Some(host).filter(|host| !host.is_empty()), port))
}

/// Decodes a part, once. An escape that is none stands for itself.
fn decoded(part: &str) -> Result<String, Refused> {
    let text =
        percent_decode_str(part).decode_utf8().map_err(|_| Refused::UriFormat("an escape is no text in UTF-8"))?;
    if text.chars().any(char::is_control) {
        return Err(Refused::UriFormat("the URI holds control characters"));
    }
    Ok(text.into_owned())
}

/// The options, as SQLAlchemy reads them: a plus sign is a blank.
fn pairs(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}
