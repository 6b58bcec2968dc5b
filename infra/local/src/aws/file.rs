//! The one file that keeps the state between two runs.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::{OpenError, State};

/// Only its owner may read what is in effect a key ring.
const MODE: u32 = 0o600;

/// Where the state is kept.
pub struct StateFile {
    path: PathBuf,
    /// In the same folder, because a rename is atomic only within one file system.
    draft: PathBuf,
}

impl StateFile {
    pub fn new(path: &Path) -> Self {
        let mut draft = path.as_os_str().to_owned();
        draft.push(".draft");
        Self { path: path.to_owned(), draft: draft.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The state of the last run; none when this is the first.
    pub fn read(&self) -> Result<Option<State>, OpenError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(OpenError::Read { file: self.path.clone(), source }),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|source| OpenError::Parse { file: self.path.clone(), source })
    }

    /// Replaces the file by a whole new one: whoever reads it, at any moment, finds the old state or the new one.
    pub fn write(&self, state: &State) -> io::Result<()> {
        let bytes = serde_json::to_vec(state)?;
        let mut draft = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(&self.draft)?;
        // The mode above is for a new file only; a draft left behind by a crash may have another.
        draft.set_permissions(Permissions::from_mode(MODE))?;
        draft.write_all(&bytes)?;
        // Without this, a power cut could leave the new name with no content under it.
        draft.sync_all()?;
        fs::rename(&self.draft, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use std::{env, sync::Arc, thread};

    use serde_json::{Value, json};

    use super::super::{Emulator, refused::Refused, wire::fresh_uuid};
    use super::*;

    /// A folder of its own, gone with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let folder = env::temp_dir().join(format!("altus4-aws-{}", fresh_uuid()));
            fs::create_dir(&folder).unwrap();
            Self(folder)
        }

        fn file(&self) -> PathBuf {
            self.0.join("state.json")
        }

        fn open(&self) -> Emulator {
            Emulator::open(&self.file(), Arc::new(|| 0)).unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            // A test may have removed it already.
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn call(emulator: &Emulator, target: &str, body: &Value) -> Value {
        emulator.call(target, body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn keys_aliases_and_secrets_are_there_after_a_restart() {
        let folder = Folder::new();
        let emulator = folder.open();
        let key = call(&emulator, "TrentService.CreateKey", &json!({}))["KeyMetadata"]["KeyId"].clone();
        call(&emulator, "TrentService.CreateAlias", &json!({ "AliasName": "alias/vault", "TargetKeyId": key }));
        let sealed = call(&emulator, "TrentService.Encrypt", &json!({ "KeyId": key, "Plaintext": "cGxhaW4=" }));
        call(&emulator, "TrentService.RotateKeyOnDemand", &json!({ "KeyId": key }));
        call(&emulator, "secretsmanager.CreateSecret", &json!({ "Name": "session", "SecretBinary": "AAEC" }));
        drop(emulator);

        let emulator = folder.open();

        let opened = call(
            &emulator,
            "TrentService.Decrypt",
            &json!({ "KeyId": "alias/vault", "CiphertextBlob": sealed["CiphertextBlob"] }),
        );
        assert_eq!(opened["Plaintext"], "cGxhaW4=");
        let secret = call(&emulator, "secretsmanager.GetSecretValue", &json!({ "SecretId": "session" }));
        assert_eq!(secret["SecretBinary"], "AAEC");
    }

    #[test]
    fn only_the_owner_may_read_the_file_even_where_a_draft_was_left_open_to_all() {
        let folder = Folder::new();
        let draft = StateFile::new(&folder.file()).draft;
        fs::write(&draft, "half a sta").unwrap();
        fs::set_permissions(&draft, Permissions::from_mode(0o644)).unwrap();

        let emulator = folder.open();
        call(&emulator, "TrentService.CreateKey", &json!({}));

        assert_eq!(fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!draft.exists());
    }

    #[test]
    fn a_reader_finds_a_whole_state_at_every_moment() {
        let folder = Folder::new();
        let emulator = folder.open();
        let file = StateFile::new(&folder.file());

        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for _ in 0..50 {
                    call(&emulator, "TrentService.CreateKey", &json!({}));
                }
            });
            while !writer.is_finished() {
                assert!(file.read().unwrap().is_some());
            }
        });
    }

    #[test]
    fn a_change_that_cannot_be_kept_does_not_happen() {
        let folder = Folder::new();
        let emulator = folder.open();
        fs::remove_dir_all(&folder.0).unwrap();

        let created = emulator.call("secretsmanager.CreateSecret", br#"{"Name":"a","SecretString":"b"}"#);
        let found = emulator.call("secretsmanager.DescribeSecret", br#"{"SecretId":"a"}"#);

        assert!(matches!(created, Err(Refused::NotKept(_))));
        assert!(matches!(found, Err(Refused::SecretNotFound)));
    }

    #[test]
    fn a_read_does_not_touch_the_file() {
        let folder = Folder::new();
        let emulator = folder.open();
        call(&emulator, "secretsmanager.CreateSecret", &json!({ "Name": "a", "SecretString": "b" }));
        fs::remove_file(folder.file()).unwrap();

        call(&emulator, "secretsmanager.GetSecretValue", &json!({ "SecretId": "a" }));

        assert!(!folder.file().exists());
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused_and_left_alone() {
        let folder = Folder::new();
        fs::write(folder.file(), "something else").unwrap();

        let opened = Emulator::open(&folder.file(), Arc::new(|| 0));

        assert!(matches!(opened, Err(OpenError::Parse { .. })));
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), "something else");
    }

    #[test]
    fn a_folder_that_is_not_there_is_found_out_at_the_start() {
        let folder = Folder::new();

        let opened = Emulator::open(&folder.0.join("missing/state.json"), Arc::new(|| 0));

        assert!(matches!(opened, Err(OpenError::Write { .. })));
    }
}
