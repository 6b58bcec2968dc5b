//! What is wrong with a field of a body or a query string.

use std::fmt;

use super::Error;

/// Which field is wrong, how, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The dotted path of the field; empty for the body as a whole.
    pub field: String,
    /// What kind of wrong.
    pub kind: InvalidKind,
    /// One sentence for a person, without a full stop.
    pub reason: String,
}

impl Invalid {
    /// A field that is wrong in the given way.
    pub fn new(field: impl Into<String>, kind: InvalidKind, reason: impl Into<String>) -> Self {
        Self { field: field.into(), kind, reason: reason.into() }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() { f.write_str(&self.reason) } else { write!(f, "{}: {}", self.field, self.reason) }
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Validation(invalid)
    }
}

/// The kinds of wrong that clients of the reference know, under the names they have there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidKind {
    /// Missing, or of another type.
    Type,
    /// Too short, too few or too low.
    TooSmall,
    /// Too long, too many or too high.
    TooBig,
    /// Text of the wrong form.
    Text,
    /// None of the values there are.
    Choice,
}

impl InvalidKind {
    /// Every kind, for the way back from text.
    pub const ALL: [Self; 5] = [Self::Type, Self::TooSmall, Self::TooBig, Self::Text, Self::Choice];

    /// The name on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Type => "invalid_type",
            Self::TooSmall => "too_small",
            Self::TooBig => "too_big",
            Self::Text => "invalid_string",
            Self::Choice => "invalid_enum_value",
        }
    }
}

/// Why a type refused a value. It passes through serde, which keeps only its text, and `http::body` reads it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal(pub InvalidKind, pub &'static str);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code(), self.1)
    }
}
