//! How the wire to PostgreSQL is protected, against a server whose certificate is for `localhost` and of an authority of the
//! tests.

use shared::databases::{Certificates, Host};
use tests::{Demanded, PostgresDatabase};
use warehouses::engine::{Reach, Refusal, Server, Target, TlsWish};

use super::{postgres_session, refusal, table};
use crate::{books, postgres};

fn verified(ca: &str) -> TlsWish {
    TlsWish::Verified { ca: Some(Certificates::try_from(ca.to_owned()).unwrap()) }
}

/// The server by this name, protected like this.
fn server(database: &PostgresDatabase, host: &str, tls: TlsWish) -> Server {
    Server { host: Host::try_from(host.to_owned()).unwrap(), tls, ..database.server() }
}

/// Whether the session is encrypted, as the server sees it.
async fn is_encrypted(server: Server) -> bool {
    let mut session = postgres_session(server).await;
    let found = session.sample(&table("public", "wire"), 1).await.unwrap();
    session.close().await;
    found[0][0].as_deref() == Some("true")
}

#[tokio::test]
async fn tls_to_postgres_is_spoken_where_it_is_offered_and_never_where_it_is_off() {
    let database = books().await;
    database.run("CREATE VIEW wire AS SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").await;
    let ca = &postgres().certificates.ca;
    for (host, tls, encrypted) in
        [("127.0.0.1", TlsWish::Off, false), ("127.0.0.1", TlsWish::IfOffered, true), ("localhost", verified(ca), true)]
    {
        assert_eq!(is_encrypted(server(&database, host, tls.clone())).await, encrypted, "{tls:?}");
    }
}

#[tokio::test]
async fn a_postgres_that_can_not_prove_who_it_is_is_refused_where_a_proof_was_asked_for() {
    let database = books().await;
    let certificates = &postgres().certificates;
    for (host, tls, why) in [
        ("localhost", TlsWish::of_mode("require").unwrap(), "its authority is not public"),
        ("localhost", verified(&certificates.other_ca), "its authority is another"),
        ("127.0.0.1", verified(&certificates.ca), "its certificate is not for this address"),
    ] {
        let found = refusal(Target::Postgres(server(&database, host, tls)), Reach::Direct).await;
        assert_eq!((found, found.code()), (Refusal::Tls, "tls"), "{why}");
    }
}

#[tokio::test]
async fn a_user_of_postgres_who_must_use_tls_is_told_where_it_is_off() {
    let database = books().await;
    database.demand(Demanded::Tls).await;
    let plain = Target::Postgres(server(&database, "127.0.0.1", TlsWish::Off));
    assert_eq!(refusal(plain, Reach::Direct).await, Refusal::Auth);
    postgres_session(server(&database, "127.0.0.1", TlsWish::IfOffered)).await.close().await;
}

#[tokio::test]
async fn a_password_goes_to_postgres_in_clear_only_over_tls_that_was_verified() {
    let database = books().await;
    database.demand(Demanded::ClearPassword).await;
    for tls in [TlsWish::Off, TlsWish::IfOffered] {
        let found = refusal(Target::Postgres(server(&database, "localhost", tls)), Reach::Direct).await;
        assert_eq!((found, found.code()), (Refusal::ClearPassword, "auth"));
    }
    postgres_session(server(&database, "localhost", verified(&postgres().certificates.ca))).await.close().await;
}

#[tokio::test]
async fn a_password_that_postgres_keeps_in_its_old_way_opens_it_too() {
    let database = books().await;
    database.demand(Demanded::Md5).await;
    postgres_session(server(&database, "127.0.0.1", TlsWish::Off)).await.close().await;
}
