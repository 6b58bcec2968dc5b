//! How much databases and tables count.

use std::collections::HashMap;

use shared::databases::Ident;
use shared::id::DatabaseId;

use super::columns::bounded;

/// Weights of databases by id and of tables by name, in any case; 1 for what has none.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    databases: HashMap<String, f64>,
    tables: HashMap<String, f64>,
}

impl Sources {
    /// Weights are held within 0.1 and 10.
    pub fn new(databases: &HashMap<String, f64>, tables: &HashMap<String, f64>) -> Self {
        let read = |weights: &HashMap<String, f64>| {
            weights.iter().map(|(name, weight)| (name.to_lowercase(), bounded(*weight))).collect()
        };
        Self { databases: read(databases), tables: read(tables) }
    }

    /// What a row of this table counts, against one of the weightiest that can be: 0 to 1.
    pub fn share(&self, database: DatabaseId, table: &Ident) -> f64 {
        let of = |weights: &HashMap<String, f64>, name: &str| {
            let most = weights.values().copied().fold(1.0, f64::max);
            weights.get(&name.to_lowercase()).copied().unwrap_or(1.0) / most
        };
        if self.databases.is_empty() && self.tables.is_empty() {
            return 1.0;
        }
        of(&self.databases, &database.to_string()) * of(&self.tables, table.as_str())
    }
}
