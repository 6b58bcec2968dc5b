//! What is left of an account's searches when it is closed: their number among those of all, and nothing that tells whose
//! they were or what was asked.

use super::figures::{Places, Row};
use super::roll_up::waits;
use super::store::history_pk;
use super::{Analytics, Recording, Rollup, SystemRollup, figures};
use crate::aws::failed;
use crate::clock::Date;
use crate::dynamo::{Transacted, pause};
use crate::error::{Error, Result};
use crate::id::UserId;

impl Analytics {
    /// Destroys the searches, the figures and the settings of an account that was closed, so that nothing is added to them
    /// any more. May be done again.
    pub async fn forget(&self, owner: UserId) -> Result<()> {
        for (day, figures) in self.all_days(owner).await? {
            self.forget_day(owner, day, &figures).await?;
        }
        self.table.remove_all(&figures::figures_pk(owner)).await?;
        self.table.remove_all(&history_pk(owner)).await?;
        let settings = self.table.client.delete_item().table_name(&self.table.name);
        settings.set_key(Some(Recording::key(owner))).send().await.map(drop).map_err(failed)
    }

    async fn forget_day(&self, owner: UserId, day: Date, figures: &Rollup) -> Result<()> {
        let place = Places::new(owner, day).system;
        for wait_ms in waits() {
            let mut row = Row::<SystemRollup>::read(self.table.items(vec![place.clone()]).await?.pop())?;
            if !row.figures.forget(owner, figures) {
                return Ok(());
            }
            match self.table.transact(vec![row.put(&self.table, place.clone(), day)?]).await? {
                Transacted::Done => return Ok(()),
                Transacted::Refused(_) => pause(wait_ms).await,
            }
        }
        Err(Error::unavailable("the figures of all were written by others at every attempt"))
    }
}
