//! Every operation of the document, called by everybody who may not. The matrix is made of what the document says of who may
//! call, so that an operation which forgets to ask is found, and one that is new is in it.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::HeaderName;
use serde_json::{Value, json};
use tests::contract::{Operation, operations};
use tests::{Answer, Call, TestApi, TestUser};

use crate::articles;
use crate::contract::{Things, call_of};

/// What anybody may call.
const PUBLIC: [&str; 8] =
    ["getApiHealth", "getDocs", "getHealth", "getManagementHealth", "getOpenApi", "getStatus", "login", "register"];

/// Somebody who may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Nobody,
    /// A token of nobody's.
    Forger,
    /// What stands in the cookie, sent as a token.
    RefreshToken,
    /// A cookie that was made up.
    ForgedCookie,
    /// A session of fifteen days ago.
    OldSession,
    /// A key whose end has come.
    OldKey,
    /// The owner's own key, where only a session will do.
    KeyOfOwner,
    /// A key without the permission.
    WeakKey,
    /// A key that was revoked.
    RevokedKey,
    /// Another account, where the call names things of the owner's.
    Stranger,
    /// And by a key that may do everything.
    KeyOfStranger,
    /// An ordinary account, where only an administrator may.
    User,
    /// And by a key that may do everything.
    KeyOfUser,
}

/// Who may call an operation, as the document says.
struct Ways<'a> {
    /// Whether a session will do.
    session: bool,
    /// What a key has to be for, if one will do.
    key: Option<Vec<&'a str>>,
    cookie: bool,
}

impl<'a> Ways<'a> {
    fn of(operation: &'a Operation) -> Self {
        let listed = operation.definition()["security"].as_array().unwrap();
        let needs = |name: &str| {
            let needs = listed.iter().find_map(|way| way.get(name))?.as_array()?;
            Some(needs.iter().filter_map(Value::as_str).collect())
        };
        Self { session: needs("session").is_some(), key: needs("apiKey"), cookie: needs("refreshCookie").is_some() }
    }
}

/// The row of an operation: who is refused, and with which status.
fn row(operation: &Operation) -> Vec<(Caller, u16)> {
    let ways = Ways::of(operation);
    if !ways.session && ways.key.is_none() {
        return Vec::new();
    }
    let mut row = vec![
        (Caller::Nobody, 401),
        (Caller::Forger, 401),
        (Caller::RefreshToken, 401),
        (Caller::OldSession, 401),
        (Caller::OldKey, 401),
        (Caller::RevokedKey, 401),
    ];
    row.push(if ways.key.is_some() { (Caller::WeakKey, 403) } else { (Caller::KeyOfOwner, 401) });
    if ways.cookie {
        // A browser that logs out is told that it is out, whatever its cookie was.
        let is_no_error = operation.definition()["operationId"] == "logout";
        row.push((Caller::ForgedCookie, if is_no_error { 200 } else { 401 }));
    }
    if operation.is_for_administrators() {
        row.extend([(Caller::User, 403), (Caller::KeyOfUser, 403)]);
    } else if names_things(operation) {
        row.push((Caller::Stranger, 404));
        row.extend(ways.key.map(|_| (Caller::KeyOfStranger, 404)));
    }
    row
}

/// Whether a call of it names something that somebody owns.
fn names_things(operation: &Operation) -> bool {
    operation.path.contains('{') || operation.names_databases()
}

/// The credentials of each caller.
struct Credentials {
    old_session: String,
    refresh_token: String,
    old_key: String,
    revoked_key: String,
    /// By what they are for.
    keys: Vec<(&'static str, String)>,
    stranger: String,
    key_of_stranger: String,
}

impl Credentials {
    /// Those that have to be old are made first, and then time passes; the owner has a new session after it.
    async fn of<'a>(owner: TestUser<'a>, stranger: TestUser<'a>) -> (Self, TestUser<'a>) {
        let api = owner.api;
        let old_session = owner.token.clone();
        let end = api.now().epoch_ms() + 24 * 60 * 60 * 1_000;
        let end = shared::clock::Timestamp::from_epoch_ms(end).to_string();
        let body = json!({ "name": "Old", "permissions": ["admin"], "expiresAt": end });
        let old_key = owner.call("POST", "/api/v1/keys").json(&body).send().await.expect(201);
        api.advance(Duration::from_hours(15 * 24));
        let (owner, stranger) = (owner.log_in_again().await, stranger.log_in_again().await);
        let body = json!({ "email": owner.email, "password": "secure_password" });
        let login = api.call("POST", "/api/v1/auth/login").json(&body).send().await;
        let (revoked_key, id) = owner.create_key(&["admin"]).await;
        owner.call("DELETE", &format!("/api/v1/keys/{id}")).send().await.expect(200);
        let credentials = Self {
            old_session,
            refresh_token: login.cookie().split_once('=').unwrap().1.to_owned(),
            old_key: old_key["secretKey"].as_str().unwrap().to_owned(),
            revoked_key,
            keys: vec![
                ("search", owner.search_key().await),
                ("analytics", owner.create_key(&["analytics"]).await.0),
                ("admin", owner.create_key(&["admin"]).await.0),
            ],
            key_of_stranger: stranger.create_key(&["search", "analytics", "admin"]).await.0,
            stranger: stranger.token,
        };
        (credentials, owner)
    }

