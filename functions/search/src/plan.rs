//! Which tables of a database are searched, by which indexes, and what should be said about the rest.

use shared::databases::{Catalogue, Database, FullTextIndex, Ident, SearchOptions, Table, TableKind, Zone, unsearched};

use crate::answer::Advice;
use crate::cursor::Position;
use crate::filter::{Restriction, Skipped};
use crate::request::SearchRequest;
use crate::sort::SortBy;
use crate::statement::Window;

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
    /// Tables that a filter can not be put to.
    pub skipped: Vec<Skipped>,
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
    /// What rows have to be besides.
    pub restriction: Restriction,
    /// By which expressions they are sorted; none for relevance.
    pub sort: Vec<SortBy>,
    /// By which expressions values are counted, for each facet; nothing for one that the table does not have.
    pub facets: Vec<Option<String>>,
    /// The columns that are shown of a row.
    pub shown: Vec<Ident>,
    /// From which place of its order on it is read, and how many rows the page needs of it.
    pub window: Window,
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
    pub fn new(database: &Database, catalogue: &Catalogue, request: &SearchRequest, position: &Position) -> Self {
        let (tables, advice, skipped) = (Vec::new(), Vec::new(), Vec::new());
        let mut plan = Self { tables, advice, skipped, is_doubtful: false };
        let named = named(database, request);
        if named.is_empty() {
            let options = &database.settings.search_options;
            plan.is_doubtful = !catalogue.tables.iter().any(|table| is_searchable(table, options));
            catalogue.searchable().for_each(|table| plan.add(database, catalogue, table, request));
            if plan.tables.is_empty() && plan.skipped.is_empty() {
                let others = catalogue.tables.iter().filter(|table| table.indexes.is_empty());
                others.for_each(|table| plan.add(database, catalogue, table, request));
            }
        } else {
            let known = named.iter().filter_map(|name| catalogue.table(name));
            known.for_each(|table| plan.add(database, catalogue, table, request));
            plan.is_doubtful = !plan.advice.is_empty();
        }
        for table in &mut plan.tables {
            table.window = Window { from: position.of(database.id, &table.table.name), rows: request.wanted(position) };
        }
        plan
    }

    fn add(&mut self, database: &Database, catalogue: &Catalogue, table: &Table, request: &SearchRequest) {
        let settings = &database.settings;
        let (options, zone) = (&settings.search_options, &settings.connection_options.timezone);
        if is_searchable(table, options) {
            match TablePlan::by_indexes(table, options, zone, request) {
                Ok(plan) => self.tables.extend(plan),
                Err(skipped) => self.skipped.push(skipped),
            }
            return;
        }
        let advice = unsearched(catalogue, table).into_iter().map(Advice::from);
        let reads = self.tables.iter().filter(|plan| plan.indexes.is_empty()).count();
        if reads >= READ_TABLES_MAX || !is_readable(table, options, request) {
            self.advice.extend(advice);
            return;
        }
        match TablePlan::without_index(table, options, zone, request) {
            Ok(plan) => {
                self.advice.extend(advice.map(Advice::of_read_table));
                self.tables.push(plan);
            }
            Err(skipped) => self.skipped.push(skipped),
        }
    }
}

impl TablePlan {
    /// The plan for the named columns, or for all that have an index; none where no index covers any of them.
    fn by_indexes(
        table: &Table,
        options: &SearchOptions,
        zone: &Zone,
        request: &SearchRequest,
    ) -> Result<Option<Self>, Skipped> {
        let is_asked = |column: &Ident| is_asked(table, column, options, request);
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
        if indexes.is_empty() {
            return Ok(None);
        }
        let is_narrowed = indexes.iter().flat_map(|index| &index.columns).any(|column| !columns.contains(column));
        let plan = Self::without_index(table, options, zone, request)?;
        Ok(Some(Self { indexes, columns, is_narrowed, ..plan }))
    }

    /// The plan for a table that is read row by row.
    fn without_index(
        table: &Table,
        options: &SearchOptions,
        zone: &Zone,
        request: &SearchRequest,
    ) -> Result<Self, Skipped> {
        Ok(Self {
            restriction: request.filters().on(table, options, zone)?,
            sort: request.sort().on(table, options),
            facets: request.facets().on(table, options),
            shown: request.fields().on(table, options),
            window: Window::default(),
            table: table.clone(),
            indexes: Vec::new(),
            columns: texts(table, options, request).cloned().collect(),
            is_narrowed: false,
        })
    }
}

/// The tables that the request names, or those that the connection searches by default; none for all.
fn named<'a>(database: &'a Database, request: &'a SearchRequest) -> &'a [String] {
    match request.tables() {
        [] => database.settings.search_options.default_search_tables.as_slice(),
        named => named,
    }
}

/// The tables of a database that a search asks: those with an index, and small ones without where they are named or there
/// are no others.
pub fn searched<'a>(
    database: &'a Database,
    catalogue: &'a Catalogue,
    request: &'a SearchRequest,
) -> impl Iterator<Item = &'a Table> {
    let (named, options) = (named(database, request), &database.settings.search_options);
    let is_named = move |table: &&Table| named.is_empty() || named.iter().any(|name| *name == table.name.as_str());
    let are_read = !named.is_empty() || !catalogue.tables.iter().any(|table| is_searchable(table, options));
    let is_asked =
        move |table: &&Table| is_searchable(table, options) || are_read && is_readable(table, options, request);
    catalogue.tables.iter().filter(is_named).filter(is_asked)
}

/// Whether a table has an index, and a primary key that may be shown.
fn is_searchable(table: &Table, options: &SearchOptions) -> bool {
    !table.indexes.is_empty() && has_shown_key(table, options)
}

/// Whether a table without an index is small enough to be read row by row, and has what is asked for.
fn is_readable(table: &Table, options: &SearchOptions, request: &SearchRequest) -> bool {
    let has_texts = || texts(table, options, request).next().is_some();
    table.indexes.is_empty() && has_shown_key(table, options) && is_small(table) && has_texts()
}

fn has_shown_key(table: &Table, options: &SearchOptions) -> bool {
    let key = &table.primary_key;
    !key.is_empty() && key.iter().all(|column| options.shows(&table.name, column))
}

/// Whether it may be read row by row. A view may stand for any number of rows.
pub fn is_small(table: &Table) -> bool {
    table.kind == TableKind::Table && table.estimated_rows <= READ_ROWS_MAX
}

/// The columns of text that are asked for.
fn texts<'a>(
    table: &'a Table,
    options: &'a SearchOptions,
    request: &'a SearchRequest,
) -> impl Iterator<Item = &'a Ident> {
    let texts = table.columns.iter().filter(|column| column.is_text()).map(|column| &column.name);
    texts.filter(|column| is_asked(table, column, options, request))
}

/// A secret is not only kept out of the answer: who can search in it can guess it word by word.
fn is_asked(table: &Table, column: &Ident, options: &SearchOptions, request: &SearchRequest) -> bool {
    let named = request.columns();
    let is_named = || named.iter().any(|name| column.as_str().eq_ignore_ascii_case(name));
    options.shows(&table.name, column) && (named.is_empty() || is_named())
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
