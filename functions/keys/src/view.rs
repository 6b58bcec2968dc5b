//! Shapes that several endpoints answer with.

use serde::Serialize;
use shared::http::{Compat, KeyView};
use shared::keys::Key;

/// A key at both levels, for clients that look in either; in the outer one alone for the SDK, whose type has no other.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OneKey {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<KeyView>,
    #[serde(flatten)]
    flat: KeyView,
}

impl OneKey {
    /// The key in the shape that the client knows.
    pub fn new(key: Key, compat: Compat) -> Self {
        let flat = KeyView::from(key);
        Self { api_key: (compat == Compat::Current).then(|| flat.clone()), flat }
    }
}
