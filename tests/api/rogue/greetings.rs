//! What is said before the login.

use serde_json::json;
use tests::TestApi;
use tests::rogue::{Manners, Rogue, Say, wire};

use super::{holds, meet, refuse};

fn says(bytes: &[u8]) -> Manners {
    Manners::honest().greets(vec![Say::Raw(bytes.to_vec()), Say::Wait])
}

fn slow(script: Say) -> Manners {
    Manners::honest().greets(vec![script])
}

#[tokio::test]
async fn what_is_no_greeting_is_refused() {
    let garbage: Vec<u8> = (0..=255).cycle().take(100_000).map(|byte: u8| byte.wrapping_mul(113)).collect();
    meet(vec![
        ("SSH", says(b"SSH-2.0-OpenSSH_9.6\r\n"), &["protocol"]),
        ("HTTP", says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), &["protocol"]),
        ("SMTP", says(b"220 mail.example.com ESMTP s3cr3t\r\n"), &["protocol"]),
        ("TLS alert", says(b"\x15\x03\x03\x00\x02\x02\x28"), &["protocol"]),
        ("garbage", says(&garbage), &["protocol", "timeout"]),
        ("zeroes", says(&[0; 4096]), &["protocol", "timeout"]),
        ("an empty packet", says(&[0, 0, 0, 0]), &["protocol"]),
        ("half a header", says(&[0x4a, 0]), &["timeout"]),
        ("a packet out of order", says(&wire::packet(7, &wire::greeting(1, b"8.0.36", "x"))), &["protocol"]),
    ])
    .await;
}

#[tokio::test]
async fn a_greeting_that_is_cut_anywhere_is_refused() {
    let whole = wire::greeting(1, b"8.0.36", "mysql_native_password");
    let mut cases = Vec::new();
    for length in (1..whole.len().min(60)).step_by(4) {
        let script = vec![Say::Packet(whole[..length].to_vec()), Say::Close];
        cases.push(("a cut greeting", Manners::honest().greets(script), &["protocol"][..]));
    }
    meet(cases).await;
}

#[tokio::test]
async fn a_server_that_hangs_up_or_says_nothing_is_refused() {
    meet(vec![
        ("hangs up", slow(Say::Close), &["protocol"]),
        ("says nothing", slow(Say::Wait), &["timeout"]),
        ("one byte a second", slow(Say::Slowly(wire::greeting(1, b"8.0.36", "mysql_native_password"))), &["timeout"]),
    ])
    .await;
}

#[tokio::test]
async fn a_greeting_without_an_end_is_not_read_to_it() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for say in [Say::Gigabyte, Say::Endlessly(vec![10; 4_000_000])] {
        let rogue = Rogue::start(slow(say)).await;
        refuse(&user, "endless", &rogue, &rogue.connection(), &["protocol", "timeout"]).await;
        assert!(rogue.taken() <= 32 << 20, "{} bytes were taken of a greeting", rogue.taken());
    }
}

#[tokio::test]
async fn an_error_in_place_of_a_greeting_keeps_its_number_and_loses_its_text() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for (errno, reason) in [(1040, "too_many_connections"), (1129, "auth"), (1130, "auth")] {
        let text = "Host '10.11.12.13' is blocked, token s3cr3t";
        let rogue = Rogue::start(slow(Say::Packet(wire::early_error(errno, text)))).await;
        let details = refuse(&user, "an error", &rogue, &rogue.connection(), &[reason]).await;
        assert_eq!(details["errno"], json!(errno));
    }
}

#[tokio::test]
async fn the_version_of_a_server_can_not_hurt() {
    let denied = || vec![vec![Say::Packet(wire::error(1045, "28000", "no s3cr3t"))]];
    let long = vec![b'8'; 1_000_000];
    let versions: [(&str, &[u8]); 9] = [
        ("empty", b""),
        ("long", &long),
        ("not UTF-8", b"\xff\xfe8.0.36"),
        ("escapes", b"8.0.36\x1b]0;owned\x07\x1b[2J"),
        ("MariaDB first", b"MariaDB-8.0.36"),
        ("MariaDB in the middle", b"5.5.5-MariaDB-10.11.6-MariaDB-MariaDB"),
        ("large numbers", b"99999.99999.99999-MariaDB"),
        ("negative numbers", b"-1.-1.-1"),
        ("digits that are not ASCII", "٣.٣.٣".as_bytes()),
    ];
    let case =
        |(name, version)| (name, Manners::honest().version(version).logs_in(denied()), &["auth", "protocol"][..]);
    meet(versions.into_iter().map(case).collect()).await;
}

#[tokio::test]
async fn a_server_without_tls_where_tls_was_asked_gets_no_name_and_no_password() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    for ssl in [json!(true), json!({ "enabled": true, "rejectUnauthorized": false })] {
        let rogue = Rogue::start(Manners::honest()).await;
        let mut connection = rogue.connection();
        connection["ssl"] = ssl;
        refuse(&user, "no TLS", &rogue, &connection, &["tls"]).await;
        assert_eq!(rogue.received(), b"", "something was sent without TLS");
    }
}

#[tokio::test]
async fn a_server_that_breaks_tls_off_gets_no_name_and_no_password() {
    let api = TestApi::start().await;
    let user = api.register("ursula").await;
    let ok = wire::packet(2, &wire::ok(0));
    for (name, say, reason) in [
        ("hangs up", Say::Close, "tls"),
        ("says nothing", Say::Wait, "timeout"),
        ("goes on without TLS", Say::Raw(ok), "tls"),
        ("an alert", Say::Raw(b"\x15\x03\x03\x00\x02\x02\x28".to_vec()), "tls"),
    ] {
        let greets = Manners::honest().greets(vec![Say::Packet(wire::with_tls(b"8.0.36"))]);
        let rogue = Rogue::start(greets.logs_in(vec![vec![say]])).await;
        let mut connection = rogue.connection();
        connection["ssl"] = json!(true);
        refuse(&user, name, &rogue, &connection, &[reason, "protocol"]).await;
        assert!(!holds(&rogue.received(), "reader"), "{name}: the name went out without TLS");
    }
}
