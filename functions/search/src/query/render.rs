//! The tree as boolean text that `InnoDB` never refuses.
//!
//! Every part of the text finds at least the rows of its part of the tree, or it is not required; every exclusion excludes at
//! most them, or it is left out. So the text finds too much rather than too little, and [`super::Statement::matches`] decides
//! the rest.

use super::lexicon::Lexicon;
use super::tree::{Group, Node, Phrase, Word};

/// Parentheses in the text. The servers give up after 32; what lies deeper than this is sent as a list of its words.
const DEPTH_MAX: usize = 16;

/// The text, and whether the server finds exactly the rows of the tree; nothing when the index can not help.
///
/// Two faults of the servers, found by comparing their answers with [`super::evaluate`] over random queries, are worked around:
///
/// - a prefix that is evaluated after a phrase finds and excludes nothing (MySQL 9.7 and MariaDB 10.11: `"sheep cow" ze*` finds
///   6 rows where `ze* "sheep cow"` finds 231), and what is evaluated first can not be told from the order alone. So phrases
///   beside prefixes are sent as their words;
/// - inside and beside parentheses MariaDB forgets what is required (`+nosuch +(horse cow) goat` finds rows). Only text without
///   them is trusted.
pub fn render(root: &Node, lexicon: &Lexicon) -> Option<(String, bool)> {
    let piece = Writer { lexicon, phrases: true }.node(root, 0)?;
    let piece = if piece.text.contains('"') && piece.text.contains('*') {
        Writer { lexicon, phrases: false }.node(root, 0)?
    } else {
        piece
    };
    let exact = piece.is_exact() && !piece.text.contains('(');
    Some((piece.text, exact))
}

/// Text for a node, and how the rows it finds relate to the node's.
struct Piece {
    text: String,
    /// More than one term at its top: takes parentheses inside another.
    composed: bool,
    /// It finds all rows of the node.
    covers: bool,
    /// It finds no others.
    within: bool,
}

impl Piece {
    fn exact(text: String) -> Self {
        Self { text, composed: false, covers: true, within: true }
    }

    fn is_exact(&self) -> bool {
        self.covers && self.within
    }

    fn signed(&self, sign: &str) -> String {
        if self.composed { format!("{sign}({})", self.text) } else { format!("{sign}{}", self.text) }
    }
}

struct Writer<'a> {
    lexicon: &'a Lexicon,
    phrases: bool,
}

