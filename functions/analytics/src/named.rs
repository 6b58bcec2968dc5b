//! Databases as a request names them.

use shared::Result;
use shared::error::{Error, Invalid, InvalidKind, Resource};
use shared::id::DatabaseId;

/// The ids. One that can be none gets the answer of one that is nobody's; a stranger's finds nothing, as one's own does
/// that was never searched or was removed.
pub fn database_ids(named: &[String]) -> Result<Vec<DatabaseId>> {
    named.iter().map(|text| text.parse().map_err(|_| Error::NotFound(Resource::SearchedDatabase))).collect()
}

/// The one that is named, where one is.
pub fn database_id(named: &[String]) -> Result<Option<DatabaseId>> {
    match database_ids(named)?.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => Err(Invalid::new("database", InvalidKind::TooBig, "must be one database").into()),
    }
}
