//! How each table is asked, by the words that its indexes hold: by its indexes, or row by row.

use shared::databases::{Catalogue, FullTextIndex, Language, Parser, Stopwords, Table};

use crate::answer::Advice;
use crate::mend::mend;
use crate::plan::{TablePlan, is_small};
use crate::query::{Demoted, Lexicon, Query, Scan, Statement};

/// What `ft_min_word_len` is where a server has not told it.
const WORD_LENGTH_MIN: usize = 4;

/// What `ngram_token_size` is where a server has not told it.
const NGRAM_TOKEN_SIZE: usize = 2;

/// How a table is asked.
pub struct Way {
    /// The table, with those of its indexes that can find something.
    pub plan: TablePlan,
    /// What it is asked.
    pub asked: Asking,
}

/// What a table is asked.
pub enum Asking {
    /// Its indexes, each with the text for its kind, and what is left to check.
    Indexes {
        /// For indexes of words, in `@altus4_query`.
        words: Option<String>,
        /// For indexes of the parser ngram, in `@altus4_grams`.
        grams: Option<String>,
        /// What rows are checked by.
        statement: Box<Statement>,
    },
    /// Row by row.
    Rows(Scan),
}

/// The ways to all tables, and what is to be said about them.
#[derive(Default)]
pub struct Ways {
    /// One a table, without those that nothing can be found in.
    pub tables: Vec<Way>,
    /// Words that some index can not hold, where nothing stood in for it.
    pub demoted: Vec<Demoted>,
    /// What would help.
    pub advice: Vec<Advice>,
}

impl Ways {
    /// The ways to these tables, whose texts are in this language.
    pub fn new((catalogue, language): (&Catalogue, Language), plans: Vec<TablePlan>, query: &Query) -> Self {
        let mut ways = Self::default();
        for plan in plans {
            ways.add((catalogue, language), plan, query);
        }
        ways
    }

    fn add(&mut self, (catalogue, language): (&Catalogue, Language), plan: TablePlan, query: &Query) {
        let ask = |index: &FullTextIndex| query.to_mysql(&lexicon(catalogue, &plan.table, index), language);
        let statements: Vec<Statement> = plan.indexes.iter().map(ask).collect();
        let misses = statements.iter().any(|statement| statement.misses);
        if plan.indexes.is_empty() || misses && is_small(&plan.table) {
            self.advice.extend((!plan.indexes.is_empty()).then(|| Advice::of_words_read(&plan.table.name)));
            self.tables.push(Way { plan, asked: Asking::Rows(query.scan(language)) });
            return;
        }
        self.note(catalogue, &plan, &statements);
        self.tables.extend(Way::by_indexes(plan, statements));
    }

    /// Names the words that the indexes can not hold; where that can make a search miss rows, with what would help.
    fn note(&mut self, catalogue: &Catalogue, plan: &TablePlan, statements: &[Statement]) {
        let misses = statements.iter().any(|statement| statement.misses);
        for demoted in statements.iter().flat_map(|statement| &statement.demoted) {
            if !self.demoted.contains(demoted) {
                self.demoted.push(demoted.clone());
            }
            let advice = mend(catalogue, plan, demoted).filter(|advice| misses && !self.advice.contains(advice));
            self.advice.extend(advice);
        }
    }
}

impl Way {
    /// Of the indexes, those that can find something; nothing where none can.
    fn by_indexes(mut plan: TablePlan, statements: Vec<Statement>) -> Option<Self> {
        let text = |is_grams: bool| {
            let mut all = plan.indexes.iter().zip(&statements).filter(|(index, _)| is_of_grams(index) == is_grams);
            all.find_map(|(_, statement)| statement.text.clone())
        };
        let (words, grams) = (text(false), text(true));
        let exact = statements.iter().all(|statement| statement.exact) && !plan.is_narrowed;
        plan.indexes.retain(|index| if is_of_grams(index) { grams.is_some() } else { words.is_some() });
        // Of several statements, the one that requires the least.
        let statement = statements.into_iter().max_by_key(|statement| statement.demoted.len())?;
        let statement = Box::new(statement.with_exact(exact));
        (!plan.indexes.is_empty()).then_some(Self { plan, asked: Asking::Indexes { words, grams, statement } })
    }

    /// The text for its indexes of words, if it has any.
    pub fn words(&self) -> Option<&str> {
        match &self.asked {
            Asking::Indexes { words, .. } => words.as_deref(),
            Asking::Rows(_) => None,
        }
    }
}

/// The variable of the session that an index is asked by.
pub fn variable(index: &FullTextIndex) -> &'static str {
    if is_of_grams(index) { "altus4_grams" } else { "altus4_query" }
}

fn is_of_grams(index: &FullTextIndex) -> bool {
    matches!(&index.parser, Parser::Plugin(name) if name.eq_ignore_ascii_case("ngram"))
}

/// The words that an index holds: by the engine of its table, its parser and the server's settings.
fn lexicon(catalogue: &Catalogue, table: &Table, index: &FullTextIndex) -> Lexicon {
    match table.engine.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("myisam" | "aria") => return Lexicon::of_myisam(catalogue.word_length_min.unwrap_or(WORD_LENGTH_MIN)),
        Some("mroonga") => return Lexicon::of_everything(),
        _ => {}
    }
    let (min, max) = (catalogue.token_size_min, catalogue.token_size_max);
    let innodb = match &catalogue.stopwords {
        Stopwords::Off => Lexicon::new(min, max, []),
        Stopwords::BuiltIn => Lexicon::with_built_in_stopwords(min, max),
        Stopwords::Own(words) => Lexicon::new(min, max, words.iter().map(String::as_str)),
    };
    match &index.parser {
        Parser::Plugin(_) if is_of_grams(index) => {
            innodb.of_grams(catalogue.ngram_token_size.unwrap_or(NGRAM_TOKEN_SIZE))
        }
        Parser::Plugin(_) => Lexicon::of_everything(),
        Parser::BuiltIn | Parser::Unread => innodb,
    }
}
