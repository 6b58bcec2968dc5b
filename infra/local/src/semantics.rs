//! A provider of models for the service on this machine.

use aws_config::SdkConfig;
use shared::app;
use shared::config::Config;

use crate::provision::Refused;

/// The name of the secret that describes one.
const SECRET: &str = "altus4/ai";

/// A provider of models.
pub enum Semantics {
    /// One that speaks as OpenAI does, by the secret that describes it: JSON with `baseUrl`, `model`, `chatModel` and `apiKey`.
    Secret(String),
    /// Something that speaks as Amazon Bedrock does.
    Bedrock {
        /// Where it is.
        endpoint: String,
        /// The model that it is asked for embeddings.
        model: String,
        /// The model that it is asked for words.
        writer: String,
    },
}

/// What the service reads of it from its environment.
pub fn variables(semantics: Option<&Semantics>) -> [(&'static str, String); 4] {
    let (secret, endpoint, model, writer) = match semantics {
        None => ("", "", "", ""),
        Some(Semantics::Secret(_)) => (SECRET, "", "", ""),
        Some(Semantics::Bedrock { endpoint, model, writer }) => {
            ("", endpoint.as_str(), model.as_str(), writer.as_str())
        }
    };
    [
        ("ALTUS4_AI_SECRET", secret),
        ("ALTUS4_AWS_ENDPOINT_BEDROCK", endpoint),
        ("ALTUS4_BEDROCK_MODEL", model),
        ("ALTUS4_BEDROCK_CHAT_MODEL", writer),
    ]
    .map(|(name, value)| (name, value.to_owned()))
}

/// Keeps what describes it, in the place of what an earlier run had.
pub async fn provision(semantics: Option<&Semantics>, config: &Config, aws: &SdkConfig) -> Result<(), Refused> {
    let Some(Semantics::Secret(text)) = semantics else { return Ok(()) };
    let secrets = app::secrets_manager(aws, config);
    match secrets.create_secret().name(SECRET).secret_string(text).send().await {
        Err(e) if e.as_service_error().is_some_and(|e| e.is_resource_exists_exception()) => {
            secrets.put_secret_value().secret_id(SECRET).secret_string(text).send().await?;
        }
        made => drop(made?),
    }
    Ok(())
}
