//! Values of a request that have bounds.

use serde::Deserialize;
use shared::error::{InvalidKind, Refusal};

/// 0 to 1.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct MinScore(pub(super) f64);

impl TryFrom<f64> for MinScore {
    type Error = Refusal;

    fn try_from(score: f64) -> Result<Self, Refusal> {
        match score {
            score if score < 0.0 => Err(Refusal(InvalidKind::TooSmall, "must be at least 0")),
            score if score > 1.0 => Err(Refusal(InvalidKind::TooBig, "must be at most 1")),
            score => Ok(Self(score)),
        }
    }
}

/// 1 to 500 characters.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct QueryText(pub(super) String);

impl TryFrom<String> for QueryText {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(Refusal(InvalidKind::TooSmall, "must not be empty")),
            1..=500 => Ok(Self(text.to_owned())),
            _ => Err(Refusal(InvalidKind::TooBig, "must have at most 500 characters")),
        }
    }
}
