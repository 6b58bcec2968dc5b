//! What is said while we log in.

use tests::TestApi;
use tests::rogue::{Manners, Rogue, Say, Script, wire};

use super::{holds, meet, refuse};

/// A public key of its own that a rogue asks the password to be encrypted with.
const KEY: &[u8] = include_bytes!("../../support/rogue/key.pem");

fn switches(plugin: &str, data: &[u8]) -> Script {
    vec![Say::Packet(wire::auth_switch(plugin, data))]
}

/// Switches to this plugin and is content with whatever comes.
fn welcomes(plugin: &str) -> Manners {
    let good = || vec![Say::Packet(wire::ok(0))];
    Manners::honest().logs_in(vec![switches(plugin, b"saltsaltsaltsaltsalt\0"), good(), good()])
}

/// Asks for the whole password under a key that it sends.
fn asks_for_everything(key: Vec<u8>, salt: &[u8]) -> Manners {
    Manners::honest().logs_in(vec![
        switches("caching_sha2_password", salt),
        vec![Say::Packet(vec![1, 4])],
        vec![Say::Packet(key)],
        vec![Say::Packet(wire::error(1045, "28000", "thank you"))],
    ])
}

#[tokio::test]
async fn no_other_way_to_log_in_makes_us_send_the_password() {
    meet(vec![
        ("clear text", welcomes("mysql_clear_password"), &["auth"]),
        ("the dialog of PAM", welcomes("dialog"), &["auth"]),
        ("before 4.1", welcomes("mysql_old_password"), &["auth"]),
        ("SHA-256", welcomes("sha256_password"), &["auth"]),
        ("Kerberos", welcomes("authentication_kerberos_client"), &["auth"]),
        ("a socket", welcomes("auth_socket"), &["auth"]),
        ("Ed25519", welcomes("client_ed25519"), &["auth"]),
        ("PARSEC", welcomes("parsec"), &["auth"]),
        ("nothing", welcomes(""), &["auth"]),
        ("a name of nonsense", welcomes("\u{1b}[2J../../plugin.so"), &["auth"]),
        ("the old switch", Manners::honest().logs_in(vec![vec![Say::Packet(vec![0xfe])]]), &["auth"]),
    ])
    .await;
}

#[tokio::test]
async fn a_login_that_asks_for_nonsense_is_refused() {
    let switch = |data: &[u8]| switches("mysql_native_password", data);
    let long = vec![b'x'; 1_000_000];
    meet(vec![
        ("switches twice", Manners::honest().logs_in(vec![switch(b"salt"), switch(b"salt")]), &["protocol"]),
        ("an empty packet", Manners::honest().logs_in(vec![vec![Say::Packet(vec![])]]), &["protocol"]),
        ("a salt of a megabyte", Manners::honest().logs_in(vec![switch(&long), vec![Say::Close]]), &["protocol"]),
        ("no salt", asks_for_everything(with_key(), b""), &["tls"]),
        ("says more that means nothing", says_more(&[1, 5]), &["protocol"]),
        ("says more and nothing", says_more(&[1]), &["protocol"]),
        ("is content, and goes on", says_more(&[1, 3, 1, 4]), &["protocol", "timeout"]),
    ])
    .await;
}

#[tokio::test]
async fn a_login_without_an_end_ends_with_the_deadline() {
    let login = |say: Say| Manners::honest().logs_in(vec![vec![say]]);
    meet(vec![
        ("says nothing", login(Say::Wait), &["timeout"]),
        ("hangs up", login(Say::Close), &["protocol"]),
        ("one byte a second", login(Say::Slowly(wire::ok(0))), &["timeout"]),
        ("a gigabyte", login(Say::Gigabyte), &["protocol", "timeout"]),
        ("more data for ever", login(Say::Endlessly(vec![1, 3])), &["protocol", "timeout"]),
    ])
    .await;
}

#[tokio::test]
async fn what_a_refused_login_says_stays_with_us() {
    let says = |errno, state: &str, text: &str| {
        Manners::honest().logs_in(vec![vec![Say::Packet(wire::error(errno, state, text))]])
    };
    let access = "Access denied for user 'root'@'10.11.12.13' (using password: s3cr3t)";
    meet(vec![
        ("denied", says(1045, "28000", access), &["auth"]),
        ("no such schema", says(1049, "42000", "Unknown database s3cr3t"), &["no_such_database"]),
        ("no right to it", says(1044, "42000", access), &["permission"]),
        ("full", says(1040, "08004", "10.11.12.13"), &["too_many_connections"]),
        ("a number of its own", says(65_000, "XXXXX", "s3cr3t"), &["protocol"]),
        ("a state of secrets", says(1045, "s3cr3", "t s3cr3t"), &["auth"]),
        ("a state of escapes", says(1045, "\u{1b}[2J\u{0}", "s3cr3t"), &["auth"]),
    ])
    .await;
}

/// A packet of a login that is neither a yes nor a no.
fn says_more(more: &[u8]) -> Manners {
    Manners::honest().logs_in(vec![vec![Say::Packet(more.to_vec())], vec![Say::Packet(wire::ok(0))]])
}

#[tokio::test]
async fn no_key_that_comes_without_tls_is_trusted_with_the_password() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for key in [with_key(), huge_key(), b"\x01no key".to_vec(), vec![]] {
        let rogue = Rogue::start(asks_for_everything(key, b"saltsaltsaltsaltsalt\0")).await;
        let details = refuse(&user, "its own key", &rogue, &rogue.connection(), &["tls"]).await;
        assert!(details["suggestion"].as_str().unwrap().contains("Turn TLS on"), "{details:#}");
        let received = rogue.received();
        assert!(holds(&received, "reader"));
        // Nobody asks for a key: what comes last is a digest of 32 bytes, in answer to the switch.
        let last = &received[received.len() - 36..];
        assert_eq!(last[..4], [32, 0, 0, 3], "{received:?}");
    }
}

#[tokio::test]
async fn a_huge_key_does_not_hold_us_up() {
    meet(vec![("a huge key", asks_for_everything(huge_key(), b"saltsaltsaltsaltsalt\0"), &["tls"])]).await;
}

/// A public key of 16,384 bits with an exponent of as many (RFC 8017, A.1.1; RFC 5280, 4.1).
fn huge_key() -> Vec<u8> {
    let number = [&[0x02, 0x82, 0x08, 0x01, 0x00][..], &[0xff; 2_048]].concat();
    let key = [&[0x30, 0x82, 0x10, 0x0a][..], &number, &number].concat();
    let algorithm = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    let bits = [&[0x03, 0x82, 0x10, 0x0f, 0x00][..], &key].concat();
    let whole = [&[0x30, 0x82, 0x10, 0x22][..], algorithm, &bits].concat();
    let text = data_encoding::BASE64.encode(&whole);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("\u{1}-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n")).into_bytes()
}

fn with_key() -> Vec<u8> {
    [&[1], KEY].concat()
}
