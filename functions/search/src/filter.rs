//! `filters`: conditions on columns, beside the words that are searched.
//!
//! A list, `[{"column": "year", "op": "gte", "value": 2020}]`, or in short an object, `{"status": "published", "year":
//! {"gte": 2020, "lt": 2024}}`. All of them have to hold. Which columns there are and what fits into them is known only with
//! the catalogue: [`Filters::on`] makes the condition of one table.

mod bind;
mod read;
mod time;

use mysql_async::Value as Sql;
use serde_json::Value;
use shared::databases::{Ident, SearchOptions, Table, Zone};

use crate::kind::{Kind, compared, visible};
pub use time::seconds_of;

use bind::{Bound, bind};

/// The most conditions of a search.
const CONDITIONS_MAX: usize = 20;
/// The most values in all of them.
const VALUES_MAX: usize = 100;
/// The most characters of a value.
const CHARS_MAX: usize = 1_000;

/// Conditions, all of which have to hold.
#[derive(Debug, Clone, Default)]
pub struct Filters(Vec<Condition>);

/// What one column has to be.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Where it stands in the request.
    pub field: String,
    /// The column, as it was written.
    pub column: String,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Compare(Comparison, Value),
    In(Vec<Value>),
    Between(Value, Value),
    Prefix(String),
    IsNull(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
}

/// A condition of a statement, without the word before it, and its values in the order of their placeholders.
#[derive(Debug, Clone, Default)]
pub struct Restriction {
    /// ` AND …`, or nothing.
    pub sql: String,
    /// One for each placeholder.
    pub values: Vec<Sql>,
}

/// Why a condition can not be put to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It has no such column, or none that may be seen.
    NoColumn,
    /// The column holds other values than this; what would fit.
    Value(&'static str),
}

/// A table that was not searched, because a filter can not be put to it.
#[derive(Debug, Clone)]
pub struct Skipped {
    /// The table.
    pub table: Ident,
    /// The column of the filter.
    pub column: String,
    /// Why.
    pub unfit: Unfit,
}

impl Filters {
    /// Each condition.
    pub fn list(&self) -> &[Condition] {
        &self.0
    }

    /// All of them as a part of a statement on this table.
    pub fn on(&self, table: &Table, options: &SearchOptions, zone: &Zone) -> Result<Restriction, Skipped> {
        let mut restriction = Restriction::default();
        for condition in &self.0 {
            let bound = condition.on(table, options, zone).map_err(|unfit| Skipped {
                table: table.name.clone(),
                column: condition.column.clone(),
                unfit,
            })?;
            restriction.sql.push_str(" AND ");
            restriction.sql.push_str(&bound.sql);
            restriction.values.extend(bound.values);
        }
        Ok(restriction)
    }
}

impl Condition {
    /// This one, in parentheses.
    pub fn on(&self, table: &Table, options: &SearchOptions, zone: &Zone) -> Result<Restriction, Unfit> {
        let column = visible(table, options, &self.column).ok_or(Unfit::NoColumn)?;
        let (kind, left) = (Kind::of(column), compared(table, column));
        let bound = |values: &[&Value]| -> Result<Vec<Bound>, Unfit> {
            values.iter().map(|value| bind(kind, value, zone)).collect::<Result<_, _>>().map_err(Unfit::Value)
        };
        let name = column.name.quoted();
        Ok(match &self.test {
            Test::IsNull(true) => Restriction::of(format!("({name} IS NULL)"), Vec::new()),
            Test::IsNull(false) => Restriction::of(format!("({name} IS NOT NULL)"), Vec::new()),
            Test::Compare(comparison, value) => {
                let right = bound(&[value])?;
                let sql = format!("{left} {} {}", comparison.sign(), right[0].sql);
                // Who asks for another value than this does not ask for one at all.
                let or_none = if *comparison == Comparison::Ne { format!(" OR {name} IS NULL") } else { String::new() };
                Restriction::of(format!("({sql}{or_none})"), right)
            }
            Test::In(values) => {
                let right = bound(&values.iter().collect::<Vec<_>>())?;
                let list = right.iter().map(|bound| bound.sql).collect::<Vec<_>>().join(", ");
                Restriction::of(format!("({left} IN ({list}))"), right)
            }
            Test::Between(low, high) => {
                let right = bound(&[low, high])?;
                Restriction::of(format!("({left} BETWEEN {} AND {})", right[0].sql, right[1].sql), right)
            }
            Test::Prefix(prefix) if kind == Kind::Text => {
                let escaped: String = prefix.chars().flat_map(escape).collect();
                let right = Bound { sql: "?", value: Sql::from(format!("{escaped}%")) };
                // Whatever sql_mode says of backslashes.
                Restriction::of(format!("({left} LIKE ? ESCAPE '|')"), vec![right])
            }
            Test::Prefix(_) => return Err(Unfit::Value("can not be a prefix: the column does not hold text")),
        })
    }
}

impl Restriction {
    fn of(sql: String, bound: Vec<Bound>) -> Self {
        Self { sql, values: bound.into_iter().map(|bound| bound.value).collect() }
    }
}

impl Comparison {
    fn sign(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "<>",
            Self::Lt => "<",
            Self::Lte => "<=",
            Self::Gt => ">",
            Self::Gte => ">=",
        }
    }
}

impl Unfit {
    /// The word for it in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoColumn => "no_such_column",
            Self::Value(_) => "value_does_not_fit",
        }
    }

    /// What would fit, where something else was given.
    pub fn expected(self) -> Option<&'static str> {
        match self {
            Self::NoColumn => None,
            Self::Value(expected) => Some(expected),
        }
    }
}

/// What means more than itself to LIKE means itself behind a `|`.
fn escape(c: char) -> impl Iterator<Item = char> {
    matches!(c, '%' | '_' | '|').then_some('|').into_iter().chain([c])
}
