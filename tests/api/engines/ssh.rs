//! Databases that only an SSH server reaches: PostgreSQL on the session itself, MySQL by a port of loopback.

use secrecy::SecretString;
use shared::databases::{Host, HostKey, Port, Ssh, SshCredentials, Username};
use tests::TestSshd;
use warehouses::engine::{Reach, Refusal, Server, Target, open};

use super::mysql::server_of;
use super::{dialer, refusal, table, within};
use crate::{articles, books, sshd};

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// Through this server, which shows this key or any.
fn through(server: &TestSshd, host_key: Option<HostKey>, credentials: SshCredentials) -> Reach {
    let server = Ssh {
        host: Host::try_from("127.0.0.1".to_owned()).unwrap(),
        port: Port::try_from(u64::from(server.port)).unwrap(),
        username: Username::try_from(TestSshd::USERNAME.to_owned()).unwrap(),
        host_key,
    };
    Reach::Ssh { server, credentials }
}

fn by_password(server: &TestSshd) -> Reach {
    through(server, None, SshCredentials::Password(secret(TestSshd::PASSWORD)))
}

/// The same server by the name that only the SSH server knows.
fn inner(server: Server) -> Server {
    Server { host: Host::try_from(TestSshd::INNER_HOST.to_owned()).unwrap(), ..server }
}

#[tokio::test]
async fn databases_that_only_an_ssh_server_reaches_are_read_through_it_and_nothing_stays_open() {
    let (books, articles, server) = (books().await, articles().await, sshd(&["ed25519"], &[]).await);
    let key = server.authorised_key(&["-t", "ed25519", "-N", "open sesame"]);
    let by_key = || SshCredentials::PrivateKey { key: secret(&key), passphrase: Some(secret("open sesame")) };
    let mysql = || Target::MySql(inner(server_of(&articles)));
    let postgres = || Target::Postgres(inner(books.server()));
    for (target, reach, name) in [
        (postgres(), by_password(&server), table("public", "books")),
        (postgres(), through(&server, None, by_key()), table("public", "books")),
        (mysql(), by_password(&server), table(&articles.name, "articles")),
        (mysql(), through(&server, None, by_key()), table(&articles.name, "articles")),
    ] {
        let mut session = open(&target, &reach, &dialer(), within(30)).await.unwrap();
        let seen = session.host_key().map(|key| key.as_str().to_owned());
        assert_eq!(seen, Some(server.fingerprint("ed25519")));
        assert_eq!(session.tables(&[]).await.unwrap(), std::slice::from_ref(&name));
        assert_eq!(session.sample(&name, 2).await.unwrap().len(), 2);
        session.close().await;
        server.rests().await;
    }
    // What is dropped instead is closed too.
    drop(open(&postgres(), &by_password(&server), &dialer(), within(30)).await.unwrap());
    server.rests().await;
}

#[tokio::test]
async fn each_way_not_to_get_through_an_ssh_server_has_its_own_reason() {
    let (books, server) = (books().await, sshd(&["ed25519"], &[]).await);
    let closed = server.authorised_key(&["-t", "ed25519", "-N", "open sesame"]);
    let password = |text| SshCredentials::Password(secret(text));
    let other = HostKey::try_from(format!("SHA256:{}", "A".repeat(43))).unwrap();
    let good = || inner(books.server());
    let unknown = || Server { host: Host::try_from("not-known.invalid".to_owned()).unwrap(), ..books.server() };
    for (database, reach, expected, code) in [
        (good(), through(&server, None, password("wrong")), Refusal::SshAuth, "ssh_auth"),
        (good(), through(&server, Some(other), password(TestSshd::PASSWORD)), Refusal::SshHostKey, "ssh_host_key"),
        (unknown(), by_password(&server), Refusal::SshForward, "ssh_forward"),
        (
            good(),
            through(&server, None, SshCredentials::PrivateKey { key: secret(&closed), passphrase: None }),
            Refusal::BadCredentialsFile,
            "bad_credentials_file",
        ),
        (Server { password: secret("wrong"), ..good() }, by_password(&server), Refusal::Auth, "auth"),
    ] {
        let found = refusal(Target::Postgres(database), reach).await;
        assert_eq!((found, found.code()), (expected, code));
    }
    server.rests().await;
    for line in ["AllowTcpForwarding no", "PermitOpen 127.0.0.1:1"] {
        let server = sshd(&["ed25519"], &[line]).await;
        assert_eq!(refusal(Target::Postgres(good()), by_password(&server)).await, Refusal::SshForward, "{line}");
        server.rests().await;
    }
}
