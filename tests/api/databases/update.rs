//! `PUT /api/v1/databases/{connectionId}`

use futures_util::future::join_all;
use local::ports::free_port;
use serde_json::{Value, json};
use tests::TestApi;

use crate::articles;

#[tokio::test]
async fn a_change_that_can_not_be_connected_is_refused_with_its_reason_and_changes_nothing() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let path = format!("/api/v1/databases/{}", user.connect(&schema).await);
    let before = user.call("GET", &path).send().await.expect(200);
    let closed = free_port().unwrap();
    for (change, reason) in [
        (json!({ "name": "New", "port": closed }), "refused"),
        (json!({ "name": "New", "host": "10.0.0.1" }), "forbidden"),
        (json!({ "name": "New", "username": "nobody" }), "auth"),
        (json!({ "name": "New", "password": "wrong" }), "auth"),
        (json!({ "name": "New", "database": "mysql" }), "permission"),
        (json!({ "name": "New", "ssl": true }), "tls"),
    ] {
        let details = user.call("PUT", &path).json(&change).send().await.expect_error(400, "CONNECTION_UPDATE_FAILED");
        assert_eq!(details["reason"], reason, "{change}");
    }
    assert_eq!(user.call("GET", &path).send().await.expect(200), before);
    assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 2);
    let opened = schema.opened().await;
    user.call("PUT", &path).json(&json!({ "port": 0 })).send().await.expect_error(400, "VALIDATION_ERROR");
    assert_eq!(schema.opened().await, opened, "nothing was dialled for a body that can not be read");
}

#[tokio::test]
async fn a_new_password_is_used_from_the_next_call_on() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    user.search(&json!({ "query": "zebra" })).await;
    let name = schema.name.clone();
    schema.run(&format!("ALTER USER '{name}'@'127.0.0.1' IDENTIFIED BY 'another one'")).await;
    let search = json!({ "query": "zebra", "cache": false });
    user.call("POST", "/api/v1/search").json(&search).send().await.expect_error(500, "DATABASE_ERROR");

    let change = json!({ "password": "another one" });
    let path = format!("/api/v1/databases/{id}");
    user.call("PUT", &path).json(&change).send().await.expect(200);
    assert_eq!(user.search(&search).await["totalCount"], 2);
    // An empty password is a field of a form that somebody has left alone.
    let change = json!({ "password": "", "name": "Renamed", "host": "127.0.0.1" });
    assert_eq!(user.call("PUT", &path).json(&change).send().await.expect(200)["name"], "Renamed");
    assert_eq!(user.search(&search).await["totalCount"], 2);
}

#[tokio::test]
async fn another_schema_is_searched_as_soon_as_it_is_stored() {
    let (api, old, new) = (TestApi::start().await, articles().await, articles().await);
    let mut new = new;
    new.run("UPDATE articles SET title = 'Okapi crossings' WHERE id = 1").await;
    let user = api.register("ursula").await;
    let id = user.connect(&old).await;
    let connection = new.connection();
    let change = json!({ "database": connection["database"], "username": connection["username"] });
    user.call("PUT", &format!("/api/v1/databases/{id}")).json(&change).send().await.expect(200);
    assert_eq!(user.search(&json!({ "query": "okapi" })).await["totalCount"], 1);
}

#[tokio::test]
async fn a_new_name_needs_no_connection_and_nothing_new_needs_no_write() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let path = format!("/api/v1/databases/{}", user.connect(&schema).await);
    let opened = schema.opened().await;
    let renamed = user.call("PUT", &path).json(&json!({ "name": "New name" })).send().await.expect(200);
    assert_eq!(renamed["name"], "New name");
    let options = json!({ "searchOptions": { "defaultSearchTables": ["articles"] } });
    let edited = user.call("PUT", &path).json(&options).send().await.expect(200);
    assert_eq!(edited["searchOptions"], options["searchOptions"]);
    for same in [json!({}), json!(null), json!({ "name": "New name" }), options] {
        let unchanged = user.call("PUT", &path).json(&same).send().await.expect(200);
        assert_eq!(unchanged["updatedAt"], edited["updatedAt"], "{same}");
    }
    assert_eq!(schema.opened().await, opened);
}

#[tokio::test]
async fn a_connection_that_is_switched_off_is_kept_and_not_searched() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let id = user.connect(&schema).await;
    let path = format!("/api/v1/databases/{id}");
    let off = user.call("PUT", &path).json(&json!({ "isActive": false })).send().await.expect(200);
    assert_eq!((&off["isActive"], &off["status"]), (&json!(false), &json!("disconnected")));

    let opened = schema.opened().await;
    assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 0);
    let named = json!({ "query": "zebra", "databases": [id] });
    user.call("POST", "/api/v1/search").json(&named).send().await.expect_error(404, "NOT_FOUND");
    assert_eq!(user.call("GET", "/api/v1/databases/status").send().await.expect(200)[&id], false);
    assert_eq!(schema.opened().await, opened);

    let on = user.call("PUT", &path).json(&json!({ "isActive": true })).send().await.expect(200);
    assert_eq!((&on["isActive"], &on["status"]), (&json!(true), &json!("connected")));
    assert!(schema.opened().await > opened, "it is tried when it is switched on");
    assert_eq!(user.search(&named).await["totalCount"], 2);
}