    fn put(&self, caller: Caller, operation: &Operation, call: Call) -> Call {
        let token = match caller {
            Caller::Nobody => return call,
            Caller::ForgedCookie => {
                return call.header("cookie", "__Secure-altus4_refresh=eyJhbGciOiJIUzI1NiJ9.e30.c2ln");
            }
            Caller::Forger => "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl",
            Caller::RefreshToken => &self.refresh_token,
            Caller::OldSession => &self.old_session,
            Caller::OldKey => &self.old_key,
            Caller::RevokedKey => &self.revoked_key,
            Caller::KeyOfOwner => self.key_for(|permission| permission == "admin"),
            Caller::WeakKey => {
                let needs = Ways::of(operation).key.unwrap();
                self.key_for(|permission| permission != "admin" && !needs.contains(&permission))
            }
            Caller::Stranger | Caller::User => &self.stranger,
            Caller::KeyOfStranger | Caller::KeyOfUser => &self.key_of_stranger,
        };
        call.bearer(token)
    }

    fn key_for(&self, is_wanted: impl Fn(&str) -> bool) -> &str {
        self.keys.iter().find(|(permission, _)| is_wanted(permission)).map(|(_, key)| key.as_str()).unwrap()
    }
}

/// Everything of an account that can be seen, without what a refused call of its own keys may change.
async fn seen(owner: &TestUser<'_>) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "auth/profile",
        "databases",
        "keys",
        "management/audit?limit=200",
        "metrics",
        "search/history",
        "analytics/settings",
        "analytics/search-history",
    ] {
        seen.push(owner.call("GET", &format!("/api/v1/{path}")).send().await.expect(200));
    }
    for key in seen[2]["apiKeys"].as_array_mut().unwrap() {
        for field in ["usageCount", "lastUsed", "updatedAt"] {
            key.as_object_mut().unwrap().remove(field);
        }
    }
    seen
}

/// The names of an answer's headers.
fn names(answer: &Answer) -> BTreeSet<&str> {
    answer.headers.keys().map(HeaderName::as_str).collect()
}

#[tokio::test]
async fn who_may_not_call_is_refused_learns_nothing_and_changes_nothing() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let (owner, stranger) = (api.register("ursula").await, api.register("eve").await);
    let (credentials, owner) = Credentials::of(owner, stranger).await;
    let (connection, search) = (owner.connect(&schema).await, owner.search(&json!({ "query": "zebra" })).await);
    let search = search["searchId"].as_str().unwrap().to_owned();
    let real = Things { key: owner.create_key(&["search"]).await.1, connection, search };
    let missing = "00000000-0000-4000-8000-000000000000".to_owned();
    let missing = Things { key: missing.clone(), connection: missing.clone(), search: missing };
    let (before, opened_before) = (seen(&owner).await, schema.opened().await);

    for operation in operations() {
        for (caller, status) in row(operation) {
            let call = |things| credentials.put(caller, operation, call_of(&api, operation, things));
            let answer = call(&real).send().await;
            let place = format!("{caller:?} calls {} {}", operation.method, operation.path);
            assert_eq!(answer.status, status, "{place}: {:#}", answer.body);
            if names_things(operation) {
                let of_missing = call(&missing).send().await;
                assert_eq!(of_missing.status, status, "{place}: it can be told what is there");
                assert_eq!(names(&answer), names(&of_missing), "{place}: it can be told what is there");
                assert_eq!(answer.body["error"], of_missing.body["error"], "{place}: it can be told what is there");
                assert_eq!(answer.body["data"], of_missing.body["data"], "{place}: it can be told what is there");
            }
        }
    }
    assert_eq!(schema.opened().await, opened_before, "nobody connected to the owner's database");
    assert_eq!(seen(&owner).await, before, "nothing of the owner's has changed");
}

#[test]
fn every_operation_has_a_row_unless_anybody_may_call_it() {
    let without_row = operations().iter().filter(|operation| row(operation).is_empty());
    let mut public: Vec<&str> =
        without_row.map(|operation| operation.definition()["operationId"].as_str().unwrap()).collect();
    public.sort_unstable();
    assert_eq!(public, PUBLIC, "an operation that anybody may call is named here, or says who may");
    for operation in operations().iter().filter(|operation| names_things(operation)) {
        let refused: Vec<Caller> = row(operation).into_iter().map(|(caller, _)| caller).collect();
        assert!(refused.contains(&Caller::Stranger), "{operation:?} names things, and no stranger calls it");
    }
}
