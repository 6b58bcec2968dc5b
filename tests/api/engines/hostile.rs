//! Servers that speak enough of PostgreSQL's protocol to be believed, and then do not behave.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use shared::databases::{Host, Port, Username};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use warehouses::engine::{Reach, Refusal, Server, Target, TlsWish, open};

use super::{dialer, table, within};

const PASSWORD: &str = "correct-horse-battery-staple";

/// What a server gets from us at most: one answer, and what lies in the buffers of the network.
const TAKEN_MAX: usize = (64 + 16) << 20;

/// A message of a server's.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[kind][..], &length, body].concat()
}

/// A request for a login of this kind.
fn request(kind: u32, data: &[u8]) -> Vec<u8> {
    message(b'R', &[&kind.to_be_bytes()[..], data].concat())
}

/// Lets anybody in, as process 7 with the secret 9, and is ready.
fn welcome() -> Vec<u8> {
    let version = message(b'S', b"server_version\x0015.0\0");
    [request(0, b""), version, message(b'K', &[0, 0, 0, 7, 0, 0, 0, 9]), message(b'Z', b"I")].concat()
}

/// Describes rows of so many texts.
fn described(columns: u8) -> Vec<u8> {
    let column = [&b"v\0"[..], &[0; 6], &25_u32.to_be_bytes(), &[0xff; 2], &[0xff; 4], &[0; 2]].concat();
    message(b'T', &[&[0, columns][..], &column.repeat(columns.into())].concat())
}

/// A row of these texts.
fn row(values: &[&[u8]]) -> Vec<u8> {
    let length = |value: &[u8]| u32::try_from(value.len()).unwrap().to_be_bytes();
    let count = u16::try_from(values.len()).unwrap().to_be_bytes();
    let values: Vec<u8> = values.iter().flat_map(|value| [&length(value)[..], value].concat()).collect();
    message(b'D', &[&count[..], &values].concat())
}

/// Answers the beginning of a transaction.
fn begun() -> Vec<u8> {
    let row = |value: &str| [described(1), row(&[value.as_bytes()]), message(b'C', b"SHOW\0")].concat();
    let done = |what: &[u8]| message(b'C', what);
    [done(b"BEGIN\0"), done(b"SET\0"), done(b"SET\0"), row("on"), row("1s"), message(b'Z', b"T")].concat()
}

/// What a server does, once somebody has connected: says each of these after something was received, and then what it says
/// without an end, if anything.
#[derive(Clone, Default)]
struct Script {
    says: Vec<Vec<u8>>,
    goes_on: Option<Vec<u8>>,
}

/// What it has seen.
#[derive(Default)]
struct Seen {
    received: Mutex<Vec<u8>>,
    sent: Mutex<usize>,
}

/// A server on a port of its own; the end of each connection is told.
async fn rogue(script: Script) -> (u16, Arc<Seen>, mpsc::UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (seen, (ended, ends)) = (Arc::new(Seen::default()), mpsc::unbounded_channel());
    let of_server = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (script, seen, ended) = (script.clone(), Arc::clone(&of_server), ended.clone());
            tokio::spawn(async move {
                play(stream, script, &seen).await;
                let _ = ended.send(());
            });
        }
    });
    (port, seen, ends)
}

async fn play(mut stream: TcpStream, script: Script, seen: &Seen) {
    let mut buffer = [0; 4_096];
    for said in &script.says {
        let Ok(read @ 1..) = stream.read(&mut buffer).await else { return };
        seen.received.lock().unwrap().extend(&buffer[..read]);
        if stream.write_all(said).await.is_err() {
            return;
        }
    }
    if let Some(more) = &script.goes_on {
        while stream.write_all(more).await.is_ok() {
            *seen.sent.lock().unwrap() += more.len();
        }
    }
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        seen.received.lock().unwrap().extend(&buffer[..read]);
    }
}

fn target(port: u16, tls: TlsWish) -> Target {
    Target::Postgres(Server {
        host: Host::try_from("127.0.0.1".to_owned()).unwrap(),
        port: Port::try_from(u64::from(port)).unwrap(),
        user: Username::try_from("reader".to_owned()).unwrap(),
        password: SecretString::from(PASSWORD),
        database: None,
        schemas: Vec::new(),
        tls,
    })
}

/// What comes of meeting such a server, over so many seconds: its tables are listed, if it lets somebody in.
async fn meet(script: Script, tls: TlsWish, seconds: u64) -> (Refusal, Arc<Seen>) {
    let (port, seen, mut ends) = rogue(script).await;
    let opened = open(&target(port, tls), &Reach::Direct, &dialer(), within(seconds)).await;
    let refusal = match opened {
        Err(refusal) => refusal,
        Ok(mut session) => session.tables(&[]).await.unwrap_err(),
    };
    let hung_up = tokio::time::timeout(Duration::from_secs(10), ends.recv()).await;
    assert_eq!(hung_up, Ok(Some(())), "it is hung up on");
    let received = seen.received.lock().unwrap().clone();
    assert!(!received.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes()), "the password was sent");
    (refusal, seen)
}