impl Writer<'_> {
    fn node(&self, node: &Node, depth: usize) -> Option<Piece> {
        let found = |objection: Option<_>, text: String| objection.is_none().then(|| Piece::exact(text));
        match node {
            Node::Word(word) => self.word(word),
            Node::Prefix(word) => {
                let piece = found(self.lexicon.objection_to_prefix(word), format!("{}*", word.spelling))?;
                // Rows that hold only words too short for the index are lost, and not excluded either.
                Some(Piece { within: self.lexicon.holds_all_from(word), ..piece })
            }
            Node::Stem(stem) => {
                let piece =
                    found(self.lexicon.objection_to_prefix(&stem.beginning), format!("{}*", stem.beginning.spelling))?;
                Some(Piece { within: false, ..piece })
            }
            Node::Phrase(phrase) => self.phrase(phrase),
            Node::Group(_) if depth == DEPTH_MAX => self.words(node),
            Node::Group(group) => self.group(group, depth + 1),
        }
    }

    fn word(&self, word: &Word) -> Option<Piece> {
        if self.lexicon.objection(word).is_some() {
            return None;
        }
        let piece = Piece::exact(word.spelling.clone());
        if self.lexicon.objection_inside(word).is_some() {
            // Better than nothing: it finds the word where others follow it, but not where others stand before it.
            return Some(Piece { text: format!("{}*", word.spelling), covers: false, ..piece });
        }
        Some(Piece { within: self.lexicon.finds_whole_words() && word.tail.is_empty(), ..piece })
    }

    /// A phrase around a demoted word would silently lose that word on the server and find other phrases, or none. Its other
    /// words are required instead, and the phrase itself is ours to verify.
    fn phrase(&self, phrase: &Phrase) -> Option<Piece> {
        let held: Vec<&Word> = phrase.words.iter().filter(|word| self.lexicon.objection(word).is_none()).collect();
        let kept = held.iter().filter(|word| self.lexicon.objection_inside(word).is_none());
        let kept: Vec<&str> = kept.map(|word| word.spelling.as_str()).collect();
        let whole = self.phrases && kept.len() == phrase.words.len() && self.lexicon.finds_whole_words();
        let within = phrase.words.iter().all(|word| word.tail.is_empty());
        let (text, composed, within) = match (kept.as_slice(), phrase.within) {
            ([], _) => return self.beginnings(&held),
            (words, None) if whole => (format!("\"{}\"", words.join(" ")), false, within),
            // The server's window reaches from one column into the next; ours does not.
            (words, Some(size)) if whole && self.lexicon.knows_windows() => {
                (format!("\"{}\" @{}", words.join(" "), size.max(words.len())), false, false)
            }
            ([only], _) => ((*only).to_owned(), false, false),
            (words, _) => (format!("+{}", words.join(" +")), true, false),
        };
        Some(Piece { text, composed, covers: true, within })
    }

    /// Words that the index holds only inside of others, as [`Self::word`] writes them.
    fn beginnings(&self, words: &[&Word]) -> Option<Piece> {
        let pieces: Vec<Piece> = words.iter().filter_map(|word| self.word(word)).collect();
        let (text, composed) = join(&[], &pieces.iter().collect::<Vec<_>>(), &[])?;
        Some(Piece { text, composed, covers: false, within: false })
    }

    fn group(&self, group: &Group, depth: usize) -> Option<Piece> {
        let pieces =
            |nodes: &[Node]| -> Vec<Option<Piece>> { nodes.iter().map(|node| self.node(node, depth)).collect() };
        let (must, must_not) = (pieces(&group.must), pieces(&group.must_not));
        let (required, loose): (Vec<_>, Vec<_>) =
            group.must.iter().zip(&must).partition(|(_, piece)| all([*piece], |piece| piece.covers));
        let others = loose.iter().map(|(node, _)| *node).chain(&group.should);
        let optional: Vec<Option<Piece>> =
            if required.is_empty() { others.map(|node| self.node(node, depth)).collect() } else { self.hints(others) };
        let covers = !required.is_empty() || group.must.is_empty() && all(&optional, |piece| piece.covers);
        let found = if group.must.is_empty() { &optional } else { &must };
        let within = all(&must_not, Piece::is_exact) && all(found, Piece::is_exact);

        let required: Vec<&Piece> = required.into_iter().filter_map(|(_, piece)| piece.as_ref()).collect();
        let optional: Vec<&Piece> = optional.iter().flatten().collect();
        let excluded: Vec<&Piece> = must_not.iter().flatten().filter(|piece| piece.within).collect();
        let (text, composed) = join(&required, &optional, &excluded)?;
        Some(Piece { text, composed, covers, within })
    }

    /// Beside required parts the others only order what is found. They are sent as single terms: an optional group with signs
    /// of its own makes MariaDB 10.11 forget what is required (`+horse (+zebra +cow)` finds rows without a horse).
    fn hints<'n>(&self, nodes: impl Iterator<Item = &'n Node>) -> Vec<Option<Piece>> {
        let mut leaves = Vec::new();
        nodes.for_each(|node| collect(node, &mut leaves));
        let pieces = leaves.into_iter().map(|leaf| self.node(leaf, DEPTH_MAX));
        pieces.filter(|piece| all([piece], |piece| !piece.composed)).collect()
    }

    /// Any of the words looked for, in one flat list.
    fn words(&self, node: &Node) -> Option<Piece> {
        let mut leaves = Vec::new();
        collect(node, &mut leaves);
        let rendered: Vec<Piece> = leaves.iter().filter_map(|leaf| self.node(leaf, DEPTH_MAX)).collect();
        let (text, composed) = join(&[], &rendered.iter().collect::<Vec<_>>(), &[])?;
        Some(Piece { text, composed, covers: rendered.len() == leaves.len(), within: false })
    }
}

/// Whether every part was rendered, and is so.
fn all<'p>(pieces: impl IntoIterator<Item = &'p Option<Piece>>, test: fn(&Piece) -> bool) -> bool {
    pieces.into_iter().all(|piece| piece.as_ref().is_some_and(test))
}

fn collect<'a>(node: &'a Node, leaves: &mut Vec<&'a Node>) {
    match node {
        Node::Group(group) => group.must.iter().chain(&group.should).for_each(|node| collect(node, leaves)),
        leaf => leaves.push(leaf),
    }
}

