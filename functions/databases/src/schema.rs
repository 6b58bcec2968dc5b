use serde::{Deserialize, Serialize, Serializer};
use shared::app::App;
use shared::databases::{Database, Recommendation, Sample, advise};
use shared::http::{Compat, Owned, Query, Reply, State, flag};
use shared::{Error, Result};

use crate::survey::{read, survey};
use crate::table_schema::{TableSchema, tables};

/// Which of the shapes is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaQuery {
    #[serde(default, deserialize_with = "flag")]
    include_data: Option<bool>,
    /// Indexes are told anyway.
    #[serde(default, deserialize_with = "flag")]
    include_indexes: Option<bool>,
}

impl SchemaQuery {
    /// Who names either parameter reads an object, whatever it says: the samples of the documentation do.
    fn wants_object(&self) -> bool {
        self.include_data.is_some() || self.include_indexes.is_some()
    }
}

/// A schema, in one of two shapes.
pub enum SchemaAnswer {
    /// The tables, as documented.
    Plain(Vec<TableSchema>),
    /// With advice, at the places where samples and the SDK look.
    Advised(Vec<TableSchema>, Vec<Recommendation>),
}

/// `GET /api/v1/databases/{connectionId}/schema`: read anew, and kept for the searches that follow.
pub async fn schema(
    State(app): State<App>,
    Owned(database): Owned<Database>,
    compat: Compat,
    Query(query): Query<SchemaQuery>,
) -> Result<Reply<SchemaAnswer>> {
    let schema = &database.settings.schema;
    if compat == Compat::Current && !query.wants_object() {
        let catalogue = read(&app, &database).await?.map_err(Error::DatabaseFailed)?;
        return Ok(Reply::ok(SchemaAnswer::Plain(tables(schema, catalogue, None))));
    }
    let (catalogue, sample) = survey(&app, &database).await?.map_err(Error::DatabaseFailed)?;
    let recommendations = advise(&catalogue, &sample);
    let shown: Option<&Sample> = query.include_data.unwrap_or_default().then_some(&sample);
    Ok(Reply::ok(SchemaAnswer::Advised(tables(schema, catalogue, shown), recommendations)))
}

impl Serialize for SchemaAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Tables<'a> {
            tables: &'a [TableSchema],
        }
        #[derive(Serialize)]
        struct Advised<'a> {
            schema: Tables<'a>,
            tables: &'a [TableSchema],
            recommendations: &'a [Recommendation],
        }
        match self {
            Self::Plain(tables) => tables.serialize(serializer),
            Self::Advised(tables, recommendations) => {
                Advised { schema: Tables { tables }, tables, recommendations }.serialize(serializer)
            }
        }
    }
}
