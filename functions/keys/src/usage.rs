use serde::{Deserialize, Serialize};
use shared::Result;
use shared::app::App;
use shared::clock::Timestamp;
use shared::http::{Limit, Owned, Query, Reply, State, number};
use shared::id::KeyId;
use shared::keys::{Key, Tier, Usage};

/// For how many days, today included.
#[derive(Deserialize)]
pub struct Period {
    #[serde(default, deserialize_with = "number")]
    days: Limit<30, 365>,
}

/// What was done with a key, under the names of three generations of clients. Days are those of UTC.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageView {
    api_key_id: KeyId,
    key_id: KeyId,
    /// Calls in the period.
    request_count: u64,
    /// The same.
    total_requests: u64,
    requests_today: u64,
    /// Since the first of this month.
    requests_this_month: u64,
    /// Since the key was made.
    usage_count: u64,
    last_used: Option<Timestamp>,
    rate_limit_tier: Tier,
    /// Calls in the open window.
    quota_used: u64,
    quota_limit: u64,
    rate_limit_remaining: u64,
    rate_limit_status: Status,
    requests_by_day: Vec<Day>,
    /// In the period, the most called first.
    top_endpoints: Vec<Endpoint>,
    period: Span,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    tier: Tier,
    remaining: u64,
    /// When the whole quota is there again: now, where no window is open.
    reset_time: Timestamp,
}

#[derive(Clone, Serialize)]
struct Day {
    date: String,
    requests: u64,
}

#[derive(Clone, Serialize)]
struct Endpoint {
    endpoint: String,
    requests: u64,
}

#[derive(Clone, Serialize)]
struct Span {
    days: usize,
    from: String,
    to: String,
}

/// The figures at both levels, for clients that look in either.
#[derive(Serialize)]
pub struct KeyUsage {
    usage: UsageView,
    #[serde(flatten)]
    flat: UsageView,
}

/// `GET /api/v1/keys/{keyId}/usage`
pub async fn usage(
    State(app): State<App>,
    Owned(key): Owned<Key>,
    Query(period): Query<Period>,
) -> Result<Reply<KeyUsage>> {
    let now = app.clock.now();
    let days = days_until(now, period.days.get());
    let month = month_of(now);
    let from = days.first().map_or(month.as_str(), |first| month.as_str().min(first));
    let usage = app.keys.usage(&key, from, now).await?;
    let view = UsageView::new(&usage, &days, &month);
    Ok(Reply::ok(KeyUsage { usage: view.clone(), flat: view }))
}

impl UsageView {
    fn new(usage: &Usage, days: &[String], month: &str) -> Self {
        let (from, to) = (days.first().cloned().unwrap_or_default(), days.last().cloned().unwrap_or_default());
        let total = usage.since(&from);
        let endpoints = usage.endpoints_since(&from).into_iter();
        Self {
            api_key_id: usage.key.id,
            key_id: usage.key.id,
            request_count: total,
            total_requests: total,
            requests_today: usage.on(&to),
            requests_this_month: usage.since(month),
            usage_count: usage.key.usage_count,
            last_used: usage.key.last_used,
            rate_limit_tier: usage.key.tier,
            quota_used: usage.used,
            quota_limit: usage.quota.allowance.calls,
            rate_limit_remaining: usage.quota.remaining,
            rate_limit_status: Status {
                tier: usage.key.tier,
                remaining: usage.quota.remaining,
                reset_time: usage.quota.resets_at,
            },
            requests_by_day: days.iter().map(|date| Day { date: date.clone(), requests: usage.on(date) }).collect(),
            top_endpoints: endpoints.map(|(endpoint, requests)| Endpoint { endpoint, requests }).collect(),
            period: Span { days: days.len(), from, to },
        }
    }
}

/// So many days, the last of which is today.
fn days_until(now: Timestamp, days: usize) -> Vec<String> {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let back = (0..days).rev().filter_map(|days| i64::try_from(days).ok());
    back.map(|days| Timestamp::from_epoch_ms(now.epoch_ms() - days * DAY_MS).day()).collect()
}

/// The first day of this month.
fn month_of(now: Timestamp) -> String {
    let day = now.day();
    day.rsplit_once('-').map_or_else(String::new, |(month, _)| format!("{month}-01"))
}
