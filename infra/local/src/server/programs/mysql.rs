//! Oracle's MySQL, out of Debian's unstable distribution: fetched into a folder with all that it needs, the C library
//! included, and not installed. So it runs beside a MariaDB, whose packages would exclude it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{self, Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::Programs;
use crate::apt::{Apt, last_words};
use crate::server::folder::remove_folder;
use crate::server::is_root;
use crate::server::process::{command, flag};

const PACKAGE: &str = "mysql-server-core";

/// The keys of Debian's archive. A machine with other sources has them by the package `debian-archive-keyring`.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// What scripts beside the server need, and the server does not.
const NOT_UNPACKED: [&str; 2] = ["perl", "libperl"];

/// Why MySQL is not there, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// We have run it on one kind of processor only.
    #[error("it is fetched for Linux on x86_64 only: use MariaDB on this machine")]
    Architecture,
    /// Not a Debian machine, or one of its relatives.
    #[error("it comes by `apt-get` and `dpkg-deb`, which this machine does not have: use MariaDB, or a Debian machine")]
    NoApt,
    /// Other sources than Debian's.
    #[error(
        "it comes from Debian's archive, signed with {KEYRING}: `apt-get install debian-archive-keyring` brings the \
         keys, and an archive of Debian has to be among apt's sources"
    )]
    NoDebian,
    /// apt could not reach the archive, or the archive has no such package.
    #[error(
        "is there a network, and a mirror of Debian with its distribution \"sid\" among apt's sources? apt said:\n{0}"
    )]
    Apt(String),
    /// A package that was fetched can not be unpacked.
    #[error("{package} could not be unpacked; `dpkg-deb` said:\n{said}")]
    Unpack {
        /// The file of the package.
        package: String,
        /// The end of what was said.
        said: String,
    },
    /// It is there, and the machine can not run it.
    #[error("it was fetched and does not run on this machine: use MariaDB. It said:\n{0}")]
    Broken(String),
    /// The folder cannot be made, read or written.
    #[error("the folder of its programs cannot be used")]
    Folder(#[from] io::Error),
}

/// Fetches the programs into this folder, 60 MB that become 266, unless they are there. It appears when it is complete, so
/// an interruption anywhere leaves nothing that would be taken for a server. Of several who call at once one fetches.
pub async fn fetch(folder: &Path) -> Result<(), FetchError> {
    if folder.exists() {
        return Ok(());
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(FetchError::Architecture);
    }
    fs::create_dir_all(folder.parent().unwrap_or(folder))?;
    let lock = File::create(folder.with_added_extension("lock"))?;
    // Waiting for somebody else's fetch would hold up everything else that runs on this thread.
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await.map_err(io::Error::other)??;
    if !folder.exists() {
        let (unfinished, packages) = (folder.with_added_extension("new"), folder.with_added_extension("apt"));
        remove_folder(&unfinished)?;
        unpack(&download(&packages).await?, &unfinished).await?;
        remove_folder(&packages)?;
        fs::rename(&unfinished, folder)?;
    }
    drop(lock);
    Ok(())
}

/// What the server in this folder says of its version, as in `9.7.4-2`; a server that can not be run says nothing.
pub async fn version(folder: &Path) -> Result<String, FetchError> {
    let folder = path::absolute(folder)?;
    let output = command(&in_folder(&folder).server).arg("--version").stdin(Stdio::null()).output().await?;
    let said = String::from_utf8_lossy(&output.stdout);
    let version = said.split_once("Ver ").and_then(|(_, version)| version.split_whitespace().next());
    version.map(str::to_owned).ok_or_else(|| FetchError::Broken(last_words(&output.stdout, &output.stderr)))
}

/// The commands of a tree that has been unpacked here. Its own loader runs it with its own libraries, whatever the
/// machine's are.
pub(super) fn in_folder(root: &Path) -> Programs {
    let mut server: Vec<OsString> = vec![root.join("usr/lib64/ld-linux-x86-64.so.2").into(), "--library-path".into()];
    server.push(root.join("usr/lib/x86_64-linux-gnu").into());
    server.push(root.join("usr/sbin/mysqld").into());
    // Must be the first: the machine's own configuration is none of ours.
    server.push("--no-defaults".into());
    for (name, path) in [
        ("--basedir=", "usr"),
        ("--lc-messages-dir=", "usr/share/mysql"),
        ("--plugin-dir=", "usr/lib/mysql/plugin"),
        ("--character-sets-dir=", "usr/share/mysql/charsets"),
    ] {
        server.push(flag(name, &root.join(path)));
    }
    // The folder of Debian for files of statements does not exist, and without it the server ends.
    server.extend(["--secure-file-priv=NULL", "--mysqlx=OFF", "--innodb-redo-log-capacity=48M"].map(Into::into));
    server.extend(is_root().then(|| "--user=root".into()));
    let installer = server.iter().cloned().chain(["--initialize-insecure".into()]).collect();
    Programs { server, installer, statements_flag: "--init-file=" }
}

/// Downloads the package and all that it needs into a folder of apt's; the files. What an interrupted call has brought is
/// not brought again.
async fn download(folder: &Path) -> Result<Vec<PathBuf>, FetchError> {
    let mut apt = Apt::open(folder, "none")?;
    let source = format!("deb [signed-by={KEYRING}] {} sid main", mirror(&apt).await?);
    apt.use_source(&source)?;
    // Otherwise a mirror that does not answer is a warning, and an archive without the package.
    run(&apt, &["--option", "APT::Update::Error-Mode=any", "update"]).await?;
    run(&apt, &["--yes", "--download-only", "--no-install-recommends", "install", PACKAGE]).await?;
    let files = fs::read_dir(apt.archives())?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    Ok(files.into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "deb")).collect())
}

/// The archive that the machine gets its own packages from: what an update would fetch, in lines that begin with
/// `'http://…/debian/dists/…/InRelease'`.
async fn mirror(apt: &Apt) -> Result<String, FetchError> {
    let uris = run(apt, &["--print-uris", "update"]).await?;
    let mut archives = uris.lines().filter_map(|line| Some(line.strip_prefix('\'')?.split_once("/dists/")?.0));
    let archive = archives.find(|archive| !archive.contains("security"));
    archive.filter(|_| Path::new(KEYRING).exists()).map(str::to_owned).ok_or(FetchError::NoDebian)
}

async fn run(apt: &Apt, words: &[&str]) -> Result<String, FetchError> {
    let said = apt.run(words).await.map_err(missing)?;
    if said.is_success { Ok(said.output) } else { Err(FetchError::Apt(said.last_words)) }
}

async fn unpack(packages: &[PathBuf], folder: &Path) -> Result<(), FetchError> {
    for package in packages {
        let name = package.file_name().unwrap_or_default().to_string_lossy();
        if NOT_UNPACKED.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let mut command = Command::new("dpkg-deb");
        command.arg("--extract").arg(package).arg(folder).stdin(Stdio::null()).kill_on_drop(true);
        let output = command.output().await.map_err(missing)?;
        if !output.status.success() {
            let said = last_words(&output.stdout, &output.stderr);
            return Err(FetchError::Unpack { package: name.into_owned(), said });
        }
    }
    Ok(())
}

fn missing(error: io::Error) -> FetchError {
    if error.kind() == io::ErrorKind::NotFound { FetchError::NoApt } else { FetchError::Folder(error) }
}
