//! The connector itself, where what it does can not be seen from outside.

#![expect(clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::time::{Duration, Instant};

use mysql_async::Params;
use secrecy::SecretString;
use shared::databases::{Connector, Credentials, Dialer, Network, Policy, Reason, Target};
use tests::{Schema, settings};

use crate::articles;

fn credentials(schema: &Schema) -> Credentials {
    Credentials::password(SecretString::from(schema.connection()["password"].as_str().unwrap()))
}

fn connector(timeout: Duration) -> Connector {
    let policy = Policy { allow_loopback: true, ..Policy::default() };
    Connector::new(Dialer::new(policy, Network::system()), timeout)
}

#[tokio::test]
async fn a_statement_that_outlives_our_deadline_is_killed_on_the_server() {
    let mut schema = articles().await;
    let (settings, credentials) = (settings(&schema.connection()), credentials(&schema));
    let target = Target { id: None, settings: &settings, credentials: &credentials };
    let mut connection = connector(Duration::from_secs(1)).open(target).await.unwrap();
    let began = Instant::now();
    // No limits have been set in this session, so that the server would sleep on.
    let fault = connection.rows("SELECT SLEEP(60)", Params::Empty).await.unwrap_err();
    assert_eq!(fault.reason, Reason::Timeout);
    assert!(began.elapsed() < Duration::from_millis(1_500), "{:?}", began.elapsed());
    let mut asleep = u64::MAX;
    // The server takes a moment to see it.
    for _ in 0..1_000 {
        asleep = schema.running("SLEEP(60)").await;
        if asleep == 0 {
            break;
        }
    }
    assert_eq!(asleep, 0);
}

#[tokio::test]
async fn the_limits_of_a_session_are_set_and_seen_to_be() {
    let schema = articles().await;
    let (settings, credentials) = (settings(&schema.connection()), credentials(&schema));
    let target = Target { id: None, settings: &settings, credentials: &credentials };
    let mut connection = connector(Duration::from_secs(5)).open(target).await.unwrap();
    let flavour = schema.flavour();
    assert_eq!(connection.check_limits(flavour).await.unwrap_err().reason, Reason::Limits);
    connection.begin(flavour, "zebra").await.unwrap();
    connection.check_limits(flavour).await.unwrap();
    let sql = "CREATE TEMPORARY TABLE t (id INT)";
    assert!(connection.rows(sql, Params::Empty).await.is_err(), "a session of ours only reads");
}
