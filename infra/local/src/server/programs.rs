//! The programs of a server, and what each brand has to be told before it is told what both understand.

mod mariadb;
pub mod mysql;

use std::ffi::OsString;
use std::path;

use super::{Brand, StartError};

/// Commands, each up to the flags that both brands share.
pub(super) struct Programs {
    /// The server.
    pub(super) server: Vec<OsString>,
    /// What fills an empty data folder.
    pub(super) installer: Vec<OsString>,
    /// The flag that names the installer a file of statements, with its equals sign.
    pub(super) statements_flag: &'static str,
}

impl Programs {
    /// Finds them, or fetches them.
    pub(super) async fn find(brand: &Brand) -> Result<Self, StartError> {
        match brand {
            Brand::MariaDb => mariadb::find().await,
            Brand::MySql { programs } => {
                // A server goes to its data folder, from where a relative path would lead elsewhere.
                let programs = path::absolute(programs).map_err(StartError::Folder)?;
                mysql::fetch(&programs).await?;
                Ok(mysql::in_folder(&programs))
            }
        }
    }
}
