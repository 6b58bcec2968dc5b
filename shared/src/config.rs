//! Everything that the service reads from its environment, read once, at cold start.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use tracing_subscriber::filter::Targets;

/// The environment, as a value: the one place that reads the process's own is [`Env::of_process`].
#[derive(Default)]
pub struct Env(HashMap<String, String>);

/// A variable that is missing or can not be read. The function does not start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It has no default that would be safe.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// Its value is none of those it can have.
    #[error("the environment variable {name} is {value:?}, which is not {expected}")]
    Unreadable {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it should hold.
        expected: &'static str,
    },
}

impl Env {
    /// The environment of this process.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
    pub fn of_process() -> Self {
        Self(std::env::vars().collect())
    }

    /// The value, where it is set and not empty: an empty variable is how SAM and Docker spell an absent one.
    pub fn optional(&self, name: &'static str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value.
    pub fn required(&self, name: &'static str) -> Result<&str, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing(name))
    }

    fn list(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.optional(name).unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty())
    }
}

impl Extend<(&'static str, String)> for Env {
    fn extend<T: IntoIterator<Item = (&'static str, String)>>(&mut self, variables: T) {
        self.0.extend(variables.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
}

impl<const N: usize> From<[(&str, String); N]> for Env {
    fn from(variables: [(&str, String); N]) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// The settings of a function.
#[derive(Debug, Clone)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
    /// The KMS key that wraps the data keys of the vault: an id, an alias or an ARN.
    pub kms_key: String,
    /// The secret of Secrets Manager that signs session tokens: a name or an ARN.
    pub session_secret: String,
    /// Where AWS is, when it is not AWS.
    pub endpoints: Endpoints,
    /// Networks that the connector may dial besides public ones, such as the operator's own VPC.
    pub allowed_networks: Vec<IpNet>,
    /// Whether the connector may dial this machine. Only the local runner sets it.
    pub allow_loopback: bool,
    /// Origins of browsers that may call with credentials, as in `https://console.example.com`.
    pub allowed_origins: Vec<String>,
    /// How long one database may take to answer one search, from resolving its name to its last row.
    pub database_timeout: Duration,
    /// The folder whose SQLite files may be connected; none where no file may.
    pub sqlite_folder: Option<PathBuf>,
    /// What takes the place of every service of Google, Databricks and Snowflake, by HTTP; nothing but where they are emulated.
    pub cloud_endpoint: Option<SocketAddr>,
    /// Whose models to ask; nobody's where nothing is set.
    pub semantics: Option<Semantics>,
    /// What metrics call this service, such as the name of its stack. Nothing where nobody collects them.
    pub service: Option<String>,
    /// What is logged: a level, or one for each target, as `info,search=debug`.
    pub log_filter: Targets,
}

/// A provider of models: one that makes embeddings, for searches by meaning, and perhaps one that puts findings into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Semantics {
    /// One that speaks as OpenAI does, described by this secret of Secrets Manager: a name or an ARN.
    Secret(String),
    /// Models of Amazon Bedrock.
    Bedrock {
        /// The one that makes embeddings.
        model: String,
        /// The one that writes.
        writer: Option<String>,
    },
}

/// Endpoints that take the place of AWS's own, for emulators.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// DynamoDB.
    pub dynamodb: Option<String>,
    /// The Key Management Service.
    pub kms: Option<String>,
    /// Secrets Manager.
    pub secrets_manager: Option<String>,
    /// Amazon Bedrock.
    pub bedrock: Option<String>,
    /// Amazon S3, for the buckets of customers.
    pub s3: Option<String>,
    /// Amazon Athena, for their warehouses.
    pub athena: Option<String>,
}

impl Config {
    /// The settings of this process.
    pub fn of_process() -> Result<Self, ConfigError> {
        Self::from_env(&Env::of_process())
    }

