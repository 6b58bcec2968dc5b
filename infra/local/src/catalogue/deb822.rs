//! The format of Debian's control files: stanzas of fields, with an empty line between two stanzas.

use std::io::{self, BufRead};

/// One stanza. A value has a line feed before each of its continuation lines, which have lost the one
/// blank that marks them.
#[derive(Debug, Default)]
pub(super) struct Stanza(Vec<(String, String)>);

impl Stanza {
    /// The value of a field, whose name may be written in any case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Adds a line. What is neither a field nor the continuation of one is passed over, because a
    /// catalogue with one odd line is still a catalogue.
    fn add(&mut self, line: &str) {
        if let Some(continuation) = line.strip_prefix([' ', '\t']) {
            if let Some((_, value)) = self.0.last_mut() {
                value.push('\n');
                value.push_str(continuation);
            }
        } else if let Some((name, value)) = line.split_once(':')
            && !line.starts_with('#')
        {
            self.0.push((name.to_owned(), value.trim().to_owned()));
        }
    }
}

/// Calls `visit` with every stanza. Bytes that are no UTF-8 become replacement characters.
pub(super) fn for_each(mut reader: impl BufRead, mut visit: impl FnMut(&Stanza)) -> io::Result<()> {
    let mut stanza = Stanza::default();
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let ended = reader.read_until(b'\n', &mut bytes)? == 0;
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        if !line.trim().is_empty() {
            stanza.add(line);
        } else if !stanza.0.is_empty() {
            visit(&stanza);
            stanza = Stanza::default();
        }
        if ended {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stanzas(text: &[u8]) -> Vec<Stanza> {
        let mut found = Vec::new();
        for_each(text, |stanza| found.push(Stanza(stanza.0.clone()))).unwrap();
        found
    }

    #[test]
    fn stanzas_are_told_apart_by_empty_lines_however_many() {
        let found = stanzas(b"\n\nPackage: a\n\n \t\nPackage: b\nSize:  7 \n");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].get("Package"), Some("a"));
        assert_eq!(found[1].get("Package"), Some("b"));
        assert_eq!(found[1].get("Size"), Some("7"));
        assert_eq!(found[1].get("Section"), None);
    }

    #[test]
    fn a_continuation_line_loses_its_mark_and_keeps_its_indentation() {
        let found = stanzas(b"Description-en: title\n first\n .\n   indented\n\ttabbed");
        assert_eq!(found[0].get("Description-en"), Some("title\nfirst\n.\n  indented\ntabbed"));
    }

    #[test]
    fn a_value_may_hold_colons_and_a_name_may_be_written_in_any_case() {
        let found = stanzas(b"HOMEPAGE: https://example.org:8080/\n");
        assert_eq!(found[0].get("homepage"), Some("https://example.org:8080/"));
    }

    #[test]
    fn odd_lines_are_passed_over() {
        let found =
            stanzas(b" a continuation of nothing\nno colon here\n# a: comment\r\nPackage: a\r\nTitle: caf\xe9\r\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].get("Package"), Some("a"));
        assert_eq!(found[0].get("Title"), Some("caf\u{fffd}"));
        assert_eq!(found[0].0.len(), 2);
    }

    #[test]
    fn nothing_at_all_has_no_stanzas() {
        assert!(stanzas(b"").is_empty());
    }
}
