//! How much of a list, and from where.

use serde::Deserialize;

use crate::error::{InvalidKind, Refusal};

/// How many entries: 1 to `MAX`, and `DEFAULT` where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub struct Limit<const DEFAULT: usize, const MAX: usize>(usize);

/// How many entries are passed over: at most `MAX`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub struct Offset<const MAX: usize>(usize);

impl<const DEFAULT: usize, const MAX: usize> Limit<DEFAULT, MAX> {
    /// The number.
    pub fn get(self) -> usize {
        self.0
    }
}

impl<const MAX: usize> Offset<MAX> {
    /// The number.
    pub fn get(self) -> usize {
        self.0
    }
}

impl<const DEFAULT: usize, const MAX: usize> Default for Limit<DEFAULT, MAX> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const DEFAULT: usize, const MAX: usize> TryFrom<u64> for Limit<DEFAULT, MAX> {
    type Error = Refusal;

    fn try_from(number: u64) -> Result<Self, Refusal> {
        match usize::try_from(number) {
            Ok(0) => Err(Refusal(InvalidKind::TooSmall, "must be at least 1")),
            Ok(limit) if limit <= MAX => Ok(Self(limit)),
            _ => Err(Refusal(InvalidKind::TooBig, "is larger than allowed")),
        }
    }
}

impl<const MAX: usize> TryFrom<u64> for Offset<MAX> {
    type Error = Refusal;

    fn try_from(number: u64) -> Result<Self, Refusal> {
        match usize::try_from(number) {
            Ok(offset) if offset <= MAX => Ok(Self(offset)),
            _ => Err(Refusal(InvalidKind::TooBig, "is larger than allowed")),
        }
    }
}
