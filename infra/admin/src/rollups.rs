//! The figures of searches, made anew of the searches.

use shared::analytics::Rebuilt;
use shared::app::App;
use shared::error::{Result, chain};
use shared::id::UserId;

/// What became of the figures of accounts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Accounts {
    /// Of those whose figures were made anew, all days together.
    pub days: Rebuilt,
    /// Accounts whose figures could not be made anew. `told` has heard why.
    pub failed: usize,
}

/// Makes the figures of an account anew, or of all where none is named, and then those of all accounts together. To do it
/// twice harms nothing, and neither do searches that go on meanwhile.
pub async fn rebuild(app: &App, owner: Option<UserId>, mut told: impl FnMut(&str)) -> Result<Accounts> {
    let all = app.users.ids().await?;
    let owners = owner.map_or_else(|| all.clone(), |owner| vec![owner]);
    let mut accounts = Accounts::default();
    for owner in &owners {
        match app.analytics.rebuild(*owner, app.clock.now()).await {
            Ok(days) => {
                accounts.days.mended += days.mended;
                accounts.days.right += days.right;
                accounts.days.left += days.left;
                accounts.days.added += days.added;
            }
            Err(error) => {
                accounts.failed += 1;
                told(&format!("the figures of {owner} were left as they are: {}", chain(&error)));
            }
        }
    }
    app.analytics.rebuild_system(&owners, &all).await?;
    Ok(accounts)
}
