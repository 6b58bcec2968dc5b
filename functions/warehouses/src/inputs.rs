//! What strangers write, as the parser of URIs reads it: for those who try it with anything at all (`./dev fuzz uri`).

use std::net::Ipv6Addr;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;

use crate::uri::Uri;

/// What stands behind a text, and in no message of ours.
const SIGN: &str = "271828182845";

/// The longest text that is a URI when every sign of it is escaped.
const BYTES_MAX: usize = 8_192;

/// Reads a text as a URI. What is wrong with what comes of it, if anything is.
pub fn uri(text: &str) -> Result<(), String> {
    if let Err(refused) = Uri::parse(&format!("{text}{SIGN}").into())
        && refused.to_string().contains(SIGN)
    {
        return Err("a refusal tells what it has read".to_owned());
    }
    let Ok(uri) = Uri::parse(&text.into()) else { return Ok(()) };
    let (_, _) = (uri.search_path(), uri.option("schema"));
    let escaped = written(&uri, text);
    if escaped.len() > BYTES_MAX {
        return Ok(());
    }
    let again = Uri::parse(&escaped.into()).map_err(|refused| format!("with escapes it is refused: {refused}"))?;
    if parts(&again) == parts(&uri) { Ok(()) } else { Err("with escapes it is another".to_owned()) }
}

type Parts<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<u16>, Option<&'a str>);

fn parts(uri: &Uri) -> Parts<'_> {
    let password = uri.password.as_ref().map(ExposeSecret::expose_secret);
    (uri.user.as_deref(), password, uri.host.as_deref(), uri.port, uri.path.as_deref())
}

/// The same URI with an escape for everything that can have one. The options are as they were.
fn written(uri: &Uri, text: &str) -> String {
    let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (user, password, host, port, path) = parts(uri);
    let password = password.map(|password| format!(":{}", escaped(password))).unwrap_or_default();
    let who = format!("{}{password}@", escaped(user.unwrap_or_default()));
    let host = host.unwrap_or_default();
    let host = if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]") } else { escaped(host) };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let place = if uri.is_of_files() { String::new() } else { format!("{who}{host}{port}") };
    let query = text.trim().split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    format!("{}://{place}/{}{query}", uri.dialect.name(), escaped(path.unwrap_or_default()))
}
