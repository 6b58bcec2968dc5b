//! What statements cost, in sentences.

use super::{Subject, tables};

/// Rows that a server indexes in a second: a million short texts took 36 seconds on MariaDB 10.11 and 126 on MySQL 9.7.
const ROWS_PER_SECOND: u64 = 10_000;

/// Of a new FULLTEXT index (MySQL manual, "Online DDL Operations": in place, but without concurrent changes of rows).
pub fn of_index(subject: &Subject<'_>) -> String {
    let work = match (tables::is_innodb(subject.table), subject.table.indexes.is_empty()) {
        (true, true) => {
            "The first FULLTEXT index of an InnoDB table rebuilds it, because a hidden column FTS_DOC_ID is added"
        }
        (true, false) => "The server reads the whole table once",
        (false, _) => "The server copies the table",
    };
    format!("{work}. Rows can be read but not written meanwhile: {}", duration(subject))
}

/// Of a rebuild of the whole table.
pub fn of_rebuild(subject: &Subject<'_>) -> String {
    format!("The server copies the table. Rows can be read but not written meanwhile: {}", duration(subject))
}

/// Of an index that goes.
pub const OF_DROP: &str = "Takes a moment, whatever the size of the table; the index can be made anew";

fn duration(subject: &Subject<'_>) -> String {
    let rows = subject.table.estimated_rows;
    let time = match rows / ROWS_PER_SECOND {
        0..=4 => "some seconds".to_owned(),
        seconds @ 5..=119 => format!("about {seconds} seconds"),
        seconds => format!("about {} minutes", seconds / 60),
    };
    format!("{time} for about {rows} rows, longer where texts are long")
}
