//! Lines of a CSV file (RFC 4180) that a spreadsheet takes for what they are.

/// Characters with which a spreadsheet begins a formula, or which it drops before it looks for one (OWASP, "CSV
/// Injection"); the wide forms are taken for the plain ones where the language of the machine is an East Asian one.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// One line with its end. Cells are what we have written ourselves, or went through [`text`].
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(quoted).collect();
    format!("{}\r\n", cells.join(","))
}

/// A text that somebody else wrote, as a cell: with an apostrophe before what a spreadsheet would compute, and before an
/// apostrophe, so that one at the beginning is always ours and can be taken away again.
pub fn text(written: &str) -> String {
    let is_read_otherwise = written.starts_with(|c| c == '\'' || FORMULA.contains(&c));
    if is_read_otherwise { format!("'{written}") } else { written.to_owned() }
}

/// The same of a value of a table: a number stays one, because a minus before nothing but a number computes nothing.
pub fn value(written: &str) -> String {
    let is_of_number = |c: char| c.is_ascii_digit() || ".eE+-".contains(c);
    let is_number = written.chars().all(is_of_number) && written.parse::<f64>().is_ok() && !written.starts_with('+');
    if is_number { written.to_owned() } else { text(written) }
}

fn quoted(cell: &str) -> String {
    let is_plain = !cell.contains([',', '"', '\r', '\n']);
    if is_plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A reader by the grammar of RFC 4180.
    fn read(mut line: &str) -> Vec<String> {
        let mut cells = Vec::new();
        loop {
            let (cell, rest) = if let Some(quoted) = line.strip_prefix('"') {
                let mut end = 0;
                while quoted[end..].starts_with("\"\"") || !quoted[end..].starts_with('"') {
                    let is_pair = quoted[end..].starts_with("\"\"");
                    end += if is_pair { 2 } else { quoted[end..].chars().next().unwrap().len_utf8() };
                }
                (quoted[..end].replace("\"\"", "\""), &quoted[end + 1..])
            } else {
                let end = line.find([',', '\r']).unwrap();
                (line[..end].to_owned(), &line[end..])
            };
            cells.push(cell);
            match rest.strip_prefix(',') {
                Some(rest) => line = rest,
                None => break assert_eq!(rest, "\r\n"),
            }
        }
        cells
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again_and_begins_no_formula(cells in proptest::collection::vec(any::<String>(), 1..5)) {
            let texts: Vec<String> = cells.iter().map(|cell| text(cell)).collect();
            let read = read(&line(texts.iter().map(String::as_str)));
            for (cell, written) in read.iter().zip(&cells) {
                prop_assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), written);
                prop_assert!(!cell.starts_with(FORMULA));
            }
            prop_assert_eq!(read.len(), cells.len());
        }
    }

    #[test]
    fn a_number_stays_one_and_what_only_begins_as_one_does_not() {
        for number in ["-5", "0.5", "-1.5e-7", "12"] {
            assert_eq!(value(number), number);
        }
        for (written, cell) in
            [("-5+1", "'-5+1"), ("+5", "'+5"), ("-", "'-"), ("=5", "'=5"), ("-inf", "'-inf"), ("", "")]
        {
            assert_eq!(value(written), cell);
        }
    }

    #[test]
    fn a_formula_stays_a_text() {
        assert_eq!(line([text("=1+1\",x").as_str(), "2"]), "\"'=1+1\"\",x\",2\r\n");
        assert_eq!(line([text("'tis").as_str(), text("plain").as_str()]), "''tis,plain\r\n");
    }
}
