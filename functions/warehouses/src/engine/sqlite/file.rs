//! Which file is meant, and whether it is one of those that may be read.

use std::path::{Path, PathBuf};

use crate::engine::Refusal;

/// The file in this folder, without any link on the way. That there is none, that it is elsewhere and that it is no file
/// are one answer, so that nobody learns by it what there is outside.
pub(super) fn find(folder: &Path, path: &Path) -> Result<PathBuf, Refusal> {
    let folder = folder.canonicalize().map_err(|_| Refusal::NoFiles)?;
    let found = folder.join(path).canonicalize().map_err(|_| Refusal::NoSuchFile)?;
    if found.starts_with(&folder) && found.is_file() { Ok(found) } else { Err(Refusal::NoSuchFile) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_found_in_the_folder_and_nowhere_else() {
        let own = std::env::temp_dir().join(format!("altus4-file-{}", std::process::id()));
        let (allowed, outside) = (own.join("allowed"), own.join("outside"));
        fs::create_dir_all(allowed.join("inner")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        for path in [allowed.join("a.db"), allowed.join("inner/b.db"), outside.join("c.db")] {
            fs::write(path, "").unwrap();
        }
        symlink(outside.join("c.db"), allowed.join("link.db")).unwrap();
        symlink(&outside, allowed.join("way")).unwrap();
        symlink(allowed.join("a.db"), allowed.join("same.db")).unwrap();

        let whole = allowed.join("a.db");
        for good in ["a.db", "inner/b.db", "inner/../a.db", "same.db", whole.to_str().unwrap()] {
            let found = find(&allowed, Path::new(good)).unwrap();
            assert!(found.starts_with(allowed.canonicalize().unwrap()), "{good}");
        }
        let outer = outside.join("c.db");
        for bad in [
            "../outside/c.db",
            "link.db",
            "way/c.db",
            "none.db",
            "inner",
            "",
            ".",
            "/etc/passwd",
            outer.to_str().unwrap(),
        ] {
            assert_eq!(find(&allowed, Path::new(bad)), Err(Refusal::NoSuchFile), "{bad}");
        }
        assert_eq!(find(&own.join("absent"), Path::new("a.db")), Err(Refusal::NoFiles));
        fs::remove_dir_all(own).unwrap();
    }
}
