//! The way to a database through an SSH server: a real OpenSSH of each test's own.

use std::time::Duration;

use local::ports::free_port;
use mysql_async::Params;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use shared::databases::Reason;
use tests::{Schema, TestApi, TestSshd, TestUser};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{articles, sshd};

/// A connection through this server to a name that only the server knows, with its password.
fn through(server: &TestSshd, schema: &Schema) -> Value {
    let mut connection = schema.connection();
    connection["host"] = json!(TestSshd::INNER_HOST);
    connection["ssh"] = json!({
        "host": "127.0.0.1", "port": server.port, "username": TestSshd::USERNAME, "password": TestSshd::PASSWORD,
    });
    connection
}

/// The same with this key.
fn with_key(server: &TestSshd, schema: &Schema, key: &str, passphrase: Option<&str>) -> Value {
    let mut connection = through(server, schema);
    connection["ssh"] = json!({
        "host": "127.0.0.1", "port": server.port, "username": TestSshd::USERNAME,
        "privateKey": key, "passphrase": passphrase,
    });
    connection
}

/// The connection with another value in one place, such as `ssh/port`.
fn with(connection: &Value, path: &str, value: Value) -> Value {
    let mut connection = connection.clone();
    *path.split('/').fold(&mut connection, |at, name| &mut at[name]) = value;
    connection
}

async fn add(user: &TestUser<'_>, connection: &Value) -> Value {
    user.call("POST", "/api/v1/databases").json(connection).send().await.expect(201)
}

/// Why this connection is refused.
async fn reason(user: &TestUser<'_>, connection: &Value) -> Value {
    let answer = user.call("POST", "/api/v1/databases").json(connection).send().await;
    let details = answer.expect_error(400, "DATABASE_CONNECTION_FAILED");
    assert!(details["suggestion"].as_str().is_some_and(|hint| hint.len() > 20), "{details:#}");
    details["reason"].clone()
}

#[tokio::test]
async fn a_database_that_only_an_ssh_server_reaches_is_connected_and_searched_through_it() {
    let (api, schema, server) = (TestApi::start().await, articles().await, sshd(&["ed25519"], &[]).await);
    let user = api.register("ursula").await;
    let connection = through(&server, &schema);
    assert_eq!(reason(&user, &with(&connection, "ssh", json!(null))).await, "dns");
    let added = add(&user, &connection).await;
    let found = user.search(&json!({ "query": "zebra" })).await;
    assert_eq!(found["results"].as_array().map(Vec::len), Some(2), "{found:#}");

    let path = format!("/api/v1/databases/{}", added["id"].as_str().unwrap());
    let shown = user.call("GET", &path).send().await.expect(200);
    assert_eq!(shown["ssh"]["hostKeyFingerprint"], server.fingerprint("ed25519"));
    assert_eq!((&shown["ssh"]["username"], &shown["ssh"]["port"]), (&json!("bastion"), &json!(server.port)));
    for body in [added, shown] {
        assert!(!body.to_string().contains(TestSshd::PASSWORD), "{body:#}");
    }
}

#[tokio::test]
async fn when_an_answer_is_there_no_ssh_session_and_no_connection_is_open() {
    let (api, mut schema, server) = (TestApi::start().await, articles().await, sshd(&["ed25519"], &[]).await);
    let user = api.register("ursula").await;
    let id = add(&user, &through(&server, &schema)).await["id"].as_str().unwrap().to_owned();
    server.rests().await;
    user.search(&json!({ "query": "zebra" })).await;
    server.rests().await;
    schema.run(&format!("ALTER USER '{}'@'127.0.0.1' IDENTIFIED BY 'another'", schema.name.clone())).await;
    user.call("POST", &format!("/api/v1/databases/{id}/test")).send().await.expect_error(400, "CONNECTION_FAILED");
    server.rests().await;
    schema.rests().await;
}

