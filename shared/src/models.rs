//! How near the meanings of texts are, by the vectors of a provider: texts go out, cosines come back.
//!
//! There is one provider or none, and nobody waits for it longer than they say. What it answers is checked before it is
//! used, and a provider that fails again and again is left alone for a while.

mod bedrock;
mod breaker;
mod openai;
mod vectors;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use futures_util::future::BoxFuture;

use crate::clock::{Clock, Timestamp};
use bedrock::Bedrock;
use breaker::Breaker;
use openai::OpenAi;
use vectors::{Failure, Vectors};

/// How long a provider's description is kept before its secret is read again: a new key works everywhere after this.
const FRESH: Duration = Duration::from_mins(5);

/// With less time than this nobody is asked: a provider is another machine, and not the next one.
const BUDGET_MIN: Duration = Duration::from_millis(50);

/// Whom to ask.
pub enum Source {
    /// One that speaks as OpenAI does, described by a secret.
    Secret {
        /// The secret's name or ARN.
        name: String,
        /// Reads it.
        secrets: aws_sdk_secretsmanager::Client,
        /// Makes the client that calls it, when it is called first.
        https: fn() -> SharedHttpConnector,
    },
    /// A model of Amazon Bedrock.
    Bedrock {
        /// Calls it.
        client: aws_sdk_bedrockruntime::Client,
        /// The model's id.
        model: String,
    },
}

/// Why there are no cosines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unavailable {
    /// It took too long.
    Late,
    /// It could not be reached, or refused.
    Refused,
    /// What it answered can not be used.
    Wrong,
    /// It failed so often that it is not asked for now.
    Resting,
}

/// One provider behind whatever interface it has.
trait Provider: Send + Sync {
    /// The most texts that it takes for one search, so that one search is one call or two.
    fn texts_max(&self) -> usize;

    /// The vectors of a query and of the texts that it is compared with, in their order.
    fn embed<'a>(&'a self, query: &'a str, texts: &'a [String]) -> BoxFuture<'a, Result<Vectors, Failure>>;
}

/// The provider of this process, if there is one.
pub struct Models {
    source: Option<Source>,
    clock: Clock,
    breaker: Breaker,
    warm: Mutex<Option<(Arc<dyn Provider>, Timestamp)>>,
    connector: OnceLock<SharedHttpConnector>,
}

impl Models {
    /// Those of a provider. It is not asked for anything before the first request that needs it.
    pub fn new(source: Option<Source>, clock: Clock) -> Self {
        Self { source, clock, breaker: Breaker::default(), warm: Mutex::default(), connector: OnceLock::new() }
    }

    /// Whether there is a provider to compare texts.
    pub fn can_compare(&self) -> bool {
        self.source.is_some()
    }

    /// The cosines between a query and texts, −1 to 1, in the order of the texts and for as many of them as the provider
    /// takes. This is over when `budget` is.
    pub async fn cosines(&self, query: &str, texts: &[String], budget: Duration) -> Result<Vec<f64>, Unavailable> {
        if budget < BUDGET_MIN {
            return Err(Unavailable::Late);
        }
        let call = self.breaker.call(self.clock.now()).ok_or(Unavailable::Resting)?;
        let found = tokio::time::timeout(budget, self.ask(query, texts)).await.unwrap_or(Err(Failure::Late));
        match found {
            Ok(cosines) => {
                call.has_worked();
                Ok(cosines)
            }
            Err(failure) => {
                // What was sent and what came back is not logged: both are the customers'.
                tracing::warn!(%failure, "no embeddings");
                call.has_failed(self.clock.now());
                Err(failure.into())
            }
        }
    }

    async fn ask(&self, query: &str, texts: &[String]) -> Result<Vec<f64>, Failure> {
        let provider = self.provider().await?;
        let texts = &texts[..texts.len().min(provider.texts_max())];
        provider.embed(query, texts).await?.cosines(texts.len())
    }

    async fn provider(&self) -> Result<Arc<dyn Provider>, Failure> {
        let now = self.clock.now();
        if let Some((provider, until)) = &*self.warm()
            && now < *until
        {
            return Ok(Arc::clone(provider));
        }
        let provider: Arc<dyn Provider> = match &self.source {
            None => return Err(Failure::Refused("there is no provider".to_owned())),
            Some(Source::Bedrock { client, model }) => Arc::new(Bedrock::new(client.clone(), model.clone())),
            Some(Source::Secret { name, secrets, https }) => {
                let connector = self.connector.get_or_init(https).clone();
                Arc::new(OpenAi::read(secrets, name, connector).await?)
            }
        };
        *self.warm() = Some((Arc::clone(&provider), now.plus(FRESH)));
        Ok(provider)
    }

    fn warm(&self) -> MutexGuard<'_, Option<(Arc<dyn Provider>, Timestamp)>> {
        self.warm.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Failure> for Unavailable {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Late => Self::Late,
            Failure::Refused(_) => Self::Refused,
            Failure::Wrong(_) => Self::Wrong,
        }
    }
}
