//! What who searched says afterwards: which rows were opened, and how good the answer was.

use super::figures::Places;
use super::roll_up::{Kept, waits};
use super::{Analytics, Batch, Click, EventKey, Fingerprint, SearchEvent};
use crate::dynamo::{Change, Transacted, number, pause};
use crate::error::{Error, Invalid, InvalidKind, Resource, Result};
use crate::id::{SearchId, UserId};

impl Analytics {
    /// Notes that a row of an answer was opened, at this place of the client's list, or where the answer had it. A row is
    /// opened once, whatever is said.
    pub async fn click(&self, owner: UserId, id: SearchId, result_id: &str, position: Option<u64>) -> Result<()> {
        let result = Fingerprint::of(result_id);
        let open = |event: &mut SearchEvent| {
            let refused = || Invalid::new("resultId", InvalidKind::Choice, "is no result of this search");
            let shown_at = event.position_of(result).ok_or_else(refused)?;
            if event.clicks.iter().all(|click| click.result != result) {
                event.clicks.push(Click { result, position: position.unwrap_or(shown_at) });
            }
            Ok(())
        };
        self.change(owner, id, open).await
    }

    /// Notes how good an answer was, 1 to 5, in the place of what was said before.
    pub async fn rate(&self, owner: UserId, id: SearchId, rating: u8) -> Result<()> {
        let rate = |event: &mut SearchEvent| {
            event.rating = Some(rating);
            Ok(())
        };
        self.change(owner, id, rate).await
    }

    /// Changes an event, and with it the figures that it is in: both or neither.
    async fn change(&self, owner: UserId, id: SearchId, edit: impl Fn(&mut SearchEvent) -> Result<()>) -> Result<()> {
        let missing = || Error::NotFound(Resource::Search);
        let at = id.began().ok_or_else(missing)?;
        let batches = Batch::all([EventKey { owner, at, id }]);
        let batch = batches.first().ok_or_else(missing)?;
        for wait_ms in waits() {
            let (events, mut rows) = self.read_batch(batch).await?;
            let before = events.into_iter().next().ok_or_else(missing)?;
            let mut after = before.event.clone();
            edit(&mut after)?;
            if after == before.event {
                return Ok(());
            }
            let mut parts = vec![self.edited(&before, &after)?];
            // What is not in the figures yet will be counted as it is then. What is there no more has ended.
            if before.mark.rolled_up && rows.day.is_stored() {
                rows.day.figures.change(&before.event, &after);
                rows.queries.figures.change(&before.event, &after);
                rows.month.figures.change(&before.event, &after);
                rows.system.figures.rollup.change(&before.event, &after);
                parts.extend(rows.parts(&self.table, &Places::new(owner, at.date()))?);
            }
            match self.table.transact(parts).await? {
                Transacted::Done => return Ok(()),
                Transacted::Refused(_) => pause(wait_ms).await,
            }
        }
        Err(Error::unavailable("a search was changed by others at every attempt"))
    }

    fn edited(&self, before: &Kept, after: &SearchEvent) -> Result<aws_sdk_dynamodb::types::TransactWriteItem> {
        let clicks = serde_dynamo::to_attribute_value(&after.clicks).map_err(Error::internal)?;
        let rating = serde_dynamo::to_attribute_value(after.rating).map_err(Error::internal)?;
        let change = Change::default()
            .set("clicks", clicks)
            .set("rating", rating)
            .set("revision", number(before.mark.revision + 1))
            .only_if("revision = :seen", [(":seen", number(before.mark.revision))]);
        change.part(&self.table, before.key().item())
    }
}
