//! The parsers that strangers reach, each as a target: whatever the bytes, it says what is wrong by a panic, and nothing is.
//!
//! A new one is a function here and a line in [`TARGETS`], a program in `targets/` with its lines in `Cargo.toml`, and a folder
//! in `seeds/` with what it is to begin with. `./dev fuzz NAME` finds it by its name, and the tests try a little of it.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a panic is how a target says what it has found")]

use std::net::IpAddr;

use data_encoding::HEXLOWER;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;
use shared::databases::{Host, Policy, Settings};
use shared::keys::ApiKey;
use shared::users::SigningKey;

/// The secret that sessions are signed with here.
const SECRET: &str = "a secret of at least thirty-two bytes";

/// What is tried with any bytes.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: [(&str, Target); 6] =
    [("connection", connection), ("cursor", cursor), ("key", key), ("query", query), ("token", token), ("uri", uri)];

/// A query: what is sent is legal, and what is refused is refused at a place within it.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    search::inputs::query(&text).expect("a query");
}

/// A cursor, also one that somebody has sealed as we do: what is read of it can be gone on from.
pub fn cursor(bytes: &[u8]) {
    search::inputs::cursor(bytes).expect("a cursor");
}

/// The token of a session: nothing is one that we have not signed, and what we have signed need not be what we sign.
pub fn token(bytes: &[u8]) {
    let key = SigningKey::parse(SECRET).expect("a secret that signs");
    let text = String::from_utf8_lossy(bytes);
    assert!(key.session(&text).is_err(), "a token that nobody has signed");
    if let Ok(claims) = serde_json::from_slice::<Value>(bytes) {
        let header = Header { kid: Some("1".to_owned()), ..Header::new(Algorithm::HS256) };
        let secret = EncodingKey::from_secret(SECRET.as_bytes());
        let signed = jsonwebtoken::encode(&header, &claims, &secret).expect("a token");
        let is_of_somebody = claims["id"].is_string() && claims["epoch"].is_u64();
        assert!(key.session(&signed).is_err() || is_of_somebody, "a session of nobody: {claims}");
    }
}

/// An API key: what is taken for one has the form of one.
pub fn key(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(key) = ApiKey::parse(&text) else { return };
    let hash = HEXLOWER.decode(key.hash().to_string().as_bytes()).expect("hexadecimal");
    assert_eq!((hash.len(), key.prefix().chars().count()), (32, 30));
    assert!(text.is_ascii() && text.starts_with(&key.prefix()) && key.reveal() == text);
}

/// What somebody says of a database: its host is a name or an address and nothing around it, inner addresses are not dialled
/// in whatever form they are written, and what is stored is read again as it was.
pub fn connection(bytes: &[u8]) {
    if let Ok(settings) = serde_json::from_slice::<Settings>(bytes) {
        let stored = serde_json::to_vec(&settings).expect("settings are JSON");
        assert_eq!(serde_json::from_slice::<Settings>(&stored).expect("the same"), settings);
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let Ok(host) = Host::try_from(text) else { return };
    assert!(host.bare().is_ascii() && !host.bare().contains(['/', '@', '?', '#', '%', ' ', '\\', '\0']));
    let Ok(address) = host.bare().parse::<IpAddr>() else { return };
    let is_inner = |address: IpAddr| match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unicast_link_local() || v6.is_unique_local() || v6.is_unspecified(),
    };
    let is_dialled = Policy::default().check(&[address]).is_ok();
    assert!(!(is_dialled && (is_inner(address) || is_inner(address.to_canonical()))), "{address} is dialled");
}

/// The URI of a warehouse: what is refused is not told, and what is read is read again where everything is escaped.
pub fn uri(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    warehouses::inputs::uri(&text).expect("a URI");
}
