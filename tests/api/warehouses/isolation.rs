//! What is one's own is nobody else's. That every route with an id in its path is closed to strangers is in `matrix.rs`.

use serde_json::json;
use tests::TestApi;

use super::{CONNECTIONS, TABLES, connect_warehouse, post, tables_of};
use crate::articles;

#[tokio::test]
async fn an_id_of_somebody_elses_in_a_body_is_one_that_does_not_exist() {
    let (api, mut schema) = (TestApi::start().await, articles().await);
    let (owner, stranger) = (api.register("ursula").await, api.register("eve").await);
    let (id, table) = connect_warehouse(&owner, &schema).await;
    let (key, _) = stranger.create_key(&["search", "analytics", "admin"]).await;
    let opened_before = schema.opened().await;
    let missing = ("64f251ce9614e0e94b000000", "64f251ce9614e0e94b000001");
    for token in [&stranger.token, &key] {
        for (id, table) in [(id.as_str(), table.as_str()), missing, ("x", "x"), (table.as_str(), id.as_str())] {
            for (path, body, code) in [
                ("refresh", json!({ "db_connection_id": id }), "database_connection_not_found"),
                ("sync-schemas", json!({ "db_connection_id": id }), "database_connection_not_found"),
                ("sync-schemas", json!({ "ids": [table] }), "table_description_not_found"),
            ] {
                let call = api.call("POST", &format!("{TABLES}/{path}")).bearer(token).json(&body);
                call.send().await.expect_error(404, code);
            }
        }
        let list = api.call("GET", &format!("{TABLES}?db_connection_id={id}")).bearer(token).send().await;
        assert_eq!(list.expect(200), json!([]));
        assert_eq!(api.call("GET", CONNECTIONS).bearer(token).send().await.expect(200), json!([]));
    }
    assert_eq!(schema.opened().await, opened_before, "nobody connected to a stranger's database");
    assert_eq!(tables_of(&owner, &id).await[0]["status"], "NOT_SCANNED");
}

#[tokio::test]
async fn a_closed_account_leaves_no_connection_and_nothing_of_its_tables() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let (id, _) = connect_warehouse(&user, &schema).await;
    post(&user, &format!("{TABLES}/sync-schemas"), &json!({ "db_connection_id": id })).await.expect(201);
    user.call("DELETE", "/api/v1/auth/account").send().await.expect(200);
    let table = &api.service.app.table;
    let stored = format!("{:?}", table.client.scan().table_name(&table.name).send().await.unwrap().items());
    for left in ["WAREHOUSE#", "TABLE#", "SCAN#", "articles"] {
        assert!(!stored.contains(left), "{left} is left of it: {stored}");
    }
}
