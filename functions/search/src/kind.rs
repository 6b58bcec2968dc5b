//! What kind of values a column holds, and by which expression it is compared, ordered and counted.

use shared::databases::{Column, SearchOptions, Table};

/// Characters of a text that it is ordered by.
const SORTED_CHARS: usize = 100;

/// Bytes of what a text is ordered by: fewer than `max_sort_length` (MySQL manual, "Server System Variables"), behind which
/// a server sees no difference.
const SORTED_BYTES: usize = 255;

/// Characters of a text that it is counted by.
const COUNTED_CHARS: usize = 255;

/// What kind of values a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers, and what MySQL calls a boolean.
    Integer,
    /// Numbers of so many digits.
    Decimal,
    /// Numbers of 32 bits.
    Float,
    /// Numbers of 64 bits.
    Double,
    /// Up to 64 bits, as a number.
    Bits,
    /// A year.
    Year,
    /// Characters; one or some of a list of words; an address.
    Text,
    /// Bytes.
    Bytes,
    /// A day, with or without a time.
    Instant,
    /// A time of a day, or a span of it.
    Time,
    /// JSON, geometry, and what newer servers have.
    Other,
}

impl Kind {
    /// By the name of the type, as the server prints it (MySQL manual, "Data Types"; MariaDB, "Data Types").
    pub fn of(column: &Column) -> Self {
        match column.base_type().as_str() {
            "tinyint" | "smallint" | "mediumint" | "int" | "bigint" => Self::Integer,
            "decimal" => Self::Decimal,
            "float" => Self::Float,
            "double" => Self::Double,
            "bit" => Self::Bits,
            "year" => Self::Year,
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set" | "uuid"
            | "inet4" | "inet6" => Self::Text,
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Self::Bytes,
            "date" | "datetime" | "timestamp" => Self::Instant,
            "time" => Self::Time,
            _ => Self::Other,
        }
    }

    /// Whether rows can be ordered by it, across tables and servers.
    pub fn is_ordered(self) -> bool {
        !matches!(self, Self::Bytes | Self::Other)
    }

    /// Whether its values can be counted.
    pub fn is_counted(self) -> bool {
        self.is_ordered()
    }
}

/// The column of this name, if a caller may see it.
pub fn visible<'a>(table: &'a Table, options: &SearchOptions, name: &str) -> Option<&'a Column> {
    table.column(name).filter(|column| options.shows(&table.name, &column.name))
}

/// By what a column is compared. Text that is not in the character set of the session is converted to it: a constant that
/// the column's own set does not have would be an error (MySQL manual, "Collation Coercibility in Expressions").
pub fn compared(table: &Table, column: &Column) -> String {
    let name = column.name.quoted();
    match Kind::of(column) {
        Kind::Bits | Kind::Year => format!("({name} + 0)"),
        Kind::Text => {
            let collation = table.collation_of(column).unwrap_or_default();
            if column.is_text() && collation.starts_with("utf8mb4") {
                name
            } else if collation.ends_with("_bin") || collation.ends_with("_cs") {
                format!("CONVERT({name} USING utf8mb4) COLLATE utf8mb4_bin")
            } else {
                format!("CONVERT({name} USING utf8mb4)")
            }
        }
        _ => name,
    }
}

/// By what rows are ordered: a value that has the same place whatever the table and the server.
///
/// Text is ordered by its weights in `utf8mb4_unicode_ci`, which both kinds of server have with the same weights and whose
/// bytes we can compare; a date that is none is null, as in answers.
pub fn ordered(column: &Column) -> String {
    let name = column.name.quoted();
    match Kind::of(column) {
        Kind::Bits | Kind::Year => format!("({name} + 0)"),
        Kind::Float => format!("({name} + 0e0)"),
        Kind::Instant => format!("IF(MONTH({name}) > 0 AND DAYOFMONTH({name}) > 0, {name}, NULL)"),
        Kind::Text => format!(
            "LEFT(WEIGHT_STRING(LEFT(CONVERT({name} USING utf8mb4), {SORTED_CHARS}) COLLATE utf8mb4_unicode_ci), \
             {SORTED_BYTES})"
        ),
        _ => name,
    }
}

/// By what values are counted: texts are the same if the column's collation says so, up to a length.
pub fn counted(table: &Table, column: &Column) -> String {
    match Kind::of(column) {
        Kind::Text => format!("LEFT({}, {COUNTED_CHARS})", compared(table, column)),
        Kind::Instant => ordered(column),
        _ => compared(table, column),
    }
}
