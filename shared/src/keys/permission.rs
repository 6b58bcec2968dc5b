//! What a key may do.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Key;
use crate::error::{InvalidKind, Refusal, Result};

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Search, suggestions and history.
    Search,
    /// Analyses and figures.
    Analytics,
    /// Both, and the connections. Never by itself anybody else's data.
    Admin,
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Search => "search",
            Self::Analytics => "analytics",
            Self::Admin => "admin",
        })
    }
}

/// What somebody asks that a key may do: at least one thing, each once. Searching, unless another is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Permission>")]
pub struct Permissions(Vec<Permission>);

impl Permissions {
    /// What a key may do already.
    pub(super) fn of(key: &Key) -> Self {
        Self(key.permissions.clone())
    }
}

impl From<Permissions> for Vec<Permission> {
    fn from(permissions: Permissions) -> Self {
        permissions.0
    }
}

impl Default for Permissions {
    fn default() -> Self {
        Self(vec![Permission::Search])
    }
}

impl TryFrom<Vec<Permission>> for Permissions {
    type Error = Refusal;

    fn try_from(asked: Vec<Permission>) -> Result<Self, Refusal> {
        let all = [Permission::Search, Permission::Analytics, Permission::Admin];
        let asked: Vec<Permission> = all.into_iter().filter(|permission| asked.contains(permission)).collect();
        if asked.is_empty() { Err(Refusal(InvalidKind::TooSmall, "must name at least one")) } else { Ok(Self(asked)) }
    }
}
