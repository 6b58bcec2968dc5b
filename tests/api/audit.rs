//! `GET /api/v1/management/audit`: who changed what.

use serde_json::{Value, json};
use shared::audit::Action;
use shared::users::Role;
use tests::{TestApi, TestUser};

use crate::articles;

#[tokio::test]
async fn every_change_of_an_account_its_keys_and_connections_is_recorded() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let (admin, admin_id) = user.create_key(&["admin"]).await;
    let (_, key) = user.create_key(&["search"]).await;
    let path = format!("/api/v1/keys/{key}");
    user.call("PUT", &path).json(&json!({ "name": "Another name" })).send().await.expect(200);
    let regenerated = user.call("POST", &format!("{path}/regenerate")).send().await.expect(200);
    let new = regenerated["apiKey"]["id"].as_str().unwrap().to_owned();
    user.call("DELETE", &format!("/api/v1/keys/{new}")).send().await.expect(200);
    let body = schema.connection();
    let added = api.call("POST", "/api/v1/databases").bearer(&admin).json(&body).send().await.expect(201);
    let database = added["id"].as_str().unwrap().to_owned();
    let renamed = json!({ "name": "Renamed" });
    user.call("PUT", &format!("/api/v1/databases/{database}")).json(&renamed).send().await.expect(200);
    user.call("DELETE", &format!("/api/v1/databases/{database}")).send().await.expect(200);
    user.call("PUT", "/api/v1/auth/profile").json(&json!({ "name": "Ursula" })).send().await.expect(200);

    let record = user.call("GET", "/api/v1/management/audit").send().await.expect(200);
    let entries = record["entries"].as_array().unwrap();
    let mut seen: Vec<(&str, &str)> =
        entries.iter().map(|entry| (text(entry, "action"), text(entry, "subject"))).collect();
    let mut expected = vec![
        ("account.updated", user.id.as_str()),
        ("connection.removed", &database),
        ("connection.updated", &database),
        ("connection.added", &database),
        ("key.revoked", &new),
        ("key.regenerated", &key),
        ("key.created", &new),
        ("key.updated", &key),
        ("key.created", &key),
        ("key.created", &admin_id),
        ("account.registered", &user.id),
    ];
    // Those of one millisecond have no order among themselves.
    seen.sort_unstable();
    expected.sort_unstable();
    assert_eq!(seen, expected);
    for entry in entries {
        assert_eq!((text(entry, "owner"), text(entry, "address")), (user.id.as_str(), "127.0.0.1"), "{entry:#}");
        let by_key = text(entry, "action") == "connection.added";
        assert_eq!(entry["key"], if by_key { json!(admin_id) } else { json!(null) }, "{entry:#}");
    }
    assert_eq!(record["nextCursor"], json!(null));
}

#[tokio::test]
async fn what_ends_sessions_and_accounts_is_recorded_too() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (_, key) = user.create_key(&["search"]).await;
    admin::set_role(&api.service.app, &user.email, Role::Admin).await.unwrap();
    let user = user.log_in_again().await;
    user.call("POST", "/api/v1/auth/logout").send().await.expect(200);
    let user = user.log_in_again().await;
    let body = json!({ "currentPassword": "secure_password", "newPassword": "Str0ng!password" });
    let changed = user.call("POST", "/api/v1/auth/change-password").json(&body).send().await.expect(200);
    let token = changed["token"].as_str().unwrap();
    api.call("DELETE", "/api/v1/auth/account").bearer(token).send().await.expect(200);

    // Nobody can ask for the record of a closed account, but it is kept.
    let owner = user.id.parse().unwrap();
    let (entries, _) = api.service.app.audit.list(owner, None, 50).await.unwrap();
    let mut seen: Vec<(Action, String)> = entries.into_iter().map(|entry| (entry.action, entry.subject)).collect();
    let id = || user.id.clone();
    for expected in [
        (Action::AccountRegistered, id()),
        (Action::KeyCreated, key.clone()),
        (Action::RoleChanged, id()),
        (Action::LoggedOut, id()),
        (Action::PasswordChanged, id()),
        (Action::KeyRevoked, key),
        (Action::AccountClosed, id()),
    ] {
        let place =
            seen.iter().position(|entry| *entry == expected).unwrap_or_else(|| panic!("{expected:?} in {seen:?}"));
        seen.remove(place);
    }
    assert_eq!(seen, []);
}

#[tokio::test]
async fn an_entry_names_the_request_that_made_the_change() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let answer = user.call("POST", "/api/v1/keys").json(&json!({ "name": "A key" })).send().await;
    let record = user.call("GET", "/api/v1/management/audit?limit=1").send().await.expect(200);
    assert_eq!(record["entries"][0]["request"], answer.body["meta"]["requestId"]);
}

#[tokio::test]
async fn what_was_refused_is_not_recorded() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let (_, key) = user.create_key(&["search"]).await;
    let path = format!("/api/v1/keys/{key}");
    user.call("POST", "/api/v1/management/setup").send().await.expect_error(409, "API_KEY_EXISTS");
    for _ in 0..2 {
        user.call("DELETE", &path).send().await.expect(200);
    }
    assert_eq!(walk(&user, 50).await.len(), 3, "registered, created, revoked once");
}

#[tokio::test]
async fn the_record_is_read_page_by_page_newest_first_and_is_nobody_elses() {
    let api = TestApi::start().await;
    let (user, stranger) = (api.register("ursula").await, api.register("eve").await);
    for _ in 0..6 {
        api.advance(std::time::Duration::from_millis(5));
        user.create_key(&["search"]).await;
    }
    let all = walk(&user, 50).await;
    assert_eq!(all.len(), 7);
    assert!(all.windows(2).all(|pair| text(&pair[0], "at") > text(&pair[1], "at")), "{all:#?}");
    for limit in [1, 2, 3, 7] {
        assert_eq!(walk(&user, limit).await, all, "in pages of {limit}");
    }
    assert_eq!(walk(&stranger, 50).await.len(), 1);
    for query in ["limit=0", "limit=201", "cursor=!", "cursor="] {
        let answer = user.call("GET", &format!("/api/v1/management/audit?{query}")).send().await;
        answer.expect_error(400, "VALIDATION_ERROR");
    }
}

/// All entries, read in pages of this size.
async fn walk(user: &TestUser<'_>, limit: usize) -> Vec<Value> {
    let (mut entries, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/management/audit?limit={limit}{cursor}");
        let page = user.call("GET", &path).send().await.expect(200);
        entries.extend(page["entries"].as_array().into_iter().flatten().cloned());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return entries,
        }
    }
}

fn text<'a>(entry: &'a Value, field: &str) -> &'a str {
    entry[field].as_str().unwrap_or_default()
}
