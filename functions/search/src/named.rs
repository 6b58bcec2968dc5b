//! What a request names: databases, and tables and columns in them.

use shared::app::App;
use shared::databases::{Catalogue, Database};
use shared::error::{Invalid, InvalidKind, Resource};
use shared::id::{DatabaseId, UserId};
use shared::{Error, Result};

use crate::ask::read_again;
use crate::fields::check;
use crate::plan::{Unknown, unknown_name};
use crate::request::SearchRequest;

/// The most databases that one search asks.
const DATABASES_MAX: usize = 50;

/// The databases that a request names, or all, with what it names in them.
pub async fn databases(app: &App, owner: UserId, request: &SearchRequest) -> Result<Vec<Database>> {
    let mut databases = databases_named(app, owner, &request.databases()?).await?;
    find_names(app, &mut databases, request).await?;
    Ok(databases)
}

/// The active ones among these, or among all where none is named. One read of the table.
pub async fn databases_named(app: &App, owner: UserId, named: &[DatabaseId]) -> Result<Vec<Database>> {
    let databases = if named.is_empty() {
        app.databases.list_active(owner).await?
    } else {
        app.databases.get_all(owner, named, Vec::new()).await?.0
    };
    refuse_unusable(&databases)?;
    Ok(databases)
}

/// One that is switched off is not found, and there may not be too many.
pub fn refuse_unusable(databases: &[Database]) -> Result<()> {
    if databases.iter().any(|database| !database.active) {
        return Err(Error::NotFound(Resource::SearchedDatabase));
    }
    check_number_of_databases(databases.len())
}

/// Where a name is unknown, their schemas are read: a table or column may be newer than what the records say.
pub async fn find_names(app: &App, databases: &mut [Database], request: &SearchRequest) -> Result<()> {
    let known = |databases: &[Database]| -> Result<()> {
        refuse_unknown_names(databases.iter().map(|database| (database, database.catalogue.as_ref())), request)
    };
    if known(databases).is_ok() {
        return Ok(());
    }
    read_again(app, databases).await;
    known(databases)
}

/// A name that no database has is a mistake of the client's. Where a schema is not known yet, it may still be there.
pub fn refuse_unknown_names<'a>(
    databases: impl Iterator<Item = (&'a Database, Option<&'a Catalogue>)>,
    request: &'a SearchRequest,
) -> Result<()> {
    let known = databases.map(|(database, catalogue)| Some((database, catalogue?))).collect::<Option<Vec<_>>>();
    let Some(known) = known.filter(|all| !all.is_empty()) else { return Ok(()) };
    let (field, what, name) = match unknown_name(&known.iter().map(|(_, catalogue)| *catalogue), request) {
        None => return Ok(check(known.into_iter(), request)?),
        Some(Unknown::Table(name)) => ("tables", "table", name),
        Some(Unknown::Column(name)) => ("columns", "column", name),
    };
    Err(Invalid::new(field, InvalidKind::Choice, format!("none of the databases has a {what} named {name:?}")).into())
}

/// An account with more databases than one search asks has to say which.
pub fn check_number_of_databases(number: usize) -> Result<()> {
    if number <= DATABASES_MAX {
        return Ok(());
    }
    let reason = format!("must name at most {DATABASES_MAX} databases");
    Err(Invalid::new("databases", InvalidKind::TooBig, reason).into())
}
