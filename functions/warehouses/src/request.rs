//! What clients of both generations say of a connection. They are told apart by their shape: the first describes the
//! database that is behind an SSH server within `ssh_settings`, the second in the URI.

use secrecy::SecretString;
use serde_json::Value;
use shared::error::Misfit;
use shared::http::FromBody;
use shared::warehouses::{Field, FileStorage, Metadata, Refused, SshSettings};

use crate::lax::{Fields, whole};

/// An alias. A console of the original takes 50.
const ALIAS_MAX: usize = 250;
/// A URI, which is checked more closely where it is read.
const URI_MAX: usize = 8_192;
/// Any other text, the longest of which are paths and names of hosts.
const TEXT_MAX: usize = 1_024;
/// A private key or the key file of a service account: one of RSA with 16,384 bits has less than 13,000 characters.
const KEY_MAX: usize = 16_384;
/// Schemas of one connection.
const SCHEMAS_MAX: usize = 50;
/// Bytes of metadata, as JSON.
const METADATA_MAX: usize = 16_384;

/// What `ssh_settings` has in requests of the first generation alone.
const OF_FIRST: [&str; 5] = ["db_driver", "remote_host", "remote_db_name", "remote_db_password", "db_name"];

/// What a client says of a connection: the same for a new one, for one that is to be replaced, and for one that is only to
/// be tried.
pub struct Described {
    /// What it is to be called.
    pub alias: String,
    /// Whether the way leads through an SSH server.
    pub use_ssh: bool,
    /// Whether `ssh_settings` describe the database too.
    pub is_of_first: bool,
    /// The secrets, as they were sent: perhaps as tokens.
    pub secrets: Vec<(Field, SecretString)>,
    /// A path on the server of the original, which is kept and read nowhere.
    pub path_to_credentials_file: Option<String>,
    /// The SSH server.
    pub ssh: Option<SshSettings>,
    /// Where files are put.
    pub file_storage: Option<FileStorage>,
    /// The schemas that are meant.
    pub schemas: Option<Vec<String>>,
    /// Whatever is to be kept beside it.
    pub metadata: Option<Metadata>,
    /// Whether a database without tables is an error, as it was in the second generation.
    pub is_strict: bool,
}

impl FromBody for Described {
    fn read(body: Value) -> Result<Self, Vec<Misfit>> {
        whole(body, |fields| {
            let mut secrets = Vec::new();
            let mut is_of_first = false;
            let alias = fields.text("alias", ALIAS_MAX);
            let use_ssh = fields.flag("use_ssh");
            take(fields, &mut secrets, "connection_uri", URI_MAX, Field::ConnectionUri);
            take(fields, &mut secrets, "llm_api_key", TEXT_MAX, Field::LlmApiKey);
            let file = fields.optional_json("bigquery_credential_file_content", KEY_MAX);
            note(&mut secrets, file, Field::ServiceAccount);
            Self {
                alias,
                use_ssh,
                path_to_credentials_file: fields.optional_text("path_to_credentials_file", TEXT_MAX),
                ssh: fields.object("ssh_settings", |fields| {
                    is_of_first = OF_FIRST.iter().any(|name| fields.has(name));
                    ssh(fields, &mut secrets)
                }),
                file_storage: fields.object("file_storage", |fields| file_storage(fields, &mut secrets)),
                schemas: fields.texts("schemas", SCHEMAS_MAX, TEXT_MAX),
                metadata: fields.free("metadata", METADATA_MAX),
                is_strict: fields.optional_flag("strict").unwrap_or_default(),
                is_of_first,
                secrets,
            }
        })
    }
}

impl Described {
    /// The rules about which of the fields go together, with or without a URI.
    pub fn check(&self, has_uri: bool) -> Result<(), Refused> {
        match (self.use_ssh, self.is_of_first, has_uri) {
            (false, _, true) => return Ok(()),
            (true, true, true) => return Err(Refused::UriTooMuch),
            (false, _, false) | (true, false, false) => return Err(Refused::UriMissing),
            (true, ..) => {}
        }
        let ssh = self.ssh.as_ref().ok_or(Refused::SshIncomplete("host and username"))?;
        let needed = [("host", &ssh.host), ("username", &ssh.username)];
        let of_first = [("remote_host", &ssh.remote_host), ("remote_db_name", &ssh.remote_db_name)];
        let of_first = of_first.into_iter().chain([("db_driver", &ssh.db_driver)]).filter(|_| self.is_of_first);
        match needed.into_iter().chain(of_first).find(|(_, value)| value.as_ref().is_none_or(|text| text.is_empty())) {
            Some((name, _)) => Err(Refused::SshIncomplete(name)),
            None => Ok(()),
        }
    }
}

