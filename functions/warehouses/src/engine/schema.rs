//! What a schema holds, in the words that all dialects share.

/// The name of a table or a view, in the server's own spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// The schema that it is in: for MySQL the database, for SQLite `main`.
    pub schema: String,
    /// Its name.
    pub name: String,
}

/// A table or a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// What its owner says of it, where the server keeps that.
    pub comment: Option<String>,
    /// Its columns, in its own order.
    pub columns: Vec<Column>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as the server prints it, such as `character varying(200)`.
    pub data_type: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// What its owner says of it, where the server keeps that.
    pub comment: Option<String>,
    /// Whether it is the primary key, or a part of it.
    pub is_primary_key: bool,
    /// What it refers to; of several the first by the name of the constraint.
    pub foreign_key: Option<ForeignKey>,
}

/// A column of another table, or of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The table; `schema.table` where it is in another schema.
    pub reference_table: String,
    /// The column.
    pub field: String,
}

/// A name as it stands in a statement: between these signs, which are doubled within it. The sign is `"` as the standard of SQL
/// has it, or `` ` `` where a dialect has that.
pub fn quoted(name: &str, sign: char) -> String {
    let sign = String::from(sign);
    format!("{sign}{}{sign}", name.replace(&sign, &sign.repeat(2)))
}
