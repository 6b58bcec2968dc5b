//! New data keys for all credentials, wrapped by what the KMS key is now.

use std::fmt;

use shared::app::App;
use shared::audit::{Action, Entry};
use shared::databases::Database;
use shared::error::chain;
use shared::id::{DatabaseId, UserId, WarehouseId};
use shared::warehouses::Warehouse;
use shared::{Error, Result};

/// How often a connection is taken up again that its owner has changed in the same moment.
const TRIES: usize = 5;

/// A connection of either kind.
#[derive(Clone, Copy)]
enum Record {
    Database(DatabaseId),
    Warehouse(WarehouseId),
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(id) => id.fmt(f),
            Self::Warehouse(id) => id.fmt(f),
        }
    }
}

/// What became of the connections.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Rewrapped {
    /// Sealed anew.
    pub done: usize,
    /// Removed since they were listed.
    pub gone: usize,
    /// Left as they were, because they could not be opened or written. `told` has heard why.
    pub failed: usize,
}

/// Seals the credentials of every connection anew, each under a new data key of its own, and tells of every hundredth
/// and of each that could not be. What one run leaves the next takes up; to do it twice harms nothing.
pub async fn rewrap(app: &App, mut told: impl FnMut(&str)) -> Result<Rewrapped> {
    let databases = app.databases.of_everybody().await?.into_iter();
    let warehouses = app.warehouses.of_everybody().await?.into_iter();
    let connections: Vec<(UserId, Record)> = databases
        .map(|(owner, id)| (owner, Record::Database(id)))
        .chain(warehouses.map(|(owner, id)| (owner, Record::Warehouse(id))))
        .collect();
    let mut rewrapped = Rewrapped::default();
    for (index, (owner, id)) in connections.iter().enumerate() {
        match one(app, *owner, *id).await {
            Ok(true) => rewrapped.done += 1,
            Ok(false) => rewrapped.gone += 1,
            Err(error) => {
                rewrapped.failed += 1;
                told(&format!("the connection {id} was left as it is: {}", chain(&error)));
            }
        }
        if (index + 1) % 100 == 0 {
            told(&format!("{} of {} connections", index + 1, connections.len()));
        }
    }
    Ok(rewrapped)
}

/// Whether the connection is there and was sealed anew.
async fn one(app: &App, owner: UserId, id: Record) -> Result<bool> {
    let mut tries = TRIES;
    loop {
        tries -= 1;
        let done = match id {
            Record::Database(id) => match app.databases.get(owner, id).await? {
                Some(database) => anew(app, database).await,
                None => return Ok(false),
            },
            Record::Warehouse(id) => match app.warehouses.get(owner, id).await? {
                Some(warehouse) => warehouse_anew(app, warehouse).await,
                None => return Ok(false),
            },
        };
        match done {
            Err(Error::ConnectionChanged) if tries > 0 => {}
            result => return result.map(|()| true),
        }
    }
}

async fn warehouse_anew(app: &App, warehouse: Warehouse) -> Result<()> {
    let now = app.clock.now();
    let entry = Entry::by_operator(warehouse.owner, Action::WarehouseRewrapped, warehouse.id, now);
    let sealed = warehouse.clone().resealed(&app.vault, now).await?;
    warehouse.forget_keyring(&app.vault);
    app.warehouses.replace(&sealed, &entry).await
}

async fn anew(app: &App, database: Database) -> Result<()> {
    let now = app.clock.now();
    let entry = Entry::by_operator(database.owner, Action::ConnectionRewrapped, database.id, now);
    let credentials = database.open_credentials(&app.vault).await?;
    let sealed = database.clone().with_credentials(&credentials, &app.vault).await?.changed(now);
    database.forget_credentials(&app.vault);
    app.databases.replace(&sealed, &entry).await
}
