use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::http::{Caller, Lax, Reply, State, may};
use shared::warehouses::{Dialect, Refused};

use crate::attempt::Attempt;
use crate::request::Described;
use crate::secrets::Secrets;

/// What a trial found.
#[derive(Serialize)]
pub struct Tried {
    connected: bool,
    dialect: Dialect,
    schemas: Option<Vec<String>>,
    /// How many there are.
    tables: usize,
    /// The key that the SSH server has shown, to be named when the connection is made.
    host_key_fingerprint: Option<String>,
    warning: Option<String>,
}

/// `POST /api/v1/database-connections/test`: connects as if it were to be stored, and stores nothing.
pub async fn test(
    State(app): State<App>,
    _caller: Caller<may::ManageDatabases>,
    Lax(mut described): Lax<Described>,
) -> Result<Reply<Tried>> {
    let secrets = Secrets::sent(std::mem::take(&mut described.secrets))?;
    let attempt = Attempt::of_request(&described, &secrets, &app)?;
    let seen = attempt.look(&app).await?;
    if described.is_strict && seen.tables.is_empty() {
        return Err(Refused::Empty.into());
    }
    Ok(Reply::ok(Tried {
        connected: true,
        dialect: attempt.plan().dialect,
        schemas: attempt.plan().schemas.clone(),
        tables: seen.tables.len(),
        warning: seen.warning(),
        host_key_fingerprint: seen.host_key,
    }))
}