#[tokio::test]
async fn of_changes_at_once_each_is_made_whole_or_refused() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let path = format!("/api/v1/databases/{}", user.connect(&schema).await);
    let changes = (0..8).map(|number| {
        let change = json!({ "name": format!("Name {number}"), "searchOptions": { "defaultSearchTables": [number.to_string()] } });
        let call = user.call("PUT", &path).json(&change);
        async move { (change, call.send().await) }
    });
    let mut stored = Vec::new();
    for (change, answer) in join_all(changes).await {
        if answer.status == 200 {
            stored.push(change);
        } else {
            answer.expect_error(409, "CONNECTION_CHANGED");
        }
    }
    let left = user.call("GET", &path).send().await.expect(200);
    let left = json!({ "name": left["name"], "searchOptions": left["searchOptions"] });
    assert!(stored.contains(&left), "{left} is none of {stored:?}");
}

#[tokio::test]
async fn each_generation_of_clients_reads_the_answer_where_it_looks() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    // The samples of the seed send objects and read `data.database.id`.
    let mut sample = schema.connection();
    sample["ssl"] = json!({ "enabled": false });
    sample["connectionOptions"] = json!({ "connectionLimit": 10, "timeout": 5_000 });
    let added = user.call("POST", "/api/v1/databases").json(&sample).send().await.expect(201);
    assert_eq!((&added["database"]["id"], &added["databaseName"]), (&added["id"], &json!(schema.name)));
    assert!(added["message"].is_string() && added["id"].is_string(), "{added:#}");
    // Its text, the reference and the SDK read the connection itself.
    let mut connection = schema.connection();
    connection["ssl"] = json!(false);
    let flat = user.call("POST", "/api/v1/databases").json(&connection).send().await.expect(201);
    assert_eq!(flat["database"], json!(schema.name));
    let sdk = user.call("POST", "/api/v1/databases").header("x-altus4-compat", "sdk").json(&sample);
    assert_eq!(sdk.send().await.expect(201)["database"], json!(schema.name));

    let path = format!("/api/v1/databases/{}", flat["id"].as_str().unwrap());
    let put = || user.call("PUT", &path).json(&json!({ "name": "New" }));
    let changed = put().send().await.expect(200);
    for field in ["id", "name", "updatedAt", "status"] {
        assert!(changed[field].is_string() && changed["database"][field] == changed[field], "{field} in {changed:#}");
    }
    assert_eq!((&changed["host"], &changed["databaseName"]), (&json!("127.0.0.1"), &json!(schema.name)));
    assert!(changed["message"].is_string());
    assert_eq!(put().header("x-altus4-compat", "sdk").send().await.expect(200)["database"], json!(schema.name));
}

#[tokio::test]
async fn what_can_not_be_a_change_is_refused_with_the_name_of_its_field() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let path = format!("/api/v1/databases/{}", user.connect(&schema).await);
    let ssh = |field: &str, value: Value| {
        let mut ssh = json!({ "host": "127.0.0.1", "username": "ursula", "password": "x" });
        ssh[field] = value;
        ("ssh", ssh)
    };
    for (field, value) in [
        ("name", json!("")),
        ("host", json!("http://db.example.com")),
        ("port", json!(65_536)),
        ("database", json!("x".repeat(65))),
        ("password", json!("x".repeat(1_025))),
        ("ssl", json!("yes")),
        ("ssl", json!({ "ca": "no PEM" })),
        ("ssl", json!({ "cert": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----" })),
        ("connectionOptions", json!({ "timezone": "Europe/Vienna" })),
        ("connectionOptions", json!({ "charset": "latin1" })),
        ("searchOptions", json!({ "defaultSearchTables": vec!["t"; 501] })),
        ("isActive", json!("no")),
        ssh("password", json!("")),
        ssh("privateKey", json!("both")),
        ssh("hostKeyFingerprint", json!("MD5:00")),
        ssh("port", json!(0)),
    ] {
        let answer = user.call("PUT", &path).json(&json!({ field: value })).send().await;
        let named = answer.expect_error(400, "VALIDATION_ERROR")["field"].as_str().unwrap().to_owned();
        assert!(named.starts_with(field), "{named} for {field}");
    }
}