#[tokio::test]
async fn a_key_of_every_form_opens_an_ssh_server() {
    let (api, schema, server) = (TestApi::start().await, articles().await, sshd(&["ed25519"], &[]).await);
    let user = api.register("ursula").await;
    let both = ["", "open sesame"];
    for (words, passphrases) in [
        (&["-t", "ed25519"][..], &both[..]),
        (&["-t", "ecdsa", "-b", "256"], &both),
        (&["-t", "ecdsa", "-b", "521", "-m", "PKCS8"], &both),
        // What OpenSSL once wrote is read of RSA keys alone, where there is a passphrase.
        (&["-t", "ecdsa", "-b", "384", "-m", "PEM"], &both[..1]),
        (&["-t", "rsa", "-b", "2048"], &both),
        (&["-t", "rsa", "-b", "2048", "-m", "PKCS8"], &both),
        (&["-t", "rsa", "-b", "2048", "-m", "PEM"], &both),
    ] {
        for passphrase in passphrases {
            let key = server.authorised_key(&[words, &["-N", passphrase]].concat());
            // A passphrase that is not needed does no harm, and line ends may be those of Windows.
            let connection = with_key(&server, &schema, &key.replace('\n', "\r\n"), Some("open sesame"));
            let answer = user.call("POST", "/api/v1/databases").json(&connection).send().await;
            assert_eq!(answer.status, 201, "{words:?} {passphrase:?}: {:#}", answer.body);
        }
    }
    assert!(server.log().contains("rsa-sha2-512"), "RSA signs with SHA-2");
}

#[tokio::test]
async fn a_server_that_asks_for_the_password_is_answered() {
    let lines = ["PasswordAuthentication no", "KbdInteractiveAuthentication yes", "UsePAM yes"];
    let (api, schema, server) = (TestApi::start().await, articles().await, sshd(&["ed25519"], &lines).await);
    let user = api.register("ursula").await;
    let connection = through(&server, &schema);
    add(&user, &connection).await;
    assert!(server.log().contains("Accepted keyboard-interactive"), "{}", server.log());
    assert_eq!(reason(&user, &with(&connection, "ssh/password", json!("wrong"))).await, "ssh_auth");
    server.rests().await;
}

#[tokio::test]
async fn a_way_that_leads_nowhere_is_refused_with_its_reason_and_nothing_is_stored_or_left_open() {
    let (api, schema, server) = (TestApi::start().await, articles().await, sshd(&["ed25519"], &[]).await);
    let user = api.register("ursula").await;
    let strange = sshd(&["ed25519"], &[]).await.authorised_key(&["-t", "ed25519", "-N", ""]);
    let closed = server.authorised_key(&["-t", "ed25519", "-N", "open sesame"]);
    let free = free_port().unwrap();
    let good = through(&server, &schema);
    for (connection, expected) in [
        (with(&good, "ssh/password", json!("wrong")), "ssh_auth"),
        (with(&good, "ssh/username", json!("nobody-of-that-name")), "ssh_auth"),
        (with_key(&server, &schema, &strange, None), "ssh_auth"),
        (with_key(&server, &schema, &closed, None), "ssh_key"),
        (with_key(&server, &schema, &closed, Some("wrong")), "ssh_key"),
        (with_key(&server, &schema, "not a key", None), "ssh_key"),
        (with(&good, "ssh/hostKeyFingerprint", json!(format!("SHA256:{}", "A".repeat(43)))), "ssh_host_key"),
        (with(&good, "ssh/port", json!(free)), "ssh_unreachable"),
        (with(&good, "ssh/host", json!("no-such-name.invalid")), "ssh_unreachable"),
        (with(&good, "ssh/host", json!("10.0.0.1")), "ssh_forbidden"),
        (with(&good, "ssh/port", good["port"].clone()), "ssh_protocol"),
        (with(&good, "port", json!(free)), "ssh_forward"),
        (with(&good, "host", json!("name-that-sshd-does-not-know.invalid")), "ssh_forward"),
        (with(&good, "port", json!(server.port)), "protocol"),
        (with(&good, "password", json!("wrong")), "auth"),
    ] {
        assert_eq!(reason(&user, &connection).await, expected, "{connection}");
    }
    assert_eq!(user.call("GET", "/api/v1/databases").send().await.expect(200), json!([]));
    server.rests().await;
}

#[tokio::test]
async fn a_server_that_forbids_forwarding_is_told_from_one_that_refuses_the_login() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    for line in ["AllowTcpForwarding no", "PermitOpen 127.0.0.1:1"] {
        let server = sshd(&["ed25519"], &[line]).await;
        assert_eq!(reason(&user, &through(&server, &schema)).await, "ssh_forward", "{line}");
        server.rests().await;
    }
}

