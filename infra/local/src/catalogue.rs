//! Debian's package catalogue as demo data: some sixty thousand packages with real descriptions, which
//! every Debian machine can fetch from wherever it gets its packages.
//!
//! It fills two databases, as if two teams had theirs: the programs in one, the libraries and their
//! documentation in the other.

mod account;
mod deb822;
mod package;
mod table;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;

use mysql_async::Conn;

use crate::apt::Apt;
use crate::server::Server;
pub(crate) use package::Package;
use table::Table;

/// Fewer packages than this with a description, and something is missing from what apt fetched.
const PACKAGES_MIN: usize = 50_000;

/// What was loaded, and the account that may read it. It has no `Debug`, because of the password.
pub struct Demo {
    /// The databases, each with its tables.
    pub databases: Vec<DemoDatabase>,
    /// An account that may read these databases and nothing else.
    pub username: String,
    /// Its password, the same at every start.
    pub password: String,
}

/// A database of the demo.
#[derive(Debug)]
pub struct DemoDatabase {
    /// Its name on the server.
    pub name: String,
    /// Its tables.
    pub tables: Vec<DemoTable>,
    /// The rows of all of its tables.
    pub rows: u64,
}

/// A table of the demo.
#[derive(Debug)]
pub struct DemoTable {
    /// Its name in the database.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
}

/// Why the catalogue is not there.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Not a Debian machine, or one of its relatives.
    #[error("the demo's data comes by `apt-get`, which this machine does not have: use Debian or Ubuntu")]
    NoApt,
    /// apt fetched nothing, or not enough.
    #[error(
        "the package catalogue has {found} packages with a description, and the demo needs {PACKAGES_MIN}: \
         is there a network, and a Debian archive among apt's sources? apt said:\n{apt}"
    )]
    Incomplete {
        /// How many there are.
        found: usize,
        /// The end of what apt wrote.
        apt: String,
    },
    /// The folder of the cache cannot be made, read or written.
    #[error("the catalogue's folder cannot be used")]
    Folder(#[source] io::Error),
    /// The server refused a statement or went away.
    #[error("the catalogue could not be written to the database")]
    Database(#[from] mysql_async::Error),
}

/// Loads whatever is not loaded yet, and tells how far it is. It may be interrupted anywhere: a table
/// has its final name only when it is complete, and the next call does the rest.
pub async fn load(server: &Server, cache: &Path, progress: &mut dyn FnMut(&str)) -> Result<Demo, LoadError> {
    let mut conn = server.connect().await?;
    let mut missing = Vec::new();
    for table in Table::ALL {
        if table.rows(&mut conn).await?.is_none() {
            missing.push(table);
        }
    }
    if !missing.is_empty() {
        let packages = packages(cache, progress).await?;
        for table in missing {
            let rows: Vec<&Package> = packages.iter().filter(|package| Table::of(package) == table).collect();
            table.load(&mut conn, &rows, progress).await?;
        }
    }

    let password = server.secret("demo-password").map_err(LoadError::Folder)?;
    account::create(&mut conn, &password).await?;
    let databases = describe(&mut conn).await?;
    conn.disconnect().await?;
    Ok(Demo { databases, username: account::NAME.to_owned(), password })
}

/// The packages from the cache, or else from the network.
pub(crate) async fn packages(cache: &Path, progress: &mut dyn FnMut(&str)) -> Result<Vec<Package>, LoadError> {
    let apt = Apt::open(&cache.join("apt"), "en").map_err(LoadError::Folder)?;
    let lists = apt.lists();
    let cached = read(&lists).await?;
    if described(&cached) >= PACKAGES_MIN {
        return Ok(cached);
    }

    progress("Fetching Debian's package catalogue, about 16 MB");
    let said = update(&apt).await?;
    progress("Reading the package catalogue");
    let packages = read(&lists).await?;
    let found = described(&packages);
    if found < PACKAGES_MIN {
        return Err(LoadError::Incomplete { found, apt: said });
    }
    Ok(packages)
}

/// Fetches the lists and returns the end of what apt said. Its exit status counts for nothing: one source of many may
/// have failed. What counts is what can be read afterwards.
async fn update(apt: &Apt) -> Result<String, LoadError> {
    match apt.run(&["update"]).await {
        Ok(said) => Ok(said.last_words),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(LoadError::NoApt),
        Err(error) => Err(LoadError::Folder(error)),
    }
}

async fn read(lists: &Path) -> Result<Vec<Package>, LoadError> {
    let lists = lists.to_owned();
    // A second of parsing would hold up everything else that runs on this thread.
    let packages = tokio::task::spawn_blocking(move || package::read_all(&lists)).await;
    packages.map_err(io::Error::other).flatten().map_err(LoadError::Folder)
}

fn described(packages: &[Package]) -> usize {
    packages.iter().filter(|package| !package.description.is_empty()).count()
}

async fn describe(conn: &mut Conn) -> Result<Vec<DemoDatabase>, LoadError> {
    let mut databases: Vec<DemoDatabase> = Vec::new();
    for table in Table::ALL {
        let rows = table.rows(conn).await?.unwrap_or_default();
        let entry = DemoTable { name: table.name().to_owned(), rows };
        match databases.iter_mut().find(|database| database.name == table.database()) {
            Some(database) => {
                database.rows += rows;
                database.tables.push(entry);
            }
            None => databases.push(DemoDatabase { name: table.database().to_owned(), tables: vec![entry], rows }),
        }
    }
    Ok(databases)
}
