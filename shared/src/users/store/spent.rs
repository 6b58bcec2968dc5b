//! Refresh tokens that were exchanged: `USER#id` / `SPENT#token`. They end by TTL when the token would have ended.

use std::time::Duration;

use super::{Users, user_pk};
use crate::clock::Timestamp;
use crate::dynamo::{Change, Written, key, number, text};
use crate::error::Result;
use crate::users::Refresh;

/// How long after its first exchange a refresh token may come again: tabs of one browser wake up at once and send the same
/// cookie, and an answer may be lost on its way.
const GRACE: Duration = Duration::from_mins(1);

impl Users {
    /// Notes that a refresh token is exchanged. Whether that is its first time, or soon enough after it: else two have it
    /// (RFC 9700, 4.14.2).
    pub async fn spend(&self, token: &Refresh, now: Timestamp) -> Result<bool> {
        let spent = Change::default()
            .set_if_missing("again_until", text(now.plus(GRACE).to_string()))
            .set("ttl", number(token.ends_at.epoch_s()))
            .only_if("attribute_not_exists(pk) OR again_until > :now", [(":now", text(now.to_string()))]);
        let item = key(user_pk(token.session.user), format!("SPENT#{}", token.id));
        Ok(matches!(self.table.update(item, spent).await?, Written::Done(_)))
    }
}
