//! The end of an account that its owner can not close.

use shared::Result;
use shared::app::App;
use shared::audit::Entry;
use shared::id::UserId;
use shared::users::Session;

/// Closes an account as its owner would, or finishes a closing that was cut short. To do it twice changes nothing.
pub async fn close(app: &App, owner: UserId) -> Result<()> {
    // Of an account that is gone no session has to be known: what is left of it is looked for all the same.
    let epoch = app.users.get(owner).await?.map_or(0, |user| user.epoch);
    let now = app.clock.now();
    app.close(Session { user: owner, epoch }, |action, subject| Entry::by_operator(owner, action, subject, now)).await
}
