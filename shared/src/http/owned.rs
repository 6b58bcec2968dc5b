//! What a path names: loaded for the caller, or not found. A stranger's and a missing one get the same answer.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use super::caller::{Account, Caller, may};
use crate::app::App;
use crate::databases::Database;
use crate::error::{Error, Resource, Result};
use crate::id::{SearchId, UserId};
use crate::keys::Key;
use crate::warehouses::{Table, Warehouse};

/// The thing that the path names, which is the caller's own. It brings its own check of the caller.
pub struct Owned<T>(pub T);

impl FromRequestParts<App> for Owned<Database> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = Caller::<may::ManageDatabases>::from_request_parts(parts, app).await?;
        let missing = || Error::NotFound(Resource::Connection);
        let id = named(parts, app).await.ok_or_else(missing)?;
        app.databases.get(caller.user, id).await?.map(Self).ok_or_else(missing)
    }
}

impl FromRequestParts<App> for Owned<Key> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let Account(user) = Account::from_request_parts(parts, app).await?;
        let missing = || Error::NotFound(Resource::Key);
        let id = named(parts, app).await.ok_or_else(missing)?;
        app.keys.get(user.id, id).await?.map(Self).ok_or_else(missing)
    }
}

impl FromRequestParts<App> for Owned<Warehouse> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = Caller::<may::ManageDatabases>::from_request_parts(parts, app).await?;
        let missing = || Error::NotFound(Resource::Warehouse);
        let id = named(parts, app).await.ok_or_else(missing)?;
        app.warehouses.get(caller.user, id).await?.map(Self).ok_or_else(missing)
    }
}

/// A table of a warehouse, with that warehouse, and whose they are: the table itself does not say.
pub struct OwnedTable {
    /// The account.
    pub owner: UserId,
    /// The table.
    pub table: Table,
    /// The connection that it was found by.
    pub warehouse: Warehouse,
}

impl FromRequestParts<App> for OwnedTable {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let owner = Caller::<may::ManageDatabases>::from_request_parts(parts, app).await?.user;
        let missing = || Error::NotFound(Resource::Table);
        let id = named(parts, app).await.ok_or_else(missing)?;
        let (warehouse, table) = app.warehouses.table(owner, id).await?.ok_or_else(missing)?;
        Ok(Self { owner, table, warehouse })
    }
}

/// The search that the path names. Whose it is comes out where it is looked for, which nobody can do without its owner.
pub struct Named(pub SearchId);

impl FromRequestParts<App> for Named {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        named(parts, app).await.map(Self).ok_or(Error::NotFound(Resource::Search))
    }
}

/// The id that the path holds; none when it has not the form of one.
async fn named<T: FromStr>(parts: &mut Parts, app: &App) -> Option<T> {
    let params = RawPathParams::from_request_parts(parts, app).await.ok()?;
    let (_, text) = params.iter().next()?;
    text.parse().ok()
}
