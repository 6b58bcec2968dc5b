use serde::{Deserialize, Serialize};
use shared::Result;
use shared::app::App;
use shared::error::{InvalidKind, Refusal};
use shared::http::{Body, Caller, Named, Reply, State, may};

/// A result that somebody opened.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    /// Its `id` in the answer.
    result_id: String,
    /// At which place it was shown, from 1, where that was another than in the answer.
    position: Option<Position>,
}

#[derive(Deserialize)]
#[serde(try_from = "u64")]
struct Position(u64);

impl TryFrom<u64> for Position {
    type Error = Refusal;

    fn try_from(position: u64) -> Result<Self, Refusal> {
        match position {
            0 => Err(Refusal(InvalidKind::TooSmall, "must be 1 to 1000000")),
            1..=1_000_000 => Ok(Self(position)),
            _ => Err(Refusal(InvalidKind::TooBig, "must be 1 to 1000000")),
        }
    }
}

/// That it is in the figures.
#[derive(Serialize)]
pub struct Noted {
    recorded: bool,
}

impl Noted {
    /// It is.
    pub const DONE: Self = Self { recorded: true };
}

/// `POST /api/v1/search/{searchId}/click`: each result counts once.
pub async fn click(
    State(app): State<App>,
    caller: Caller<may::Search>,
    Named(id): Named,
    Body(opened): Body<Opened>,
) -> Result<Reply<Noted>> {
    let position = opened.position.map(|Position(position)| position);
    app.analytics.click(caller.user, id, &opened.result_id, position).await?;
    Ok(Reply::ok(Noted::DONE))
}
