use serde::Deserialize;
use shared::Result;
use shared::app::App;
use shared::error::{InvalidKind, Refusal};
use shared::http::{Body, Caller, Named, Reply, State, may};

use crate::click::Noted;

/// How good an answer was.
#[derive(Deserialize)]
pub struct Rated {
    rating: Rating,
}

/// 1 to 5.
#[derive(Deserialize)]
#[serde(try_from = "u64")]
struct Rating(u8);

impl TryFrom<u64> for Rating {
    type Error = Refusal;

    fn try_from(rating: u64) -> Result<Self, Refusal> {
        match u8::try_from(rating) {
            Ok(0) => Err(Refusal(InvalidKind::TooSmall, "must be 1 to 5")),
            Ok(rating @ 1..=5) => Ok(Self(rating)),
            _ => Err(Refusal(InvalidKind::TooBig, "must be 1 to 5")),
        }
    }
}

/// `POST /api/v1/search/{searchId}/rating`: the last one counts.
pub async fn rating(
    State(app): State<App>,
    caller: Caller<may::Search>,
    Named(id): Named,
    Body(rated): Body<Rated>,
) -> Result<Reply<Noted>> {
    let Rating(rating) = rated.rating;
    app.analytics.rate(caller.user, id, rating).await?;
    Ok(Reply::ok(Noted::DONE))
}