fn says(says: &[&[u8]]) -> Script {
    Script { says: says.iter().map(|said| said.to_vec()).collect(), goes_on: None }
}

#[tokio::test]
async fn a_postgres_that_does_not_behave_is_refused_with_a_reason_and_hung_up_on() {
    let rounds = request(11, format!("r=abc,s=ZGVm,i={}", u32::MAX).as_bytes());
    let scram = request(10, b"SCRAM-SHA-256\0\0");
    let lost = message(b'E', b"SFATAL\0C28P01\0Mno 10.11.12.13 for you\0\0");
    for (name, script, tls, expected) in [
        ("silence", says(&[]), TlsWish::Off, Refusal::Timeout),
        ("silence to TLS", says(&[]), TlsWish::IfOffered, Refusal::Timeout),
        ("another protocol", says(&[b"SSH-2.0-OpenSSH_9.2p1\r\n"]), TlsWish::Off, Refusal::Protocol),
        ("another protocol to TLS", says(&[b"HTTP/1.1 400 Bad Request\r\n"]), TlsWish::IfOffered, Refusal::Protocol),
        ("a TLS that is none", says(&[b"S", b"no handshake at all"]), TlsWish::IfOffered, Refusal::Tls),
        ("no TLS where it must be", says(&[b"N"]), TlsWish::Verified { ca: None }, Refusal::Tls),
        ("a password in clear", says(&[&request(3, b"")]), TlsWish::Off, Refusal::ClearPassword),
        (
            "a password in clear without TLS",
            says(&[b"N", &request(3, b"")]),
            TlsWish::IfOffered,
            Refusal::ClearPassword,
        ),
        ("endless rounds", says(&[&scram, &rounds]), TlsWish::Off, Refusal::Auth),
        ("an unknown login", says(&[&request(7, b"")]), TlsWish::Off, Refusal::Auth),
        ("a refusal", says(&[&lost]), TlsWish::Off, Refusal::Auth),
        ("a message without end", says(&[b"R\x7f\xff\xff\xff"]), TlsWish::Off, Refusal::Protocol),
        ("limits that were not taken", says(&[&welcome(), &message(b'Z', b"I")]), TlsWish::Off, Refusal::Limits),
        ("silence after the login", says(&[&welcome()]), TlsWish::Off, Refusal::Timeout),
        (
            "half of a description",
            says(&[&welcome(), &begun(), &message(b'T', &[0, 1])]),
            TlsWish::Off,
            Refusal::Protocol,
        ),
        ("a row of two gigabytes", says(&[&welcome(), b"D\x7f\xff\xff\xff"]), TlsWish::Off, Refusal::Protocol),
    ] {
        let (refusal, _) = meet(script, tls, 2).await;
        assert_eq!(refusal, expected, "{name}");
        assert!(!refusal.to_string().contains("10.11.12.13"), "{name}");
    }
}

#[tokio::test]
async fn no_more_is_taken_of_an_endless_postgres_than_fits() {
    let parsed = [message(b'1', b""), message(b'2', b""), described(2)].concat();
    let large = row(&[b"public", &vec![b'x'; 65_536]]);
    let notice = message(b'N', &[&b"SNOTICE\0C00000\0M"[..], &[b'x'; 4_096], b"\0\0"].concat());
    for (name, says, more) in [
        ("large rows", vec![welcome(), begun(), parsed.clone()], large.clone()),
        ("small rows", vec![welcome(), begun(), parsed], row(&[b"public", b"t"]).repeat(1_000)),
        ("rows before their description", vec![welcome(), begun()], large.clone()),
        ("notices after the login", vec![welcome(), begun()], notice.clone()),
        ("notices before the login", vec![notice.clone()], notice),
        ("rows that nobody asked for", vec![welcome()], large),
    ] {
        // Time enough for all that it would send, so that it is the bound that ends it.
        let (refusal, seen) = meet(Script { says, goes_on: Some(more) }, TlsWish::Off, 60).await;
        assert_eq!(refusal, Refusal::Protocol, "{name}");
        assert!(*seen.sent.lock().unwrap() <= TAKEN_MAX, "{name}: {} bytes", seen.sent.lock().unwrap());
    }
}

#[tokio::test]
async fn a_postgres_that_goes_silent_in_a_statement_is_told_by_another_connection_to_stop() {
    let (port, seen, _ends) = rogue(says(&[&welcome(), &begun()])).await;
    let mut session = open(&target(port, TlsWish::Off), &Reach::Direct, &dialer(), within(2)).await.unwrap();
    assert_eq!(session.tables(&[]).await, Err(Refusal::Timeout));
    // The length, the number of the request, the process, and its secret (PostgreSQL manual, "CancelRequest").
    let cancel = [0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 7, 0, 0, 0, 9];
    let was_told = || seen.received.lock().unwrap().windows(16).any(|window| window == cancel);
    let told = async {
        while !was_told() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told).await.expect("it is told");
    assert_eq!(session.sample(&table("public", "t"), 1).await, Err(Refusal::Timeout));
}
