use shared::app::App;
use shared::audit::Action;
use shared::error::Resource;
use shared::http::{Caller, LaxSent, Once, Reply, State, Witness, may};
use shared::once::Ticket;
use shared::warehouses::{Keyring, Refused, Warehouse};
use shared::{Error, Result};

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
    once: Once,
    LaxSent { body: mut described, object }: LaxSent<Described>,
) -> Result<Reply<WarehouseView>> {
    let now = app.clock.now();
    let ticket = once.ticket(caller.user, "", &object, now);
    if let Some(id) = Ticket::made_before(ticket.as_ref(), &app.table).await? {
        // As it is now.
        let warehouse = app.warehouses.get(caller.user, id).await?.ok_or(Error::NotFound(Resource::Warehouse))?;
        return Ok(Reply::created(WarehouseView::from(warehouse)));
    }
    let secrets = Secrets::sent(std::mem::take(&mut described.secrets))?;
    let attempt = Attempt::of_request(&described, &secrets, &app)?;
    let seen = attempt.look(&app).await?;
    if described.is_strict && seen.tables.is_empty() {
        return Err(Refused::Empty.into());
    }
    let (keyring, key) = Keyring::fresh(caller.user, now, &app.vault).await?;
    let tokens = secrets.tokens(&keyring, now)?;
    let warehouse = Warehouse::new(&keyring, key, attempt.settings(described, &seen), tokens, now);
    let stamp = ticket.map(|ticket| ticket.stamp(warehouse.id));
    let entry = witness.saw(caller.user, Action::WarehouseAdded, warehouse.id).stamped(stamp);
    app.warehouses.insert(&warehouse, &entry).await?;
    let warning = note(&app, &warehouse, seen).await;
    Ok(Reply::created(WarehouseView::from(warehouse).warned(warning)))
}