    /// Reads every setting.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let endpoint = |name| env.optional(name).or(env.optional("ALTUS4_AWS_ENDPOINT")).map(str::to_owned);
        Ok(Self {
            table: env.required("ALTUS4_TABLE")?.to_owned(),
            kms_key: env.required("ALTUS4_KMS_KEY")?.to_owned(),
            session_secret: env.required("ALTUS4_SESSION_SECRET")?.to_owned(),
            endpoints: Endpoints {
                dynamodb: endpoint("ALTUS4_AWS_ENDPOINT_DYNAMODB"),
                kms: endpoint("ALTUS4_AWS_ENDPOINT_KMS"),
                secrets_manager: endpoint("ALTUS4_AWS_ENDPOINT_SECRETS_MANAGER"),
                bedrock: endpoint("ALTUS4_AWS_ENDPOINT_BEDROCK"),
                s3: endpoint("ALTUS4_AWS_ENDPOINT_S3"),
                athena: endpoint("ALTUS4_AWS_ENDPOINT_ATHENA"),
            },
            allowed_networks: env
                .list("ALTUS4_ALLOWED_NETWORKS")
                .map(|text| text.parse().map_err(|_| unreadable("ALTUS4_ALLOWED_NETWORKS", text, "a list of CIDRs")))
                .collect::<Result<_, _>>()?,
            allow_loopback: flag(env, "ALTUS4_ALLOW_LOOPBACK")?,
            allowed_origins: env.list("ALTUS4_ALLOWED_ORIGINS").map(str::to_owned).collect(),
            database_timeout: duration_ms(env, "ALTUS4_DATABASE_TIMEOUT_MS", 10_000)?,
            sqlite_folder: env.optional("ALTUS4_SQLITE_FOLDER").map(PathBuf::from),
            cloud_endpoint: address(env, "ALTUS4_CLOUD_ENDPOINT")?,
            semantics: semantics(env)?,
            service: env.optional("ALTUS4_SERVICE").map(str::to_owned),
            log_filter: targets(env, "ALTUS4_LOG", "info")?,
        })
    }
}

fn semantics(env: &Env) -> Result<Option<Semantics>, ConfigError> {
    let writer = env.optional("ALTUS4_BEDROCK_CHAT_MODEL").map(str::to_owned);
    match (env.optional("ALTUS4_AI_SECRET"), env.optional("ALTUS4_BEDROCK_MODEL"), writer) {
        (None, None, None) => Ok(None),
        (Some(secret), None, None) => Ok(Some(Semantics::Secret(secret.to_owned()))),
        (None, Some(model), writer) => Ok(Some(Semantics::Bedrock { model: model.to_owned(), writer })),
        (Some(_), Some(model), _) => {
            Err(unreadable("ALTUS4_BEDROCK_MODEL", model, "empty, as it has to be beside an ALTUS4_AI_SECRET"))
        }
        (_, None, Some(writer)) => {
            Err(unreadable("ALTUS4_BEDROCK_CHAT_MODEL", &writer, "beside an ALTUS4_BEDROCK_MODEL, as it has to be"))
        }
    }
}

fn flag(env: &Env, name: &'static str) -> Result<bool, ConfigError> {
    match env.optional(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(unreadable(name, other, "true or false")),
    }
}

fn address(env: &Env, name: &'static str) -> Result<Option<SocketAddr>, ConfigError> {
    let Some(text) = env.optional(name) else { return Ok(None) };
    let address = text.strip_prefix("http://").and_then(|rest| rest.trim_end_matches('/').parse().ok());
    address.map(Some).ok_or_else(|| unreadable(name, text, "http:// with an address and a port"))
}

fn duration_ms(env: &Env, name: &'static str, default_ms: u64) -> Result<Duration, ConfigError> {
    let ms = match env.optional(name) {
        None => default_ms,
        Some(text) => text.parse().map_err(|_| unreadable(name, text, "a number of milliseconds"))?,
    };
    Ok(Duration::from_millis(ms))
}

