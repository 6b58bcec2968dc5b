//! `fields`: which columns come back, and whether the columns that a request names are there at all.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use shared::databases::{Catalogue, Database, Ident, SearchOptions, Settings, Table};
use shared::error::{Invalid, InvalidKind, Refusal};

use crate::facets::Facets;
use crate::filter::{Condition, Unfit};
use crate::kind::visible;
use crate::plan::searched;
use crate::request::SearchRequest;

/// The most columns that are named.
const FIELDS_MAX: usize = 100;

/// Columns that are answered; none for all.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<String>);

impl Fields {
    /// The columns that are shown of a row of this table.
    pub fn on(&self, table: &Table, options: &SearchOptions) -> Vec<Ident> {
        let is_named = |name: &Ident| self.0.iter().any(|field| field.eq_ignore_ascii_case(name.as_str()));
        let names = table.columns.iter().map(|column| &column.name);
        let shown = names.filter(|name| options.shows(&table.name, name) && (self.0.is_empty() || is_named(name)));
        shown.cloned().collect()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default();
        if fields.len() > FIELDS_MAX {
            return Err(D::Error::custom(Refusal(InvalidKind::TooBig, "must be at most 100 columns")));
        }
        Ok(Self(fields))
    }
}

/// Refuses a request that names a column which none of the searched tables has, or asks of it what its values can not be
/// asked. Where some tables have it, the others are left out by a filter, and come last in an order.
pub fn check<'a>(
    known: impl Iterator<Item = (&'a Database, &'a Catalogue)>,
    request: &'a SearchRequest,
) -> Result<(), Invalid> {
    let tables = known.flat_map(|(database, catalogue)| {
        searched(database, catalogue, request).map(|table| Searched { table, settings: &database.settings })
    });
    let tables: Vec<Searched<'_>> = tables.collect();
    // Where nothing can be searched, the answer says why.
    if tables.is_empty() {
        return Ok(());
    }
    let is_known = |name: &str| tables.iter().any(|of| visible(of.table, of.options(), name).is_some());
    for condition in request.filters().list() {
        check_filter(condition, &tables, is_known(&condition.column))?;
    }
    for (number, key) in request.sort().keys().iter().enumerate() {
        let is_ordered = tables.iter().any(|of| key.of(of.table, of.options()).is_some());
        usable(format!("sort[{number}]"), &key.column, is_known(&key.column), is_ordered)?;
    }
    for (number, name) in request.facets().columns().iter().enumerate() {
        let is_counted = tables.iter().any(|of| Facets::of(name, of.table, of.options()).is_some());
        usable(format!("facets[{number}]"), name, is_known(name), is_counted)?;
    }
    match request.fields().0.iter().enumerate().find(|(_, name)| !is_known(name)) {
        Some((number, name)) => Err(unknown(format!("fields[{number}]"), name)),
        None => Ok(()),
    }
}

/// A table of the search.
struct Searched<'a> {
    table: &'a Table,
    settings: &'a Settings,
}

impl Searched<'_> {
    fn options(&self) -> &SearchOptions {
        &self.settings.search_options
    }
}

/// A filter is refused only where it can not be put to any table.
fn check_filter(condition: &Condition, tables: &[Searched<'_>], is_known: bool) -> Result<(), Invalid> {
    if !is_known {
        return Err(unknown(condition.field.clone(), &condition.column));
    }
    let on = |of: &Searched<'_>| condition.on(of.table, of.options(), &of.settings.connection_options.timezone).err();
    let unfit: Option<Vec<Unfit>> = tables.iter().map(on).collect();
    match unfit.and_then(|unfit| unfit.into_iter().find_map(Unfit::expected)) {
        Some(expected) => Err(Invalid::new(condition.field.clone(), InvalidKind::Type, expected)),
        None => Ok(()),
    }
}

fn usable(field: String, name: &str, is_known: bool, is_usable: bool) -> Result<(), Invalid> {
    match (is_known, is_usable) {
        (true, true) => Ok(()),
        (true, false) => {
            let reason = format!("the column {name:?} holds bytes, JSON or shapes, which have no order");
            Err(Invalid::new(field, InvalidKind::Choice, reason))
        }
        (false, _) => Err(unknown(field, name)),
    }
}

/// The same whether there is no such column or it looks like a secret.
fn unknown(field: String, name: &str) -> Invalid {
    Invalid::new(field, InvalidKind::Choice, format!("none of the searched tables has a column named {name:?}"))
}