/// Takes a secret. An empty one is none: that is how the answers of this API spell it.
fn take(
    fields: &mut Fields<'_>,
    secrets: &mut Vec<(Field, SecretString)>,
    name: &'static str,
    chars_max: usize,
    field: Field,
) {
    note(secrets, fields.optional_text(name, chars_max), field);
}

fn note(secrets: &mut Vec<(Field, SecretString)>, text: Option<String>, field: Field) {
    if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
        secrets.push((field, text.into()));
    }
}

fn ssh(fields: &mut Fields<'_>, secrets: &mut Vec<(Field, SecretString)>) -> SshSettings {
    take(fields, secrets, "password", TEXT_MAX, Field::SshPassword);
    take(fields, secrets, "private_key_password", TEXT_MAX, Field::PrivateKeyPassword);
    take(fields, secrets, "private_key", KEY_MAX, Field::PrivateKey);
    take(fields, secrets, "remote_db_password", TEXT_MAX, Field::RemoteDbPassword);
    let mut text = |name| fields.optional_text(name, TEXT_MAX);
    SshSettings {
        host: text("host"),
        username: text("username"),
        port: text("port"),
        host_key_fingerprint: text("host_key_fingerprint").filter(|key| !key.is_empty()),
        remote_host: text("remote_host"),
        remote_port: text("remote_port"),
        remote_db_name: text("remote_db_name"),
        db_name: text("db_name"),
        db_driver: text("db_driver"),
    }
}

fn file_storage(fields: &mut Fields<'_>, secrets: &mut Vec<(Field, SecretString)>) -> FileStorage {
    for (name, field) in [("access_key_id", Field::AccessKeyId), ("secret_access_key", Field::SecretAccessKey)] {
        let text = fields.text(name, TEXT_MAX);
        if !text.is_empty() {
            secrets.push((field, text.into()));
        }
    }
    FileStorage {
        name: fields.text("name", TEXT_MAX),
        region: fields.optional_text("region", TEXT_MAX),
        bucket: fields.text("bucket", TEXT_MAX),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(body: Value) -> Result<(), Refused> {
        let described = Described::read(body).unwrap();
        described.check(described.secrets.iter().any(|(field, _)| *field == Field::ConnectionUri))
    }

    #[test]
    fn the_generations_are_told_apart_by_what_ssh_settings_has() {
        let first = json!({ "alias": "a", "use_ssh": true, "ssh_settings": { "host": "h", "db_driver": "mysql" } });
        let silent = json!({ "host": "h", "db_driver": null, "remote_db_password": "" });
        let second = json!({ "alias": "a", "use_ssh": true, "ssh_settings": silent });
        assert!(Described::read(first).unwrap().is_of_first && !Described::read(second).unwrap().is_of_first);
    }

    #[test]
    fn which_fields_go_together_depends_on_the_generation() {
        let of_first = json!({
            "host": "h", "username": "u", "remote_host": "r", "remote_db_name": "dbuser", "db_driver": "mysql"
        });
        let of_second = json!({ "host": "h", "username": "u" });
        let body = |use_ssh: bool, uri: &str, ssh: &Value| json!({ "alias": "a", "use_ssh": use_ssh, "connection_uri": uri, "ssh_settings": ssh });
        for (body, expected) in [
            (body(false, "", &json!(null)), Err(Refused::UriMissing)),
            (body(false, "mysql://h/d", &of_first), Ok(())),
            (body(true, "", &of_first), Ok(())),
            (body(true, "mysql://h/d", &of_first), Err(Refused::UriTooMuch)),
            (body(true, "mysql://h/d", &of_second), Ok(())),
            (body(true, "", &of_second), Err(Refused::UriMissing)),
            (body(true, "mysql://h/d", &json!(null)), Err(Refused::SshIncomplete("host and username"))),
            (body(true, "mysql://h/d", &json!({ "host": "h" })), Err(Refused::SshIncomplete("username"))),
            (
                body(true, "", &json!({ "host": "h", "username": "u", "db_name": "d" })),
                Err(Refused::SshIncomplete("remote_host")),
            ),
        ] {
            assert_eq!(check(body.clone()), expected, "{body}");
        }
    }

    #[test]
    fn a_secret_that_is_empty_is_none() {
        let body =
            json!({ "alias": "a", "connection_uri": " ", "llm_api_key": "", "ssh_settings": { "password": "" } });
        assert!(Described::read(body).unwrap().secrets.is_empty());
    }
}
