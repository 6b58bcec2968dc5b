//! What the server says of itself: whose it is, and what its full-text indexes leave out.

use std::collections::HashMap;

use mysql_async::Params;

use super::{ident, parse};
use crate::databases::catalogue::{Flavour, Stopwords};
use crate::databases::connection::Connection;
use crate::databases::fault::{Fault, Reason};

/// What InnoDB has where nobody has said anything else (MySQL manual, "Fine-Tuning MySQL Full-Text Search").
const TOKEN_SIZES: (usize, usize) = (3, 84);

/// What the server says of itself.
pub struct Server {
    pub version: String,
    pub flavour: Flavour,
    pub token_size_min: usize,
    pub token_size_max: usize,
    pub word_length_min: Option<usize>,
    pub ngram_token_size: Option<usize>,
    pub has_mroonga: bool,
    stopwords_on: bool,
    stopword_table: Option<String>,
}

impl Server {
    /// By `SHOW VARIABLES`, because `SELECT @@name` is an error where a server has no variable of this name.
    pub async fn read(connection: &mut Connection) -> Result<Self, Fault> {
        const SQL: &str = "SHOW VARIABLES WHERE Variable_name IN ('version', 'innodb_ft_min_token_size', \
             'innodb_ft_max_token_size', 'innodb_ft_enable_stopword', 'innodb_ft_user_stopword_table', \
             'innodb_ft_server_stopword_table', 'ft_min_word_len', 'ngram_token_size', 'mroonga_version')";
        let rows = connection.rows(SQL, Params::Empty).await?;
        let variables = rows.into_iter().map(parse).collect::<Result<HashMap<String, String>, Fault>>()?;
        let text = |name: &str| variables.get(name).filter(|value| !value.is_empty());
        let number = |name: &str| text(name).and_then(|value| value.parse().ok());
        let version = text("version").ok_or(Reason::Protocol.alone())?.clone();
        Ok(Self {
            flavour: if version.to_lowercase().contains("mariadb") { Flavour::MariaDb } else { Flavour::MySql },
            version,
            token_size_min: number("innodb_ft_min_token_size").unwrap_or(TOKEN_SIZES.0),
            token_size_max: number("innodb_ft_max_token_size").unwrap_or(TOKEN_SIZES.1),
            word_length_min: number("ft_min_word_len"),
            ngram_token_size: number("ngram_token_size"),
            has_mroonga: text("mroonga_version").is_some(),
            stopwords_on: text("innodb_ft_enable_stopword").is_none_or(|value| value != "OFF"),
            stopword_table: text("innodb_ft_user_stopword_table").or(text("innodb_ft_server_stopword_table")).cloned(),
        })
    }

    /// The words that the server leaves out. A list that our user may not read is taken to be the built-in one, which is
    /// the better guess: a word that is wrongly thought to be indexed makes a search find nothing.
    pub async fn stopwords(&self, connection: &mut Connection) -> Result<Stopwords, Fault> {
        let Some((schema, table)) = self.stopword_table.as_deref().and_then(|name| name.split_once('/')) else {
            return Ok(if self.stopwords_on { Stopwords::BuiltIn } else { Stopwords::Off });
        };
        let sql =
            format!("SELECT LOWER(value) FROM {}.{} LIMIT 10000", ident(schema)?.quoted(), ident(table)?.quoted());
        match connection.rows(&sql, Params::Empty).await {
            Ok(rows) => Ok(Stopwords::Own(
                rows.into_iter().map(parse::<(String,)>).map(|row| Ok(row?.0)).collect::<Result<_, Fault>>()?,
            )),
            Err(Fault { reason: Reason::Permission | Reason::SchemaChanged | Reason::NoSuchDatabase, .. }) => {
                Ok(Stopwords::BuiltIn)
            }
            Err(fault) => Err(fault),
        }
    }
}
