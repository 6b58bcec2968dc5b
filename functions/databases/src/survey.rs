//! A schema read anew, with or without a sample of what it holds. It is kept for the searches that follow, and the
//! connection notes what came of it.

use shared::Result;
use shared::app::App;
use shared::databases::{Catalogue, Database, Fault, Sample, Status, discover, survey as with_sample};

/// The schema and a sample.
pub async fn survey(app: &App, database: &Database) -> Result<Result<(Catalogue, Sample), Fault>> {
    let credentials = database.open_credentials(&app.vault).await?;
    let found = with_sample(&app.connector, database.target(&credentials), app.clock.now()).await;
    note(app, database, found.as_ref().ok().map(|(catalogue, _)| catalogue)).await?;
    Ok(found)
}

/// The schema alone.
pub async fn read(app: &App, database: &Database) -> Result<Result<Catalogue, Fault>> {
    let credentials = database.open_credentials(&app.vault).await?;
    let found = discover(&app.connector, database.target(&credentials), app.clock.now()).await;
    note(app, database, found.as_ref().ok()).await?;
    Ok(found)
}

async fn note(app: &App, database: &Database, found: Option<&Catalogue>) -> Result<()> {
    match found {
        Some(catalogue) => app.databases.note_catalogue(database, catalogue).await,
        None => app.databases.note_test(database, Status::Error, app.clock.now()).await,
    }
}
