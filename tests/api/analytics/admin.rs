//! The figures of all accounts.

use admin::set_role;
use serde_json::{Value, json};
use shared::analytics::{Outcome, SearchEvent};
use shared::users::Role;
use tests::{TestApi, TestUser};

use super::events::{before, event, record};

const PATHS: [&str; 3] = ["system-overview", "user-activity", "performance-metrics"];

/// A new administrator.
pub async fn administrator<'a>(api: &'a TestApi, name: &str) -> TestUser<'a> {
    let user = api.register(name).await;
    set_role(&api.service.app, &user.email, Role::Admin).await.unwrap();
    user.log_in_again().await
}

async fn get(user: &TestUser<'_>, path: &str) -> Value {
    user.call("GET", &format!("/api/v1/analytics/admin/{path}")).send().await.expect(200)
}

#[tokio::test]
async fn the_figures_of_all_are_for_administrators_alone_whatever_a_key_may() {
    let api = TestApi::start().await;
    let (user, admin) = (api.register("ursula").await, administrator(&api, "ada").await);
    let (of_user, _) = user.create_key(&["search", "analytics", "admin"]).await;
    let (of_admin, _) = admin.create_key(&["admin"]).await;
    let (weak, _) = admin.create_key(&["search", "analytics"]).await;
    for path in PATHS {
        let call = |token: &str| api.call("GET", &format!("/api/v1/analytics/admin/{path}")).bearer(token).send();
        call(&user.token).await.expect_error(403, "INSUFFICIENT_PRIVILEGES");
        call(&of_user).await.expect_error(403, "INSUFFICIENT_PRIVILEGES");
        assert_eq!(call(&weak).await.expect_error(403, "INSUFFICIENT_PERMISSIONS")["required"], "admin");
        assert_eq!(call(&of_admin).await.expect(200), call(&admin.token).await.expect(200));
        api.call("GET", &format!("/api/v1/analytics/admin/{path}")).send().await.expect_error(401, "NO_TOKEN");
    }
    set_role(&api.service.app, &admin.email, Role::User).await.unwrap();
    for path in PATHS {
        let call = api.call("GET", &format!("/api/v1/analytics/admin/{path}")).bearer(&of_admin).send();
        call.await.expect_error(403, "INSUFFICIENT_PRIVILEGES");
    }
}

#[tokio::test]
async fn what_all_accounts_did_adds_up() {
    let api = TestApi::start().await;
    let (admin, ursula, eve) =
        (administrator(&api, "ada").await, api.register("ursula").await, api.register("eve").await);
    let now = api.now();
    let search = |user: &TestUser<'_>, days: i64, duration_ms: u64, query: &str| SearchEvent {
        duration_ms,
        ..event(user.id.parse().unwrap(), before(now, days, 0), query)
    };
    let failed = SearchEvent { outcome: Outcome::Failed, matches: 0, ..search(&eve, 0, 50, "down") };
    record(&api, &[search(&ursula, 0, 10, "a"), search(&ursula, 1, 20, "b"), search(&ursula, 1, 400, "slow"), failed])
        .await;

    let overview = get(&admin, "system-overview?period=month").await;
    assert_eq!(
        overview["summary"],
        json!({ "active_users": 2, "new_users": 3, "total_queries": 4, "avg_response_time": 120.0, "avg_results": 0.75 })
    );
    assert_eq!(overview["userGrowth"], json!([{ "date": now.day(), "new_users": 3 }]));
    assert_eq!(
        overview["queryVolume"],
        json!([
            { "date": before(now, 1, 0).day(), "query_count": 2, "active_users": 1 },
            { "date": now.day(), "query_count": 2, "active_users": 2 },
        ])
    );
    assert_eq!(overview["period"], "month");

    let activity = get(&admin, "user-activity").await;
    let [first, second] = activity.as_array().unwrap().as_slice() else { panic!("{activity:#}") };
    assert_eq!(
        (&first["id"], &first["email"], &first["role"]),
        (&json!(ursula.id), &json!(ursula.email), &json!("user"))
    );
    assert_eq!((&first["query_count"], &first["avg_response_time"]), (&json!(3), &json!(143.33)));
    assert_eq!((&first["last_query"], &first["name"]), (&json!(now.to_string()), &json!("Name of ursula")));
    assert_eq!((&second["id"], &second["query_count"]), (&json!(eve.id), &json!(1)));
    assert_eq!(get(&admin, "user-activity?limit=1&offset=1").await, json!([second]));

    let metrics = get(&admin, "performance-metrics").await;
    assert_eq!(
        metrics["slowestQueries"][0],
        json!({
            "query_text": "slow", "execution_time_ms": 400, "result_count": 1,
            "created_at": before(now, 1, 0).to_string(), "user_email": ursula.email,
        })
    );
    assert_eq!(metrics["timeSeriesData"][0]["max_response_time"], 400);
    assert_eq!(
        (&metrics["summary"]["totalQueries"], &metrics["summary"]["peakResponseTime"]),
        (&json!(4), &json!(400))
    );
    assert_eq!(
        (&metrics["summary"]["averageResponseTime"], &metrics["summary"]["errorRate"]),
        (&json!(120.0), &json!(0.25))
    );
}

#[tokio::test]
async fn a_system_in_which_nobody_searches_has_numbers_too() {
    let api = TestApi::start().await;
    let admin = administrator(&api, "ada").await;
    assert_eq!(get(&admin, "user-activity").await, json!([]));
    let metrics = get(&admin, "performance-metrics").await;
    assert_eq!((&metrics["summary"]["peakResponseTime"], &metrics["slowestQueries"]), (&json!(0), &json!([])));
    for path in PATHS {
        let answer = admin.call("GET", &format!("/api/v1/analytics/admin/{path}?startDate=2024-99-99")).send().await;
        assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "startDate");
    }
    for query in ["limit=0", "limit=1001", "limit=text", "offset=-1"] {
        let answer = admin.call("GET", &format!("/api/v1/analytics/admin/user-activity?{query}")).send().await;
        answer.expect_error(400, "VALIDATION_ERROR");
    }
}
