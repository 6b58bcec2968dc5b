//! Whether a text is one that the servers' parser of boolean queries takes. Ours are written from a tree, and always should be.

use super::words::is_word_char;

/// `InnoDB`'s boolean grammar, as narrow as we write it: nothing when the text is legal, otherwise what is left at the fault.
///
/// `list = part { " " part }`, `part = [ "+" | "-" ] ( word [ "*" ] | phrase [ " @" digits ] | "(" list ")" )`
pub fn fault(text: &str) -> Option<String> {
    match list(text, 0) {
        Ok("") => None,
        Ok(rest) | Err(rest) => Some(rest.to_owned()),
    }
}

fn list(text: &str, depth: usize) -> Result<&str, &str> {
    let mut rest = part(text, depth)?;
    while let Some(next) = rest.strip_prefix(' ') {
        rest = part(next, depth)?;
    }
    Ok(rest)
}

fn part(text: &str, depth: usize) -> Result<&str, &str> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(inside) = unsigned.strip_prefix('(') {
        let nested = if depth < 32 { list(inside, depth + 1)? } else { return Err(inside) };
        return nested.strip_prefix(')').ok_or(nested);
    }
    if let Some(inside) = unsigned.strip_prefix('"') {
        let (words, rest) = inside.split_once('"').ok_or(inside)?;
        let ends = words.split(' ').all(|inner| word(inner) == Ok(""));
        let window = rest.strip_prefix(" @").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        return if ends { Ok(window.unwrap_or(rest)) } else { Err(words) };
    }
    word(unsigned).map(|rest| rest.strip_prefix('*').unwrap_or(rest))
}

fn word(text: &str) -> Result<&str, &str> {
    let rest = text.trim_start_matches(is_word_char);
    if rest.len() < text.len() { Ok(rest) } else { Err(text) }
}
