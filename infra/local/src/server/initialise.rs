//! The first start: the system tables and the account of `root`.

use std::fs;
use std::process::Stdio;

use super::StartError;
use super::folder::{Folder, Log, remove_folder, write_private};
use super::process::{command, common_flags, flag};
use super::programs::Programs;

/// Fills the data folder. It is made under another name and renamed when it is complete, so an
/// interruption anywhere leaves nothing that a later start would take for data.
pub(super) async fn run(
    programs: &Programs,
    folder: &Folder,
    log: &Log,
    root_password: &str,
) -> Result<(), StartError> {
    let unfinished = folder.file("data.new");
    let account = folder.file("account.sql");
    remove_folder(&unfinished).map_err(StartError::Folder)?;
    write_private(&account, &account_of_root(root_password)).map_err(StartError::Folder)?;
    log.clear()?;

    let status = command(&programs.installer)
        .args(common_flags(&unfinished))
        .arg(flag(programs.statements_flag, &account))
        .env("TMPDIR", folder.temporary())
        .stdin(Stdio::null())
        .stdout(log.output()?)
        .stderr(log.output()?)
        .kill_on_drop(true)
        .status()
        .await
        .map_err(StartError::Run)?;
    if !status.success() {
        return Err(StartError::Initialise { log: folder.last_words() });
    }

    fs::remove_file(account).map_err(StartError::Folder)?;
    fs::rename(unfinished, folder.data()).map_err(StartError::Folder)
}

/// The installer makes `root@localhost`: MariaDB's lets in whoever owns the process, by the socket, and MySQL's has no
/// password, where nobody else gets at the socket. We come by TCP, where names are not resolved, hence an account for the
/// address.
fn account_of_root(password: &str) -> String {
    format!(
        "FLUSH PRIVILEGES;\n\
         CREATE USER 'root'@'127.0.0.1' IDENTIFIED BY '{password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n"
    )
}
