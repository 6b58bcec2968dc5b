//! How passages are written: as plain text, or with marks around what was looked for.

use std::ops::Range;

use serde::Deserialize;
use shared::error::{InvalidKind, Refusal};

/// Characters of a passage where the request says nothing else.
const LENGTH: usize = 200;

/// How passages of a text are written. Where a request asks for marks, the text between them is escaped for HTML and the marks are
/// passed as they are: they come from the same client that reads the answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Highlight {
    #[serde(default = "Mark::pre")]
    pre: Mark,
    #[serde(default = "Mark::post")]
    post: Mark,
    #[serde(default)]
    length: Length,
    #[serde(default)]
    columns: bool,
}

/// Up to 64 characters.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Mark(String);

/// Characters of a text, 20 to 1,000.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "u64")]
struct Length(usize);

impl Highlight {
    /// Characters of a passage, without the marks and the dots.
    pub fn length(style: Option<&Self>) -> usize {
        style.map_or(LENGTH, |style| style.length.0)
    }

    /// Whether each column is to be shown by itself, too.
    pub fn shows_columns(&self) -> bool {
        self.columns
    }

    /// A part of a text, with the marks around the places that lie in it. They are in the order of the text; those that touch or
    /// overlap become one.
    pub fn write(
        style: Option<&Self>,
        text: &str,
        part: Range<usize>,
        places: impl Iterator<Item = Range<usize>>,
    ) -> String {
        let Some(Self { pre, post, .. }) = style else { return text[part].to_owned() };
        let (mut written, mut at) = (String::new(), part.start);
        for place in joined(places.filter(|place| place.start >= part.start && place.end <= part.end)) {
            escape(&text[at..place.start], &mut written);
            written.push_str(&pre.0);
            escape(&text[place.clone()], &mut written);
            written.push_str(&post.0);
            at = place.end;
        }
        escape(&text[at..part.end], &mut written);
        written
    }
}

fn joined(places: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for place in places {
        match joined.last_mut().filter(|last| place.start <= last.end) {
            Some(last) => last.end = last.end.max(place.end),
            None => joined.push(place),
        }
    }
    joined
}

/// The five characters that mean something in HTML, in text and in attributes.
fn escape(text: &str, written: &mut String) {
    for c in text.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            other => written.push(other),
        }
    }
}

impl Mark {
    fn pre() -> Self {
        Self("<em>".to_owned())
    }

    fn post() -> Self {
        Self("</em>".to_owned())
    }
}

impl Default for Length {
    fn default() -> Self {
        Self(LENGTH)
    }
}

impl TryFrom<String> for Mark {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        const CHARS_MAX: usize = 64;
        let is_short = text.chars().count() <= CHARS_MAX;
        if is_short {
            Ok(Self(text))
        } else {
            Err(Refusal(InvalidKind::TooBig, "pre and post have at most 64 characters"))
        }
    }
}

impl TryFrom<u64> for Length {
    type Error = Refusal;

    fn try_from(number: u64) -> Result<Self, Refusal> {
        match usize::try_from(number) {
            Ok(length @ 20..=1_000) => Ok(Self(length)),
            Ok(0..20) => Err(Refusal(InvalidKind::TooSmall, "length is at least 20")),
            _ => Err(Refusal(InvalidKind::TooBig, "length is at most 1000")),
        }
    }
}
