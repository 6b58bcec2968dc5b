//! Providers that speak as OpenAI does: `POST {base}/embeddings` and `POST {base}/chat/completions` (OpenAI API reference,
//! "Create embeddings" and "Create chat completion").

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::vectors::{Failure, Vectors};
use super::{Provider, Task};

/// With the query one call. 100 texts of 1,000 characters are a tenth of what OpenAI takes at once.
const TEXTS_MAX: usize = 100;

/// The most bytes of an answer with vectors: 101 of them with 3,072 numbers, each of 20 characters.
const VECTORS_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The most bytes of an answer with a text: some thousand tokens, and what stands around them.
const TEXT_BYTES_MAX: usize = 128 * 1024;

/// A provider, as its secret describes it.
pub(super) struct OpenAi {
    described: Described,
    http: SharedHttpConnector,
}

/// The secret, as JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    /// Such as `https://api.openai.com/v1`.
    base_url: String,
    /// Such as `text-embedding-3-small`.
    model: String,
    /// Such as `gpt-4o-mini`. Without one nothing is put into words.
    #[serde(default)]
    chat_model: Option<String>,
    /// Not every provider asks for one.
    #[serde(default)]
    api_key: Option<SecretString>,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Embedding>,
}

#[derive(Deserialize)]
struct Embedding {
    #[serde(default)]
    index: Option<usize>,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: String,
}

impl OpenAi {
    /// Reads the secret: one call of Secrets Manager.
    pub(super) async fn read(
        secrets: &aws_sdk_secretsmanager::Client,
        name: &str,
        http: SharedHttpConnector,
    ) -> Result<Self, Failure> {
        let value = secrets.get_secret_value().secret_id(name).send().await;
        let value = value.map_err(|e| refused(&e))?.secret_string.map(SecretString::from);
        let text = value.ok_or(Failure::Wrong("the secret of the provider is no text"))?;
        // The error of the parser could quote what it stumbled over.
        let described = serde_json::from_str(text.expose_secret());
        let described =
            described.map_err(|_| Failure::Wrong("the secret of the provider is no JSON with baseUrl and model"))?;
        Ok(Self { described, http })
    }

    async fn vectors(&self, query: &str, texts: &[String]) -> Result<Vectors, Failure> {
        let input: Vec<&str> = std::iter::once(query).chain(texts.iter().map(String::as_str)).collect();
        let body = json!({ "model": self.described.model, "input": input, "encoding_format": "float" });
        let wrong = Failure::Wrong("no JSON with embeddings");
        in_order(self.call("embeddings", &body, VECTORS_BYTES_MAX, wrong).await?, texts.len() + 1)
    }

    async fn completion(&self, task: &Task) -> Result<String, Failure> {
        let model = self.described.chat_model.as_ref().ok_or(Failure::Unset)?;
        let body = json!({
            "model": model,
            "messages": [
                { "role": "system", "content": task.instruction },
                { "role": "user", "content": task.material },
            ],
            "max_tokens": task.tokens_max,
            "temperature": 0,
            "response_format": { "type": "json_object" },
        });
        let wrong = Failure::Wrong("no JSON with a completion");
        let Completion { choices } = self.call("chat/completions", &body, TEXT_BYTES_MAX, wrong).await?;
        choices.into_iter().next().map(|choice| choice.message.content).ok_or(Failure::Wrong("no completion"))
    }

    async fn call<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
        bytes_max: usize,
        wrong: Failure,
    ) -> Result<T, Failure> {
        let response = self.http.call(self.request(path, body)?).await.map_err(|e| refused(&e))?;
        // A redirect is not followed: it would take the texts and the key to somebody whom no operator has named.
        if !response.status().is_success() {
            return Err(Failure::Refused(format!("status {}", response.status().as_u16())));
        }
        let bytes = whole(response.into_body(), bytes_max).await?;
        serde_json::from_slice(&bytes).map_err(|_| wrong)
    }

    fn request(&self, path: &str, body: &Value) -> Result<HttpRequest, Failure> {
        let mut request = HttpRequest::new(SdkBody::from(body.to_string()));
        let unusable = |_| Failure::Wrong("the secret of the provider has a URL or a key that can not be sent");
        request.set_method("POST").map_err(unusable)?;
        let url = format!("{}/{path}", self.described.base_url.trim_end_matches('/'));
        request.set_uri(url).map_err(unusable)?;
        let headers = request.headers_mut();
        headers.try_insert("content-type", "application/json").map_err(unusable)?;
        if let Some(key) = &self.described.api_key {
            headers.try_insert("authorization", format!("Bearer {}", key.expose_secret())).map_err(unusable)?;
        }
        Ok(request)
    }
}

impl Provider for OpenAi {
    fn texts_max(&self) -> usize {
        TEXTS_MAX
    }

    fn embed<'a>(&'a self, query: &'a str, texts: &'a [String]) -> BoxFuture<'a, Result<Vectors, Failure>> {
        self.vectors(query, texts).boxed()
    }

    fn write<'a>(&'a self, task: &'a Task) -> BoxFuture<'a, Result<String, Failure>> {
        self.completion(task).boxed()
    }
}

async fn whole(body: SdkBody, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    let (mut stream, mut bytes) = (ByteStream::new(body), Vec::new());
    while let Some(chunk) = stream.try_next().await.map_err(|e| refused(&e))? {
        if bytes.len() + chunk.len() > bytes_max {
            return Err(Failure::Wrong("more bytes than such an answer needs"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The first vector is the query's. Where vectors say their place they are put there, each place once.
fn in_order(answer: Answer, wanted: usize) -> Result<Vectors, Failure> {
    let mut places: Vec<Option<Vec<f32>>> = Vec::new();
    places.resize_with(wanted, || None);
    for (place, Embedding { index, embedding }) in answer.data.into_iter().enumerate() {
        match places.get_mut(index.unwrap_or(place)) {
            Some(free @ None) => *free = Some(embedding),
            _ => return Err(Failure::Wrong("a vector for no text, or two for one")),
        }
    }
    let mut vectors = places.into_iter();
    let query = vectors.next().flatten().ok_or(Failure::Wrong("no vector for the query"))?;
    let texts: Option<Vec<Vec<f32>>> = vectors.collect();
    Ok(Vectors { query, texts: texts.ok_or(Failure::Wrong("fewer vectors than texts"))? })
}

fn refused(error: &dyn std::error::Error) -> Failure {
    Failure::Refused(crate::error::chain(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: Value) -> Result<Vectors, Failure> {
        in_order(serde_json::from_value(json).unwrap(), 3)
    }

    #[test]
    fn vectors_are_put_where_they_say() {
        let vectors = read(json!({ "data": [
            { "index": 2, "embedding": [2.0] }, { "index": 0, "embedding": [0.0] }, { "index": 1, "embedding": [1.0] }
        ] }));
        let vectors = vectors.unwrap();
        assert_eq!((vectors.query, vectors.texts), (vec![0.0], vec![vec![1.0], vec![2.0]]));
    }

    #[test]
    fn a_place_that_is_taken_missing_or_unknown_is_refused() {
        for indices in [&[0, 1, 1][..], &[0, 1], &[0, 1, 3], &[1, 2], &[0, 1, 2, 3], &[]] {
            let data: Vec<_> = indices.iter().map(|index| json!({ "index": index, "embedding": [1.0] })).collect();
            assert!(read(json!({ "data": data })).is_err(), "{indices:?}");
        }
    }
}
