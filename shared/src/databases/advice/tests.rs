//! What depends on the server: the same tables on MySQL, on MariaDB, and on a MariaDB with Mroonga.

use super::*;
use crate::clock::Timestamp;
use crate::databases::catalogue::{ForeignKey, FullTextIndex, Parser, Stopwords};

const CJK: [&str; 1] = ["日本語の全文検索"];

fn ident(name: &str) -> Ident {
    Ident::from_server(name.to_owned())
}

fn index(name: &str, columns: &[&str], parser: Parser) -> FullTextIndex {
    let columns = columns.iter().map(|name| ident(name)).collect();
    FullTextIndex { name: ident(name), columns, parser, cardinality: None }
}

fn table(name: &str, indexes: Vec<FullTextIndex>) -> Table {
    Table {
        name: ident(name),
        kind: TableKind::Table,
        engine: Some("InnoDB".to_owned()),
        collation: Some("utf8mb4_bin".to_owned()),
        partitioned: false,
        columns: vec![Column::named("id", "int"), Column::named("title", "text"), Column::named("body", "text")],
        indexes,
        primary_key: vec![ident("id")],
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        estimated_rows: 3_000_000,
    }
}

fn server(flavour: Flavour, tables: Vec<Table>) -> Catalogue {
    let is_mysql = flavour == Flavour::MySql;
    Catalogue {
        version: String::new(),
        flavour,
        token_size_min: 2,
        token_size_max: 84,
        word_length_min: None,
        ngram_token_size: is_mysql.then_some(2),
        has_mroonga: !is_mysql,
        language: None,
        stopwords: Stopwords::Off,
        tables,
        read_at: Timestamp::from_epoch_ms(0),
    }
}

/// Kinds and statements, where `t.body` holds Japanese.
fn advised(catalogue: &Catalogue) -> Vec<(Kind, Option<String>)> {
    let advice = advise(catalogue, &Sample::of("t", "body", &CJK));
    advice.into_iter().map(|one| (one.kind, one.query)).collect()
}

#[test]
fn on_mysql_an_index_of_japanese_is_made_by_ngram() {
    let sql = |text: &str| Some(text.to_owned());
    for (indexes, expected) in [
        (vec![], (Kind::MissingIndex, sql("ALTER TABLE `t` ADD FULLTEXT (`title`, `body`) WITH PARSER ngram"))),
        (
            vec![index("i", &["title", "body"], Parser::BuiltIn)],
            (
                Kind::NgramParser,
                sql("ALTER TABLE `t` DROP INDEX `i`, ADD FULLTEXT `i_ngram` (`title`, `body`) WITH PARSER ngram"),
            ),
        ),
        (
            vec![
                index("i", &["title", "body"], Parser::BuiltIn),
                index("i_ngram", &["body", "title"], Parser::Plugin("ngram".to_owned())),
            ],
            (Kind::NgramParser, sql("ALTER TABLE `t` DROP INDEX `i`")),
        ),
    ] {
        assert_eq!(advised(&server(Flavour::MySql, vec![table("t", indexes)])), [expected]);
    }
    let unread = vec![index("i", &["title", "body"], Parser::Unread)];
    assert_eq!(advised(&server(Flavour::MySql, vec![table("t", unread)])), []);
}

#[test]
fn a_new_name_is_free_and_not_too_long() {
    let long = "ü".repeat(64);
    let indexes = vec![index(&long, &["title", "body"], Parser::BuiltIn)];
    let query = advised(&server(Flavour::MySql, vec![table("t", indexes)]))[0].1.clone().unwrap();
    let name = query.split("ADD FULLTEXT `").nth(1).unwrap().split('`').next().unwrap();
    assert!(name.chars().count() <= 64 && name.ends_with("_ngram"), "{query}");
}

#[test]
fn on_mariadb_a_table_with_japanese_moves_to_mroonga_unless_keys_hold_it() {
    let indexed = || vec![index("i", &["title", "body"], Parser::BuiltIn)];
    let alone = server(Flavour::MariaDb, vec![table("t", indexed())]);
    assert_eq!(advised(&alone), [(Kind::Mroonga, Some("ALTER TABLE `t` ENGINE = Mroonga".to_owned()))]);

    let mut child = table("child", indexed());
    child.foreign_keys = vec![ForeignKey {
        name: ident("fk"),
        columns: vec![ident("id")],
        referenced_schema: None,
        referenced_table: ident("t"),
        referenced_columns: vec![ident("id")],
    }];
    assert_eq!(advised(&server(Flavour::MariaDb, vec![table("t", indexed()), child])), [(Kind::Mroonga, None)]);

    let without = Catalogue { has_mroonga: false, ..alone };
    assert_eq!(advised(&without), [(Kind::Mroonga, None)]);
}

#[test]
fn a_partitioned_table_has_no_index_on_mysql_and_one_on_mariadb() {
    let parts = || Table { partitioned: true, ..table("parts", vec![]) };
    assert_eq!(advised(&server(Flavour::MySql, vec![parts()])), [(Kind::Partitioned, None)]);
    assert_eq!(advised(&server(Flavour::MariaDb, vec![parts()]))[0].0, Kind::MissingIndex);
}

#[test]
fn words_that_a_server_drops_are_told_by_its_engines() {
    let indexed = vec![index("i", &["title", "body"], Parser::BuiltIn)];
    let of = |engine: &str, token_size_min, word_length_min| {
        let tables = vec![Table { engine: Some(engine.to_owned()), ..table("x", indexed.clone()) }];
        let found = advise(
            &Catalogue { token_size_min, word_length_min: Some(word_length_min), ..server(Flavour::MySql, tables) },
            &Sample::default(),
        );
        found.into_iter().map(|one| (one.kind, one.impact)).collect::<Vec<_>>()
    };
    assert_eq!(of("InnoDB", 3, 9), [(Kind::TokenSize, Impact::Low)]);
    assert_eq!(of("InnoDB", 5, 9), [(Kind::TokenSize, Impact::Medium)]);
    assert_eq!(of("InnoDB", 2, 9), []);
    assert_eq!(of("MyISAM", 3, 4), [(Kind::TokenSize, Impact::Medium)]);
}

#[test]
fn a_cost_grows_with_the_rows() {
    let found = advise(&server(Flavour::MySql, vec![table("x", vec![])]), &Sample::default());
    let cost = found[0].cost.as_deref().unwrap();
    assert!(cost.contains("FTS_DOC_ID") && cost.contains("about 5 minutes"), "{cost}");
}
