use serde_json::Value;
use shared::app::App;
use shared::audit::Action;
use shared::error::Misfit;
use shared::http::{FromBody, Lax, OwnedTable, Reply, State, Witness};
use shared::warehouses::{ForeignKey, Metadata, Refused, Said, SaidOfColumn, Table};
use shared::{Result, audit};

use super::view::TableView;
use crate::lax::{Fields, whole};

/// The longest description.
const TEXT_MAX: usize = 4_000;
/// The longest name.
const NAME_MAX: usize = 255;
/// The most columns of one request: MySQL has tables of 4,096.
const COLUMNS_MAX: usize = 4_096;
/// The most categories of a column.
const CATEGORIES_MAX: usize = 100;
/// Bytes of metadata, as JSON.
const METADATA_MAX: usize = 16_384;

/// What an owner says of a table, in whatever words. What is not there stays as it is.
pub struct Words {
    description: Option<String>,
    columns: Vec<(String, SaidOfColumn)>,
    metadata: Option<Metadata>,
}

impl FromBody for Words {
    fn read(body: Value) -> Result<Self, Vec<Misfit>> {
        whole(body, |fields| Self {
            description: fields.optional_text("description", TEXT_MAX),
            columns: fields.objects("columns", COLUMNS_MAX, column).unwrap_or_default(),
            metadata: fields.free("metadata", METADATA_MAX),
        })
    }
}

/// `PATCH` and `PUT /api/v1/table-descriptions/{tableId}`: the two generations call the same thing differently.
pub async fn describe(
    State(app): State<App>,
    OwnedTable { owner, mut table, warehouse }: OwnedTable,
    witness: Witness,
    Lax(words): Lax<Words>,
) -> Result<Reply<TableView>> {
    let said = words.added_to(&table)?;
    let entry: audit::Entry = witness.saw(owner, Action::TableDescribed, table.id);
    app.warehouses.say(owner, &table, &said, &entry).await?;
    table.said = Some(said);
    Ok(Reply::ok(TableView::new(table, warehouse.settings.dialect, app.clock.now())))
}

impl Words {
    fn added_to(self, table: &Table) -> Result<Said, Refused> {
        let mut said = table.said.clone().unwrap_or_default();
        said.description = self.description.or(said.description);
        said.metadata = self.metadata.or(said.metadata);
        let known = table.scanned.as_ref().map(|scanned| scanned.columns.as_slice()).unwrap_or_default();
        for (name, new) in self.columns {
            if !known.iter().any(|column| column.name == name) {
                return Err(Refused::UnknownColumn(name));
            }
            let before = said.columns.remove(&name).unwrap_or_default();
            said.columns.insert(name, over(before, new));
        }
        Ok(said)
    }
}

/// The one, where the other says nothing.
fn over(before: SaidOfColumn, new: SaidOfColumn) -> SaidOfColumn {
    SaidOfColumn {
        description: new.description.or(before.description),
        is_primary_key: new.is_primary_key.or(before.is_primary_key),
        data_type: new.data_type.or(before.data_type),
        low_cardinality: new.low_cardinality.or(before.low_cardinality),
        categories: new.categories.or(before.categories),
        foreign_key: new.foreign_key.or(before.foreign_key),
    }
}

fn column(fields: &mut Fields<'_>) -> (String, SaidOfColumn) {
    let name = fields.text("name", NAME_MAX);
    let said = SaidOfColumn {
        description: fields.optional_text("description", TEXT_MAX),
        is_primary_key: fields.optional_flag("is_primary_key"),
        data_type: fields.optional_text("data_type", NAME_MAX),
        low_cardinality: fields.optional_flag("low_cardinality"),
        categories: fields.texts("categories", CATEGORIES_MAX, NAME_MAX),
        foreign_key: fields.object("foreign_key", |fields| ForeignKey {
            field_name: fields.text("field_name", NAME_MAX),
            reference_table: fields.text("reference_table", NAME_MAX),
        }),
    };
    (name, said)
}
