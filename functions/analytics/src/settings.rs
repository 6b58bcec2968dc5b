use serde::Deserialize;
use shared::Result;
use shared::analytics::{Recording, RetentionDays};
use shared::app::App;
use shared::http::{Account, Body, Reply, State};

/// What is to change of the settings; the rest stays as it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    retention_days: Option<RetentionDays>,
    record_query_text: Option<bool>,
}

/// `GET /api/v1/analytics/settings`
pub async fn settings(State(app): State<App>, Account(user): Account) -> Result<Reply<Recording>> {
    Ok(Reply::ok(app.analytics.recording(user.id).await?))
}

/// `PUT /api/v1/analytics/settings`: they hold for the searches from now on. Who does not want texts kept has those erased that
/// were.
pub async fn change_settings(
    State(app): State<App>,
    Account(user): Account,
    Body(changes): Body<Changes>,
) -> Result<Reply<Recording>> {
    let before = app.analytics.recording(user.id).await?;
    let after = Recording {
        retention_days: changes.retention_days.unwrap_or(before.retention_days),
        record_query_text: changes.record_query_text.unwrap_or(before.record_query_text),
    };
    app.analytics.set_recording(user.id, after).await?;
    // Also where it was so before: what was cut short the last time is done now.
    if changes.record_query_text == Some(false) {
        app.analytics.erase_texts(user.id).await?;
        app.results.forget(user.id).await;
    }
    Ok(Reply::ok(after))
}
