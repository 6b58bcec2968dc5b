use serde::Serialize;
use shared::Result;
use shared::app::App;
use shared::http::{Account, Reply, State};
use shared::id::UserId;

/// Whether an account has moved from tokens to API keys.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MigrationStatus {
    user_id: UserId,
    has_migrated: bool,
    key_count: usize,
    recommended_action: Option<&'static str>,
    pending_steps: Vec<&'static str>,
    documentation: &'static str,
}

/// `GET /api/v1/management/migration-status`
pub async fn migration_status(State(app): State<App>, Account(user): Account) -> Result<Reply<MigrationStatus>> {
    let key_count = app.keys.list(user.id).await?.len();
    let has_migrated = key_count > 0;
    let step = (!has_migrated).then_some("Create an API key with POST /api/v1/management/setup");
    Ok(Reply::ok(MigrationStatus {
        user_id: user.id,
        has_migrated,
        key_count,
        recommended_action: step,
        pending_steps: step.into_iter().collect(),
        documentation: "/api/v1/management/setup",
    }))
}
