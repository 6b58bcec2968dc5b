use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use shared::Result;
use shared::analytics::AccountShare;
use shared::app::App;
use shared::clock::Timestamp;
use shared::http::{Administrator, Limit, Offset, Query, Reply, State, number};
use shared::id::UserId;
use shared::users::{Email, PersonName, Role, User};

use super::total;
use crate::figures::mean;
use crate::span::Asked;

/// Which accounts of the list.
#[derive(Deserialize)]
pub struct Part {
    #[serde(default, deserialize_with = "number")]
    limit: Limit<100, 1_000>,
    #[serde(default, deserialize_with = "number")]
    offset: Offset<100_000>,
}

/// What an account has searched. Who it is stays away where the account is just being closed.
#[derive(Serialize)]
pub struct Activity {
    id: UserId,
    email: Option<Email>,
    name: Option<PersonName>,
    role: Option<Role>,
    query_count: u64,
    /// Milliseconds.
    avg_response_time: f64,
    /// When it searched last, of these days.
    last_query: Timestamp,
    /// When it logged in last.
    last_active: Option<Timestamp>,
}

/// `GET /api/v1/analytics/admin/user-activity`: the accounts that have searched, those that did most first.
pub async fn user_activity(
    State(app): State<App>,
    _: Administrator,
    Query(asked): Query<Asked>,
    Query(part): Query<Part>,
) -> Result<Reply<Vec<Activity>>> {
    let days = app.analytics.system_days(asked.span(app.clock.now())?.range).await?;
    let mut accounts: Vec<(UserId, AccountShare)> = total(&days).accounts.into_iter().collect();
    accounts.sort_by_key(|(id, account)| (Reverse((account.searches, account.last)), *id));
    let accounts: Vec<_> = accounts.into_iter().skip(part.offset.get()).take(part.limit.get()).collect();
    let ids: Vec<UserId> = accounts.iter().map(|(id, _)| *id).collect();
    let mut users = app.users.get_all(&ids).await?;
    Ok(Reply::ok(accounts.into_iter().map(|(id, account)| Activity::of(id, &account, users.remove(&id))).collect()))
}

impl Activity {
    fn of(id: UserId, account: &AccountShare, user: Option<User>) -> Self {
        Self {
            id,
            last_active: user.as_ref().map(|user| user.last_active),
            role: user.as_ref().map(|user| user.role),
            name: user.as_ref().map(|user| user.name.clone()),
            email: user.map(|user| user.email),
            query_count: account.searches,
            avg_response_time: mean(account.sum_ms, account.searches),
            last_query: account.last,
        }
    }
}
