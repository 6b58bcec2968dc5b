use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::http::{Caller, Lax, Reply, State, Witness, may};
use shared::warehouses::{Keyring, Refused, Warehouse};

use crate::attempt::Attempt;
use crate::request::Described;
use crate::secrets::Secrets;
use crate::tables::reconcile::note;
use crate::view::WarehouseView;

/// `POST /api/v1/database-connections`: nothing is stored of a database that can not be connected.
pub async fn create(
    State(app): State<App>,
    caller: Caller<may::ManageDatabases>,
    witness: Witness,
    Lax(mut described): Lax<Described>,
) -> Result<Reply<WarehouseView>> {
    let secrets = Secrets::sent(std::mem::take(&mut described.secrets))?;
    let attempt = Attempt::of_request(&described, &secrets, &app)?;
    let seen = attempt.look(&app).await?;
    if described.is_strict && seen.tables.is_empty() {
        return Err(Refused::Empty.into());
    }
    let now = app.clock.now();
    let (keyring, key) = Keyring::fresh(caller.user, now, &app.vault).await?;
    let tokens = secrets.tokens(&keyring, now)?;
    let warehouse = Warehouse::new(&keyring, key, attempt.settings(described, &seen), tokens, now);
    app.warehouses.insert(&warehouse, &witness.saw(caller.user, Action::WarehouseAdded, warehouse.id)).await?;
    let warning = note(&app, &warehouse, seen).await;
    Ok(Reply::created(WarehouseView::from(warehouse).warned(warning)))
}
