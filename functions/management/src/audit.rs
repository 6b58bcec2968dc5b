use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use shared::Result;
use shared::app::App;
use shared::audit::{Entry, Position};
use shared::error::{InvalidKind, Refusal};
use shared::http::{Account, Limit, Query, Reply, State, number};

/// Which part of the record.
#[derive(Deserialize)]
pub struct Part {
    #[serde(default, deserialize_with = "number")]
    limit: Limit<50, 200>,
    cursor: Option<Cursor>,
}

/// Changes, newest first, and where the next page begins.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    entries: Vec<Entry>,
    next_cursor: Option<String>,
}

/// `GET /api/v1/management/audit`
pub async fn audit(
    State(app): State<App>,
    Account(user): Account,
    Query(part): Query<Part>,
) -> Result<Reply<AuditRecord>> {
    let from = part.cursor.map(|cursor| cursor.0);
    let (entries, next) = app.audit.list(user.id, from.as_ref(), part.limit.get()).await?;
    Ok(Reply::ok(AuditRecord {
        entries,
        next_cursor: next.map(|position| BASE64URL_NOPAD.encode(position.0.as_bytes())),
    }))
}

/// The `nextCursor` of the page before.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Cursor(Position);

impl TryFrom<String> for Cursor {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok().filter(|bytes| (1..=1_024).contains(&bytes.len()));
        let place = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        place
            .map(|place| Self(Position(place)))
            .ok_or(Refusal(InvalidKind::Text, "must be the nextCursor of a page before"))
    }
}
