//! What a client says of the answer that it wants: which one it has already, and whether it can unpack one.

use std::io::Write;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, Method};
use data_encoding::BASE64URL_NOPAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value};

/// A shorter text is not packed: it fits into a few packets as it is. So no answer with a new key or a session is packed
/// either, whose length would tell something of what is in it (the attack is known as BREACH).
const BYTES_MIN: usize = 4 * 1024;

/// How much of a hash is a tag. In bytes.
const TAG_BYTES: usize = 16;

/// What a request says of its answer.
pub(super) struct Wanted {
    /// Whether it only reads.
    pub(super) is_read: bool,
    known: Vec<String>,
    takes_gzip: bool,
}

impl Wanted {
    /// What this one says.
    pub(super) fn of(request: &Request) -> Self {
        let headers = request.headers();
        let known = list(headers, &IF_NONE_MATCH).map(|tag| strong(tag).to_owned()).collect();
        Self { is_read: request.method() == Method::GET, known, takes_gzip: takes_gzip(headers) }
    }

    /// Whether its client has what wears this tag (RFC 9110, 13.1.2: weak comparison, and an asterisk for whatever there is).
    pub(super) fn has(&self, tag: &str) -> bool {
        self.known.iter().any(|known| known == "*" || known == strong(tag))
    }

    /// A text packed for it; nothing where it has to stay as it is.
    pub(super) fn packed(&self, text: &str) -> Option<Vec<u8>> {
        if !self.takes_gzip || text.len() < BYTES_MIN {
            return None;
        }
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(text.as_bytes()).ok()?;
        packer.finish().ok()
    }
}

/// What names the content of an answer (RFC 9110, 8.8.3). It is weak, because the same content may be written otherwise.
pub(super) fn tag(data: &str, beside: &Map<String, Value>) -> String {
    let beside: Vec<String> = beside.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let hash = digest(&SHA256, format!("{}\n\n{data}", beside.join("\n")).as_bytes());
    format!("W/\"{}\"", BASE64URL_NOPAD.encode(&hash.as_ref()[..TAG_BYTES]))
}

fn strong(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// Whether `Accept-Encoding` names gzip, or anything, with a weight that is not nothing (RFC 9110, 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let weight = |wanted: &str| {
        list(headers, &ACCEPT_ENCODING).find_map(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
            name.trim().eq_ignore_ascii_case(wanted).then(|| weight.unwrap_or(0.0))
        })
    };
    weight("gzip").or_else(|| weight("x-gzip")).or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

/// What stands in the headers of this name between commas. No tag of ours has one in it.
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn wanted(name: HeaderName, value: &str) -> Wanted {
        Wanted::of(&Request::builder().header(name, value).body(Body::empty()).unwrap())
    }

    #[test]
    fn gzip_is_used_where_it_is_accepted() {
        for (value, takes) in [
            ("gzip", true),
            ("GZIP", true),
            ("deflate, gzip;q=0.5, br", true),
            ("x-gzip", true),
            ("*", true),
            ("br, *;q=0.1", true),
            ("", false),
            ("br", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("gzip;q=0.000, *", false),
            ("*;q=0", false),
            ("gzip;q=much", false),
            ("gzipped", false),
        ] {
            assert_eq!(wanted(ACCEPT_ENCODING, value).packed(&"x".repeat(BYTES_MIN)).is_some(), takes, "{value}");
        }
        assert!(wanted(ACCEPT_ENCODING, "gzip").packed(&"x".repeat(BYTES_MIN - 1)).is_none());
    }

    #[test]
    fn a_tag_is_known_among_others_weak_or_strong() {
        let own = tag("{}", &Map::new());
        let strong = own.trim_start_matches("W/");
        for (value, has) in [
            (own.clone(), true),
            (strong.to_owned(), true),
            (format!("\"another\", {own}"), true),
            ("*".to_owned(), true),
            ("\"another\"".to_owned(), false),
            (String::new(), false),
            (strong.trim_matches('"').to_owned(), false),
        ] {
            assert_eq!(wanted(IF_NONE_MATCH, &value).has(&own), has, "{value}");
        }
        let beside = Map::from_iter([("token".to_owned(), Value::from("x"))]);
        assert_ne!(tag("{}", &beside), own, "what stands beside the data is content too");
    }
}
