//! What strangers write, as the parsers of searches read it: for those who try them with anything at all (`./dev fuzz`).

use data_encoding::BASE64URL_NOPAD;
use shared::databases::Language;

use crate::cursor::Position;
use crate::query::{Lexicon, Query, WORDS_MAX, fault, tokens};

/// Languages whose words have other forms each in its own way, and one whose words have none.
const LANGUAGES: [Language; 5] =
    [Language::English, Language::German, Language::Russian, Language::Arabic, Language::Other];

/// The most characters of a text that is sent: of each word its longest, its sign, and what stands around it.
const SENT_CHARS_MAX: usize = WORDS_MAX * (84 + 10);

/// Reads a text as a query, in both modes. What is wrong with what comes of it, if anything is.
pub fn query(text: &str) -> Result<(), String> {
    for query in [Query::natural(text), Query::boolean(text)] {
        match query {
            Ok(query) => of_query(&query, text)?,
            Err(error) if error.position > text.chars().count() => return Err("a place behind the text".to_owned()),
            Err(_) => {}
        }
    }
    Ok(())
}

fn of_query(query: &Query, text: &str) -> Result<(), String> {
    let row = [tokens(text).collect::<Vec<_>>()];
    if query.terms(&LANGUAGES).list().is_empty() {
        return Err("a query without a term".to_owned());
    }
    for language in LANGUAGES {
        let statement = query.to_mysql(&Lexicon::innodb_default(), language);
        // Whether it matches is nobody's business here: that it can be told is.
        let (_, _) = (statement.matches(&row), query.scan(language));
        let Some(sent) = statement.text else { continue };
        if let Some(rest) = fault(&sent) {
            return Err(format!("{sent:?} is refused by servers, from {rest:?} on"));
        }
        if sent.chars().count() > SENT_CHARS_MAX {
            return Err(format!("{} characters are sent", sent.chars().count()));
        }
    }
    Ok(())
}

/// Reads a cursor: the bytes as they are, and as if we had sealed them, which anybody can who knows how. What is wrong with
/// what comes of it, if anything is.
pub fn cursor(bytes: &[u8]) -> Result<(), String> {
    let search = String::from("zebra");
    let own = String::from_utf8_lossy(bytes).into_owned();
    let sealed = Position::seal(bytes.to_vec(), &search);
    for text in [own, BASE64URL_NOPAD.encode(bytes), sealed] {
        let Ok(position) = Position::read(&text, search.clone()) else { continue };
        let next = position.onward(100, position.skip).with_place(position.place);
        let again = Position::read(&next.cursor(), search.clone()).map_err(|_| "its own next cursor is refused")?;
        if (again.passed, again.skip, again.place) != (next.passed, next.skip, next.place) {
            return Err(format!("{position:?} leads to {again:?}"));
        }
    }
    Ok(())
}