/// One part alone needs no sign. Nothing when there is nothing to find.
fn join(required: &[&Piece], optional: &[&Piece], excluded: &[&Piece]) -> Option<(String, bool)> {
    match (required, optional, excluded) {
        ([], [], _) => return None,
        ([only], [], []) | ([], [only], []) => return Some((only.text.clone(), only.composed)),
        _ => {}
    }
    let signed =
        |pieces: &[&Piece], sign: &str| -> Vec<String> { pieces.iter().map(|piece| piece.signed(sign)).collect() };
    let parts = [signed(required, "+"), signed(optional, ""), signed(excluded, "-")].concat();
    Some((parts.join(" "), true))
}

#[cfg(test)]
mod tests {
    use shared::databases::Language;

    use super::DEPTH_MAX;
    use crate::query::{Lexicon, Query, QueryError};

    fn text(query: &str) -> Result<String, QueryError> {
        Ok(Query::boolean(query)?.to_mysql(&Lexicon::innodb_default(), Language::English).text.unwrap_or_default())
    }

    #[test]
    fn operators_become_signs_and_parentheses() -> Result<(), QueryError> {
        assert_eq!(text("zebra AND crossing")?, "+zebra +crossing");
        assert_eq!(text("zebra OR crossing AND NOT horse")?, "zebra (+crossing -horse)");
        assert_eq!(text("+zebra horse -(cow goat)")?, "+zebra horse -cow -goat");
        assert_eq!(text("NOT (cow AND goat) zebra")?, "+zebra -(+cow +goat)");
        assert_eq!(text("\"zebra crossing\"~3 -prefix*")?, "+(+zebra +crossing) -prefix*");
        assert_eq!(text("-(-zebra) +horse")?, "+horse zebra");
        Ok(())
    }

    #[test]
    fn what_mysql_refuses_is_written_so_that_it_does_not() -> Result<(), QueryError> {
        assert_eq!(text("user@example.com")?, "+user +example");
        assert_eq!(text("Node.js +C++ x** foo-bar")?, "Node x* (+foo +bar)");
        assert_eq!(text("((((zebra))))")?, "zebra");
        assert_eq!(text("(+Ⱦxx +ȺBC) OR zebra*")?, "(+ⱦxx +ⱥBC) zebra*");
        Ok(())
    }

    #[test]
    fn beside_a_required_part_the_others_are_single_terms() -> Result<(), QueryError> {
        assert_eq!(text("+horse (zebra AND cow)")?, "+horse zebra cow");
        assert_eq!(text("+horse +(goat OR zebra AND cow)")?, "+horse +(goat (+zebra +cow))");
        Ok(())
    }

    #[test]
    fn no_prefix_is_written_beside_a_phrase() -> Result<(), QueryError> {
        assert_eq!(text("\"sheep cow\" ze* goat")?, "(+sheep +cow) ze* goat");
        assert_eq!(text("\"sheep cow\" -zeb*")?, "+(+sheep +cow) -zeb*");
        Ok(())
    }

    #[test]
    fn a_word_between_others_is_sent_as_their_beginning() -> Result<(), QueryError> {
        assert_eq!(text("検索")?, "検索*");
        assert_eq!(text("+検索 +zebra -(全文 horse)")?, "+zebra 検索* -全文* -horse");
        assert_eq!(text("\"全文 検索\"")?, "全文* 検索*");
        assert_eq!(text("\"zebra 検索\"")?, "zebra");
        Ok(())
    }

    #[test]
    fn what_other_engines_and_parsers_do_not_know_is_not_sent() -> Result<(), QueryError> {
        let text = |query: &str, lexicon: &Lexicon| -> Result<_, QueryError> {
            Ok(Query::boolean(query)?.to_mysql(lexicon, Language::English).text.unwrap_or_default())
        };
        let aria = Lexicon::of_myisam(4);
        assert_eq!(text("\"zebra street\"~5 able cat", &aria)?, "+zebra +street");
        assert_eq!(text("\"zebra street\"", &aria)?, "\"zebra street\"");
        let grams = Lexicon::innodb_default().of_grams(2);
        assert_eq!(
            text("検索 全 go data database \"zebra crossing\"", &grams)?,
            "検索 全* go database (+zebra +crossing)"
        );
        Ok(())
    }

    #[test]
    fn deep_nesting_is_sent_as_a_list_of_words() -> Result<(), QueryError> {
        let query = format!("{}zebra{}", "(horse AND (cow OR ".repeat(15), "))".repeat(15));
        let text = text(&query)?;
        assert!(text.matches('(').count() <= DEPTH_MAX, "{text}");
        Ok(())
    }
}
