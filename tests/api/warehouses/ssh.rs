//! Connections through an SSH server: a real OpenSSH of each test's own, in front of a real MariaDB or MySQL.

use serde_json::{Value, json};
use tests::{Schema, TestApi, TestSshd};

use super::{CONNECTIONS, TABLES, connection, post, uri_of};
use crate::{articles, sshd};

/// As the first generation describes it: the database within `ssh_settings`, its user as its name.
fn of_first(server: &TestSshd, schema: &Schema) -> Value {
    let connection = schema.connection();
    json!({
        "alias": "my_db_alias",
        "use_ssh": true,
        "ssh_settings": {
            "db_name": connection["database"],
            "host": "127.0.0.1",
            "port": server.port,
            "username": TestSshd::USERNAME,
            "password": TestSshd::PASSWORD,
            "remote_host": TestSshd::INNER_HOST,
            "remote_port": connection["port"],
            "remote_db_name": connection["username"],
            "remote_db_password": connection["password"],
            "private_key_password": "",
            "db_driver": "mysql+pymysql",
        },
    })
}

/// As the second does: the database in the URI.
fn of_second(server: &TestSshd, schema: &Schema, secret: (&str, &str)) -> Value {
    let uri = uri_of(schema).replace("127.0.0.1", TestSshd::INNER_HOST);
    let mut ssh = json!({ "host": "127.0.0.1", "port": server.port.to_string(), "username": TestSshd::USERNAME });
    ssh[secret.0] = json!(secret.1);
    json!({ "alias": "my_db_alias", "use_ssh": true, "connection_uri": uri, "ssh_settings": ssh })
}

#[tokio::test]
async fn both_generations_lead_through_an_ssh_server_to_a_database_that_only_it_knows() {
    let (api, schema, server) = (TestApi::start().await, articles().await, sshd(&["ed25519"], &[]).await);
    let user = api.register("ursula").await;
    let key = server.authorised_key(&["-t", "ed25519", "-N", ""]);
    for (body, has_uri) in [
        (of_first(&server, &schema), false),
        (of_second(&server, &schema, ("password", TestSshd::PASSWORD)), true),
        (of_second(&server, &schema, ("private_key", &key)), true),
    ] {
        let made = post(&user, CONNECTIONS, &body).await.expect(201);
        assert_eq!((&made["dialect"], made["uri"] != ""), (&json!("mysql"), has_uri), "{made:#}");
        assert_eq!(made["ssh_settings"]["host_key_fingerprint"], server.fingerprint("ed25519"));
        assert!(!made.to_string().contains(TestSshd::PASSWORD), "{made:#}");
        // It opens again from what is stored.
        let refresh = json!({ "db_connection_id": made["id"] });
        let tables = post(&user, &format!("{TABLES}/refresh"), &refresh).await.expect(201);
        assert_eq!(tables[0]["table_name"], "articles", "{tables:#}");
        // And what was answered can be sent back.
        let again = user.call("PUT", &connection(&made["id"])).json(&made).send().await.expect(200);
        assert_eq!(again["ssh_settings"], made["ssh_settings"]);
    }
    server.rests().await;
}

#[tokio::test]
async fn each_way_in_which_a_bastion_refuses_has_its_reason() {
    let (api, schema, server) = (TestApi::start().await, articles().await, sshd(&["ed25519"], &[]).await);
    let user = api.register("ursula").await;
    let good = of_second(&server, &schema, ("password", TestSshd::PASSWORD));
    let with = |path: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    let mut pinned = good.clone();
    pinned["ssh_settings"]["host_key_fingerprint"] = json!("SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8");
    let nowhere = uri_of(&schema).replace("127.0.0.1", "nowhere.invalid");
    for (body, reason) in [
        (with("/ssh_settings/password", json!("s3cret")), "ssh_auth"),
        (with("/connection_uri", json!(nowhere)), "ssh_forward"),
        (pinned, "ssh_host_key"),
    ] {
        let refused = post(&user, CONNECTIONS, &body).await.expect_error(400, "ssh_invalid_database_connection");
        assert_eq!(refused["reason"], reason, "{refused:#}");
        assert!(!refused.to_string().contains("s3cret"), "{refused:#}");
    }
}
