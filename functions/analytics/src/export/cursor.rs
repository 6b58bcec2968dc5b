//! Where the next part of an export begins.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use shared::analytics::{EventsPage, Position, SearchEvent};
use shared::clock::{Date, DateRange};
use shared::error::{InvalidKind, Refusal};
use shared::id::DatabaseId;
use shared::{Error, Result};

use crate::span::DAYS_MAX;

/// The days and the database of an export, and the last search that was told. The days are in it, because those of a
/// period are others after midnight.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Cursor {
    pub range: DateRange,
    database: Option<DatabaseId>,
    after: Option<Position>,
}

#[derive(Serialize, Deserialize)]
struct Spelled {
    first: Date,
    last: Date,
    database: Option<DatabaseId>,
    after: Position,
}

impl Cursor {
    /// Before all searches of these days.
    pub fn first(range: DateRange, database: Option<DatabaseId>) -> Self {
        Self { range, database, after: None }
    }

    /// Whether nothing was told yet.
    pub fn is_first(&self) -> bool {
        self.after.is_none()
    }

    /// After this search.
    pub fn after(&self, event: &SearchEvent) -> Self {
        Self { after: Some(Position::of(event)), ..self.clone() }
    }

    /// What to read.
    pub fn page(&self, limit: usize) -> EventsPage {
        EventsPage { range: self.range, database: self.database, after: self.after.clone(), limit }
    }

    /// As it is told.
    pub fn encode(self) -> Result<String> {
        let after = self.after.ok_or_else(|| Error::internal("the first part has no cursor"))?;
        let spelled = Spelled { first: self.range.first(), last: self.range.last(), database: self.database, after };
        Ok(BASE64URL_NOPAD.encode(&serde_json::to_vec(&spelled).map_err(Error::internal)?))
    }
}

impl TryFrom<String> for Cursor {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        const REFUSED: Refusal = Refusal(InvalidKind::Text, "must be the nextCursor of a part before");
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| REFUSED)?;
        let Spelled { first, last, database, after } = serde_json::from_slice(&bytes).map_err(|_| REFUSED)?;
        let range = DateRange::new(first, last).filter(|range| range.days() <= DAYS_MAX).ok_or(REFUSED)?;
        Ok(Self { range, database, after: Some(after) })
    }
}
