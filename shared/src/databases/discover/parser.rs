//! Which parser an index has. No table of `information_schema` that a user with SELECT may read says so.

use crate::databases::catalogue::{Catalogue, Ident, Parser, Table};
use crate::databases::connection::Connection;
use crate::databases::fault::Fault;

/// The most tables that are asked, those with the most rows first: each costs a statement. The indexes of the others
/// are `Parser::Unread`.
const TABLES_READ_MAX: usize = 32;

/// Reads the parsers of the indexes, where the server has any but its own: `SHOW CREATE TABLE` needs no more than SELECT
/// (MySQL manual, "SHOW CREATE TABLE Statement"). MariaDB has engines in the place of parsers, and is not asked.
pub async fn read(connection: &mut Connection, catalogue: &mut Catalogue) -> Result<(), Fault> {
    if catalogue.ngram_token_size.is_none() {
        return Ok(());
    }
    let mut indexed: Vec<&mut Table> = catalogue.tables.iter_mut().filter(|table| !table.indexes.is_empty()).collect();
    indexed.sort_by_key(|table| std::cmp::Reverse(table.estimated_rows));
    for (place, table) in indexed.into_iter().enumerate() {
        let text = if place < TABLES_READ_MAX { created_by(connection, &table.name).await? } else { None };
        for index in &mut table.indexes {
            index.parser = text.as_deref().map_or(Parser::Unread, |text| of_index(text, &index.name));
        }
    }
    Ok(())
}

/// The statement that makes the table; none where the server does not want to say, or the table is gone since.
async fn created_by(connection: &mut Connection, table: &Ident) -> Result<Option<String>, Fault> {
    let sql = format!("SHOW CREATE TABLE {}", table.quoted());
    match connection.rows(&sql, mysql_async::Params::Empty).await {
        Ok(rows) => Ok(rows.into_iter().next().and_then(|row| row.get_opt(1)?.ok())),
        Err(fault) if fault.errno.is_some() => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// The parser of one index, from its line: ``FULLTEXT KEY `name` (`column`) /*!50100 WITH PARSER `ngram` */``.
fn of_index(text: &str, index: &Ident) -> Parser {
    let start = format!("FULLTEXT KEY {} (", index.quoted());
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix(&start));
    let line = line.map(|line| line.trim_end_matches([',', ' ']));
    // A comment of the index stands before its parser, so that nothing in it is taken for one.
    match line.and_then(|line| line.strip_suffix("` */")?.rsplit_once("/*!50100 WITH PARSER `")) {
        Some((_, name)) => Parser::Plugin(name.replace("``", "`")),
        None => Parser::BuiltIn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_stands_at_the_end_of_its_index() {
        let text = "CREATE TABLE `t` (\n  `a` text,\n  PRIMARY KEY (`id`),\n  FULLTEXT KEY `plain` (`a`),\n  \
            FULLTEXT KEY `odd ``name` (`a`,`b`) COMMENT 'x' /*!50100 WITH PARSER `ngram` */ ,\n  \
            FULLTEXT KEY `joke` (`a`) COMMENT '/*!50100 WITH PARSER `ngram` */',\n  \
            FULLTEXT KEY `last` (`a`) /*!50100 WITH PARSER `mecab` */\n) ENGINE=InnoDB";
        for (name, parser) in [
            ("plain", Parser::BuiltIn),
            ("odd `name", Parser::Plugin("ngram".to_owned())),
            ("joke", Parser::BuiltIn),
            ("last", Parser::Plugin("mecab".to_owned())),
            ("absent", Parser::BuiltIn),
        ] {
            assert_eq!(of_index(text, &Ident::from_server(name.to_owned())), parser, "{name}");
        }
    }
}
