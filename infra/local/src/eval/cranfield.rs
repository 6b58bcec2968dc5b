//! Collections in the format of the Cranfield collection: `cran.all.1400`, `cran.qry` and `cranqrel` of one folder.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use super::{Collection, Document, Topic};
use crate::demo::Failed;

/// The collection in this folder.
pub fn read(folder: &Path) -> Result<Collection, Failed> {
    let text = |file: &str| {
        let path = folder.join(file);
        fs::read(&path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .map_err(|error| format!("{} can not be read: {error}", path.display()))
    };
    let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let topics = topics(&text("cran.qry")?, &judgements(&text("cranqrel")?)?);
    Ok(Collection { name, documents: documents(&text("cran.all.1400")?)?, topics })
}

fn documents(text: &str) -> Result<Vec<Document>, Failed> {
    let document = |record: Record<'_>| {
        let id = record.id.parse().map_err(|_| format!("{:?} is no number of a document", record.id))?;
        Ok(Document { id, title: record.field("T"), body: record.field("W") })
    };
    records(text).map(document).collect()
}

/// The queries that somebody has judged. Judgements number them by their position, not by the number beside them.
fn topics(text: &str, judgements: &HashMap<usize, HashMap<u32, u32>>) -> Vec<Topic> {
    let topic = |(nth, record): (usize, Record<'_>)| {
        let gains = judgements.get(&(nth + 1))?.clone();
        Some(Topic { query: record.field("W"), gains })
    };
    records(text).enumerate().filter_map(topic).collect()
}

/// By query, how relevant a document is: code 1 is the best and counts 4, code 4 the weakest and counts 1; −1 is nothing.
fn judgements(text: &str) -> Result<HashMap<usize, HashMap<u32, u32>>, Failed> {
    let mut judgements: HashMap<usize, HashMap<u32, u32>> = HashMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let malformed = || format!("{line:?} is no judgement: a query, a document and a code from -1 to 4");
        let numbers: Result<Vec<i64>, _> = line.split_whitespace().map(str::parse).collect();
        let &[query, document, code] = numbers.map_err(|_| malformed())?.as_slice() else {
            return Err(malformed().into());
        };
        if let Some(gain) = u32::try_from(5 - code).ok().filter(|gain| (1..=4).contains(gain)) {
            let (query, document) = (usize::try_from(query)?, u32::try_from(document)?);
            judgements.entry(query).or_default().insert(document, gain);
        }
    }
    Ok(judgements)
}

/// What begins with `.I` and a number, and has fields that begin with a line of a dot and a letter.
struct Record<'a> {
    id: &'a str,
    lines: Vec<&'a str>,
}

impl Record<'_> {
    /// The lines of a field on one line.
    fn field(&self, letter: &str) -> String {
        let begins = |line: &&&str| is_field(line);
        let start = self.lines.iter().position(|line| is_field(line) && &line[1..2] == letter);
        let lines = start.map_or(&[][..], |start| &self.lines[start + 1..]);
        let own = lines.iter().take_while(|line| !begins(line));
        own.flat_map(|line| line.split_whitespace()).collect::<Vec<_>>().join(" ")
    }
}

fn is_field(line: &str) -> bool {
    matches!(line.trim_end().as_bytes(), [b'.', b'A'..=b'Z'])
}

fn records(text: &str) -> impl Iterator<Item = Record<'_>> {
    let parts = text.split("\n.I ").map(|part| part.strip_prefix(".I ").unwrap_or(part));
    parts.filter(|part| !part.trim().is_empty()).map(|part| {
        let mut lines = part.lines();
        Record { id: lines.next().unwrap_or_default().trim(), lines: lines.collect() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_the_lines_of_their_fields_joined() {
        let documents = documents(".I 1\n.T\na title\nof two .\n.A\nnobody\n.W\ntext\nmore\n.I 2\n.W\nb\n").unwrap();
        assert_eq!(documents.len(), 2);
        assert_eq!((documents[0].title.as_str(), documents[0].body.as_str()), ("a title of two .", "text more"));
        assert_eq!((documents[1].id, documents[1].title.as_str(), documents[1].body.as_str()), (2, "", "b"));
    }

    #[test]
    fn queries_are_numbered_by_position_and_those_without_judgement_left_out() {
        let judgements = judgements("1 184 2\n3 5 -1\n2 7 1\n2 8 4\n").unwrap();
        let topics = topics(".I 001\n.W\nfirst\n.I 004\n.W\nsecond\nquery\n.I 009\n.W\nthird\n", &judgements);
        let queries: Vec<&str> = topics.iter().map(|topic| topic.query.as_str()).collect();
        assert_eq!(queries, ["first", "second query"]);
        assert_eq!(topics[0].gains, HashMap::from([(184, 3)]));
        assert_eq!(topics[1].gains, HashMap::from([(7, 4), (8, 1)]));
    }

    #[test]
    fn a_line_that_is_no_judgement_is_refused() {
        assert!(judgements("1 2\n").is_err() && judgements("1 2 x\n").is_err());
    }
}