#[tokio::test]
async fn a_host_key_is_pinned_when_it_is_seen_first_and_another_is_refused_until_its_owner_names_it() {
    let (api, schema, server) = (TestApi::start().await, articles().await, sshd(&["ed25519"], &[]).await);
    let user = api.register("ursula").await;
    let connection = through(&server, &schema);
    let path = format!("/api/v1/databases/{}", add(&user, &connection).await["id"].as_str().unwrap());
    let port = server.port;
    drop(server);
    let other = TestSshd::start_on(port, env!("CARGO_TARGET_TMPDIR"), &["ed25519", "rsa"], &[]).await;

    let tested = user.call("POST", &format!("{path}/test")).send().await.expect_error(400, "CONNECTION_FAILED");
    assert_eq!(tested["reason"], "ssh_host_key");
    let searched = user.call("POST", "/api/v1/search").json(&json!({ "query": "zebra" })).send().await;
    assert!(searched.body.to_string().contains("ssh_host_key"), "{:#}", searched.body);
    assert!(!other.log().contains("userauth-request"), "no secret is sent: {}", other.log());

    let pin =
        |fingerprint: String| with(&json!({ "ssh": connection["ssh"] }), "ssh/hostKeyFingerprint", json!(fingerprint));
    user.call("PUT", &path).json(&pin(other.fingerprint("ed25519"))).send().await.expect(200);
    let found = user.search(&json!({ "query": "zebra" })).await;
    assert_eq!(found["results"].as_array().map(Vec::len), Some(2), "{found:#}");
    other.rests().await;
}

#[tokio::test]
async fn a_pinned_key_holds_though_the_server_has_one_of_a_better_kind() {
    let kinds = ["ed25519", "ecdsa", "rsa"];
    let (api, schema, server) = (TestApi::start().await, articles().await, sshd(&kinds, &[]).await);
    let user = api.register("ursula").await;
    for kind in kinds {
        let pin = json!(server.fingerprint(kind));
        let added = add(&user, &with(&through(&server, &schema), "ssh/hostKeyFingerprint", pin.clone())).await;
        assert_eq!(added["ssh"]["hostKeyFingerprint"], pin);
        let test = format!("/api/v1/databases/{}/test", added["id"].as_str().unwrap());
        user.call("POST", &test).send().await.expect(200);
    }
    server.rests().await;
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended_through_the_tunnel_too() {
    let (api, mut schema, server) = (TestApi::start().await, articles().await, sshd(&["ed25519"], &[]).await);
    let user = api.register("ursula").await;
    add(&user, &with(&through(&server, &schema), "connectionOptions", json!({ "timeout": 4_000 }))).await;
    let app = &api.service.app;
    let database = app.databases.list(user.id.parse().unwrap()).await.unwrap().remove(0);
    let credentials = database.open_credentials(&app.vault).await.unwrap();
    let mut connection = app.connector.open(database.target(&credentials)).await.unwrap();
    let fault = connection.rows("SELECT SLEEP(3600)", Params::Empty).await.unwrap_err();
    assert_eq!(fault.reason, Reason::Timeout);
    // The connection is open still: what has ended the statement is the second one.
    let running =
        format!("SELECT 1 FROM information_schema.PROCESSLIST WHERE USER = '{}' AND INFO LIKE '%SLEEP%'", schema.name);
    // A server sets a mark, and the statement ends when its thread comes to see it.
    let ends = async { while schema.root.query_first::<u8, _>(&running).await.unwrap().is_some() {} };
    tokio::time::timeout(Duration::from_secs(5), ends).await.unwrap();
    connection.close().await;
    server.rests().await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_in_time_and_hung_up_on() {
    let (api, schema, server) = (TestApi::start().await, articles().await, sshd(&["ed25519"], &[]).await);
    let user = api.register("ursula").await;
    // The second greets as SSH does, and then says no more: the library is in the middle of its handshake.
    for greeting in ["", "SSH-2.0-silence\r\n"] {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        let hung_up = tokio::spawn(async move {
            let (mut stream, _) = silent.accept().await.unwrap();
            stream.write_all(greeting.as_bytes()).await.unwrap();
            // Ends when the other side closes, and not before.
            stream.read_to_end(&mut Vec::new()).await
        });
        let connection = with(&through(&server, &schema), "ssh/port", json!(port));
        let connection = with(&connection, "connectionOptions", json!({ "timeout": 500 }));
        assert_eq!(reason(&user, &connection).await, "timeout");
        tokio::time::timeout(Duration::from_secs(5), hung_up).await.expect("it is hung up on").unwrap().unwrap();
    }
}
