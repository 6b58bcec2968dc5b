//! Which tables of a database are searched, by which indexes, and what should be said about the rest.

use shared::databases::{Catalogue, Database, FullTextIndex, Ident, Table, TableKind, is_secret, unsearched};

use crate::answer::Advice;
use crate::request::SearchRequest;

/// The most rows, by the server's estimate, of a table that is read row by row where no index helps.
const READ_ROWS_MAX: u64 = 10_000;

/// The most tables of a database that are, in one search.
const READ_TABLES_MAX: usize = 20;

/// What one database is asked.
pub struct Plan {
    /// The tables that can be searched.
    pub tables: Vec<TablePlan>,
    /// Why others can not.
    pub advice: Vec<Advice>,
    /// Whether nothing can be searched, or not all that was named: an index that was made since would change that.
    pub is_doubtful: bool,
}

/// How one table is searched.
#[derive(Clone)]
pub struct TablePlan {
    /// The table.
    pub table: Table,
    /// The indexes that are asked: together they cover every column of `columns`. None where the table is read row by row.
    pub indexes: Vec<FullTextIndex>,
    /// The columns that are searched.
    pub columns: Vec<Ident>,
    /// Whether the indexes hold more columns than were asked for, so that their hits have to be looked at again.
    pub is_narrowed: bool,
}

/// What the request names and none of the databases has.
pub enum Unknown {
    /// A table.
    Table(String),
    /// A column.
    Column(String),
}

impl Plan {
    /// The plan for a database with this catalogue.
    pub fn new(database: &Database, catalogue: &Catalogue, request: &SearchRequest) -> Self {
        let mut plan = Self { tables: Vec::new(), advice: Vec::new(), is_doubtful: false };
        let named = match request.tables() {
            [] => database.settings.search_options.default_search_tables.as_slice(),
            named => named,
        };
        if named.is_empty() {
            plan.is_doubtful = !catalogue.tables.iter().any(Table::is_searchable);
            catalogue.searchable().for_each(|table| plan.add(catalogue, table, request));
            if plan.tables.is_empty() {
                let others = catalogue.tables.iter().filter(|table| table.indexes.is_empty());
                others.for_each(|table| plan.add(catalogue, table, request));
            }
        } else {
            let known = named.iter().filter_map(|name| catalogue.table(name));
            known.for_each(|table| plan.add(catalogue, table, request));
            plan.is_doubtful = !plan.advice.is_empty();
        }
        plan
    }

    fn add(&mut self, catalogue: &Catalogue, table: &Table, request: &SearchRequest) {
        if table.is_searchable() {
            self.tables.extend(TablePlan::new(table, request.columns()));
            return;
        }
        let advice = unsearched(catalogue, table).into_iter().map(Advice::from);
        let reads = self.tables.iter().filter(|plan| plan.indexes.is_empty()).count();
        match TablePlan::without_index(table, request.columns()).filter(|_| reads < READ_TABLES_MAX) {
            Some(plan) => {
                self.advice.extend(advice.map(Advice::of_read_table));
                self.tables.push(plan);
            }
            None => self.advice.extend(advice),
        }
    }
}

impl TablePlan {
    /// The plan for the named columns, or for all that have an index; none where no index covers any of them.
    fn new(table: &Table, named: &[String]) -> Option<Self> {
        let is_asked = |column: &Ident| is_asked(column, named);
        // The widest first, so that few indexes cover all columns.
        let mut by_width: Vec<&FullTextIndex> = table.indexes.iter().collect();
        by_width.sort_by_key(|index| (std::cmp::Reverse(index.columns.len()), &index.name));
        let (mut indexes, mut columns) = (Vec::new(), Vec::new());
        for index in by_width {
            let is_new = |column: &&Ident| is_asked(column) && !columns.contains(*column);
            let new: Vec<Ident> = index.columns.iter().filter(is_new).cloned().collect();
            if !new.is_empty() {
                columns.extend(new);
                indexes.push(index.clone());
            }
        }
        let is_narrowed = indexes.iter().flat_map(|index| &index.columns).any(|column| !columns.contains(column));
        (!indexes.is_empty()).then(|| Self { table: table.clone(), indexes, columns, is_narrowed })
    }
}

impl TablePlan {
    /// The plan for a table without an index that is small enough to be read row by row.
    fn without_index(table: &Table, named: &[String]) -> Option<Self> {
        let texts = table.columns.iter().filter(|column| column.is_text() && is_asked(&column.name, named));
        let columns: Vec<Ident> = texts.map(|column| column.name.clone()).collect();
        let is_readable = table.indexes.is_empty() && table.has_shown_key() && is_small(table) && !columns.is_empty();
        is_readable.then(|| Self { table: table.clone(), indexes: Vec::new(), columns, is_narrowed: false })
    }
}

/// Whether it may be read row by row. A view may stand for any number of rows.
pub fn is_small(table: &Table) -> bool {
    table.kind == TableKind::Table && table.estimated_rows <= READ_ROWS_MAX
}

/// A secret is not only kept out of the answer: who can search in it can guess it word by word.
fn is_asked(column: &Ident, named: &[String]) -> bool {
    let is_named = || named.iter().any(|name| column.as_str().eq_ignore_ascii_case(name));
    !is_secret(column.as_str()) && (named.is_empty() || is_named())
}

/// The first name of the request that none of the catalogues knows.
pub fn unknown_name<'a>(
    catalogues: &(impl Iterator<Item = &'a Catalogue> + Clone),
    request: &SearchRequest,
) -> Option<Unknown> {
    let tables = || catalogues.clone().flat_map(|catalogue| &catalogue.tables);
    let no_table = |name: &&String| tables().all(|table| table.name.as_str() != **name);
    let no_column = |name: &&String| tables().all(|table| table.column(name).is_none());
    let table = request.tables().iter().find(no_table).map(|name| Unknown::Table(name.clone()));
    table.or_else(|| request.columns().iter().find(no_column).map(|name| Unknown::Column(name.clone())))
}
