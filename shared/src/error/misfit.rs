//! What does not fit in a body of the second API, in the words that its clients know (pydantic 1, "Error handling").

use serde::Serialize;

/// One place of a body, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Misfit {
    /// Where: `body`, and the way from there.
    pub loc: Vec<Step>,
    /// What is wrong.
    pub msg: String,
    /// The kind of wrong.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// One step of the way to a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// A field.
    Name(&'static str),
    /// A place in a list, or in a text that is no JSON.
    Index(usize),
}

impl Misfit {
    /// Something wrong at the end of this way.
    pub fn new(loc: Vec<Step>, kind: &'static str, msg: impl Into<String>) -> Self {
        Self { loc, msg: msg.into(), kind }
    }

    /// A field that is not there.
    pub fn missing(loc: Vec<Step>) -> Self {
        Self::new(loc, "value_error.missing", "field required")
    }
}
