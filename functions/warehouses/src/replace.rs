use shared::Result;
use shared::app::App;
use shared::audit::Action;
use shared::http::{Lax, Owned, Reply, State, Witness};
use shared::warehouses::{Refused, SshSettings, Warehouse};

use crate::attempt::Attempt;
use crate::request::Described;
use crate::secrets::Secrets;
use crate::tables::reconcile::note;
use crate::view::WarehouseView;

/// `PUT /api/v1/database-connections/{warehouseId}`: all of it becomes what is sent, once that can be connected. A secret
/// that is sent as the token of this very field stays as it is, and one that is not sent is gone.
pub async fn replace(
    State(app): State<App>,
    Owned(warehouse): Owned<Warehouse>,
    witness: Witness,
    Lax(mut described): Lax<Described>,
) -> Result<Reply<WarehouseView>> {
    let keyring = warehouse.keyring(&app.vault).await?;
    let secrets = Secrets::sent_again(std::mem::take(&mut described.secrets), &keyring, &warehouse.tokens)?;
    keep_pin(&mut described, warehouse.settings.ssh.as_ref());
    let attempt = Attempt::of_request(&described, &secrets, &app)?;
    let seen = attempt.look(&app).await?;
    if described.is_strict && seen.tables.is_empty() {
        return Err(Refused::Empty.into());
    }
    let now = app.clock.now();
    let tokens = secrets.tokens(&keyring, now)?;
    let changed = warehouse.changed(attempt.settings(described, &seen), tokens, now);
    app.warehouses.replace(&changed, &witness.saw(changed.owner, Action::WarehouseUpdated, changed.id)).await?;
    let warning = note(&app, &changed, seen).await;
    Ok(Reply::ok(WarehouseView::from(changed).warned(warning)))
}

/// The host key that was pinned stays so where the SSH server is the same one, and nothing else is said.
fn keep_pin(described: &mut Described, known: Option<&SshSettings>) {
    if let (Some(ssh), Some(known)) = (&mut described.ssh, known)
        && ssh.host == known.host
        && ssh.port == known.port
        && ssh.host_key_fingerprint.is_none()
    {
        ssh.host_key_fingerprint.clone_from(&known.host_key_fingerprint);
    }
}
