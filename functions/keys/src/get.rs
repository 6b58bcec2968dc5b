use shared::http::{Compat, Owned, Reply};
use shared::keys::Key;

use crate::view::OneKey;

/// `GET /api/v1/keys/{keyId}`
pub async fn get(Owned(key): Owned<Key>) -> Reply<OneKey> {
    Reply::ok(OneKey::new(key, Compat::Current))
}
