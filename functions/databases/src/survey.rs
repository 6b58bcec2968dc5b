//! A schema with a sample of what it holds, for who is told of it and for the adviser.

use shared::app::App;
use shared::databases::{Catalogue, Database, Sample, Status, Target, survey as read};
use shared::{Error, Result};

/// Reads both anew, keeps the schema for the searches that follow, and notes with the connection what came of it.
pub async fn survey(app: &App, database: &Database) -> Result<(Catalogue, Sample)> {
    let now = app.clock.now();
    let password = database.open_password(&app.vault).await?;
    let target = Target { settings: &database.settings, password: &password };
    match read(&app.connector, target, now).await {
        Ok((catalogue, sample)) => {
            app.databases.note_catalogue(database, &catalogue).await?;
            Ok((catalogue, sample))
        }
        Err(fault) => {
            app.databases.note_test(database, Status::Error, now).await?;
            Err(Error::DatabaseFailed(fault))
        }
    }
}
