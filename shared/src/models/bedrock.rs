//! Models of Amazon Bedrock. Embeddings come by `InvokeModel` (Amazon Bedrock user guide, "Inference request parameters"):
//! of Cohere's models, which take many texts at once, or of Amazon's Titan, which takes one. Texts come by `Converse`, which
//! is the same for all models that write.

use aws_config::SdkConfig;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, ConverseOutput, InferenceConfiguration, Message, SystemContentBlock,
};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, try_join_all};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::vectors::{Failure, Vectors};
use super::{Provider, Task};

/// What one call of Cohere takes.
const COHERE_TEXTS_MAX: usize = 96;

/// Titan's texts are a call each, all at once.
const TITAN_TEXTS_MAX: usize = 24;

/// One model that makes embeddings, and perhaps one that writes.
pub(super) struct Bedrock {
    client: Client,
    model: String,
    writer: Option<String>,
}

#[derive(Deserialize)]
struct OfTitan {
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct OfCohere {
    embeddings: CohereVectors,
}

/// Version 3 answers with a list, version 4 with a list for each type of number.
#[derive(Deserialize)]
#[serde(untagged)]
enum CohereVectors {
    List(Vec<Vec<f32>>),
    ByType { float: Vec<Vec<f32>> },
}

impl Bedrock {
    /// The client is made here and not with all others: most functions ask no model, and so have no client of Bedrock in them.
    pub(super) fn new(settings: &SdkConfig, model: String, writer: Option<String>) -> Self {
        #[expect(clippy::disallowed_methods, reason = "see above")]
        let client = Client::new(settings);
        Self { client, model, writer }
    }

    /// Profiles that span regions have a prefix, as in `eu.cohere.embed-v4:0`.
    fn is_cohere(&self) -> bool {
        self.model.contains("cohere.")
    }

    async fn cohere(&self, query: &str, texts: &[String]) -> Result<Vectors, Failure> {
        let of = |texts: Value, kind: &str| json!({ "texts": texts, "input_type": kind, "truncate": "END" });
        let query = self.invoke::<OfCohere>(of(json!([query]), "search_query"));
        let texts = self.invoke::<OfCohere>(of(json!(texts), "search_document"));
        let (query, texts) = join(query, texts).await;
        let query = query?.vectors().into_iter().next().ok_or(Failure::Wrong("no vector for the query"))?;
        Ok(Vectors { query, texts: texts?.vectors() })
    }

    async fn titan(&self, query: &str, texts: &[String]) -> Result<Vectors, Failure> {
        let one = |text: &str| self.invoke::<OfTitan>(json!({ "inputText": text }));
        let texts = try_join_all(texts.iter().map(|text| one(text)));
        let (query, texts) = join(one(query), texts).await;
        Ok(Vectors { query: query?.embedding, texts: texts?.into_iter().map(|titan| titan.embedding).collect() })
    }

    async fn converse(&self, task: &Task) -> Result<String, Failure> {
        let writer = self.writer.as_ref().ok_or(Failure::Unset)?;
        let material = ContentBlock::Text(task.material.clone());
        let message = Message::builder().role(ConversationRole::User).content(material).build();
        let tokens_max = i32::try_from(task.tokens_max).unwrap_or(i32::MAX);
        let bounds = InferenceConfiguration::builder().max_tokens(tokens_max).temperature(0.0).build();
        let call = self.client.converse().model_id(writer).inference_config(bounds);
        let call = call.system(SystemContentBlock::Text(task.instruction.to_owned()));
        let answer = call.messages(message.map_err(|e| Failure::Refused(crate::error::chain(&e)))?).send().await;
        let answer = answer.map_err(|e| Failure::Refused(crate::error::chain(&e)))?;
        let Some(ConverseOutput::Message(written)) = answer.output else { return Err(Failure::Wrong("no message")) };
        let mut texts = written.content.into_iter().filter_map(|block| block.as_text().ok().cloned());
        texts.next().ok_or(Failure::Wrong("a message without a text"))
    }

    async fn invoke<T: DeserializeOwned>(&self, body: Value) -> Result<T, Failure> {
        let call = self.client.invoke_model().model_id(&self.model).content_type("application/json");
        let answer = call.accept("application/json").body(Blob::new(body.to_string())).send().await;
        let answer = answer.map_err(|e| Failure::Refused(crate::error::chain(&e)))?;
        serde_json::from_slice(answer.body.as_ref()).map_err(|_| Failure::Wrong("no JSON with embeddings"))
    }
}

impl OfCohere {
    fn vectors(self) -> Vec<Vec<f32>> {
        match self.embeddings {
            CohereVectors::List(vectors) | CohereVectors::ByType { float: vectors } => vectors,
        }
    }
}

impl Provider for Bedrock {
    fn texts_max(&self) -> usize {
        if self.is_cohere() { COHERE_TEXTS_MAX } else { TITAN_TEXTS_MAX }
    }

    fn embed<'a>(&'a self, query: &'a str, texts: &'a [String]) -> BoxFuture<'a, Result<Vectors, Failure>> {
        if self.is_cohere() { self.cohere(query, texts).boxed() } else { self.titan(query, texts).boxed() }
    }
    fn write<'a>(&'a self, task: &'a Task) -> BoxFuture<'a, Result<String, Failure>> {
        self.converse(task).boxed()
    }
}
