//! The history as a file, in parts that fit through the gateway.

mod cursor;
mod row;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::analytics::SearchEvent;
use shared::app::App;
use shared::http::{Caller, Download, InForm, Limit, Next, Query, Reply, State, list, may, number};
use shared::{Error, Result};

use crate::named::database_id;
use crate::span::Asked;
use cursor::Cursor;
use row::Item;

/// The most bytes of one answer. A function's answer may have 6 MB, in which ours stands as a string of JSON (Lambda quotas,
/// "Invocation payload"); envelope and headers take the rest.
const BYTES_MAX: usize = 5_000_000;

/// Which part, and in which form.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    format: Format,
    /// Searches that asked this one.
    #[serde(default, deserialize_with = "list")]
    database: Vec<String>,
    #[serde(default, deserialize_with = "number")]
    limit: Limit<1_000, 1_000>,
    /// What the part before has named. It has the days and the database of the first part in it.
    cursor: Option<Cursor>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Csv,
}

/// Searches, newest first, and what asks for those after them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    items: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
}

/// `GET /api/v1/analytics/export`
pub async fn export(
    State(app): State<App>,
    caller: Caller<may::ReadAnalytics>,
    Query(asked): Query<Asked>,
    Query(wanted): Query<Wanted>,
) -> Result<InForm<Part>> {
    let (format, limit) = (wanted.format, wanted.limit.get());
    let from = match wanted.cursor {
        Some(cursor) => cursor,
        None => Cursor::first(asked.span(app.clock.now())?.range, database_id(&wanted.database)?),
    };
    let (mut events, has_more) = app.analytics.page(caller.user, &from.page(limit)).await?;
    let mut texts = events.iter().map(|event| format.text_of(event)).collect::<Result<Vec<String>>>()?;
    let fitting = fitting(&texts);
    let is_cut = texts.len() > fitting;
    events.truncate(fitting);
    texts.truncate(fitting);
    let last = events.last().filter(|_| has_more || is_cut);
    let next = last.map(|last| from.after(last).encode()).transpose()?;
    match format {
        Format::Json => Part::of(texts, next).map(|part| InForm::Json(Reply::ok(part))),
        Format::Csv => Ok(InForm::File(file(&from, limit, &texts, next))),
    }
}

impl Format {
    fn text_of(self, event: &SearchEvent) -> Result<String> {
        match self {
            Self::Json => serde_json::to_string(&Item::from(event)).map_err(Error::internal),
            Self::Csv => Ok(row::of(event)),
        }
    }
}

impl Part {
    fn of(texts: Vec<String>, next_cursor: Option<String>) -> Result<Self> {
        let items = texts.into_iter().map(|text| RawValue::from_string(text).map_err(Error::internal));
        Ok(Self { items: items.collect::<Result<_>>()?, next_cursor })
    }
}

/// The first part of a file has its header, so that the parts one after the other are the whole.
fn file(from: &Cursor, limit: usize, rows: &[String], next: Option<String>) -> Download {
    let header = if from.is_first() { row::header() } else { String::new() };
    let path = |cursor: &String| format!("/api/v1/analytics/export?format=csv&limit={limit}&cursor={cursor}");
    Download {
        content_type: if from.is_first() {
            "text/csv; charset=utf-8; header=present"
        } else {
            "text/csv; charset=utf-8; header=absent"
        },
        file_name: format!("altus4-searches-{}-{}.csv", from.range.first(), from.range.last()),
        text: header + &rows.concat(),
        next: next.map(|cursor| Next { path: path(&cursor), cursor }),
    }
}

/// How many of the texts fit into one answer; one at least.
fn fitting(texts: &[String]) -> usize {
    let mut bytes = 0;
    let fitting = texts.iter().take_while(|text| {
        // As it stands in a string of JSON, with its comma.
        bytes += serde_json::to_string(text).map_or(usize::MAX / 2, |escaped| escaped.len());
        bytes <= BYTES_MAX
    });
    fitting.count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_never_larger_than_the_gateway_lets_through() {
        // Each quotation mark is two bytes in a row, and four in the answer of the function.
        let text = "\"".repeat(10_000);
        let texts = vec![text; 1_000];
        let count = fitting(&texts);
        assert!((200..=250).contains(&count), "{count}");
        assert_eq!(fitting(&["x".repeat(2 * BYTES_MAX)]), 1);
        assert_eq!(fitting(&["{}".to_owned(), "{}".to_owned()]), 2);
    }
}
