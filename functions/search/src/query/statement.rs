//! What one server is asked, and what is left for us to check.

use super::evaluate::holds;
use super::lexicon::{Demoted, Lexicon};
use super::render::render;
use super::tree::{Group, Node, Word};
use super::words::Token;

/// What one server is asked, given the words that its index can hold.
#[derive(Debug, Clone)]
pub struct Statement {
    /// For `AGAINST (… IN BOOLEAN MODE)`; nothing when none of the words can be found by the index.
    pub text: Option<String>,
    /// The words looked for that are left out of it.
    pub demoted: Vec<Demoted>,
    /// Whether rows can escape the index that hold what is looked for, because it holds none of the words, or one of them only
    /// inside of others.
    pub misses: bool,
    /// Whether the server finds just what was asked for: no row needs [`Statement::matches`], and its count is the total.
    pub exact: bool,
    root: Node,
}

impl Statement {
    pub(super) fn new(root: &Node, lexicon: &Lexicon) -> Self {
        let mut demoted = Vec::new();
        report(root, lexicon, &mut demoted);
        let root = demote(root, lexicon);
        let (text, exact) = render(&root, lexicon).unzip();
        let mut words = Vec::new();
        looked_for(&root, &mut words);
        let misses = text.is_none() || words.iter().any(|word| lexicon.objection_inside(word).is_some());
        Self { text, demoted, misses, exact: exact.unwrap_or(false), root }
    }

    /// The same where what is asked finds more than this text alone, or does not.
    #[must_use]
    pub fn with_exact(self, exact: bool) -> Self {
        Self { exact, ..self }
    }

    /// Whether a row, given as the words of each of its columns, is one that was asked for.
    pub fn matches(&self, row: &[Vec<Token<'_>>]) -> bool {
        holds(&self.root, row)
    }
}

/// What can not be found can not be required: it moves from `must` to `should`. Inside exclusions nothing moves, for we check them.
fn demote(node: &Node, lexicon: &Lexicon) -> Node {
    let Node::Group(group) = node else { return node.clone() };
    let inner = |nodes: &[Node]| -> Vec<Node> { nodes.iter().map(|node| demote(node, lexicon)).collect() };
    let (must, optional): (Vec<Node>, _) =
        inner(&group.must).into_iter().partition(|node| is_searchable(node, lexicon));
    let should = optional.into_iter().chain(inner(&group.should)).collect();
    Node::Group(Group { must, should, must_not: group.must_not.clone() })
}

/// Whether the index can find any of it.
pub(super) fn is_searchable(node: &Node, lexicon: &Lexicon) -> bool {
    match node {
        Node::Word(word) => lexicon.objection(word).is_none(),
        Node::Prefix(word) => lexicon.objection_to_prefix(word).is_none(),
        Node::Stem(stem) => lexicon.objection_to_prefix(&stem.beginning).is_none(),
        Node::Phrase(phrase) => phrase.words.iter().any(|word| lexicon.objection(word).is_none()),
        Node::Group(group) => group.must.iter().chain(&group.should).any(|node| is_searchable(node, lexicon)),
    }
}

/// The words that are looked for, prefixes left out.
pub(super) fn looked_for<'a>(node: &'a Node, words: &mut Vec<&'a Word>) {
    match node {
        Node::Word(word) => words.push(word),
        Node::Prefix(_) | Node::Stem(_) => {}
        Node::Phrase(phrase) => words.extend(&phrase.words),
        Node::Group(group) => group.must.iter().chain(&group.should).for_each(|node| looked_for(node, words)),
    }
}

fn report(node: &Node, lexicon: &Lexicon, demoted: &mut Vec<Demoted>) {
    let objection = |word: &Word| lexicon.objection(word).or_else(|| lexicon.objection_inside(word));
    let mut objected = |word: &Word, reason| {
        if let Some(reason) = reason
            && demoted.iter().all(|known| known.word != format!("{}{}", word.spelling, word.tail))
        {
            demoted.push(Demoted { word: format!("{}{}", word.spelling, word.tail), reason });
        }
    };
    match node {
        Node::Word(word) => objected(word, objection(word)),
        Node::Prefix(word) => objected(word, lexicon.objection_to_prefix(word)),
        // What the index can not hold of it is nobody's word.
        Node::Stem(_) => {}
        Node::Phrase(phrase) => phrase.words.iter().for_each(|word| objected(word, objection(word))),
        Node::Group(group) => group.must.iter().chain(&group.should).for_each(|node| report(node, lexicon, demoted)),
    }
}

#[cfg(test)]
mod tests {
    use shared::databases::Language;

    use crate::query::{Lexicon, Query, QueryError, Reason, Statement};

    fn asked(query: &str) -> Result<Statement, QueryError> {
        Ok(Query::boolean(query)?.to_mysql(&Lexicon::innodb_default(), Language::English))
    }

    #[test]
    fn words_that_the_index_can_not_hold_are_left_out_and_reported() -> Result<(), QueryError> {
        let statement = asked("+the +go +mysql")?;
        assert_eq!(statement.text.as_deref(), Some("mysql"));
        assert!(statement.exact);
        let reasons: Vec<Reason> = statement.demoted.iter().map(|demoted| demoted.reason).collect();
        assert_eq!(reasons, [Reason::Stopword, Reason::TooShort]);
        assert_eq!(asked("+go \"the of\"")?.text, None);
        Ok(())
    }

    #[test]
    fn what_the_index_holds_inside_of_others_is_still_required_and_can_be_missed() -> Result<(), QueryError> {
        let statement = asked("+検索 +mysql")?;
        assert_eq!(statement.text.as_deref(), Some("+mysql 検索*"));
        assert_eq!(
            (statement.misses, statement.exact, statement.demoted[0].reason),
            (true, false, Reason::Unsegmented)
        );
        assert!(!asked("+mysql +go")?.misses);
        assert!(Query::natural("全")?.to_mysql(&Lexicon::innodb_default().of_grams(2), Language::English).misses);
        assert_eq!((asked("C++")?.misses, asked("C++")?.demoted[0].word.as_str()), (true, "C++"));
        Ok(())
    }

    #[test]
    fn nothing_is_required_that_a_demoted_alternative_could_stand_in_for() -> Result<(), QueryError> {
        let statement = asked("+(go rust) +agent")?;
        assert_eq!(statement.text.as_deref(), Some("+agent rust"));
        assert!(!statement.exact);
        Ok(())
    }

    #[test]
    fn nothing_is_excluded_that_a_demoted_word_would_have_saved() -> Result<(), QueryError> {
        assert_eq!(asked("agent -(go AND rust)")?.text.as_deref(), Some("agent"));
        assert_eq!(asked("agent -(go OR rust)")?.text.as_deref(), Some("+agent -rust"));
        assert_eq!(asked("agent -\"go rust\"")?.text.as_deref(), Some("agent"));
        Ok(())
    }
}
