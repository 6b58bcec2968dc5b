//! What would let an index find a word that it can not hold.

use shared::databases::{Catalogue, Flavour, Ident};

use crate::answer::Advice;
use crate::plan::TablePlan;
use crate::query::{Demoted, Reason};

/// In two statements, for in one the server sees that nothing changes.
const ANEW: &str = "make the index anew: drop it and, in a second statement, add it again";

/// What the owner of the server can do; nothing where nothing can be done.
pub fn mend(catalogue: &Catalogue, plan: &TablePlan, demoted: &Demoted) -> Option<Advice> {
    let (table, word) = (&plan.table.name, &demoted.word);
    let is_myisam = plan.table.engine.as_deref().is_some_and(|engine| !engine.eq_ignore_ascii_case("InnoDB"));
    let chars = word.chars().count();
    let (description, sql) = match demoted.reason {
        Reason::TooLong => return None,
        Reason::TooShort => {
            let variable = if is_myisam { "ft_min_word_len" } else { "innodb_ft_min_token_size" };
            let what = format!("Words of {chars} characters are not in the index of {table}");
            (format!("{what}: set {variable} to {chars} in the server's configuration and {ANEW}"), None)
        }
        Reason::Stopword => {
            let what = format!("The index of {table} leaves out words such as {word:?}");
            let how = if is_myisam { "ft_stopword_file to an empty text" } else { "innodb_ft_enable_stopword to OFF" };
            (format!("{what}: set {how} and {ANEW}"), None)
        }
        Reason::Unsegmented => {
            let what = format!("The index of {table} holds no parts of text without blanks, such as {word:?}");
            match (catalogue.flavour, catalogue.has_mroonga) {
                (Flavour::MySql, _) => (format!("{what}: the parser ngram does"), Some(with_ngram(plan))),
                (Flavour::MariaDb, true) => {
                    let sql = format!("ALTER TABLE {} ENGINE=Mroonga", table.quoted());
                    (format!("{what}: the engine Mroonga does"), Some(sql))
                }
                (Flavour::MariaDb, false) => (format!("{what}: the engine Mroonga does, once it is installed"), None),
            }
        }
    };
    Some(Advice::of_index("high", description, sql))
}

/// By another name, for the server takes the old name to mean the old index, whatever the parser.
fn with_ngram(plan: &TablePlan) -> String {
    const NAME_CHARS_MAX: usize = 64;
    let anew = plan.indexes.iter().map(|index| {
        let base: String = index.name.as_str().chars().take(NAME_CHARS_MAX - "_ngram".len()).collect();
        let (old, new) = (index.name.quoted(), base.replace('`', "``"));
        let columns = index.columns.iter().map(Ident::quoted).collect::<Vec<_>>().join(", ");
        format!("DROP INDEX {old}, ADD FULLTEXT `{new}_ngram` ({columns}) WITH PARSER ngram")
    });
    format!("ALTER TABLE {} {}", plan.table.name.quoted(), anew.collect::<Vec<_>>().join(", "))
}