fn targets(env: &Env, name: &'static str, default: &'static str) -> Result<Targets, ConfigError> {
    let text = env.optional(name).unwrap_or(default);
    text.parse().map_err(|_| unreadable(name, text, "a level, or one for each target, such as info,search=debug"))
}

fn unreadable(name: &'static str, value: &str, expected: &'static str) -> ConfigError {
    ConfigError::Unreadable { name, value: value.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(more: (&str, &str)) -> Env {
        Env::from([
            ("ALTUS4_TABLE", "altus4".to_owned()),
            ("ALTUS4_KMS_KEY", "alias/altus4".to_owned()),
            ("ALTUS4_SESSION_SECRET", "altus4/session".to_owned()),
            (more.0, more.1.to_owned()),
        ])
    }

    #[test]
    fn an_empty_variable_is_an_absent_one() {
        let config = Config::from_env(&env(("ALTUS4_AWS_ENDPOINT", ""))).unwrap();
        assert_eq!(config.endpoints.kms, None);
        let error = Config::from_env(&env(("ALTUS4_TABLE", ""))).unwrap_err();
        assert!(error.to_string().contains("ALTUS4_TABLE"));
    }

    #[test]
    fn one_endpoint_serves_all_and_a_service_may_have_its_own() {
        let config = Config::from_env(&env(("ALTUS4_AWS_ENDPOINT", "http://127.0.0.1:1"))).unwrap();
        assert_eq!(config.endpoints.dynamodb.as_deref(), Some("http://127.0.0.1:1"));
        let config = Config::from_env(&env(("ALTUS4_AWS_ENDPOINT_KMS", "http://127.0.0.1:2"))).unwrap();
        assert_eq!(config.endpoints.kms.as_deref(), Some("http://127.0.0.1:2"));
        assert_eq!(config.endpoints.dynamodb, None);
    }

    #[test]
    fn there_is_one_provider_of_embeddings_or_none() {
        let both = Env::from([
            ("ALTUS4_TABLE", "altus4".to_owned()),
            ("ALTUS4_KMS_KEY", "alias/altus4".to_owned()),
            ("ALTUS4_SESSION_SECRET", "altus4/session".to_owned()),
            ("ALTUS4_AI_SECRET", "altus4/ai".to_owned()),
            ("ALTUS4_BEDROCK_MODEL", "cohere.embed-english-v3".to_owned()),
        ]);
        assert!(Config::from_env(&both).unwrap_err().to_string().contains("ALTUS4_BEDROCK_MODEL"));
        let one = Config::from_env(&env(("ALTUS4_AI_SECRET", "altus4/ai"))).unwrap();
        assert_eq!(one.semantics, Some(Semantics::Secret("altus4/ai".to_owned())));
        assert_eq!(Config::from_env(&env(("ALTUS4_AI_SECRET", ""))).unwrap().semantics, None);
    }

    #[test]
    fn a_model_of_bedrock_that_writes_stands_beside_one_that_makes_embeddings() {
        let error = Config::from_env(&env(("ALTUS4_BEDROCK_CHAT_MODEL", "amazon.nova-lite-v1:0"))).unwrap_err();
        assert!(error.to_string().contains("ALTUS4_BEDROCK_CHAT_MODEL"));
    }

    #[test]
    fn what_can_not_be_read_stops_the_start_and_names_the_variable() {
        for (name, value) in [
            ("ALTUS4_ALLOWED_NETWORKS", "10.0.0.0/8,somewhere"),
            ("ALTUS4_ALLOW_LOOPBACK", "yes"),
            ("ALTUS4_CLOUD_ENDPOINT", "https://emulator:1"),
            ("ALTUS4_DATABASE_TIMEOUT_MS", "5s"),
            ("ALTUS4_LOG", "search=loud"),
        ] {
            let error = Config::from_env(&env((name, value))).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
