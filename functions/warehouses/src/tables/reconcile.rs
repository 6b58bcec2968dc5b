//! The tables that are known of a connection, held to those that its server has listed.

use std::collections::{BTreeMap, BTreeSet};

use shared::app::App;
use shared::error::Resource;
use shared::id::TableId;
use shared::warehouses::{Found, Status, TABLES_MAX, Table, Warehouse};
use shared::{Error, Result};

use crate::attempt::Seen;

/// How often this is done anew where somebody else adds tables at the same moment.
const TRIES: usize = 5;

/// What differs between what is known and what is there.
#[derive(Default)]
struct Difference {
    new: Vec<Found>,
    gone: Vec<TableId>,
    /// Those that were gone, by whether they have been looked into.
    back: BTreeMap<bool, Vec<TableId>>,
}

/// Keeps what was seen of a connection that is stored by now, and says what is to be told of it. That it could not be kept is
/// no failure of what was stored: a refresh makes up for it.
pub async fn note(app: &App, warehouse: &Warehouse, seen: Seen) -> Option<String> {
    let warning = seen.warning();
    match reconcile(app, warehouse.clone(), seen.tables).await {
        Ok(_) => warning,
        Err(_) => Some("Its tables could not be listed just now: ask for a refresh".to_owned()),
    }
}

/// Adds what is new as not scanned, and says of what has vanished that it has. Nothing that is known of a table is lost.
pub async fn reconcile(app: &App, mut warehouse: Warehouse, listed: Vec<Found>) -> Result<Vec<Table>> {
    let listed: BTreeSet<Found> = listed.into_iter().collect();
    let (owner, id) = (warehouse.owner, warehouse.id);
    for _ in 0..TRIES {
        let now = app.clock.now();
        let difference = Difference::between(&app.warehouses.tables(owner, id).await?, &listed, now);
        let back = difference.back.into_iter();
        let back = back.map(|(is_known, ids)| (if is_known { Status::Scanned } else { Status::NotScanned }, ids));
        for (status, ids) in [(Status::Deprecated, difference.gone)].into_iter().chain(back) {
            app.warehouses.note_tables(owner, &ids, status, now).await?;
        }
        if app.warehouses.add_tables(&mut warehouse, difference.new, now).await? {
            return app.warehouses.tables(owner, id).await;
        }
        let missing = Error::NotFound(Resource::Warehouse);
        warehouse = app.warehouses.get(owner, id).await?.ok_or(missing)?;
    }
    Err(Error::ConnectionChanged)
}

impl Difference {
    fn between(known: &[Table], listed: &BTreeSet<Found>, now: shared::clock::Timestamp) -> Self {
        let mut difference = Self::default();
        let mut names = BTreeSet::new();
        for table in known {
            let name = Found { schema: table.schema.clone(), name: table.name.clone() };
            let was_gone = table.status(now).0 == Status::Deprecated;
            match (listed.contains(&name), was_gone) {
                (false, false) => difference.gone.push(table.id),
                (true, true) => difference.back.entry(table.scanned.is_some()).or_default().push(table.id),
                _ => {}
            }
            names.insert(name);
        }
        let room = TABLES_MAX.saturating_sub(known.len());
        difference.new = listed.difference(&names).take(room).cloned().collect();
        difference
    }
}
