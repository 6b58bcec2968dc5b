use serde_json::Value;
use shared::app::App;
use shared::error::{Misfit, Resource};
use shared::http::{Caller, FromBody, Lax, Reply, State, may};
use shared::{Error, Result};

use super::reconcile::reconcile;
use super::view::TableView;
use crate::attempt::Attempt;
use crate::lax::whole;
use crate::secrets::Secrets;

/// Which connection is meant.
pub struct Refresh {
    connection: String,
}

impl FromBody for Refresh {
    fn read(body: Value) -> Result<Self, Vec<Misfit>> {
        whole(body, |fields| Self { connection: fields.text("db_connection_id", 64) })
    }
}

/// `POST /api/v1/table-descriptions/refresh`: lists the tables of a connection anew.
pub async fn refresh(
    State(app): State<App>,
    caller: Caller<may::ManageDatabases>,
    Lax(request): Lax<Refresh>,
) -> Result<Reply<Vec<TableView>>> {
    let missing = || Error::NotFound(Resource::Warehouse);
    let id = request.connection.parse().map_err(|_| missing())?;
    let warehouse = app.warehouses.get(caller.user, id).await?.ok_or_else(missing)?;
    let keyring = warehouse.keyring(&app.vault).await?;
    let secrets = Secrets::stored(&keyring, &warehouse.tokens)?;
    let seen = Attempt::of_stored(&warehouse, &secrets, &app)?.look(&app).await?;
    let dialect = warehouse.settings.dialect;
    let tables = reconcile(&app, warehouse, seen.tables).await?;
    let now = app.clock.now();
    Ok(Reply::created(tables.into_iter().map(|table| TableView::new(table, dialect, now)).collect()))
}
