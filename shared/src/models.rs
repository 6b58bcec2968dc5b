//! The models of a provider: how near the meanings of texts are, by its vectors, and findings put into words.
//!
//! There is one provider or none, and nobody waits for it longer than they say. What it answers is checked before it is
//! used, and a model that fails again and again is left alone for a while.

mod bedrock;
mod breaker;
mod openai;
mod remembered;
mod vectors;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use futures_util::future::BoxFuture;

use crate::clock::{Clock, Timestamp};
use crate::later::Later;
use bedrock::Bedrock;
use breaker::Breaker;
use openai::OpenAi;
use remembered::Remembered;
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
        secrets: Later<aws_sdk_secretsmanager::Client>,
        /// Makes the client that calls it, when it is called first.
        https: fn() -> SharedHttpConnector,
    },
    /// Models of Amazon Bedrock.
    Bedrock {
        /// What the client is made of that calls them.
        settings: Box<SdkConfig>,
        /// The id of the one that makes embeddings.
        model: String,
        /// The id of the one that writes, if there is one.
        writer: Option<String>,
    },
}

/// Why there is no answer of a model.
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
    /// Nobody has named one.
    Unset,
}

/// What a model is to write.
pub struct Task {
    /// What it is to do. Ours alone: nothing that anybody has typed belongs in here.
    pub instruction: &'static str,
    /// What it is to do that with.
    pub material: String,
    /// The most that it may write, in tokens.
    pub tokens_max: u32,
}

/// One provider behind whatever interface it has.
trait Provider: Send + Sync {
    /// The most texts that it takes for one search, so that one search is one call or two.
    fn texts_max(&self) -> usize;

    /// The vectors of a query and of the texts that it is compared with, in their order.
    fn embed<'a>(&'a self, query: &'a str, texts: &'a [String]) -> BoxFuture<'a, Result<Vectors, Failure>>;

    /// What its model for that writes.
    fn write<'a>(&'a self, task: &'a Task) -> BoxFuture<'a, Result<String, Failure>>;
}

/// The provider of this process, if there is one.
pub struct Models {
    source: Option<Source>,
    clock: Clock,
    /// Each model has its own: that one of them fails says nothing of the other.
    comparing: Breaker,
    writing: Breaker,
    written: Remembered,
    warm: Mutex<Option<(Arc<dyn Provider>, Timestamp)>>,
    connector: OnceLock<SharedHttpConnector>,
}

impl Models {
    /// Those of a provider. It is not asked for anything before the first request that needs it.
    pub fn new(source: Option<Source>, clock: Clock) -> Self {
        Self {
            source,
            clock,
            comparing: Breaker::default(),
            writing: Breaker::default(),
            written: Remembered::default(),
            warm: Mutex::default(),
            connector: OnceLock::new(),
        }
    }

    /// Whether there is a provider to compare texts.
    pub fn can_compare(&self) -> bool {
        self.source.is_some()
    }

    /// The cosines between the query and texts, −1 to 1, in the order of the texts and for as many of them as the provider
    /// takes. This is over when `budget` is.
    pub async fn cosines(&self, query: &str, texts: &[String], budget: Duration) -> Result<Vec<f64>, Unavailable> {
        // In boxes, so that requests which ask no model do not carry the room for it.
        let compare = Box::pin(async {
            let provider = self.provider().await?;
            let texts = &texts[..texts.len().min(provider.texts_max())];
            provider.embed(query, texts).await?.cosines(texts.len())
        });
        self.bounded(&self.comparing, budget, compare).await
    }

    /// What a model writes, as `read` understands it; nothing that `read` does not understand. This is over when `budget` is.
    /// What was written for a task is written again for the same one within an hour, without asking.
    pub async fn write<T>(
        &self,
        task: &Task,
        budget: Duration,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Unavailable> {
        if self.source.is_none() {
            return Err(Unavailable::Unset);
        }
        if let Some(known) = self.written.get(task, self.clock.now()).and_then(|text| read(&text)) {
            return Ok(known);
        }
        let write = Box::pin(async {
            let text = self.provider().await?.write(task).await?;
            let understood = read(&text).ok_or(Failure::Wrong("a text of another form than was asked for"))?;
            Ok((text, understood))
        });
        let (text, understood) = self.bounded(&self.writing, budget, write).await?;
        self.written.keep(task, text, self.clock.now());
        Ok(understood)
    }

    async fn bounded<T>(
        &self,
        breaker: &Breaker,
        budget: Duration,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Unavailable> {
        if budget < BUDGET_MIN {
            return Err(Unavailable::Late);
        }
        let call = breaker.call(self.clock.now()).ok_or(Unavailable::Resting)?;
        match tokio::time::timeout(budget, work).await.unwrap_or(Err(Failure::Late)) {
            Ok(done) => {
                call.has_worked();
                Ok(done)
            }
            Err(Failure::Unset) => Err(Unavailable::Unset),
            Err(failure) => {
                // What was sent and what came back is not logged: both are the customers'.
                tracing::warn!(%failure, "no answer of a model");
                call.has_failed(self.clock.now());
                Err(failure.into())
            }
        }
    }

    async fn provider(&self) -> Result<Arc<dyn Provider>, Failure> {
        let now = self.clock.now();
        if let Some((provider, until)) = &*self.warm()
            && now < *until
        {
            return Ok(Arc::clone(provider));
        }
        let provider: Arc<dyn Provider> = match &self.source {
            None => return Err(Failure::Unset),
            Some(Source::Bedrock { settings, model, writer }) => {
                Arc::new(Bedrock::new(settings, model.clone(), writer.clone()))
            }
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
            Failure::Unset => Self::Unset,
        }
    }
}
